/** What programs have in common that ask over HTTP: addresses, names, and words for what came of it. */
import type { HttpRequest, HttpResponse, HttpResult, NameAnswer, NetworkNamespace } from '../../network/types.ts'
import type { Process, Wait } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'

export interface Url {
  scheme: 'http' | 'https'
  host: string
  port: number
  path: string
  /** `host` or `host:port`, as it was written. */
  authority: string
}

export function parseUrl(text: string): Url | undefined {
  const match = /^(?:(https?):\/\/)?(?:[^@/]*@)?(\[[^\]]+\]|[^:/?#]+)(?::(\d+))?([/?#].*)?$/.exec(text)
  if (!match) return undefined
  const scheme = match[1] === 'https' ? 'https' : 'http'
  const path = match[4] ?? '/'
  return {
    scheme,
    host: match[2].replace(/^\[|\]$/g, ''),
    port: match[3] ? Number(match[3]) : scheme === 'https' ? 443 : 80,
    path: path.startsWith('/') ? path.replace(/#.*$/, '') : `/${path}`,
    authority: match[2] + (match[3] ? `:${match[3]}` : ''),
  }
}

export const isAddress = (host: string): boolean => /^\d+\.\d+\.\d+\.\d+$/.test(host) || host.includes(':')

export const request = (
  network: NetworkNamespace,
  url: Url,
  message: HttpRequest,
  timeoutMs: number,
): Wait<HttpResult> => ({
  start: (resume) => network.http({ host: url.host, port: url.port }, message, timeoutMs, resume),
})

interface Resolved {
  addresses: readonly string[]
  server: string
  answer?: NameAnswer
}

const resolve = (network: NetworkNamespace, name: string): Wait<Resolved> => ({
  start: (resume) => network.resolve(name, (addresses, server, answer) => resume({ addresses, server, answer })),
})

/** The address that a host stood for, for messages. */
export function* addressOf(
  process: Process,
  host: string,
  known: string | undefined,
): Generator<Wait, string, unknown> {
  if (isAddress(host)) return host
  const { addresses } = yield* waitFor(resolve(process.network, host))
  // Of several addresses the one that was reached; a Service's Pods are not among them, and are not what was dialled.
  return known && addresses.includes(known) ? known : (addresses[0] ?? known ?? host)
}

export const connectErrors: Record<string, string> = {
  refused: 'Connection refused',
  'no-route': 'No route to host',
  timeout: 'Connection timed out',
  reset: 'Connection reset by peer',
}

/** How long a connection is tried when nobody says otherwise: the kernel's SYN retries. */
export const connectTimeoutMs = 127_000

export const statusTexts: Record<number, string> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
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
  405: 'Not Allowed',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}
export const statusLine = (status: number): string => `HTTP/1.1 ${status} ${statusTexts[status] ?? 'Unknown'}`

export function headerOf(response: Pick<HttpResponse, 'headers'>, name: string): string | undefined {
  return Object.entries(response.headers).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]
}
