/** What is stored is moved from a folder into a database and back, and nothing of it is another one then. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createStorage } from '../../server/storage/aggregates.ts'
import { copyStore } from '../../server/storage/copy.ts'
import { createLowdbStore } from '../../server/storage/lowdb.ts'
import { createMemoryStore } from '../../server/storage/memory.ts'
import { createPostgresStore } from '../../server/storage/postgres/store.ts'
import type { Store } from '../../server/storage/store.ts'
import { planned } from '../server/pages/workshop-site.ts'
import { aLearner, anAttempt, aParticipant, aSandbox } from '../server/storage/contract.ts'
import { visitor } from '../server/support.ts'
import { freshDatabase, withPostgres } from '../support/postgres.ts'
import { program } from '../support/programs.ts'

const root = new URL('../../', import.meta.url).pathname

async function run(args: string[], env: Record<string, string> = {}, stopAt?: RegExp) {
  const child = spawn(process.execPath, [...program('scripts/storage.ts'), ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let told = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => {
      told += part
      if (stopAt?.test(told)) child.kill('SIGKILL')
    })
  const [code] = await once(child, 'close')
  return { code, told }
}

const folderFor = async (t: TestContext) => {
  const folder = await mkdtemp(join(tmpdir(), 'podium-copy-'))
  t.after(() => rm(folder, { recursive: true }))
  return folder
}

/** Some of everything: a workshop with somebody in it, a graded attempt, a queue, texts that a database might not take. */
async function fill(store: Store): Promise<string> {
  const storage = createStorage(store)
  const site = await planned({ storage })
  await site.act('open').expect(303)
  const guest = await visitor(site.app)
  await guest.post(`/j/${site.code}`, { nickname: 'Kim', do: 'join' }).expect(200)
  await guest.post('/challenges/three-pods', { do: 'grade' }).expect(303)
  await site.deps.gradings.close()
  const odd = '\u0000 \ud800 "\\ \u2028 期望 \u{1F600}'
  await storage.terminals.save('odd', { files: { [odd]: odd }, history: [odd, 'x'.repeat(200_000)] })
  await storage.sandboxes.add(aSandbox('box'))
  for (let n = 0; n < 200; n++)
    await storage.sandboxLogs.append('box.0', n, [{ atMs: n, command: { op: 'kubectl', line: `get ${odd} ${n}` } }])
  for (let n = 0; n < 250; n++) await storage.learners.save({ ...aLearner(`l${n}`), createdAtMs: n / 3 })
  await storage.participants.save(aParticipant('class', 'one'))
  const { id: attemptId } = anAttempt('ann', 'a1')
  const owed = {
    ...{
      seat: { sittingId: 'practice-ann', participantId: 'ann', learnerId: 'ann', seed: 's' },
      challengeId: 'three-pods',
    },
    ...{ contentHash: 'abc', attemptId, seed: 's', log: [], hintsOpened: [], before: 0 },
  }
  for (const key of ['b', 'a/x']) await storage.gradingsOwed.add({ key, who: 'ann', payload: owed }, 7)
  const failed = (await storage.gradingsOwed.take(7, 1, { key: 'b' }))!
  await storage.gradingsOwed.fail(failed, { text: 'Why {n}.', values: { n: 3 } })
  return site.code
}

const textsIn = async (folder: string, kind: string) =>
  Object.fromEntries(
    await Promise.all(
      (await readdir(join(folder, kind), { recursive: true, encoding: 'utf8' }))
        .filter((name) => name.endsWith('.json'))
        .sort()
        .map(async (name) => [name, await readFile(join(folder, kind, name), 'utf8')] as const),
    ),
  )

test('a copy of one store in another holds the same, and one that somebody wrote into meanwhile is told', async () => {
  const [from, to] = [createMemoryStore(), createMemoryStore()]
  await fill(from)
  const held = await copyStore(from, to)
  assert.equal(held.get('learners')!.count > 250, true)
  assert.equal(held.get('sandbox-logs')!.count, 1)
  const again = await copyStore(to, createMemoryStore())
  assert.deepEqual([...again], [...held])
  const changing = createMemoryStore()
  await createStorage(changing).learners.save(aLearner('ann'))
  let isChanged = false
  await assert.rejects(
    copyStore(changing, createMemoryStore(), {
      say() {
        if (!isChanged) void createStorage(changing).learners.save(aLearner('late'))
        isChanged = true
      },
    }),
    { name: 'CopyDiffers', message: /what was copied from has 2 learners that are not the 1/ },
  )
})

test('a folder that is not there, one that is not empty, and one onto itself, are refused in words', async (t) => {
  const folder = await folderFor(t)
  await (await createLowdbStore({ folder: join(folder, 'a') })).close()
  await mkdir(join(folder, 'full'))
  await writeFile(join(folder, 'full', 'something'), '')
  const to = (from: string, target: string) => run(['copy', join(folder, from), join(folder, target)])
  assert.deepEqual(await to('none', 'b'), { code: 1, told: `There is no folder ${join(folder, 'none')}.\n` })
  assert.match((await to('a', 'full')).told, /There is something in \S+full already/)
  assert.match((await to('a', 'a')).told, /FROM and TO are the same/)
  assert.deepEqual(
    [(await run([])).code, (await run(['copy', 'a'])).code, (await run(['copy', 'a', 'b', '--x'])).code],
    [2, 2, 2],
  )
  const holder = await createLowdbStore({ folder: join(folder, 'a') })
  assert.match((await to('a', 'b')).told, /is in use by process/)
  await holder.close()
  assert.equal(existsSync(join(folder, 'b')), false)
})

test('what waits for repair ends the copy, or is left out and told', async (t) => {
  const folder = await folderFor(t)
  const [from, target] = [join(folder, 'from'), join(folder, 'to')]
  const store = await createLowdbStore({ folder: from })
  for (const id of ['ann', 'bob']) await createStorage(store).learners.save(aLearner(id))
  await store.close()
  await writeFile(join(from, 'learners', 'ann.json'), '{"cut')
  await mkdir(join(from, 'of-tomorrow'))
  await writeFile(join(from, 'of-tomorrow', 'x.json'), '{}')
  const refused = await run(['copy', from, target])
  assert.equal(refused.code, 1)
  assert.match(refused.told, /ann\.json .*\nRepair or remove it, or copy the rest with --without-damaged\.\n$/)
  assert.equal(existsSync(target), false)
  const { code, told } = await run(['copy', from, target, '--without-damaged'])
  assert.equal(code, 0, told)
  assert.match(told, /knows nothing of it: of-tomorrow/)
  assert.match(told, /left out: .*ann\.json/)
  assert.deepEqual(Object.keys(await textsIn(target, 'learners')), ['bob.json'])
})

withPostgres(() => {
  test('a data folder goes into a database and comes back with the same bytes', async (t) => {
    const folder = await folderFor(t)
    const [from, back] = [join(folder, 'from'), join(folder, 'back')]
    const store = await createLowdbStore({ folder: from })
    const code = await fill(store)
    await store.close()
    await writeFile(join(from, 'session-secret'), `${'5'.repeat(64)}\n`)
    const { url, query, dispose } = await freshDatabase()
    t.after(dispose)
    const there = await run(['copy', from, 'database'], { DATABASE_URL: url })
    assert.equal(there.code, 0, there.told)
    assert.match(there.told, /^learners: 25\d\n/m)
    assert.match(
      there.told,
      /^\d+ documents, streams and jobs of \S+from are in database t\w+ at \S+, compared by their hashes\.$/m,
    )

    // A server uses it as it did the folder.
    const opened = await createPostgresStore({ url })
    const storage = createStorage(opened)
    assert.equal((await storage.sittings.ofCode(code))?.room?.code, code)
    assert.equal(await opened.secret('session', () => 'another'), '5'.repeat(64))
    assert.equal((await storage.gradingsOwed.take(8, 1))?.key, 'a/x')
    assert.deepEqual((await storage.gradingsOwed.find('b'))?.failed, { text: 'Why {n}.', values: { n: 3 } })
    await opened.close()
    const again = await run(['copy', from, url])
    assert.equal(again.code, 1)
    assert.match(again.told, /there is something in it already/)

    const home = await run(['copy', url, back])
    assert.equal(home.code, 0, home.told)
    assert.equal(await readFile(join(back, 'session-secret'), 'utf8'), `${'5'.repeat(64)}\n`)
    const kinds = ['learners', 'sittings', 'participants', 'terminals', 'sandboxes', 'accounts']
    for (const kind of kinds) assert.deepEqual(await textsIn(back, kind), await textsIn(from, kind), kind)
    const [one, two] = await Promise.all([from, back].map((path) => createLowdbStore({ folder: path })))
    assert.deepEqual(
      [...(await copyStore(two!, createMemoryStore()))],
      [...(await copyStore(one!, createMemoryStore()))],
    )
    for (const open of [one!, two!]) await open.close()
    assert.equal((await query(`select count(*)::int as n from settings where name = 'half-filled'`)).rows[0].n, 0)
  })

  test('a copy that is killed leaves what nobody uses, and is done again', async (t) => {
    const folder = await folderFor(t)
    const from = join(folder, 'from')
    const store = await createLowdbStore({ folder: from })
    for (let n = 0; n < 3000; n++) void createStorage(store).learners.save(aLearner(`l${n}`))
    await store.close()
    const { url, query, dispose } = await freshDatabase()
    t.after(dispose)
    const killed = await run(['copy', from, url], {}, /learners: 3000/)
    assert.equal(killed.code, null)
    const { rows } = await query('select count(*)::int as n from documents')
    assert.equal(rows[0].n, 3000)
    await assert.rejects(createPostgresStore({ url }), /a copy into it was not finished\. Do it again/)
    const again = await run(['copy', from, url])
    assert.equal(again.code, 0, again.told)
    await (await createPostgresStore({ url })).close()

    const back = join(folder, 'back')
    assert.equal((await run(['copy', url, back], {}, /learners: 3000/)).code, null)
    assert.equal(existsSync(back), false)
    assert.equal((await run(['copy', url, back])).code, 0)
    assert.equal(Object.keys(await textsIn(back, 'learners')).length, 3000)
    assert.deepEqual((await readdir(folder)).sort(), ['back', 'from'])
  })
})
