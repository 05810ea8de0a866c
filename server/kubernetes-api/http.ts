/**
 * The Kubernetes API over HTTP: requests read from the socket, answers and streams written to it. Who asks is known by the
 * address: what stands before `/api` names one sandbox and lets nobody else in.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { maxBodyBytes } from '../../sim/forms.ts'
import type { HttpRequest } from '../../sim/index.ts'
import type { HttpStream, Outcome } from '../labs/sandboxes/sessions.ts'
import { failureAnswer } from '../labs/sandboxes/status.ts'
import { openLiveResponse } from '../live-response.ts'
import { leaveUnread } from '../unread-body.ts'

/** The API of one sandbox, wherever it lives. */
export type AskSandbox = (request: HttpRequest) => Promise<Outcome> | Outcome

/** A watch whose client reads nothing is given up when this much waits for it. */
const maxWaitingBytes = 8 * 1024 * 1024

/** More than this Node takes for nothing. */
export const longestTimerMs = 2 ** 31 - 1

/** @param url the path and query below the sandbox's own address */
export async function serveHttp(
  req: IncomingMessage,
  res: ServerResponse,
  url: string,
  ask: AskSandbox,
): Promise<void> {
  const body = await readBody(req)
  if (body === undefined) {
    leaveUnread(req, res)
    sendStatus(res, 413, 'RequestEntityTooLarge', `Request entity too large: limit is ${maxBodyBytes}`)
    return
  }
  const outcome = await ask({ method: req.method ?? 'GET', url, headers: headersOf(req), body })
  switch (outcome.kind) {
    case 'answer':
      res.writeHead(outcome.status, headersOnWire(outcome.headers))
      res.end(req.method === 'HEAD' ? undefined : outcome.body)
      return
    case 'stream':
      pipeStream(res, outcome)
      return
    case 'no-answer':
      req.socket.destroy()
      return
    case 'exec':
    case 'port-forward':
      outcome.kind === 'port-forward' && outcome.close()
      sendStatus(res, 400, 'BadRequest', 'Upgrade request required')
  }
}

/** Headers by lower-case name; several of one name are joined, as HTTP allows. */
export const headersOf = (req: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(req.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  )

/** Node writes a character as a byte, and texts are UTF-8. Source: Go's net/http, which puts a space where a line would end */
export const headersOnWire = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Buffer.from(value, 'utf8')
        .toString('latin1')
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
        .replaceAll(/[\0-\x08\x0a-\x1f\x7f]/g, ' '),
    ]),
  )

/** A `Status` as an answer of our own, before the API was asked. */
export function sendStatus(res: ServerResponse, code: number, reason: string, message: string): void {
  if (res.headersSent) return void res.destroy()
  const { status, headers, body } = failureAnswer(code, reason, message)
  res.writeHead(status, headers)
  res.end(body)
}

/** The body; undefined when it is too large, before it is read to the end. */
async function readBody(req: IncomingMessage): Promise<Uint8Array | undefined> {
  const told = Number(req.headers['content-length'] ?? 0)
  if (told > maxBodyBytes) return undefined
  // Filled as it arrives: a long one that is put together at its end holds up everybody else meanwhile. Nobody gets room for what is only told.
  let body = Buffer.alloc(0)
  let length = 0
  // What is left of it without this is destroyed, and its connection with it before the answer.
  for await (const part of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    const before = length
    length += part.length
    if (length > maxBodyBytes) return undefined
    if (length > body.length) {
      const room = Buffer.allocUnsafe(Math.max(length, Math.min(told, 4 * length)))
      body.copy(room, 0, 0, before)
      body = room
    }
    part.copy(body, before)
  }
  return body.subarray(0, length)
}

function pipeStream(res: ServerResponse, outcome: HttpStream): void {
  let timer: NodeJS.Timeout | undefined
  let stream: ReturnType<HttpStream['open']> | undefined
  const live = openLiveResponse(res, {
    status: outcome.status,
    headers: headersOnWire(outcome.headers),
    encoding: outcome.isBinary ? 'latin1' : 'utf8',
    mostWaitingBytes: maxWaitingBytes,
    over: (why) => {
      clearTimeout(timer)
      if (why !== 'ended') stream?.close()
    },
  })
  // Opened also for a client that has gone meanwhile: only what was opened can be closed.
  let isEnded = false
  stream = outcome.open({
    write: (text) => live.write(text),
    end: () => {
      isEnded = true
      live.end()
    },
  })
  if (live.isOver) {
    if (!isEnded) stream.close()
  } else if (outcome.timeoutSeconds)
    timer = setTimeout(() => stream?.close('timeout'), Math.min(outcome.timeoutSeconds * 1000, longestTimerMs))
}
