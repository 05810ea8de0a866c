/** A site in the middle of an update: servers with an older and a newer simulator on one database. */
import assert from 'node:assert/strict'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { bundlePrograms } from '../../../scripts/build/bundle-tests.mjs'
import { createJournals } from '../../../server/journal/journals.ts'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { createPostgresStore } from '../../../server/storage/postgres/store.ts'
import type { NewRoomAct } from '../../../server/workshops/room-acts.ts'
import { createRooms } from '../../../server/workshops/rooms.ts'
import { engineVersion, graderVersion } from '../../../sim/index.ts'
import { freePort } from '../../support/free-port.ts'
import { freshDatabase, withPostgres } from '../../support/postgres.ts'
import { root } from '../../support/programs.ts'
import { type PlainBrowser, plainBrowser, type ServerProcess, startServer } from '../../support/server-process.ts'
import { fixtureFolder } from '../support.ts'

const newer = '999.0.0'

/** The program as it will be one day. */
async function buildNewer(folder: string): Promise<void> {
  const path = join(root, 'sim/version.ts')
  const text = (await readFile(path, 'utf8')).replace(`'${engineVersion}'`, `'${newer}'`)
  await bundlePrograms(['server/index.ts'], folder, { textOf: { [path]: text } })
}

/** Content of which the check of its challenge can be met. */
async function contentIn(folder: string): Promise<string> {
  const content = join(folder, 'content')
  await cp(fixtureFolder, content, { recursive: true })
  const file = join(content, 'challenges/three-pods/challenge.yaml')
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace('KEYCHECK', 'pods'))
  return content
}

const content = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.27"}]}
`

/** What is graded on a busy machine comes after the answer to who handed it in. @returns what `read` finds, once there are as many */
async function asMany<T>(count: number, read: () => Promise<T[]>): Promise<T[]> {
  const untilMs = Date.now() + 60_000
  let found = await read()
  while (found.length < count && Date.now() < untilMs) {
    await new Promise((done) => setTimeout(done, 100))
    found = await read()
  }
  return found
}

/** Begins a challenge, works on it and hands it in. */
async function solve(me: PlainBrowser, challenge: string): Promise<void> {
  assert.equal((await me.get(challenge)).status, 200)
  const applied = await me.post(challenge, { do: 'apply', file: 'web.yaml', content })
  assert.match(String(applied.status), /^(200|303)$/, applied.text)
  const graded = await me.post(challenge, { do: 'grade', file: 'web.yaml', content })
  assert.match(String(graded.status), /^(200|303)$/, graded.text)
}

withPostgres(() => {
  test('during an update a sitting stays with the simulator by which it was opened, and goes on with the next when that has ended', async () => {
    // Packages are found from where the program lies.
    await mkdir(join(root, 'dist'), { recursive: true })
    const folder = await mkdtemp(join(root, 'dist/engines-'))
    const database = await freshDatabase()
    const servers: ServerProcess[] = []
    let contentFolder = ''
    const start = async (built?: string): Promise<ServerProcess> => {
      const peerUrl = `http://127.0.0.1:${await freePort()}`
      const variables = { STORAGE: 'postgres', DATABASE_URL: database.url, CONTENT_DIR: contentFolder }
      servers.push(await startServer({ ...variables, PEER_URL: peerUrl, RATE_LIMIT: '100000' }, built))
      const server = servers.at(-1)!
      assert.doesNotMatch(server.at, /undefined/, server.told.text)
      return server
    }
    const store = await createPostgresStore({ url: database.url, onProblem: (text) => assert.fail(text) })
    try {
      await buildNewer(join(folder, 'newer'))
      contentFolder = await contentIn(folder)
      const older = await start()
      const storage = createStorage(store)
      const rooms = createRooms({ storage, now: Date.now })
      const { id, room } = await rooms.create('aaaaaaaaaaaaaaaaaa')
      await rooms.act(id, 'aaaaaaaaaaaaaaaaaa', (): NewRoomAct[] => [
        {
          act: 'planned',
          data: {
            title: 'Pods',
            steps: [{ id: 'aaaaaaaaaaaa', item: 'challenge:three-pods', title: 'Three Pods', minutes: 10 }],
          },
        },
        { act: 'opened', data: {} },
        { act: 'step-opened', data: { step: 'aaaaaaaaaaaa' } },
      ])
      const { engine, grader } = (await storage.sittings.find(id))!
      assert.deepEqual([engine, grader], [engineVersion, graderVersion])

      const update = await start(join(folder, 'newer'))
      const joins = async (nickname: string): Promise<PlainBrowser> => {
        const me = plainBrowser()
        await me.get(`${update.at}/j/${room.code}`)
        const joined = await me.post(`${update.at}/j/${room.code}`, { nickname, do: 'join' })
        assert.equal(joined.status, 200, joined.text)
        return me
      }
      const enginesOfPractice = async (): Promise<string[]> => {
        const { rows } = await database.query(`select data->>'engineVersion' as engine from events
          where data->>'act' = 'graded' and stream not like '${id}/%'`)
        return rows.map(({ engine }) => String(engine))
      }
      const enginesOfGrades = async (): Promise<(string | undefined)[]> => {
        const journals = createJournals({ storage, now: Date.now })
        const seats = await storage.participants.listOf(id)
        const works = await Promise.all(seats.map((seat) => journals.work({ sittingId: id, participantId: seat.id })))
        return works
          .flatMap(({ attempts }) => attempts.flatMap(({ gradings }) => gradings))
          .map(({ proof }) => proof?.engineVersion)
          .sort()
      }
      const ann = await joins('Ann')
      await solve(ann, `${update.at}/w/${id}/challenges/three-pods`)
      assert.deepEqual(await asMany(1, enginesOfGrades), [engineVersion])
      // One’s own practice is nobody’s sitting.
      const alone = plainBrowser()
      await solve(alone, `${update.at}/challenges/three-pods`)
      assert.deepEqual(await asMany(1, enginesOfPractice), [newer])

      assert.equal(await older.stop(), 0)
      const bob = await joins('Bob')
      await solve(bob, `${update.at}/w/${id}/challenges/three-pods`)
      assert.deepEqual(await asMany(2, enginesOfGrades), [engineVersion, newer])
      assert.equal((await ann.get(`${update.at}/w/${id}/challenges/three-pods`)).status, 200)
    } finally {
      await store.close()
      for (const { child, isGone } of servers) {
        child.kill('SIGKILL')
        await isGone
      }
      await database.dispose()
      await rm(folder, { recursive: true, force: true })
    }
  })
})
