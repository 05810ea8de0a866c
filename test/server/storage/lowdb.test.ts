import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { disk, type Files } from '../../../server/storage/files.ts'
import { createLowdbStore, openDocuments } from '../../../server/storage/lowdb.ts'
import { aLearner, anAnswer, anAttempt, testStorageContract } from './contract.ts'

const folderForTest = () => mkdtemp(join(tmpdir(), 'podium-storage-'))

testStorageContract('lowdb', async () => {
  const folder = await folderForTest()
  return { store: await createLowdbStore({ folder }), dispose: () => rm(folder, { recursive: true }) }
})

testStorageContract('lowdb that settles all the time', async () => {
  const folder = await folderForTest()
  const limits = { segmentBytes: 1, patchedFromCharacters: 0 }
  return {
    store: await createLowdbStore({ folder, limits, cached: { documents: 1 } }),
    dispose: () => rm(folder, { recursive: true }),
  }
})

async function inFolder(act: (folder: string) => Promise<void>) {
  const folder = await folderForTest()
  try {
    await act(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('lowdb gives a second opener what the first one stored', () =>
  inFolder(async (folder) => {
    const first = createStorage(await createLowdbStore({ folder }))
    await first.answers.add('ann', anAnswer('one'))
    await first.close()
    const second = createStorage(await createLowdbStore({ folder }))
    assert.deepEqual(await second.answers.listOf('ann'), [anAnswer('one')])
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
    await Promise.all(Array.from({ length: 500 }, (_, n) => storage.answers.add(`p${n % 5}`, anAnswer(`a${n}`))))
    for (const person of ['p0', 'p1', 'p2', 'p3', 'p4'])
      assert.equal((await storage.answers.listOf(person)).length, 100)
    await storage.close()
  }))

test('lowdb writes about as much of a sandbox’s log as is added to it', () =>
  inFolder(async (folder) => {
    const { sandboxLogs, close } = createStorage(await createLowdbStore({ folder }))
    const add = (atMs: number) =>
      sandboxLogs.append('a.0', [{ atMs, command: { op: 'kubectl', line: 'kubectl get pods' } }])
    const journalBytes = async () => (await stat(join(folder, 'journal-000000001.log'))).size
    for (let n = 0; n < 70; n++) await add(n)
    const before = await journalBytes()
    for (let n = 70; n < 170; n++) await add(n)
    assert.ok((await journalBytes()) - before < 100 * 1200)
    await close()
    assert.equal((await readdir(join(folder, 'sandbox-logs', 'a.0'))).length, 3)
  }))

const damaged = [
  { name: 'cut off', text: '{"schemaVersion":1,"data":{"participantId":"ann","answ' },
  { name: 'empty', text: '' },
  { name: 'of another shape', text: '{"schemaVersion":1,"data":{"participantId":"ann","answers":7}}' },
  { name: 'without a version', text: '[]' },
]
for (const { name, text } of damaged)
  test(`lowdb sets a file aside that is ${name}, says so, and never writes in its place`, () =>
    inFolder(async (folder) => {
      const messages: string[] = []
      const storage = createStorage(await createLowdbStore({ folder, onProblem: (message) => messages.push(message) }))
      await mkdir(join(folder, 'answers'))
      await writeFile(join(folder, 'answers', 'ann.json'), text)
      await assert.rejects(storage.answers.listOf('ann'), { name: 'DocumentUnreadable' })
      await assert.rejects(storage.answers.add('ann', anAnswer('two')), { name: 'DocumentUnreadable' })
      await storage.answers.add('bob', anAnswer('one'))
      assert.deepEqual(await readdir(join(folder, 'answers')), ['ann.json.corrupt-1'])
      assert.equal(await readFile(join(folder, 'answers', 'ann.json.corrupt-1'), 'utf8'), text)
      assert.equal(messages.length, 1)
      assert.match(messages[0]!, /ann\.json cannot be read .* moved to .*ann\.json\.corrupt-1/)
      await storage.close()
    }))

test('lowdb lists a document that was set aside, so that it is missed by nobody and removed with the others', () =>
  inFolder(async (folder) => {
    const { attempts, close } = createStorage(await createLowdbStore({ folder }))
    for (const id of ['one', 'two']) await attempts.create(anAttempt('ann', id))
    await close()
    await writeFile(join(folder, 'attempts', 'ann', 'one.json'), '{"cut')
    const again = createStorage(await createLowdbStore({ folder }))
    for (const times of [1, 2]) {
      const told: string[] = []
      const found = await again.attempts.listOf('ann', ({ key }) => told.push(key))
      assert.deepEqual([found.map(({ id }) => id), told], [['two'], ['ann/one']], `time ${times}`)
      await assert.rejects(again.attempts.listOf('ann'), { name: 'DocumentUnreadable' })
    }
    await again.attempts.removeOf('ann')
    await again.close()
    assert.deepEqual(await readdir(join(folder, 'attempts', 'ann')), [])
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
    await assert.rejects(storage.answers.listOf('ann'))
    await writeFile(
      path,
      // Of the first version, which did not note how long an answer took.
      JSON.stringify({
        schemaVersion: 1,
        data: { participantId: 'ann', answers: [{ ...anAnswer('old'), tookMs: undefined }] },
      }),
    )
    assert.deepEqual(await storage.answers.listOf('ann'), [anAnswer('old')])
    await storage.close()
  }))

test('lowdb leaves a document of a newer program where it is', () =>
  inFolder(async (folder) => {
    const storage = createStorage(await createLowdbStore({ folder }))
    await mkdir(join(folder, 'answers'))
    const path = join(folder, 'answers', 'ann.json')
    await writeFile(path, '{"schemaVersion":99,"data":{}}')
    await assert.rejects(storage.answers.add('ann', anAnswer('two')), /schema version 99, and this program knows \d+/)
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
      const store = await openDocuments({ folder, cached: { characters } }, files)
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
