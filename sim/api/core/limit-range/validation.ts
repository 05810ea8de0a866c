/** What a LimitRange must be. Source: kubernetes/pkg/apis/core/validation/validation.go */
import { duplicate, type FieldError, forbiddenField, invalid, required } from '../../meta/field-error.ts'
import { dnsSubdomainErrors, qualifiedNameErrors } from '../../meta/names.ts'
import type { ResourceList } from '../../meta/object.ts'
import { type MetaRules, sortedEntries, validateObjectMeta, validateObjectMetaUpdate } from '../../meta/object-meta.ts'
import { compareQuantities, quantityError, quantityMillis } from '../../meta/quantity.ts'
import type { LimitRange, LimitRangeItem } from '../policy-types.ts'
import { containerNameErrors, mayOvercommit, resourceNameErrors } from '../resource-validation.ts'

const META: MetaRules = { isNamespaced: true, nameErrors: dnsSubdomainErrors }
const TYPES = ['Pod', 'Container', 'PersistentVolumeClaim']

export function validateLimitRange({ metadata, spec }: LimitRange): FieldError[] {
  const errors = validateObjectMeta(metadata, META)
  const seen = new Set<string>()
  for (const [index, item] of spec.limits.entries()) {
    const path = `spec.limits[${index}]`
    errors.push(...typeErrors(item.type ?? '', `${path}.type`))
    if (seen.has(item.type)) errors.push(duplicate(`${path}.type`, item.type))
    seen.add(item.type)
    errors.push(...validateItem(item, path))
  }
  return errors
}

export const validateLimitRangeUpdate = (limitRange: LimitRange, old: LimitRange): FieldError[] => [
  ...validateObjectMetaUpdate(limitRange.metadata, old.metadata),
  ...validateLimitRange(limitRange),
]

function typeErrors(type: string, path: string): FieldError[] {
  const errors = qualifiedNameErrors(type).map((why) => invalid(path, type, why))
  if (errors.length > 0 || type.includes('/') || TYPES.includes(type)) return errors
  return [invalid(path, type, 'must be a standard limit type or fully qualified')]
}

function validateItem(item: LimitRangeItem, path: string): FieldError[] {
  const { max = {}, min = {}, maxLimitRequestRatio: ratios = {} } = item
  const isOfPods = item.type === 'Pod'
  const limits = isOfPods ? {} : (item.default ?? {})
  const requests = isOfPods ? {} : (item.defaultRequest ?? {})
  const nameErrors = isOfPods || item.type === 'Container' ? containerNameErrors : resourceNameErrors
  const validateNames = (field: string, list: ResourceList): FieldError[] =>
    sortedEntries(list).flatMap(([name]) => nameErrors(name, `${path}.${field}[${name}]`))
  const errors = [
    ...validateNames('max', max),
    ...validateNames('min', min),
    ...(isOfPods ? noDefaults(item, path) : []),
    ...validateNames('default', limits),
    ...validateNames('defaultRequest', requests),
  ]
  if (item.type === 'PersistentVolumeClaim' && min.storage === undefined && max.storage === undefined)
    errors.push(
      required(`${path}.limits`, 'either minimum or maximum storage value is required, but neither was provided'),
    )
  errors.push(...validateNames('maxLimitRequestRatio', ratios))
  const lists: readonly ResourceList[] = [max, min, limits, requests, ratios]
  for (const name of [...new Set(lists.flatMap((list) => Object.keys(list)))].sort()) {
    if (lists.some((list) => list[name] !== undefined && quantityError(list[name]))) continue
    const isMore = (a: string | undefined, b: string | undefined): boolean =>
      a !== undefined && b !== undefined && compareQuantities(a, b) > 0
    const refuse = (field: string, value: string, why: string): void => {
      errors.push(invalid(`${path}.${field}[${name}]`, value, why))
    }
    const [low, high, limit, request] = [min[name], max[name], limits[name], requests[name]]
    if (isMore(low, high)) refuse('min', low, `min value ${low} is greater than max value ${high}`)
    if (isMore(low, request))
      refuse('defaultRequest', request, `min value ${low} is greater than default request value ${request}`)
    if (isMore(request, high))
      refuse('defaultRequest', request, `default request value ${request} is greater than max value ${high}`)
    if (isMore(request, limit))
      refuse('defaultRequest', request, `default request value ${request} is greater than default limit value ${limit}`)
    if (isMore(low, limit)) refuse('default', low, `min value ${low} is greater than default value ${limit}`)
    if (isMore(limit, high)) refuse('default', high, `default value ${limit} is greater than max value ${high}`)
    errors.push(...validateRatio(ratios[name], low, high, `${path}.maxLimitRequestRatio[${name}]`))
    if (!mayOvercommit(name) && (isMore(limit, request) || isMore(request, limit)))
      refuse(
        'defaultRequest',
        request,
        `default value ${limit} must equal to defaultRequest value ${request} in ${name}`,
      )
  }
  return errors
}

const noDefaults = (item: LimitRangeItem, path: string): FieldError[] =>
  (['default', 'defaultRequest'] as const)
    .filter((field) => Object.keys(item[field] ?? {}).length > 0)
    .map((field) => forbiddenField(`${path}.${field}`, "may not be specified when `type` is 'Pod'"))

function validateRatio(
  ratio: string | undefined,
  min: string | undefined,
  max: string | undefined,
  path: string,
): FieldError[] {
  if (ratio === undefined) return []
  const errors: FieldError[] = []
  if (compareQuantities(ratio, '1') < 0) errors.push(invalid(path, ratio, `ratio ${ratio} is less than 1`))
  if (min !== undefined && max !== undefined) {
    const possible = quantityMillis(max) / quantityMillis(min)
    if (quantityMillis(ratio) / 1000 > possible)
      errors.push(invalid(path, ratio, `ratio ${ratio} is greater than max/min = ${possible.toFixed(6)}`))
  }
  return errors
}
