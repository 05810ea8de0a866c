/** What the service controller makes of a Service. Pure. Source: k8s.io/cloud-provider/controllers/service/controller.go */
import type { Node, Service } from '../../api/core/types.ts'
import { equalJson } from '../../api/meta/json.ts'
import { PROXY_HEALTH_PORT } from '../../network/proxy-health.ts'
import type { BalancerSpec } from './load-balancers.ts'

export const FINALIZER = 'service.kubernetes.io/load-balancer-cleanup'
const EXCLUDE_LABEL = 'node.kubernetes.io/exclude-from-external-load-balancers'
const TO_BE_DELETED_TAINT = 'ToBeDeletedByClusterAutoscaler'

/** A Service that names a class belongs to somebody else. */
export const wantsBalancer = ({ spec }: Service): boolean =>
  spec.type === 'LoadBalancer' && spec.loadBalancerClass === undefined

export const hasFinalizer = ({ metadata }: Service): boolean => metadata.finalizers?.includes(FINALIZER) ?? false

/** It has a load balancer, by its finalizer, and has to lose it. */
export const needsCleanup = (service: Service): boolean =>
  hasFinalizer(service) && (service.metadata.deletionTimestamp !== undefined || service.spec.type !== 'LoadBalancer')

export interface BalancerChange {
  reason: string
  message: string
}

/** Whether the change concerns the load balancer, and what is said of it, if anything is. */
export function changeOf(old: Service, service: Service): { isNeeded: boolean; event?: BalancerChange } {
  const before = old.spec
  const now = service.spec
  if (!wantsBalancer(old) && !wantsBalancer(service)) return { isNeeded: false }
  const said = (reason: string, was: unknown, is: unknown) => ({
    isNeeded: true,
    event: { reason, message: `${was} -> ${is}` },
  })
  if (wantsBalancer(old) !== wantsBalancer(service)) return said('Type', before.type, now.type)
  if (!equalJson(before.loadBalancerSourceRanges ?? [], now.loadBalancerSourceRanges ?? []))
    return said(
      'LoadBalancerSourceRanges',
      printList(before.loadBalancerSourceRanges),
      printList(now.loadBalancerSourceRanges),
    )
  if (!equalJson(before.ports?.map(portFacts), now.ports?.map(portFacts))) return { isNeeded: true }
  if (before.sessionAffinity !== now.sessionAffinity) return { isNeeded: true }
  if (!equalJson(before.sessionAffinityConfig ?? {}, now.sessionAffinityConfig ?? {})) return { isNeeded: true }
  if (before.loadBalancerIP !== now.loadBalancerIP)
    return said('LoadbalancerIP', before.loadBalancerIP ?? '', now.loadBalancerIP ?? '')
  const [ips, newIPs] = [before.externalIPs ?? [], now.externalIPs ?? []]
  if (ips.length !== newIPs.length) return said('ExternalIP', `Count: ${ips.length}`, newIPs.length)
  const added = newIPs.find((ip, i) => ip !== ips[i])
  if (added) return { isNeeded: true, event: { reason: 'ExternalIP', message: `Added: ${added}` } }
  if (!equalJson(old.metadata.annotations ?? {}, service.metadata.annotations ?? {})) return { isNeeded: true }
  if (before.externalTrafficPolicy !== now.externalTrafficPolicy)
    return said('ExternalTrafficPolicy', before.externalTrafficPolicy ?? '', now.externalTrafficPolicy ?? '')
  if ((before.healthCheckNodePort ?? 0) !== (now.healthCheckNodePort ?? 0))
    return said('HealthCheckNodePort', before.healthCheckNodePort ?? 0, now.healthCheckNodePort ?? 0)
  return { isNeeded: false }
}

const portFacts = ({
  name = '',
  protocol,
  port,
  nodePort = 0,
  targetPort,
}: NonNullable<Service['spec']['ports']>[0]) => [name, protocol, port, nodePort, targetPort]

const printList = (list: readonly string[] | undefined): string => `[${(list ?? []).join(' ')}]`

/** Nodes that a load balancer may send to. Whether they are ready is left to its own health checks (KEP-3458). */
export const balancedNodes = (nodes: readonly Node[]): string[] =>
  nodes
    .filter(
      ({ metadata, spec }) =>
        metadata.deletionTimestamp === undefined &&
        metadata.labels?.[EXCLUDE_LABEL] === undefined &&
        !spec.taints?.some(({ key }) => key === TO_BE_DELETED_TAINT),
    )
    .map(({ metadata }) => metadata.name)
    .sort()

/** What the cloud is asked for. With externalTrafficPolicy Local each node answers for the Service, else for itself. */
export const balancerSpecOf = ({ metadata, spec }: Service, nodes: readonly string[]): BalancerSpec => ({
  service: `${metadata.namespace}/${metadata.name}`,
  ports: (spec.ports ?? []).map(({ protocol, port }) => ({ protocol, port })),
  health: {
    port: (spec.externalTrafficPolicy === 'Local' && spec.healthCheckNodePort) || PROXY_HEALTH_PORT,
    path: '/healthz',
  },
  isSticky: spec.sessionAffinity === 'ClientIP',
  nodes,
})
