/**
 * Turns matchLabelKeys into terms of the label selector, with the values of the Pod's own labels, as it is created.
 * Source: kubernetes/pkg/registry/core/pod/strategy.go
 */
import type { LabelSelector, LabelSelectorRequirement } from '../../meta/object.ts'
import type { Pod, PodAffinity, PodAffinityTerm } from '../pod-types.ts'

export function applyMatchLabelKeys(pod: Pod): void {
  const labels = pod.metadata.labels ?? {}
  for (const affinity of [pod.spec.affinity?.podAffinity, pod.spec.affinity?.podAntiAffinity])
    for (const term of termsOf(affinity)) {
      term.labelSelector = merged(term.labelSelector, term.matchLabelKeys, 'In', labels)
      term.labelSelector = merged(term.labelSelector, term.mismatchLabelKeys, 'NotIn', labels)
    }
  for (const constraint of pod.spec.topologySpreadConstraints ?? [])
    constraint.labelSelector = merged(constraint.labelSelector, constraint.matchLabelKeys, 'In', labels)
}

const termsOf = (affinity: PodAffinity | undefined): PodAffinityTerm[] => [
  ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
  // A preference without a term is refused by validation.
  ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(
    ({ podAffinityTerm }) => podAffinityTerm ?? [],
  ),
]

function merged(
  selector: LabelSelector | undefined,
  keys: readonly string[] | undefined,
  operator: 'In' | 'NotIn',
  labels: Readonly<Record<string, string>>,
): LabelSelector | undefined {
  // Without a selector, keys are refused by validation.
  if (!selector || !keys?.length) return selector
  const terms = keys.flatMap((key): LabelSelectorRequirement[] =>
    Object.hasOwn(labels, key) ? [{ key, operator, values: [labels[key]] }] : [],
  )
  return terms.length > 0
    ? { ...selector, matchExpressions: [...(selector.matchExpressions ?? []), ...terms] }
    : selector
}
