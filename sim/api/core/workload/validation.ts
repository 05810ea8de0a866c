/** What the kinds that keep Pods running have in common. Source: kubernetes/pkg/apis/apps/validation/validation.go */

import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../meta/field-error.ts'
import { equalJson } from '../../meta/json.ts'
import { selectorMatches } from '../../meta/label-selector.ts'
import { dnsSubdomainErrors } from '../../meta/names.ts'
import type { IntOrString, LabelSelector } from '../../meta/object.ts'
import { type MetaRules, nonNegative } from '../../meta/object-meta.ts'
import { isEmptySelector, validateLabelSelector } from '../../meta/selector-validation.ts'
import { internalForm } from '../../schema/internal-form.ts'
import { validatePodTemplate } from '../pod/spec-validation.ts'
import type { PodTemplateSpec } from '../pod-types.ts'

export const WORKLOAD_META: MetaRules = { isNamespaced: true, nameErrors: dnsSubdomainErrors }

interface SelectingSpec {
  selector: LabelSelector | undefined
  template: PodTemplateSpec
}

/** Selector and template of a Deployment or a ReplicaSet, which the server words alike. */
export const validateSelectedReplicas = (spec: SelectingSpec): FieldError[] =>
  validateSelected(spec, 'deployment', 'invalid label selector', () => validateTemplate(spec.template, 'ReplicaSet'))

/**
 * The template must have the labels that the selector asks for. It is not looked at when the selector cannot be read.
 * @param kind as the message names it
 * @param whenUnreadable what is said of the whole selector then
 */
export function validateSelected(
  { selector, template }: SelectingSpec,
  kind: string,
  whenUnreadable: string,
  templateErrors: () => FieldError[],
): FieldError[] {
  if (!selector) return [required('spec.selector'), ...validateSelectedLabels(undefined, template), ...templateErrors()]
  const errors = validateLabelSelector(selector, 'spec.selector')
  if (errors.length > 0)
    return [...errors, invalid('spec.selector', internalForm('LabelSelector', selector), whenUnreadable)]
  return [...validateNotEmpty(selector, kind), ...validateSelectedLabels(selector, template), ...templateErrors()]
}

/** A selector that stays what it was when the object was made. */
export const immutableSelector = (selector: LabelSelector | undefined, old: LabelSelector | undefined): FieldError[] =>
  equalJson(selector, old)
    ? []
    : [invalid('spec.selector', selector && internalForm('LabelSelector', selector), 'field is immutable')]

/** An empty selector would select all Pods. */
export const validateNotEmpty = (selector: LabelSelector, kind: string): FieldError[] =>
  isEmptySelector(selector)
    ? [invalid('spec.selector', internalForm('LabelSelector', selector), `empty selector is invalid for ${kind}`)]
    : []

export const validateSelectedLabels = (
  selector: LabelSelector | undefined,
  { metadata: { labels } }: PodTemplateSpec,
): FieldError[] =>
  selectorMatches(selector, labels)
    ? []
    : [invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')]

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

type CountField =
  | 'replicas'
  | 'fullyLabeledReplicas'
  | 'updatedReplicas'
  | 'currentReplicas'
  | 'readyReplicas'
  | 'availableReplicas'
  | 'unavailableReplicas'
  | 'terminatingReplicas'
  | 'observedGeneration'
  | 'collisionCount'

/** Counts that may be as much as `replicas`, and no more. */
const PARTS: ReadonlySet<CountField> = new Set([
  'fullyLabeledReplicas',
  'updatedReplicas',
  'currentReplicas',
  'readyReplicas',
  'availableReplicas',
])

/**
 * No count is negative, and no part is more than the whole.
 * @param fields the kind's, in the order in which its errors come
 * @param ready how the last message names the field
 */
export function validateCounts(
  status: Partial<Record<CountField, number>>,
  fields: readonly CountField[],
  ready = 'readyReplicas',
): FieldError[] {
  const errors = fields.flatMap((field) => nonNegative(`status.${field}`, status[field]))
  const countOf = (field: CountField): number => status[field] ?? 0
  for (const field of fields)
    if (PARTS.has(field) && countOf(field) > countOf('replicas'))
      errors.push(invalid(`status.${field}`, status[field], 'cannot be greater than status.replicas'))
  if (countOf('availableReplicas') > countOf('readyReplicas'))
    errors.push(invalid('status.availableReplicas', status.availableReplicas, `cannot be greater than ${ready}`))
  return errors
}

/** Collisions of names are counted and never forgotten. */
export const validateCollisions = (now: number | undefined, before: number | undefined): FieldError[] =>
  before !== undefined && (now === undefined || now < before)
    ? [invalid('status.collisionCount', now ?? 0, 'cannot be decremented')]
    : []

const PERCENT_MESSAGE =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"

const isPercent = (value: IntOrString): value is string => typeof value === 'string' && /^\d+%$/.test(value)

/** A count, or a percentage without a sign. */
export function validateCountOrPercent(value: IntOrString, path: string): FieldError[] {
  if (typeof value === 'number') return nonNegative(path, value)
  return isPercent(value) ? [] : [invalid(path, value, PERCENT_MESSAGE)]
}

export const validateAtMost100Percent = (value: IntOrString, path: string): FieldError[] =>
  isPercent(value) && Number.parseInt(value, 10) > 100 ? [invalid(path, value, 'must not be greater than 100%')] : []

/** No count, no percentage, and text that is neither: the server reads that as 0, besides refusing it. */
export const isZeroCount = (value: IntOrString): boolean =>
  typeof value === 'number' ? value === 0 : !isPercent(value) || Number.parseInt(value, 10) === 0
