/**
 * Endpoints shared out among zones in proportion to the CPU of their nodes, so that none is asked for more than a fifth above its
 * share; or not at all. Pure. Source: k8s.io/endpointslice/topologycache/{topologycache,sliceinfo,utils}.go
 */
import { ZONE } from '../../api/core/node-topology.ts'
import type { Node } from '../../api/core/types.ts'
import type { Endpoint, EndpointSlice } from '../../api/discovery/types.ts'
import { findCondition } from '../../api/meta/object.ts'
import { quantityMillis } from '../../api/meta/quantity.ts'
import type { SliceContent } from './plan.ts'

/** A zone's share of the cluster's CPU. */
export type CpuRatios = ReadonlyMap<string, number>
/** How many endpoints each zone's clients were given. */
export type ZoneCounts = Map<string, number>

export interface HintEvent {
  type: 'Normal' | 'Warning'
  reason: string
  message: string
}

interface Allocation {
  minimum: number
  maximum: number
  desired: number
}

const CONTROL_PLANE = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master']
const OVERLOAD_THRESHOLD = 0.2

export const isNodeReady = ({ status }: Node): boolean => findCondition(status.conditions, 'Ready')?.status === 'True'

/** Undefined when a ready worker tells no zone or no CPU, or all are in one zone. */
export function cpuRatiosOf(nodes: readonly Node[]): CpuRatios | undefined {
  const cpu = new Map<string, number>()
  let total = 0
  for (const node of nodes) {
    const { metadata, status } = node
    if (CONTROL_PLANE.some((label) => metadata.labels?.[label] !== undefined)) continue
    if (!isNodeReady(node)) continue
    const zone = metadata.labels?.[ZONE]
    const millis = quantityMillis(status.allocatable?.cpu ?? '0')
    if (!zone || millis === 0) return undefined
    total += millis
    cpu.set(zone, (cpu.get(zone) ?? 0) + millis)
  }
  if (total === 0 || cpu.size < 2) return undefined
  return new Map([...cpu].sort(([a], [b]) => (a < b ? -1 : 1)).map(([zone, millis]) => [zone, millis / total]))
}

const minimumOf = (desired: number): number => Math.ceil(desired * (1 / (1 + OVERLOAD_THRESHOLD)))

/** Whether a zone has fewer endpoints than its share allows. */
export function isOverloaded(counts: ZoneCounts, ratios: CpuRatios | undefined): boolean {
  if (counts.size === 0) return false
  if (!ratios) return true
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  return [...ratios].some(([zone, ratio]) => (counts.get(zone) ?? -1) < minimumOf(total * ratio))
}

export type ZonePlan =
  | { disabled: HintEvent }
  | { disabled?: undefined; counts: ZoneCounts; reconsidered: { slice: EndpointSlice; content: SliceContent }[] }

/**
 * Gives each ready endpoint of `contents` a hint, first its own zone, then zones that lack some.
 * @param contents of slices that are written anyway; their endpoints are changed
 * @param unchanged slices that would stay; those whose hints do not fit are handed back, with hints
 */
export function allocateByZone(
  contents: readonly SliceContent[],
  unchanged: readonly EndpointSlice[],
  ratios: CpuRatios | undefined,
): ZonePlan {
  const count = [...contents, ...unchanged].flatMap(({ endpoints }) => endpoints).filter(isReady).length
  const allocations = allocationsFor(count, ratios)
  if (typeof allocations === 'string') return disabledFor(allocations)
  const counts: ZoneCounts = new Map()
  const reconsidered: { slice: EndpointSlice; content: SliceContent }[] = []
  for (const slice of unchanged) {
    const own = hintsOf(slice, counts, allocations)
    if (own) for (const [zone, number] of own) add(counts, zone, number)
    else reconsidered.push({ slice, content: { ports: slice.ports ?? [], endpoints: [...slice.endpoints] } })
  }
  const open = [...contents, ...reconsidered.map(({ content }) => content)]
  for (const content of open) {
    for (const [i, endpoint] of content.endpoints.entries()) {
      if (!isReady(endpoint)) continue
      if (!endpoint.zone) return disabledFor('One or more endpoints do not have a zone specified')
      add(counts, endpoint.zone, 1)
      content.endpoints[i] = { ...endpoint, hints: { forZones: [{ name: endpoint.zone }] } }
    }
  }
  redistribute(open, counts, allocations)
  if (counts.size === 0) return disabledFor('No hints allocated for zones')
  return { counts, reconsidered }
}

export const isReady = ({ conditions }: Endpoint): boolean => conditions.ready === true

const add = (counts: Map<string, number>, zone: string, number: number): void =>
  void counts.set(zone, (counts.get(zone) ?? 0) + number)

const disabledFor = (why: string): { disabled: HintEvent } => ({
  disabled: { type: 'Warning', reason: 'TopologyAwareHintsDisabled', message: `${why}, addressType: IPv4` },
})

/** What each zone should have of that many endpoints, or why no sharing is good enough. */
function allocationsFor(count: number, ratios: CpuRatios | undefined): ReadonlyMap<string, Allocation> | string {
  if (!ratios) return 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes'
  if (ratios.size > count) return `Insufficient number of endpoints (${count} endpoints, ${ratios.size} zones)`
  const minima = new Map([...ratios].map(([zone, ratio]) => [zone, minimumOf(ratio * count)]))
  const total = [...minima.values()].reduce((sum, minimum) => sum + minimum, 0)
  if (total > count)
    return `Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (${count} endpoints, ${ratios.size} zones)`
  return new Map(
    [...ratios].map(([zone, ratio]) => {
      const minimum = minima.get(zone)!
      return [zone, { minimum, desired: Math.max(ratio * count, minimum), maximum: minimum + count - total }]
    }),
  )
}

/** The hints that a slice has, when all of its endpoints have some and no zone gets too many by them. */
function hintsOf(
  { endpoints }: EndpointSlice,
  counts: ZoneCounts,
  allocations: ReadonlyMap<string, Allocation>,
): ZoneCounts | undefined {
  const own: ZoneCounts = new Map()
  for (const endpoint of endpoints) {
    if (!isReady(endpoint)) continue
    const zones = endpoint.hints?.forZones ?? []
    if (zones.length === 0 || zones.some(({ name }) => !allocations.has(name))) return undefined
    for (const { name } of zones) add(own, name, 1)
  }
  for (const [zone, number] of own)
    if (number + (counts.get(zone) ?? 0) > allocations.get(zone)!.maximum) return undefined
  return own
}

/** Hands endpoints of zones that have more than their share to those that have less. */
function redistribute(
  contents: readonly SliceContent[],
  counts: ZoneCounts,
  allocations: ReadonlyMap<string, Allocation>,
): void {
  const { giving, receiving } = exchangesFor(counts, allocations)
  for (const content of contents) {
    for (const [i, endpoint] of content.endpoints.entries()) {
      if (giving.size === 0 || receiving.size === 0) return
      const from = endpoint.zone ?? ''
      const [to] = receiving.keys()
      if (!isReady(endpoint) || !giving.has(from)) continue
      content.endpoints[i] = { ...endpoint, hints: { forZones: [{ name: to }] } }
      takeOne(giving, from)
      takeOne(receiving, to)
      add(counts, to, 1)
      add(counts, from, -1)
    }
  }
}

function takeOne(counts: Map<string, number>, zone: string): void {
  const left = counts.get(zone)! - 1
  if (left === 0) counts.delete(zone)
  else counts.set(zone, left)
}

/** How many endpoints each zone should give away or be given; the neediest first, and nobody for the sake of half an endpoint. */
function exchangesFor(
  counts: ZoneCounts,
  allocations: ReadonlyMap<string, Allocation>,
): { giving: Map<string, number>; receiving: Map<string, number> } {
  const surplus = new Map<string, number>()
  const shortfall = new Map<string, number>()
  for (const [zone, { desired }] of allocations) {
    const has = counts.get(zone) ?? 0
    if (has > desired) surplus.set(zone, has - desired)
    else if (has < desired) shortfall.set(zone, desired - has)
  }
  const giving = new Map<string, number>()
  const receiving = new Map<string, number>()
  for (;;) {
    const from = most(surplus)
    const to = most(shortfall)
    if (!from || !to || (from[1] < 1 && to[1] < 1) || from[1] < 0.5 || to[1] < 0.5) return { giving, receiving }
    add(giving, from[0], 1)
    add(receiving, to[0], 1)
    add(surplus, from[0], -1)
    add(shortfall, to[0], -1)
  }
}

function most(zones: ReadonlyMap<string, number>): [string, number] | undefined {
  let found: [string, number] | undefined
  for (const [zone, number] of zones) if (number > (found?.[1] ?? 0)) found = [zone, number]
  return found
}
