/**
 * The cluster's DNS: names of Services and of the Pods behind headless ones. Source: https://github.com/kubernetes/dns/blob/master/docs/specification.md
 * Simplified: it answers whether or not DNS Pods run, and answers are never cached.
 */
import { services as serviceKind } from '../api/core/service.ts'
import type { Service } from '../api/core/types.ts'
import { endpointSlices as sliceKind } from '../api/discovery/endpoint-slice.ts'
import type { Endpoint, EndpointSlice } from '../api/discovery/types.ts'
import type { ComponentContext, RunningComponent } from '../client/machinery.ts'
import { parseIp } from './address.ts'
import type { Network } from './network.ts'
import type { NameServer } from './resolver.ts'

const DNS_IP = '10.96.0.10'
const CLUSTER_DOMAIN = 'cluster.local'

export interface DnsOptions {
  /** Under the identity of CoreDNS; the caller starts its informers. */
  context: ComponentContext
  network: Network
}

/** Answers names from now on; Pods whose sandboxes are made later search in the cluster's domain. */
export function startDns({ context, network }: DnsOptions): RunningComponent {
  const services = context.informers.informer(serviceKind)
  const slices = context.informers.informer(sliceKind)

  const endpointsOf = (service: Service): Endpoint[] => {
    const { namespace, name } = service.metadata
    return slices
      .list(namespace)
      .filter((slice: EndpointSlice) => slice.metadata.labels?.['kubernetes.io/service-name'] === name)
      .flatMap((slice) => slice.endpoints ?? [])
      .filter((endpoint) => endpoint.conditions?.ready !== false || service.spec.publishNotReadyAddresses)
  }

  function answerService(labels: readonly string[]): readonly string[] | undefined {
    const host = labels.length === 3 ? labels[0] : undefined
    const [name, namespace] = labels.slice(-2)
    const service = services.get({ namespace, name })
    if (!service) return undefined
    const { spec } = service
    if (spec.type === 'ExternalName') return host || !spec.externalName ? undefined : [spec.externalName]
    if (spec.clusterIP && spec.clusterIP !== 'None') return host ? undefined : [spec.clusterIP]
    const found = endpointsOf(service).filter(
      (endpoint) => !host || endpoint.hostname === host || endpoint.addresses[0].replaceAll('.', '-') === host,
    )
    const addresses = [...new Set(found.map((endpoint) => endpoint.addresses[0]))].sort()
    return addresses.length > 0 ? addresses : undefined
  }

  const server: NameServer = {
    ip: DNS_IP,
    clusterDomain: CLUSTER_DOMAIN,
    answer(name) {
      const lower = name.toLowerCase()
      if (!lower.endsWith(`.${CLUSTER_DOMAIN}`)) return undefined
      const labels = lower.slice(0, -CLUSTER_DOMAIN.length - 1).split('.')
      const zone = labels.pop()
      if (zone === 'svc' && (labels.length === 2 || labels.length === 3)) return answerService(labels)
      if (zone !== 'pod' || labels.length !== 2) return undefined
      const ip = labels[0].replaceAll('-', '.')
      return parseIp(ip) === undefined ? undefined : [ip]
    },
  }
  network.setNameServer(server)
  return { stop: () => network.setNameServer(undefined) }
}
