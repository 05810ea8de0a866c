/**
 * Makes room by removing Pods of lower priority: as few and as unimportant ones as will do, and against no disruption budget
 * if that can be helped. Source: defaultpreemption/default_preemption.go, framework/preemption/preemption.go
 */
import { isEmptySelector } from '../../api/meta/selector-validation.ts'
import { selectsPod } from '../../api/policy/disruption.ts'
import { podDisruptionBudgets } from '../../api/policy/pod-disruption-budget.ts'
import type { PodDisruptionBudget } from '../../api/policy/types.ts'
import type { InformerFactory } from '../../client/machinery.ts'
import { fitMessage } from '../diagnosis.ts'
import type { PostFilterContext, PostFilterResult, SchedulerPlugin } from '../framework.ts'
import type { NodeInfo } from '../node-info.ts'
import type { PodInfo } from '../pod-info.ts'

const NO_USE = 'Preemption is not helpful for scheduling'
const NO_VICTIMS = 'No preemption victims found for incoming pod'
/** At most so many nodes where it would work are compared, or a tenth of all if that is more. */
const MIN_CANDIDATES = 100

interface Candidate {
  node: NodeInfo
  /** The most important first. */
  victims: readonly PodInfo[]
  /** How many of them a disruption budget would keep. */
  violations: number
}

export function defaultPreemption(informers: InformerFactory): SchedulerPlugin {
  const budgets = informers.informer(podDisruptionBudgets)
  return {
    name: 'DefaultPreemption',
    postFilter({ info }, context) {
      const obstacle = ineligibility(info, context)
      return obstacle ? { message: `preemption: ${obstacle}` } : makeRoom(info, context, budgets.list())
    },
  }
}

/** Why the Pod may not remove others now. */
function ineligibility(info: PodInfo, { rejections, nominatedNode }: PostFilterContext): string | undefined {
  if (info.pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.'
  const node = [...rejections.keys()].find(({ name }) => name === nominatedNode)
  const isBeingVacated =
    node && [...node.pods.values()].some((pod) => pod.pod.metadata.deletionTimestamp && pod.priority < info.priority)
  return isBeingVacated ? 'not eligible due to a terminating pod on the nominated node.' : undefined
}

function makeRoom(
  info: PodInfo,
  context: PostFilterContext,
  budgets: readonly PodDisruptionBudget[],
): PostFilterResult {
  const { rejections, random } = context
  const reasons: string[][] = []
  const helped: NodeInfo[] = []
  for (const [node, { isUnresolvable }] of rejections) {
    if (isUnresolvable) reasons.push([NO_USE])
    else helped.push(node)
  }
  const wanted = Math.max(MIN_CANDIDATES, Math.trunc(rejections.size / 10))
  const offset = helped.length > 1 ? random.int(0, helped.length - 1) : 0
  const candidates: Candidate[] = []
  for (let i = 0; i < helped.length && candidates.length < wanted; i++) {
    const node = helped[(offset + i) % helped.length]
    const found = victimsOn(node, info, context, budgets)
    if ('victims' in found) candidates.push({ node, ...found })
    else reasons.push([...found.reasons])
  }
  if (candidates.length === 0) return { message: `preemption: ${fitMessage(rejections.size, { reasons })}` }
  const best = candidates.reduce((a, b) => (isBetter(b, a) ? b : a))
  return { message: '', nominatedNode: best.node.name, victims: best.victims }
}

/** Takes all lesser Pods off the node, then puts back each that can stay: those that a budget keeps first, and the most important. */
function victimsOn(
  node: NodeInfo,
  info: PodInfo,
  { filter }: PostFilterContext,
  budgets: readonly PodDisruptionBudget[],
): Omit<Candidate, 'node'> | { reasons: readonly string[] } {
  const lesser = [...node.pods.values()].filter(({ priority }) => priority < info.priority).sort(byImportance)
  if (lesser.length === 0) return { reasons: [NO_VICTIMS] }
  for (const { uid } of lesser) node.removePod(uid)
  const rejection = filter(node)
  const kept = keptByBudgets(lesser, budgets)
  const victims: PodInfo[] = []
  let violations = 0
  for (const other of kept.size === 0
    ? lesser
    : [...lesser.filter((one) => kept.has(one)), ...lesser.filter((one) => !kept.has(one))]) {
    node.addPod(other)
    if (rejection || !filter(node)) continue
    node.removePod(other.uid)
    victims.push(other)
    if (kept.has(other)) violations++
  }
  for (const victim of victims) node.addPod(victim)
  return rejection ? { reasons: rejection.reasons } : { victims: victims.sort(byImportance), violations }
}

const NOBODY: ReadonlySet<PodInfo> = new Set()

/** Those whose removal, after that of the ones before them, a budget does not allow. */
function keptByBudgets(infos: readonly PodInfo[], budgets: readonly PodDisruptionBudget[]): ReadonlySet<PodInfo> {
  if (budgets.length === 0) return NOBODY
  const allowed = new Map(budgets.map((budget) => [budget, budget.status?.disruptionsAllowed ?? 0]))
  const kept = new Set<PodInfo>()
  for (const info of infos) {
    if (Object.keys(info.pod.metadata.labels ?? {}).length === 0) continue
    for (const budget of budgets) {
      // A budget of everything means nobody here, and a Pod that is on its way out is charged already.
      if (!budget.spec.selector || isEmptySelector(budget.spec.selector) || !selectsPod(budget, info.pod)) continue
      if (budget.status?.disruptedPods?.[info.pod.metadata.name] !== undefined) continue
      const left = (allowed.get(budget) ?? 0) - 1
      allowed.set(budget, left)
      if (left < 0) kept.add(info)
    }
  }
  return kept
}

const startOf = ({ pod }: PodInfo): string => pod.status.startTime ?? '9'

/** Higher priority first, then those that run longer, then by name. */
function byImportance(a: PodInfo, b: PodInfo): number {
  if (a.priority !== b.priority) return b.priority - a.priority
  const [left, right] = [startOf(a), startOf(b)]
  if (left !== right) return left < right ? -1 : 1
  return a.key < b.key ? -1 : 1
}

/** By violated budgets, the importance of the worst victim, their sum, their number, and how lately the worst one started. */
function isBetter(a: Candidate, b: Candidate): boolean {
  if (a.violations !== b.violations) return a.violations < b.violations
  const worst = ({ victims }: Candidate): number => victims[0]?.priority ?? Number.NEGATIVE_INFINITY
  if (worst(a) !== worst(b)) return worst(a) < worst(b)
  const sum = ({ victims }: Candidate): number => victims.reduce((total, { priority }) => total + priority + 2 ** 31, 0)
  if (sum(a) !== sum(b)) return sum(a) < sum(b)
  if (a.victims.length !== b.victims.length) return a.victims.length < b.victims.length
  return earliestStart(a) > earliestStart(b)
}

const earliestStart = ({ victims }: Candidate): string =>
  victims
    .filter(({ priority }) => priority === victims[0].priority)
    .reduce((earliest, victim) => (startOf(victim) < earliest ? startOf(victim) : earliest), '9')
