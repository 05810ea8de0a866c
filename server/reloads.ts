/** Tells open pages, while developing, that something they are made of was saved. Nobody makes one in production. */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { eventStreamHeaders, type LiveResponse, openLiveResponse } from './live-response.ts'

export interface Reloads {
  /** Something was saved; what is saved together is told once. */
  tell(): void
  /** Whether the request was for the events, and is answered now. */
  handle(req: IncomingMessage, res: ServerResponse): boolean
  close(): void
}

/** Where static/js/reload.js listens. */
const address = '/reloads'
/** One save is several changes of files. */
const togetherMs = 50
/** How soon a page asks again when the server is started anew. */
const retryMs = 300

export function createReloads(): Reloads {
  // A page that finds another state than before is older than what it is made of: another start, or another save.
  const start = randomBytes(6).toString('hex')
  let saves = 0
  const listeners = new Set<LiveResponse>()
  let timer: NodeJS.Timeout | undefined
  const stateTo = (listener: LiveResponse) => listener.write(`data: ${start}.${saves}\n\n`)
  return {
    tell: () => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        saves++
        for (const listener of listeners) stateTo(listener)
      }, togetherMs)
    },
    handle: (req, res) => {
      if (req.url !== address) return false
      // Its connection ends with it: a server that stops would wait for one that is kept.
      const listener = openLiveResponse(res, {
        status: 200,
        headers: { ...eventStreamHeaders, Connection: 'close' },
        over: () => listeners.delete(listener),
      })
      if (listener.isOver) return true
      listener.write(`retry: ${retryMs}\n`)
      stateTo(listener)
      listeners.add(listener)
      return true
    },
    close: () => {
      clearTimeout(timer)
      for (const listener of listeners) listener.end()
    },
  }
}
