/** How Prometheus, Alertmanager and their tools ask others over HTTP. Source: github.com/prometheus/common/config */
import type { HttpResult } from '../../network/types.ts'
import { FileError } from '../../runtime/files.ts'
import type { Process } from '../../runtime/process.ts'
import type { HttpClient } from './configuration.ts'

/** Without credentials, and with the authorities of the machine. */
export const plainClient: HttpClient = {
  credentials: undefined,
  credentialsFile: undefined,
  caFile: undefined,
  isInsecure: false,
}

const reasons: Readonly<Record<string, string>> = {
  refused: 'dial tcp: connect: connection refused',
  timeout: 'context deadline exceeded',
  'no-route': 'dial tcp: connect: no route to host',
  'unknown-host': 'dial tcp: lookup: no such host',
  untrusted: 'tls: failed to verify certificate: x509: certificate signed by unknown authority',
  'not-tls': 'http: server gave HTTP response to HTTPS client',
  reset: 'EOF',
}

export interface Sent {
  /** `Prometheus/3.4.1` */
  readonly agent: string
  /** JSON. */
  readonly body?: string
  /** GET, or POST where there is a body, unless told. */
  readonly method?: string
}

/** Why nobody answered, as Go words it. */
export const reasonOf = (error: string): string => reasons[error] ?? error

/** Asks a server. @returns why it cannot be asked at all, or how to */
export function ask(
  process: Process,
  { credentials, credentialsFile, caFile, isInsecure }: HttpClient,
  url: string,
  { agent, body, method = body === undefined ? 'GET' : 'POST' }: Sent,
): { error: string } | { start(timeoutMs: number, done: (result: HttpResult) => void): void } {
  const [, scheme, host, port, path] = /^(https?):\/\/([^/:?]+)(?::(\d+))?(\/.*)?$/.exec(url) ?? []
  if (host === undefined) return { error: `parse ${JSON.stringify(url)}: invalid URL` }
  let token: string | undefined
  let authorities: string | undefined
  try {
    token = credentialsFile === undefined ? credentials : process.files.read(credentialsFile).trim()
    authorities = caFile === undefined ? undefined : process.files.read(caFile)
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    return { error: `unable to read ${credentialsFile ?? caFile}: ${error.message}` }
  }
  const message = {
    ...{ method, path: path ?? '/', host: port ? `${host}:${port}` : host },
    scheme: scheme as 'http' | 'https',
    verifies: !isInsecure,
    headers: {
      'User-Agent': agent,
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body }),
    ...(authorities === undefined ? {} : { authorities }),
  }
  const to = { host, port: Number(port ?? (scheme === 'https' ? 443 : 80)) }
  return { start: (timeoutMs, done) => process.network.http(to, message, timeoutMs, done) }
}
