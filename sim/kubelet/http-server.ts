/**
 * What a kubelet answers on its ports: to whoever the API server knows, and who may ask a node for it; and, where it has a read-only port, to
 * everybody. Simplified: of certificates of clients that of the API server is looked at alone, and logs, commands and port forwards come by it
 * alone. Sources: kubernetes/pkg/kubelet/server/{server,auth}.go
 */
import type { ReviewedUser } from '../api/authorization/types.ts'
import { StatusError } from '../api/meta/status-error.ts'
import { userOfCertificate } from '../client/certificate-user.ts'
import type { Client } from '../client/client.ts'
import { anonymous, bearerToken, createDelegatedAccess } from '../client/delegated-access.ts'
import type { Engine } from '../engine/engine.ts'
import type { HttpRequest, HttpResponse, PortServer } from '../network/types.ts'
import { clientDistrustOf } from '../pki/x509.ts'
import { answerOf, type KubeletPage } from './pages.ts'
import type { LetsIn } from './service/startup.ts'

/** Of the webhooks' answers. Source: authentication.webhook.cacheTTL, authorization.webhook.cacheAuthorizedTTL, cacheUnauthorizedTTL */
const KEPT_MS = { user: 120_000, allowed: 300_000, refused: 30_000 }

export interface KubeletServerOptions {
  readonly engine: Engine
  readonly node: string
  readonly client: Client
  readonly letsIn: LetsIn
  /** What is at a path; undefined where nothing is. */
  pageAt(path: string): KubeletPage
}

const verbs: Readonly<Record<string, string>> = {
  GET: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}
const plain = { 'Content-Type': 'text/plain; charset=utf-8' }
const text = (status: number, body: string): HttpResponse => ({ status, headers: plain, body })
const unauthorized = text(401, 'Unauthorized')

/** The parts of a node that a path belongs to: who may have one of them may have the page. */
export function subresourcesOf(path: string): string[] {
  const isBelow = (...roots: string[]): boolean => roots.some((root) => path === root || path.startsWith(`${root}/`))
  const fine = isBelow('/pods', '/runningpods')
    ? ['pods']
    : isBelow('/healthz')
      ? ['healthz']
      : isBelow('/configz')
        ? ['configz']
        : []
  const coarse = isBelow('/stats')
    ? 'stats'
    : isBelow('/metrics')
      ? 'metrics'
      : isBelow('/logs')
        ? 'log'
        : isBelow('/checkpoint')
          ? 'checkpoint'
          : 'proxy'
  return [...fine, coarse]
}

/** What the API server shows to a kubelet, in PEM. */
export interface ApiServerIdentity {
  /** '' for nothing; undefined for a certificate of the cluster's authority that holds always, and with which everything is allowed. */
  readonly certificate: string | undefined
  readonly clusterAuthority: string
}

export interface KubeletServer extends PortServer {
  /** With what a request of the API server is turned away; undefined when it is not. */
  refusalOf(request: { method: string; path: string }, shown: ApiServerIdentity): HttpResponse | undefined
}

const debuggingPaths = /^\/(?:run|exec|attach|portForward|containerLogs|runningpods|logs|debug\/pprof)(?:\/|$)/

/** What a kubelet answers on its read-only port: to everybody, without encryption. Source: ListenAndServeKubeletReadOnlyServer */
export const readOnlyServer = (pageAt: KubeletServerOptions['pageAt']): PortServer => ({
  http({ method, path: asked }, reply) {
    const path = asked.split('?')[0]!
    if (debuggingPaths.test(path)) return reply(text(405, 'Debug endpoints are disabled.\n'))
    reply(answerOf(method === 'GET' ? pageAt(path) : undefined))
  },
})

export function kubeletServer(options: KubeletServerOptions): KubeletServer {
  const { engine, node, client, letsIn } = options
  const access = createDelegatedAccess({ client, nowMs: () => engine.nowMs, kept: KEPT_MS })

  /** @throws StatusError where nobody can say */
  function userOf({ headers }: HttpRequest): ReviewedUser | undefined {
    const token = bearerToken(headers)
    if (token === undefined || !letsIn.tokens) return letsIn.anonymous ? anonymous : undefined
    return access.userOfToken(token)
  }

  /** @throws StatusError where nobody can say */
  const mayHave = (user: ReviewedUser, verb: string, subresource: string): boolean =>
    access.mayHave(user, {
      resourceAttributes: { verb, version: 'v1', resource: 'nodes', subresource, name: node },
    })

  /** By what the API server shows: a certificate that is not trusted is an error, none, or one that is not looked at, is nobody's. */
  function userOfServer(certificate: string, authorities: string): ReviewedUser | undefined {
    if (certificate === '' || authorities === '') return letsIn.anonymous ? anonymous : undefined
    if (clientDistrustOf(certificate, { authorities, nowEpochMs: engine.epochMs }) !== undefined) return undefined
    const { name = '', groups = [] } = userOfCertificate(certificate) ?? {}
    return { username: name, groups: [...groups] }
  }

  function answer(request: HttpRequest): HttpResponse {
    let user: ReviewedUser | undefined
    try {
      user = userOf(request)
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
    }
    const path = request.path.split('?')[0]!
    return (
      refusalFor(user, request.method, path) ?? answerOf(request.method === 'GET' ? options.pageAt(path) : undefined)
    )
  }

  function refusalFor(user: ReviewedUser | undefined, method: string, path: string): HttpResponse | undefined {
    const verb = verbs[method] ?? ''
    if (!user) return unauthorized
    const subresources = subresourcesOf(path)
    const told = (what: string): string => `(user=${user.username}, verb=${verb}, resource=nodes, ${what})`
    if (!letsIn.allToAll)
      try {
        if (!subresources.some((one) => mayHave(user, verb, one)))
          return text(403, `Forbidden ${told(`subresource(s)=[${subresources.join(' ')}]`)}\n`)
      } catch (error) {
        if (!(error instanceof StatusError)) throw error
        return text(500, `Authorization error ${told(`subresource=${subresources[0]}`)}`)
      }
    return undefined
  }

  return {
    tls: true,
    http: (request, reply) => reply(answer(request)),
    refusalOf({ method, path }, { certificate, clusterAuthority }) {
      const { clientAuthorities = clusterAuthority } = letsIn
      if (certificate === undefined && clientAuthorities.includes(clusterAuthority.trim())) return undefined
      return refusalFor(userOfServer(certificate ?? '', clientAuthorities), method, path.split('?')[0]!)
    },
  }
}
