/**
 * Makes room by removing Pods of lower priority: as few and as unimportant ones as will do. Source:
 * defaultpreemption/default_preemption.go, framework/preemption/preemption.go. Disruption budgets are not looked at yet.
 */
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
}

export const defaultPreemption = (): SchedulerPlugin => ({
  name: 'DefaultPreemption',
  postFilter({ info }, context) {
    const obstacle = ineligibility(info, context)
    return obstacle ? { message: `preemption: ${obstacle}` } : makeRoom(info, context)
  },
})

/** Why the Pod may not remove others now. */
function ineligibility(info: PodInfo, { rejections, nominatedNode }: PostFilterContext): string | undefined {
  if (info.pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.'
  const node = [...rejections.keys()].find(({ name }) => name === nominatedNode)
  const isBeingVacated =
    node && [...node.pods.values()].some((pod) => pod.pod.metadata.deletionTimestamp && pod.priority < info.priority)
  return isBeingVacated ? 'not eligible due to a terminating pod on the nominated node.' : undefined
}

function makeRoom(info: PodInfo, context: PostFilterContext): PostFilterResult {
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
    const found = victimsOn(node, info, context)
    if ('victims' in found) candidates.push({ node, victims: found.victims })
    else reasons.push([...found.reasons])
  }
  if (candidates.length === 0) return { message: `preemption: ${fitMessage(rejections.size, { reasons })}` }
  const best = candidates.reduce((a, b) => (isBetter(b, a) ? b : a))
  return { message: '', nominatedNode: best.node.name, victims: best.victims }
}

/** Takes all lesser Pods off the node, then puts back each that can stay, the most important first. */
function victimsOn(
  node: NodeInfo,
  info: PodInfo,
  { filter }: PostFilterContext,
): { victims: readonly PodInfo[] } | { reasons: readonly string[] } {
  const lesser = [...node.pods.values()].filter(({ priority }) => priority < info.priority).sort(byImportance)
  if (lesser.length === 0) return { reasons: [NO_VICTIMS] }
  for (const { uid } of lesser) node.removePod(uid)
  const rejection = filter(node)
  const victims: PodInfo[] = []
  for (const other of lesser) {
    node.addPod(other)
    if (rejection || !filter(node)) continue
    node.removePod(other.uid)
    victims.push(other)
  }
  for (const victim of victims) node.addPod(victim)
  return rejection ? { reasons: rejection.reasons } : { victims }
}

const startOf = ({ pod }: PodInfo): string => pod.status.startTime ?? '9'

/** Higher priority first, then those that run longer, then by name. */
function byImportance(a: PodInfo, b: PodInfo): number {
  if (a.priority !== b.priority) return b.priority - a.priority
  const [left, right] = [startOf(a), startOf(b)]
  if (left !== right) return left < right ? -1 : 1
  return a.key < b.key ? -1 : 1
}

/** By the importance of the worst victim, their sum, their number, and how lately the worst one started. */
function isBetter(a: Candidate, b: Candidate): boolean {
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
