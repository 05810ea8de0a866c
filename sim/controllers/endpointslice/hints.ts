/**
 * Hints of EndpointSlices: which zone's and which node's clients an endpoint is meant for.
 * Sources: k8s.io/endpointslice/{reconciler.go,trafficdist/trafficdist.go,topologycache/topologycache.go}
 */
import type { Node, Service } from '../../api/core/types.ts'
import type { Endpoint, EndpointSlice } from '../../api/discovery/types.ts'
import type { SliceContent, SlicePlan } from './plan.ts'
import {
  allocateByZone,
  type CpuRatios,
  cpuRatiosOf,
  type HintEvent,
  isOverloaded,
  isReady,
  type ZoneCounts,
} from './zones.ts'

const TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode'
/** The name it had until v1.27; it wins over the new one. */
const TOPOLOGY_AWARE_HINTS = 'service.kubernetes.io/topology-aware-hints'
const CLOSE = ['PreferClose', 'PreferSameZone', 'PreferSameNode']

const wantsTopologyMode = ({ metadata }: Service): boolean =>
  ['Auto', 'auto'].includes(metadata.annotations?.[TOPOLOGY_AWARE_HINTS] ?? metadata.annotations?.[TOPOLOGY_MODE] ?? '')

/** What one controller knows of zones and of the Services that it has given hints by the annotation. */
export interface HintCache {
  /** Adds hints to the plan, or takes them away, as the Service asks; slices that only lack hints are updated as well. */
  apply(key: string, service: Service, plan: SlicePlan, existing: readonly EndpointSlice[]): HintEvent[]
  forget(key: string): void
  /** Nodes came, went, or changed their zone or readiness: the Services that have to be looked at again. */
  nodesChanged(): string[]
}

/** @param nodes all nodes, as they are when asked */
export function createHintCache(nodes: () => readonly Node[]): HintCache {
  let ratios: CpuRatios | undefined
  let areRatiosKnown = false
  const allocated = new Map<string, ZoneCounts>()

  function currentRatios(): CpuRatios | undefined {
    if (!areRatiosKnown) ratios = cpuRatiosOf(nodes())
    areRatiosKnown = true
    return ratios
  }

  function addByZone(key: string, plan: SlicePlan, existing: readonly EndpointSlice[]): HintEvent[] {
    const wasEnabled = allocated.has(key)
    const contents = [...plan.create, ...plan.update.map(({ content }) => content)]
    const result = allocateByZone(contents, untouched(plan, existing), currentRatios())
    if (result.disabled) {
      allocated.delete(key)
      removeHints(plan, existing)
      return [result.disabled]
    }
    for (const slice of result.reconsidered) plan.update.push(slice)
    allocated.set(key, result.counts)
    return wasEnabled ? [] : [{ type: 'Normal', reason: 'TopologyAwareHintsEnabled', message: ENABLED }]
  }

  return {
    apply(key, service, plan, existing) {
      if (wantsTopologyMode(service)) return addByZone(key, plan, existing)
      const wasEnabled = allocated.delete(key)
      const { trafficDistribution } = service.spec
      if (trafficDistribution !== undefined && CLOSE.includes(trafficDistribution))
        addCloseHints(plan, existing, trafficDistribution === 'PreferSameNode')
      else removeHints(plan, existing)
      return wasEnabled ? [{ type: 'Warning', reason: 'TopologyAwareHintsDisabled', message: DISABLED }] : []
    },
    forget: (key) => void allocated.delete(key),
    nodesChanged() {
      areRatiosKnown = false
      if (allocated.size === 0) return []
      const known = currentRatios()
      return [...allocated].flatMap(([key, counts]) => (isOverloaded(counts, known) ? [key] : [])).sort()
    },
  }
}

const ENABLED = 'Topology Aware Hints has been enabled, addressType: IPv4'
const DISABLED = 'Topology Aware Hints has been disabled, addressType: IPv4'

/** Slices that the plan leaves as they are. */
function untouched(plan: SlicePlan, existing: readonly EndpointSlice[]): EndpointSlice[] {
  const touched = new Set([...plan.update.map(({ slice }) => slice), ...plan.delete])
  return existing.filter((slice) => !touched.has(slice))
}

const contentOf = ({ ports = [], endpoints }: EndpointSlice): SliceContent => ({ ports, endpoints: [...endpoints] })

/** Every ready endpoint is meant for its own zone, and with PreferSameNode for its own node. */
function addCloseHints(plan: SlicePlan, existing: readonly EndpointSlice[], hasNodes: boolean): void {
  const stale = untouched(plan, existing).filter(({ endpoints }) =>
    endpoints.some((endpoint) => isReady(endpoint) && !sameHints(endpoint.hints, closeHints(endpoint, hasNodes))),
  )
  for (const slice of stale) plan.update.push({ slice, content: contentOf(slice) })
  for (const content of contentsOf(plan))
    content.endpoints = content.endpoints.map((endpoint) =>
      isReady(endpoint) ? withHints(endpoint, closeHints(endpoint, hasNodes)) : endpoint,
    )
}

function closeHints({ zone, nodeName }: Endpoint, hasNodes: boolean): Endpoint['hints'] {
  const hints: NonNullable<Endpoint['hints']> = {}
  if (zone !== undefined) hints.forZones = [{ name: zone }]
  if (nodeName !== undefined && hasNodes) hints.forNodes = [{ name: nodeName }]
  return hints.forZones || hints.forNodes ? hints : undefined
}

const namesOf = (list: readonly { name: string }[] | undefined): string => (list ?? []).map(({ name }) => name).join()
const sameHints = (a: Endpoint['hints'], b: Endpoint['hints']): boolean =>
  namesOf(a?.forZones) === namesOf(b?.forZones) && namesOf(a?.forNodes) === namesOf(b?.forNodes)

function removeHints(plan: SlicePlan, existing: readonly EndpointSlice[]): void {
  for (const slice of untouched(plan, existing))
    if (slice.endpoints.some(({ hints }) => hints)) plan.update.push({ slice, content: contentOf(slice) })
  for (const content of contentsOf(plan)) {
    if (!content.endpoints.some(({ hints }) => hints)) continue
    content.endpoints = content.endpoints.map((endpoint) => withHints(endpoint, undefined))
  }
}

const contentsOf = (plan: SlicePlan): SliceContent[] => [...plan.create, ...plan.update.map(({ content }) => content)]

function withHints(endpoint: Endpoint, hints: Endpoint['hints']): Endpoint {
  const { hints: _former, ...rest } = endpoint
  return hints ? { ...rest, hints } : rest
}
