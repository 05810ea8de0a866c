/** What a Deployment must be. Source: kubernetes/pkg/apis/apps/validation/validation.go */
import {
  immutableSelector,
  isZeroCount,
  validateAtMost100Percent,
  validateCollisions,
  validateCountOrPercent,
  validateCounts,
  validateSelectedReplicas,
  WORKLOAD_META,
} from '../../core/workload/validation.ts'
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../meta/field-error.ts'
import { nonNegative, validateObjectMeta, validateObjectMetaUpdate } from '../../meta/object-meta.ts'
import { internalForm } from '../../schema/internal-form.ts'
import type { Deployment } from '../types.ts'

const STRATEGY = 'spec.strategy'

export const validateDeployment = (deployment: Deployment): FieldError[] => [
  ...validateObjectMeta(deployment.metadata, WORKLOAD_META),
  ...validateSpec(deployment),
]

function validateSpec({ spec }: Deployment): FieldError[] {
  const errors = [
    ...nonNegative('spec.replicas', spec.replicas),
    ...validateSelectedReplicas(spec),
    ...validateStrategy(spec.strategy),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
    ...nonNegative('spec.progressDeadlineSeconds', spec.progressDeadlineSeconds),
  ]
  if (spec.progressDeadlineSeconds <= (spec.minReadySeconds ?? 0))
    errors.push(
      invalid('spec.progressDeadlineSeconds', spec.progressDeadlineSeconds, 'must be greater than minReadySeconds'),
    )
  return errors
}

function validateStrategy(strategy: Deployment['spec']['strategy']): FieldError[] {
  const { type, rollingUpdate } = strategy
  const at = `${STRATEGY}.rollingUpdate`
  if (type === 'Recreate')
    return rollingUpdate ? [forbiddenField(at, "may not be specified when strategy `type` is 'Recreate'")] : []
  if (type !== 'RollingUpdate')
    return [notSupported(STRATEGY, internalForm('DeploymentStrategy', strategy), ['Recreate', 'RollingUpdate'])]
  if (!rollingUpdate) return [required(at, 'this should be defaulted and never be nil')]
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate
  const errors = [
    ...validateCountOrPercent(maxUnavailable, `${at}.maxUnavailable`),
    ...validateCountOrPercent(maxSurge, `${at}.maxSurge`),
  ]
  if (isZeroCount(maxUnavailable) && isZeroCount(maxSurge))
    errors.push(invalid(`${at}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'))
  return [...errors, ...validateAtMost100Percent(maxUnavailable, `${at}.maxUnavailable`)]
}

export const validateDeploymentUpdate = (deployment: Deployment, old: Deployment): FieldError[] => [
  ...validateObjectMetaUpdate(deployment.metadata, old.metadata),
  ...validateSpec(deployment),
  ...immutableSelector(deployment.spec.selector, old.spec.selector),
]

export const validateDeploymentStatusUpdate = (deployment: Deployment, old: Deployment): FieldError[] => [
  ...validateObjectMetaUpdate(deployment.metadata, old.metadata),
  ...validateCounts(deployment.status, [
    'observedGeneration',
    'replicas',
    'updatedReplicas',
    'readyReplicas',
    'availableReplicas',
    'unavailableReplicas',
    'terminatingReplicas',
    'collisionCount',
  ]),
  ...validateCollisions(deployment.status.collisionCount, old.status.collisionCount),
]
