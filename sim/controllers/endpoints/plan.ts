/** The subsets of an Endpoints object. Pure. Source: kubernetes/pkg/controller/endpoint, pkg/api/v1/endpoints */
import type { Pod } from '../../api/core/pod-types.ts'
import type { EndpointAddress, Endpoints, Service } from '../../api/core/types.ts'
import { charge } from '../../engine/work.ts'
import { isReady } from '../pod-state.ts'
import { hostnameFor, isBehind, isHeadless, portIn } from '../service-pods.ts'

type Subset = NonNullable<Endpoints['subsets']>[number]
type Port = NonNullable<Subset['ports']>[number]

/** More addresses an Endpoints object does not hold. */
const MAX_ADDRESSES = 1000

/**
 * Addresses grouped by the ports they have, ready ones apart from those that are not: a port stands with all that have it, and ports
 * that the same Pods have stand together. Addresses are sorted by IP, ports by number, subsets by their ports.
 * @param pods every Pod that the Service selects
 */
export function planSubsets(service: Service, pods: readonly Pod[]): Subset[] {
  const publishAll = service.spec.publishNotReadyAddresses === true
  const holders = new Map<string | undefined, { port: Port | undefined; pods: Pod[] }>()
  for (const pod of pods) {
    if (!isBehind(pod, publishAll)) continue
    for (const port of portsOf(service, pod)) {
      const key = port && textOf(port)
      const holder = holders.get(key)
      if (holder) holder.pods.push(pod)
      else holders.set(key, { port, pods: [pod] })
    }
  }
  const groups = new Map<string, { ports: Port[]; pods: readonly Pod[] }>()
  for (const { port, pods } of holders.values()) {
    const key = pods.map(({ metadata }) => metadata.uid).join()
    const ports = port ? [port] : []
    const group = groups.get(key)
    if (group) group.ports.push(...ports)
    else groups.set(key, { ports, pods })
  }
  return [...groups.values()]
    .map(({ ports, pods }) => ({ ports: ports.sort(byNumber), pods, key: ports.map(textOf).join() }))
    .sort(byText(({ key }) => key))
    .map(({ ports, pods }) => {
      const addressesOf = (some: readonly Pod[]) =>
        some.map((pod) => addressOf(service, pod)).sort(byText(({ ip, targetRef }) => `${ip} ${targetRef?.uid}`))
      const ready = addressesOf(pods.filter((pod) => publishAll || isReady(pod)))
      const notReady = addressesOf(pods.filter((pod) => !publishAll && !isReady(pod)))
      return {
        ...(ready.length > 0 ? { addresses: ready } : {}),
        ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
        ...(ports.length > 0 ? { ports } : {}),
      }
    })
}

const textOf = ({ name, port, protocol }: Port): string => `${name}:${port}/${protocol}`

const byText =
  <T>(textIn: (item: T) => string) =>
  (a: T, b: T): number =>
    textIn(a) < textIn(b) ? -1 : 1

// Of several ports each has a name.
const byNumber = (a: Port, b: Port): number => a.port - b.port || byText<Port>(({ name }) => name!)(a, b)

/** Of computing: one port of the Service, in one Pod. */
const stepsOfPort = 5

/** The Service's ports in this Pod; of a headless Service that has no ports none, which is one too. */
function portsOf(service: Service, pod: Pod): (Port | undefined)[] {
  const servicePorts = service.spec.ports ?? []
  if (servicePorts.length === 0) return isHeadless(service) ? [undefined] : []
  charge(stepsOfPort * servicePorts.length)
  return servicePorts.flatMap((servicePort): Port[] => {
    const port = portIn(pod, servicePort)
    const { name, protocol, appProtocol } = servicePort
    if (port === undefined) return []
    return [{ ...(name ? { name } : {}), port, protocol, ...(appProtocol ? { appProtocol } : {}) }]
  })
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

/**
 * The subsets cut to a thousand addresses, of each subset its share rounded up, until there is no more room; undefined when they are
 * not more. Only when the ready ones are a thousand or fewer do others have any.
 */
export function truncate(subsets: readonly Subset[]): Subset[] | undefined {
  const ready = count(subsets, ({ addresses = [] }) => addresses.length)
  const notReady = count(subsets, ({ notReadyAddresses = [] }) => notReadyAddresses.length)
  if (ready + notReady <= MAX_ADDRESSES) return undefined
  const cutsReady = ready > MAX_ADDRESSES
  const [total, room] = cutsReady ? [ready, MAX_ADDRESSES] : [notReady, MAX_ADDRESSES - ready]
  let left = room
  const shareOf = (list: readonly EndpointAddress[]): EndpointAddress[] => {
    const share = list.slice(0, Math.min(left, Math.ceil((list.length / total) * room)))
    left -= share.length
    return share
  }
  return subsets
    .map(({ addresses = [], notReadyAddresses = [], ports }) => {
      const kept = cutsReady ? shareOf(addresses) : addresses
      const keptNotReady = cutsReady ? [] : shareOf(notReadyAddresses)
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
