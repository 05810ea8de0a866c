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

/** Whether a change of the Service concerns its load balancer. */
export const needsUpdate = (old: Service, service: Service): boolean =>
  (wantsBalancer(old) || wantsBalancer(service)) && !equalJson(balancerFacts(old), balancerFacts(service))

const balancerFacts = (service: Service): unknown[] => [
  wantsBalancer(service),
  service.spec.loadBalancerSourceRanges,
  service.spec.ports?.map(({ name, protocol, port, nodePort, targetPort, appProtocol }) => {
    return [name, protocol, port, nodePort, targetPort, appProtocol]
  }),
  service.spec.sessionAffinity,
  service.spec.sessionAffinityConfig,
  service.spec.loadBalancerIP,
  service.spec.externalIPs,
  service.metadata.annotations,
  service.metadata.uid,
  service.spec.externalTrafficPolicy,
  service.spec.healthCheckNodePort,
  service.spec.ipFamilies?.length,
]

/** Nodes that a load balancer may send to. Whether they are ready is left to its own health checks (KEP-3458). */
export const balancedNodes = (nodes: readonly Node[]): string[] =>
  nodes
    .filter(
      ({ metadata, spec }) =>
        metadata.deletionTimestamp === undefined &&
        !isExcluded(metadata.labels?.[EXCLUDE_LABEL]) &&
        !spec.taints?.some(({ key }) => key === TO_BE_DELETED_TAINT),
    )
    .map(({ metadata }) => metadata.name)
    .sort()

/** By the label, unless its value says the contrary in one of the ways in which Go writes false. */
const isExcluded = (label: string | undefined): boolean =>
  label !== undefined && !/^(0|f|F|false|False|FALSE)$/.test(label)

/** What the cloud is asked for. With externalTrafficPolicy Local each node answers for the Service, else for itself. */
export const balancerSpecOf = ({ metadata, spec }: Service, nodes: readonly string[]): BalancerSpec => ({
  service: `${metadata.namespace}/${metadata.name}`,
  ports: spec.ports!.map(({ protocol, port }) => ({ protocol, port })),
  health: {
    port: (spec.externalTrafficPolicy === 'Local' && spec.healthCheckNodePort) || PROXY_HEALTH_PORT,
    path: '/healthz',
  },
  isSticky: spec.sessionAffinity === 'ClientIP',
  nodes,
})
