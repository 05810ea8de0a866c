/** ValidatingAdmissionPolicyBinding, admissionregistration.k8s.io/v1. Source: kubernetes/pkg/apis/admissionregistration/validation */
import { duplicate, type FieldError, forbiddenField, invalid, notSupported, required } from '../meta/field-error.ts'
import type { Kind } from '../meta/kind.ts'
import { printSelector } from '../meta/label-selector.ts'
import { dnsSubdomainErrors, pathSegmentErrors } from '../meta/names.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { validateLabelSelector } from '../meta/selector-validation.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import { defaultMatchResources, validateMatchResources } from './match-resources.ts'
import type { ParamRef, ValidatingAdmissionPolicyBinding } from './types.ts'

const ACTIONS = ['Audit', 'Deny', 'Warn']
const NOT_FOUND_ACTIONS = ['Deny', 'Allow']

export const validatingAdmissionPolicyBindings: Kind<ValidatingAdmissionPolicyBinding> = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  plural: 'validatingadmissionpolicybindings',
  singular: 'validatingadmissionpolicybinding',
  shortNames: [],
  categories: ['api-extensions'],
  isNamespaced: false,
  apiVersion: 'admissionregistration.k8s.io/v1',
  schema: 'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding',
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

export function printParamRef(ref: ParamRef | undefined): string {
  if (ref?.name) return `${ref.namespace || '*'}/${ref.name}`
  return ref?.selector ? printSelector(ref.selector) : '<unset>'
}

function validateSpec({ spec }: ValidatingAdmissionPolicyBinding): FieldError[] {
  const { policyName, paramRef, matchResources, validationActions = [] } = spec
  return [
    ...(policyName
      ? dnsSubdomainErrors(policyName).map((why) => invalid('spec.policyName', policyName, why))
      : [required('spec.policyName')]),
    ...validateParamRef(paramRef),
    ...validateMatchResources(matchResources, 'spec.matchResources'),
    ...validationActions.flatMap((action, n) => [
      ...(ACTIONS.includes(action) ? [] : [notSupported(`spec.validationActions[${n}]`, action, ACTIONS)]),
      ...(validationActions.indexOf(action) < n ? [duplicate(`spec.validationActions[${n}]`, action)] : []),
    ]),
    ...(validationActions.includes('Deny') && validationActions.includes('Warn')
      ? [
          invalid(
            'spec.validationActions',
            validationActions,
            'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
          ),
        ]
      : []),
    ...(validationActions.length === 0
      ? [required('spec.validationActions', 'at least one validation action is required')]
      : []),
  ]
}

export function validateParamRef(ref: ParamRef | undefined): FieldError[] {
  if (!ref) return []
  const both = 'name and selector are mutually exclusive'
  return [
    ...(ref.name ? pathSegmentErrors(ref.name).map((why) => invalid('spec.paramRef.name', ref.name, why)) : []),
    ...(ref.name && ref.selector ? [forbiddenField('spec.paramRef.name', both)] : []),
    ...validateLabelSelector(ref.selector, 'spec.paramRef.selector'),
    ...(ref.name && ref.selector ? [forbiddenField('spec.paramRef.selector', both)] : []),
    ...(!ref.name && !ref.selector ? [required('spec.paramRef', 'one of name or selector must be specified')] : []),
    ...(ref.parameterNotFoundAction
      ? NOT_FOUND_ACTIONS.includes(ref.parameterNotFoundAction)
        ? []
        : [notSupported('spec.paramRef.parameterNotFoundAction', ref.parameterNotFoundAction, NOT_FOUND_ACTIONS)]
      : [required('spec.paramRef.parameterNotFoundAction')]),
  ]
}
