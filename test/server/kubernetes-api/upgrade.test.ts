/** Upgrades that are refused, each with an answer that says why. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { printFrame } from '../../../server/kubernetes-api/spdy/frames.ts'
import type { ExecSession, HttpAnswer, PortForwardSession } from '../../../server/labs/sandboxes/sessions.ts'
import { localPorts, notedSession } from './fake-sessions.ts'
import { rawRequest, spdyClient } from './raw-connection.ts'
import { streamServer } from './stream-server.ts'

const webSocket = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
}
const spdy = { Connection: 'Upgrade', Upgrade: 'SPDY/3.1' }
const exec = () => notedSession().session
const forward = () => localPorts({})

interface Case {
  name: string
  line?: string
  headers: Record<string, string>
  outcome: () => ExecSession | PortForwardSession | HttpAnswer
  status: number
  says: RegExp
  /** Headers of the answer. */
  has?: Record<string, string>
}

const cases: Case[] = [
  {
    name: 'a subprotocol of exec that does not exist',
    headers: { ...webSocket, 'Sec-WebSocket-Protocol': 'v6.channel.k8s.io, chat' },
    outcome: exec,
    status: 403,
    says: /"message":"requested protocol\(s\) are not supported: \[v6\.channel\.k8s\.io chat\]; supports \[v5\.channel\.k8s\.io /,
  },
  {
    name: 'port-forward by the protocol of exec',
    headers: { ...webSocket, 'Sec-WebSocket-Protocol': 'v5.channel.k8s.io' },
    outcome: forward,
    status: 403,
    says: /supports \[SPDY\/3\.1\+portforward\.k8s\.io v4\.channel\.k8s\.io v4\.base64\.channel\.k8s\.io\]/,
  },
  {
    name: 'another version of WebSocket',
    headers: { ...webSocket, 'Sec-WebSocket-Version': '12' },
    outcome: exec,
    status: 400,
    says: /unable to upgrade: .*Sec-WebSocket-Version/,
  },
  {
    name: 'a key that is none',
    headers: { ...webSocket, 'Sec-WebSocket-Key': 'short' },
    outcome: exec,
    status: 400,
    says: /unable to upgrade: .*Sec-WebSocket-Key/,
  },
  {
    name: 'WebSocket by POST',
    line: 'POST /exec',
    headers: { ...webSocket, 'Content-Length': '0' },
    outcome: exec,
    status: 400,
    says: /unable to upgrade: .*method/i,
  },
  {
    name: 'a protocol that is neither',
    headers: { ...spdy, Upgrade: 'h2c' },
    outcome: exec,
    status: 400,
    says: /"message":"unable to upgrade: \\"h2c\\" is neither websocket nor SPDY\/3\.1","reason":"BadRequest","code":400/,
  },
  {
    name: 'SPDY without versions',
    line: 'POST /exec',
    headers: spdy,
    outcome: exec,
    status: 400,
    says: /^unable to upgrade: X-Stream-Protocol-Version is required\n$/,
  },
  {
    name: 'SPDY with versions that do not exist',
    line: 'POST /exec',
    headers: { ...spdy, 'X-Stream-Protocol-Version': 'v9.channel.k8s.io' },
    outcome: exec,
    status: 403,
    says: /^unable to upgrade: unable to negotiate protocol: client supports \[v9\.channel\.k8s\.io\], server accepts \[v5/,
    has: {
      'x-accepted-stream-protocol-versions':
        'v5.channel.k8s.io, v4.channel.k8s.io, v3.channel.k8s.io, v2.channel.k8s.io, channel.k8s.io',
    },
  },
  {
    name: 'port-forward over SPDY by the protocol of exec',
    line: 'POST /portforward',
    headers: { ...spdy, 'X-Stream-Protocol-Version': 'v5.channel.k8s.io' },
    outcome: forward,
    status: 403,
    says: /server accepts \[portforward\.k8s\.io\]/,
  },
  {
    name: 'channels without ports',
    line: 'GET /portforward',
    headers: webSocket,
    outcome: forward,
    status: 400,
    says: /query parameter \\"port\\" is required/,
  },
  {
    name: 'an empty port',
    line: 'GET /portforward?ports=80,',
    headers: webSocket,
    outcome: forward,
    status: 400,
    says: /query parameter \\"port\\" cannot be empty/,
  },
  {
    name: 'the port 0',
    line: 'GET /portforward?ports=0',
    headers: webSocket,
    outcome: forward,
    status: 400,
    says: /port \\"0\\" must be > 0/,
  },
  {
    name: 'a port that is no number',
    line: 'GET /portforward?ports=http',
    headers: webSocket,
    outcome: forward,
    status: 400,
    says: /unable to parse \\"http\\" as a port/,
  },
  {
    name: 'a port beyond all',
    line: 'GET /portforward?ports=65536',
    headers: webSocket,
    outcome: forward,
    status: 400,
    says: /unable to parse \\"65536\\" as a port/,
  },
  {
    name: 'more ports than channels',
    line: `GET /portforward?ports=${Array(200).fill(80)}`,
    headers: webSocket,
    outcome: forward,
    status: 400,
    says: /200 ports are too many/,
  },
  {
    name: 'what the API refuses',
    headers: webSocket,
    outcome: () => ({
      kind: 'answer',
      status: 404,
      headers: { 'content-type': 'application/json', 'Audit-Id': 'x1' },
      body: '{"kind":"Status"}',
    }),
    status: 404,
    says: /^\{"kind":"Status"\}$/,
    has: { 'audit-id': 'x1', 'content-length': '17' },
  },
]

describe('an upgrade is refused:', () => {
  for (const { name, line = 'GET /exec', headers, outcome, status, says, has = {} } of cases)
    test(name, async (t) => {
      const server = await streamServer(t, outcome)
      const answer = await rawRequest(t, server.port, line, headers)
      assert.equal(answer.status, status)
      assert.match(await answer.body(), says)
      assert.equal(answer.headers.connection, 'close')
      for (const [header, value] of Object.entries(has)) assert.equal(answer.headers[header], value)
      assert.deepEqual(server.errors, [])
    })
})

test('a forwarding that is refused is over for the API too', async (t) => {
  const notes: string[] = []
  const server = await streamServer(t, () => localPorts({}, notes))
  await (await rawRequest(t, server.port, 'GET /portforward', webSocket)).body()
  assert.deepEqual(notes, ['close'])
})

test('a client that has gone before the API has answered starts nothing', async (t) => {
  const noted = notedSession()
  const notes: string[] = []
  const server = await streamServer(t, (url, request) => {
    request.socket.destroy()
    return url.pathname === '/exec' ? noted.session : localPorts({}, notes)
  })
  for (const line of ['GET /exec', 'GET /portforward?ports=80']) {
    const answered = rawRequest(t, server.port, line, webSocket)
    await assert.rejects(Promise.race([answered, new Promise((_, reject) => setTimeout(reject, 100))]))
  }
  assert.equal(server.upgrades.length, 2)
  assert.deepEqual([noted.notes, notes, server.errors], [[], ['close'], []])
})

test('what a client sends together with its request is part of the stream', async (t) => {
  const noted = notedSession()
  const server = await streamServer(t, () => noted.session)
  const masked = Buffer.of(0x82, 0x83, 0, 0, 0, 0, 0, 0x68, 0x69)
  const { status } = await rawRequest(t, server.port, 'GET /exec', webSocket, masked)
  assert.equal(status, 101)
  await noted.noted(2)
  assert.deepEqual(noted.notes, ['open', 'write hi'])

  const ping = printFrame({ type: 'ping', id: 1 })
  const versions = { ...spdy, 'X-Stream-Protocol-Version': 'v4.channel.k8s.io' }
  const { socket } = await rawRequest(t, server.port, 'POST /exec', versions, ping)
  socket.resume()
  const [pong] = await once(socket, 'data')
  assert.deepEqual(pong, ping)
})

test('whatever follows an upgrade, the server goes on', async (t) => {
  const server = await streamServer(t, (url) => (url.pathname === '/exec' ? exec() : forward()), {
    limits: { maxFrameBytes: 1000, lingerMs: 50 },
  })
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.uint8Array({ maxLength: 60 }).map((each) => Uint8Array.of(0x80, 3, 0, 1, 0, 0, 0, each.length, ...each)),
    fc.uint8Array({ maxLength: 60 }).map((each) => Uint8Array.of(0x82, 0x80 | each.length, 0, 0, 0, 0, ...each)),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('exec', 'portforward'),
      fc.boolean(),
      fc.array(bytes, { maxLength: 5 }),
      async (verb, isSpdy, parts) => {
        const versions = verb === 'exec' ? 'v4.channel.k8s.io' : 'portforward.k8s.io'
        const answer = isSpdy
          ? await rawRequest(t, server.port, `POST /${verb}`, { ...spdy, 'X-Stream-Protocol-Version': versions })
          : await rawRequest(t, server.port, `GET /${verb}?ports=80`, webSocket)
        assert.equal(answer.status, 101)
        for (const part of parts) answer.socket.write(part)
        answer.socket.resume()
        answer.socket.end()
        await new Promise((done) => answer.socket.once('close', done))
      },
    ),
    { numRuns: 150 },
  )
  assert.deepEqual(server.errors, [])
  const last = await spdyClient(t, server.port, '/exec', 'v4.channel.k8s.io')
  assert.equal(last.answer.status, 101)
})
