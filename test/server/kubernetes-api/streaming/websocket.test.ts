/** exec, attach and port-forward over the channels of a WebSocket, to a client that keeps to the rules, and to some that do not. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { type ClientOptions, WebSocket } from 'ws'
import type { StreamLimits } from '../../../../server/kubernetes-api/streaming/limits.ts'
import type { ExecSession, PortForwardSession } from '../../../../server/labs/sandboxes/sessions.ts'
import { exited, localPorts, notedSession, pouringSession, processSession, success } from '../fake-sessions.ts'
import { rawRequest } from '../raw-connection.ts'
import { streamServer } from '../stream-server.ts'

const v5 = 'v5.channel.k8s.io'

interface Client {
  socket: WebSocket
  /** As text, with the channel's number before it: `1:hello`. */
  messages: string[]
  /** Kept once so many messages have come. */
  received(count: number): Promise<void>
  over: Promise<{ code: number; reason: string }>
  send(channel: number, data: string | Uint8Array): void
}

async function connected(
  t: TestContext,
  session: ExecSession | PortForwardSession,
  protocols: string | string[],
  { limits = {}, query = '', ...options }: ClientOptions & { limits?: Partial<StreamLimits>; query?: string } = {},
) {
  const server = await streamServer(t, () => session, { limits })
  const url = `ws://127.0.0.1:${server.port}/api/v1/namespaces/default/pods/web/exec${query}`
  const socket = new WebSocket(url, protocols, { perMessageDeflate: false, ...options })
  t.after(() => socket.terminate())
  const isBase64 = [protocols].flat()[0]?.includes('base64') ?? false
  const messages: string[] = []
  const waiting = new Set<() => void>()
  socket.on('error', () => undefined)
  socket.on('message', (data: Buffer) => {
    const rest = data.subarray(1)
    const channel = isBase64 ? data.toString('latin1', 0, 1) : String(data[0])
    messages.push(`${channel}:${isBase64 ? Buffer.from(rest.toString(), 'base64') : rest}`)
    for (const look of waiting) look()
  })
  const over = once(socket, 'close').then(([code, reason]) => ({ code, reason: String(reason) }))
  await once(socket, 'open')
  const client: Client = {
    socket,
    messages,
    received: (count) =>
      new Promise((resolve) => {
        const look = () => messages.length >= count && resolve()
        waiting.add(look)
        look()
      }),
    over,
    send(channel, data) {
      const bytes = Buffer.from(data)
      socket.send(isBase64 ? `${channel}${bytes.toString('base64')}` : Buffer.concat([Buffer.of(channel), bytes]))
    },
  }
  return { server, client }
}

describe('exec over WebSocket', () => {
  const statusText = JSON.stringify(exited(2))
  for (const { protocol, text } of [
    { protocol: v5, text: statusText },
    { protocol: 'v4.channel.k8s.io', text: statusText },
    { protocol: 'v4.base64.channel.k8s.io', text: statusText },
    { protocol: 'v3.channel.k8s.io', text: exited(2).message },
    { protocol: 'v2.channel.k8s.io', text: exited(2).message },
    { protocol: 'channel.k8s.io', text: exited(2).message },
    { protocol: 'base64.channel.k8s.io', text: exited(2).message },
  ])
    test(`${protocol}: outputs on 1 and 2, how it ended on 3, then 1000`, async (t) => {
      const session = processSession(['sh', '-c', 'head -c 3; sleep 0.05; echo err >&2; sleep 0.05; exit 2'])
      const { client } = await connected(t, session, protocol)
      assert.equal(client.socket.protocol, protocol)
      client.send(0, 'in\n')
      assert.deepEqual(await client.over, { code: 1000, reason: '' })
      assert.deepEqual(client.messages, ['1:', '1:in\n', '2:err\n', `3:${text}`])
    })

  test('success is a Status from v4 on, and silence before', async (t) => {
    const { client: now } = await connected(t, processSession(['true']), v5)
    const { client: before } = await connected(t, processSession(['true']), 'v3.channel.k8s.io')
    await Promise.all([now.over, before.over])
    assert.deepEqual(now.messages, ['1:', `3:${JSON.stringify(success)}`])
    assert.deepEqual(before.messages, ['1:'])
  })

  test('of several subprotocols the first that is known is taken, and none is the oldest', async (t) => {
    const { client } = await connected(t, processSession(['true']), ['v6.channel.k8s.io', 'v4.channel.k8s.io', v5])
    assert.equal(client.socket.protocol, 'v4.channel.k8s.io')
    const { client: plain } = await connected(t, processSession(['sh', '-c', 'exit 2']), [])
    assert.equal(plain.socket.protocol, '')
    await plain.over
    assert.deepEqual(plain.messages, ['1:', `3:${exited(2).message}`])
  })

  test('the first message is empty, on the first channel that the client listens to', async (t) => {
    for (const { wanted, first } of [
      { wanted: { stdout: false }, first: '2:' },
      { wanted: { stdout: false, stderr: false }, first: '3:' },
    ]) {
      const { client } = await connected(t, processSession(['sh', '-c', 'echo out; echo err >&2'], wanted), v5)
      await client.over
      assert.equal(client.messages[0], first)
      assert.deepEqual(
        client.messages.filter((each) => each.startsWith('1:')),
        [],
      )
    }
  })

  test('v5 closes stdin with 255, other channels without a word, and sizes come on 4', async (t) => {
    const noted = notedSession({ stderr: false, tty: true })
    const { client } = await connected(t, noted.session, v5)
    client.send(4, '{"Width":80,"Height":24}')
    client.send(0, 'in')
    client.send(255, Uint8Array.of(4))
    client.send(255, Uint8Array.of(0))
    await noted.noted(4)
    assert.deepEqual(noted.notes, ['open', 'resize 80x24', 'write in', 'end'])
  })

  test('before v5 there is no such signal', async (t) => {
    const noted = notedSession()
    const { client } = await connected(t, noted.session, 'v4.channel.k8s.io')
    client.send(255, Uint8Array.of(0))
    client.send(0, 'in')
    await noted.noted(2)
    assert.deepEqual(noted.notes, ['open', 'write in'])
  })

  test('messages of text carry bytes too; what nobody reads is dropped', async (t) => {
    const noted = notedSession()
    const { client } = await connected(t, noted.session, 'v4.channel.k8s.io')
    client.socket.send('\0text')
    client.socket.send(Buffer.alloc(0))
    client.send(1, 'to stdout')
    client.send(9, 'to nothing')
    client.send(0, 'in')
    await noted.noted(3)
    assert.deepEqual(noted.notes, ['open', 'write text', 'write in'])
    const deaf = notedSession({ stdin: false })
    const { client: other } = await connected(t, deaf.session, v5)
    other.send(0, 'in')
    other.send(255, Uint8Array.of(0))
    other.socket.close()
    await deaf.noted(2)
    assert.deepEqual(deaf.notes, ['open', 'close'])
  })

  test('a large output comes whole', async (t) => {
    const { client } = await connected(t, processSession(['head', '-c', '9000000', '/dev/zero']), v5)
    await client.over
    const size = client.messages.reduce((sum, each) => sum + (each.startsWith('1:') ? each.length - 2 : 0), 0)
    assert.equal(size, 9_000_000)
    assert.equal(client.messages.at(-1), `3:${JSON.stringify(success)}`)
  })

  test('a client that reads only when all is over reads all', async (t) => {
    const noted = notedSession({}, (sink) => ({
      write() {
        for (let left = 20; left > 0; left--) void sink.stdout(Buffer.alloc(1 << 20, 'a'))
        sink.end(success)
      },
    }))
    const { client } = await connected(t, noted.session, v5)
    client.send(0, 'go')
    client.socket.pause()
    await noted.noted(2)
    await new Promise((done) => setTimeout(done, 100))
    client.socket.resume()
    assert.deepEqual(await client.over, { code: 1000, reason: '' })
    const size = client.messages.reduce((sum, each) => sum + (each.startsWith('1:') ? each.length - 2 : 0), 0)
    assert.equal(size, 20 << 20)
    assert.equal(client.messages.at(-1), `3:${JSON.stringify(success)}`)
    assert.deepEqual(noted.notes, ['open', 'write go'])
  })

  test('a client that says good-bye, or vanishes, ends the process', async (t) => {
    for (const leave of [(socket: WebSocket) => socket.close(), (socket: WebSocket) => socket.terminate()]) {
      const noted = notedSession()
      const { client } = await connected(t, noted.session, v5)
      await client.received(1)
      leave(client.socket)
      await noted.noted(2)
      assert.deepEqual(noted.notes, ['open', 'close'])
    }
  })

  test('a client that does not answer is given up, with the reason', async (t) => {
    const noted = notedSession()
    const { client } = await connected(t, noted.session, v5, { autoPong: false, limits: { pingMs: 20 } })
    assert.deepEqual(await client.over, { code: 1008, reason: 'the client does not answer' })
    await noted.noted(2)
    assert.deepEqual(noted.notes, ['open', 'close'])
  })

  test('a client that answers is kept', async (t) => {
    const { client } = await connected(t, notedSession().session, v5, { limits: { pingMs: 1000 } })
    for (let pings = 0; pings < 3; pings++) await Promise.race([once(client.socket, 'ping'), client.over])
    assert.equal(client.socket.readyState, WebSocket.OPEN)
  })

  test('a connection that is idle for too long is ended, with the reason', async (t) => {
    const { client } = await connected(t, notedSession().session, v5, { limits: { idleMs: 300 } })
    assert.deepEqual(await client.over, { code: 1008, reason: 'the connection was idle for too long' })
  })

  test('a session that takes nothing more is given nothing more, and is not mistaken for a silent client', async (t) => {
    let release = () => {}
    const noted = notedSession({}, () => ({ write: () => new Promise<void>((resolve) => (release = resolve)) }))
    const { client } = await connected(t, noted.session, v5, { limits: { pingMs: 250 } })
    // Masking and sending them takes a busy machine some tenths of a second, in which no pong is read either.
    for (let left = 50; left > 0; left--) client.send(0, Buffer.alloc(1 << 20, 'x'))
    await noted.noted(2)
    await new Promise((done) => setTimeout(done, 1500))
    assert.deepEqual(
      noted.notes.map((each) => each.slice(0, 8)),
      ['open', 'write xx'],
    )
    assert.ok(client.socket.bufferedAmount > 20 << 20, `${client.socket.bufferedAmount} bytes wait at the client`)
    release()
    await noted.noted(3)
    assert.equal(noted.notes.length, 3)
  })

  test('a session is told to wait for a client that does not read, and is ended if it does not', async (t) => {
    const polite = pouringSession()
    const { client } = await connected(t, polite.session, v5)
    client.socket.pause()
    const most = 30 << 20
    assert.ok((await polite.writtenWhenStopped(most)) < most)
    client.socket.terminate()
    await polite.noted(2)

    const rude = notedSession({}, (sink) => {
      setTimeout(() => {
        for (let left = 100; left > 0; left--) void sink.stdout(Buffer.alloc(1 << 20))
      }, 20)
      return {}
    })
    const { client: other } = await connected(t, rude.session, v5, { limits: { maxUnsentBytes: 8 << 20 } })
    other.socket.pause()
    await rude.noted(2)
    assert.deepEqual(rude.notes, ['open', 'close'])
  })

  test('a client that vanishes while its session takes nothing ends the process', async (t) => {
    const noted = notedSession({}, () => ({ write: () => new Promise<void>(() => undefined) }))
    const { client } = await connected(t, noted.session, v5, { limits: { pingMs: 250 } })
    for (let left = 8; left > 0; left--) client.send(0, Buffer.alloc(1 << 20))
    await noted.noted(2)
    client.socket.terminate()
    await noted.noted(3)
    assert.equal(noted.notes.at(-1), 'close')
  })

  test('an error of the session ends the connection, and is told', async (t) => {
    const opening = notedSession({}, () => {
      throw new Error('broken at the start')
    })
    const { client, server } = await connected(t, opening.session, v5)
    await client.over
    assert.deepEqual(server.errors.map(String), ['Error: broken at the start'])
    const later = notedSession({}, () => ({
      write() {
        throw new Error('broken later')
      },
    }))
    const closing = notedSession({}, () => ({
      close() {
        throw new Error('not closed')
      },
    }))
    const { client: last, server: lastServer } = await connected(t, closing.session, v5)
    last.socket.terminate()
    await closing.noted(2)
    assert.deepEqual(lastServer.errors.map(String), ['Error: not closed'])
    const { client: other, server: otherServer } = await connected(t, later.session, v5)
    other.send(0, 'in')
    assert.deepEqual(await other.over, { code: 1011, reason: 'the session has failed' })
    assert.deepEqual(otherServer.errors.map(String), ['Error: broken later'])
  })
})

describe('frames that break the rules end the connection and the process:', () => {
  /** Masked, as a client's must be. */
  const frame = (first: number, payload: Uint8Array = new Uint8Array()) =>
    Buffer.concat([Buffer.of(first, 0x80 | payload.length, 0, 0, 0, 0), payload])
  const cases = [
    { name: 'a reserved opcode', bytes: frame(0x83, Uint8Array.of(0, 1)), code: 1002 },
    { name: 'a continuation of nothing', bytes: frame(0x80, Uint8Array.of(0, 1)), code: 1002 },
    { name: 'reserved bits', bytes: frame(0xf2, Uint8Array.of(0, 1)), code: 1002 },
    { name: 'no mask', bytes: Buffer.of(0x82, 2, 0, 1), code: 1002 },
    { name: 'a fragmented ping', bytes: frame(0x09), code: 1002 },
    { name: 'text that is none', bytes: frame(0x81, Uint8Array.of(0xff, 0xfe)), code: 1007 },
    {
      name: 'a message that is too large',
      bytes: Buffer.of(0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0),
      code: 1009,
    },
    {
      name: 'a length beyond all numbers',
      bytes: Buffer.of(0x82, 0xff, 255, 255, 255, 255, 255, 255, 255, 255),
      code: 1009,
    },
    { name: 'a close signal for no channel', bytes: frame(0x82, Uint8Array.of(255)), code: 1002 },
    { name: 'a close signal for an unknown channel', bytes: frame(0x82, Uint8Array.of(255, 7)), code: 1002 },
  ]
  for (const { name, bytes, code } of cases)
    test(name, async (t) => {
      const noted = notedSession()
      const server = await streamServer(t, () => noted.session, { limits: { maxFrameBytes: 65_536 } })
      const answer = await rawRequest(t, server.port, 'GET /exec', {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'),
        'Sec-WebSocket-Protocol': v5,
      })
      assert.equal(answer.status, 101)
      assert.equal(answer.headers['sec-websocket-protocol'], v5)
      await noted.noted(1)
      answer.socket.write(bytes)
      const received: Buffer[] = []
      for await (const part of answer.socket) received.push(part as Buffer)
      // After the empty message that begins it.
      const closing = Buffer.concat(received).subarray(3)
      assert.equal(closing[0], 0x88)
      assert.equal(closing.readUInt16BE(2), code)
      await noted.noted(2)
      assert.deepEqual(noted.notes, ['open', 'close'])
      assert.deepEqual(server.errors, [])
    })
})

describe('port-forward over the channels of a WebSocket', () => {
  const closedIn = async (notes: string[]) => {
    while (notes.at(-1) !== 'close') await new Promise((done) => setTimeout(done, 5))
  }
  const little = (port: number) => String(Buffer.of(port & 0xff, port >> 8))

  async function web(t: TestContext) {
    const server = createServer((request, response) => {
      response.writeHead(200, { connection: 'close' }).end(`path ${request.url}`)
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    t.after(() => server.close())
    return (server.address() as AddressInfo).port
  }

  for (const protocol of ['v4.channel.k8s.io', 'v4.base64.channel.k8s.io'])
    test(`${protocol}: two channels for each port, its number first`, async (t) => {
      const notes: string[] = []
      const session = localPorts({ 80: await web(t), 8080: await web(t) }, notes)
      const { client } = await connected(t, session, protocol, { query: '?ports=80,8080' })
      await client.received(4)
      assert.deepEqual(client.messages, [
        `0:${little(80)}`,
        `1:${little(80)}`,
        `2:${little(8080)}`,
        `3:${little(8080)}`,
      ])
      client.send(2, 'GET /b HTTP/1.1\r\nHost: x\r\n\r\n')
      await client.received(5)
      client.send(1, 'nobody reads this')
      client.send(0, 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n')
      assert.deepEqual(await client.over, { code: 1000, reason: '' })
      const bodies = [0, 2].map((channel) =>
        client.messages
          .slice(4)
          .filter((each) => each.startsWith(`${channel}:`))
          .map((each) => each.slice(2))
          .join(''),
      )
      assert.match(bodies[0]!, /^HTTP\/1\.1 200 OK\r\n[\s\S]*path \/a/)
      assert.match(bodies[1]!, /^HTTP\/1\.1 200 OK\r\n[\s\S]*path \/b/)
      await closedIn(notes)
      assert.deepEqual(notes, ['connect 80', 'connect 8080', 'close'])
    })

  test('a port that cannot be reached is said on its second channel', async (t) => {
    const { client } = await connected(t, localPorts({}), 'v4.channel.k8s.io', { query: '?ports=80&ports=81' })
    assert.deepEqual(await client.over, { code: 1000, reason: '' })
    assert.deepEqual(client.messages.slice(4), [
      '1:error forwarding port 80 to pod web: connection refused',
      '3:error forwarding port 81 to pod web: connection refused',
    ])
  })

  test('a client that vanishes ends the connections', async (t) => {
    const notes: string[] = []
    const { client } = await connected(t, localPorts({ 80: await web(t) }, notes), [], { query: '?ports=80' })
    await client.received(2)
    client.socket.terminate()
    await closedIn(notes)
    assert.deepEqual(notes, ['connect 80', 'close'])
  })
})
