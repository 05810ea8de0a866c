/**
 * Whether a node is one for a Pod: its labels, its name and its taints. Asked by the scheduler, and by controllers that place
 * Pods themselves. Source: k8s.io/component-helpers/scheduling/corev1
 */
import { termMatches } from '../../meta/label-selector.ts'
import type { NodeSelectorRequirement, NodeSelectorTerm, Pod, Toleration } from '../pod-types.ts'
import type { Node, Taint } from '../types.ts'

/** Terms are or-ed, what stands in one term is and-ed; an empty term matches nothing. */
export function nodeMatchesTerm(node: Node, term: NodeSelectorTerm): boolean {
  const expressions = term.matchExpressions ?? []
  const fields = term.matchFields ?? []
  if (expressions.length === 0 && fields.length === 0) return false
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
  for (const key in nodeSelector) if (node.metadata.labels?.[key] !== nodeSelector[key]) return false
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
  return taints?.find(
    (taint) =>
      effects.includes(taint.effect) && !pod.spec.tolerations?.some((toleration) => tolerates(toleration, taint)),
  )
}
