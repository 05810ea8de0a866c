/** What the kinds that keep Pods running have in common. Source: kubernetes/pkg/apis/apps/validation/validation.go */

import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../meta/field-error.ts'
import { parsePercent } from '../../meta/int-or-string.ts'
import { selectorMatches } from '../../meta/label-selector.ts'
import { dnsSubdomainErrors } from '../../meta/names.ts'
import type { IntOrString, LabelSelector } from '../../meta/object.ts'
import { type MetaRules, nonNegative } from '../../meta/object-meta.ts'
import { isEmptySelector, validateLabelSelector } from '../../meta/selector-validation.ts'
import { validatePodTemplate } from '../pod/spec-validation.ts'
import type { PodTemplateSpec } from '../pod-types.ts'

export const WORKLOAD_META: MetaRules = { isNamespaced: true, nameErrors: dnsSubdomainErrors }

interface WorkloadSpec {
  replicas: number
  minReadySeconds?: number
  selector: LabelSelector
  template: PodTemplateSpec
}

/** Counts, selector and template: the template must have the labels that the selector asks for. */
export function validateWorkloadSpec(spec: WorkloadSpec): FieldError[] {
  const errors = [
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
  ]
  if (!spec.selector) errors.push(required('spec.selector'))
  else {
    errors.push(...validateLabelSelector(spec.selector, 'spec.selector'))
    // The server says deployment for both kinds.
    if (isEmptySelector(spec.selector))
      errors.push(invalid('spec.selector', spec.selector, 'empty selector is invalid for deployment'))
    else if (!selectorMatches(spec.selector, spec.template.metadata.labels))
      errors.push(
        invalid(
          'spec.template.metadata.labels',
          spec.template.metadata.labels,
          '`selector` does not match template `labels`',
        ),
      )
  }
  return [...errors, ...validateTemplate(spec.template, 'ReplicaSet')]
}

/** A template of Pods that are always restarted. @param owner the kind as the message names it */
export function validateTemplate(template: PodTemplateSpec, owner: string): FieldError[] {
  const errors = validatePodTemplate(template, 'spec.template')
  if (template.spec.restartPolicy !== 'Always')
    errors.push(notSupported('spec.template.spec.restartPolicy', template.spec.restartPolicy, ['Always']))
  if (template.spec.activeDeadlineSeconds !== undefined)
    errors.push(
      forbiddenField('spec.template.spec.activeDeadlineSeconds', `activeDeadlineSeconds in ${owner} is not Supported`),
    )
  return errors
}

interface Counts {
  replicas?: number
  fullyLabeledReplicas?: number
  updatedReplicas?: number
  readyReplicas?: number
  availableReplicas?: number
  unavailableReplicas?: number
  terminatingReplicas?: number
  observedGeneration?: number
}

const COUNTED = [
  'replicas',
  'fullyLabeledReplicas',
  'updatedReplicas',
  'readyReplicas',
  'availableReplicas',
  'unavailableReplicas',
  'terminatingReplicas',
  'observedGeneration',
] as const

/** No count is negative, and no part is more than the whole. */
export function validateCounts(status: Counts): FieldError[] {
  const errors = COUNTED.flatMap((field) => nonNegative(`status.${field}`, status[field]))
  for (const field of ['fullyLabeledReplicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas'] as const)
    if ((status[field] ?? 0) > (status.replicas ?? 0))
      errors.push(invalid(`status.${field}`, status[field], 'cannot be greater than status.replicas'))
  if ((status.availableReplicas ?? 0) > (status.readyReplicas ?? 0))
    errors.push(invalid('status.availableReplicas', status.availableReplicas, 'cannot be greater than readyReplicas'))
  return errors
}

const PERCENT_MESSAGE =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"

/** A count, or a percentage without a sign. */
export function validateCountOrPercent(value: IntOrString, path: string): FieldError[] {
  if (typeof value === 'number') return nonNegative(path, value)
  return /^\d+%$/.test(value) ? [] : [invalid(path, value, PERCENT_MESSAGE)]
}

export const validateAtMost100Percent = (value: IntOrString, path: string): FieldError[] =>
  (parsePercent(value) ?? 0) > 100 ? [invalid(path, value, 'must not be greater than 100%')] : []

export const isZeroCount = (value: IntOrString): boolean =>
  typeof value === 'number' ? value === 0 : parsePercent(value) === 0
