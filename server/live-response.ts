/**
 * Responses that stay open: server-sent events, watches, followed logs. The head is written before anything else can happen to the
 * response, what is written after its end is dropped, and it ends once, whoever ends it.
 */
import type { ServerResponse } from 'node:http'

export interface LiveResponse {
  readonly isOver: boolean
  /** Does nothing once it is over. A client that reads too slowly is let go. */
  write(text: string): void
  /** Ends it after what was written; the second time does nothing. */
  end(): void
}

export interface LiveResponseOptions {
  status: number
  headers: Readonly<Record<string, string>>
  encoding?: 'utf8' | 'latin1'
  /** The connection is cut when this much waits to be read. */
  mostWaitingBytes?: number
  /** Sent so often that nobody in between takes the connection for dead. */
  heartbeat?: { everyMs: number; text: string }
  /** Called once: the client has gone or was let go, or `end` was called. Also when the client had gone before it was opened. */
  over(why: 'ended' | 'gone' | 'slow'): void
}

const usualWaitingBytes = 8 * 1024 * 1024

const opened = new WeakMap<ServerResponse, { kind: 'events' | 'watch'; live: LiveResponse }>()

/** What it was opened to tell: a page's events, or what somebody watches. Undefined for one that is answered. */
export const liveKind = (res: ServerResponse): 'events' | 'watch' | undefined => opened.get(res)?.kind

/** Ends it if it was opened to stay so. A page comes back a moment later, not all at once, and finds another server or this one anew. */
export function endLive(res: ServerResponse): void {
  const { kind, live } = opened.get(res) ?? {}
  // Of a `retry` alone, without an event, htmx takes no notice.
  const retryMs = 1000 + Math.floor(Math.random() * 2000)
  if (kind === 'events') live?.write(`event: stopping\nretry: ${retryMs}\ndata: the server is stopping\n\n`)
  live?.end()
}

/** What an event stream is sent with; `no-transform` keeps compression off, which would hold events back. */
export const eventStreamHeaders = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
}

/**
 * Writes the head and keeps the response open. Timers and subscriptions that write into it begin after this call.
 * @returns one that is over already when the client has gone or an answer was begun
 */
export function openLiveResponse(res: ServerResponse, options: LiveResponseOptions): LiveResponse {
  const { status, headers, encoding = 'utf8', mostWaitingBytes = usualWaitingBytes, over } = options
  let isOver = false
  let heartbeat: NodeJS.Timeout | undefined
  const finish = (why: 'ended' | 'gone' | 'slow'): void => {
    if (isOver) return
    isOver = true
    clearInterval(heartbeat)
    if (why === 'ended') res.end()
    else res.destroy()
    over(why)
  }
  const live: LiveResponse = {
    get isOver() {
      return isOver
    },
    write(text) {
      if (isOver || text === '') return
      res.write(text, encoding)
      if (res.writableLength > mostWaitingBytes) finish('slow')
    },
    end: () => finish('ended'),
  }
  surviveErrors(res)
  if (res.closed || res.destroyed || res.headersSent) {
    finish('gone')
    return live
  }
  const kind = headers['Content-Type'] === eventStreamHeaders['Content-Type'] ? 'events' : 'watch'
  opened.set(res, { kind, live })
  res.once('close', () => finish('gone'))
  res.writeHead(status, { ...headers })
  res.flushHeaders()
  if (options.heartbeat) {
    const { everyMs, text } = options.heartbeat
    heartbeat = setInterval(() => live.write(text), everyMs)
  }
  return live
}

/** An error of this response or connection, such as a write that came too late, ends it and not the process. */
export function surviveErrors(stream: NodeJS.EventEmitter, onError: (error: unknown) => void = () => undefined): void {
  stream.on('error', onError)
}
