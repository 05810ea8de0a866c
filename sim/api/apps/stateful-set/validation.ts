/** What a StatefulSet must be. Source: kubernetes/pkg/apis/apps/validation/validation.go */
import {
  isZeroCount,
  validateAtMost100Percent,
  validateCountOrPercent,
  validateCounts,
} from '../../core/workload/validation.ts'
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../meta/field-error.ts'
import { equalJson } from '../../meta/json.ts'
import { selectorMatches } from '../../meta/label-selector.ts'
import { dnsLabelErrors } from '../../meta/names.ts'
import {
  type MetaRules,
  nonNegative,
  validateAnnotations,
  validateLabels,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../../meta/object-meta.ts'
import { isEmptySelector, validateLabelSelector } from '../../meta/selector-validation.ts'
import type { StatefulSet } from '../types.ts'

/** Its Pods' names, and so their host names, begin with its own. */
const META: MetaRules = { isNamespaced: true, nameErrors: dnsLabelErrors }

/** Fields that may change. */
const MUTABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const

export const validateStatefulSet = (set: StatefulSet): FieldError[] => [
  ...validateObjectMeta(set.metadata, META),
  ...validateSpec(set.spec),
]

function validateSpec(spec: StatefulSet['spec']): FieldError[] {
  const errors: FieldError[] = []
  if (spec.podManagementPolicy !== 'OrderedReady' && spec.podManagementPolicy !== 'Parallel')
    errors.push(invalid('spec.podManagementPolicy', spec.podManagementPolicy, "must be 'OrderedReady' or 'Parallel'"))
  errors.push(...validateStrategy(spec.updateStrategy))
  const { whenDeleted, whenScaled } = spec.persistentVolumeClaimRetentionPolicy ?? {}
  for (const [field, policy] of Object.entries({ whenDeleted, whenScaled }))
    if (policy !== undefined && policy !== 'Retain' && policy !== 'Delete')
      errors.push(notSupported(`spec.persistentVolumeClaimRetentionPolicy.${field}`, policy, ['Retain', 'Delete']))
  errors.push(
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...nonNegative('spec.ordinals.start', spec.ordinals?.start),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
  )
  if (!spec.selector) errors.push(required('spec.selector'))
  else {
    errors.push(...validateLabelSelector(spec.selector, 'spec.selector'))
    if (isEmptySelector(spec.selector))
      errors.push(invalid('spec.selector', spec.selector, 'empty selector is invalid for statefulset'))
    else if (!selectorMatches(spec.selector, spec.template.metadata.labels))
      errors.push(
        invalid(
          'spec.template.metadata.labels',
          spec.template.metadata.labels,
          '`selector` does not match template `labels`',
        ),
      )
  }
  return [...errors, ...validateTemplate(spec.template)]
}

/** Of the Pods' spec the server looks only at this: a template that makes no valid Pod is told by the controller's events. */
function validateTemplate({ metadata, spec }: StatefulSet['spec']['template']): FieldError[] {
  const path = 'spec.template'
  const errors = [
    ...validateLabels(metadata.labels, `${path}.labels`),
    ...validateAnnotations(metadata.annotations, `${path}.annotations`),
  ]
  if (spec.restartPolicy !== 'Always')
    errors.push(notSupported(`${path}.spec.restartPolicy`, spec.restartPolicy, ['Always']))
  if (spec.activeDeadlineSeconds !== undefined)
    errors.push(
      forbiddenField(`${path}.spec.activeDeadlineSeconds`, 'activeDeadlineSeconds in StatefulSet is not Supported'),
    )
  return errors
}

function validateStrategy(strategy: StatefulSet['spec']['updateStrategy']): FieldError[] {
  const at = 'spec.updateStrategy'
  const { type, rollingUpdate } = strategy
  if (type !== 'RollingUpdate' && type !== 'OnDelete')
    return [invalid(at, strategy, "must be 'RollingUpdate' or 'OnDelete'")]
  if (!rollingUpdate) return []
  if (type === 'OnDelete')
    return [invalid(`${at}.rollingUpdate`, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'")]
  const { partition, maxUnavailable } = rollingUpdate
  const errors = nonNegative(`${at}.rollingUpdate.partition`, partition)
  if (maxUnavailable === undefined) return errors
  const path = `${at}.rollingUpdate.maxUnavailable`
  errors.push(...validateCountOrPercent(maxUnavailable, path))
  if (isZeroCount(maxUnavailable)) errors.push(invalid(path, maxUnavailable, 'cannot be 0'))
  return [...errors, ...validateAtMost100Percent(maxUnavailable, path)]
}

export function validateStatefulSetUpdate(set: StatefulSet, old: StatefulSet): FieldError[] {
  const errors = [...validateObjectMetaUpdate(set.metadata, old.metadata), ...validateSpec(set.spec)]
  const kept = Object.fromEntries(MUTABLE.map((field) => [field, old.spec[field]]))
  if (!equalJson({ ...set.spec, ...kept }, { ...old.spec, ...kept }))
    errors.push(
      forbiddenField(
        'spec',
        "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
      ),
    )
  return errors
}

export function validateStatefulSetStatusUpdate(set: StatefulSet, old: StatefulSet): FieldError[] {
  const { status } = set
  const errors = [...validateCounts(status), ...nonNegative('status.collisionCount', status.collisionCount)]
  if ((status.currentReplicas ?? 0) > status.replicas)
    errors.push(invalid('status.currentReplicas', status.currentReplicas, 'cannot be greater than status.replicas'))
  errors.push(...validateObjectMetaUpdate(set.metadata, old.metadata))
  if ((status.collisionCount ?? 0) < (old.status.collisionCount ?? 0))
    errors.push(invalid('status.collisionCount', status.collisionCount ?? 0, 'cannot be decremented'))
  return errors
}
