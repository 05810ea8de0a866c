/** What a HorizontalPodAutoscaler must be. Source: kubernetes/pkg/apis/autoscaling/validation/validation.go */
import { containerNameErrors } from '../core/resource-validation.ts'
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../meta/field-error.ts'
import { dnsLabelErrors, dnsSubdomainErrors, pathSegmentErrors } from '../meta/names.ts'
import { nonNegative, validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { compareQuantities, quantityError } from '../meta/quantity.ts'
import type {
  CrossVersionObjectReference,
  HorizontalPodAutoscaler,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
  ScalingRules,
} from './types.ts'

const MAX_STABILIZATION_SECONDS = 3600
const MAX_PERIOD_SECONDS = 1800
/** The field of each type of metric, in the order in which they are looked at. */
const SOURCES = {
  Object: 'object',
  External: 'external',
  Pods: 'pods',
  Resource: 'resource',
  ContainerResource: 'containerResource',
} as const
type SourceField = (typeof SOURCES)[keyof typeof SOURCES]

export const validateAutoscaler = (autoscaler: HorizontalPodAutoscaler): FieldError[] => [
  ...validateObjectMeta(autoscaler.metadata, { isNamespaced: true, nameErrors: dnsSubdomainErrors }),
  ...validateSpec(autoscaler, undefined),
]

export const validateAutoscalerUpdate = (
  autoscaler: HorizontalPodAutoscaler,
  old: HorizontalPodAutoscaler,
): FieldError[] => [...validateObjectMetaUpdate(autoscaler.metadata, old.metadata), ...validateSpec(autoscaler, old)]

export const validateAutoscalerStatusUpdate = (
  autoscaler: HorizontalPodAutoscaler,
  old: HorizontalPodAutoscaler,
): FieldError[] => [
  ...validateObjectMetaUpdate(autoscaler.metadata, old.metadata),
  ...nonNegative('status.currentReplicas', autoscaler.status.currentReplicas),
  ...nonNegative('status.desiredReplicas', autoscaler.status.desiredReplicas),
]

function validateSpec({ spec }: HorizontalPodAutoscaler, old: HorizontalPodAutoscaler | undefined): FieldError[] {
  const errors: FieldError[] = []
  const { minReplicas, maxReplicas = 0, metrics = [], behavior, scaleTargetRef } = spec
  if (minReplicas !== undefined && minReplicas < 1)
    errors.push(invalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'))
  if (maxReplicas === 0) errors.push(required('spec.maxReplicas', 'must be set and greater than 0'))
  else if (maxReplicas < 0) errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to 1'))
  if (minReplicas !== undefined && maxReplicas < minReplicas)
    errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'))
  errors.push(...validateReference(scaleTargetRef, 'spec.scaleTargetRef'))
  const before = old?.spec.scaleTargetRef
  if (!before || before.kind !== scaleTargetRef?.kind || before.apiVersion !== scaleTargetRef.apiVersion)
    // The one kind of the core group that can be scaled.
    errors.push(
      ...validateApiVersion(scaleTargetRef, 'spec.scaleTargetRef', scaleTargetRef?.kind !== 'ReplicationController'),
    )
  for (const [index, metric] of metrics.entries()) errors.push(...validateMetric(metric, `spec.metrics[${index}]`))
  if (minReplicas === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External'))
    errors.push(
      forbiddenField(
        'spec.metrics',
        'must specify at least one Object or External metric to support scaling to zero replicas',
      ),
    )
  if (behavior?.scaleUp) errors.push(...validateRules(behavior.scaleUp, 'spec.behavior.scaleUp'))
  if (behavior?.scaleDown) errors.push(...validateRules(behavior.scaleDown, 'spec.behavior.scaleDown'))
  return errors
}

function validateReference(reference: CrossVersionObjectReference | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const field of ['kind', 'name'] as const) {
    const value = reference?.[field]
    if (!value) errors.push(required(`${path}.${field}`))
    else for (const why of pathSegmentErrors(value)) errors.push(invalid(`${path}.${field}`, value, why))
  }
  return errors
}

function validateApiVersion(
  reference: CrossVersionObjectReference | undefined,
  path: string,
  needsGroup: boolean,
): FieldError[] {
  const { apiVersion = '' } = reference ?? {}
  const parts = apiVersion.split('/')
  const refuse = (why: string): FieldError[] => [invalid(`${path}.apiVersion`, apiVersion, why)]
  if (parts.length > 2) return refuse(`unexpected GroupVersion string: ${apiVersion}`)
  return needsGroup && (parts.length < 2 || parts[0] === '') ? refuse('apiVersion must specify API group') : []
}

function validateMetric(metric: MetricSpec, path: string): FieldError[] {
  const { type } = metric
  const errors: FieldError[] = []
  if (!type) errors.push(required(`${path}.type`, 'must specify a metric source type'))
  const expected = Object.hasOwn(SOURCES, type) ? SOURCES[type as keyof typeof SOURCES] : undefined
  const unsupported = notSupported(`${path}.type`, type ?? '', Object.keys(SOURCES).sort())
  if (!expected) errors.push(unsupported)
  const given = Object.values(SOURCES).filter((field) => metric[field])
  // Only the first of several is looked at.
  if (given.length > 0) errors.push(...validateSource(metric, given[0], `${path}.${given[0]}`))
  if (!expected) errors.push(unsupported)
  else if (!given.includes(expected))
    errors.push(required(`${path}.${expected}`, 'must populate information for the given metric source'))
  // One of another type alone is told by what is missing.
  if (given.length > 1)
    for (const field of given.filter((field) => field !== expected))
      errors.push(forbiddenField(`${path}.${field}`, 'must populate the given metric source only'))
  return errors
}

function validateSource(metric: MetricSpec, field: SourceField, path: string): FieldError[] {
  const source = metric[field]!
  const { target } = source
  const errors: FieldError[] = []
  if (field === 'object') {
    const { describedObject } = source as NonNullable<MetricSpec['object']>
    errors.push(
      ...validateReference(describedObject, `${path}.describedObject`),
      ...validateApiVersion(describedObject, `${path}.describedObject`, false),
    )
  }
  if (field === 'resource' || field === 'containerResource') {
    const { name, container } = source as NonNullable<MetricSpec['containerResource']>
    if (!name) errors.push(required(`${path}.name`, 'must specify a resource name'))
    else if (field === 'containerResource') errors.push(...containerNameErrors(name, `${path}.name`))
    if (field === 'containerResource') {
      if (!container) errors.push(required(`${path}.container`, 'must specify a container'))
      else for (const why of dnsLabelErrors(container)) errors.push(invalid(`${path}.container`, container, why))
    }
  } else errors.push(...validateIdentifier((source as { metric?: MetricIdentifier }).metric, `${path}.metric`))
  return [...errors, ...validateTarget(target, `${path}.target`), ...validateWanted(target, field, `${path}.target`)]
}

/** Which of the values a source needs, and which exclude each other. */
function validateWanted(target: MetricTarget | undefined, field: SourceField, path: string): FieldError[] {
  const { averageUtilization, averageValue, value } = target ?? {}
  const needAverage = (why: string): FieldError[] => [required(`${path}.averageValue`, why)]
  switch (field) {
    case 'pods':
      return averageValue === undefined ? needAverage('must specify a positive target averageValue') : []
    case 'object':
      return value === undefined && averageValue === undefined
        ? needAverage('must set either a target value or averageValue')
        : []
    case 'external':
      if (value === undefined && averageValue === undefined)
        return needAverage('must set either a target value for metric or a per-pod target')
      return value !== undefined && averageValue !== undefined
        ? [forbiddenField(`${path}.value`, 'may not set both a target value for metric and a per-pod target')]
        : []
    default:
      if (averageUtilization === undefined && averageValue === undefined)
        return [required(`${path}.averageUtilization`, 'must set either a target raw value or a target utilization')]
      return averageUtilization !== undefined && averageValue !== undefined
        ? [forbiddenField(`${path}.averageValue`, 'may not set both a target raw value and a target utilization')]
        : []
  }
}

function validateIdentifier(metric: MetricIdentifier | undefined, path: string): FieldError[] {
  if (!metric?.name) return [required(`${path}.name`, 'must specify a metric name')]
  return pathSegmentErrors(metric.name).map((why) => invalid(`${path}.name`, metric.name, why))
}

function validateTarget(target: MetricTarget | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  const type = target?.type ?? ''
  if (!type) errors.push(required(`${path}.type`, 'must specify a metric target type'))
  if (!['Utilization', 'Value', 'AverageValue'].includes(type))
    errors.push(invalid(`${path}.type`, type, 'must be either Utilization, Value, or AverageValue'))
  for (const field of ['value', 'averageValue'] as const) {
    const text = target?.[field]
    if (text !== undefined && quantityError(String(text)) === undefined && compareQuantities(text, '0') <= 0)
      errors.push(invalid(`${path}.${field}`, text, 'must be positive'))
  }
  if (target?.averageUtilization !== undefined && target.averageUtilization < 1)
    errors.push(invalid(`${path}.averageUtilization`, target.averageUtilization, 'must be greater than 0'))
  return errors
}

function validateRules(rules: ScalingRules, path: string): FieldError[] {
  const errors: FieldError[] = []
  const { stabilizationWindowSeconds: seconds, selectPolicy, policies = [] } = rules
  if (seconds !== undefined && seconds < 0)
    errors.push(invalid(`${path}.stabilizationWindowSeconds`, seconds, 'must be greater than or equal to zero'))
  if (seconds !== undefined && seconds > MAX_STABILIZATION_SECONDS)
    errors.push(
      invalid(
        `${path}.stabilizationWindowSeconds`,
        seconds,
        `must be less than or equal to ${MAX_STABILIZATION_SECONDS}`,
      ),
    )
  if (selectPolicy !== undefined && !['Max', 'Min', 'Disabled'].includes(selectPolicy))
    errors.push(notSupported(`${path}.selectPolicy`, selectPolicy, ['Disabled', 'Max', 'Min']))
  if (policies.length === 0) errors.push(required(`${path}.policies`, 'must specify at least one Policy'))
  for (const [index, { type, value = 0, periodSeconds = 0 }] of policies.entries()) {
    const at = `${path}.policies[${index}]`
    if (type !== 'Pods' && type !== 'Percent') errors.push(notSupported(`${at}.type`, type, ['Percent', 'Pods']))
    if (value <= 0) errors.push(invalid(`${at}.value`, value, 'must be greater than zero'))
    if (periodSeconds <= 0) errors.push(invalid(`${at}.periodSeconds`, periodSeconds, 'must be greater than zero'))
    if (periodSeconds > MAX_PERIOD_SECONDS)
      errors.push(invalid(`${at}.periodSeconds`, periodSeconds, `must be less than or equal to ${MAX_PERIOD_SECONDS}`))
  }
  const { tolerance } = rules
  if (
    tolerance !== undefined &&
    quantityError(String(tolerance)) === undefined &&
    compareQuantities(tolerance, '0') < 0
  )
    errors.push(invalid(`${path}.tolerance`, String(tolerance), 'must be greater than or equal to 0'))
  return errors
}
