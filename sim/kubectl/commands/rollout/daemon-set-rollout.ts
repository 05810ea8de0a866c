/** Rollouts of DaemonSets. Source: k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go */
import type { DaemonSet } from '../../../api/apps/types.ts'
import { KubectlError } from '../../errors.ts'
import { controllerRevisions, rollBackTemplate } from './controller-revisions.ts'
import type { Rollout, RolloutStatus } from './rollout-kind.ts'

export const daemonSetRollout: Rollout<DaemonSet> = {
  status: daemonSetStatus,
  revisions: controllerRevisions,
  rollBack: rollBackTemplate,
  canPause: false,
}

function daemonSetStatus({ metadata, spec, status }: DaemonSet): RolloutStatus {
  if (spec.updateStrategy.type !== 'RollingUpdate')
    throw new KubectlError('rollout status is only available for RollingUpdate strategy type')
  const { observedGeneration = 0, desiredNumberScheduled, updatedNumberScheduled = 0, numberAvailable = 0 } = status
  const wait = (text: string): RolloutStatus => ({ text: `${text}...\n`, isDone: false })
  if ((metadata.generation ?? 0) > observedGeneration) return wait('Waiting for daemon set spec update to be observed')
  const finish = `Waiting for daemon set "${metadata.name}" rollout to finish:`
  if (updatedNumberScheduled < desiredNumberScheduled)
    return wait(`${finish} ${updatedNumberScheduled} out of ${desiredNumberScheduled} new pods have been updated`)
  if (numberAvailable < desiredNumberScheduled)
    return wait(`${finish} ${numberAvailable} of ${desiredNumberScheduled} updated pods are available`)
  return { text: `daemon set "${metadata.name}" successfully rolled out\n`, isDone: true }
}
