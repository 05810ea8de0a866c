/** What RBAC objects must be. Source: kubernetes/pkg/apis/rbac/validation/validation.go */
import { type FieldError, invalid, notSupported, required } from '../meta/field-error.ts'
import { dnsSubdomainErrors, pathSegmentErrors } from '../meta/names.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { validateLabelSelector } from '../meta/selector-validation.ts'
import { type ClusterRole, type PolicyRule, RBAC_GROUP, type Role, type RoleBinding, type Subject } from './types.ts'

export const validateRole = (role: Role): FieldError[] => [
  ...validateObjectMeta(role.metadata, { isNamespaced: true, nameErrors: pathSegmentErrors }),
  ...(role.rules ?? []).flatMap((rule, index) => validateRule(rule, true, `rules[${index}]`)),
]

export const validateRoleUpdate = (role: Role, old: Role): FieldError[] => [
  ...validateRole(role),
  ...validateObjectMetaUpdate(role.metadata, old.metadata),
]

export function validateClusterRole(role: ClusterRole): FieldError[] {
  const errors = validateObjectMeta(role.metadata, { isNamespaced: false, nameErrors: pathSegmentErrors })
  for (const [index, rule] of (role.rules ?? []).entries()) errors.push(...validateRule(rule, false, `rules[${index}]`))
  if (!role.aggregationRule) return errors
  const path = 'aggregationRule.clusterRoleSelectors'
  const selectors = role.aggregationRule.clusterRoleSelectors ?? []
  if (selectors.length === 0)
    errors.push(required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil'))
  for (const [index, selector] of selectors.entries()) {
    const at = `${path}[${index}]`
    const wrong = validateLabelSelector(selector, at)
    errors.push(...wrong)
    // The server shows what it made of the selector, which is nothing then.
    if (wrong.length > 0) errors.push(invalid(at, null, 'invalid label selector.'))
  }
  return errors
}

export const validateClusterRoleUpdate = (role: ClusterRole, old: ClusterRole): FieldError[] => [
  ...validateClusterRole(role),
  ...validateObjectMetaUpdate(role.metadata, old.metadata),
]

function validateRule(rule: PolicyRule, isNamespaced: boolean, path: string): FieldError[] {
  const errors: FieldError[] = []
  const { verbs = [], apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule
  if (verbs.length === 0) errors.push(required(`${path}.verbs`, 'verbs must contain at least one value'))
  if (nonResourceURLs.length > 0) {
    const at = `${path}.nonResourceURLs`
    if (isNamespaced) errors.push(invalid(at, nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'))
    if (apiGroups.length > 0 || resources.length > 0 || resourceNames.length > 0)
      errors.push(invalid(at, nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs'))
    return errors
  }
  if (apiGroups.length === 0)
    errors.push(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'))
  if (resources.length === 0)
    errors.push(required(`${path}.resources`, 'resource rules must supply at least one resource'))
  return errors
}

/** @param isNamespaced a RoleBinding, whose subjects may leave out the namespace */
export function validateBinding(binding: RoleBinding, isNamespaced: boolean): FieldError[] {
  const errors = validateObjectMeta(binding.metadata, { isNamespaced, nameErrors: pathSegmentErrors })
  const { apiGroup = '', kind = '', name = '' } = binding.roleRef
  if (apiGroup !== RBAC_GROUP) errors.push(notSupported('roleRef.apiGroup', apiGroup, [RBAC_GROUP]))
  const kinds = isNamespaced ? ['Role', 'ClusterRole'] : ['ClusterRole']
  if (!kinds.includes(kind)) errors.push(notSupported('roleRef.kind', kind, kinds))
  if (!name) errors.push(required('roleRef.name'))
  else for (const why of pathSegmentErrors(name)) errors.push(invalid('roleRef.name', name, why))
  for (const [index, subject] of (binding.subjects ?? []).entries())
    errors.push(...validateSubject(subject, isNamespaced, `subjects[${index}]`))
  return errors
}

export function validateBindingUpdate(binding: RoleBinding, old: RoleBinding, isNamespaced: boolean): FieldError[] {
  const errors = [
    ...validateBinding(binding, isNamespaced),
    ...validateObjectMetaUpdate(binding.metadata, old.metadata),
  ]
  const { apiGroup = '', kind = '', name = '' } = binding.roleRef
  if (apiGroup === old.roleRef.apiGroup && kind === old.roleRef.kind && name === old.roleRef.name) return errors
  return [...errors, invalid('roleRef', { APIGroup: apiGroup, Kind: kind, Name: name }, 'cannot change roleRef')]
}

function validateSubject(subject: Subject, isNamespaced: boolean, path: string): FieldError[] {
  const { kind = '', apiGroup = '', name = '', namespace = '' } = subject
  const errors: FieldError[] = []
  if (!name) errors.push(required(`${path}.name`))
  switch (kind) {
    case 'ServiceAccount':
      if (name) for (const why of dnsSubdomainErrors(name)) errors.push(invalid(`${path}.name`, name, why))
      if (apiGroup) errors.push(notSupported(`${path}.apiGroup`, apiGroup, ['']))
      if (!isNamespaced && !namespace) errors.push(required(`${path}.namespace`))
      break
    case 'User':
    case 'Group':
      if (apiGroup !== RBAC_GROUP) errors.push(notSupported(`${path}.apiGroup`, apiGroup, [RBAC_GROUP]))
      break
    default:
      errors.push(notSupported(`${path}.kind`, kind, ['ServiceAccount', 'User', 'Group']))
  }
  return errors
}
