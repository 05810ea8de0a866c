/**
 * What kube-scheduler and kube-controller-manager answer on their secure port: how they are to everybody, anything else to whoever may get its
 * path. Simplified: certificates of clients are not looked at, and there is no other page than the metrics.
 * Sources: k8s.io/apiserver/pkg/server/options/{authentication,authorization}.go, pkg/endpoints/{filters,handlers/responsewriters};
 * cmd/kube-scheduler/app/server.go
 */
import { StatusError } from '../api/meta/status-error.ts'
import type { Client } from '../client/client.ts'
import { anonymous, bearerToken, createDelegatedAccess } from '../client/delegated-access.ts'
import type { HttpRequest, HttpResponse, PortServer } from '../network/types.ts'
import { wantsPrettyJson } from '../text/pretty-json.ts'
import { type Health, healthAnswer, plainAnswer } from './component.ts'

export interface SecureServerOptions {
  /** With which it asks who somebody is, and what they may. */
  readonly client: Client
  nowMs(): number
  /** At the node's loopback address alone. */
  readonly isLocal: boolean
  readonly health: Health
  /** The page at /metrics. */
  metrics(): string
}

/** Source: --authentication-token-webhook-cache-ttl, --authorization-webhook-cache-{authorized,unauthorized}-ttl */
const KEPT_MS = { user: 10_000, allowed: 10_000, refused: 10_000 }
/** --authorization-always-allow-paths */
const FREE_PATHS = new Set(['/healthz', '/readyz', '/livez'])

export function secureServer({ client, nowMs, isLocal, health, metrics }: SecureServerOptions): PortServer {
  const access = createDelegatedAccess({ client, nowMs, kept: KEPT_MS })

  /** @throws StatusError 401 */
  function userOf({ headers }: HttpRequest) {
    const token = bearerToken(headers)
    if (token === undefined) return anonymous
    let user: ReturnType<typeof access.userOfToken>
    try {
      user = access.userOfToken(token)
    } catch (error) {
      // Who cannot ask does not know.
      if (!(error instanceof StatusError)) throw error
    }
    if (!user) throw new StatusError(401, 'Unauthorized', 'Unauthorized')
    return user
  }

  function answer(request: HttpRequest): HttpResponse {
    const path = request.path.replace(/\?.*$/, '')
    const user = userOf(request)
    if (!FREE_PATHS.has(path)) {
      const verb = request.method.toLowerCase()
      let isAllowed: boolean
      try {
        isAllowed = access.mayHave(user, { nonResourceAttributes: { path, verb } })
      } catch (error) {
        if (!(error instanceof StatusError)) throw error
        return plainAnswer(500, `Internal Server Error: ${JSON.stringify(request.path)}: ${error.message}\n`)
      }
      if (!isAllowed)
        throw new StatusError(
          403,
          'Forbidden',
          `forbidden: User ${JSON.stringify(user.username)} cannot ${verb} path ${JSON.stringify(path)}`,
          {},
        )
    }
    if (path === '/metrics') return plainAnswer(200, metrics())
    return healthAnswer(path, health) ?? plainAnswer(404, '404 page not found\n')
  }

  return {
    tls: true,
    isLocal,
    http(request, reply) {
      try {
        reply(answer(request))
      } catch (error) {
        if (!(error instanceof StatusError)) throw error
        const indent = wantsPrettyJson(request.path, request.headers) ? 2 : undefined
        reply({
          status: error.code,
          headers: { 'Content-Type': 'application/json' },
          body: `${JSON.stringify(error.toStatus(), undefined, indent)}\n`,
        })
      }
    },
  }
}
