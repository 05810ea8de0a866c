/** How endpoints are spread over slices with as few writes as possible. Pure. Source: k8s.io/endpointslice/reconciler.go */
import type { Pod } from '../../api/core/pod-types.ts'
import type { Service } from '../../api/core/types.ts'
import type { Endpoint, EndpointSlice } from '../../api/discovery/types.ts'
import { equalJson } from '../../api/meta/json.ts'
import { charge } from '../../engine/work.ts'
import { isReady } from '../pod-state.ts'
import { hostnameFor, isBehind, portIn } from '../service-pods.ts'

const MAX_ENDPOINTS = 100

type Ports = NonNullable<EndpointSlice['ports']>

/** What a slice holds. */
export interface SliceContent {
  ports: Ports
  endpoints: Endpoint[]
}

export interface SlicePlan {
  create: SliceContent[]
  update: { slice: EndpointSlice; content: SliceContent }[]
  delete: EndpointSlice[]
}

/** The endpoints that the Service should have, grouped by their ports. */
export function desiredContents(
  service: Service,
  pods: readonly Pod[],
  zoneOf: (node: string) => string | undefined,
): SliceContent[] {
  const groups = new Map<string, SliceContent>()
  for (const pod of pods) {
    if (!isBehind(pod, true)) continue
    // A Pod without the named target port is listed all the same, with no port. Endpoints leave it out.
    const ports = portsOf(service, pod)
    const key = portsKey(ports)
    let group = groups.get(key)
    if (!group) {
      group = { ports, endpoints: [] }
      groups.set(key, group)
    }
    group.endpoints.push(endpointOf(service, pod, zoneOf))
  }
  return [...groups.values()]
}

function endpointOf(service: Service, pod: Pod, zoneOf: (node: string) => string | undefined): Endpoint {
  const terminating = pod.metadata.deletionTimestamp !== undefined
  const serving = isReady(pod)
  const ready = service.spec.publishNotReadyAddresses || (serving && !terminating)
  const hostname = hostnameFor(pod, service)
  const { nodeName } = pod.spec
  const zone = nodeName ? zoneOf(nodeName) : undefined
  return {
    addresses: [pod.status.podIP!],
    conditions: { ready, serving, terminating },
    ...(hostname ? { hostname } : {}),
    ...(nodeName ? { nodeName } : {}),
    ...(zone ? { zone } : {}),
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace, name: pod.metadata.name, uid: pod.metadata.uid },
  }
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
    ports.push({ name: name ?? '', protocol, port, ...(appProtocol ? { appProtocol } : {}) })
  }
  return ports
}

function portsKey(ports: Ports = []): string {
  charge(stepsOfPort * ports.length)
  return ports
    .map(({ name = '', port, protocol, appProtocol = '' }) => `${name}:${port}/${protocol}/${appProtocol}`)
    .sort()
    .join()
}

/** An endpoint is the same one as long as it is the same Pod at the same address. */
const identityOf = ({ addresses, hostname = '', targetRef }: Endpoint): string =>
  `${addresses.join()}|${hostname}|${targetRef?.uid ?? ''}`

/** Hints are added when it is known what is written. */
function isSameButForHints(wanted: Endpoint, { hints, ...rest }: Endpoint): boolean {
  return equalJson(wanted, rest)
}

/**
 * Decides what to write so that the slices hold the desired endpoints: endpoints stay in their slice, new ones go to slices
 * that are written anyway, then to the fullest that has room for all of them, and only then to new slices.
 * A Service without endpoints keeps one empty slice, unless `keepEmpty` is false.
 */
export function planSlices(
  existing: readonly EndpointSlice[],
  desired: readonly SliceContent[],
  { keepEmpty = true } = {},
): SlicePlan {
  const plan: SlicePlan = { create: [], update: [], delete: [] }
  const wantedKeys = new Set(desired.map(({ ports }) => portsKey(ports)))
  for (const slice of existing) if (!wantedKeys.has(portsKey(slice.ports))) plan.delete.push(slice)
  for (const content of desired) {
    const key = portsKey(content.ports)
    planGroup(
      plan,
      existing.filter((slice) => portsKey(slice.ports) === key),
      content,
    )
  }
  if (keepEmpty && existing.length === plan.delete.length && plan.create.length === 0) {
    const [only] = plan.delete
    if (plan.delete.length === 1 && !only.ports?.length && only.endpoints.length === 0) plan.delete = []
    else plan.create.push({ ports: [], endpoints: [] })
  }
  // A slice that would go and one that would come are one write when the first becomes the second.
  while (plan.create.length > 0 && plan.delete.length > 0) {
    plan.update.push({ slice: plan.delete.shift()!, content: plan.create.pop()! })
  }
  return plan
}

/** Of computing: to find an endpoint among those that are wanted. */
const stepsOfEndpoint = 5

function planGroup(plan: SlicePlan, slices: readonly EndpointSlice[], { ports, endpoints }: SliceContent): void {
  charge(stepsOfEndpoint * slices.reduce((sum, slice) => sum + slice.endpoints.length, endpoints.length))
  const missing = new Map(endpoints.map((endpoint) => [identityOf(endpoint), endpoint]))
  const updated: { slice: EndpointSlice; content: SliceContent }[] = []
  const unchanged: EndpointSlice[] = []
  for (const slice of slices) {
    const kept: Endpoint[] = []
    let isChanged = false
    for (const endpoint of slice.endpoints) {
      const wanted = missing.get(identityOf(endpoint))
      if (!wanted) continue
      missing.delete(identityOf(endpoint))
      kept.push(wanted)
      if (!isSameButForHints(wanted, endpoint)) isChanged = true
    }
    if (!isChanged && kept.length === slice.endpoints.length) unchanged.push(slice)
    else if (kept.length === 0) plan.delete.push(slice)
    else updated.push({ slice, content: { ports, endpoints: kept } })
  }
  const left = [...missing.values()]
  // Fullest first, so that slices fill up rather than fray.
  updated.sort((a, b) => b.content.endpoints.length - a.content.endpoints.length)
  for (const { content } of updated) content.endpoints.push(...left.splice(0, MAX_ENDPOINTS - content.endpoints.length))
  while (left.length > 0) {
    // A whole slice of them goes to a new one, even beside an empty one.
    const [room] = unchanged
      .filter((slice) => left.length < MAX_ENDPOINTS && slice.endpoints.length + left.length <= MAX_ENDPOINTS)
      .sort((a, b) => b.endpoints.length - a.endpoints.length)
    if (room) updated.push({ slice: room, content: { ports, endpoints: [...room.endpoints, ...left.splice(0)] } })
    else plan.create.push({ ports, endpoints: left.splice(0, MAX_ENDPOINTS) })
  }
  plan.update.push(...updated)
}
