/** The subsets of an Endpoints object. Pure. Source: kubernetes/pkg/controller/endpoint, pkg/api/v1/endpoints */
import type { Pod } from '../../api/core/pod-types.ts'
import type { EndpointAddress, Endpoints, Service } from '../../api/core/types.ts'
import { charge } from '../../engine/work.ts'
import { isReady } from '../pod-state.ts'
import { hostnameFor, isBehind, isHeadless, portIn } from '../service-pods.ts'

type Subset = NonNullable<Endpoints['subsets']>[number]
type Ports = NonNullable<Subset['ports']>

/** More addresses an Endpoints object does not hold. */
const MAX_ADDRESSES = 1000

/**
 * Addresses grouped by the ports they have, ready ones apart from those that are not. Addresses are sorted by IP, ports by
 * number, subsets by their ports.
 * @param pods every Pod that the Service selects
 */
export function planSubsets(service: Service, pods: readonly Pod[]): Subset[] {
  const publishAll = service.spec.publishNotReadyAddresses ?? false
  const subsets = new Map<string, { ports: Ports; ready: EndpointAddress[]; notReady: EndpointAddress[] }>()
  for (const pod of pods) {
    if (!isBehind(pod, publishAll)) continue
    const ports = portsOf(service, pod)
    if (ports.length === 0 && !(isHeadless(service) && !service.spec.ports?.length)) continue
    const key = ports.map(({ name, port, protocol }) => `${name}:${port}/${protocol}`).join()
    let subset = subsets.get(key)
    if (!subset) {
      subset = { ports, ready: [], notReady: [] }
      subsets.set(key, subset)
    }
    const address = addressOf(service, pod)
    if (publishAll || isReady(pod)) subset.ready.push(address)
    else subset.notReady.push(address)
  }
  return [...subsets]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { ports, ready, notReady }]) => ({
      ...(ready.length > 0 ? { addresses: ready.sort(byAddress) } : {}),
      ...(notReady.length > 0 ? { notReadyAddresses: notReady.sort(byAddress) } : {}),
      ...(ports.length > 0 ? { ports } : {}),
    }))
}

/** Of computing: one port of the Service, in one Pod. */
const stepsOfPort = 5

function portsOf(service: Service, pod: Pod): Ports {
  const ports: Ports = []
  charge(stepsOfPort * (service.spec.ports?.length ?? 0))
  for (const servicePort of service.spec.ports ?? []) {
    const port = portIn(pod, servicePort)
    if (port === undefined) continue
    const { name, protocol, appProtocol } = servicePort
    ports.push({ ...(name ? { name } : {}), port, protocol, ...(appProtocol ? { appProtocol } : {}) })
  }
  return ports.sort((a, b) => a.port - b.port || ((a.name ?? '') < (b.name ?? '') ? -1 : 1))
}

function addressOf(service: Service, pod: Pod): EndpointAddress {
  const hostname = hostnameFor(pod, service)
  return {
    ip: pod.status.podIP!,
    ...(hostname ? { hostname } : {}),
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace, name: pod.metadata.name, uid: pod.metadata.uid },
  }
}

function byAddress(a: EndpointAddress, b: EndpointAddress): number {
  if (a.ip !== b.ip) return a.ip < b.ip ? -1 : 1
  return (a.targetRef?.uid ?? '') < (b.targetRef?.uid ?? '') ? -1 : 1
}

/**
 * The subsets cut to a thousand addresses, as many of each subset as its share; undefined when they are not more. Ready ones
 * stay before those that are not.
 */
export function truncate(subsets: readonly Subset[]): Subset[] | undefined {
  const ready = count(subsets, ({ addresses = [] }) => addresses.length)
  const notReady = count(subsets, ({ notReadyAddresses = [] }) => notReadyAddresses.length)
  if (ready + notReady <= MAX_ADDRESSES) return undefined
  const readyShare = Math.min(1, MAX_ADDRESSES / Math.max(1, ready))
  const notReadyShare = Math.max(0, MAX_ADDRESSES - ready) / Math.max(1, notReady)
  return subsets
    .map(({ addresses = [], notReadyAddresses = [], ports }) => {
      const kept = addresses.slice(0, Math.floor(addresses.length * readyShare))
      const keptNotReady = notReadyAddresses.slice(0, Math.floor(notReadyAddresses.length * Math.min(1, notReadyShare)))
      return {
        ...(kept.length > 0 ? { addresses: kept } : {}),
        ...(keptNotReady.length > 0 ? { notReadyAddresses: keptNotReady } : {}),
        ...(ports ? { ports } : {}),
      }
    })
    .filter(({ addresses, notReadyAddresses }) => addresses ?? notReadyAddresses)
}

const count = (subsets: readonly Subset[], of: (subset: Subset) => number): number =>
  subsets.reduce((sum, subset) => sum + of(subset), 0)
