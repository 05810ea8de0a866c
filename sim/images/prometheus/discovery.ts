/** The targets that a cluster has, with what is told of them in labels. Source: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#kubernetes_sd_config */
import type { KubeObject } from '../../api/meta/object.ts'
import type { Role } from './configuration.ts'
import type { Labels } from './promql/types.ts'

/** Objects by resource, as they were listed last. */
export type Listings = Readonly<Partial<Record<Resource, readonly KubeObject[]>>>
export type Resource = 'nodes' | 'pods' | 'services' | 'endpoints' | 'endpointslices'

export const pathOfResource = (resource: Resource, namespace: string): string => {
  const root = resource === 'endpointslices' ? '/apis/discovery.k8s.io/v1' : '/api/v1'
  return resource === 'nodes' || namespace === ''
    ? `${root}/${resource}`
    : `${root}/namespaces/${namespace}/${resource}`
}

/** What a role has to read. */
export const resourcesOf: Readonly<Record<Role, readonly Resource[]>> = {
  node: ['nodes'],
  pod: ['pods'],
  service: ['services'],
  endpoints: ['endpoints', 'services', 'pods'],
  endpointslice: ['endpointslices', 'services', 'pods'],
}

export const targetsOf = (role: Role, found: Listings): Labels[] => {
  if (role === 'node') return (found.nodes ?? []).map(nodeTarget)
  if (role === 'pod') return (found.pods ?? []).flatMap((pod) => podTargets(pod as PodLike))
  if (role === 'service') return (found.services ?? []).flatMap((service) => serviceTargets(service as ServiceLike))
  return role === 'endpoints' ? endpointsTargets(found) : sliceTargets(found)
}

interface PodLike extends KubeObject {
  spec: { nodeName?: string; containers: ContainerLike[]; initContainers?: ContainerLike[] }
  status?: {
    podIP?: string
    hostIP?: string
    phase?: string
    conditions?: { type: string; status: string }[]
    containerStatuses?: { name: string; containerID?: string }[]
  }
}
interface ContainerLike {
  name: string
  image?: string
  ports?: { name?: string; containerPort: number; protocol?: string }[]
}
interface ServiceLike extends KubeObject {
  spec: { type?: string; clusterIP?: string; ports?: { name?: string; port: number; protocol?: string }[] }
}
interface AddressLike {
  ip: string
  hostname?: string
  nodeName?: string
  targetRef?: { kind?: string; name?: string; namespace?: string }
}

/** What may stand in a label's name. */
const clean = (name: string): string => name.replace(/[^a-zA-Z0-9_]/g, '_')

/** `__meta_kubernetes_pod_label_app` and so on. */
function metaOf(kind: string, { metadata }: KubeObject): Record<string, string> {
  const labels: Record<string, string> = {}
  for (const [word, of] of [
    ['label', metadata.labels],
    ['annotation', metadata.annotations],
  ] as const)
    for (const [name, value] of Object.entries(of ?? {})) {
      labels[`__meta_kubernetes_${kind}_${word}_${clean(name)}`] = String(value)
      labels[`__meta_kubernetes_${kind}_${word}present_${clean(name)}`] = 'true'
    }
  return labels
}

/** Those that are empty are none. */
const filled = (labels: Readonly<Record<string, string | number | undefined>>): Labels =>
  Object.fromEntries(
    Object.entries(labels).flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [[name, String(value)]],
    ),
  )

function nodeTarget(node: KubeObject): Labels {
  const { addresses = [] } = (node as { status?: { addresses?: { type: string; address: string }[] } }).status ?? {}
  const internal = addresses.find(({ type }) => type === 'InternalIP')?.address ?? node.metadata.name
  return filled({
    __address__: `${internal}:10250`,
    instance: node.metadata.name,
    __meta_kubernetes_node_name: node.metadata.name,
    ...metaOf('node', node),
    ...Object.fromEntries(addresses.map(({ type, address }) => [`__meta_kubernetes_node_address_${type}`, address])),
  })
}

function podLabels(pod: PodLike): Labels {
  const { metadata, spec, status } = pod
  const controller = metadata.ownerReferences?.find((owner) => owner.controller)
  return filled({
    __meta_kubernetes_pod_name: metadata.name,
    __meta_kubernetes_pod_ip: status?.podIP,
    __meta_kubernetes_pod_ready: status?.conditions?.find(({ type }) => type === 'Ready')?.status.toLowerCase(),
    __meta_kubernetes_pod_phase: status?.phase,
    __meta_kubernetes_pod_node_name: spec.nodeName,
    __meta_kubernetes_pod_host_ip: status?.hostIP,
    __meta_kubernetes_pod_uid: metadata.uid,
    __meta_kubernetes_pod_controller_kind: controller?.kind,
    __meta_kubernetes_pod_controller_name: controller?.name,
    ...metaOf('pod', pod),
  })
}

/** One for each port of each container; of a container without ports one, without a port. */
function podTargets(pod: PodLike): Labels[] {
  const ip = pod.status?.podIP
  if (!ip) return []
  const shared = { __meta_kubernetes_namespace: pod.metadata.namespace, ...podLabels(pod) }
  const all = [
    ...(pod.spec.initContainers ?? []).map((container) => ({ container, isInit: true })),
    ...pod.spec.containers.map((container) => ({ container, isInit: false })),
  ]
  return all.flatMap(({ container, isInit }) => {
    const about = {
      ...shared,
      __meta_kubernetes_pod_container_name: container.name,
      __meta_kubernetes_pod_container_image: container.image,
      __meta_kubernetes_pod_container_init: String(isInit),
      __meta_kubernetes_pod_container_id: pod.status?.containerStatuses?.find(({ name }) => name === container.name)
        ?.containerID,
    }
    const { ports = [] } = container
    if (ports.length === 0) return [filled({ __address__: ip, ...about })]
    return ports.map(({ name, containerPort, protocol = 'TCP' }) =>
      filled({
        __address__: `${ip}:${containerPort}`,
        ...about,
        __meta_kubernetes_pod_container_port_name: name,
        __meta_kubernetes_pod_container_port_number: containerPort,
        __meta_kubernetes_pod_container_port_protocol: protocol,
      }),
    )
  })
}

const serviceLabels = (service: ServiceLike): Labels =>
  filled({ __meta_kubernetes_service_name: service.metadata.name, ...metaOf('service', service) })

const serviceTargets = (service: ServiceLike): Labels[] =>
  (service.spec.ports ?? []).map(({ name, port, protocol = 'TCP' }) =>
    filled({
      __address__: `${service.metadata.name}.${service.metadata.namespace}.svc:${port}`,
      __meta_kubernetes_namespace: service.metadata.namespace,
      ...serviceLabels(service),
      __meta_kubernetes_service_type: service.spec.type,
      __meta_kubernetes_service_cluster_ip: service.spec.clusterIP,
      __meta_kubernetes_service_port_name: name,
      __meta_kubernetes_service_port_number: port,
      __meta_kubernetes_service_port_protocol: protocol,
    }),
  )

/** The Pod behind an address, with the container whose port it is. */
function behind(found: Listings, { targetRef }: AddressLike, port: number): Labels {
  const pod = (found.pods ?? []).find(
    ({ metadata }) =>
      targetRef?.kind === 'Pod' && metadata.name === targetRef.name && metadata.namespace === targetRef.namespace,
  ) as PodLike | undefined
  if (!pod) return {}
  const container = pod.spec.containers.find(({ ports = [] }) =>
    ports.some(({ containerPort }) => containerPort === port),
  )
  const of = container?.ports?.find(({ containerPort }) => containerPort === port)
  return filled({
    ...podLabels(pod),
    __meta_kubernetes_pod_container_name: container?.name,
    __meta_kubernetes_pod_container_image: container?.image,
    __meta_kubernetes_pod_container_port_name: of?.name,
    __meta_kubernetes_pod_container_port_number: of?.containerPort,
    __meta_kubernetes_pod_container_port_protocol: of && (of.protocol ?? 'TCP'),
  })
}

const serviceNamed = (found: Listings, namespace: string | undefined, name: string | undefined): Labels => {
  const service = (found.services ?? []).find(
    ({ metadata }) => metadata.name === name && metadata.namespace === namespace,
  )
  return service ? serviceLabels(service as ServiceLike) : {}
}

function endpointsTargets(found: Listings): Labels[] {
  type Subset = {
    addresses?: AddressLike[]
    notReadyAddresses?: AddressLike[]
    ports?: { name?: string; port: number; protocol?: string }[]
  }
  return (found.endpoints ?? []).flatMap((object) => {
    const { metadata, subsets = [] } = object as KubeObject & { subsets?: Subset[] }
    return subsets.flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }) =>
      [
        ...addresses.map((address) => ({ address, ready: true })),
        ...notReadyAddresses.map((address) => ({ address, ready: false })),
      ].flatMap(({ address, ready }) =>
        ports.map(({ name, port, protocol = 'TCP' }) =>
          filled({
            __address__: `${address.ip}:${port}`,
            __meta_kubernetes_namespace: metadata.namespace,
            __meta_kubernetes_endpoints_name: metadata.name,
            ...metaOf('endpoints', object),
            __meta_kubernetes_endpoint_ready: String(ready),
            __meta_kubernetes_endpoint_port_name: name,
            __meta_kubernetes_endpoint_port_protocol: protocol,
            __meta_kubernetes_endpoint_node_name: address.nodeName,
            __meta_kubernetes_endpoint_hostname: address.hostname,
            __meta_kubernetes_endpoint_address_target_kind: address.targetRef?.kind,
            __meta_kubernetes_endpoint_address_target_name: address.targetRef?.name,
            ...serviceNamed(found, metadata.namespace, metadata.name),
            ...behind(found, address, port),
          }),
        ),
      ),
    )
  })
}

function sliceTargets(found: Listings): Labels[] {
  type Slice = KubeObject & {
    addressType?: string
    endpoints?: {
      addresses: string[]
      conditions?: { ready?: boolean; serving?: boolean; terminating?: boolean }
      nodeName?: string
      hostname?: string
      targetRef?: AddressLike['targetRef']
    }[]
    ports?: { name?: string; port?: number; protocol?: string }[]
  }
  return (found.endpointslices ?? []).flatMap((object) => {
    const { metadata, addressType, endpoints = [], ports = [] } = object as Slice
    const service = metadata.labels?.['kubernetes.io/service-name']
    return endpoints.flatMap(({ addresses, conditions = {}, nodeName, hostname, targetRef }) =>
      addresses.flatMap((ip) =>
        ports.flatMap(({ name, port, protocol = 'TCP' }) =>
          port === undefined
            ? []
            : [
                filled({
                  __address__: `${ip}:${port}`,
                  __meta_kubernetes_namespace: metadata.namespace,
                  __meta_kubernetes_endpointslice_name: metadata.name,
                  __meta_kubernetes_endpointslice_address_type: addressType,
                  ...metaOf('endpointslice', object),
                  __meta_kubernetes_endpointslice_endpoint_conditions_ready: String(conditions.ready ?? true),
                  __meta_kubernetes_endpointslice_endpoint_conditions_serving: String(conditions.serving ?? true),
                  __meta_kubernetes_endpointslice_endpoint_conditions_terminating: String(
                    conditions.terminating ?? false,
                  ),
                  __meta_kubernetes_endpointslice_endpoint_node_name: nodeName,
                  __meta_kubernetes_endpointslice_endpoint_hostname: hostname,
                  __meta_kubernetes_endpointslice_address_target_kind: targetRef?.kind,
                  __meta_kubernetes_endpointslice_address_target_name: targetRef?.name,
                  __meta_kubernetes_endpointslice_port: port,
                  __meta_kubernetes_endpointslice_port_name: name,
                  __meta_kubernetes_endpointslice_port_protocol: protocol,
                  ...serviceNamed(found, metadata.namespace, service),
                  ...behind(found, { ip, targetRef }, port),
                }),
              ],
        ),
      ),
    )
  })
}
