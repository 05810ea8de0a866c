import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { type LiveResponseOptions, openLiveResponse } from '../../server/live-response.ts'

type Why = Parameters<LiveResponseOptions['over']>[0]

/** Asks a server that answers as told. An error that nobody listens to would end the test's process. */
async function asked(t: TestContext, answer: (req: IncomingMessage, res: ServerResponse) => void) {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const client = request({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
  client.on('error', () => undefined)
  client.end()
  return client
}

const textOf = async (response: IncomingMessage): Promise<string> => {
  let text = ''
  for await (const part of response.setEncoding('utf8')) text += part
  return text
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

const eventStream = { status: 200, headers: { 'Content-Type': 'text/event-stream' } }

test('the head comes first, then what is written, and nothing after the end', async (t) => {
  const ends: Why[] = []
  const client = await asked(t, (_req, res) => {
    const live = openLiveResponse(res, { ...eventStream, over: (why) => ends.push(why) })
    live.write('one\n')
    live.end()
    live.write('two\n')
    live.end()
  })
  const [response] = (await once(client, 'response')) as [IncomingMessage]
  assert.equal(response.headers['content-type'], 'text/event-stream')
  assert.equal(await textOf(response), 'one\n')
  assert.deepEqual(ends, ['ended'])
})

test('a write behind the back of it, after the end, ends nothing', async (t) => {
  const failed: unknown[] = []
  const client = await asked(t, (_req, res) => {
    res.on('error', (error) => failed.push(error))
    openLiveResponse(res, { ...eventStream, over: () => undefined }).end()
    res.write('late')
  })
  const [response] = (await once(client, 'response')) as [IncomingMessage]
  assert.equal(await textOf(response), '')
  assert.equal((failed[0] as NodeJS.ErrnoException).code, 'ERR_STREAM_WRITE_AFTER_END')
})

test('a client that has gone before is over at once, and told once', async (t) => {
  const ends: Why[] = []
  const seen = withResolvers<boolean>()
  const client = await asked(t, (_req, res) => {
    client.destroy()
    res.once('close', () => {
      const live = openLiveResponse(res, { ...eventStream, over: (why) => ends.push(why) })
      live.write('nobody reads this')
      live.end()
      seen.resolve(live.isOver)
    })
  })
  assert.equal(await seen.promise, true)
  assert.deepEqual(ends, ['gone'])
})

test('a client that goes is told of, and its heartbeat stops', async (t) => {
  const gone = withResolvers<Why>()
  const client = await asked(t, (_req, res) => {
    openLiveResponse(res, { ...eventStream, heartbeat: { everyMs: 5, text: ': here\n\n' }, over: gone.resolve })
  })
  const [response] = (await once(client, 'response')) as [IncomingMessage]
  assert.match(String((await once(response, 'data'))[0]), /^: here\n\n/)
  client.destroy()
  assert.equal(await gone.promise, 'gone')
})

test('an answer that was begun by somebody else is left to them, and cut', async (t) => {
  const ends: Why[] = []
  const client = await asked(t, (_req, res) => {
    res.writeHead(500)
    res.flushHeaders()
    openLiveResponse(res, { ...eventStream, over: (why) => ends.push(why) }).write('x')
  })
  const [response] = (await once(client, 'response')) as [IncomingMessage]
  assert.equal(response.statusCode, 500)
  await assert.rejects(textOf(response), /aborted/)
  assert.deepEqual(ends, ['gone'])
})

test('a client that reads nothing is let go', async (t) => {
  const gone = withResolvers<Why>()
  const client = await asked(t, (_req, res) => {
    const live = openLiveResponse(res, { ...eventStream, mostWaitingBytes: 1000, over: gone.resolve })
    while (!live.isOver) live.write('x'.repeat(100_000))
  })
  client.on('response', (response) => response.pause())
  assert.equal(await gone.promise, 'slow')
})
