/** port-forward over SPDY, stream by stream. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Headers } from '../../../../server/kubernetes-api/spdy/header-block.ts'
import type { StreamLimits } from '../../../../server/kubernetes-api/streaming/limits.ts'
import type { ConnectionSink, PortForwardSession } from '../../../../server/labs/sandboxes/sessions.ts'
import { type SpdyClient, spdyClient } from '../raw-connection.ts'
import { streamServer } from '../stream-server.ts'

/** Notes what reaches the Pod, and lets the test speak for it. */
async function forwarding(t: TestContext, limits: Partial<StreamLimits> = {}) {
  const notes: string[] = []
  const sinks: ConnectionSink[] = []
  const session: PortForwardSession = {
    kind: 'port-forward',
    connect(port, sink) {
      const number = sinks.push(sink)
      notes.push(`${number} connect ${port}`)
      return {
        write: (data) => void notes.push(`${number} write ${Buffer.from(data)}`),
        end: () => void notes.push(`${number} end`),
        close: () => void notes.push(`${number} close`),
      }
    },
    close: () => void notes.push('close'),
  }
  const server = await streamServer(t, () => session, { limits })
  const client = await spdyClient(t, server.port, '/portforward', 'portforward.k8s.io')
  assert.equal(client.answer.headers['x-stream-protocol-version'], 'portforward.k8s.io')
  return { client, notes, sinks }
}

/** Kept once all that the client has sent is handled. */
async function handled(client: SpdyClient) {
  const id = 1 + 2 * client.frames.filter((frame) => frame.type === 'ping').length
  client.send({ type: 'ping', id })
  await client.seen((frame) => frame.type === 'ping' && frame.id === id)
}

const isEnd = (streamId: number) => (frame: SpdyClient['frames'][number]) =>
  frame.type === 'data' && frame.streamId === streamId && frame.isLast
const streams = (port: string, requestid?: string) =>
  ['error', 'data'].map((streamtype) => ({ streamtype, port, ...(requestid ? { requestid } : {}) }))

test('two streams of one request are a connection, and several go side by side', async (t) => {
  const { client, notes, sinks } = await forwarding(t)
  const [firstError, firstData] = streams('80', '0')
  const [secondError, secondData] = streams('443', '1')
  const ids = [
    await client.open(firstError!),
    await client.open(secondData!),
    await client.open(secondError!),
    await client.open(firstData!),
  ]
  client.data(ids[1]!, 'to 443')
  client.data(ids[3]!, 'to 80')
  await handled(client)
  assert.deepEqual(notes, ['1 connect 443', '2 connect 80', '1 write to 443', '2 write to 80'])
  void sinks[0]!.data(Buffer.from('from 443'))
  void sinks[1]!.data(Buffer.from('from 80'))
  sinks[1]!.end()
  await client.seen(isEnd(ids[3]!))
  await client.seen(isEnd(ids[0]!))
  assert.equal(client.textOf(ids[1]!), 'from 443')
  assert.equal(client.textOf(ids[3]!), 'from 80')
  assert.equal(client.textOf(ids[0]!), '')
  assert.deepEqual(notes.slice(4), ['2 close'])
  client.data(ids[3]!, 'too late', true)
  client.data(ids[1]!, '', true)
  await handled(client)
  assert.deepEqual(notes.slice(5), ['1 end'])
})

test('clients of old give no request id: the data stream follows the error stream', async (t) => {
  const { client, notes } = await forwarding(t)
  for (const port of ['80', '81']) for (const headers of streams(port)) await client.open(headers)
  await handled(client)
  assert.deepEqual(notes, ['1 connect 80', '2 connect 81'])
})

test('data that comes before the stream for errors is kept', async (t) => {
  const { client, notes } = await forwarding(t)
  const [error, data] = streams('80', '0')
  const id = await client.open(data!)
  client.data(id, 'early')
  client.data(id, '', true)
  await handled(client)
  assert.deepEqual(notes, [])
  await client.open(error!)
  await handled(client)
  assert.deepEqual(notes, ['1 connect 80', '1 write early', '1 end'])
})

test('why there is no connection is said on the stream for errors', async (t) => {
  const { client, sinks } = await forwarding(t)
  const ids = [await client.open(streams('80', '0')[0]!), await client.open(streams('80', '0')[1]!)]
  await handled(client)
  sinks[0]!.error('no route')
  await Promise.all(ids.map((id) => client.seen(isEnd(id))))
  assert.equal(client.textOf(ids[0]!), 'no route')
  assert.equal(client.textOf(ids[1]!), '')
  // The connection as a whole goes on.
  await handled(client)
})

test('a client that gives up its data stream is told the end on the other', async (t) => {
  const { client, notes } = await forwarding(t)
  const ids = [await client.open(streams('80', '0')[0]!), await client.open(streams('80', '0')[1]!)]
  await handled(client)
  client.send({ type: 'rst-stream', streamId: ids[1]!, status: 5 })
  await client.seen(isEnd(ids[0]!))
  assert.deepEqual(notes, ['1 connect 80', '1 close'])
})

test('streams without a port, or of another kind, or a second of a kind are refused', async (t) => {
  const { client, notes } = await forwarding(t)
  const good = streams('80', '0')
  await client.open(good[0]!)
  const bad: Headers[] = [
    { streamtype: 'data' },
    { streamtype: 'data', port: '0' },
    { streamtype: 'data', port: '70000' },
    { streamtype: 'data', port: 'http' },
    { streamtype: 'stdin', port: '80' },
    { port: '80' },
    good[0]!,
  ]
  for (const headers of bad) await client.open(headers)
  await handled(client)
  assert.deepEqual(
    client.frames.flatMap((frame) => (frame.type === 'rst-stream' ? [frame.streamId] : [])),
    [3, 5, 7, 9, 11, 13, 15],
  )
  assert.deepEqual(notes, [])
})

test('a stream whose second never comes is not waited for', async (t) => {
  const { client, notes } = await forwarding(t, { streamCreationMs: 20 })
  const id = await client.open(streams('80', '0')[0]!)
  await client.seen(isEnd(id))
  assert.match(client.textOf(id), /timed out waiting for streams/)
  await handled(client)
  assert.deepEqual(notes, [])
})

test('a client that leaves ends every connection', async (t) => {
  const { client, notes } = await forwarding(t)
  for (const headers of streams('80', '0')) await client.open(headers)
  await handled(client)
  client.socket.end()
  await client.over
  assert.deepEqual(notes, ['1 connect 80', 'close'])
})
