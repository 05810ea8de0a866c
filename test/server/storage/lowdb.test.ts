import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { disk, type Files } from '../../../server/storage/files.ts'
import { createLowdbStore, openStore } from '../../../server/storage/lowdb.ts'
import { testBusContract } from './bus-contract.ts'
import { aLearner, anAnswer, aParticipant, testStorageContract } from './contract.ts'
import { testIndexContract } from './index-contract.ts'
import { testJobsContract } from './jobs-contract.ts'
import { testLeasesContract } from './leases-contract.ts'
import { stepKind, testStreamsContract } from './streams-contract.ts'

const folderForTest = () => mkdtemp(join(tmpdir(), 'podium-storage-'))

const plain = async () => {
  const folder = await folderForTest()
  return { store: await createLowdbStore({ folder }), dispose: () => rm(folder, { recursive: true }) }
}

const settlingAllTheTime = async () => {
  const folder = await folderForTest()
  const limits = { segmentBytes: 1, patchedFromCharacters: 0 }
  return {
    store: await createLowdbStore({ folder, limits, cached: { documents: 1 } }),
    dispose: () => rm(folder, { recursive: true }),
  }
}

for (const testContract of [
  testStorageContract,
  testStreamsContract,
  testJobsContract,
  testIndexContract,
  testBusContract,
  testLeasesContract,
]) {
  testContract('lowdb', plain)
  testContract('lowdb that settles all the time', settlingAllTheTime)
}

async function inFolder(act: (folder: string) => Promise<void>) {
  const folder = await folderForTest()
  try {
    await act(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('lowdb gives what a process had taken when it was killed to the next one at once', () =>
  inFolder(async (folder) => {
    const kind = { name: 'chores', version: 1, upgrades: [], payload: z.object({}) }
    const first = await createLowdbStore({ folder })
    const jobs = first.jobs(kind)
    await jobs.add({ key: 'a', who: 'ann', payload: {} }, 0)
    assert.equal((await jobs.take(0, 1000))?.tries, 1)
    assert.equal(await jobs.take(0, 1000), undefined)
    // It has no time to say that it is not done.
    await first.close()
    const second = await createLowdbStore({ folder })
    const again = second.jobs(kind)
    assert.equal((await again.take(1, 1000))?.tries, 2)
    assert.equal(await again.take(1, 1000, { key: 'a' }), undefined)
    await second.close()
  }))

test('lowdb gives a second opener what the first one stored', () =>
  inFolder(async (folder) => {
    const first = createStorage(await createLowdbStore({ folder }))
    await first.learners.save(aLearner('ann'))
    await first.close()
    const second = createStorage(await createLowdbStore({ folder }))
    assert.deepEqual(await second.learners.find('ann'), aLearner('ann'))
    await second.close()
  }))

test('lowdb writes the schema version into each document', () =>
  inFolder(async (folder) => {
    const storage = createStorage(await createLowdbStore({ folder }))
    await storage.learners.save(aLearner('ann'))
    await storage.close()
    const written = JSON.parse(await readFile(join(folder, 'learners', 'ann.json'), 'utf8'))
    assert.deepEqual(written, { schemaVersion: 1, data: aLearner('ann') })
    assert.deepEqual(await readdir(folder), ['learners'])
  }))

test('lowdb writes many changes of one document in few writes', () =>
  inFolder(async (folder) => {
    const storage = createStorage(await createLowdbStore({ folder, cached: { documents: 1 } }))
    const typed = (n: number) =>
      storage.terminals.update(`p${n % 5}`, (known) => ({ files: {}, history: [...(known?.history ?? []), `l${n}`] }))
    await Promise.all(Array.from({ length: 500 }, (_, n) => typed(n)))
    for (const name of ['p0', 'p1', 'p2', 'p3', 'p4'])
      assert.equal((await storage.terminals.find(name))?.history.length, 100)
    await storage.close()
  }))

const segmentOf = (first: number, entries: unknown[]) => JSON.stringify({ schemaVersion: 1, data: { first, entries } })

test('lowdb reads a stream without its damaged part and goes on behind it, where the kind allows that', () =>
  inFolder(async (folder) => {
    await mkdir(join(folder, 'steps', 'a'), { recursive: true })
    const path = (first: number) => join(folder, 'steps', 'a', `${String(first).padStart(9, '0')}.json`)
    await writeFile(path(0), segmentOf(0, [{ n: 0 }, { n: 1 }]))
    await writeFile(path(2), '{"cut')
    const store = await createLowdbStore({ folder })
    const streams = store.streams(stepKind)
    await assert.rejects(streams.read('a'), { name: 'DocumentUnreadable' })
    const told: string[] = []
    const read = () => streams.read('a', 0, ({ key }) => told.push(key))
    assert.deepEqual(
      (await read()).map(({ seq }) => seq),
      [1, 2],
    )
    const head = await streams.head('a')
    await streams.append('a', head, [{ n: 7 }])
    assert.deepEqual(
      (await read()).map(({ seq, entry }) => [seq, entry.n]),
      [
        [1, 0],
        [2, 1],
        [head + 1, 7],
      ],
    )
    assert.deepEqual(told, ['a/000000002', 'a/000000002'])
    // A person repairs it.
    await rm(`${path(2)}.corrupt-1`)
    await writeFile(path(2), segmentOf(2, [{ n: 2 }]))
    assert.deepEqual(
      (await read()).map(({ entry }) => entry.n),
      [0, 1, 2, 7],
    )
    const strict = store.streams({ ...stepKind, name: 'strict', toleratesGaps: false })
    await mkdir(join(folder, 'strict', 'a'), { recursive: true })
    await writeFile(join(folder, 'strict', 'a', '000000000.json'), '{"cut')
    await assert.rejects(strict.append('a', 0, [{ n: 1 }]), { name: 'DocumentUnreadable' })
    await assert.rejects(
      strict.read('a', 0, () => undefined),
      { name: 'DocumentUnreadable' },
    )
    await store.close()
  }))

test('lowdb refuses a stream with a hole in it, where nothing can be understood behind one', () =>
  inFolder(async (folder) => {
    await mkdir(join(folder, 'steps', 'a'), { recursive: true })
    await writeFile(join(folder, 'steps', 'a', '000000000.json'), segmentOf(0, [{ n: 0 }]))
    await writeFile(join(folder, 'steps', 'a', '000000005.json'), segmentOf(5, [{ n: 5 }]))
    const store = await createLowdbStore({ folder })
    await assert.rejects(
      store.streams({ ...stepKind, toleratesGaps: false }).read('a'),
      /steps a has 1 entries where 5 are due/,
    )
    await store.close()
  }))

test('lowdb reads and goes on with the log of a sandbox as version 1 had it', () =>
  inFolder(async (folder) => {
    const command = (atMs: number) => ({ atMs, command: { op: 'kubectl' as const, line: 'kubectl get pods' } })
    await mkdir(join(folder, 'sandbox-logs', 'a.0'), { recursive: true })
    await writeFile(
      join(folder, 'sandbox-logs', 'a.0', '000000000.json'),
      JSON.stringify({ schemaVersion: 1, data: { first: 0, commands: [command(1), command(2)] } }),
    )
    const { sandboxLogs, close } = createStorage(await createLowdbStore({ folder }))
    await sandboxLogs.append('a.0', 2, [command(3)])
    assert.deepEqual(await sandboxLogs.read('a.0'), [1, 2, 3].map(command))
    await close()
  }))

test('lowdb writes about as much of a sandbox’s log as is added to it', () =>
  inFolder(async (folder) => {
    const { sandboxLogs, close } = createStorage(await createLowdbStore({ folder }))
    const add = (atMs: number) =>
      sandboxLogs.append('a.0', atMs, [{ atMs, command: { op: 'kubectl', line: 'kubectl get pods' } }])
    const journalBytes = async () => (await stat(join(folder, 'journal-000000001.log'))).size
    for (let n = 0; n < 70; n++) await add(n)
    const before = await journalBytes()
    for (let n = 70; n < 170; n++) await add(n)
    assert.ok((await journalBytes()) - before < 100 * 1200)
    await close()
    assert.equal((await readdir(join(folder, 'sandbox-logs', 'a.0'))).length, 3)
  }))

const damaged = [
  { name: 'cut off', text: '{"schemaVersion":1,"data":{"files":{},"hist' },
  { name: 'empty', text: '' },
  { name: 'of another shape', text: '{"schemaVersion":1,"data":{"files":7,"history":[]}}' },
  { name: 'without a version', text: '[]' },
]
for (const { name, text } of damaged)
  test(`lowdb sets a file aside that is ${name}, says so, and never writes in its place`, () =>
    inFolder(async (folder) => {
      const messages: string[] = []
      const storage = createStorage(await createLowdbStore({ folder, onProblem: (message) => messages.push(message) }))
      const record = { files: {}, history: ['ls'] }
      await mkdir(join(folder, 'terminals'))
      await writeFile(join(folder, 'terminals', 'ann.json'), text)
      await assert.rejects(storage.terminals.find('ann'), { name: 'DocumentUnreadable' })
      await assert.rejects(storage.terminals.save('ann', record), { name: 'DocumentUnreadable' })
      await storage.terminals.save('bob', record)
      assert.deepEqual(await readdir(join(folder, 'terminals')), ['ann.json.corrupt-1'])
      assert.equal(await readFile(join(folder, 'terminals', 'ann.json.corrupt-1'), 'utf8'), text)
      assert.equal(messages.length, 1)
      assert.match(messages[0]!, /ann\.json cannot be read .* moved to .*ann\.json\.corrupt-1/)
      await storage.close()
    }))

test('lowdb lists a document that was set aside, so that it is missed by nobody and removed with the others', () =>
  inFolder(async (folder) => {
    const { participants, close } = createStorage(await createLowdbStore({ folder }))
    for (const id of ['one', 'two']) await participants.save(aParticipant('class', id))
    await close()
    await writeFile(join(folder, 'participants', 'class', 'one.json'), '{"cut')
    const again = createStorage(await createLowdbStore({ folder }))
    for (const _times of [1, 2])
      await assert.rejects(again.participants.listOf('class'), { name: 'DocumentUnreadable' })
    for (const id of ['one', 'two']) await again.participants.remove('class', id)
    await again.close()
    assert.deepEqual(await readdir(join(folder, 'participants', 'class')), [])
  }))

test('what a killed process had begun to write of a document is gone with the document, and nothing else', () =>
  inFolder(async (folder) => {
    const first = createStorage(await createLowdbStore({ folder }))
    for (const name of ['ann', 'ann.json']) await first.terminals.save(name, { files: {}, history: ['ls'] })
    await first.close()
    for (const name of ['ann.json', 'bob.json'])
      await writeFile(join(folder, 'terminals', `${name}.tmp`), '{"schemaVersion":1,"data":{"history":["a password')
    const { terminals, close } = createStorage(await createLowdbStore({ folder }))
    await terminals.remove('ann')
    await close()
    assert.deepEqual((await readdir(join(folder, 'terminals'))).sort(), ['ann.json.json', 'bob.json.tmp'])
  }))

test('a damaged link to sign in keeps nobody from getting another one', () =>
  inFolder(async (folder) => {
    const first = createStorage(await createLowdbStore({ folder }))
    const link = (sha256: string) => ({ sha256, account: 'maple', mail: null, expiresAtMs: 10, isUsed: false })
    await first.signInLinks.keep(link('one'), 0)
    await first.close()
    await writeFile(join(folder, 'sign-in-links', 'one.json'), '')
    const { signInLinks, close } = createStorage(await createLowdbStore({ folder }))
    for (const name of ['two', 'three']) await signInLinks.keep(link(name), 0)
    await signInLinks.removeOf('maple')
    assert.deepEqual(await readdir(join(folder, 'sign-in-links')), ['one.json.corrupt-1'])
    await close()
  }))

test('lowdb finds a document again that was repaired and moved back, without a restart', () =>
  inFolder(async (folder) => {
    const storage = createStorage(await createLowdbStore({ folder }))
    await mkdir(join(folder, 'answers'))
    const path = join(folder, 'answers', 'ann.json')
    await writeFile(path, '{')
    await assert.rejects(storage.answers.find('ann'))
    await writeFile(
      path,
      // Of the first version, which did not note how long an answer took.
      JSON.stringify({
        schemaVersion: 1,
        data: { participantId: 'ann', answers: [{ ...anAnswer('old'), tookMs: undefined }] },
      }),
    )
    assert.deepEqual(await storage.answers.find('ann'), [anAnswer('old')])
    await storage.close()
  }))

test('whoever looks seats up is told of those that are damaged, and finds them when they are repaired', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'participants', 'w1', 'p1.json')
    const first = createStorage(await createLowdbStore({ folder }))
    for (const id of ['p1', 'p2']) await first.participants.save({ ...aParticipant('w1', id), learnerId: 'ann' })
    await first.close()
    const whole = await readFile(path, 'utf8')
    await writeFile(path, '{')
    const { participants, close } = createStorage(await createLowdbStore({ folder }))
    const told: string[] = []
    const listed = async () => {
      told.splice(0)
      return (await participants.listOf('w1', ({ key }) => told.push(key))).map(({ id }) => id)
    }
    assert.deepEqual([await listed(), told], [['p2'], ['w1/p1']])
    await assert.rejects(participants.listOf('w1'), /cannot be read|waits for repair/)
    const byToken = async () => {
      told.splice(0)
      return participants.ofToken('a token of nobody', ({ key }) => told.push(key))
    }
    assert.deepEqual([await byToken(), told], [undefined, ['w1/p1']])
    const ownIds = async () => (await participants.ofLearner('ann')).map(({ id }) => id)
    assert.deepEqual(await ownIds(), ['p2'])
    await rm(`${path}.corrupt-1`)
    await writeFile(path, whole)
    assert.deepEqual([await listed(), told], [['p1', 'p2'], []])
    assert.deepEqual([await byToken(), told], [undefined, []])
    assert.deepEqual(await ownIds(), ['p1', 'p2'])
    await close()
  }))

test('lowdb leaves a document of a newer program where it is', () =>
  inFolder(async (folder) => {
    const storage = createStorage(await createLowdbStore({ folder }))
    await mkdir(join(folder, 'learners'))
    const path = join(folder, 'learners', 'ann.json')
    await writeFile(path, '{"schemaVersion":99,"data":{}}')
    await assert.rejects(storage.learners.save(aLearner('ann')), /schema version 99, and this program knows \d+/)
    assert.equal(await readFile(path, 'utf8'), '{"schemaVersion":99,"data":{}}')
    await storage.close()
  }))

test('a second process is refused the folder and told who has it', () =>
  inFolder(async (folder) => {
    const holder = await createLowdbStore({ folder })
    await assert.rejects(createLowdbStore({ folder }), {
      name: 'DataFolderLocked',
      message: new RegExp(`is in use by process ${process.pid} since 20`),
    })
    await holder.close()
    await (await createLowdbStore({ folder })).close()
    assert.deepEqual(await readdir(folder), [])
  }))

const staleLocks = [
  {
    name: 'a process that has ended',
    lock: async (own: Record<string, unknown>) => ({ ...own, pid: await endedProcess() }),
  },
  {
    name: 'an earlier start of the machine',
    lock: async (own: Record<string, unknown>) => ({ ...own, boot: 'earlier' }),
  },
  {
    name: 'an earlier process of the same number',
    lock: async (own: Record<string, unknown>) => ({ ...own, processStart: '1' }),
  },
]
for (const { name, lock } of staleLocks)
  test(`the lock of ${name} is taken over`, () =>
    inFolder(async (folder) => {
      const holder = await createLowdbStore({ folder })
      const path = join(folder, 'lock.json')
      const stale = JSON.stringify(await lock(JSON.parse(await readFile(path, 'utf8'))))
      await writeFile(path, stale)
      const next = await createLowdbStore({ folder })
      assert.notEqual(await readFile(path, 'utf8'), stale)
      await next.close()
      await holder.close()
    }))

async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  return child.pid!
}

test('lowdb keeps as much in memory as it may: what was used last, and large documents count for what they are', () =>
  inFolder(async (folder) => {
    const read: string[] = []
    const files: Files = {
      ...disk,
      readFile: (path) => {
        if (path.endsWith('.json')) read.push(basename(path, '.json'))
        return disk.readFile(path)
      },
    }
    const open = async (characters: number) => {
      read.length = 0
      const store = await openStore({ folder, cached: { characters } }, files)
      return { storage: createStorage(store), close: () => store.close() }
    }
    const first = await open(1000)
    const text = { files: { a: 'x'.repeat(300) }, history: [] }
    for (const id of ['one', 'two', 'three']) await first.storage.terminals.save(id, text)
    await first.close()

    const second = await open(1000)
    const look = async (...ids: string[]) => {
      for (const id of ids) assert.deepEqual(await second.storage.terminals.find(id), text)
      return read.splice(0)
    }
    assert.deepEqual(await look('one', 'two', 'one', 'two'), ['one', 'two'])
    assert.deepEqual(await look('three', 'two', 'one'), ['three', 'one'])
    // It grows, and the others give way.
    await second.storage.terminals.save('one', { files: { a: 'x'.repeat(900) }, history: [] })
    assert.deepEqual(await look('two', 'three'), ['two', 'three'])
    await second.close()
  }))

test('a job that is damaged holds up none of the others', () =>
  inFolder(async (folder) => {
    const jobs = { name: 'chores', version: 1, upgrades: [], payload: z.object({ n: z.number() }) }
    const first = await createLowdbStore({ folder })
    for (const key of ['a', 'b']) await first.jobs(jobs).add({ key, who: 'ann', payload: { n: 1 } }, 0)
    await first.close()
    await writeFile(join(folder, 'chores', 'a.json'), '{"cut')
    const problems: string[] = []
    const second = await createLowdbStore({ folder, onProblem: (message) => problems.push(message) })
    const taken = await second.jobs(jobs).take(1, 10)
    assert.equal(taken?.key, 'b')
    assert.equal(problems.length, 1)
    await second.close()
  }))
