/** Requests as the log keeps them: as text, and of their headers what has an effect. */
import { bytesOfBase64, encodeBase64 } from '../api/meta/base64.ts'
import type { Command } from '../scenario/types.ts'
import { isAnswerable } from './negotiation.ts'
import type { HttpRequest } from './types.ts'

type LoggedRequest = Extract<Command, { op: 'request' }>

/** And `accept`, where it may be refused: then nothing is written. */
const LOGGED_HEADERS = new Set(['content-type', 'user-agent', 'authorization'])

export function loggedRequest({ method, url, headers, body }: HttpRequest): LoggedRequest {
  const kept = Object.fromEntries(
    Object.entries(headers).filter(
      ([name, value]) =>
        LOGGED_HEADERS.has(name) || name.startsWith('impersonate-') || (name === 'accept' && !isAnswerable(value)),
    ),
  )
  const request = { op: 'request', method, url, headers: kept } as const
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(body)
  // What is no text would come back as other bytes, which might be taken where these were refused.
  return isSame(new TextEncoder().encode(text), body)
    ? { ...request, body: text }
    : { ...request, body: encodeBase64(body), isBase64: true }
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, place) => byte === b[place])

/** The same request, so far as it has an effect. */
export const readLoggedRequest = ({ method, url, headers, body, isBase64 }: LoggedRequest): HttpRequest => ({
  method,
  url,
  headers,
  body: isBase64 ? bytesOfBase64(body) : new TextEncoder().encode(body),
})
