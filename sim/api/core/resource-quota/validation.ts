/** What a ResourceQuota must be. Source: kubernetes/pkg/apis/core/validation/validation.go */
import { type FieldError, invalid, required } from '../../meta/field-error.ts'
import { dnsSubdomainErrors } from '../../meta/names.ts'
import type { ResourceList } from '../../meta/object.ts'
import { type MetaRules, sortedEntries, validateObjectMeta, validateObjectMetaUpdate } from '../../meta/object-meta.ts'
import type { ResourceQuota, ResourceQuotaSpec, ScopeRequirement } from '../policy-types.ts'
import { isQuotaResource, resourceNameErrors, validateQuantity } from '../resource-validation.ts'

const META: MetaRules = { isNamespaced: true, nameErrors: dnsSubdomainErrors }

/** What scopes of Pods say something of, besides their number. */
const COMPUTE = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']
const SCOPES = [
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
  'VolumeAttributesClass',
]
const OPPOSITES = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const
/** Scopes that ask whether something is set, not what it is. */
const PLAIN_SCOPES = new Set([
  'BestEffort',
  'NotBestEffort',
  'Terminating',
  'NotTerminating',
  'CrossNamespacePodAffinity',
])

export const validateResourceQuota = (quota: ResourceQuota): FieldError[] => [
  ...validateObjectMeta(quota.metadata, META),
  ...validateSpec(quota.spec),
]

export function validateResourceQuotaUpdate(quota: ResourceQuota, old: ResourceQuota): FieldError[] {
  const sorted = (scopes: readonly string[] | undefined): string => [...new Set(scopes)].sort().join()
  return [
    ...validateObjectMetaUpdate(quota.metadata, old.metadata),
    ...validateSpec(quota.spec),
    ...(sorted(quota.spec.scopes) === sorted(old.spec.scopes)
      ? []
      : [invalid('spec.scopes', quota.spec.scopes ?? null, 'field is immutable')]),
  ]
}

export const validateResourceQuotaStatusUpdate = (quota: ResourceQuota, old: ResourceQuota): FieldError[] => [
  ...validateObjectMetaUpdate(quota.metadata, old.metadata),
  ...validateAmounts(quota.status.hard, 'status.hard'),
  ...validateAmounts(quota.status.used, 'status.used'),
]

const validateAmounts = (amounts: ResourceList | undefined, path: string): FieldError[] =>
  sortedEntries(amounts).flatMap(([name, quantity]) => {
    const at = `${path}[${name}]`
    return [...nameErrors(name, at), ...validateQuantity(name, quantity, at)]
  })

const validateSpec = (spec: ResourceQuotaSpec): FieldError[] => [
  ...validateAmounts(spec.hard, 'spec.hard'),
  ...validateScopes(spec),
  ...validateScopeSelector(spec),
]

function nameErrors(name: string, path: string): FieldError[] {
  const errors = resourceNameErrors(name, path)
  return name.includes('/') || isQuotaResource(name)
    ? errors
    : [...errors, invalid(path, name, 'must be a standard resource for quota')]
}

/** Whether a scope says anything of a resource. */
function isScopeFor(scope: string, name: string): boolean {
  if (scope === 'BestEffort') return name === 'pods'
  if (scope === 'VolumeAttributesClass') return name === 'persistentvolumeclaims' || name === 'requests.storage'
  return name === 'pods' || COMPUTE.includes(name)
}

/** An error for each resource of the quota that the scope says nothing of. */
const unscoped = (scope: string, { hard }: ResourceQuotaSpec, error: FieldError): FieldError[] =>
  SCOPES.includes(scope)
    ? sortedEntries(hard)
        .filter(([name]) => isQuotaResource(name) && !isScopeFor(scope, name))
        .map(() => error)
    : []

/** An error for each pair of which both are there. */
const conflicting = (found: readonly string[], { scopes }: ResourceQuotaSpec, path: string): FieldError[] =>
  OPPOSITES.filter((pair) => pair.every((scope) => found.includes(scope))).map(() =>
    invalid(path, scopes, 'conflicting scopes'),
  )

function validateScopes(spec: ResourceQuotaSpec): FieldError[] {
  const { scopes = [] } = spec
  const path = 'spec.scopes'
  const errors: FieldError[] = []
  for (const scope of scopes) {
    if (!SCOPES.includes(scope)) errors.push(invalid(path, scopes, 'unsupported scope'))
    errors.push(...unscoped(scope, spec, invalid(path, scopes, 'unsupported scope applied to resource')))
  }
  return [...errors, ...conflicting(scopes, spec, path)]
}

function validateScopeSelector(spec: ResourceQuotaSpec): FieldError[] {
  const path = 'spec.scopeSelector.matchExpressions'
  const requirements = spec.scopeSelector?.matchExpressions ?? []
  // Under Go's names.
  const shown = {
    MatchExpressions: requirements.map(({ scopeName, operator, values }) => ({
      ScopeName: scopeName,
      Operator: operator,
      Values: values ?? null,
    })),
  }
  return [
    ...requirements.flatMap((requirement) =>
      validateRequirement(
        requirement,
        path,
        unscoped(requirement.scopeName, spec, invalid(path, shown, 'unsupported scope applied to resource')),
      ),
    ),
    ...conflicting(
      requirements.map(({ scopeName }) => scopeName),
      spec,
      path,
    ),
  ]
}

/** @param unscoped what is said of its scope */
function validateRequirement(
  { scopeName, operator, values = [] }: ScopeRequirement,
  path: string,
  unscoped: readonly FieldError[],
): FieldError[] {
  const errors: FieldError[] = []
  if (!SCOPES.includes(scopeName)) errors.push(invalid(`${path}.scopeName`, scopeName, 'unsupported scope'))
  errors.push(...unscoped)
  if (PLAIN_SCOPES.has(scopeName) && operator !== 'Exists')
    errors.push(
      invalid(
        `${path}.operator`,
        operator,
        "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity",
      ),
    )
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0)
      errors.push(
        required(`${path}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"),
      )
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0)
      errors.push(
        invalid(
          `${path}.values`,
          values,
          "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
        ),
      )
  } else errors.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'))
  return errors
}
