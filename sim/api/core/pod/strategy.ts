/** What the server sets on a Pod, and what a write may not touch. Source: kubernetes/pkg/registry/core/pod/strategy.go */
import type { StrategyContext } from '../../meta/kind.ts'
import type { Pod } from '../pod-types.ts'
import { applyMatchLabelKeys } from './match-label-keys.ts'
import { qosClass } from './resources.ts'

export function prepareForCreate(pod: Pod, context: StrategyContext): void {
  pod.metadata.generation = 1
  applyMatchLabelKeys(pod)
  pod.status = { phase: 'Pending', qosClass: qosClass(pod) }
  if (pod.spec.schedulingGates?.length)
    pod.status.conditions = [
      {
        type: 'PodScheduled',
        status: 'False',
        lastProbeTime: null,
        lastTransitionTime: context.now,
        reason: 'SchedulingGated',
        message: 'Scheduling is blocked due to non-empty scheduling gates',
      },
    ]
}

export function prepareForUpdate(pod: Pod, old: Pod): void {
  pod.status = old.status
}

export function prepareForStatusUpdate(pod: Pod, old: Pod): void {
  pod.spec = old.spec
  for (const field of ['deletionTimestamp', 'ownerReferences'] as const) {
    delete pod.metadata[field]
    if (old.metadata[field] !== undefined) Object.assign(pod.metadata, { [field]: old.metadata[field] })
  }
  pod.status ??= {}
  if (old.status.qosClass) pod.status.qosClass ??= old.status.qosClass
}
