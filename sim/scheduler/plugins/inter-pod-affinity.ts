/** Places Pods beside others, or away from them. Source: interpodaffinity/{filtering,scoring}.go */
import { namespaces } from '../../api/core/namespace.ts'
import type { Pod, PodAffinityTerm } from '../../api/core/pod-types.ts'
import { selectorMatches } from '../../api/meta/label-selector.ts'
import type { LabelSelector } from '../../api/meta/object.ts'
import type { InformerFactory } from '../../client/machinery.ts'
import { charge } from '../../engine/work.ts'
import { type ClusterEvent, type SchedulerPlugin, StateKey, unresolvable, unschedulable } from '../framework.ts'
import type { NodeInfo } from '../node-info.ts'
import type { PodInfo } from '../pod-info.ts'

const NAME = 'InterPodAffinity'
const NO_AFFINITY = unresolvable(NAME, "node(s) didn't match pod affinity rules")
const OWN_ANTI_AFFINITY = unschedulable(NAME, "node(s) didn't match pod anti-affinity rules")
const OTHERS_ANTI_AFFINITY = unschedulable(NAME, "node(s) didn't satisfy existing pods anti-affinity rules")
/** What the required affinity of a running Pod for the new one counts, unless told. */
const HARD_AFFINITY_WEIGHT = 1

interface Term {
  key: string
  matches(other: PodInfo): boolean
}

/** Counts by `topologyKey=value`. */
type Counts = Map<string, number>

interface Demands {
  affinity: readonly Term[]
  antiAffinity: readonly Term[]
  /** Pods that match all affinity terms. */
  wanted: Counts
  unwanted: Counts
  /** Pods whose own anti-affinity the new one would break. */
  guarded: Counts
  matchesItself: boolean
}

const demandsKey = new StateKey<Demands>(NAME)
const scoresKey = new StateKey<Counts>(`${NAME}/score`)

const required = (pod: Pod) => pod.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
const preferred = (pod: Pod) => pod.spec.affinity?.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
const requiredAnti = (pod: Pod) =>
  pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
const preferredAnti = (pod: Pod) =>
  pod.spec.affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []

/** By topology key: what one Pod counts, wherever it is. */
type Amounts = Map<string, number>

function more<K>(amounts: Map<K, number>, key: K, amount: number): void {
  amounts.set(key, (amounts.get(key) ?? 0) + amount)
}

/** What a Pod on the node counts, by the node's labels. */
function addAll(counts: Counts, node: NodeInfo, amounts: Amounts): void {
  charge(1 + amounts.size)
  for (const [key, amount] of amounts) {
    const value = node.node?.metadata.labels?.[key]
    if (value !== undefined) more(counts, `${key}=${value}`, amount)
  }
}

const at = (counts: Counts, node: NodeInfo, key: string): number => {
  const value = node.node?.metadata.labels?.[key]
  return value === undefined ? 0 : (counts.get(`${key}=${value}`) ?? 0)
}

/** So many kinds of Pods are told apart at a time; one that comes again later is another kind then. */
const mostClasses = 10_000

/** Pods of one kind have the same labels, namespace and affinity, as those of one template have: a term that matches one matches all. */
class PodClasses {
  readonly #ofPod = new WeakMap<PodInfo, number>()
  readonly #ids = new Map<string, number>()
  #last = 0

  of(info: PodInfo): number {
    const known = this.#ofPod.get(info)
    if (known !== undefined) return known
    const { metadata, spec } = info.pod
    const text = JSON.stringify([metadata.namespace, metadata.labels, info.hasAffinity ? spec.affinity : undefined])
    charge(text.length / 16)
    let id = this.#ids.get(text)
    if (id === undefined) {
      if (this.#ids.size >= mostClasses) this.#ids.clear()
      id = ++this.#last
      this.#ids.set(text, id)
    }
    this.#ofPod.set(info, id)
    return id
  }
}

export function interPodAffinity(informers: InformerFactory, hardWeight = HARD_AFFINITY_WEIGHT): SchedulerPlugin {
  const namespaceLister = informers.informer(namespaces)
  const terms = new WeakMap<PodAffinityTerm, Term>()

  /** The term as `owner` means it, made once. */
  function termOf(term: PodAffinityTerm, owner: Pod): Term {
    let known = terms.get(term)
    if (!known) {
      const selector = withLabelKeys(term, owner)
      known = {
        key: term.topologyKey,
        matches: ({ pod }) => isInScope(term, owner, pod) && selectorMatches(selector, pod.metadata.labels),
      }
      terms.set(term, known)
    }
    return known
  }

  /** The owner's namespace, unless the term names or selects others. */
  function isInScope(term: PodAffinityTerm, owner: Pod, { metadata }: Pod): boolean {
    const namespace = metadata.namespace ?? ''
    const named = term.namespaces ?? []
    if (named.length === 0 && !term.namespaceSelector) return namespace === owner.metadata.namespace
    if (named.includes(namespace)) return true
    if (!term.namespaceSelector) return false
    const labels = namespaceLister.get({ namespace: '', name: namespace })?.metadata.labels
    return selectorMatches(term.namespaceSelector, labels)
  }

  const classes = new PodClasses()
  /** Of Pods that are alike in what terms ask of them and in their own, worked out once in a cycle. */
  function perClass<T>(of: (pod: PodInfo) => T): (pod: PodInfo) => T {
    const known = new Map<number, T>()
    return (pod) => {
      const id = classes.of(pod)
      let found = known.get(id)
      if (found === undefined) {
        found = of(pod)
        known.set(id, found)
      }
      return found
    }
  }

  const termsOf = (list: readonly PodAffinityTerm[], owner: Pod): readonly Term[] => {
    charge(stepsOfTerm * list.length)
    return list.map((term) => termOf(term, owner))
  }

  return {
    name: NAME,
    weight: 2,
    preFilter(cycle) {
      const { info } = cycle
      const affinity = termsOf(required(info.pod), info.pod)
      const antiAffinity = termsOf(requiredAnti(info.pod), info.pod)
      const demands: Demands = {
        affinity,
        antiAffinity,
        wanted: new Map(),
        unwanted: new Map(),
        guarded: new Map(),
        matchesItself: affinity.every((term) => term.matches(info)),
      }
      const guardedBy = perClass((other) => {
        const amounts: Amounts = new Map()
        for (const term of termsOf(other.requiredAntiAffinity, other.pod))
          if (term.matches(info)) more(amounts, term.key, 1)
        return amounts
      })
      for (const node of cycle.index.withAntiAffinity)
        for (const other of node.withAntiAffinity) addAll(demands.guarded, node, guardedBy(other))
      const wantedKeys: Amounts = new Map()
      for (const { key } of affinity) more(wantedKeys, key, 1)
      const match = perClass((other) => {
        charge(stepsOfTerm * (affinity.length + antiAffinity.length))
        const unwanted: Amounts = new Map()
        for (const term of antiAffinity) if (term.matches(other)) more(unwanted, term.key, 1)
        return { isWanted: affinity.length > 0 && affinity.every((term) => term.matches(other)), unwanted }
      })
      for (const node of affinity.length + antiAffinity.length > 0 ? cycle.nodes : []) {
        for (const other of node.pods.values()) {
          const { isWanted, unwanted } = match(other)
          if (isWanted) addAll(demands.wanted, node, wantedKeys)
          addAll(demands.unwanted, node, unwanted)
        }
      }
      if (affinity.length === 0 && antiAffinity.length === 0 && demands.guarded.size === 0) return 'skip'
      cycle.write(demandsKey, demands)
      return undefined
    },
    filter(cycle, node) {
      const demands = cycle.read(demandsKey)!
      const { affinity, antiAffinity, wanted, unwanted, guarded } = demands
      const labels = node.node?.metadata.labels ?? {}
      charge(2 * affinity.length + antiAffinity.length)
      if (affinity.some(({ key }) => labels[key] === undefined)) return NO_AFFINITY
      // The first of a group that is drawn to itself may go anywhere.
      const isFirst = wanted.size === 0 && demands.matchesItself
      if (!isFirst && affinity.some(({ key }) => at(wanted, node, key) === 0)) return NO_AFFINITY
      if (antiAffinity.some(({ key }) => at(unwanted, node, key) > 0)) return OWN_ANTI_AFFINITY
      if (guarded.size > 0)
        for (const key in labels) {
          charge(1)
          if (guarded.has(`${key}=${labels[key]}`)) return OTHERS_ANTI_AFFINITY
        }
      return undefined
    },
    preScore(cycle) {
      const { info } = cycle
      const drawn = preferred(info.pod)
      const repelled = preferredAnti(info.pod)
      const hasOwn = drawn.length > 0 || repelled.length > 0
      const scores: Counts = new Map()
      const amountsOf = perClass((other) => {
        const amounts: Amounts = new Map()
        charge(stepsOfTerm * (drawn.length + repelled.length))
        for (const { weight, podAffinityTerm } of drawn)
          if (termOf(podAffinityTerm, info.pod).matches(other)) more(amounts, podAffinityTerm.topologyKey, weight)
        for (const { weight, podAffinityTerm } of repelled)
          if (termOf(podAffinityTerm, info.pod).matches(other)) more(amounts, podAffinityTerm.topologyKey, -weight)
        if (!other.hasAffinity) return amounts
        const { pod } = other
        charge(stepsOfTerm * (required(pod).length + preferred(pod).length + preferredAnti(pod).length))
        for (const term of required(pod))
          if (hardWeight > 0 && termOf(term, pod).matches(info)) more(amounts, term.topologyKey, hardWeight)
        for (const { weight, podAffinityTerm } of preferred(pod))
          if (termOf(podAffinityTerm, pod).matches(info)) more(amounts, podAffinityTerm.topologyKey, weight)
        for (const { weight, podAffinityTerm } of preferredAnti(pod))
          if (termOf(podAffinityTerm, pod).matches(info)) more(amounts, podAffinityTerm.topologyKey, -weight)
        return amounts
      })
      for (const node of hasOwn ? cycle.nodes : cycle.index.withAffinity)
        for (const other of hasOwn ? node.pods.values() : node.withAffinity) addAll(scores, node, amountsOf(other))
      if (scores.size === 0) return 'skip'
      cycle.write(scoresKey, scores)
      return undefined
    },
    score(cycle, node) {
      const scores = cycle.read(scoresKey)!
      const labels = node.node?.metadata.labels ?? {}
      let sum = 0
      for (const key in labels) {
        charge(1)
        sum += scores.get(`${key}=${labels[key]}`) ?? 0
      }
      return sum
    },
    normalizeScore(_cycle, scores) {
      const least = Math.min(...scores)
      const range = Math.max(...scores) - least
      for (let i = 0; i < scores.length; i++)
        scores[i] = range > 0 ? Math.trunc((100 * (scores[i] - least)) / range) : 0
    },
    wakes: (info, event) => mayHelp(info, event, termsOf),
  }
}

function mayHelp(
  info: PodInfo,
  event: ClusterEvent,
  termsOf: (list: readonly PodAffinityTerm[], owner: Pod) => readonly Term[],
): boolean {
  switch (event.on) {
    case 'volume':
    case 'claim':
    case 'devices':
      return false
    case 'pod':
      return event.change === 'labels'
    case 'node':
      return event.change === 'add' || event.change === 'labels'
    case 'assigned-pod': {
      if (event.change === 'requests') return false
      const affinity = termsOf(required(info.pod), info.pod)
      if (event.change !== 'delete' && affinity.length > 0 && affinity.every((term) => term.matches(event.info)))
        return true
      const gone = event.change === 'delete' ? event.info : event.change === 'labels' ? event.old : undefined
      if (!gone) return false
      if (termsOf(requiredAnti(info.pod), info.pod).some((term) => term.matches(gone))) return true
      return termsOf(gone.requiredAntiAffinity, gone.pod).some((term) => term.matches(info))
    }
  }
}

/** Of computing: to ask of one term whether it matches one Pod. */
const stepsOfTerm = 3

/** matchLabelKeys and mismatchLabelKeys ask for the owner's values of these labels, or for others. */
function withLabelKeys(
  { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] }: PodAffinityTerm,
  { metadata }: Pod,
): LabelSelector | undefined {
  if (!labelSelector) return undefined
  const has = (key: string): boolean => metadata.labels?.[key] !== undefined
  const more = [
    ...matchLabelKeys.filter(has).map((key) => ({ key, operator: 'In' as const, values: [metadata.labels![key]] })),
    ...mismatchLabelKeys
      .filter(has)
      .map((key) => ({ key, operator: 'NotIn' as const, values: [metadata.labels![key]] })),
  ]
  return more.length === 0
    ? labelSelector
    : { ...labelSelector, matchExpressions: [...(labelSelector.matchExpressions ?? []), ...more] }
}
