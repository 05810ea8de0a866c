/**
 * The API server as Pods and nodes reach it: at the Service `kubernetes`, by TLS, with the tokens of their ServiceAccounts.
 * Source: https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
 */

import type { ApiServer } from '../apiserver/api-server.ts'
import type { UserInfo } from '../client/client.ts'
import { apiServerIP, apiServerPort, apiServerServiceIP } from '../network/address.ts'
import type { Network } from '../network/network.ts'
import type { HttpRequest, HttpResponse, PortServer, Reply } from '../network/types.ts'
import { decodeBytes, encodeBytes } from '../runtime/text-bytes.ts'
import { anonymous, type Sender } from './authentication.ts'
import { isProxied } from './proxy/proxy.ts'
import type { Rest } from './rest.ts'
import type { HttpStream } from './types.ts'

export interface InsideOptions {
  server: ApiServer
  network: Network
  rest: Rest
  /** The certificate that it shows, in PEM; undefined where it has one that its authority signed for it. */
  servingCertificate(): string | undefined
  /** Whose certificate that is; undefined where that is not known. */
  userOf(certificate: string): UserInfo | undefined
  /** Whether nothing gets from the node of that address to the control plane. */
  isCutOff(ip: string): boolean
}

const names = [
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
  'localhost',
  apiServerServiceIP,
  apiServerIP,
  '127.0.0.1',
]

/** A stream that says no end of its own: --min-request-timeout of the API server. */
const longestStreamSeconds = 1800

/** Listens while the API server runs. */
export function serveInside({ server, network, rest, isCutOff, servingCertificate, userOf }: InsideOptions): void {
  const answering: PortServer = {
    tls: true,
    get certificate() {
      const pem = servingCertificate()
      return pem === undefined ? { authority: server.authority.certificate, names } : { pem }
    },
    http(request, reply) {
      // Nothing comes back over a way that is cut.
      if (isCutOff(request.clientIP ?? '')) return
      // Simplified: who is in the cluster has no need of a proxy into it.
      if (isProxied(request.path)) {
        reply(notImplemented)
        return
      }
      const { certificate } = request
      const sender: Sender =
        certificate === undefined ? { otherwise: anonymous } : { byCertificate: userOf(certificate) }
      answerInside({ server, rest }, sender, request, reply)
    },
  }
  let close: (() => void) | undefined
  const follow = (): void => {
    if (server.process.failure !== undefined) {
      close?.()
      close = undefined
    } else if (!close) {
      const listening = network.controlPlane.listen(apiServerPort, answering)
      if ('error' in listening) throw new Error(`the API server cannot listen: ${listening.error}`)
      close = listening.close
    }
  }
  server.process.onChange(follow)
  follow()
}

/** Answers a request that came through the simulated network, or not at all. */
export function answerInside(
  { server, rest }: { server: ApiServer; rest: Rest },
  sender: Sender,
  request: HttpRequest,
  reply: Reply,
): void {
  const outcome = rest.handle(asApiRequest(request), sender, true)
  if (outcome.kind === 'answer') reply(asResponse(outcome), outcome.afterMs)
  else if (outcome.kind === 'stream') collect(server, outcome, reply)
  else if (outcome.kind !== 'no-answer') reply(upgradeRefused)
}

// Simplified: no connection inside the cluster is upgraded.
const upgradeRefused: HttpResponse = { status: 400, headers: { 'Content-Type': 'text/plain' }, body: 'Bad Request' }

const notImplemented: HttpResponse = { status: 501, headers: { 'Content-Type': 'text/plain' }, body: 'Not Implemented' }

const asApiRequest = ({ method, path, host, headers, body }: HttpRequest) => ({
  method,
  url: path,
  headers: { host, ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])) },
  body: encodeBytes(body ?? ''),
})

function asResponse(answer: {
  status: number
  headers: Readonly<Record<string, string>>
  body: string | Uint8Array
}): HttpResponse {
  const { status, headers, body } = answer
  return { status, headers: titled(headers), body: typeof body === 'string' ? body : decodeBytes(body) }
}

/** As Go writes the names of headers: `Content-Type`. */
const titled = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.replace(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase()),
      value,
    ]),
  )

/** Simplified: in the simulated network an answer is one piece, so a stream arrives at its end. */
function collect(server: ApiServer, stream: HttpStream, reply: (response: HttpResponse) => void): void {
  let body = ''
  let isOver = false
  const end = (): void => {
    if (isOver) return
    isOver = true
    const bytes = stream.isBinary ? Uint8Array.from(body, (byte) => byte.charCodeAt(0)) : body
    reply(asResponse({ ...stream, body: bytes }))
  }
  const { close } = stream.open({
    write(text) {
      body += text
    },
    end,
  })
  if (isOver) return
  const seconds = stream.timeoutSeconds ?? longestStreamSeconds
  server.engine.after(
    seconds * 1000,
    'apiserver ends a stream',
    () => {
      close('timeout')
      end()
    },
    { background: true },
  )
}
