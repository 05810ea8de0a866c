import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { type ConnectionLimits, mostConnections, shareConnections } from '../../server/connections.ts'
import { until } from '../support/until.ts'

async function listening(over: Partial<ConnectionLimits>, use: (server: Server, port: number) => Promise<void>) {
  const server = createServer({ connectionsCheckingInterval: 50 }, (req, res) => {
    if (req.url === '/hang') return
    if (req.url === '/live') return void res.write('hello')
    req.resume().on('end', () => res.end('hello'))
  })
  const counts = shareConnections(server, {
    ...{ most: 100, mostOfOne: 50, headMs: 5000, bodyMs: 5000 },
    mayTakeLonger: ({ url }) => url === '/file',
    ...over,
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    await use(server, (server.address() as AddressInfo).port)
  } finally {
    server.closeAllConnections()
    server.close()
  }
  return counts
}

/** All of 127.0.0.0/8 is this machine with Linux alone. */
const skip =
  process.platform === 'linux' || process.env.CI === 'true' ? false : 'needs a second address of this machine'

/** @param from one of the addresses of this machine */
async function open(port: number, from: string): Promise<Socket & { isOver: boolean }> {
  const socket = Object.assign(connect({ host: '127.0.0.1', port, localAddress: from }), { isOver: false })
  socket.on('error', () => undefined)
  socket.on('close', () => {
    socket.isOver = true
  })
  await once(socket, 'connect')
  return socket
}

const answer = async (socket: Socket, path = '/'): Promise<string> => {
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
  const [data] = await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => ['closed'])])
  return String(data)
}

/** How many the server has open. */
const openOn = (server: Server): Promise<number> =>
  new Promise((done, fail) => server.getConnections((error, count) => (error ? fail(error) : done(count))))

test('one address has so many connections, and another is let in all the same', { skip }, async () => {
  const counts = await listening({ mostOfOne: 5 }, async (server, port) => {
    const many: Awaited<ReturnType<typeof open>>[] = []
    for (let n = 0; n < 8; n++) many.push(await open(port, '127.0.0.1'))
    await until(() => many.filter(({ isOver }) => isOver).length === 3)
    assert.match(await answer(await open(port, '127.0.0.2')), /hello/)
    // One that ends leaves its place to the next.
    many.find(({ isOver }) => !isOver)!.destroy()
    await until(async () => (await openOn(server)) === 5)
    assert.match(await answer(await open(port, '127.0.0.1')), /hello/)
  })
  assert.equal(counts.refused, 3)
})

test('while all are taken, who holds the most gives up what it asks nothing on, and who holds as much gets no more', {
  skip,
}, async () => {
  const counts = await listening({ most: 6, mostOfOne: 6 }, async (server, port) => {
    const many: Awaited<ReturnType<typeof open>>[] = []
    for (let n = 0; n < 6; n++) many.push(await open(port, '127.0.0.1'))
    // The oldest is being answered, so it stays.
    const asked = once(server, 'request')
    many[0]!.write('GET /hang HTTP/1.1\r\nHost: x\r\n\r\n')
    await asked
    const others: Awaited<ReturnType<typeof open>>[] = []
    for (let n = 0; n < 3; n++) {
      const other = await open(port, '127.0.0.2')
      others.push(other)
      assert.match(await answer(other), /hello/)
    }
    await until(() => many.filter(({ isOver }) => isOver).length === 3)
    assert.equal(many[0]!.isOver, false)
    const one = await open(port, '127.0.0.2')
    await until(() => one.isOver)
    assert.ok(others.every(({ isOver }) => !isOver))
  })
  assert.deepEqual(counts, { refused: 1, closed: 3 })
})

test('a head or a form that is never finished is not waited for; a file of data is', async () => {
  await listening({ headMs: 200, bodyMs: 200 }, async (_server, port) => {
    const [head, body, file] = [
      await open(port, '127.0.0.1'),
      await open(port, '127.0.0.1'),
      await open(port, '127.0.0.1'),
    ]
    // What it is told is read, so that its end is seen.
    head.resume()
    head.write('GET / HTT')
    body.write('POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\na=')
    file.write('POST /file HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab')
    await until(() => head.isOver && body.isOver)
    assert.equal(file.isOver, false)
    file.write('cd')
    const [data] = await once(file, 'data')
    assert.match(String(data), /hello/)
    assert.match(await answer(await open(port, '127.0.0.1')), /hello/)
  })
})

test('an answer that goes on without an end is nobody’s slow form, whether something was sent for it or not', async () => {
  await listening({ bodyMs: 100 }, async (_server, port) => {
    const [read, sent] = [await open(port, '127.0.0.1'), await open(port, '127.0.0.1')]
    assert.match(await answer(read, '/live'), /hello/)
    sent.write('POST /live HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nabcd')
    assert.match(String((await once(sent, 'data'))[0]), /hello/)
    // A form that came later and is slow indeed is ended first.
    const slow = await open(port, '127.0.0.1')
    slow.resume().write('POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\na=')
    await until(() => slow.isOver)
    assert.deepEqual([read.isOver, sent.isOver], [false, false])
  })
})

test('descriptors are left for everything else', () => {
  assert.equal(mostConnections('Max open files            20000                20000                files\n'), 18_500)
  assert.equal(mostConnections('Max open files            1024                 524288               files\n'), 512)
  assert.equal(mostConnections(''), 8500)
})
