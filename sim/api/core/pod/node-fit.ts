/**
 * Whether a node is one for a Pod: its labels, its name and its taints. Asked by the scheduler, and by controllers that place
 * Pods themselves. Source: k8s.io/component-helpers/scheduling/corev1
 */
import { charge } from '../../../engine/work.ts'
import { termMatches } from '../../meta/label-selector.ts'
import type { NodeSelectorRequirement, NodeSelectorTerm, Pod, Toleration } from '../pod-types.ts'
import type { Node, Taint } from '../types.ts'

/** Terms are or-ed, what stands in one term is and-ed; an empty term matches nothing. */
export function nodeMatchesTerm(node: Node, term: NodeSelectorTerm): boolean {
  const expressions = term.matchExpressions ?? []
  const fields = term.matchFields ?? []
  if (expressions.length === 0 && fields.length === 0) return false
  charge((expressions.length + fields.length) / 2)
  return (
    expressions.every((requirement) => matches(requirement, node.metadata.labels)) &&
    fields.every((requirement) => matches(requirement, { 'metadata.name': node.metadata.name }))
  )
}

const matches = (
  { key, operator, values = [] }: NodeSelectorRequirement,
  labels: Record<string, string> | undefined,
): boolean => termMatches({ key, operator, values }, labels)

/** Whether the node satisfies nodeSelector and the required node affinity. */
export function nodeMatchesPod(node: Node, pod: Pick<Pod, 'spec'>): boolean {
  const { nodeSelector, affinity } = pod.spec
  let checked = 0
  let isMatch = true
  for (const key in nodeSelector) {
    checked++
    isMatch = node.metadata.labels?.[key] === nodeSelector[key]
    if (!isMatch) break
  }
  charge(checked)
  if (!isMatch) return false
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return !required || required.nodeSelectorTerms.some((term) => nodeMatchesTerm(node, term))
}

/** Whether one toleration covers a taint. Source: component-helpers/scheduling/corev1 ToleratesTaint */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false
  if (toleration.key && toleration.key !== taint.key) return false
  switch (toleration.operator) {
    case undefined:
    case 'Equal':
      return (toleration.value ?? '') === (taint.value ?? '')
    case 'Exists':
      return true
    default:
      return compareNumbers(toleration, taint)
  }
}

/** `Lt` and `Gt` compare whole numbers; anything else does not tolerate. */
function compareNumbers(toleration: Toleration, taint: Taint): boolean {
  const [limit, value] = [Number(toleration.value), Number(taint.value)]
  if (!Number.isInteger(limit) || !Number.isInteger(value)) return false
  return toleration.operator === 'Lt' ? value < limit : value > limit
}

/** The first taint, among those with one of the effects, that no toleration of the Pod covers. */
export function findUntolerated(
  pod: Pick<Pod, 'spec'>,
  taints: readonly Taint[] | undefined,
  ...effects: readonly Taint['effect'][]
): Taint | undefined {
  if (!taints || taints.length === 0) return undefined
  charge(taints.length)
  const findToleration = tolerationFinder(pod.spec.tolerations ?? [], taints.length)
  return taints.find((taint) => effects.includes(taint.effect) && !findToleration(taint))
}

/** A list so short is looked through as it is. */
const few = 16

/**
 * Finds the first toleration that covers a taint.
 * @param count how many taints are to be looked at: for many, tolerations are put in order by their keys
 */
export function tolerationFinder(
  tolerations: readonly Toleration[],
  count: number,
): (taint: Taint) => Toleration | undefined {
  const firstAmong = (list: readonly Toleration[], taint: Taint): Toleration | undefined => {
    charge(list.length / 2)
    return list.find((toleration) => tolerates(toleration, taint))
  }
  if (count < few || tolerations.length < few) return (taint) => firstAmong(tolerations, taint)
  charge(2 * tolerations.length)
  const places = new Map<Toleration, number>()
  const byKey = new Map<string, Toleration[]>()
  for (const toleration of tolerations) {
    places.set(toleration, places.size)
    const key = toleration.key ?? ''
    const known = byKey.get(key)
    if (known) known.push(toleration)
    else byKey.set(key, [toleration])
  }
  return (taint) => {
    const named = taint.key === '' ? undefined : firstAmong(byKey.get(taint.key) ?? [], taint)
    const any = firstAmong(byKey.get('') ?? [], taint)
    if (!named || !any) return named ?? any
    return places.get(named)! < places.get(any)! ? named : any
  }
}
