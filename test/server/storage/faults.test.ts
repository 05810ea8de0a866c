/** The write-ahead log on a disk that fails at every operation in turn: what is acknowledged is there, what is refused is not, and nothing is half. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import type { DocumentKind, Documents } from '../../../server/storage/documents.ts'
import { openStore } from '../../../server/storage/lowdb.ts'
import type { Store } from '../../../server/storage/store.ts'
import type { LogLimits } from '../../../server/storage/write-ahead-log.ts'
import { FakeDisk, failure } from './fake-disk.ts'

interface Thing {
  first: number
  list: string[]
  text: string
}

const thingKind: DocumentKind<Thing> = {
  name: 'things',
  version: 1,
  upgrades: [],
  schema: z.object({ first: z.number(), list: z.array(z.string()), text: z.string() }),
}

const folder = '/data'
/** Everything happens within a few dozen changes: patches, several segments, checkpoints. */
const small: Partial<LogLimits> = { segmentBytes: 1500, unsettledBytes: 3000, patchedFromCharacters: 200 }
/** One segment, never settled. */
const unsettled: Partial<LogLimits> = { patchedFromCharacters: 200 }

interface World {
  store: Store
  things: Documents<Thing>
  problems: string[]
}

async function open(disk: FakeDisk, limits: Partial<LogLimits> = small): Promise<World> {
  const problems: string[] = []
  const store = await openStore(
    { folder, limits: { settleAfterMs: 1_000_000, ...limits }, onProblem: (problem) => problems.push(problem) },
    disk,
  )
  return { store, things: store.documents(thingKind), problems }
}

async function freshDisk(): Promise<FakeDisk> {
  const disk = new FakeDisk()
  await disk.mkdir(folder)
  for (const path of ['/', folder]) await (await disk.open(path, 'r')).sync()
  return disk
}

/** What one document may be: the states that it was given, up to the last that was begun, and how far that is acknowledged. */
class Expected {
  states: (Thing | undefined)[] = [undefined]
  acknowledged = 0

  /** @param refusedIsGone an act that is refused was not done, and nothing crashed */
  async act(next: Thing | undefined, write: () => Promise<unknown>, refusedIsGone: boolean): Promise<void> {
    this.states.push(next)
    try {
      await write()
      this.acknowledged = this.states.length - 1
    } catch (error) {
      if (!refusedIsGone) throw error
      this.states.pop()
    }
  }

  get latest(): Thing | undefined {
    return this.states.at(-1)
  }

  allows(state: Thing | undefined): boolean {
    const wanted = JSON.stringify(state)
    return this.states.slice(this.acknowledged).some((one) => JSON.stringify(one) === wanted)
  }
}

const people = ['ann', 'bob', 'eve/one', 'eve/two']

/** Each person changes their own document one time after the other, all at the same time. */
async function work(
  { things }: World,
  expected: Map<string, Expected>,
  { rounds = 8, refusedIsGone = false, removes = true, repeated = 10 } = {},
): Promise<void> {
  await Promise.allSettled(
    people.map(async (key, person) => {
      const mine = expected.get(key) ?? new Expected()
      expected.set(key, mine)
      for (let round = 0; round < rounds; round++) {
        if (removes && round % 5 === 3 + (person % 2)) {
          await mine.act(undefined, () => things.remove(key), refusedIsGone)
          continue
        }
        const change = (known: Thing | undefined): Thing => ({
          first: round,
          list: [...(known?.list ?? []), `${key} ${round} ü🙂`],
          text: known?.text ?? `a text of ${key} `.repeat(repeated * (person + 2)),
        })
        await mine.act(change(mine.latest), () => things.update(key, change), refusedIsGone)
      }
    }),
  )
}

async function check(world: World, expected: Map<string, Expected>, place: string): Promise<void> {
  const keys = await world.things.keys()
  for (const [key, mine] of expected) {
    const found = await world.things.find(key)
    assert.ok(mine.allows(found), `${place}: ${key} is ${JSON.stringify(found)?.slice(0, 200)}`)
    assert.equal(keys.includes(key), found !== undefined, `${place}: ${key} in ${keys}`)
  }
  assert.deepEqual(world.problems, [], place)
}

/** Of a folder that was closed: nothing is left but documents, as the program before the write-ahead log wrote them. */
function checkClosed(disk: FakeDisk, expected: Map<string, Expected>, place: string): void {
  for (const path of disk.paths()) {
    const key = /^\/data\/things\/(.*)\.json$/.exec(path)?.[1]
    assert.ok(key, `${place}: ${path} is left`)
    const { schemaVersion, data } = JSON.parse(disk.peek(path)!.toString()) as { schemaVersion: number; data: Thing }
    assert.equal(schemaVersion, 1)
    assert.ok(expected.get(key)!.allows(data), `${place}: ${path}`)
  }
}

const killed = () => Object.assign(new Error('killed'), { code: 'EIO' })

/** The numbers of a disk's operations in one undisturbed run of the work. */
async function operationsOf(run: (disk: FakeDisk) => Promise<void>): Promise<number> {
  const disk = await freshDisk()
  const before = disk.operations
  await run(disk)
  return disk.operations - before
}

/** 0 to 1, the same again for the same seed. */
function drawn(seed: number): () => number {
  let state = seed * 2654435761 + 1
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32
  }
}

async function runUntil(last: number): Promise<{ disk: FakeDisk; expected: Map<string, Expected> }> {
  const disk = await freshDisk()
  const before = disk.operations
  disk.fault = (operation) => {
    if (operation - before >= last) throw killed()
  }
  const expected = new Map<string, Expected>()
  const world = await open(disk).catch(() => undefined)
  if (world) {
    await work(world, expected)
    await world.store.close().catch(() => {})
  }
  return { disk, expected }
}

test('a process that is killed at any file operation, or a machine that loses its power there, has all that was acknowledged', async () => {
  const operations = await operationsOf(async (disk) => {
    const world = await open(disk)
    await work(world, new Map())
    await world.store.close()
  })
  assert.ok(operations > 100, `${operations}`)
  let acknowledged = 0
  for (let last = 1; last <= operations; last++) {
    const { disk, expected } = await runUntil(last)
    for (const mine of expected.values()) acknowledged += mine.acknowledged
    const left = {
      'a kill': disk.afterKill(),
      'a power cut': disk.afterPowerLoss(),
      'a power cut that left some': disk.afterPowerLoss(drawn(last)),
      'a power cut that left other things': disk.afterPowerLoss(drawn(-last)),
    }
    for (const [name, after] of Object.entries(left)) {
      const place = `${name} at operation ${last}`
      const world = await open(after)
      await check(world, expected, place)
      const more = new Map([...expected].map(([key, mine]) => [key, Object.assign(new Expected(), mine)]))
      for (const [key, mine] of more) mine.states.push(await world.things.find(key))
      for (const mine of more.values()) mine.acknowledged = mine.states.length - 1
      await work(world, more, { rounds: 2 })
      await world.store.close()
      checkClosed(after, more, place)
      await check(await open(after), more, `${place}, then a clean end`)
    }
  }
  assert.ok(acknowledged > operations, `${acknowledged}`)
})

test('a start that is killed at any file operation is followed by one that has everything', async () => {
  for (const last of [60, 90, 120, 150]) {
    const { disk, expected } = await runUntil(last)
    for (let during = 1; ; during++) {
      const again = disk.afterPowerLoss(drawn(last))
      const start = again.operations
      again.fault = (operation) => {
        if (operation - start >= during) throw killed()
      }
      const isDone = await open(again).then(
        async ({ store }) => {
          await store.close()
          return again.operations - start < during
        },
        () => false,
      )
      await check(await open(again.afterPowerLoss(drawn(during))), expected, `${last}, then ${during} of the start`)
      if (isDone) break
    }
  }
})

for (const length of [1, 2, 3, 7])
  test(`a disk that is full for ${length} operations refuses changes, and neither shows nor revives them; later ones work`, async () => {
    const operations = await operationsOf(async (disk) => void (await work(await open(disk), new Map())))
    let refused = 0
    for (let first = 1; first <= operations; first++) {
      const disk = await freshDisk()
      const world = await open(disk)
      const before = disk.operations
      disk.fault = (operation, name, path) => {
        // What is read, closed or deleted needs no room.
        if (['readFile', 'readdir', 'access', 'close', 'rm'].includes(name)) return
        if (operation - before >= first && operation - before < first + length) throw failure('ENOSPC', path)
      }
      const expected = new Map<string, Expected>()
      await work(world, expected, { refusedIsGone: true })
      disk.fault = () => {}
      for (const mine of expected.values()) refused += 9 - mine.states.length
      await work(world, expected, { rounds: 1 })
      // A checkpoint that met the full disk has ended by now, and told of it.
      world.problems.length = 0
      await check(world, expected, `full at ${first}`)
      for (const after of [disk.afterKill(), disk.afterPowerLoss(), disk.afterPowerLoss(drawn(first))])
        await check(await open(after), expected, `full at ${first}, then killed`)
      await world.store.close()
      world.problems.length = 0
      checkClosed(disk, expected, `full at ${first}, then closed`)
    }
    assert.ok(refused > 0)
  })

/** A write-ahead log of one segment that was never settled. */
async function longLog(): Promise<{
  disk: FakeDisk
  path: string
  bytes: Buffer
  expected: Map<string, Expected>
}> {
  const disk = await freshDisk()
  const expected = new Map<string, Expected>()
  await work(await open(disk, unsettled), expected, { rounds: 3, removes: false, repeated: 7 })
  const [path] = disk.paths()
  assert.match(path!, /journal-000000001\.log$/)
  return { disk: disk.afterKill(), path: path!, bytes: disk.peek(path!)!, expected }
}

test('a write-ahead log that is cut off at any byte gives the documents as they were at some time, and later for more bytes', async () => {
  const { disk, path, bytes, expected } = await longLog()
  const reached = new Map(people.map((key) => [key, 0]))
  for (let length = 0; length <= bytes.length; length++) {
    const cut = disk.afterKill()
    cut.poke(path, bytes.subarray(0, length))
    const world = await open(cut, unsettled)
    for (const [key, mine] of expected) {
      const found = JSON.stringify(await world.things.find(key))
      const state = mine.states.findIndex((one) => JSON.stringify(one) === found)
      assert.ok(state >= reached.get(key)!, `${length} bytes: ${key} is ${found}`)
      reached.set(key, state)
    }
    assert.deepEqual(world.problems, [], `${length} bytes`)
  }
  for (const [key, mine] of expected) assert.equal(reached.get(key), mine.acknowledged)
})

test('a flipped bit anywhere in a write-ahead log never changes a document unseen, and touches one at most', async () => {
  const { disk, path, bytes, expected } = await longLog()
  const lastMark = bytes.indexOf(`"group":${lastGroupOf(bytes)},`)
  const lastStart = bytes.lastIndexOf('\n', lastMark) + 1
  let unreadable = 0
  let untouched = 0
  for (let at = 0; at < bytes.length; at++) {
    const flipped = Buffer.from(bytes)
    flipped[at]! ^= 1 << (at % 8)
    const after = disk.afterKill()
    after.poke(path, flipped)
    const world = await open(after, unsettled)
    const touched: string[] = []
    for (const [key, mine] of expected) {
      const found = await world.things.find(key).catch((error: Error) => error)
      if (found instanceof Error) {
        assert.match(found.message, /corrupt-1 waits for repair/)
        unreadable++
        touched.push(key)
      } else if (!mine.allows(found)) {
        // Nothing shows that the last group was acknowledged: then the document is as it was before.
        assert.ok(at >= lastStart, `bit of byte ${at}: ${key} is ${JSON.stringify(found)}`)
        touched.push(key)
      }
    }
    assert.ok(touched.length <= 1, `bit of byte ${at}: ${touched}`)
    if (touched.length === 0) {
      untouched++
      continue
    }
    assert.ok(world.problems.length > 0, `byte ${at}`)
    const other = people.find((key) => key !== touched[0])!
    await world.things.update(other, (known) => ({ ...known!, first: 99 }))
    await world.store.close()
    // Whoever repairs has the write-ahead log as it was found.
    assert.deepEqual(after.peek(`${path}.corrupt-1`), flipped)
    const again = await open(after, unsettled)
    for (const key of touched)
      if (at < lastStart) await assert.rejects(again.things.find(key), { name: 'DocumentUnreadable' })
  }
  assert.ok(unreadable > 100 && untouched > 1000, `${unreadable} ${untouched}`)
})

function lastGroupOf(bytes: Buffer): number {
  return Number([...bytes.toString().matchAll(/"group":(\d+),/g)].at(-1)![1])
}

test('what a write-ahead log lost is set aside with the state before it, and works again when a person has repaired it', async () => {
  const disk = await freshDisk()
  const first = await open(disk, unsettled)
  const thing = (n: number): Thing => ({ first: n, list: [], text: 'x'.repeat(300) })
  for (const key of ['ann', 'bob']) await first.things.update(key, () => thing(1))
  await first.store.close()
  const second = await open(disk, unsettled)
  await second.things.update('ann', () => thing(2))
  await second.things.update('bob', () => thing(2))
  const after = disk.afterKill()
  const [path] = after.paths().filter((name) => name.includes('journal'))
  after.poke(path!, Buffer.from(after.peek(path!)!.toString().replace('"first":2', '"first":3')))
  const third = await open(after, unsettled)
  assert.equal((await third.things.find('bob'))?.first, 2)
  await assert.rejects(
    third.things.update('ann', () => thing(4)),
    { name: 'DocumentUnreadable' },
  )
  assert.match(third.problems.join(), /newest change of \/data\/things\/ann.json is damaged .*corrupt-1.*corrupt-2/)
  assert.equal(JSON.parse(after.peek('/data/things/ann.json.corrupt-1')!.toString()).data.first, 1)
  assert.match(after.peek('/data/things/ann.json.corrupt-2')!.toString(), /^\{"first":3,/)
  await after.rename('/data/things/ann.json.corrupt-1', '/data/things/ann.json')
  assert.equal((await third.things.find('ann'))?.first, 1)
  await third.store.close()
  const fourth = await open(after, unsettled)
  assert.equal((await fourth.things.find('ann'))?.first, 1)
})

test('a write-ahead log of a newer program is left alone, and the start is refused in words', async () => {
  const { disk, path } = await longLog()
  const { crc32 } = await import('node:zlib')
  const mark = '{"format":2,"segment":2,"first":25}'
  const newer = path.replace('1.log', '2.log')
  await (await disk.open(newer, 'ax')).writeFile(`journal ${mark} ${crc32(mark).toString(16).padStart(8, '0')}\n`)
  await assert.rejects(open(disk), {
    name: 'LogTooNew',
    message: /format 2, and this program knows 1 at most: start the newer program/,
  })
  assert.deepEqual(disk.paths(), [path, newer])
})

test('a file that a newer program wrote after an unclean end stays, and what the write-ahead log had is kept beside it', async () => {
  const { disk, expected } = await longLog()
  await disk.mkdir('/data/things')
  await (await disk.open('/data/things/ann.json', 'ax')).writeFile('{"schemaVersion":9,"data":{}}')
  await (await disk.open('/data/things/bob.json', 'ax')).writeFile('{"cut')
  const world = await open(disk)
  await world.store.close()
  assert.equal(disk.peek('/data/things/ann.json')!.toString(), '{"schemaVersion":9,"data":{}}')
  const kept = JSON.parse(disk.peek('/data/things/ann.json.corrupt-1')!.toString()).data as Thing
  assert.ok(expected.get('ann')!.allows(kept))
  assert.equal(disk.peek('/data/things/bob.json.corrupt-1')!.toString(), '{"cut')
  assert.match(
    world.problems.sort().join('\n'),
    /ann\.json was written by a newer program.*\n.*bob\.json cannot be read.*nothing is lost/,
  )
  const again = await open(disk)
  assert.ok(expected.get('bob')!.allows(await again.things.find('bob')))
})

test('a document that no file can be made of is told once, holds up nobody, and is there after a crash', async () => {
  const disk = await freshDisk()
  disk.fault = (_, name, path) => {
    if (name === 'open' && path.endsWith('bob.json.tmp')) throw failure('EISDIR', path)
  }
  const world = await open(disk, { segmentBytes: 1, patchedFromCharacters: 200 })
  const expected = new Map<string, Expected>()
  await work(world, expected, { removes: false })
  await world.store.close()
  assert.equal(world.problems.length, 1)
  assert.match(world.problems[0]!, /stay in the write-ahead log of \/data, where they are safe, .* EISDIR/)
  assert.equal(disk.paths().filter((path) => path.includes('journal')).length, 1)
  await check(await open(disk.afterPowerLoss()), expected, 'afterwards')
})

test('writers wait while more is changed than memory has room for, and the files get it', async () => {
  const disk = await freshDisk()
  const world = await open(disk, { mostUnsettledBytes: 5000, unsettledBytes: 1e9, segmentBytes: 1e9 })
  const text = 'x'.repeat(1000)
  for (let n = 0; n < 40; n++) await world.things.update(`person-${n}`, () => ({ first: n, list: [], text }))
  assert.ok(disk.paths().filter((path) => path.endsWith('.json')).length >= 30)
  await world.store.close()
})

test('a list of keys that is read while documents are settled and removed has what is there at its end', async () => {
  const disk = await freshDisk()
  const world = await open(disk, { segmentBytes: 1, patchedFromCharacters: 200 })
  const wanted = new Set<string>()
  for (let n = 0; n < 60; n++) {
    const key = `person-${n}`
    const lists = Promise.all([world.things.keys(), world.things.keys()])
    await world.things.update(key, () => ({ first: n, list: [], text: '' }))
    wanted.add(key)
    if (n % 3 === 2) {
      await world.things.remove(`person-${n - 1}`)
      wanted.delete(`person-${n - 1}`)
    }
    for (const list of [...(await lists), await world.things.keys()])
      for (const known of wanted) assert.ok(known === key || list.includes(known), `${known} is not in ${list}`)
    assert.deepEqual(await world.things.keys(), [...wanted].sort())
  }
  await world.store.close()
  assert.equal(disk.paths().length, wanted.size)
})
