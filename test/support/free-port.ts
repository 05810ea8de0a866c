/** A port for a server that has to know its own before it listens. */
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below those that systems give to outgoing connections: one of these may be taken between its choice and its use. */
const [first, end] = [10_000, 30_000]

/** @returns a port of 127.0.0.1 at which nobody listens */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(first, end)
    if (await isFree(port)) return port
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((done, failed) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? done(false) : failed(error)))
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)))
  })
