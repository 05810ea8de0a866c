/**
 * Spreads Pods over domains: as constraints of the Pod demand or prefer, or else, for Pods of a Service or ReplicaSet, by the
 * system's own preferences. Source: podtopologyspread/{filtering,scoring,common}.go
 */
import { replicaSets } from '../../api/apps/replica-set.ts'
import { findUntolerated, nodeMatchesPod } from '../../api/core/pod/node-fit.ts'
import type { Pod, TopologySpreadConstraint } from '../../api/core/pod-types.ts'
import { services } from '../../api/core/service.ts'
import { selectorMatches } from '../../api/meta/label-selector.ts'
import { controllerOf, type LabelSelector } from '../../api/meta/object.ts'
import type { InformerFactory } from '../../client/machinery.ts'
import { charge, chargeText } from '../../engine/work.ts'
import { type ClusterEvent, type SchedulerPlugin, StateKey, unresolvable, unschedulable } from '../framework.ts'
import type { NodeInfo, PodQuestion } from '../node-info.ts'

const NAME = 'PodTopologySpread'
const TOO_SKEWED = unschedulable(NAME, "node(s) didn't match pod topology spread constraints")
const NO_LABEL = unresolvable(NAME, "node(s) didn't match pod topology spread constraints (missing required label)")
const HOSTNAME = 'kubernetes.io/hostname'

interface Constraint {
  key: string
  maxSkew: number
  minDomains: number
  question: PodQuestion
  /** 1 when the Pod itself counts in its domain. */
  self: 0 | 1
  honorsAffinity: boolean
  honorsTaints: boolean
}

interface Demands {
  constraints: readonly Constraint[]
  /** Pods that count, by domain, for each constraint. */
  counts: readonly Map<string, number>[]
  least: readonly number[]
}

interface Preferences {
  constraints: readonly Constraint[]
  counts: readonly Map<string, number>[]
  weights: readonly number[]
  ignored: ReadonlySet<NodeInfo>
}

const demandsKey = new StateKey<Demands>(NAME)
const preferencesKey = new StateKey<Preferences>(`${NAME}/score`)

const SYSTEM_DEFAULTS: readonly Pick<TopologySpreadConstraint, 'topologyKey' | 'maxSkew'>[] = [
  { topologyKey: HOSTNAME, maxSkew: 3 },
  { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5 },
]

export function podTopologySpread(informers: InformerFactory): SchedulerPlugin {
  const questions = new Questions()
  const serviceLister = informers.informer(services)
  const replicaSetLister = informers.informer(replicaSets)

  /** What all Services and the ReplicaSet of the Pod select, together; undefined when there is nothing of the kind. */
  function ownSelector(pod: Pod): LabelSelector | undefined {
    const { namespace = '', labels = {} } = pod.metadata
    let matchLabels: Record<string, string> = {}
    for (const { spec } of serviceLister.list(namespace)) {
      const selector = Object.entries(spec.selector ?? {})
      charge(1 + selector.length)
      if (selector.length > 0 && selector.every(([key, value]) => labels[key] === value))
        matchLabels = { ...matchLabels, ...spec.selector }
    }
    const owner = controllerOf(pod)
    const replicaSet = owner?.kind === 'ReplicaSet' ? replicaSetLister.get({ namespace, name: owner.name }) : undefined
    matchLabels = { ...matchLabels, ...replicaSet?.spec.selector?.matchLabels }
    const matchExpressions = replicaSet?.spec.selector?.matchExpressions ?? []
    return Object.keys(matchLabels).length + matchExpressions.length > 0 ? { matchLabels, matchExpressions } : undefined
  }

  return {
    name: NAME,
    weight: 2,
    preFilter(cycle) {
      const { pod } = cycle.info
      const constraints = constraintsOf(pod, 'DoNotSchedule', questions)
      if (constraints.length === 0) return 'skip'
      const counts = constraints.map(() => new Map<string, number>())
      const isIncluded = inclusion(pod)
      for (const node of cycle.nodes) {
        charge(stepsOfConstraint * constraints.length)
        const labels = node.node?.metadata.labels
        if (!constraints.every(({ key }) => labels?.[key] !== undefined)) continue
        constraints.forEach((constraint, i) => {
          if (!isIncluded(constraint, node)) return
          const domain = labels![constraint.key]
          counts[i].set(domain, (counts[i].get(domain) ?? 0) + node.countPods(constraint.question))
        })
      }
      const least = constraints.map(({ minDomains }, i) =>
        counts[i].size < minDomains ? 0 : leastOf(counts[i].values()),
      )
      cycle.write(demandsKey, { constraints, counts, least })
      return undefined
    },
    filter(cycle, node) {
      const { constraints, counts, least } = cycle.read(demandsKey)!
      charge(constraints.length)
      for (let i = 0; i < constraints.length; i++) {
        const { key, self, maxSkew } = constraints[i]
        const domain = node.node?.metadata.labels?.[key]
        if (domain === undefined) return NO_LABEL
        if ((counts[i].get(domain) ?? 0) + self - least[i] > maxSkew) return TOO_SKEWED
      }
      return undefined
    },
    preScore(cycle, nodes) {
      const { pod } = cycle.info
      const hasOwn = (pod.spec.topologySpreadConstraints?.length ?? 0) > 0
      const constraints = hasOwn
        ? constraintsOf(pod, 'ScheduleAnyway', questions)
        : defaultsFor(pod, ownSelector(pod), questions)
      if (constraints.length === 0) return 'skip'
      cycle.write(preferencesKey, countPreferences(pod, constraints, hasOwn, nodes, cycle.nodes))
      return undefined
    },
    score(cycle, node) {
      const { constraints, counts, weights, ignored } = cycle.read(preferencesKey)!
      if (ignored.has(node)) return 0
      charge(constraints.length)
      let score = 0
      for (let i = 0; i < constraints.length; i++) {
        const { key, maxSkew, question } = constraints[i]
        const domain = node.node?.metadata.labels?.[key]
        if (domain === undefined) continue
        const count = key === HOSTNAME ? node.countPods(question) : (counts[i].get(domain) ?? 0)
        score += count * weights[i] + (maxSkew - 1)
      }
      return Math.round(score)
    },
    normalizeScore(cycle, scores, nodes) {
      const { ignored } = cycle.read(preferencesKey)!
      let least = Infinity
      let greatest = 0
      for (let i = 0; i < scores.length; i++) {
        if (ignored.has(nodes[i])) continue
        if (scores[i] < least) least = scores[i]
        if (scores[i] > greatest) greatest = scores[i]
      }
      for (let i = 0; i < scores.length; i++) {
        if (ignored.has(nodes[i])) scores[i] = 0
        else scores[i] = greatest === 0 ? 100 : Math.trunc((100 * (greatest + least - scores[i])) / greatest)
      }
    },
    wakes: (info, event) => mayChangeCounts(info.pod, event, questions),
  }
}

function countPreferences(
  pod: Pod,
  constraints: readonly Constraint[],
  needsAllKeys: boolean,
  feasible: readonly NodeInfo[],
  all: readonly NodeInfo[],
): Preferences {
  const ignored = new Set<NodeInfo>()
  const hasAllKeys = (node: NodeInfo): boolean => constraints.every(({ key }) => domainOf(node, key) !== undefined)
  charge(stepsOfConstraint * constraints.length * (feasible.length + all.length))
  if (needsAllKeys) for (const node of feasible) if (!hasAllKeys(node)) ignored.add(node)
  const counted = needsAllKeys ? all.filter(hasAllKeys) : all
  const isIncluded = inclusion(pod)
  const counts: Map<string, number>[] = []
  const weights: number[] = []
  for (const constraint of constraints) {
    const { key, question } = constraint
    const byDomain = new Map<string, number>()
    counts.push(byDomain)
    // More domains weigh more, so that hosts do not drown zones.
    if (key === HOSTNAME) {
      weights.push(Math.log(feasible.length - ignored.size + 2))
      continue
    }
    for (const node of feasible) if (!ignored.has(node)) byDomain.set(domainOf(node, key) ?? '', 0)
    weights.push(Math.log(byDomain.size + 2))
    const isEmpty = byDomain.size === 0 || (byDomain.size === 1 && byDomain.has(''))
    for (const node of isEmpty ? [] : counted) {
      const domain = domainOf(node, key)
      const known = domain === undefined ? undefined : byDomain.get(domain)
      if (domain === undefined || known === undefined) continue
      if (isIncluded(constraint, node)) byDomain.set(domain, known + node.countPods(question))
    }
  }
  return { constraints, counts, weights, ignored }
}

const domainOf = ({ node }: NodeInfo, key: string): string | undefined => node?.metadata.labels?.[key]

/** Of computing: one constraint with one node. */
const stepsOfConstraint = 3

function leastOf(numbers: Iterable<number>): number {
  let least = Number.POSITIVE_INFINITY
  for (const number of numbers) least = Math.min(least, number)
  return least
}

/** Whether a node's Pods count for a constraint of the Pod: each node is matched once, however many constraints there are. */
function inclusion(pod: Pod): (constraint: Constraint, node: NodeInfo) => boolean {
  const matching = new Map<NodeInfo, boolean>()
  const tolerated = new Map<NodeInfo, boolean>()
  const once = (known: Map<NodeInfo, boolean>, info: NodeInfo, find: () => boolean): boolean => {
    const found = known.get(info) ?? find()
    known.set(info, found)
    return found
  }
  return ({ honorsAffinity, honorsTaints }, info) => {
    const { node } = info
    if (!node) return false
    if (honorsAffinity && !once(matching, info, () => nodeMatchesPod(node, pod))) return false
    return (
      !honorsTaints ||
      once(tolerated, info, () => findUntolerated(pod, node.spec.taints, 'NoSchedule', 'NoExecute') === undefined)
    )
  }
}

function constraintsOf(
  pod: Pod,
  when: TopologySpreadConstraint['whenUnsatisfiable'],
  questions: Questions,
): readonly Constraint[] {
  const own = pod.spec.topologySpreadConstraints
  if (!own) return []
  charge(stepsOfConstraint * own.length)
  return own
    .filter((constraint) => constraint.whenUnsatisfiable === when)
    .map((constraint) => {
      const selector = withLabelKeys(constraint, pod)
      return {
        key: constraint.topologyKey,
        maxSkew: constraint.maxSkew,
        minDomains: constraint.minDomains ?? 1,
        question: questions.for(pod.metadata.namespace ?? '', selector),
        self: selectorMatches(selector, pod.metadata.labels) ? 1 : 0,
        honorsAffinity: constraint.nodeAffinityPolicy !== 'Ignore',
        honorsTaints: constraint.nodeTaintsPolicy === 'Honor',
      }
    })
}

const defaultsFor = (pod: Pod, selector: LabelSelector | undefined, questions: Questions): readonly Constraint[] =>
  selector
    ? SYSTEM_DEFAULTS.map(({ topologyKey, maxSkew }) => ({
        key: topologyKey,
        maxSkew,
        minDomains: 1,
        question: questions.for(pod.metadata.namespace ?? '', selector),
        self: 1,
        honorsAffinity: true,
        honorsTaints: false,
      }))
    : []

/** matchLabelKeys: the Pod's own values of these labels are asked for as well. */
function withLabelKeys(
  { labelSelector, matchLabelKeys = [] }: TopologySpreadConstraint,
  { metadata }: Pod,
): LabelSelector | undefined {
  const keys = matchLabelKeys.filter((key) => metadata.labels?.[key] !== undefined)
  if (keys.length === 0) return labelSelector
  const more = keys.map((key) => ({ key, operator: 'In' as const, values: [metadata.labels![key]] }))
  return { ...labelSelector, matchExpressions: [...(labelSelector?.matchExpressions ?? []), ...more] }
}

/** Makes the question for a selector once, so that nodes keep one count of it. */
class Questions {
  private readonly known = new Map<string, PodQuestion>()

  /** Pods of the namespace that match and are not on their way out. */
  for(namespace: string, selector: LabelSelector | undefined): PodQuestion {
    const id = `${namespace}/${JSON.stringify(selector)}`
    chargeText(4 * id.length)
    let question = this.known.get(id)
    if (!question) {
      if (this.known.size >= MAX_QUESTIONS) this.known.clear()
      question = {
        isTrueOf: ({ pod }) =>
          pod.metadata.namespace === namespace &&
          !pod.metadata.deletionTimestamp &&
          selectorMatches(selector, pod.metadata.labels),
      }
      this.known.set(id, question)
    }
    return question
  }
}

const MAX_QUESTIONS = 1000

function mayChangeCounts(pod: Pod, event: ClusterEvent, questions: Questions): boolean {
  const constraints = constraintsOf(pod, 'DoNotSchedule', questions)
  switch (event.on) {
    case 'volume':
    case 'claim':
    case 'devices':
      return false
    case 'pod':
      return event.change === 'labels'
    case 'assigned-pod':
      return (
        event.change !== 'requests' &&
        constraints.some(
          ({ question }) => question.isTrueOf(event.info) || (event.old !== undefined && question.isTrueOf(event.old)),
        )
      )
    case 'node': {
      const hasKeys = (labels: Record<string, string> | undefined): boolean =>
        constraints.every(({ key }) => labels?.[key] !== undefined)
      if (event.change === 'labels') return hasKeys(event.node.metadata.labels) || hasKeys(event.old?.metadata.labels)
      return event.change !== 'allocatable' && hasKeys(event.node.metadata.labels)
    }
  }
}
