/** Amounts of resources as plain numbers: what the scheduler counts with. Source: component-helpers/resource, pkg/scheduler/util/pod_resources.go */
import type { Container, PodSpec } from '../api/core/pod-types.ts'
import type { ResourceList } from '../api/meta/object.ts'
import { quantityMillis, quantityValue } from '../api/meta/quantity.ts'

export interface Resources {
  cpuMillis: number
  memoryBytes: number
  ephemeralBytes: number
  /** Extended resources and huge pages, by name. */
  scalars: ReadonlyMap<string, number>
}

/** What a container without a request counts as when nodes are scored, so that a node does not fill up with such. */
const DEFAULT_CPU_MILLIS = 100
const DEFAULT_MEMORY_BYTES = 200 * 1024 * 1024

/** Reads amounts, each text once. */
export interface ResourceReader {
  /** All amounts of a node; `pods` is told apart by allowedPods. */
  list(list: ResourceList | undefined): Resources
  allowedPods(list: ResourceList | undefined): number
  requests(spec: PodSpec): Resources
  /** The same with a default for each container that asks for no CPU or memory. */
  nonZeroRequests(spec: PodSpec): Resources
}

type Amounts = Record<string, number>

export function createResourceReader(): ResourceReader {
  const known = new Map<string, number>()
  const amount = (name: string, text: string | number): number => {
    const id = name === 'cpu' ? `${text}c` : String(text)
    let value = known.get(id)
    if (value === undefined) {
      value = name === 'cpu' ? quantityMillis(text) : quantityValue(text)
      known.set(id, value)
    }
    return value
  }
  const read = (list: ResourceList | undefined): Amounts => {
    const amounts: Amounts = {}
    for (const name in list) amounts[name] = amount(name, list[name])
    return amounts
  }
  const total = (spec: PodSpec, hasDefaults: boolean): Resources => {
    const of = (container: Container): Amounts => {
      const amounts = read(container.resources?.requests)
      if (hasDefaults) {
        amounts.cpu ??= DEFAULT_CPU_MILLIS
        amounts.memory ??= DEFAULT_MEMORY_BYTES
      }
      return amounts
    }
    const sum: Amounts = {}
    for (const container of spec.containers) add(sum, of(container))
    if (spec.initContainers?.length) addInitContainers(sum, spec.initContainers, of)
    for (const [name, value] of Object.entries(read(spec.resources?.requests))) {
      if (name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')) sum[name] = value
    }
    if (spec.overhead) add(sum, read(spec.overhead))
    return resourcesFrom(sum)
  }
  return {
    list: (list) => resourcesFrom(read(list)),
    allowedPods: (list) => (list?.pods === undefined ? 0 : amount('pods', list.pods)),
    requests: (spec) => total(spec, false),
    nonZeroRequests: (spec) => total(spec, true),
  }
}

/** Init containers run one after the other, beside the sidecars that started before them; the peak counts. */
function addInitContainers(
  sum: Amounts,
  initContainers: readonly Container[],
  of: (container: Container) => Amounts,
): void {
  const sidecars: Amounts = {}
  const peak: Amounts = {}
  for (const container of initContainers) {
    const own = of(container)
    if (container.restartPolicy === 'Always') {
      add(sum, own)
      add(sidecars, own)
      raise(peak, sidecars)
    } else {
      add(own, sidecars)
      raise(peak, own)
    }
  }
  raise(sum, peak)
}

function add(sum: Amounts, more: Amounts): void {
  for (const name in more) sum[name] = (sum[name] ?? 0) + more[name]
}

function raise(sum: Amounts, to: Amounts): void {
  for (const name in to) if (!(sum[name] >= to[name])) sum[name] = to[name]
}

const NO_SCALARS: ReadonlyMap<string, number> = new Map()

function resourcesFrom(amounts: Amounts): Resources {
  let scalars: Map<string, number> | undefined
  for (const name in amounts) {
    if (name === 'cpu' || name === 'memory' || name === 'ephemeral-storage' || name === 'pods') continue
    scalars ??= new Map()
    scalars.set(name, amounts[name])
  }
  return {
    cpuMillis: amounts.cpu ?? 0,
    memoryBytes: amounts.memory ?? 0,
    ephemeralBytes: amounts['ephemeral-storage'] ?? 0,
    scalars: scalars ?? NO_SCALARS,
  }
}
