/** One scheduling cycle: filters nodes, scores those that are left, and picks one. Source: pkg/scheduler/schedule_one.go */
import type { Attempt, NodeVerdict } from '../api/scheduling/attempt.ts'
import type { Random } from '../engine/random.ts'
import { charge } from '../engine/work.ts'
import { fitMessage } from './diagnosis.ts'
import { Cycle, type PreFilterResult, type Rejection, type SchedulerPlugin, unresolvable } from './framework.ts'
import type { ClusterIndex, NodeInfo } from './node-info.ts'
import type { Nominations } from './nominations.ts'
import type { PodInfo } from './pod-info.ts'

type CycleRecord = Pick<Attempt, 'evaluated' | 'feasible' | 'filters' | 'skipped' | 'scorers' | 'nodes'>

export type CycleResult = { cycle: Cycle; record: CycleRecord } & (
  | { node: NodeInfo }
  | { message: string; rejectedBy: ReadonlySet<string>; victims: readonly PodInfo[]; nominatedNode?: string }
)

export interface CycleRunner {
  run(info: PodInfo, nodes: readonly NodeInfo[], index: ClusterIndex): CycleResult
}

export interface CycleRunnerOptions {
  plugins: readonly SchedulerPlugin[]
  /** Decides between nodes of equal score. */
  random: Random
  nominations: Nominations
}

/** A cluster of fewer nodes is searched whole. */
const MIN_FEASIBLE_NODES = 100
const MIN_FEASIBLE_PERCENTAGE = 5

/** How many nodes that would do are enough: all of up to 100, then a part that shrinks from 50 % to 5 %. */
export function feasibleNodesToFind(nodes: number): number {
  if (nodes < MIN_FEASIBLE_NODES) return nodes
  const percentage = Math.max(50 - Math.trunc(nodes / 125), MIN_FEASIBLE_PERCENTAGE)
  return Math.max(Math.trunc((nodes * percentage) / 100), MIN_FEASIBLE_NODES)
}

export function createCycleRunner({ plugins, random, nominations }: CycleRunnerOptions): CycleRunner {
  const preFilters = plugins.filter((plugin) => plugin.preFilter)
  const filters = plugins.filter((plugin) => plugin.filter)
  const postFilters = plugins.filter((plugin) => plugin.postFilter)
  const scorers = plugins.filter((plugin) => plugin.score)
  /** Where the search starts, so that every node of a large cluster gets its turn. */
  let startIndex = 0

  return {
    run(info, nodes, index) {
      const cycle = new Cycle(info, nodes, index)
      charge(nodes.length)
      if (nodes.length === 0) return failure(cycle, 'no nodes available to schedule pods', new Set())
      const skipped = new Set<SchedulerPlugin>()
      let allowed: ReadonlySet<string> | undefined
      const narrowedBy: string[] = []
      for (const plugin of preFilters) {
        const said: PreFilterResult = plugin.preFilter?.(cycle)
        if (said === undefined) continue
        if (said === 'skip') skipped.add(plugin)
        else if ('nodes' in said) {
          allowed = allowed ? new Set([...allowed].filter((name) => said.nodes.has(name))) : said.nodes
          narrowedBy.push(plugin.name)
        } else {
          // What speaks against the Pod itself speaks against every node, and no room that is made would help.
          return refuse(cycle, { ...said, isUnresolvable: true })
        }
      }
      if (allowed?.size === 0) {
        const by =
          narrowedBy.length === 1 ? `plugin ${narrowedBy[0]}` : `plugin(s) [${sorted(narrowedBy)}] simultaneously`
        return refuse(cycle, unresolvable(narrowedBy[0], `node(s) didn't satisfy ${by}`), new Set(narrowedBy))
      }
      const active = filters.filter((plugin) => !skipped.has(plugin))
      const runFilters = (node: NodeInfo): Rejection | undefined => filterNode(active, cycle, node)
      const rejections = new Map<NodeInfo, Rejection>()
      const feasible: NodeInfo[] = []
      const room = nominations.nodeOf(info.uid)
      const nominated = room === undefined ? undefined : nodes.find(({ name }) => name === room)
      if (nominated && !runFilters(nominated)) feasible.push(nominated)
      else search(nodes, allowed, narrowedBy, runFilters, feasible, rejections)

      const idle = filters.filter((plugin) => skipped.has(plugin))
      if (feasible.length === 0) return explain(cycle, rejections, active, idle)
      const scored = feasible.length === 1 ? undefined : scoreNodes(cycle, feasible, scorers, skipped)
      const node = scored ? pickBest(feasible, scored.totals, random) : feasible[0]
      return { cycle, node, record: recordOf({ filters: active, skipped: idle, feasible, rejections, scored, node }) }
    },
  }

  function search(
    nodes: readonly NodeInfo[],
    allowed: ReadonlySet<string> | undefined,
    narrowedBy: readonly string[],
    runFilters: (node: NodeInfo) => Rejection | undefined,
    feasible: NodeInfo[],
    rejections: Map<NodeInfo, Rejection>,
  ): void {
    const wanted = allowed ? nodes.length : feasibleNodesToFind(nodes.length)
    const outside = unresolvable(narrowedBy[0] ?? '', `node(s) didn't satisfy plugin(s) [${sorted(narrowedBy)}]`)
    const from = allowed ? 0 : startIndex % nodes.length
    let looked = 0
    for (; looked < nodes.length && feasible.length < wanted; looked++) {
      const node = nodes[(from + looked) % nodes.length]
      const rejection = allowed && !allowed.has(node.name) ? outside : runFilters(node)
      if (rejection) rejections.set(node, rejection)
      else feasible.push(node)
    }
    if (!allowed) startIndex = (from + looked) % nodes.length
  }

  function filterNode(active: readonly SchedulerPlugin[], cycle: Cycle, node: NodeInfo): Rejection | undefined {
    // Pods that are on their way here count as if they were here; the node must do without them as well.
    const rivals = nominations.rivalsOf(cycle.info, node.name)
    if (rivals.length > 0) {
      for (const rival of rivals) node.addPod(rival)
      const rejection = firstRejection(active, cycle, node)
      for (const rival of rivals) node.removePod(rival.uid)
      if (rejection) return rejection
    }
    return firstRejection(active, cycle, node)
  }

  /** Filters the node as it is now, with what PreFilter finds now. */
  function filterAnew({ info, nodes, index }: Cycle, node: NodeInfo): Rejection | undefined {
    const cycle = new Cycle(info, nodes, index)
    const skipped = new Set(preFilters.filter((plugin) => plugin.preFilter?.(cycle) === 'skip'))
    return filterNode(
      filters.filter((plugin) => !skipped.has(plugin)),
      cycle,
      node,
    )
  }

  /** PreFilter refused the Pod on every node. */
  function refuse(cycle: Cycle, rejection: Rejection, rejectedBy = new Set([rejection.plugin])): CycleResult {
    const rejections = new Map(cycle.nodes.map((node) => [node, rejection]))
    const room = makeRoom(cycle, rejections)
    const message = fitMessage(rejections.size, { preFilter: rejection.reasons.join(', '), postFilter: room.message })
    return {
      cycle,
      ...room,
      message,
      rejectedBy,
      record: recordOf({ filters: [], skipped: [], feasible: [], rejections }),
    }
  }

  /** Each node was refused, for reasons of its own. */
  function explain(
    cycle: Cycle,
    rejections: ReadonlyMap<NodeInfo, Rejection>,
    active: readonly SchedulerPlugin[],
    idle: readonly SchedulerPlugin[],
  ): CycleResult {
    const rejectedBy = new Set([...rejections.values()].map(({ plugin }) => plugin))
    const room = makeRoom(cycle, rejections)
    const reasons = [...rejections.values()].map((rejection) => rejection.reasons)
    const message = fitMessage(rejections.size, { reasons, postFilter: room.message })
    const record = recordOf({ filters: active, skipped: idle, feasible: [], rejections })
    return { cycle, ...room, message, rejectedBy, record }
  }

  /** Asks the PostFilter plugins in turn, until one has made room; else tells what each of them said. Source: RunPostFilterPlugins */
  function makeRoom(
    cycle: Cycle,
    rejections: ReadonlyMap<NodeInfo, Rejection>,
  ): { message: string; nominatedNode?: string; victims: readonly PodInfo[] } {
    const context = {
      rejections,
      random,
      nominatedNode: nominations.nodeOf(cycle.info.uid),
      filter: (node: NodeInfo) => filterAnew(cycle, node),
    }
    const messages: string[] = []
    for (const plugin of postFilters) {
      const result = plugin.postFilter?.(cycle, context)
      if (!result) continue
      const { message, isError, nominatedNode, victims = [] } = result
      if (nominatedNode !== undefined) return { message, nominatedNode, victims }
      if (isError) return { message, victims }
      messages.push(message)
    }
    return { message: messages.join(', '), victims: [] }
  }
}

/** As Go prints a set of names that was sorted. */
const sorted = (names: readonly string[]): string => [...names].sort().join(' ')

/** Of computing: a node's filters, and its scores, beside what lists of the Pod or the node cost. */
const stepsOfNode = 10

function firstRejection(active: readonly SchedulerPlugin[], cycle: Cycle, node: NodeInfo): Rejection | undefined {
  charge(stepsOfNode)
  for (const plugin of active) {
    const rejection = plugin.filter?.(cycle, node)
    if (rejection) return rejection
  }
  return undefined
}

/** No node was looked at. */
const failure = (cycle: Cycle, message: string, rejectedBy: ReadonlySet<string>): CycleResult => ({
  cycle,
  message,
  rejectedBy,
  victims: [],
  record: recordOf({ filters: [], skipped: [], feasible: [], rejections: new Map() }),
})

interface Scored {
  totals: number[]
  byPlugin: { name: string; weight: number; scores: number[]; raw(i: number): number }[]
}

function scoreNodes(
  cycle: Cycle,
  nodes: readonly NodeInfo[],
  scorers: readonly SchedulerPlugin[],
  skipped: ReadonlySet<SchedulerPlugin>,
): Scored {
  charge(stepsOfNode * nodes.length)
  const totals = new Array<number>(nodes.length).fill(0)
  const byPlugin: Scored['byPlugin'] = []
  for (const plugin of scorers) {
    if (skipped.has(plugin) && !plugin.preScore) continue
    if (plugin.preScore?.(cycle, nodes) === 'skip') continue
    const weight = plugin.weight ?? 1
    const scores = new Array<number>(nodes.length)
    for (let i = 0; i < nodes.length; i++) scores[i] = plugin.score?.(cycle, nodes[i]) ?? 0
    plugin.normalizeScore?.(cycle, scores, nodes)
    for (let i = 0; i < nodes.length; i++) totals[i] += scores[i] * weight
    // Asked again for the few that are recorded, which costs less than a copy of all.
    byPlugin.push({ name: plugin.name, weight, scores, raw: (i) => plugin.score?.(cycle, nodes[i]) ?? 0 })
  }
  return { totals, byPlugin }
}

/** One of the best, each as likely as the others, in one pass. */
function pickBest(nodes: readonly NodeInfo[], totals: readonly number[], random: Random): NodeInfo {
  let best = 0
  let alike = 1
  for (let i = 1; i < nodes.length; i++) {
    if (totals[i] > totals[best]) {
      best = i
      alike = 1
    } else if (totals[i] === totals[best] && random.int(0, alike++) === 0) best = i
  }
  return nodes[best]
}

/** Clusters up to this size are recorded whole; of larger ones the best and some of the rejected. */
const WHOLE_RECORD = 50
const PART_RECORD = 5

interface Findings {
  filters: readonly SchedulerPlugin[]
  skipped: readonly SchedulerPlugin[]
  feasible: readonly NodeInfo[]
  rejections: ReadonlyMap<NodeInfo, Rejection>
  scored?: Scored
  /** The one that was chosen. */
  node?: NodeInfo
}

function recordOf({ filters, skipped, feasible, rejections, scored, node }: Findings): CycleRecord {
  const isWhole = feasible.length + rejections.size <= WHOLE_RECORD
  const nodes: NodeVerdict[] = []
  const shown = new Set(isWhole ? feasible.keys() : greatest(scored?.totals ?? [], PART_RECORD))
  if (node) shown.add(feasible.indexOf(node))
  for (const i of shown) {
    if (!scored) nodes.push({ node: feasible[i].name })
    else {
      const scores = scored.byPlugin.map((plugin) => plugin.scores[i])
      const rawScores = scored.byPlugin.map(({ raw }) => raw(i))
      nodes.push({ node: feasible[i].name, scores, rawScores, total: scored.totals[i] })
    }
  }
  let left = isWhole ? Infinity : PART_RECORD
  for (const [rejected, { plugin, reasons }] of rejections) {
    if (left-- <= 0) break
    nodes.push({ node: rejected.name, rejectedBy: plugin, reasons })
  }
  return {
    evaluated: feasible.length + rejections.size,
    feasible: feasible.length,
    filters: filters.map(({ name }) => name),
    skipped: skipped.map(({ name }) => name),
    scorers: scored?.byPlugin.map(({ name, weight }) => ({ name, weight })) ?? [],
    nodes,
  }
}

/** Indices of the n greatest numbers, greatest first. */
function greatest(numbers: readonly number[], n: number): readonly number[] {
  const top: number[] = []
  for (let i = 0; i < numbers.length; i++) {
    if (top.length === n && numbers[i] <= numbers[top[n - 1]]) continue
    let at = top.length
    while (at > 0 && numbers[top[at - 1]] < numbers[i]) at--
    top.splice(at, 0, i)
    if (top.length > n) top.pop()
  }
  return top
}
