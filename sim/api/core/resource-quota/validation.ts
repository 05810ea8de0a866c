/** What a ResourceQuota must be. Source: kubernetes/pkg/apis/core/validation/validation.go */
import { type FieldError, invalid, notSupported, required } from '../../meta/field-error.ts'
import { dnsSubdomainErrors, qualifiedNameErrors } from '../../meta/names.ts'
import { type MetaRules, sortedEntries, validateObjectMeta, validateObjectMetaUpdate } from '../../meta/object-meta.ts'
import type { ResourceQuota, ResourceQuotaSpec, ScopeRequirement } from '../policy-types.ts'
import { validateQuantity } from '../resource-validation.ts'

const META: MetaRules = { isNamespaced: true, nameErrors: dnsSubdomainErrors }

const COMPUTE = [
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
]
const STANDARD = new Set([
  ...COMPUTE,
  'requests.storage',
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'persistentvolumeclaims',
  'configmaps',
  'services.nodeports',
  'services.loadbalancers',
])
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

const validateSpec = (spec: ResourceQuotaSpec): FieldError[] => [
  ...sortedEntries(spec.hard).flatMap(([name, quantity]) => {
    const path = `spec.hard[${name}]`
    return [...nameErrors(name, path), ...validateQuantity(name, quantity, path)]
  }),
  ...validateScopes(spec),
  ...validateScopeSelector(spec),
]

function nameErrors(name: string, path: string): FieldError[] {
  const errors = qualifiedNameErrors(name).map((why) => invalid(path, name, why))
  if (errors.length > 0 || name.includes('/') || STANDARD.has(name) || isHugePages(name)) return errors
  return [invalid(path, name, 'must be a standard resource for quota')]
}

const isHugePages = (name: string): boolean => /^(requests\.)?hugepages-/.test(name)

/** Whether a scope says anything of a resource. */
function isScopeFor(scope: string, name: string): boolean {
  if (scope === 'BestEffort') return name === 'pods'
  if (scope === 'VolumeAttributesClass') return name === 'persistentvolumeclaims' || name === 'requests.storage'
  return name === 'pods' || COMPUTE.includes(name) || isHugePages(name)
}

const isCounted = (name: string): boolean => STANDARD.has(name) || isHugePages(name)

function validateScopes({ scopes = [], hard }: ResourceQuotaSpec): FieldError[] {
  const errors: FieldError[] = []
  for (const scope of scopes) {
    if (!SCOPES.includes(scope)) errors.push(invalid('spec.scopes', scopes, 'unsupported scope'))
    for (const [name] of sortedEntries(hard))
      if (isCounted(name) && SCOPES.includes(scope) && !isScopeFor(scope, name))
        errors.push(invalid('spec.scopes', scopes, 'unsupported scope applied to resource'))
  }
  if (OPPOSITES.some((pair) => pair.every((scope) => scopes.includes(scope))))
    errors.push(invalid('spec.scopes', scopes, 'conflicting scopes'))
  return errors
}

function validateScopeSelector({ scopeSelector, hard }: ResourceQuotaSpec): FieldError[] {
  const path = 'spec.scopeSelector.matchExpressions'
  const errors: FieldError[] = []
  for (const requirement of scopeSelector?.matchExpressions ?? []) {
    errors.push(...validateRequirement(requirement, path))
    if (!SCOPES.includes(requirement.scopeName)) continue
    for (const [name] of sortedEntries(hard))
      if (isCounted(name) && !isScopeFor(requirement.scopeName, name))
        errors.push(invalid(path, scopeSelector, 'unsupported scope applied to resource'))
  }
  return errors
}

function validateRequirement({ scopeName, operator, values = [] }: ScopeRequirement, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!SCOPES.includes(scopeName)) errors.push(invalid(`${path}.scopeName`, scopeName, 'unsupported scope'))
  if (PLAIN_SCOPES.has(scopeName) && operator !== 'Exists')
    errors.push(
      invalid(
        `${path}.operator`,
        operator,
        "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity",
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
  } else errors.push(notSupported(`${path}.operator`, operator, ['DoesNotExist', 'Exists', 'In', 'NotIn']))
  return errors
}
