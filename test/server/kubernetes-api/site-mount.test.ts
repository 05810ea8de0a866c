import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, get, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { pino } from 'pino'
import supertest from 'supertest'
import { parseConfig } from '../../../server/config.ts'
import { hideAddresses } from '../../../server/hidden-addresses.ts'
import { mountSandboxes } from '../../../server/kubernetes-api/site-mount.ts'
import { createUpgrades } from '../../../server/upgrades.ts'
import { aConfigMap, handWall, someSandboxes, someShape } from '../labs/sandboxes/support.ts'
import { createTestApp } from '../support.ts'

const hourMs = 3_600_000
const configMaps = '/api/v1/namespaces/default/configmaps'

async function aSite(over: { rateLimit?: number; env?: Record<string, string> } = {}) {
  const wall = handWall()
  const { sandboxes } = await someSandboxes({ wall })
  const config = parseConfig({
    LOG_LEVEL: 'silent',
    SANDBOX_RATE_LIMIT: String(over.rateLimit ?? 6000),
    ...over.env,
  })
  const { app, deps } = await createTestApp({ sandboxes, config })
  const { id } = await sandboxes.create('ann', { name: 'one', shape: someShape })
  const { secret } = await sandboxes.address(id)
  return { app, deps, sandboxes, wall, id, secret, api: `/k8s/${secret}` }
}

/** Served on a port, for what stays open. */
async function served(site: Awaited<ReturnType<typeof aSite>>) {
  const server = createServer(site.app)
  const upgrades = createUpgrades(site.deps)
  server.on('upgrade', upgrades.handle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    async open(path: string): Promise<IncomingMessage> {
      const [answer] = (await once(get({ port, host: '127.0.0.1', path, agent: false }), 'response')) as [
        IncomingMessage,
      ]
      return answer.setEncoding('utf8')
    },
    close() {
      upgrades.close()
      server.close()
      server.closeAllConnections()
    },
  }
}

test('an address opens its sandbox, without a session or a page about it', async () => {
  const { app, api } = await aSite()
  const made = await supertest(app).post(`${api}${configMaps}`).send(aConfigMap('a'))
  assert.equal(made.status, 201)
  const seen = await supertest(app).get(`${api}${configMaps}/a`)
  assert.equal(seen.body.data.text, 'x')
  assert.equal(seen.headers['set-cookie'], undefined)
  assert.equal(seen.headers['x-content-type-options'], 'nosniff')
  assert.match(seen.headers['content-security-policy']!, /sandbox/)
  assert.equal(seen.headers['referrer-policy'], 'no-referrer')
})

test('a warning in any letters reaches the client', async () => {
  const { app, api } = await aSite()
  const made = await supertest(app)
    .post(`${api}${configMaps}`)
    .send({ ...aConfigMap('a'), größe: 1 })
  assert.equal(made.status, 201)
  const warning = Buffer.from(made.headers.warning!, 'latin1').toString('utf8')
  assert.equal(warning, '299 - "unknown field \\"größe\\""')
})

test('a watch ends at its time, with what it tells last; one for months stays open', async () => {
  const site = await aSite()
  const { port, open, close } = await served(site)
  const brief = await open(`${site.api}${configMaps}?watch=1&timeoutSeconds=1&allowWatchBookmarks=true`)
  const lines = (await brief.toArray()).join('').trim().split('\n')
  assert.equal(JSON.parse(lines.at(-1)!).type, 'BOOKMARK')
  const long = await open(`${site.api}${configMaps}?watch=1&timeoutSeconds=9000000&resourceVersion=0`)
  let seen = ''
  long.on('data', (text) => {
    seen += text
  })
  await supertest(`http://127.0.0.1:${port}`).post(`${site.api}${configMaps}`).send(aConfigMap('later'))
  while (!seen.includes('"later"'))
    await Promise.race([once(long, 'data'), once(long, 'end').then(() => assert.fail(seen))])
  close()
})

test('what a Pod answers sets no cookie of the site and loosens no rule of it', async () => {
  const { app, sandboxes, id, wall, api } = await aSite()
  const headers = [
    'set-cookie: podium=x; Path=/',
    'clear-site-data: "*"',
    'content-security-policy: default-src *',
    'x-own: 1',
  ]
  const answer = ['HTTP/1.1 200 OK', ...headers, '', 'hello'].join('\\r\\n')
  const spec = {
    name: 'c',
    image: 'busybox',
    command: ['sh', '-c', `while true; do printf '${answer}' | nc -l -p 80; done`],
  }
  await sandboxes.setSpeed(id, 1)
  const made = await supertest(app)
    .post(`${api}/api/v1/namespaces/default/pods`)
    .send({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'rude' }, spec: { containers: [spec] } })
  assert.equal(made.status, 201)
  wall.pass(30_000)
  const seen = await supertest(app).get(`${api}/api/v1/namespaces/default/pods/rude/proxy/`)
  assert.equal(seen.text, 'hello')
  assert.equal(seen.headers['x-own'], '1')
  assert.equal(seen.headers['set-cookie'], undefined)
  assert.equal(seen.headers['clear-site-data'], undefined)
  assert.match(seen.headers['content-security-policy']!, /^default-src 'none'; sandbox/)
})

for (const chunked of [false, true])
  test(`a body of more than 3 MB${chunked ? ', of no length told,' : ''} is answered as the API server answers`, async () => {
    const site = await aSite()
    const { port, close } = await served(site)
    const body = Buffer.from(JSON.stringify({ ...aConfigMap('a'), data: { text: 'x'.repeat(20 * 2 ** 20) } }))
    const asked = request({
      ...{ host: '127.0.0.1', port, method: 'POST', path: `${site.api}${configMaps}` },
      headers: {
        'Content-Type': 'application/json',
        ...(chunked ? { 'Transfer-Encoding': 'chunked' } : { 'Content-Length': body.length }),
      },
    })
    asked.on('error', () => undefined)
    asked.write(body)
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    const status = JSON.parse((await answer.toArray()).join(''))
    assert.deepEqual(
      [answer.statusCode, answer.headers.connection, status.reason],
      [413, 'close', 'RequestEntityTooLarge'],
    )
    asked.destroy()
    close()
  })

test('an address opens one sandbox and nothing else', async () => {
  const { app, sandboxes, api } = await aSite()
  const other = await sandboxes.create('bob', { name: 'other', shape: someShape })
  const { secret } = await sandboxes.address(other.id)
  await supertest(app).post(`${api}${configMaps}`).send(aConfigMap('a'))
  assert.equal((await supertest(app).get(`/k8s/${secret}${configMaps}/a`)).status, 404)
  assert.equal((await supertest(app).get(`${api}/../${secret}/healthz`)).status, 404)
})

const nobody = [
  { name: 'a secret that nobody has', of: () => '/k8s/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' },
  { name: "a sandbox's id", of: (site: { id: string }) => `/k8s/${site.id}` },
  { name: 'no secret', of: () => '/k8s/' },
  { name: 'half a secret', of: (site: { secret: string }) => `/k8s/${site.secret.slice(0, 20)}` },
]
test('whatever is no valid address gets the same 404, which tells nothing', async () => {
  const site = await aSite()
  const answers = []
  for (const { of } of nobody) answers.push(await supertest(site.app).get(`${of(site)}/api/v1/namespaces`))
  for (const [place, { status, text }] of answers.entries()) {
    assert.equal(status, 404, nobody[place]!.name)
    assert.equal(JSON.parse(text).kind, 'Status')
    assert.equal(text, answers[0]!.text, nobody[place]!.name)
  }
})

test('an address expires, is renewed by another one, and ends when it is closed', async () => {
  const { app, sandboxes, wall, id, secret, api } = await aSite()
  const version = (of: string) => supertest(app).get(`${of}/version`)
  assert.equal((await version(api)).status, 200)
  assert.deepEqual((await sandboxes.address(id)).secret, secret)
  wall.pass(25 * hourMs)
  assert.equal((await version(api)).status, 404)
  const renewed = await sandboxes.address(id)
  assert.notEqual(renewed.secret, secret)
  assert.equal((await version(`/k8s/${renewed.secret}`)).status, 200)
  const rotated = await sandboxes.rotateAddress(id)
  assert.equal((await version(`/k8s/${renewed.secret}`)).status, 404)
  assert.equal((await version(`/k8s/${rotated.secret}`)).status, 200)
  await sandboxes.closeAddress(id)
  assert.equal((await version(`/k8s/${rotated.secret}`)).status, 404)
  assert.equal((await sandboxes.find('ann', id))!.hasAddress, false)
})

test('a watch tells what another request changes, and ends with its address', async () => {
  const site = await aSite()
  const server = await served(site)
  const watch = await server.open(`${site.api}${configMaps}?watch=true&resourceVersion=0`)
  let text = ''
  watch.on('data', (part: string) => {
    text += part
  })
  const ended = new Promise((resolve) => watch.once('close', resolve))
  await supertest(site.app).post(`${site.api}${configMaps}`).send(aConfigMap('watched'))
  while (!text.includes('"watched"')) {
    site.wall.pass(10)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await site.sandboxes.rotateAddress(site.id)
  watch.on('error', () => undefined)
  await ended
  server.close()
})

test('who asks too often is told to wait, and other sandboxes are not', async () => {
  const { app, sandboxes, api } = await aSite({ rateLimit: 3 })
  const statuses = []
  for (let n = 0; n < 5; n++) statuses.push((await supertest(app).get(`${api}/version`)).status)
  assert.deepEqual(statuses, [200, 200, 200, 429, 429])
  const told = await supertest(app).get(`${api}/version`)
  assert.equal(told.body.reason, 'TooManyRequests')
  assert.equal(told.headers['retry-after'], '20')
  const other = await sandboxes.create('bob', { name: 'other', shape: someShape })
  const { secret } = await sandboxes.address(other.id)
  assert.equal((await supertest(app).get(`/k8s/${secret}/version`)).status, 200)
})

test('watches have places of their own: however many are open, a request is answered, and the other way round', async () => {
  const { sandboxes } = await someSandboxes()
  const { id } = await sandboxes.create('ann', { name: 'one', shape: someShape })
  const api = `/k8s/${(await sandboxes.address(id)).secret}`
  const mount = mountSandboxes({
    config: parseConfig({}),
    sandboxes,
    perMinute: 1000,
    most: { requests: 2, streams: 2 },
    // Of bodies that break off.
    onError: (error) => assert.match(String(error), /aborted/),
  })
  const server = createServer(mount.request).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    request({ port, host: '127.0.0.1', path: api + path, method, headers, agent: false })
  const answered = async (asked: ReturnType<typeof ask>) => {
    asked.end()
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    return answer.on('error', () => undefined)
  }
  const watch = () => answered(ask(`${configMaps}?watch=true`))
  const version = () => answered(ask('/version'))
  const statusOf = async (answer: Promise<IncomingMessage>) => {
    const { statusCode } = await answer
    ;(await answer).resume()
    return statusCode
  }
  try {
    const first = await watch()
    assert.deepEqual([first.statusCode, (await watch()).statusCode], [200, 200])
    const third = await watch()
    assert.equal(third.statusCode, 429)
    assert.equal(third.headers['retry-after'], '1')
    const parts: Buffer[] = []
    for await (const part of third) parts.push(part as Buffer)
    const status = JSON.parse(Buffer.concat(parts).toString())
    assert.deepEqual([status.kind, status.reason, status.code], ['Status', 'TooManyRequests', 429])
    assert.equal(await statusOf(version()), 200)
    first.destroy()
    for (let tries = 0; (await statusOf(watch())) !== 200; tries++) assert.ok(tries < 100, 'a place is free again')

    // Bodies that do not come: each holds the place of a request.
    const slow = [1, 2].map(() => ask(configMaps, { 'content-length': '10' }, 'POST'))
    for (const each of slow) {
      each.on('error', () => undefined)
      each.flushHeaders()
    }
    for (let tries = 0; (await statusOf(version())) !== 429; tries++) assert.ok(tries < 100, 'no place is left')
    for (const each of slow) each.destroy()
    for (let tries = 0; (await statusOf(version())) !== 200; tries++) assert.ok(tries < 100, 'a place is free again')
  } finally {
    server.closeAllConnections()
    server.close()
    await sandboxes.close()
  }
})

test('large bodies are handed on one at a time, small ones beside them; one that fails holds up none', async () => {
  const { sandboxes } = await someSandboxes()
  const { id } = await sandboxes.create('ann', { name: 'one', shape: someShape })
  const api = `/k8s/${(await sandboxes.address(id)).secret}`
  let [asked, most, count] = [0, 0, 0]
  const slow: typeof sandboxes.request = async (of, given) => {
    if (given.body.length < 1000) return sandboxes.request(of, given)
    most = Math.max(most, ++asked)
    await new Promise((done) => setTimeout(done, 20))
    asked--
    if (++count === 2) throw new Error('for once')
    return sandboxes.request(of, given)
  }
  const errors: unknown[] = []
  const mount = mountSandboxes({
    config: parseConfig({}),
    sandboxes: {
      findByAddress: (secret) => sandboxes.findByAddress(secret),
      whenAddressEnds: (secret, act) => sandboxes.whenAddressEnds(secret, act),
      request: slow,
    },
    perMinute: 1000,
    onError: (error) => errors.push(error),
  })
  const server = createServer(mount.request)
  const post = (name: string, data: object) =>
    supertest(server)
      .post(`${api}${configMaps}`)
      .set('content-type', 'application/json')
      .send(JSON.stringify({ ...aConfigMap(name), data }))
  const large = ['a', 'b', 'c', 'd'].map((name) => post(name, { text: 'x'.repeat(200_000) }))
  const answers = await Promise.all([...large, post('small', {})])
  assert.deepEqual(answers.map(({ status }) => status).toSorted(), [201, 201, 201, 201, 500])
  assert.deepEqual({ most, errors: errors.length }, { most: 1, errors: 1 })
  await sandboxes.close()
})

test('an address does not reach the log', () => {
  const lines: string[] = []
  const logger = pino({ hooks: { streamWrite: hideAddresses } }, { write: (line) => void lines.push(line) })
  logger.error({ err: new Error('GET /k8s/s3cret-of_it/api failed'), url: 'https://a/k8s/s3cret-of_it?x=1' }, 'no')
  assert.equal(lines.length, 1)
  assert.doesNotMatch(lines[0]!, /s3cret/)
  assert.match(lines[0]!, /\/k8s\/\(hidden\)\/api/)
})

test('a request by a name that is not ours is misdirected, and says by which it is reached', async () => {
  const { app, api } = await aSite()
  const refused = await supertest(app).get(`${api}${configMaps}`).set('Host', 'evil.example:3000')
  assert.deepEqual([refused.status, refused.body.kind, refused.body.code], [421, 'Status', 421])
  assert.match(refused.body.message, /does not answer to "evil\.example:3000": .*ALLOWED_HOSTS/)
  for (const host of ['localhost:3000', '10.0.0.7', '[::1]:3000'])
    assert.equal((await supertest(app).get(`${api}${configMaps}`).set('Host', host)).status, 200, host)
  const env = { PUBLIC_URL: 'https://podium.example.org', ALLOWED_HOSTS: 'lab, .school.example' }
  const named = await aSite({ env })
  for (const host of ['podium.example.org', 'lab:3000', 'a.school.example'])
    assert.equal((await supertest(named.app).get(`${named.api}${configMaps}`).set('Host', host)).status, 200, host)
  const other = await supertest(named.app).get(`${named.api}${configMaps}`).set('Host', 'evil.example')
  assert.equal(other.status, 421)
  assert.match(other.body.message, /reached at https:\/\/podium\.example\.org/)
  // Pages are not held to it: they believe no name.
  assert.equal((await supertest(named.app).get('/help').set('Host', 'evil.example')).status, 200)
})

test('a request of a page elsewhere is refused, whatever address it knows', async () => {
  const { app, api } = await aSite()
  const from = (origin: string) =>
    supertest(app).post(`${api}${configMaps}`).set('Host', '127.0.0.1:3000').set('Origin', origin).send(aConfigMap('a'))
  for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:9000']) {
    const { status, body } = await from(origin)
    assert.deepEqual([status, body.kind, body.reason], [403, 'Status', 'Forbidden'], origin)
  }
  assert.equal((await from('http://127.0.0.1:3000')).status, 201)
  const nowhere = await supertest(app).get('/k8s/none/api').set('Origin', 'https://evil.example')
  assert.equal(nowhere.status, 403)
})

test('an upgrade by another name or of a page elsewhere is refused as well', async () => {
  const site = await aSite()
  const { port, close } = await served(site)
  const upgrade = async (headers: Record<string, string>) => {
    const path = `${site.api}/api/v1/namespaces/default/pods/none/exec?command=ls&stdout=1`
    const upgrading = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' }
    const asked = request({ port, path, host: '127.0.0.1', headers: { ...upgrading, ...headers } })
    asked.end()
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    return { status: answer.statusCode, body: JSON.parse((await answer.setEncoding('utf8').toArray()).join('')) }
  }
  try {
    assert.equal((await upgrade({ host: 'evil.example' })).status, 421)
    const { status, body } = await upgrade({ origin: 'https://evil.example' })
    assert.deepEqual([status, body.reason], [403, 'Forbidden'])
    assert.equal((await upgrade({})).status, 404)
  } finally {
    close()
  }
})
