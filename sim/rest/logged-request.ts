/** Requests as the log keeps them: as text, and of their headers what has an effect. */
import { bytesOfBase64, encodeBase64 } from '../api/meta/base64.ts'
import type { Command } from '../scenario/types.ts'
import { isAnswerable } from './negotiation.ts'
import type { HttpRequest } from './types.ts'

type LoggedRequest = Extract<Command, { op: 'request' }>

/** And `accept`, where it may be refused: then nothing is written. */
const LOGGED_HEADERS = new Set(['content-type', 'user-agent', 'authorization'])

export function loggedRequest({ method, url, headers, body, tls }: HttpRequest): LoggedRequest {
  const kept = Object.fromEntries(
    Object.entries(headers).filter(
      ([name, value]) =>
        LOGGED_HEADERS.has(name) || name.startsWith('impersonate-') || (name === 'accept' && !isAnswerable(value)),
    ),
  )
  const request = { op: 'request', method, url, headers: kept, ...(tls ? { tls } : {}) } as const
  const text = textOf(body)
  return text === undefined ? { ...request, body: encodeBase64(body), isBase64: true } : { ...request, body: text }
}

/** One that was refused for the type of its body: the body was not looked into, and that there was one is enough, however long it is. */
export const unreadRequest = (request: HttpRequest): LoggedRequest =>
  loggedRequest({ ...request, body: request.body.subarray(0, 1) })

/** Undefined for what is no text: decoded leniently it would come back as other bytes, which might be taken where these were refused. */
function textOf(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch {
    return undefined
  }
}

/** The same request, so far as it has an effect. */
export const readLoggedRequest = ({ method, url, headers, body, isBase64, tls }: LoggedRequest): HttpRequest => ({
  method,
  url,
  headers,
  body: isBase64 ? bytesOfBase64(body) : new TextEncoder().encode(body),
  ...(tls ? { tls } : {}),
})
