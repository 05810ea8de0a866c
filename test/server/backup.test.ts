/** The drill: data, a backup while somebody goes on writing, a restore into an empty place, and a server on it. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { appendFile, mkdir, mkdtemp, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { createGzip } from 'node:zlib'
import { parseConfig } from '../../server/config.ts'
import { createStorage } from '../../server/storage/aggregates.ts'
import { BackupUnusable, checkArchive, restOf, writeArchive } from '../../server/storage/backup/archive.ts'
import { packFolder, snapshotFolder, unpackFolder } from '../../server/storage/backup/folder.ts'
import { copyStore } from '../../server/storage/copy.ts'
import { createLowdbStore } from '../../server/storage/lowdb.ts'
import { createMemoryStore } from '../../server/storage/memory.ts'
import { alsoNoted, readNoted } from '../../server/storage/noted-erasures.ts'
import { createPostgresStore } from '../../server/storage/postgres/store.ts'
import type { Storage } from '../../server/storage/types.ts'
import { freshDatabase, withPostgres } from '../support/postgres.ts'
import { program } from '../support/programs.ts'
import { aLearner, aParticipant } from './storage/contract.ts'
import { fixtureFolder } from './support.ts'

const root = new URL('../../', import.meta.url).pathname

async function homeFor(t: TestContext): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'podium-backup-test-'))
  t.after(() => rm(home, { recursive: true, force: true }))
  return home
}

async function run(command: 'backup' | 'restore', args: string[], env: Record<string, string>) {
  const child = spawn(process.execPath, [...program(`server/${command}.ts`), ...args], {
    ...{ cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
    env: { ...process.env, STORAGE: '', DATABASE_URL: '', ERASURES_FILE: '', ...env },
  })
  let told = ''
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding('utf8').on('data', (part: string) => {
      told += part
    })
  const [code] = await once(child, 'close')
  return { code, told }
}

/** Each line of the log says how many there were: a state is told from each other one. */
const line = (n: number) => [
  { atMs: n, command: { op: 'kubectl' as const, line: `get pods ${n} ${'x'.repeat(n % 50)}` } },
]
const learner = (n: number) => ({ ...aLearner(`l${n % 40}`), createdAtMs: n })

/** Writes until it is stopped, at the latest with the test: learner n, then line n of a log; n is told once both are acknowledged. */
function writing(t: TestContext, storage: Storage, from: number) {
  let n = from
  let isOver = false
  const stop = async () => {
    isOver = true
    await done
  }
  t.after(() => stop().catch(() => {}))
  const done = (async () => {
    while (!isOver) {
      await storage.learners.save(learner(n))
      await storage.sandboxLogs.append('box.0', n, line(n))
      n++
      await new Promise(setImmediate)
    }
  })()
  return {
    get acknowledged() {
      return n
    },
    stop,
  }
}

/** What a reader finds is one moment: line k of the log is there exactly when learner k was written before it. */
async function momentOf(storage: Storage): Promise<number> {
  const log = await storage.sandboxLogs.read('box.0')
  assert.deepEqual(
    log.map(({ command }) => command),
    log.map((_, n) => line(n)[0]!.command),
  )
  const count = log.length
  const newest = Math.max(
    ...(await Promise.all(Array.from({ length: 40 }, (_, n) => storage.learners.find(`l${n}`)))).map(
      (one) => one?.createdAtMs ?? -1,
    ),
  )
  assert.equal(newest === count - 1 || newest === count, true, `${count} lines, and the newest learner is of ${newest}`)
  // None of the others has gone back to a former one.
  for (let back = 1; back < 40; back++) {
    const n = newest - back
    if (n >= 0) assert.equal((await storage.learners.find(`l${n % 40}`))!.createdAtMs, n)
  }
  return count
}

test('a snapshot of a folder that somebody writes into, and whose log is settled meanwhile, is one moment', async (t) => {
  const home = await homeFor(t)
  const folder = join(home, 'data')
  // So often that many segments go while files are read.
  const store = await createLowdbStore({ folder, limits: { settleAfterMs: 5 } })
  const storage = createStorage(store)
  for (let n = 0; n < 200; n++) await storage.participants.save(aParticipant('class', `p${n}`))
  const writer = writing(t, storage, 0)
  while (writer.acknowledged < 60) await new Promise((done) => setTimeout(done, 5))
  for (let pass = 0; pass < 5; pass++) {
    const copy = join(home, `copy-${pass}`)
    await mkdir(copy)
    const before = writer.acknowledged
    await snapshotFolder(folder, copy)
    const after = writer.acknowledged
    const problems: string[] = []
    const opened = await createLowdbStore({ folder: copy, onProblem: (message) => void problems.push(message) })
    const count = await momentOf(createStorage(opened))
    assert.equal(count >= before && count <= after + 1, true, `${before} <= ${count} <= ${after}`)
    assert.equal((await createStorage(opened).participants.listOf('class')).length, 200)
    assert.deepEqual(problems, [])
    await opened.close()
  }
  await writer.stop()
  await store.close()
})

test('lowdb: a backup of a running server, restored into an empty folder, holds what was acknowledged, and a server starts on it', async (t) => {
  const home = await homeFor(t)
  const [folder, file, back] = [join(home, 'data'), join(home, 'one.backup'), join(home, 'back')]
  const store = await createLowdbStore({ folder })
  await writeFile(join(folder, 'session-secret'), `${'s'.repeat(64)}\n`, { mode: 0o600 })
  const storage = createStorage(store)
  const writer = writing(t, storage, 0)
  while (writer.acknowledged < 80) await new Promise((done) => setTimeout(done, 5))
  const before = writer.acknowledged
  const backup = await run('backup', [file], { DATA_DIR: folder })
  const after = writer.acknowledged
  assert.equal(backup.code, 0, backup.told)
  assert.equal((await stat(file)).mode & 0o077, 0)
  assert.deepEqual((await readdir(home)).sort(), ['data', 'one.backup'])
  // It goes on, and then all is lost.
  while (writer.acknowledged < after + 20) await new Promise((done) => setTimeout(done, 5))
  await writer.stop()
  await store.close()
  await rm(folder, { recursive: true })
  const restored = await run('restore', [file], { DATA_DIR: back })
  assert.equal(restored.code, 0, restored.told)
  assert.match(restored.told, /Nobody told which candidates were erased since then/)
  assert.deepEqual((await readdir(home)).sort(), ['back', 'one.backup'])
  const opened = await createLowdbStore({ folder: back, onProblem: (message) => assert.fail(message) })
  const count = await momentOf(createStorage(opened))
  assert.equal(count >= before && count <= after + 1, true, `${before} <= ${count} <= ${after}`)
  await opened.close()
  assert.equal(await readFile(join(back, 'session-secret'), 'utf8'), `${'s'.repeat(64)}\n`)
  const server = spawn(process.execPath, [...program('server/index.ts')], {
    ...{ cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
    env: { ...process.env, PORT: '0', HOST: '127.0.0.1', WORKERS: '1', CONTENT_DIR: fixtureFolder, DATA_DIR: back },
  })
  let told = ''
  server.stdout!.setEncoding('utf8').on('data', (part: string) => {
    if (!told.includes('Podium is at') && `${told}${part}`.includes('Podium is at')) server.kill('SIGTERM')
    told += part
  })
  assert.deepEqual(await once(server, 'close'), [0, null], told)
})

test('lowdb: who was erased after the backup is erased again by the file beside it, which a crash may have cut off', async (t) => {
  const home = await homeFor(t)
  const [folder, file, noted] = [join(home, 'data'), join(home, 'one.backup'), join(home, 'erasures.jsonl')]
  const store = await createLowdbStore({ folder })
  const storage = createStorage(store)
  await storage.participants.save(aParticipant('class', 'one'))
  assert.equal((await run('backup', [file], { DATA_DIR: folder })).code, 0)
  const erasures = alsoNoted(storage.erasures, noted)
  await erasures.save({ id: 'e1', seat: 'one', sittingId: 'class', atMs: 5 })
  await erasures.save({ id: 'e1', seat: 'one', sittingId: 'class', atMs: 5 })
  await store.close()
  await rm(folder, { recursive: true })
  await appendFile(noted, '{"id":"e2","se')
  assert.deepEqual(await readNoted(noted), [{ id: 'e1', seat: 'one', sittingId: 'class', atMs: 5 }])
  const restored = await run('restore', [file], { DATA_DIR: folder, ERASURES_FILE: noted })
  assert.equal(restored.code, 0, restored.told)
  assert.match(restored.told, /1 erasures were noted/)
  const opened = await createLowdbStore({ folder })
  const again = createStorage(opened)
  assert.deepEqual(await again.erasures.list(), [{ id: 'e1', seat: 'one', sittingId: 'class', atMs: 5 }])
  assert.notEqual(await again.participants.find('class', 'one'), undefined)
  await opened.close()
  await rm(folder, { recursive: true })
  await writeFile(noted, 'nothing of ours\n')
  const refused = await run('restore', [file, '--erasures', noted], { DATA_DIR: folder })
  assert.equal(refused.code, 1)
  assert.match(refused.told, /nothing was restored: \S+erasures\.jsonl:1 is not an erasure/)
  assert.equal(existsSync(folder), false)
})

test('the file of erasures has to outlive the data, and one that cannot be written stops the erasure before it is stored', async () => {
  assert.throws(
    () => parseConfig({ DATA_DIR: '/srv/podium', ERASURES_FILE: '/srv/podium/x/../erasures' }),
    /ERASURES_FILE=".*": must lie outside of DATA_DIR/,
  )
  assert.equal(
    parseConfig({ DATA_DIR: '/srv/podium', ERASURES_FILE: '/srv/podium-erasures' }).erasuresFile,
    '/srv/podium-erasures',
  )
  const storage = createStorage(createMemoryStore())
  const erasures = alsoNoted(storage.erasures, '/nowhere/at/all/erasures')
  await assert.rejects(erasures.save({ id: 'e1', seat: 'one', sittingId: 'class', atMs: 5 }), /ENOENT/)
  assert.deepEqual(await storage.erasures.list(), [])
})

test('what cannot be done is refused in words, and leaves nothing behind', async (t) => {
  const home = await homeFor(t)
  const [folder, file] = [join(home, 'data'), join(home, 'one.backup')]
  const store = await createLowdbStore({ folder })
  await createStorage(store).learners.save(aLearner('ann'))
  await store.close()
  const env = { DATA_DIR: folder }
  assert.equal((await run('backup', [file], env)).code, 0)
  const refused = async (
    command: 'backup' | 'restore',
    args: string[],
    words: RegExp,
    over: Record<string, string> = {},
  ) => {
    const before = await readdir(home)
    const { code, told } = await run(command, args, { ...env, ...over })
    assert.equal(code, 1, told)
    assert.match(told, words)
    assert.doesNotMatch(told, /^\s+at /m)
    assert.deepEqual(await readdir(home), before)
  }
  await refused('backup', [file], /There is a file \S+one\.backup already/)
  await refused('backup', [join(folder, 'inside')], /would be part of its own backup/)
  await refused('backup', [join(home, 'two')], /There is no folder/, { DATA_DIR: join(home, 'none') })
  await refused('backup', [join(home, 'two')], /STORAGE=memory keeps nothing/, { STORAGE: 'memory' })
  await refused('restore', [file], /There is something in \S+data already/)
  const empty = { DATA_DIR: join(home, 'back') }
  await refused('restore', [join(home, 'none')], /cannot be read/, empty)
  const broken = async (name: string, change: (path: string) => Promise<void>) => {
    const path = join(home, name)
    await writeFile(path, await readFile(file))
    await change(path)
    return path
  }
  const flip = (at: number) => async (path: string) => {
    const handle = await open(path, 'r+')
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, at)
    await handle.write(Buffer.from([buffer[0]! ^ 0x20]), 0, 1, at)
    await handle.close()
  }
  const { size } = await stat(file)
  await refused(
    'restore',
    [await broken('cut', (path) => truncate(path, size - 10))],
    /is not whole: it should have \d+ bytes/,
    empty,
  )
  await refused('restore', [await broken('more', (path) => appendFile(path, 'x'))], /is not whole/, empty)
  await refused('restore', [await broken('flipped', flip(size - 5))], /is damaged/, empty)
  await refused('restore', [await broken('head', flip(0))], /is not a backup of Podium/, empty)
  const rewrite = (from: RegExp, to: string) => async (path: string) => {
    const bytes = await readFile(path)
    const head = bytes.subarray(0, 8192).toString('utf8')
    assert.match(head, from)
    await writeFile(
      path,
      Buffer.concat([Buffer.from(`${head.replace(from, to).trimEnd().padEnd(8191)}\n`), bytes.subarray(8192)]),
    )
  }
  await refused(
    'restore',
    [await broken('kinds', rewrite(/"learners":\d+/, '"learners":99'))],
    /written by a newer program.*later form of: learners/,
    empty,
  )
  await refused(
    'restore',
    [await broken('format', rewrite(/"podiumBackup":1/, '"podiumBackup":2'))],
    /newer program: restore it with that one/,
    empty,
  )
  await refused(
    'restore',
    [await broken('other', rewrite(/"of":"lowdb"/, '"of":"postgres"'))],
    /is of STORAGE=postgres/,
    empty,
  )
  assert.equal((await run('backup', [], env)).code, 2)
  assert.equal((await run('restore', ['a', 'b'], env)).code, 2)
})

test('a backup whose files lead elsewhere is refused, and one that could not be written leaves nothing', async (t) => {
  const home = await homeFor(t)
  const target = join(home, 'target')
  await mkdir(target)
  for (const path of ['../evil', '/../../evil', 'a/../../evil']) {
    const packed = Readable.from([`${JSON.stringify({ path, base64: '' })}\n`]).pipe(createGzip())
    await assert.rejects(unpackFolder(packed, target), BackupUnusable)
  }
  assert.deepEqual(await readdir(home), ['target'])
  const failing = Readable.from(
    (async function* () {
      yield Buffer.from('x')
      throw new Error('the disk is gone')
    })(),
  )
  await assert.rejects(writeArchive(join(home, 'half'), 'lowdb', 0, failing), /the disk is gone/)
  assert.deepEqual(await readdir(home), ['target'])
  await writeFile(join(target, 'file'), 'text')
  await writeArchive(join(home, 'whole'), 'lowdb', 7, packFolder(target))
  assert.equal((await checkArchive(join(home, 'whole'))).atMs, 7)
  await mkdir(join(home, 'again'))
  assert.equal(await unpackFolder(restOf(join(home, 'whole')), join(home, 'again')), 1)
  assert.equal(await readFile(join(home, 'again', 'file'), 'utf8'), 'text')
})

withPostgres(() => {
  test('PostgreSQL: a backup while somebody writes is one moment, comes back into an empty database alone, and knows the erasures', async (t) => {
    const home = await homeFor(t)
    const [from, to] = [await freshDatabase(), await freshDatabase()]
    const [file, noted] = [join(home, 'one.backup'), join(home, 'erasures.jsonl')]
    const store = await createPostgresStore({ url: from.url, most: 3 })
    const storage = createStorage(store)
    const writer = writing(t, storage, 0)
    while (writer.acknowledged < 50) await new Promise((done) => setTimeout(done, 5))
    const before = writer.acknowledged
    const backup = await run('backup', [file], { STORAGE: 'postgres', DATABASE_URL: from.url })
    assert.equal(backup.code, 0, backup.told)
    const after = writer.acknowledged
    await alsoNoted(storage.erasures, noted).save({ id: 'e1', seat: 'one', sittingId: 'class', atMs: 5 })
    await writer.stop()
    const intoFull = await run('restore', [file], { STORAGE: 'postgres', DATABASE_URL: from.url })
    assert.deepEqual([intoFull.code, /There is something in the database already/.test(intoFull.told)], [1, true])
    await store.close()
    const target = { STORAGE: 'postgres', DATABASE_URL: to.url }
    const restored = await run('restore', [file, '--erasures', noted], target)
    assert.equal(restored.code, 0, restored.told)
    const opened = await createPostgresStore({ url: to.url, most: 3 })
    const count = await momentOf(createStorage(opened))
    assert.equal(count >= before && count <= after + 1, true, `${before} <= ${count} <= ${after}`)
    assert.equal((await createStorage(opened).erasures.list()).length, 1)
    assert.equal((await copyStore(opened, createMemoryStore())).get('sandbox-logs')!.count, 1)
    await opened.close()
    const noProgram = await run('backup', [join(home, 'two')], { ...target, PATH: home })
    assert.deepEqual([noProgram.code, /pg_dump is not there: install/.test(noProgram.told)], [1, true])
    const noServer = await run('backup', [join(home, 'two')], {
      ...target,
      DATABASE_URL: 'postgres://u:geheim@127.0.0.1:1/x',
    })
    assert.deepEqual(
      [noServer.code, /pg_dump failed/.test(noServer.told), noServer.told.includes('geheim')],
      [1, true, false],
    )
    assert.equal(existsSync(join(home, 'two')), false)
    for (const database of [from, to]) await database.dispose()
  })
})
