/** MutatingAdmissionPolicyBinding, admissionregistration.k8s.io/v1. Source: kubernetes/pkg/apis/admissionregistration/validation */
import { type FieldError, invalid, required } from '../meta/field-error.ts'
import type { Kind } from '../meta/kind.ts'
import { dnsSubdomainErrors } from '../meta/names.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import { defaultMatchResources, validateMatchResources } from './match-resources.ts'
import { operationErrors } from './mutating-admission-policy.ts'
import type { MutatingAdmissionPolicyBinding } from './types.ts'
import { printParamRef, validateParamRef } from './validating-admission-policy-binding.ts'

export const mutatingAdmissionPolicyBindings: Kind<MutatingAdmissionPolicyBinding> = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingAdmissionPolicyBinding',
  plural: 'mutatingadmissionpolicybindings',
  singular: 'mutatingadmissionpolicybinding',
  shortNames: [],
  categories: ['api-extensions'],
  isNamespaced: false,
  apiVersion: 'admissionregistration.k8s.io/v1',
  schema: 'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBinding',
  applyDefaults(binding) {
    binding.spec ??= { policyName: '' }
    defaultMatchResources(binding.spec.matchResources)
  },
  prepareForCreate: () => {},
  prepareForUpdate: () => {},
  validate: (binding) => [
    ...validateObjectMeta(binding.metadata, {
      isNamespaced: false,
      nameErrors: dnsSubdomainErrors,
      hasAnyFinalizers: true,
    }),
    ...validateSpec(binding),
  ],
  validateUpdate: (binding, old) => [
    ...validateObjectMetaUpdate(binding.metadata, old.metadata, { hasAnyFinalizers: true }),
    ...validateSpec(binding),
  ],
  needsResourceVersion: true,
  hasStatus: false,
  generationOf: ({ spec }) => spec,
  columns: [
    nameColumn,
    column('PolicyName', 'string', 'The policy that it binds.', ({ spec }) => spec.policyName),
    column('ParamRef', 'string', 'What it gives the policy.', ({ spec: { paramRef } }) => printParamRef(paramRef)),
    ageColumn,
  ],
}

function validateSpec({ spec }: MutatingAdmissionPolicyBinding): FieldError[] {
  const { policyName, paramRef, matchResources } = spec
  return [
    ...(policyName
      ? dnsSubdomainErrors(policyName).map((why) => invalid('spec.policyName', policyName, why))
      : [required('spec.policyName')]),
    ...validateParamRef(paramRef),
    ...validateMatchResources(matchResources, 'spec.matchResources'),
    ...(matchResources ? operationErrors(matchResources, 'spec.matchResources') : []),
  ]
}
