/** What a Deployment must be. Source: kubernetes/pkg/apis/apps/validation/validation.go */

import { oneOf } from '../../core/pod/spec-validation.ts'
import { type FieldError, forbiddenField, invalid, required } from '../../meta/field-error.ts'
import { parsePercent } from '../../meta/int-or-string.ts'
import type { IntOrString } from '../../meta/object.ts'
import { immutable, nonNegative, validateObjectMeta, validateObjectMetaUpdate } from '../../meta/object-meta.ts'
import type { Deployment } from '../types.ts'
import { validateCounts, validateWorkloadSpec, WORKLOAD_META } from '../workload-validation.ts'

const PERCENT_MESSAGE =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"
const STRATEGY = 'spec.strategy'

export const validateDeployment = (deployment: Deployment): FieldError[] => [
  ...validateObjectMeta(deployment.metadata, WORKLOAD_META),
  ...validateSpec(deployment),
]

function validateSpec({ spec }: Deployment): FieldError[] {
  const errors = [
    ...validateWorkloadSpec(spec),
    ...validateStrategy(spec.strategy),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
    ...nonNegative('spec.progressDeadlineSeconds', spec.progressDeadlineSeconds),
  ]
  if (spec.progressDeadlineSeconds <= (spec.minReadySeconds ?? 0))
    errors.push(
      invalid('spec.progressDeadlineSeconds', spec.progressDeadlineSeconds, 'must be greater than minReadySeconds'),
    )
  return errors
}

function validateStrategy({ type, rollingUpdate }: Deployment['spec']['strategy']): FieldError[] {
  const at = `${STRATEGY}.rollingUpdate`
  if (type === 'Recreate')
    return rollingUpdate ? [forbiddenField(at, "may not be specified when strategy `type` is 'Recreate'")] : []
  if (type !== 'RollingUpdate') return oneOf(type, ['Recreate', 'RollingUpdate'], `${STRATEGY}.type`)
  if (!rollingUpdate) return [required(at, 'this should be defaulted and never be nil')]
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate
  const errors = [
    ...validateCount(maxUnavailable, `${at}.maxUnavailable`),
    ...validateCount(maxSurge, `${at}.maxSurge`),
  ]
  if (isZero(maxUnavailable) && isZero(maxSurge))
    errors.push(invalid(`${at}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'))
  if ((parsePercent(maxUnavailable) ?? 0) > 100)
    errors.push(invalid(`${at}.maxUnavailable`, maxUnavailable, 'must not be greater than 100%'))
  return errors
}

/** A count, or a percentage without a sign. */
function validateCount(value: IntOrString, path: string): FieldError[] {
  if (typeof value === 'number') return nonNegative(path, value)
  return /^\d+%$/.test(value) ? [] : [invalid(path, value, PERCENT_MESSAGE)]
}

const isZero = (value: IntOrString): boolean => (typeof value === 'number' ? value === 0 : parsePercent(value) === 0)

export const validateDeploymentUpdate = (deployment: Deployment, old: Deployment): FieldError[] => [
  ...validateObjectMetaUpdate(deployment.metadata, old.metadata),
  ...validateSpec(deployment),
  ...immutable('spec.selector', deployment.spec.selector, old.spec.selector),
]

export const validateDeploymentStatusUpdate = (deployment: Deployment, old: Deployment): FieldError[] => [
  ...validateObjectMetaUpdate(deployment.metadata, old.metadata),
  ...validateCounts(deployment.status),
]
