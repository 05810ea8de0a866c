/** HTTP/1.1 as bytes: requests read as they arrive, responses written. Source: https://www.rfc-editor.org/rfc/rfc9112 */
import type { HttpResponse } from '../../network/types.ts'
import { decodeBytes, encodeBytes, joinBytes } from '../../runtime/text-bytes.ts'

export interface ReadRequest {
  method: string
  /** With its query. */
  path: string
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>
  body: string
  /** The connection ends with the answer. */
  isLast: boolean
}

export type Reading =
  | { kind: 'request'; request: ReadRequest; rest: Uint8Array }
  /** More bytes are needed; `expects` says that the client waits for a `100 Continue` first. */
  | { kind: 'incomplete'; expects: boolean }
  | { kind: 'no-http' }

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']
const requestLine = /^([A-Z]+) (\S+) HTTP\/1\.([01])$/
const maxHeaderBytes = 64 * 1024

/** Whether bytes are the beginning of a request. */
export function looksLikeHttp(bytes: Uint8Array): boolean {
  const start = decodeBytes(bytes.subarray(0, 8))
  return methods.some((method) => `${method} `.startsWith(start) || start.startsWith(`${method} `))
}

/** The first request of what has arrived. */
export function readRequest(bytes: Uint8Array): Reading {
  if (!looksLikeHttp(bytes)) return { kind: 'no-http' }
  const head = endOfHead(bytes)
  if (!head) return bytes.length > maxHeaderBytes ? { kind: 'no-http' } : { kind: 'incomplete', expects: false }
  const [first, ...lines] = decodeBytes(bytes.subarray(0, head.end)).split(/\r?\n/)
  const match = requestLine.exec(first)
  if (!match) return { kind: 'no-http' }
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon <= 0) return { kind: 'no-http' }
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    headers[name] = Object.hasOwn(headers, name) ? `${headers[name]}, ${value}` : value
  }
  const body = readBody(bytes.subarray(head.next), headers)
  if (body === 'invalid') return { kind: 'no-http' }
  if (!body) return { kind: 'incomplete', expects: headers.expect?.toLowerCase() === '100-continue' }
  const connection = (headers.connection ?? '').toLowerCase()
  const isLast = connection.includes('close') || (match[3] === '0' && !connection.includes('keep-alive'))
  const request = { method: match[1], path: match[2], headers, body: decodeBytes(body.content), isLast }
  return { kind: 'request', request, rest: bytes.slice(head.next + body.length) }
}

/** Where the lines of the head end, and what follows them begins. */
function endOfHead(bytes: Uint8Array): { end: number; next: number } | undefined {
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) {
    const next = bytes[at + 1] === 13 ? at + 2 : at + 1
    if (bytes[next] === 10) return { end: bytes[at - 1] === 13 ? at - 1 : at, next: next + 1 }
  }
  return undefined
}

type Body = { content: Uint8Array; length: number } | undefined | 'invalid'

function readBody(bytes: Uint8Array, headers: Readonly<Record<string, string>>): Body {
  if (/chunked/i.test(headers['transfer-encoding'] ?? '')) return readChunks(bytes)
  const text = headers['content-length'] ?? '0'
  if (!/^\d+$/.test(text)) return 'invalid'
  const length = Number(text)
  return bytes.length < length ? undefined : { content: bytes.slice(0, length), length }
}

function readChunks(bytes: Uint8Array): Body {
  const pieces: Uint8Array[] = []
  for (let at = 0; ; ) {
    const end = bytes.indexOf(10, at)
    if (end < 0) return undefined
    const size = Number.parseInt(decodeBytes(bytes.subarray(at, end)), 16)
    if (Number.isNaN(size)) return 'invalid'
    at = end + 1
    if (size === 0) {
      // Trailers, if any, and an empty line.
      for (let next = bytes.indexOf(10, at); next >= 0; next = bytes.indexOf(10, at)) {
        const isEmpty = next === at || (next === at + 1 && bytes[at] === 13)
        at = next + 1
        if (isEmpty) return { content: joinBytes(pieces), length: at }
      }
      return undefined
    }
    if (bytes.length < at + size + 2) return undefined
    pieces.push(bytes.slice(at, at + size))
    at = bytes.indexOf(10, at + size) + 1
  }
}

const reasons: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  206: 'Partial Content',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  411: 'Length Required',
  413: 'Payload Too Large',
  415: 'Unsupported Media Type',
  418: "I'm a teapot",
  422: 'Unprocessable Entity',
  426: 'Upgrade Required',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}

/** @param isLast the server closes the connection after it */
export function writeResponse(
  { status, headers, body }: HttpResponse,
  { method, isLast, epochMs }: { method: string; isLast: boolean; epochMs: number },
): Uint8Array {
  const content = encodeBytes(body)
  const given = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), { name, value }]))
  const lines = [`HTTP/1.1 ${status} ${reasons[status] ?? ''}`.trimEnd()]
  const server = given.get('server')
  if (server) lines.push(`Server: ${server.value}`)
  lines.push(`Date: ${given.get('date')?.value ?? new Date(epochMs).toUTCString()}`)
  for (const [key, { name, value }] of given) if (!ownHeaders.has(key)) lines.push(`${name}: ${value}`)
  const hasBody = status >= 200 && status !== 204 && status !== 304
  // Simulated servers count characters.
  if (hasBody)
    lines.push(
      `Content-Length: ${method === 'HEAD' ? (given.get('content-length')?.value ?? content.length) : content.length}`,
    )
  if (isLast) lines.push('Connection: close')
  const head = encodeBytes(`${lines.join('\r\n')}\r\n\r\n`)
  return hasBody && method !== 'HEAD' ? joinBytes([head, content]) : head
}

/** Written apart from what the server gave. */
const ownHeaders = new Set(['server', 'date', 'content-length', 'connection', 'transfer-encoding'])

export const continueResponse = encodeBytes('HTTP/1.1 100 Continue\r\n\r\n')
