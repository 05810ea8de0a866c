/** What a collector of OpenTelemetry is told, what it never is, and that nobody waits for it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { pino } from 'pino'
import supertest from 'supertest'
import { loadCatalogOrThrow } from '../../../server/catalog/load.ts'
import { ConfigError, parseConfig } from '../../../server/config.ts'
import { LabRefusal } from '../../../server/labs/types.ts'
import { createSite } from '../../../server/site.ts'
import { createMemoryStore } from '../../../server/storage/memory.ts'
import { createTraces } from '../../../server/traces/traces.ts'
import { createFakeLabs } from '../fake-labs.ts'
import { createTestApp, fixtureFolder, visitor } from '../support.ts'

interface ToldSpan {
  name: string
  traceId: string
  spanId: string
  parentSpanId?: string
  status: { code: number }
  attributes: { key: string; value: { stringValue?: string; intValue?: number } }[]
}

const attributesOf = ({ attributes }: ToldSpan) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]))

/** A collector, and all that it was sent. */
async function collect(status = 200) {
  const bodies: string[] = []
  const server: Server = createServer(async (req, res) => {
    let body = ''
    for await (const part of req) body += part
    if (req.url === '/v1/traces') bodies.push(body)
    res.writeHead(status, { 'Content-Type': 'application/json' }).end('{}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const spans = (): ToldSpan[] =>
    bodies.flatMap((body) =>
      JSON.parse(body).resourceSpans.flatMap((resource: { scopeSpans: { spans: ToldSpan[] }[] }) =>
        resource.scopeSpans.flatMap((scope) => scope.spans),
      ),
    )
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies, spans, server }
}

async function tracedApp(endpoint: string, { trustsProxy = false, share = 1 } = {}) {
  const problems: string[] = []
  const traces = createTraces({
    ...{ endpoint, service: 'podium', share, trustsProxy },
    onProblem: (message) => void problems.push(message),
  })
  const labs = createFakeLabs()
  const site = await createTestApp({ traces, labs: traces.traced(labs) })
  return { ...site, labs, traces, problems }
}

test('a request is a span by the pattern of its route, and a run that it asks for is a part of it', async () => {
  const collector = await collect()
  const { app, traces } = await tracedApp(collector.endpoint)
  const person = await visitor(app)
  await person.htmx('/lessons/pod/restarts/demos/crash', { manifest: 'SECRET' }).expect(200)
  await supertest(app).get('/lessons/pod/GUESSED?token=SECRET').set('Authorization', 'SECRET').expect(404)
  await supertest(app).get('/healthz').expect(200)
  await supertest(app).get('/static/nothing.css').expect(404)
  await traces.close()
  const spans = collector.spans()
  const demo = spans.find(({ name }) => name.startsWith('POST /lessons/'))!
  assert.match(demo.name, /^POST \/lessons\/:/)
  assert.equal(attributesOf(demo)['http.response.status_code'], 200)
  assert.match(String(attributesOf(demo)['podium.request.id']), /^[0-9a-f]{16}$/)
  const run = spans.find(({ name }) => name === 'simulation runDemo')!
  assert.deepEqual([run.traceId, run.parentSpanId], [demo.traceId, demo.spanId])
  assert.equal(attributesOf(run)['podium.outcome'], 'done')
  assert.deepEqual(
    spans.map(({ name }) => name).filter((name) => !/lessons/.test(name)),
    ['GET /help', 'simulation runDemo'],
    'what machines ask all the time is told to nobody',
  )
  for (const body of collector.bodies) {
    assert.doesNotMatch(body, /SECRET|GUESSED|127\.0\.0\.1/)
    assert.ok(!body.includes(person.cookie))
  }
  collector.server.close()
})

test('a run that fails makes its span one that failed; a limit that holds does not', async () => {
  const collector = await collect()
  const { app, labs, traces } = await tracedApp(collector.endpoint)
  labs.runDemo = () => Promise.reject(new Error('SECRET'))
  const failing = traces.traced(labs)
  await assert.rejects(failing.runDemo('somebody', {} as Parameters<typeof labs.runDemo>[1]), /SECRET/)
  labs.lint = () => Promise.reject(new LabRefusal(422, 'SECRET'))
  await assert.rejects(traces.traced(labs).lint('somebody', 'SECRET'), LabRefusal)
  await supertest(app).get('/help').expect(200)
  await traces.close()
  const refused = collector.spans().find(({ name }) => name === 'simulation lint')!
  assert.deepEqual([refused.status.code, attributesOf(refused)['podium.outcome']], [0, 'refused'])
  const run = collector.spans().find(({ name }) => name === 'simulation runDemo')!
  assert.equal(run.status.code, 2)
  assert.equal(attributesOf(run)['podium.outcome'], 'failed')
  assert.equal(run.parentSpanId || undefined, undefined, 'nobody asked for it')
  assert.doesNotMatch(collector.bodies.join(), /SECRET/)
  collector.server.close()
})

test('of which trace a request is a part says a proxy that is trusted, and nobody else', async () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  for (const trustsProxy of [true, false]) {
    const collector = await collect()
    const { app, traces } = await tracedApp(collector.endpoint, { trustsProxy })
    await supertest(app).get('/help').set('traceparent', `00-${traceId}-b7ad6b7169203331-01`).expect(200)
    await traces.close()
    assert.equal(collector.spans()[0]!.traceId === traceId, trustsProxy)
    collector.server.close()
  }
})

test('of a share of none nothing is sent', async () => {
  const collector = await collect()
  const { app, traces } = await tracedApp(collector.endpoint, { share: 0 })
  await supertest(app).get('/help').expect(200)
  await traces.close()
  assert.deepEqual(collector.bodies, [])
  collector.server.close()
})

test('a collector that refuses or is away is told of once, and nobody waits for it', async () => {
  const refusing = await collect(400)
  const gone = await collect()
  gone.server.close()
  for (const { endpoint } of [refusing, gone]) {
    const { app, traces, problems } = await tracedApp(endpoint)
    for (let n = 0; n < 20; n++) await supertest(app).get('/help').expect(200)
    await traces.close()
    // One that is away may be tried again until the end: then nobody has heard of it yet.
    if (endpoint === refusing.endpoint) assert.equal(problems.length, 1)
    assert.ok(problems.length <= 1, problems.join('\n'))
    for (const problem of problems) assert.match(problem, /^traces cannot be sent to http:.* and are dropped: /)
  }
  refusing.server.close()
})

test('a site traces where it is told to, and its end sends what is left', async () => {
  const collector = await collect()
  const catalog = await loadCatalogOrThrow(fixtureFolder)
  const given = {
    secret: 'a secret of at least thirty-two characters',
    catalog: () => catalog,
    logger: pino({ level: 'silent' }),
  }
  const env = { WORKERS: '1', SANDBOX_THREADS: '1', LOG_LEVEL: 'silent' }
  const traced = await createSite({
    ...given,
    config: parseConfig({ ...env, OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.endpoint}/` }),
    store: createMemoryStore(),
  })
  await supertest(traced.server).get('/help').expect(200)
  await traced.close()
  assert.deepEqual(
    collector.spans().map(({ name }) => name),
    ['GET /help'],
  )
  collector.server.close()
  const plain = await createSite({ ...given, config: parseConfig(env), store: createMemoryStore() })
  assert.equal(plain.deps.traces, undefined)
  await plain.close()
})

test('a configuration that cannot be used is refused in words', () => {
  for (const [name, value] of [
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5'],
    ['OTEL_TRACES_SAMPLER_ARG', 'all'],
  ] as const)
    assert.throws(
      () => parseConfig({ [name]: value }),
      (error) => error instanceof ConfigError && error.message.includes(name),
    )
})
