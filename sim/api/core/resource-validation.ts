/** What requests and limits must be. Source: validateResourceRequirements in kubernetes/pkg/apis/core/validation/validation.go */
import { type FieldError, forbiddenField, invalid, notFoundField, notSupported, required } from '../meta/field-error.ts'
import { qualifiedNameErrors } from '../meta/names.ts'
import type { ResourceList } from '../meta/object.ts'
import { sortedEntries } from '../meta/object-meta.ts'
import { canonicalQuantity, compareQuantities, quantityError, quantityMillis, quantityValue } from '../meta/quantity.ts'
import type { ResourceRequirements } from './pod-types.ts'

const CONTAINER_RESOURCES = new Set(['cpu', 'memory', 'ephemeral-storage'])
const POD_RESOURCES = ['cpu', 'hugepages-', 'memory']
/** Counted in whole pieces. */
const INTEGER_RESOURCES = [
  'pods',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]
/** What quotas know. Source: standardQuotaResources in kubernetes/pkg/apis/core/helper/helpers.go */
const QUOTA_RESOURCES = new Set([
  ...['', 'requests.', 'limits.'].flatMap((prefix) => [...CONTAINER_RESOURCES].map((name) => prefix + name)),
  'requests.storage',
  ...INTEGER_RESOURCES,
])

const isHugePages = (name: string): boolean => name.startsWith('hugepages-')
const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/')
const isExtended = (name: string): boolean =>
  !isNative(name) && !name.startsWith('requests.') && qualifiedNameErrors(`requests.${name}`).length === 0
export const isQuotaResource = (name: string): boolean =>
  QUOTA_RESOURCES.has(name) || /^(requests\.)?hugepages-/.test(name)
/** Whether requests may be less than limits. */
export const mayOvercommit = (name: string): boolean => isNative(name) && !isHugePages(name)

export function validateContainerResources(
  resources: ResourceRequirements,
  claims: readonly string[],
  path: string,
): FieldError[] {
  return [
    ...validateResources(resources, path, containerNameErrors),
    ...validateClaims(resources, claims, `${path}.claims`),
  ]
}

/** Requests and limits of a Pod as a whole. */
export function validatePodResources(resources: ResourceRequirements, path: string): FieldError[] {
  const claims = resources.claims
    ? [forbiddenField(`${path}.claims`, 'claims cannot be set for Resources at pod-level')]
    : []
  return [...claims, ...validateResources(resources, path, podNameErrors)]
}

function validateResources(
  { limits = {}, requests = {} }: ResourceRequirements,
  path: string,
  nameErrors: (name: string, path: string) => FieldError[],
): FieldError[] {
  const errors: FieldError[] = []
  for (const [name, quantity] of sortedEntries(limits)) {
    const at = `${path}.limits[${name}]`
    errors.push(...nameErrors(name, at), ...validateQuantity(name, quantity, at), ...validatePages(name, quantity, at))
  }
  for (const [name, quantity] of sortedEntries(requests)) {
    const at = `${path}.requests[${name}]`
    errors.push(...nameErrors(name, at), ...validateQuantity(name, quantity, at), ...validatePages(name, quantity, at))
    if (quantityError(String(quantity))) continue
    const limit = Object.hasOwn(limits, name) ? limits[name] : undefined
    if (limit === undefined) {
      if (!mayOvercommit(name))
        errors.push(required(`${path}.limits`, 'Limit must be set for non overcommitable resources'))
      continue
    }
    if (quantityError(String(limit))) continue
    const difference = compareQuantities(quantity, limit)
    const shownLimit = `${name} limit of ${canonicalQuantity(limit)}`
    if (difference !== 0 && !mayOvercommit(name))
      errors.push(invalid(`${path}.requests`, canonicalQuantity(quantity), `must be equal to ${shownLimit}`))
    else if (difference > 0)
      errors.push(
        invalid(`${path}.requests`, canonicalQuantity(quantity), `must be less than or equal to ${shownLimit}`),
      )
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)]
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory'))
    errors.push(forbiddenField(path, 'HugePages require cpu or memory'))
  return errors
}

/** Huge pages come whole. */
function validatePages(name: string, quantity: string, path: string): FieldError[] {
  const size = name.slice('hugepages-'.length)
  if (!isHugePages(name) || quantityError(String(quantity)) || quantityError(size)) return []
  const [bytes, page] = [quantityValue(quantity), quantityValue(size)]
  if (page > 0 && bytes % page === 0) return []
  const shown = canonicalQuantity(quantity)
  return [invalid(path, shown, `${shown} is not positive integer multiple of ${name}`)]
}

export function containerNameErrors(name: string, path: string): FieldError[] {
  const errors = resourceNameErrors(name, path)
  if (name.includes('/')) {
    return isNative(name) || isExtended(name)
      ? errors
      : [...errors, invalid(path, name, "doesn't follow extended resource name standard")]
  }
  if (CONTAINER_RESOURCES.has(name) || isHugePages(name)) return errors
  return [...errors, invalid(path, name, 'must be a standard resource for containers')]
}

function podNameErrors(name: string, path: string): FieldError[] {
  const errors = resourceNameErrors(name, path)
  if (errors.length > 0 || name === 'cpu' || name === 'memory' || isHugePages(name)) return errors
  return [notSupported(path, name, POD_RESOURCES)]
}

export function resourceNameErrors(name: string, path: string): FieldError[] {
  const errors = qualifiedNameErrors(name).map((why) => invalid(path, name, why))
  if (errors.length > 0 || name.includes('/') || name === 'storage' || isQuotaResource(name)) return errors
  return [invalid(path, name, 'must be a standard resource type or fully qualified')]
}

/** A quantity of a resource: not negative, and whole where the resource is counted in pieces. */
export function validateQuantity(name: string, quantity: string, path: string): FieldError[] {
  const text = String(quantity)
  const wrong = quantityError(text)
  if (wrong) return [invalid(path, text, wrong)]
  if (compareQuantities(text, '0') < 0)
    return [invalid(path, canonicalQuantity(text), 'must be greater than or equal to 0')]
  const isWhole = INTEGER_RESOURCES.includes(name) || isExtended(name)
  return isWhole && quantityMillis(text) % 1000 !== 0
    ? [invalid(path, canonicalQuantity(text), 'must be an integer')]
    : []
}

/** Every quantity of a list. @param path its path; entries add `.name` */
export const validateQuantities = (resources: ResourceList | undefined, path: string): FieldError[] =>
  sortedEntries(resources).flatMap(([name, quantity]) => validateQuantity(name, quantity, `${path}.${name}`))

function validateClaims({ claims = [] }: ResourceRequirements, known: readonly string[], path: string): FieldError[] {
  const seen = new Set<string>()
  return claims.flatMap(({ name, request }, index) => {
    const at = `${path}[${index}]`
    if (!name) return [required(at)]
    const key = request ? `${name}/${request}` : name
    const errors: FieldError[] = seen.has(key)
      ? [{ type: 'FieldValueDuplicate', field: at, body: `Duplicate value: ${JSON.stringify(key)}` }]
      : []
    seen.add(key)
    if (!known.includes(name)) {
      const list = known.length === 0 ? ' which is empty' : `: ${[...new Set(known)].sort().join(', ')}`
      const missing = notFoundField(at, name)
      errors.push({ ...missing, body: `${missing.body}: must be one of the names in pod.spec.resourceClaims${list}` })
    }
    return errors
  })
}
