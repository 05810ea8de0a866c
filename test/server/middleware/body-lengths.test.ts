// What is too long is told so by its head: nobody reads forty megabytes to refuse them.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { createTestApp } from '../support.ts'

/** The site behind a socket that counts what is read of it. */
async function counted(t: TestContext) {
  const { app } = await createTestApp()
  const sockets: Socket[] = []
  const server = createServer(app)
    .on('connection', (socket) => sockets.push(socket))
    .listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    /** Sends a body as fast as it is taken, and gives what is answered meanwhile. */
    async send(path: string, headers: Record<string, string>, bytes: number, method = 'POST') {
      const asked = request({ host: '127.0.0.1', port, path, method, headers })
      asked.on('error', () => undefined)
      asked.write(Buffer.alloc(bytes, 'x'))
      const [answer] = (await once(asked, 'response')) as [IncomingMessage]
      let text = ''
      for await (const part of answer) text += part
      asked.destroy()
      return { status: answer.statusCode, headers: answer.headers, text }
    },
    bytesRead: () => sockets.reduce((sum, socket) => sum + socket.bytesRead, 0),
  }
}

const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
const sized = (bytes: number) => ({ ...form, 'Content-Length': String(bytes) })
const fortyMb = 40 * 2 ** 20

for (const [path, says] of [
  ['/sandboxes', /A form may have 256 KB in all/],
  ['/progress/import', /The file is larger than \d+ MB/],
  ['/static/app.css', /A form may have 256 KB in all/],
] as const)
  test(`forty megabytes at ${path} are refused unread, in words, and the connection ends`, async (t) => {
    const site = await counted(t)
    const { status, headers, text } = await site.send(path, sized(fortyMb), fortyMb)
    assert.deepEqual([status, headers.connection], [413, 'close'])
    assert.match(text, says)
    assert.ok(site.bytesRead() < 2 ** 20, `${site.bytesRead()} bytes were read`)
  })

test('what is sent without a length is asked for one', async (t) => {
  const site = await counted(t)
  const { status, text } = await site.send('/sandboxes', { ...form, 'Transfer-Encoding': 'chunked' }, fortyMb)
  assert.equal(status, 411)
  assert.match(text, /has to state its length/)
  assert.ok(site.bytesRead() < 2 ** 20, `${site.bytesRead()} bytes were read`)
})

test('the words are in the language of the request', async (t) => {
  const site = await counted(t)
  const { text } = await site.send('/sandboxes', { ...sized(fortyMb), 'Accept-Language': 'zh' }, 1000)
  assert.match(text, /一份表单总共最多 256 KB/)
})
