/** What a DaemonSet must be. Source: kubernetes/pkg/apis/apps/validation/validation.go */
import {
  immutableSelector,
  isZeroCount,
  validateAtMost100Percent,
  validateCollisions,
  validateCountOrPercent,
  validateNotEmpty,
  validateSelectedLabels,
  validateTemplate,
  WORKLOAD_META,
} from '../../core/workload/validation.ts'
import { type FieldError, invalid, notSupported, required } from '../../meta/field-error.ts'
import { nonNegative, validateObjectMeta, validateObjectMetaUpdate } from '../../meta/object-meta.ts'
import { validateLabelSelector } from '../../meta/selector-validation.ts'
import { internalForm } from '../../schema/internal-form.ts'
import type { DaemonSet } from '../types.ts'

export const validateDaemonSet = (set: DaemonSet): FieldError[] => [
  ...validateObjectMeta(set.metadata, WORKLOAD_META),
  ...validateSpec(set.spec),
]

function validateSpec(spec: DaemonSet['spec']): FieldError[] {
  const { selector, template } = spec
  const errors = validateLabelSelector(selector, 'spec.selector')
  return [
    ...errors,
    // Of a selector that cannot be read nothing is said.
    ...(errors.length > 0 ? [] : validateSelectedLabels(selector, template)),
    ...(selector ? validateNotEmpty(selector, 'daemonset') : []),
    ...validateTemplate(template, 'DaemonSet'),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...validateStrategy(spec.updateStrategy),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
  ]
}

function validateStrategy(strategy: DaemonSet['spec']['updateStrategy']): FieldError[] {
  const at = 'spec.updateStrategy'
  if (strategy.type === 'OnDelete') return []
  if (strategy.type !== 'RollingUpdate')
    return [notSupported(at, internalForm('DaemonSetUpdateStrategy', strategy), ['RollingUpdate', 'OnDelete'])]
  if (!strategy.rollingUpdate) return [required(`${at}.rollingUpdate`)]
  const { maxUnavailable = 0, maxSurge = 0 } = strategy.rollingUpdate
  const [unavailablePath, surgePath] = [`${at}.rollingUpdate.maxUnavailable`, `${at}.rollingUpdate.maxSurge`]
  const errors = [
    ...validateCountOrPercent(maxUnavailable, unavailablePath),
    ...validateCountOrPercent(maxSurge, surgePath),
    ...validateAtMost100Percent(maxUnavailable, unavailablePath),
    ...validateAtMost100Percent(maxSurge, surgePath),
  ]
  if (!isZeroCount(maxUnavailable) && !isZeroCount(maxSurge))
    errors.push(invalid(surgePath, maxSurge, 'may not be set when maxUnavailable is non-zero'))
  if (isZeroCount(maxUnavailable) && isZeroCount(maxSurge))
    errors.push(required(unavailablePath, 'cannot be 0 when maxSurge is 0'))
  return errors
}

export const validateDaemonSetUpdate = (set: DaemonSet, old: DaemonSet): FieldError[] => [
  ...validateObjectMetaUpdate(set.metadata, old.metadata),
  ...immutableSelector(set.spec.selector, old.spec.selector),
  ...validateSpec(set.spec),
]

const COUNTS = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'collisionCount',
] as const

export const validateDaemonSetStatusUpdate = (set: DaemonSet, old: DaemonSet): FieldError[] => [
  ...validateObjectMetaUpdate(set.metadata, old.metadata),
  ...COUNTS.flatMap((field) => nonNegative(`status.${field}`, set.status[field])),
  ...validateCollisions(set.status.collisionCount, old.status.collisionCount),
]
