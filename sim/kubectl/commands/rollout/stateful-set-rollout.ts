/** Rollouts of StatefulSets. Source: k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go */
import type { StatefulSet } from '../../../api/apps/types.ts'
import { KubectlError } from '../../errors.ts'
import { controllerRevisions, rollBackTemplate } from './controller-revisions.ts'
import type { Rollout, RolloutStatus } from './rollout-kind.ts'

export const statefulSetRollout: Rollout<StatefulSet> = {
  status: statefulSetStatus,
  revisions: controllerRevisions,
  rollBack: rollBackTemplate,
  canPause: false,
}

function statefulSetStatus({ metadata, spec, status }: StatefulSet): RolloutStatus {
  if (spec.updateStrategy.type !== 'RollingUpdate')
    throw new KubectlError('rollout status is only available for RollingUpdate strategy type')
  const { observedGeneration = 0, readyReplicas = 0, updatedReplicas = 0, currentReplicas = 0 } = status
  const wait = (text: string): RolloutStatus => ({ text: `${text}...\n`, isDone: false })
  const done = (text: string): RolloutStatus => ({ text: `${text}...\n`, isDone: true })
  if (observedGeneration === 0 || (metadata.generation ?? 0) > observedGeneration)
    return wait('Waiting for statefulset spec update to be observed')
  if (readyReplicas < spec.replicas) return wait(`Waiting for ${spec.replicas - readyReplicas} pods to be ready`)
  const { rollingUpdate } = spec.updateStrategy
  if (rollingUpdate) {
    const wanted = spec.replicas - (rollingUpdate.partition ?? 0)
    if (updatedReplicas < wanted)
      return wait(
        `Waiting for partitioned roll out to finish: ${updatedReplicas} out of ${wanted} new pods have been updated`,
      )
    return done(`partitioned roll out complete: ${updatedReplicas} new pods have been updated`)
  }
  if (status.updateRevision !== status.currentRevision)
    return wait(
      `waiting for statefulset rolling update to complete ${updatedReplicas} pods at revision ${status.updateRevision}`,
    )
  return done(`statefulset rolling update complete ${currentReplicas} pods at revision ${status.currentRevision}`)
}
