/** Values of the downward API: fields of a Pod and resources of its containers. Source: pkg/fieldpath, pkg/api/v1/resource */
import type { Container, Pod } from '../api/core/pod-types.ts'
import type { ResourceList } from '../api/meta/object.ts'
import { quantityMillis, quantityValue } from '../api/meta/quantity.ts'

export interface PodAddresses {
  podIP: string
  hostIP: string
}

/** The value of `metadata.labels['x']`, `status.podIP`…; undefined for a path that is not supported. */
export function fieldValue(pod: Pod, path: string, addresses: PodAddresses): string | undefined {
  const { metadata, spec } = pod
  const keyed = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path)
  if (keyed) return (keyed[1] === 'labels' ? metadata.labels : metadata.annotations)?.[keyed[2]] ?? ''
  switch (path) {
    case 'metadata.name':
      return metadata.name
    case 'metadata.namespace':
      return metadata.namespace ?? ''
    case 'metadata.uid':
      return metadata.uid
    case 'metadata.labels':
      return formatMap(metadata.labels)
    case 'metadata.annotations':
      return formatMap(metadata.annotations)
    case 'spec.nodeName':
      return spec.nodeName ?? ''
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? ''
    case 'status.hostIP':
    case 'status.hostIPs':
      return addresses.hostIP
    case 'status.podIP':
    case 'status.podIPs':
      return addresses.podIP
    default:
      return undefined
  }
}

/** `key="value"` lines, sorted. */
const formatMap = (map: Readonly<Record<string, string>> | undefined): string =>
  Object.entries(map ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n')

/**
 * What a container without limits may use at most: what the node allots, or less when the Pod as a whole has limits.
 * Source: pkg/kubelet/kubelet_resources.go, defaultPodLimitsForDownwardAPI
 */
export function mostFor({ spec }: Pod, allocatable: ResourceList): ResourceList {
  const limits = spec.resources?.limits
  if (!limits) return allocatable
  const lower = Object.entries(limits).filter(
    ([name, limit]) => allocatable[name] !== undefined && quantityMillis(limit) < quantityMillis(allocatable[name]),
  )
  return { ...allocatable, ...Object.fromEntries(lower) }
}

/** `limits.cpu` and the like, in units of the divisor, rounded up; a limit that is not set is what the node allots. */
export function resourceValue(
  container: Container,
  resource: string,
  divisor: string | undefined,
  allocatable: ResourceList,
): string {
  const [list, name] = resource.split(/\.(.*)/)
  const own = list === 'limits' ? container.resources?.limits : container.resources?.requests
  const quantity = own?.[name] ?? (list === 'limits' ? allocatable[name] : undefined) ?? '0'
  const unit = divisor && divisor !== '0' ? divisor : '1'
  if (name === 'cpu') return String(Math.ceil(quantityMillis(quantity) / quantityMillis(unit)))
  return String(Math.ceil(quantityValue(quantity) / quantityValue(unit)))
}
