/** What a HorizontalPodAutoscaler must be. Source: kubernetes/pkg/apis/autoscaling/validation/validation.go */
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../meta/field-error.ts'
import { dnsSubdomainErrors } from '../meta/names.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { quantityError, quantityMillis } from '../meta/quantity.ts'
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
/** The field of each type of metric. */
const SOURCES = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
} as const

export const validateAutoscaler = (autoscaler: HorizontalPodAutoscaler): FieldError[] => [
  ...validateObjectMeta(autoscaler.metadata, { isNamespaced: true, nameErrors: dnsSubdomainErrors }),
  ...validateSpec(autoscaler),
]

export const validateAutoscalerUpdate = (
  autoscaler: HorizontalPodAutoscaler,
  old: HorizontalPodAutoscaler,
): FieldError[] => [...validateObjectMetaUpdate(autoscaler.metadata, old.metadata), ...validateSpec(autoscaler)]

function validateSpec({ spec }: HorizontalPodAutoscaler): FieldError[] {
  const errors: FieldError[] = []
  const { minReplicas, maxReplicas = 0, metrics = [], behavior } = spec
  if (minReplicas !== undefined && minReplicas < 1)
    errors.push(invalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'))
  if (maxReplicas < 1) errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than 0'))
  if (minReplicas !== undefined && maxReplicas < minReplicas)
    errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'))
  errors.push(...validateReference(spec.scaleTargetRef, 'spec.scaleTargetRef'))
  for (const [index, metric] of metrics.entries()) errors.push(...validateMetric(metric, `spec.metrics[${index}]`))
  if (behavior?.scaleUp) errors.push(...validateRules(behavior.scaleUp, 'spec.behavior.scaleUp'))
  if (behavior?.scaleDown) errors.push(...validateRules(behavior.scaleDown, 'spec.behavior.scaleDown'))
  return errors
}

function validateReference(reference: CrossVersionObjectReference | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const field of ['kind', 'name'] as const) if (!reference?.[field]) errors.push(required(`${path}.${field}`))
  return errors
}

function validateMetric(metric: MetricSpec, path: string): FieldError[] {
  const { type } = metric
  if (!type) return [required(`${path}.type`, 'must specify a metric source type')]
  if (!Object.hasOwn(SOURCES, type)) return [notSupported(`${path}.type`, type, Object.keys(SOURCES))]
  const expected = SOURCES[type as keyof typeof SOURCES]
  const errors: FieldError[] = []
  for (const field of Object.values(SOURCES))
    if (field !== expected && metric[field])
      errors.push(forbiddenField(`${path}.${field}`, 'must populate the given metric source only'))
  const source = metric[expected]
  if (!source)
    return [...errors, required(`${path}.${expected}`, 'must populate information for the given metric source')]
  const at = `${path}.${expected}`
  if ('metric' in source) errors.push(...validateIdentifier(source.metric, `${at}.metric`))
  else if (!source.name) errors.push(required(`${at}.name`, 'must specify a resource name'))
  if ('container' in source && !source.container) errors.push(required(`${at}.container`, 'must specify a container'))
  if ('describedObject' in source) errors.push(...validateReference(source.describedObject, `${at}.describedObject`))
  errors.push(...validateTarget(source.target, `${at}.target`))
  const { averageUtilization, averageValue, value } = source.target ?? {}
  if (expected === 'pods') {
    if (averageValue === undefined)
      errors.push(required(`${at}.target.averageValue`, 'must specify a positive target averageValue'))
  } else if (expected === 'object' || expected === 'external') {
    if (value === undefined && averageValue === undefined)
      errors.push(required(`${at}.target.averageValue`, 'must set either a target value or averageValue'))
  } else if (averageUtilization === undefined && averageValue === undefined)
    errors.push(
      required(`${at}.target.averageUtilization`, 'must set either a target raw value or a target utilization'),
    )
  else if (averageUtilization !== undefined && averageValue !== undefined)
    errors.push(
      forbiddenField(`${at}.target.averageValue`, 'may not set both a target raw value and a target utilization'),
    )
  return errors
}

const validateIdentifier = (metric: MetricIdentifier | undefined, path: string): FieldError[] =>
  metric?.name ? [] : [required(`${path}.name`, 'must specify a metric name')]

function validateTarget(target: MetricTarget | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!target?.type) return [required(`${path}.type`, 'must specify a metric target type')]
  if (!['Utilization', 'Value', 'AverageValue'].includes(target.type))
    errors.push(invalid(`${path}.type`, target.type, 'must be either Utilization, Value, or AverageValue'))
  for (const field of ['value', 'averageValue'] as const) {
    const text = target[field]
    if (text !== undefined && quantityError(String(text)) === undefined && quantityMillis(text) <= 0)
      errors.push(invalid(`${path}.${field}`, text, 'must be positive'))
  }
  if (target.averageUtilization !== undefined && target.averageUtilization < 1)
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
  return errors
}
