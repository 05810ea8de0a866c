/** What a listening process makes of an HTTP request that reached it: TLS first, then its handler. */
import { distrustOf } from '../pki/x509.ts'
import type { ConnectFailure, HttpRequest, PortServer, Reply } from './types.ts'

/** @returns why the connection fails; undefined when the request is the server's to answer */
export function serveHttp(
  server: PortServer,
  request: HttpRequest,
  nowEpochMs: number,
  reply: Reply,
): ConnectFailure | undefined {
  const failure = handshakeFailure(server, request, nowEpochMs)
  if (failure) return failure
  if (request.scheme === 'http' && server.tls) {
    const headers = { 'Content-Type': 'text/plain; charset=utf-8' }
    reply({ status: 400, headers, body: 'Client sent an HTTP request to an HTTPS server.\n' })
    return undefined
  }
  server.http!(request, reply)
  return undefined
}

/** Why the connection would fail, before anything is asked. */
export function handshakeFailure(
  server: PortServer,
  request: HttpRequest,
  nowEpochMs: number,
): ConnectFailure | undefined {
  if (!server.http) return { error: 'reset' }
  if (request.scheme !== 'https') return undefined
  if (!server.tls) return { error: 'not-tls' }
  if (!certificateOf(server, request) && server.certificateFor) return { error: 'reset' }
  const why = request.verifies ? distrust(request, server, nowEpochMs) : undefined
  if (why !== undefined) return { error: 'untrusted', why }
  const alert = server.clientAlert?.(request.certificate)
  return alert && { error: 'reset', alert }
}

const UNKNOWN = 'x509: certificate signed by unknown authority'

const nameOf = ({ host }: HttpRequest): string => host.replace(/:\d+$/, '')

const certificateOf = (server: PortServer, request: HttpRequest): PortServer['certificate'] =>
  server.certificateFor ? server.certificateFor(nameOf(request)) : server.certificate

/** Whether the client knows who signed the server's certificate, and it is for the host that was asked for. */
function distrust(request: HttpRequest, server: PortServer, nowEpochMs: number) {
  const { authorities = '' } = request
  const name = nameOf(request)
  const certificate = certificateOf(server, request)
  if (!certificate) return UNKNOWN
  if ('pem' in certificate) return distrustOf(certificate.pem, { host: name, authorities, nowEpochMs })
  if (!certificate.names.includes(name))
    return `x509: certificate is valid for ${certificate.names.join(', ')}, not ${name}`
  return authorities.includes(certificate.authority) ? undefined : UNKNOWN
}
