import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pino } from 'pino'
import supertest from 'supertest'
import { loadCatalogOrThrow } from '../../server/catalog/load.ts'
import { parseConfig } from '../../server/config.ts'
import { createGradings } from '../../server/grading/gradings.ts'
import { createReadiness } from '../../server/readiness.ts'
import { createSite } from '../../server/site.ts'
import { createLowdbStore } from '../../server/storage/lowdb.ts'
import { createTestApp, fixtureFolder } from './support.ts'

function start(checks: Record<string, () => Promise<void>>, patienceMs?: number) {
  const time = { nowMs: 0 }
  const lines: string[] = []
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
  const readiness = createReadiness({ checks, logger, patienceMs, keptMs: 3000, nowMs: () => time.nowMs })
  return { readiness, time, lines }
}

test('a flood of questions is one look, and the next comes a few seconds later', async () => {
  let looks = 0
  const { readiness, time } = start({
    storage: async () => {
      looks++
    },
  })
  await Promise.all(Array.from({ length: 200 }, () => readiness.problems()))
  time.nowMs = 2999
  assert.deepEqual([await readiness.problems(), looks], [[], 1])
  time.nowMs = 3000
  await Promise.all(Array.from({ length: 200 }, () => readiness.problems()))
  assert.equal(looks, 2)
})

test('a part that does not come back is named, and not asked again while it is away', async () => {
  let looks = 0
  let comeBack = () => {}
  const { readiness, time } = start(
    {
      workers: () => {
        looks++
        return new Promise<void>((resolve) => {
          comeBack = resolve
        })
      },
    },
    5,
  )
  for (let n = 0; n < 3; n++) {
    assert.deepEqual(await readiness.problems(), ['workers'])
    time.nowMs += 3000
  }
  assert.equal(looks, 1)
  comeBack()
  await new Promise((done) => setImmediate(done))
  const again = readiness.problems()
  comeBack()
  assert.deepEqual(await again, [])
  assert.equal(looks, 2)
})

test('the reason stands in the log, once, and nobody else learns it', async () => {
  let isBroken = true
  const { readiness, time, lines } = start({
    content: async () => {},
    storage: async () => {
      if (isBroken) throw new Error('EROFS: read-only, open /srv/secret')
    },
  })
  const { app } = await createTestApp({ readiness })
  const page = await supertest(app).get('/readyz').expect(503).expect('Cache-Control', 'no-store')
  assert.deepEqual(page.body, { status: 'not ready', problems: ['storage'] })
  time.nowMs += 3000
  await supertest(app).get('/readyz').expect(503)
  assert.equal(lines.length, 1)
  assert.match(lines[0]!, /not ready: storage/)
  assert.match(lines[0]!, /EROFS/)
  isBroken = false
  time.nowMs += 3000
  assert.deepEqual((await supertest(app).get('/readyz').expect(200)).body, { status: 'ready' })
  assert.equal(lines.length, 2)
})

test('a server that stops is not ready, and lives', async () => {
  const { readiness } = start({})
  const { app } = await createTestApp({ readiness, config: parseConfig({ RATE_LIMIT: '1' }) })
  for (let n = 0; n < 5; n++) await supertest(app).get('/readyz').expect(200)
  readiness.drain()
  assert.deepEqual((await supertest(app).get('/readyz').expect(503)).body.problems, ['stopping'])
  await supertest(app).get('/healthz').expect(200)
})

test('the parts of a real site prove themselves: content, storage, workers and sandbox threads', async () => {
  const home = await mkdtemp(join(tmpdir(), 'podium-ready-'))
  const folder = join(home, 'data')
  const catalog = await loadCatalogOrThrow(fixtureFolder)
  const site = await createSite({
    config: parseConfig({ WORKERS: '1', LOG_LEVEL: 'silent' }),
    secret: 'a secret of at least thirty-two characters',
    store: await createLowdbStore({ folder }),
    catalog: () => catalog,
    logger: pino({ level: 'silent' }),
  })
  site.server.listen(0, '127.0.0.1')
  await once(site.server, 'listening')
  const { port } = site.server.address() as AddressInfo
  try {
    // Alone each, for as long as it takes on a busy machine: /readyz has less patience.
    await site.deps.labs.healthy()
    await site.deps.sandboxes.healthy()
    await site.deps.storage.healthy()
    site.deps.gradings.healthy()
    assert.ok((await readdir(folder)).includes('last-check'))
    const { status } = await fetch(`http://127.0.0.1:${port}/readyz`)
    assert.equal(status, 200)
    await rename(folder, `${folder}-away`)
    await writeFile(folder, '')
    await assert.rejects(site.deps.storage.healthy(), /ENOTDIR|EEXIST/)
    await rm(folder)
    await rename(`${folder}-away`, folder)
  } finally {
    site.server.closeAllConnections()
    await site.close()
    await rm(home, { recursive: true })
  }
  // Its threads are gone.
  await assert.rejects(site.deps.sandboxes.healthy())
  await assert.rejects(site.deps.labs.healthy())
  assert.throws(() => site.deps.gradings.healthy(), /nobody looks for gradings/)
})

test('who looks for gradings and does not come back is told, and one that comes back is well again', async () => {
  let answer: () => void = () => undefined
  const take = () =>
    new Promise<undefined>((resolve) => {
      answer = () => resolve(undefined)
    })
  const gradings = createGradings({
    otherEngines: () => [],
    storage: { gradingsOwed: { take } } as never,
    ...{
      journals: {} as never,
      labs: {} as never,
      catalog: () => assert.fail(),
      secret: '',
      now: Date.now,
      hangsAfterMs: 800,
      together: 2,
    },
    onError: (error) => assert.fail(String(error)),
  })
  gradings.healthy()
  await new Promise((done) => setTimeout(done, 1500))
  assert.throws(() => gradings.healthy(), /the last look for gradings was \d s ago/)
  answer()
  await new Promise(setImmediate)
  gradings.healthy()
  await gradings.close()
  assert.throws(() => gradings.healthy(), /nobody looks for gradings any more/)
})
