/** Requests that are handed from one process to another, and what may go wrong on the way. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { createForwarding } from '../../../server/peers/forwarding.ts'
import type { LivingPeer } from '../../../server/storage/leases.ts'

const secret = 'a secret of at least thirty-two characters'

async function listening(t: TestContext, server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A front that hands on whatever begins with /there, and the door of the process behind it. */
async function pair(
  t: TestContext,
  serve: (req: IncomingMessage, res: ServerResponse) => void,
  upgrade: (req: IncomingMessage, socket: Duplex) => void = (_, socket) => void socket.destroy(),
) {
  const problems: string[] = []
  const declared: string[] = []
  const owner: LivingPeer = { id: 'owner', url: '', engine: '', held: 0, silentMs: 0 }
  const state = { isAlive: true }
  const forwarding = createForwarding({
    secret,
    membership: {
      peers: () => (state.isAlive ? [owner] : []),
      self: () => ({ id: 'front', url: '', engine: '' }),
      async declareEnded({ id }) {
        declared.push(id)
        state.isAlive = false
        return true
      },
    },
    isAbout: (url) => url.startsWith('/there'),
    ownerOf: async () => (state.isAlive ? owner : 'here'),
    onProblem: (message) => problems.push(message),
  })
  t.after(() => forwarding.close())
  const door = forwarding.door({ request: serve, upgrade })
  owner.url = await listening(t, door)
  const front = createServer((req, res) =>
    forwarding.request(req, res, () => res.writeHead(200, { 'x-answered': 'here' }).end('here')),
  )
  front.on('upgrade', (req, socket, head) => forwarding.upgrade(req, socket, head, () => socket.end('here')))
  return { front: await listening(t, front), door, owner, state, problems, declared }
}

const read = async (req: IncomingMessage): Promise<string> => {
  let text = ''
  for await (const part of req.setEncoding('utf8')) text += part
  return text
}

test('method, path, body, headers, status and the caller’s address arrive as they were sent, with and without a length', async (t) => {
  const { front } = await pair(t, async (req, res) => {
    const body = await read(req)
    res.writeHead(207, { 'set-cookie': ['a=1', 'b=2'], 'x-one': 'ü'.normalize('NFC').length.toString() })
    res.end(
      JSON.stringify({
        ...{
          method: req.method,
          url: req.url,
          length: body.length,
          host: req.headers.host,
          twice: req.headers['x-twice'],
        },
        ...{ address: req.socket.remoteAddress, connection: req.headers.connection },
      }),
    )
  })
  const big = 'x'.repeat(300_000)
  for (const body of [undefined, 'short', big, new Blob([big]).stream()]) {
    const answer = await fetch(`${front}/there/a%20b?c=%2F`, {
      method: body === undefined ? 'DELETE' : 'PUT',
      headers: { 'x-twice': 'a, b', 'x-podium-peer-address': '6.6.6.6' },
      ...(body === undefined ? {} : { body, duplex: 'half' }),
    } as RequestInit)
    assert.deepEqual([answer.status, answer.headers.getSetCookie()], [207, ['a=1', 'b=2']])
    assert.deepEqual(await answer.json(), {
      ...{ method: body === undefined ? 'DELETE' : 'PUT', url: '/there/a%20b?c=%2F' },
      ...{ length: body === undefined ? 0 : body === 'short' ? 5 : 300_000, host: new URL(front).host, twice: 'a, b' },
      ...{ address: '127.0.0.1', connection: 'close' },
    })
  }
  const elsewhere = await fetch(`${front}/other`)
  assert.equal(await elsewhere.text(), 'here')
})

test('answers without a body, and streams as they come, go through; a client that goes ends them', async (t) => {
  let isGone: Promise<unknown> | undefined
  let write: (text: string) => void = () => undefined
  const { front } = await pair(t, (req, res) => {
    if (req.url === '/there/304') return void res.writeHead(304, { etag: '"x"' }).end()
    if (req.method === 'HEAD') return void res.writeHead(200, { 'content-length': '999' }).end()
    res.writeHead(200, { 'content-type': 'text/event-stream' })
    res.flushHeaders()
    isGone = once(res, 'close')
    write = (text) => void res.write(text)
  })
  const same = await fetch(`${front}/there/304`)
  assert.deepEqual([same.status, same.headers.get('etag'), await same.text()], [304, '"x"', ''])
  const head = await fetch(`${front}/there`, { method: 'HEAD' })
  assert.equal(head.headers.get('content-length'), '999')
  const controller = new AbortController()
  const stream = await fetch(`${front}/there/stream`, { signal: controller.signal })
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader()
  for (const text of ['one', 'two']) {
    write(text)
    assert.equal((await reader.read()).value, text)
  }
  controller.abort()
  await reader.cancel().catch(() => undefined)
  await isGone
})

test('an upgrade goes through both ways, and its refusal too', async (t) => {
  const { front } = await pair(
    t,
    (_, res) => void res.end(),
    (req, socket) => {
      if (req.url === '/there/no') return void socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno')
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
      socket.pipe(socket)
    },
  )
  const { hostname, port } = new URL(front)
  const open = (path: string) => {
    const socket = connect(Number(port), hostname)
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nearly `)
    return socket.setEncoding('utf8')
  }
  const socket = open('/there/yes')
  let text = ''
  socket.on('data', (part: string) => {
    text += part
  })
  socket.write('late')
  while (!text.endsWith('early late')) await once(socket, 'data')
  assert.match(text, /^HTTP\/1\.1 101 Switching Protocols\r\n/)
  socket.destroy()
  const refused = open('/there/no')
  let answer = ''
  for await (const part of refused) answer += part
  assert.match(answer, /^HTTP\/1\.1 403 Forbidden\r\n[\s\S]*no$/)
})

test('a process whose door is shut has ended, and its requests are answered here', async (t) => {
  const { front, door, declared } = await pair(t, (_, res) => void res.end('there'))
  assert.equal(await (await fetch(`${front}/there`)).text(), 'there')
  door.closeAllConnections()
  await new Promise((done) => door.close(done))
  const answer = await fetch(`${front}/there`, { method: 'POST', body: 'x' })
  assert.deepEqual([await answer.text(), declared], ['here', ['owner']])
})

test('of a process that goes while it answers, what changes nothing is asked again, and the rest told', async (t) => {
  let asked = 0
  const { front, state } = await pair(t, (req) => {
    asked++
    state.isAlive = false
    req.socket.destroy()
  })
  assert.equal(await (await fetch(`${front}/there`)).text(), 'here')
  state.isAlive = true
  const told = await fetch(`${front}/there`, { method: 'POST', body: 'x' })
  assert.deepEqual([told.status, told.headers.get('retry-after')], [503, '1'])
  assert.match(await told.text(), /ended while it answered/)
  assert.equal(asked, 2)
})

test('what waits for a process that is silent for too long is cut off and told', async (t) => {
  const { front, state } = await pair(t, () => undefined)
  const waiting = fetch(`${front}/there`, { method: 'POST', body: 'x' })
  await new Promise((done) => setTimeout(done, 100))
  state.isAlive = false
  assert.equal((await waiting).status, 503)
})

test('the door opens to what is signed for that path, for a while, and to nothing else', async (t) => {
  let opened = 0
  const { owner, front } = await pair(t, (_, res) => {
    opened++
    res.end('there')
  })
  const ask = (headers: Record<string, string>, path = '/there') =>
    new Promise<number>((done, failed) => {
      request(`${owner.url}${path}`, { headers }, (answer) => done(answer.resume().statusCode!))
        .on('error', failed)
        .end()
    })
  const until = Date.now() + 20_000
  for (const signature of [
    '',
    'x',
    `${until} ${'0'.repeat(64)}`,
    `${'9'.repeat(14)} ${'a'.repeat(64)}`,
    `1 ${'0'.repeat(64)}`,
  ])
    assert.equal(await ask({ 'x-podium-peer': signature, 'x-podium-peer-address': '1.2.3.4' }), 403)
  assert.equal(await ask({}), 403)
  assert.equal(opened, 0)
  assert.equal(await (await fetch(`${front}/there`)).text(), 'there')
})
