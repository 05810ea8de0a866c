/** A system outside that takes webhooks, and checks what a real one would: the signature by the library of Standard Webhooks, the time, and copies. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mock } from 'node:test'
import { Webhook } from 'standardwebhooks'

export interface Taken {
  /** Method and path. */
  asked: string
  headers: IncomingHttpHeaders
  body: string
}

/** @param answer the status, headers and text of each answer */
export async function receiver(
  answer: (taken: Taken, n: number) => number | [number, Record<string, string>, string?] = () => 204,
) {
  const all: Taken[] = []
  const server = createServer((req, res) => {
    const pieces: Buffer[] = []
    req.on('data', (piece: Buffer) => pieces.push(piece))
    req.on('end', () => {
      const taken = { asked: `${req.method} ${req.url}`, headers: req.headers, body: Buffer.concat(pieces).toString() }
      all.push(taken)
      const [status, headers, text] = [answer(taken, all.length)].flat() as [number, Record<string, string>?, string?]
      res.writeHead(status, headers).end(text)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  server.unref()
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks?from=podium`,
    all,
    /** Whether the receiver believes it at that moment. */
    believes({ headers, body }: Taken, secret: string, nowMs: number): boolean {
      mock.timers.enable({ apis: ['Date'], now: nowMs })
      try {
        new Webhook(secret).verify(body, headers as Record<string, string>)
        return true
      } catch {
        return false
      } finally {
        mock.timers.reset()
      }
    },
    /** What was told, each once, in order; each was signed with that secret when it was sent. */
    told(secret: string): { id: string; type: string; timestamp: string; data: Record<string, unknown> }[] {
      const byId = new Map<string, Taken>()
      for (const taken of all) {
        assert.equal(this.believes(taken, secret, 1000 * Number(taken.headers['webhook-timestamp'])), true, taken.body)
        byId.set(String(taken.headers['webhook-id']), taken)
      }
      return [...byId].map(([id, { body }]) => ({ id, ...JSON.parse(body) }))
    },
    close: () => new Promise((done) => server.close(done)),
  }
}
