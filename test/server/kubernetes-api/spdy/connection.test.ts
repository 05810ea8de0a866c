/** SPDY connections to a client that keeps to the rules, and to some that do not. */
import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { UpgradeOptions } from '../../../../server/kubernetes-api/upgrade.ts'
import { exited, notedSession, pouringSession, success } from '../fake-sessions.ts'
import { type SpdyClient, spdyClient } from '../raw-connection.ts'
import { streamServer } from '../stream-server.ts'

const path = '/api/v1/namespaces/default/pods/web/exec'
const v4 = 'v4.channel.k8s.io'

async function connected(
  t: TestContext,
  noted: Pick<ReturnType<typeof notedSession>, 'session'>,
  { protocols = v4, limits = {}, ...rest }: UpgradeOptions & { protocols?: string; answersPings?: boolean } = {},
) {
  const server = await streamServer(t, () => noted.session, { limits })
  const client = await spdyClient(t, server.port, path, protocols, rest)
  assert.equal(client.answer.status, 101)
  return { server, client }
}

async function openAll(client: SpdyClient, kinds = ['error', 'stdin', 'stdout', 'stderr']) {
  const ids: Record<string, number> = {}
  for (const kind of kinds) ids[kind] = await client.open({ streamtype: kind })
  return ids as { error: number; stdin: number; stdout: number; stderr: number; resize: number }
}

const isEnd = (streamId: number) => (frame: SpdyClient['frames'][number]) =>
  frame.type === 'data' && frame.streamId === streamId && frame.isLast

describe('exec over SPDY', () => {
  for (const { protocol, text } of [
    { protocol: 'v5.channel.k8s.io', text: JSON.stringify(exited(2)) },
    { protocol: v4, text: JSON.stringify(exited(2)) },
    { protocol: 'v3.channel.k8s.io', text: exited(2).message },
    { protocol: 'v2.channel.k8s.io', text: exited(2).message },
    { protocol: 'channel.k8s.io', text: exited(2).message },
  ])
    test(`${protocol}: outputs on their streams, how it ended on the error stream, then the end`, async (t) => {
      const noted = notedSession({}, (sink) => ({
        end() {
          void sink.stdout(Buffer.from('out'))
          void sink.stderr(Buffer.from('err'))
          sink.end(exited(2))
        },
      }))
      const { client } = await connected(t, noted, { protocols: `v9.channel.k8s.io,${protocol}` })
      assert.equal(client.answer.headers['x-stream-protocol-version'], protocol)
      assert.equal(client.answer.headers.upgrade, 'SPDY/3.1')
      const ids = await openAll(client)
      client.data(ids.stdin, 'in')
      client.data(ids.stdin, '', true)
      await client.over
      assert.deepEqual(
        [client.textOf(ids.stdout), client.textOf(ids.stderr), client.textOf(ids.error)],
        ['out', 'err', text],
      )
      for (const id of Object.values(ids)) assert.ok(client.frames.some(isEnd(id)), `stream ${id} has no end`)
      assert.deepEqual(client.frames.at(-1), { type: 'goaway', lastStreamId: 7, status: 0 })
      assert.deepEqual(noted.notes, ['open', 'write in', 'end'])
    })

  test('before v4 success is silence', async (t) => {
    const noted = notedSession({ stdin: false }, (sink) => {
      queueMicrotask(() => sink.end(success))
      return {}
    })
    const { client } = await connected(t, noted, { protocols: 'v2.channel.k8s.io' })
    const ids = await openAll(client, ['error', 'stdout', 'stderr'])
    await client.over
    assert.equal(client.textOf(ids.error), '')
    assert.ok(client.frames.some(isEnd(ids.error)))
  })

  test('the process starts when all its streams are there, with what came before', async (t) => {
    const noted = notedSession()
    const { client } = await connected(t, noted)
    const [stdin] = [await client.open({ streamtype: 'stdin' })]
    client.data(stdin, 'early')
    client.data(stdin, '', true)
    await client.open({ streamtype: 'error' })
    const stdout = await client.open({ streamtype: 'stdout' })
    await client.seen((frame) => frame.type === 'syn-reply' && frame.streamId === stdout)
    assert.deepEqual(noted.notes, [])
    await client.open({ streamtype: 'stderr' })
    await noted.noted(3)
    assert.deepEqual(noted.notes, ['open', 'write early', 'end'])
  })

  test('the sizes of a terminal come in any pieces, until one is none', async (t) => {
    const noted = notedSession({ stderr: false, tty: true })
    const { client } = await connected(t, noted)
    const ids = await openAll(client, ['error', 'stdin', 'stdout', 'resize'])
    client.data(ids.resize, '{"Width":80,"Hei')
    client.data(ids.resize, 'ght":24}\n{"Width":100,"Height":30}')
    client.data(ids.resize, '{"Width":-1,"Height":"x"}{"Width":1,"Height":1}')
    client.data(ids.stdin, 'done')
    await noted.noted(4)
    assert.deepEqual(noted.notes, ['open', 'resize 80x24', 'resize 100x30', 'write done'])
  })

  test('a stream of an unknown kind, or a second one of a kind, is refused, and the rest goes on', async (t) => {
    const noted = notedSession()
    const { client } = await connected(t, noted)
    const error = await client.open({ streamtype: 'error' })
    const unknown = await client.open({ streamtype: 'video' })
    const second = await client.open({ streamtype: 'error' })
    for (const kind of ['stdin', 'stdout', 'stderr']) await client.open({ streamtype: kind })
    await noted.noted(1)
    const refused = client.frames.filter((frame) => frame.type === 'rst-stream')
    assert.deepEqual(refused, [
      { type: 'rst-stream', streamId: unknown, status: 3 },
      { type: 'rst-stream', streamId: second, status: 3 },
    ])
    assert.ok(client.frames.some((frame) => frame.type === 'syn-reply' && frame.streamId === error))
  })

  test('a client that reads only when all is over reads all', async (t) => {
    const noted = notedSession({}, (sink) => ({
      write() {
        for (let left = 20; left > 0; left--) void sink.stdout(Buffer.alloc(1 << 20, 'a'))
        sink.end(success)
      },
    }))
    const { client } = await connected(t, noted)
    const ids = await openAll(client)
    await noted.noted(1)
    const readAgain = client.stopReading()
    client.data(ids.stdin, 'go')
    await noted.noted(2)
    await new Promise((done) => setTimeout(done, 100))
    readAgain()
    await client.over
    assert.equal(client.textOf(ids.stdout).length, 20 << 20)
    assert.equal(client.textOf(ids.error), JSON.stringify(success))
    assert.equal(client.frames.at(-1)?.type, 'goaway')
    assert.deepEqual(noted.notes, ['open', 'write go'])
  })

  test('a client that opens no streams is not waited for', async (t) => {
    const noted = notedSession()
    const { client } = await connected(t, noted, { limits: { streamCreationMs: 30 } })
    await client.over
    assert.deepEqual(client.frames, [{ type: 'goaway', lastStreamId: 0, status: 0 }])
    assert.deepEqual(noted.notes, [])
  })

  test('a client that vanishes ends the process', async (t) => {
    const noted = notedSession()
    const { client } = await connected(t, noted)
    await openAll(client)
    await noted.noted(1)
    client.socket.resetAndDestroy()
    await noted.noted(2)
    assert.deepEqual(noted.notes, ['open', 'close'])
  })

  test('a client that does not answer is given up', async (t) => {
    const noted = notedSession()
    const { client } = await connected(t, noted, { limits: { pingMs: 200 }, answersPings: false })
    await openAll(client)
    await client.over
    await noted.noted(2)
    assert.deepEqual(noted.notes, ['open', 'close'])
    assert.ok(client.frames.some((frame) => frame.type === 'ping'))
  })

  test('a client that answers, but lets no data flow, is kept until the connection was idle for too long', async (t) => {
    const noted = notedSession()
    const { client } = await connected(t, noted, { limits: { pingMs: 200, idleMs: 2500 } })
    await openAll(client)
    await client.over
    await noted.noted(2)
    assert.deepEqual(noted.notes, ['open', 'close'])
    assert.ok(client.frames.filter((frame) => frame.type === 'ping').length > 3)
  })

  test('a client that vanishes while its session takes nothing ends the process', async (t) => {
    const noted = notedSession({}, () => ({ write: () => new Promise<void>(() => undefined) }))
    const { client } = await connected(t, noted, { limits: { pingMs: 200 } })
    const ids = await openAll(client)
    for (let left = 8; left > 0; left--) client.data(ids.stdin, Buffer.alloc(1 << 20))
    await noted.noted(2)
    client.socket.destroy()
    await noted.noted(3)
    assert.equal(noted.notes.at(-1), 'close')
  })

  test('errors of a session at any time are told, and nothing else', async (t) => {
    const noted = notedSession({}, () => ({
      write: () => Promise.reject(new Error('not written')),
      close() {
        throw new Error('not closed')
      },
    }))
    const { client, server } = await connected(t, noted)
    const stdin = await client.open({ streamtype: 'stdin' })
    client.data(stdin, 'early')
    for (const streamtype of ['error', 'stdout', 'stderr']) await client.open({ streamtype })
    await noted.noted(2)
    client.socket.destroy()
    await noted.noted(3)
    assert.deepEqual(server.errors.map(String), ['Error: not written', 'Error: not closed'])
  })

  test('an error of the session ends the connection, and is told', async (t) => {
    const noted = notedSession({}, () => {
      throw new Error('the sandbox is broken')
    })
    const { client, server } = await connected(t, noted)
    await openAll(client)
    await client.over
    assert.deepEqual(server.errors.map(String), ['Error: the sandbox is broken'])
    const next = await spdyClient(t, server.port, path, v4)
    assert.equal(next.answer.status, 101)
  })
})

describe('the protocol', () => {
  test('a ping of the client is answered, and one that answers is not', async (t) => {
    const { client } = await connected(t, notedSession())
    client.send({ type: 'ping', id: 2 })
    client.send({ type: 'ping', id: 11 })
    await client.seen((frame) => frame.type === 'ping')
    assert.deepEqual(client.frames, [{ type: 'ping', id: 11 }])
  })

  test('settings and windows of a client are kept: on a stream, on the connection, and for what is open', async (t) => {
    const noted = notedSession({}, (sink) => ({
      write() {
        void sink.stdout(Buffer.from('a'.repeat(1500)))
        void sink.stderr(Buffer.from('b'.repeat(200)))
        sink.end(success)
      },
    }))
    const { client } = await connected(t, noted)
    const ids = await openAll(client)
    client.send({ type: 'settings', settings: [{ id: 7, value: 1000 }] })
    client.data(ids.stdin, 'go')
    await client.seen(isEnd(ids.error))
    assert.deepEqual([client.textOf(ids.stdout).length, client.textOf(ids.stderr).length], [1000, 200])
    assert.ok(!client.frames.some((frame) => frame.type === 'goaway'))
    client.send({ type: 'window-update', streamId: ids.stdout, delta: 100 })
    client.send({ type: 'ping', id: 1 })
    await client.seen((frame) => frame.type === 'ping')
    assert.equal(client.textOf(ids.stdout).length, 1100)
    client.send({ type: 'window-update', streamId: ids.stdout, delta: 100_000 })
    await client.over
    assert.equal(client.textOf(ids.stdout), 'a'.repeat(1500))
    assert.deepEqual(client.frames.at(-1), { type: 'goaway', lastStreamId: 7, status: 0 })
  })

  test('the window of the connection holds back every stream', async (t) => {
    const noted = notedSession({}, (sink) => ({
      write() {
        void sink.stdout(Buffer.alloc(60_000, 'a'))
        void sink.stderr(Buffer.alloc(60_000, 'b'))
      },
    }))
    const { client } = await connected(t, noted)
    const ids = await openAll(client)
    client.send({ type: 'window-update', streamId: ids.stdout, delta: 1 })
    client.data(ids.stdin, 'go')
    client.send({ type: 'ping', id: 1 })
    await client.seen((frame) => frame.type === 'ping')
    assert.equal(client.textOf(ids.stdout).length + client.textOf(ids.stderr).length, 65_536)
    client.send({ type: 'window-update', streamId: 0, delta: 100_000 })
    client.send({ type: 'ping', id: 3 })
    await client.seen((frame) => frame.type === 'ping' && frame.id === 3)
    assert.equal(client.textOf(ids.stdout).length + client.textOf(ids.stderr).length, 120_000)
  })

  test('a client that knows no windows is sent all at once', async (t) => {
    const noted = notedSession({}, (sink) => ({ write: () => sink.stdout(Buffer.alloc(1 << 20, 'a')) }))
    const { client } = await connected(t, noted)
    const ids = await openAll(client)
    client.data(ids.stdin, 'go')
    client.send({ type: 'ping', id: 1 })
    await client.seen((frame) => frame.type === 'ping')
    assert.equal(client.textOf(ids.stdout).length, 1 << 20)
  })

  test('what is taken from the client is given back to its windows', async (t) => {
    const noted = notedSession()
    const { client } = await connected(t, noted)
    const ids = await openAll(client)
    for (let left = 10; left > 0; left--) client.data(ids.stdin, 'x'.repeat(10_000))
    client.send({ type: 'ping', id: 1 })
    await client.seen((frame) => frame.type === 'ping')
    const given = (id: number) =>
      client.frames.reduce(
        (sum, each) => sum + (each.type === 'window-update' && each.streamId === id ? each.delta : 0),
        0,
      )
    assert.equal(given(0), 80_000)
    assert.equal(given(ids.stdin), 80_000)
  })

  test('a session that takes nothing more is given nothing more, and the client waits', async (t) => {
    let release = () => {}
    const noted = notedSession({}, () => ({ write: () => new Promise<void>((resolve) => (release = resolve)) }))
    const { client } = await connected(t, noted, { limits: { pingMs: 200 } })
    const ids = await openAll(client)
    const piece = Buffer.alloc(1 << 20, 'x')
    for (let left = 100; left > 0; left--) client.data(ids.stdin, piece)
    await noted.noted(2)
    await new Promise((done) => setTimeout(done, 1000))
    assert.equal(noted.notes.length, 2)
    assert.ok(client.socket.writableLength > 50 << 20, `${client.socket.writableLength} bytes wait at the client`)
    release()
    await noted.noted(3)
    assert.equal(noted.notes.length, 3)
  })

  test('a session is told to wait for a client that does not read', async (t) => {
    const pouring = pouringSession()
    const { client } = await connected(t, pouring)
    client.stopReading()
    await openAll(client)
    await pouring.noted(1)
    const most = 30 << 20
    assert.ok((await pouring.writtenWhenStopped(most)) < most)
    assert.deepEqual(pouring.notes, ['open'])
  })

  test('output that nobody reads ends the connection when it is too much', async (t) => {
    const noted = notedSession({}, (sink) => {
      queueMicrotask(() => {
        for (let left = 100; left > 0; left--) void sink.stdout(Buffer.alloc(1 << 20))
      })
      return {}
    })
    const { client } = await connected(t, noted, { limits: { maxUnsentBytes: 8 << 20 } })
    client.stopReading()
    await openAll(client)
    await noted.noted(2)
    assert.deepEqual(noted.notes, ['open', 'close'])
  })

  test('more streams than are allowed are refused', async (t) => {
    const { client } = await connected(t, notedSession(), { limits: { maxStreams: 2 } })
    await openAll(client, ['error', 'stdin', 'stdout'])
    assert.deepEqual(await client.seen((frame) => frame.type === 'rst-stream'), {
      type: 'rst-stream',
      streamId: 5,
      status: 3,
    })
  })
})

describe('a client that breaks the rules is told good-bye, and its process ends:', () => {
  const cases: { name: string; act(client: SpdyClient, stdin: number): unknown }[] = [
    { name: 'data on a stream that was never opened', act: (client) => client.data(99, 'x') },
    { name: 'data on a stream of the server', act: (client) => client.data(2, 'x') },
    { name: 'a stream with an even number', act: (client) => client.open({ streamtype: 'x' }, { streamId: 20 }) },
    { name: 'a stream that exists', act: (client) => client.open({ streamtype: 'x' }, { streamId: 3 }) },
    {
      name: 'a reply to nothing',
      act: (client) =>
        client.socket.write(Buffer.from('80030003000000080000000100000001'.replace(/^80030003/, '80030002'), 'hex')),
    },
    {
      name: 'a frame of another version',
      act: (client) => client.socket.write(Buffer.from('8002000600000004', 'hex')),
    },
    { name: 'a frame that is too large', act: (client) => client.data(1, Buffer.alloc(70_000)) },
    {
      name: 'a window that is too large',
      act: (client, stdin) => {
        client.send({ type: 'window-update', streamId: stdin, delta: 0x7fff_ffff })
      },
    },
    {
      name: 'a first window that is too large',
      act: (client) => client.send({ type: 'settings', settings: [{ id: 7, value: 0x8000_0000 }] }),
    },
    { name: 'text', act: (client) => client.socket.write(Buffer.from('\x80GET / HTTP/1.1\r\n\r\n', 'latin1')) },
  ]
  for (const { name, act } of cases)
    test(name, async (t) => {
      const noted = notedSession()
      const { client, server } = await connected(t, noted, { limits: { maxFrameBytes: 65_536 } })
      const ids = await openAll(client)
      await noted.noted(1)
      await act(client, ids.stdin)
      await client.over
      assert.deepEqual(client.frames.at(-1), { type: 'goaway', lastStreamId: 7, status: 1 })
      await noted.noted(2)
      assert.deepEqual(noted.notes, ['open', 'close'])
      assert.deepEqual(server.errors, [])
    })

  test('and one that goes on sending does not hold the connection', async (t) => {
    const noted = notedSession()
    const { client } = await connected(t, noted)
    await openAll(client)
    client.stopReading()
    client.data(99, 'x')
    const pouring = setInterval(() => client.data(1, 'x'.repeat(1000)), 5)
    t.after(() => clearInterval(pouring))
    await noted.noted(2)
    assert.deepEqual(noted.notes, ['open', 'close'])
  })
})

test('data of a stream that has ended may still be under way, and is dropped', async (t) => {
  const noted = notedSession()
  const { client } = await connected(t, noted)
  const ids = await openAll(client)
  client.data(ids.stdin, 'a', true)
  client.data(ids.stdin, 'b')
  client.send({ type: 'rst-stream', streamId: ids.stdin, status: 5 })
  client.data(ids.stdin, 'c')
  client.send({ type: 'ping', id: 1 })
  await client.seen((frame) => frame.type === 'ping')
  assert.deepEqual(noted.notes, ['open', 'write a', 'end', 'end'])
})
