/**
 * What a Job's failure policy says of a failed Pod. Pure.
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy, kubernetes/pkg/controller/job/pod_failure_policy.go
 */
import type { Job, PodFailureAction, PodFailurePolicyRule } from '../../api/batch/types.ts'
import type { ContainerStatus, Pod } from '../../api/core/pod-types.ts'

export interface FailureVerdict {
  /** Counts towards the back-off limit. */
  counts: boolean
  action?: PodFailureAction
  /** Why the whole Job fails. */
  message?: string
}

/** The first rule that matches decides; without one, the failure counts. */
export function judgeFailure(job: Job, pod: Pod): FailureVerdict {
  for (const [index, rule] of (job.spec.podFailurePolicy?.rules ?? []).entries()) {
    const match = matchOf(rule, pod)
    if (match === undefined) continue
    const { action } = rule
    if (action === 'Ignore') return { counts: false, action }
    if (action !== 'FailJob') return { counts: true, action }
    return { counts: true, action, message: `${match} matching ${action} rule at index ${index}` }
  }
  return { counts: true }
}

/** How the Pod matches, in words. */
function matchOf({ onExitCodes, onPodConditions = [] }: PodFailurePolicyRule, pod: Pod): string | undefined {
  const name = `${pod.metadata.namespace}/${pod.metadata.name}`
  if (onExitCodes) {
    const { containerStatuses = [], initContainerStatuses = [] } = pod.status
    const status = [...containerStatuses, ...initContainerStatuses].find((one) => matchesExitCode(onExitCodes, one))
    return (
      status && `Container ${status.name} for pod ${name} failed with exit code ${status.state.terminated?.exitCode}`
    )
  }
  const condition = pod.status.conditions?.find((one) =>
    onPodConditions.some(({ type, status }) => one.type === type && one.status === status),
  )
  return condition && `Pod ${name} has condition ${condition.type}`
}

function matchesExitCode(
  { containerName, operator, values }: NonNullable<PodFailurePolicyRule['onExitCodes']>,
  { name, state }: ContainerStatus,
): boolean {
  const exitCode = state.terminated?.exitCode ?? 0
  if (exitCode === 0 || (containerName !== undefined && containerName !== name)) return false
  return values.includes(exitCode) === (operator === 'In')
}
