/** What the server counts of itself, as Prometheus reads it. Source: k8s.io/apiserver/pkg/endpoints/metrics */
import type { Kind } from '../api/meta/kind.ts'
import { resourceName } from '../api/meta/kind.ts'
import type { ApiServer } from '../apiserver/api-server.ts'

export interface CountedRequest {
  verb: string
  group: string
  version: string
  resource: string
  subresource: string
  scope: string
  code: number
}

/** Requests by what they asked for and how they ended. It is no part of the cluster's history. */
export class RequestCounts {
  readonly #counts = new Map<string, number>()

  note({ verb, group, version, resource, subresource, scope, code }: CountedRequest): void {
    const labels = { code, component: 'apiserver', dry_run: '', group, resource, scope, subresource, verb, version }
    const text = Object.entries(labels)
      .map(([name, value]) => `${name}="${value}"`)
      .join(',')
    this.#counts.set(text, (this.#counts.get(text) ?? 0) + 1)
  }

  /** The text exposition format. */
  print(server: ApiServer, kinds: readonly Kind[]): string {
    const requests = [...this.#counts].toSorted(([a], [b]) => (a < b ? -1 : 1))
    const stored = [...new Set(kinds.filter((kind) => !kind.isVirtual).map(resourceName))].toSorted()
    return [
      '# HELP apiserver_request_total [STABLE] Requests that were answered, by what they asked for and how they ended.',
      '# TYPE apiserver_request_total counter',
      ...requests.map(([labels, count]) => `apiserver_request_total{${labels}} ${count}`),
      '# HELP apiserver_storage_objects [STABLE] Objects that are stored, by resource.',
      '# TYPE apiserver_storage_objects gauge',
      ...stored.map((resource) => `apiserver_storage_objects{resource="${resource}"} ${server.etcd.count(resource)}`),
      '',
    ].join('\n')
  }
}
