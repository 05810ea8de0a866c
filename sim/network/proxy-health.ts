/**
 * What kube-proxy tells load balancers: whether it works (port 10256), and at the healthCheckNodePort of each Service with
 * externalTrafficPolicy Local whether its node has endpoints. Source: pkg/proxy/healthcheck/{service_health,proxy_health}.go
 */
import type { Service } from '../api/core/types.ts'
import { keyOf, keyText } from '../api/meta/object.ts'
import type { HttpResponse, NetworkNamespace } from './types.ts'

export const PROXY_HEALTH_PORT = 10_256

export interface ProxyHealth {
  /**
   * Opens and closes ports as the Services ask.
   * @param services those with a healthCheckNodePort
   * @param readyLocally ready endpoints of a Service on this node
   */
  sync(services: readonly Service[], readyLocally: (service: Service) => number): void
  close(): void
}

interface Check {
  port: number
  count: number
  /** Undefined while somebody else has the port: it is tried again. */
  close: (() => void) | undefined
}

/**
 * Listens from now on. A port that somebody else has is tried again with each sync.
 * @param now the time as Go prints it
 */
export function createProxyHealth(host: NetworkNamespace, now: () => string): ProxyHealth {
  let lastUpdated = now()
  const checks = new Map<string, Check>()
  const listen = (port: number, answer: () => HttpResponse): (() => void) | undefined => {
    const listening = host.listen(port, { http: (_, reply) => reply(answer()) })
    return 'error' in listening ? undefined : listening.close
  }
  const listenOwn = () =>
    listen(PROXY_HEALTH_PORT, () =>
      json(200, `{"lastUpdated": "${lastUpdated}","currentTime": "${now()}","nodeEligible": true}`),
    )
  let closeOwn = listenOwn()
  return {
    sync(services, readyLocally) {
      lastUpdated = now()
      closeOwn ??= listenOwn()
      const wanted = new Map(
        services.map((service) => [keyText(keyOf(service)), { service, port: service.spec.healthCheckNodePort ?? 0 }]),
      )
      for (const [key, check] of checks) {
        if (check.close && wanted.get(key)?.port === check.port) continue
        check.close?.()
        checks.delete(key)
      }
      for (const [key, { service, port }] of wanted) {
        const count = readyLocally(service)
        const known = checks.get(key)
        if (known) known.count = count
        else {
          const check: Check = { port, count, close: undefined }
          check.close = listen(port, () => told(service, check.count))
          checks.set(key, check)
        }
      }
    },
    close() {
      closeOwn?.()
      for (const check of checks.values()) check.close?.()
      checks.clear()
    },
  }
}

function told({ metadata }: Service, count: number): HttpResponse {
  const body = `{
\t"service": {
\t\t"namespace": ${JSON.stringify(metadata.namespace)},
\t\t"name": ${JSON.stringify(metadata.name)}
\t},
\t"localEndpoints": ${count},
\t"serviceProxyHealthy": true
}`
  return json(count > 0 ? 200 : 503, body, { 'X-Load-Balancing-Endpoint-Weight': String(count) })
}

const json = (status: number, body: string, more: Record<string, string> = {}): HttpResponse => ({
  status,
  headers: { 'Content-Type': 'application/json', 'X-Content-Type-Options': 'nosniff', ...more },
  body,
})
