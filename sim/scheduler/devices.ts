/**
 * Which devices claims would get on a node. Pure. Simplified: no shared counters, no devices for several claims at once, no admin access.
 * Source: k8s.io/dynamic-resource-allocation/structured/internal/stable/allocator_stable.go
 */
import { nodeMatchesTerm } from '../api/core/pod/node-fit.ts'
import type { Node } from '../api/core/types.ts'
import { equalJson } from '../api/meta/json.ts'
import { deviceMatches } from '../api/resource/device-selector.ts'
import type {
  AllocationResult,
  Device,
  DeviceAttribute,
  DeviceClass,
  DeviceRequest,
  DeviceRequestAllocationResult,
  DeviceSelector,
  DeviceTaint,
  DeviceToleration,
  ExactDeviceRequest,
  NodeSelector,
  ResourceClaim,
  ResourceSlice,
} from '../api/resource/types.ts'
import { charge } from '../engine/work.ts'

const MOST_RESULTS = 32

/** A device with the slice that has it. */
interface Candidate {
  device: Device
  slice: ResourceSlice
  /** `driver/pool/device` */
  key: string
}

export interface DeviceChoices {
  slices: readonly ResourceSlice[]
  findClass(name: string): DeviceClass | undefined
  /** Keys of devices that somebody has. */
  taken: ReadonlySet<string>
}

export const deviceKey = ({
  driver,
  pool,
  device,
}: Pick<DeviceRequestAllocationResult, 'driver' | 'pool' | 'device'>) => `${driver}/${pool}/${device}`

/**
 * An allocation for each claim, or undefined when they cannot all have what they ask for on this node.
 * @throws Error when a selector fails on a device: `class gpu: selector #0: CEL runtime error: no such key: model`
 */
export function allocate(
  claims: readonly ResourceClaim[],
  node: Node,
  { slices, findClass, taken }: DeviceChoices,
): AllocationResult[] | undefined {
  const candidates = candidatesOn(node, slices)
  const used = new Set(taken)
  const results: AllocationResult[] = []
  for (const claim of claims) {
    const chosen = chooseAll(claim, candidates, used, findClass)
    if (!chosen) return undefined
    for (const { candidate } of chosen) used.add(candidate.key)
    results.push(allocationOf(claim, chosen, findClass, node))
  }
  return results
}

/** What is on the node: of each pool those of its newest generation, when all its slices are there. */
function candidatesOn(node: Node, slices: readonly ResourceSlice[]): Candidate[] {
  const pools = new Map<string, ResourceSlice[]>()
  for (const slice of slices) {
    const { driver, pool } = slice.spec
    const key = `${driver}/${pool.name}`
    const members = pools.get(key) ?? []
    const newest = members[0]?.spec.pool.generation ?? pool.generation
    if (pool.generation > newest) pools.set(key, [slice])
    else if (pool.generation === newest) pools.set(key, [...members, slice])
  }
  const complete = [...pools]
    .filter(([, members]) => members.length >= members[0].spec.pool.resourceSliceCount)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return complete.flatMap(([key, members]) =>
    members.flatMap((slice) => {
      const { devices = [], perDeviceNodeSelection } = slice.spec
      charge(1 + devices.length)
      return devices
        .filter((device) => isOn(node, perDeviceNodeSelection ? device : slice.spec))
        .map((device) => ({ device, slice, key: `${key}/${device.name}` }))
    }),
  )
}

type Place = Pick<Device, 'nodeName' | 'nodeSelector' | 'allNodes'>

const isOn = (node: Node, { nodeName, nodeSelector, allNodes }: Place): boolean =>
  allNodes === true || nodeName === node.metadata.name || (nodeSelector !== undefined && selects(nodeSelector, node))

/** Whether one of the terms does. */
export const selects = ({ nodeSelectorTerms = [] }: NodeSelector, node: Node): boolean =>
  nodeSelectorTerms.some((term) => nodeMatchesTerm(node, term))

interface Chosen {
  /** `request`, or `request/alternative`. */
  request: string
  exactly: ExactDeviceRequest
  candidate: Candidate
}

type FindClass = DeviceChoices['findClass']

function chooseAll(
  claim: ResourceClaim,
  candidates: readonly Candidate[],
  taken: ReadonlySet<string>,
  findClass: FindClass,
): Chosen[] | undefined {
  const requests = claim.spec.devices?.requests ?? []
  const asked = `claim ${claim.metadata.namespace}/${claim.metadata.name}`

  const matching = (request: ExactDeviceRequest): Candidate[] => {
    const deviceClass = findClass(request.deviceClassName ?? '')
    if (!deviceClass) return []
    const ofClass = deviceClass.spec.selectors ?? []
    return candidates.filter(
      (candidate) =>
        matchesAll(ofClass, candidate, `class ${deviceClass.metadata.name}`) &&
        matchesAll(request.selectors ?? [], candidate, asked),
    )
  }
  const isFree = ({ key, device }: Candidate, { tolerations = [] }: ExactDeviceRequest, chosen: readonly Chosen[]) =>
    !taken.has(key) &&
    chosen.every(({ candidate }) => candidate.key !== key) &&
    (device.taints ?? []).every((taint) => isTolerated(taint, tolerations))

  /** Requests from the nth on, each with its devices one by one, and back when a later one gets none. */
  function chooseFrom(n: number, chosen: readonly Chosen[]): Chosen[] | undefined {
    if (n === requests.length) return [...chosen]
    for (const { request, exactly } of alternativesOf(requests[n])) {
      const found = matching(exactly)
      if (exactly.allocationMode === 'All') {
        if (found.length === 0 || !found.every((candidate) => isFree(candidate, exactly, chosen))) continue
        const all = [...chosen, ...found.map((candidate) => ({ request, exactly, candidate }))]
        const rest = all.length <= MOST_RESULTS && areConstraintsMet(claim, all) ? chooseFrom(n + 1, all) : undefined
        if (rest) return rest
        continue
      }
      const rest = chooseSome(n, { request, exactly }, found, exactly.count ?? 1, chosen)
      if (rest) return rest
    }
    return undefined
  }

  function chooseSome(
    n: number,
    asking: Omit<Chosen, 'candidate'>,
    found: readonly Candidate[],
    missing: number,
    chosen: readonly Chosen[],
  ): Chosen[] | undefined {
    if (missing === 0) return chooseFrom(n + 1, chosen)
    if (found.length < missing || chosen.length === MOST_RESULTS) return undefined
    for (const [at, candidate] of found.entries()) {
      charge(1 + chosen.length)
      if (!isFree(candidate, asking.exactly, chosen)) continue
      const more = [...chosen, { ...asking, candidate }]
      if (!areConstraintsMet(claim, more)) continue
      const rest = chooseSome(n, asking, found.slice(at + 1), missing - 1, more)
      if (rest) return rest
    }
    return undefined
  }

  return chooseFrom(0, [])
}

/** The request itself, or those of which the first that can be had will do. */
const alternativesOf = ({ name, exactly, firstAvailable = [] }: DeviceRequest): Omit<Chosen, 'candidate'>[] =>
  exactly
    ? [{ request: name, exactly }]
    : firstAvailable.map((one) => ({ request: `${name}/${one.name}`, exactly: one }))

const matchesAll = (selectors: readonly DeviceSelector[], { device, slice }: Candidate, asked: string): boolean =>
  selectors.every(({ cel }, n) => {
    try {
      return cel !== undefined && deviceMatches(cel, device, slice.spec.driver)
    } catch (error) {
      if ((error as Error).constructor !== Error) throw error
      throw new SelectorFailure(`${asked}: selector #${n}: CEL runtime error: ${(error as Error).message}`)
    }
  })

/** A selector reads what a device does not have. */
export class SelectorFailure extends Error {}

const isTolerated = ({ key, value = '', effect }: DeviceTaint, tolerations: readonly DeviceToleration[]): boolean =>
  effect === 'None' ||
  tolerations.some(
    (one) =>
      (!one.effect || one.effect === effect) &&
      (!one.key || one.key === key) &&
      (one.operator === 'Exists' || (one.value ?? '') === value),
  )

function areConstraintsMet({ spec }: ResourceClaim, chosen: readonly Chosen[]): boolean {
  return (spec.devices?.constraints ?? []).every(({ requests = [], matchAttribute, distinctAttribute }) => {
    const concerned = chosen.filter(
      ({ request }) => requests.length === 0 || requests.includes(request) || requests.includes(request.split('/')[0]),
    )
    const values = concerned.map(({ candidate }) => attributeOf(candidate, matchAttribute ?? distinctAttribute ?? ''))
    if (values.includes(undefined)) return false
    if (matchAttribute !== undefined) return values.every((value) => equalJson(value, values[0]))
    return new Set(values.map((value) => JSON.stringify(value))).size === values.length
  })
}

/** @param name with its domain */
function attributeOf({ device: { attributes = {} }, slice }: Candidate, name: string): DeviceAttribute | undefined {
  const [domain, id] = name.split('/')
  return attributes[name] ?? (domain === slice.spec.driver ? attributes[id] : undefined)
}

function allocationOf(
  { spec }: ResourceClaim,
  chosen: readonly Chosen[],
  findClass: FindClass,
  node: Node,
): AllocationResult {
  const results = chosen.map(({ request, exactly, candidate: { device, slice } }) => ({
    request,
    driver: slice.spec.driver,
    pool: slice.spec.pool.name,
    device: device.name,
    ...(exactly.tolerations?.length ? { tolerations: exactly.tolerations } : {}),
  }))
  const asked = new Map(chosen.map(({ request, exactly }) => [request, exactly.deviceClassName ?? '']))
  const config = [
    ...[...asked].flatMap(([request, name]) =>
      (findClass(name)?.spec.config ?? []).map((one) => ({ ...one, source: 'FromClass', requests: [request] })),
    ),
    ...(spec.devices?.config ?? []).map((one) => ({ ...one, source: 'FromClaim' })),
  ]
  const nodeSelector = placeOf(chosen, node)
  return { devices: { results, ...(config.length > 0 ? { config } : {}) }, ...(nodeSelector ? { nodeSelector } : {}) }
}

/** Where all of the devices can be used; undefined: everywhere. */
function placeOf(chosen: readonly Chosen[], { metadata }: Node): NodeSelector | undefined {
  const places = chosen.map(
    ({ candidate: { device, slice } }): Place => (slice.spec.perDeviceNodeSelection ? device : slice.spec),
  )
  if (places.some(({ nodeName }) => nodeName !== undefined))
    return {
      nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [metadata.name] }] }],
    }
  const terms = places.flatMap(({ nodeSelector }) => nodeSelector?.nodeSelectorTerms ?? [])
  if (terms.length === 0) return undefined
  return {
    nodeSelectorTerms: [{ matchExpressions: terms.flatMap(({ matchExpressions = [] }) => matchExpressions) }],
  }
}
