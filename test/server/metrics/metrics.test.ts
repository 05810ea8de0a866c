/** What a scrape tells, and that no visitor can make it grow. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { pino } from 'pino'
import supertest from 'supertest'
import { loadCatalogOrThrow } from '../../../server/catalog/load.ts'
import { parseConfig } from '../../../server/config.ts'
import { LabRefusal, LabTimeout } from '../../../server/labs/types.ts'
import { openLiveResponse } from '../../../server/live-response.ts'
import { metricsServer } from '../../../server/metrics/endpoint.ts'
import { createMetrics, type Metrics } from '../../../server/metrics/metrics.ts'
import { createSite } from '../../../server/site.ts'
import { createMemoryStore } from '../../../server/storage/memory.ts'
import { StoreAway } from '../../../server/storage/store.ts'
import { createFakeLabs } from '../fake-labs.ts'
import { createTestApp, fixtureFolder, visitor } from '../support.ts'

type Samples = Map<string, number>

/** By name and labels. */
async function scrape(metrics: Pick<Metrics, 'text'>): Promise<Samples> {
  const lines = (await metrics.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  )
}

const ownSeries = (samples: Samples) => [...samples.keys()].filter((name) => name.startsWith('podium_')).sort()

async function watched(over: Parameters<typeof createTestApp>[0] = {}) {
  const metrics = createMetrics()
  const site = await createTestApp(over)
  const app = ((req, res) => {
    metrics.request(req, res)
    site.app(req, res)
  }) as typeof site.app
  return { ...site, app, metrics }
}

test('a request is counted under the pattern of its route, with its method, status and seconds', async () => {
  const { app, metrics } = await watched()
  const before = await scrape(metrics)
  assert.deepEqual(
    ownSeries(before).filter((name) => name.includes('route=')),
    [],
  )
  await supertest(app).get('/lessons/pod/restarts').expect(200)
  await supertest(app).get('/lessons/pod/restarts?x=1').expect(200)
  await supertest(app).get('/lessons/pod/nothing').expect(404)
  await supertest(app).get('/healthz').expect(200)
  const after = await scrape(metrics)
  const of = (route: string, status: string) =>
    after.get(`podium_http_requests_total{route="${route}",method="GET",status="${status}"}`)
  const [lesson] = ownSeries(after).flatMap((name) => /route="(\/lessons\/[^"]+)"/.exec(name)?.[1] ?? [])
  assert.match(lesson!, /:/)
  assert.equal(of(lesson!, '200'), 2)
  assert.equal(of(lesson!, '404'), 1)
  assert.equal(of('/healthz', '200'), 1)
  assert.equal(after.get(`podium_http_request_seconds_count{route="${lesson}",method="GET"}`), 3)
  assert.equal(after.get('podium_http_requests_open'), 0)
})

test('a visitor who sends other paths, methods and statuses each time adds no series', async () => {
  const { app, metrics } = await watched()
  const send = async (n: number) => {
    await supertest(app).get(`/strange/${n}/${'x'.repeat(n)}`)
    await supertest(app).get(`/lessons/pod/${n}?evil="}${n}`)
    await supertest(app).get(`/static/${n}.css`)
    await supertest(app).get(`/k8s/${n}/api`)
    await supertest(app).get(`/w/${n.toString(16).padStart(18, '0')}/lessons/pod/restarts`)
    for (const method of ['propfind', 'lock', 'purge', 'put'] as const) await supertest(app)[method](`/lessons/${n}`)
  }
  await send(1)
  const before = ownSeries(await scrape(metrics))
  for (let n = 2; n < 12; n++) await send(n)
  assert.deepEqual(ownSeries(await scrape(metrics)), before)
  assert.deepEqual(
    before.filter((name) => /strange|xx|evil|propfind/i.test(name)),
    [],
  )
})

test('what is refused is counted by its cause', async () => {
  const causesFor = async (
    over: Parameters<typeof watched>[0],
    send: (app: Awaited<ReturnType<typeof watched>>['app']) => Promise<unknown>,
  ) => {
    const { app, metrics } = await watched(over)
    await send(app)
    return ownSeries(await scrape(metrics)).flatMap(
      (name) => /podium_refused_total\{cause="(.*)"\}/.exec(name)?.[1] ?? [],
    )
  }
  const once = (path: string) => (app: Parameters<typeof supertest>[0]) => supertest(app).get(path)
  const throwing = (error: Error) => ({
    catalog: () => {
      throw error
    },
  })
  assert.deepEqual(await causesFor({}, once('/help')), [])
  assert.deepEqual(await causesFor({}, (app) => supertest(app).post('/try')), ['forbidden'])
  const few = { config: parseConfig({ RATE_LIMIT: '1', LOG_LEVEL: 'silent' }) }
  assert.deepEqual(
    await causesFor(few, async (app) => {
      await once('/help')(app)
      await once('/help')(app)
    }),
    ['rate'],
  )
  assert.deepEqual(await causesFor(throwing(new LabRefusal(503, 'Busy.')), once('/lessons')), ['simulations'])
  assert.deepEqual(await causesFor(throwing(new StoreAway(false)), once('/lessons')), ['storage'])
})

test('what stays open is counted while it is open, and not in the seconds of requests', async () => {
  const metrics = createMetrics()
  const { createServer } = await import('node:http')
  let end = () => {}
  const server = createServer((req, res) => {
    metrics.request(req, res)
    const type = req.url === '/live' ? 'text/event-stream' : 'application/json'
    const live = openLiveResponse(res, { status: 200, headers: { 'Content-Type': type }, over: () => {} })
    end = live.end
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const answers = await Promise.all(['/live', '/other'].map((path) => fetch(`http://127.0.0.1:${port}${path}`)))
  const open = await scrape(metrics)
  assert.equal(open.get('podium_streams_open{kind="events"}'), 1)
  assert.equal(open.get('podium_streams_open{kind="watch"}'), 1)
  assert.equal(open.get('podium_http_requests_open'), 0)
  end()
  server.closeAllConnections()
  await Promise.allSettled(answers.map((answer) => answer.text()))
  await new Promise((done) => server.close(done))
  const closed = await scrape(metrics)
  assert.equal(closed.get('podium_streams_open{kind="events"}'), 0)
  assert.equal(closed.get('podium_streams_open{kind="watch"}'), 0)
  assert.deepEqual(
    ownSeries(closed).filter((name) => name.startsWith('podium_http_request_seconds')),
    [],
  )
})

test('gradings and other runs are counted by what came of them', async () => {
  const metrics = createMetrics()
  const fake = createFakeLabs()
  const errors: (Error | undefined)[] = [
    undefined,
    new LabRefusal(422, 'Too much.'),
    new LabRefusal(503, 'Busy.'),
    new LabTimeout(422, 'Too long.'),
    new Error('ours'),
  ]
  const labs = metrics.counted({
    ...fake,
    lint: async () => {
      const error = errors.shift()
      if (error) throw error
      return []
    },
  })
  const asked = await Promise.allSettled([1, 2, 3, 4, 5].map(() => labs.lint('somebody', 'a: b')))
  assert.deepEqual(
    asked.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected', 'rejected', 'rejected'],
  )
  const samples = await scrape(metrics)
  for (const outcome of ['done', 'refused', 'busy', 'timeout', 'failed'])
    assert.equal(samples.get(`podium_simulations_total{kind="lint",outcome="${outcome}"}`), 1, outcome)
  assert.equal(samples.get('podium_simulation_seconds_count{kind="lint"}'), 5)
})

test('what is owed is told with its age by kind, and a scrape comes back while storage does not', async () => {
  const nowMs = Date.UTC(2026, 2, 2, 9)
  const { deps } = await createTestApp({ now: () => nowMs })
  const payload = {
    ...{
      seat: { sittingId: 'practice', participantId: 'p', learnerId: 'l', seed: 's' },
      challengeId: 'c',
      contentHash: 'h',
    },
    ...{ attemptId: 'a', seed: 's', log: [], hintsOpened: [], before: 0 },
  }
  // The site takes what is due by itself; this one is of a moment ago and not due for long.
  const jobs = deps.storage.gradingsOwed
  await jobs.add({ key: 'one', who: 'l', payload: payload as never }, nowMs - 90_000)
  const taken = (await jobs.take(nowMs, 3_600_000, { key: 'one' }))!
  await jobs.add({ key: 'two', who: 'l', payload: payload as never }, nowMs)
  await jobs.fail((await jobs.take(nowMs, 3_600_000, { key: 'two' }))!, { text: 'no', values: {} })
  const metrics = createMetrics()
  let isAway = false
  const list = () => (isAway ? new Promise<never>(() => {}) : jobs.list())
  metrics.observe({
    labs: { about: async () => ({ engineVersion: '9.9.9' }) as never, load: () => ({ waiting: 3, running: 2 }) },
    sandboxes: { live: () => 7 },
    storage: { gradingsOwed: { ...jobs, list }, webhooksOwed: deps.storage.webhooksOwed },
    readiness: { problems: async () => ['storage'], drain: () => {} },
    now: () => nowMs,
    patienceMs: 500,
  })
  // A worker has said what it is.
  await new Promise(setImmediate)
  const samples = await scrape(metrics)
  assert.equal(samples.get('podium_jobs_owed{kind="grading"}'), 1)
  assert.equal(samples.get('podium_jobs_failed{kind="grading"}'), 1)
  assert.equal(samples.get('podium_jobs_oldest_seconds{kind="grading"}'), 90)
  assert.equal(samples.get('podium_jobs_oldest_seconds{kind="webhook"}'), 0)
  assert.equal(samples.get('podium_simulations_waiting'), 3)
  assert.equal(samples.get('podium_sandboxes_live'), 7)
  assert.equal(samples.get('podium_ready'), 0)
  assert.equal(samples.get('podium_not_ready{part="storage"}'), 1)
  assert.equal(samples.get(`podium_build_info{build="sources",engine="9.9.9",node="${process.version}"}`), 1)
  assert.equal([...samples.keys()].filter((name) => name.startsWith('nodejs_eventloop_lag')).length > 3, true)
  isAway = true
  const away = await scrape(metrics)
  assert.equal(away.get('podium_jobs_oldest_seconds{kind="grading"}'), undefined)
  assert.equal(away.get('podium_jobs_owed{kind="grading"}'), undefined)
  assert.equal(away.get('podium_sandboxes_live'), 7)
  isAway = false
  assert.equal((await scrape(metrics)).get('podium_jobs_unanswered_total'), 1)
  await jobs.done(taken)
  assert.equal((await scrape(metrics)).get('podium_jobs_owed{kind="grading"}'), 0)
})

test('the site tells nothing on its own port, and its port for metrics tells nothing else', async () => {
  const catalog = await loadCatalogOrThrow(fixtureFolder)
  const given = {
    secret: 'a secret of at least thirty-two characters',
    catalog: () => catalog,
    logger: pino({ level: 'silent' }),
  }
  const config = parseConfig({ WORKERS: '1', LOG_LEVEL: 'silent', METRICS_PORT: '0' })
  const site = await createSite({ ...given, config, store: createMemoryStore() })
  const metrics = metricsServer(site.metrics!, (error) => assert.fail(String(error)))
  try {
    await supertest(site.server).get('/metrics').expect(404)
    await supertest(site.server).get('/healthz').expect(200)
    const told = await supertest(metrics)
      .get('/metrics')
      .expect(200)
      .expect('Content-Type', /^text\/plain/)
    assert.match(told.text, /podium_http_requests_total\{route="none",method="GET",status="404"\} 1\n/)
    assert.match(told.text, /podium_http_requests_total\{route="\/healthz",method="GET",status="200"\} 1\n/)
    assert.match(told.text, /podium_child_processes\{kind="lab-process"\} 2\n/)
    assert.match(told.text, /podium_child_processes\{kind="host-process"\} [1-9]/)
    await supertest(metrics).get('/').expect(404)
    await supertest(metrics).get('/help').expect(404)
    await supertest(metrics).post('/metrics').expect(405)
    await supertest(metrics).get('/metrics').set('Sec-Fetch-Site', 'cross-site').expect(403)
    // A terminal that is refused is open for a moment only.
    site.server.listen(0, '127.0.0.1')
    await once(site.server, 'listening')
    const { port } = site.server.address() as AddressInfo
    const asked = httpRequest({
      port,
      path: '/nothing',
      headers: { Connection: 'Upgrade', Upgrade: 'websocket' },
    }).end()
    const [answer] = await once(asked, 'response')
    answer.resume()
    assert.equal(answer.statusCode, 404)
    await once(answer, 'close')
    const terminals = async () => (await scrape(site.metrics!)).get('podium_streams_open{kind="terminal"}')
    for (let n = 0; n < 50 && (await terminals()) !== 0; n++) await new Promise((done) => setTimeout(done, 20))
    assert.equal(await terminals(), 0)
  } finally {
    site.server.closeAllConnections()
    await site.close()
  }
})

test('without METRICS_PORT nothing is counted; with it, it listens on this machine alone unless told', () => {
  assert.equal(parseConfig({}).metrics, undefined)
  assert.deepEqual(parseConfig({ METRICS_PORT: '9100' }).metrics, { port: 9100, host: '127.0.0.1' })
  assert.deepEqual(parseConfig({ METRICS_PORT: '9100', METRICS_HOST: '0.0.0.0' }).metrics, {
    port: 9100,
    host: '0.0.0.0',
  })
  assert.throws(() => parseConfig({ METRICS_PORT: 'all' }), /METRICS_PORT="all": must be a whole number/)
})

test('a learner who works sees none of it', async () => {
  const { app, metrics } = await watched()
  const guest = await visitor(app)
  await guest.post('/try').expect(303)
  assert.equal((await scrape(metrics)).get('podium_http_requests_total{route="/try",method="POST",status="303"}'), 1)
})
