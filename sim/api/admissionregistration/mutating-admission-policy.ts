/** MutatingAdmissionPolicy, admissionregistration.k8s.io/v1. Source: kubernetes/pkg/apis/admissionregistration/validation */
import type { CompileOptions } from '../cel/policy-expression.ts'
import { BOOL, listType, objectType } from '../cel/types.ts'
import { type FieldError, invalid, notSupported, required } from '../meta/field-error.ts'
import type { Kind } from '../meta/kind.ts'
import { dnsSubdomainErrors } from '../meta/names.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import { defaultMatchResources, validateMatchResources } from './match-resources.ts'
import type { MatchResources, MutatingAdmissionPolicy, Mutation } from './types.ts'
import {
  compileErrors,
  conditionErrors,
  type ExpressionCheck,
  FAILURE_POLICIES,
  namesWithout,
  policyNames,
  validateParamKind,
  variableErrors,
  variableTypes,
} from './validating-admission-policy.ts'

export const REINVOCATION_POLICIES = ['IfNeeded', 'Never']
const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'UPDATE']
const PATCH_TYPES = ['ApplyConfiguration', 'JSONPatch']

/** How an expression is compiled that gives a mutation. */
export const compileMutation = {
  ApplyConfiguration: { makesPatches: true, gives: [objectType('Object')] },
  JSONPatch: { makesPatches: true, gives: [listType(objectType('JSONPatch'))] },
} as const satisfies Record<string, CompileOptions>

export const mutatingAdmissionPolicies: Kind<MutatingAdmissionPolicy> = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingAdmissionPolicy',
  plural: 'mutatingadmissionpolicies',
  singular: 'mutatingadmissionpolicy',
  shortNames: [],
  categories: ['api-extensions'],
  isNamespaced: false,
  apiVersion: 'admissionregistration.k8s.io/v1',
  schema: 'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicy',
  applyDefaults(policy) {
    policy.spec ??= {}
    policy.spec.failurePolicy ??= 'Fail'
    defaultMatchResources(policy.spec.matchConstraints)
  },
  prepareForCreate: () => {},
  prepareForUpdate: () => {},
  validate: (policy) => [
    ...validateObjectMeta(policy.metadata, {
      isNamespaced: false,
      nameErrors: dnsSubdomainErrors,
      hasAnyFinalizers: true,
    }),
    ...validateSpec(policy),
  ],
  validateUpdate: (policy, old) => [
    ...validateObjectMetaUpdate(policy.metadata, old.metadata, { hasAnyFinalizers: true }),
    ...validateSpec(policy),
  ],
  needsResourceVersion: true,
  hasStatus: false,
  generationOf: ({ spec }) => spec,
  columns: [
    nameColumn,
    column('Mutations', 'integer', 'How many changes it makes.', ({ spec }) => spec.mutations?.length ?? 0),
    column('ParamKind', 'string', 'What its bindings may give it.', ({ spec: { paramKind } }) =>
      paramKind ? `${paramKind.apiVersion}/${paramKind.kind}` : '<unset>',
    ),
    ageColumn,
  ],
}

function validateSpec({ spec }: MutatingAdmissionPolicy): FieldError[] {
  const { failurePolicy = '', matchConstraints, matchConditions = [], variables = [], mutations = [] } = spec
  const names = policyNames(spec)
  const { checkVariable, types } = variableTypes(names, { makesPatches: true })
  const check =
    (options: CompileOptions, known = names): ExpressionCheck =>
    (text, path, missing) =>
      text.trim() === ''
        ? [required(path, missing)]
        : compileErrors(text.trim(), path, known, { types: types(), ...options })
  return [
    ...(FAILURE_POLICIES.includes(failurePolicy)
      ? []
      : [notSupported('spec.failurePolicy', failurePolicy, FAILURE_POLICIES)]),
    ...validateParamKind(spec),
    ...(matchConstraints
      ? [
          ...validateMatchResources(matchConstraints, 'spec.matchConstraints'),
          ...(matchConstraints.resourceRules?.length ? [] : [required('spec.matchConstraints.resourceRules')]),
          ...operationErrors(matchConstraints, 'spec.matchConstraints'),
        ]
      : [required('spec.matchConstraints')]),
    ...conditionErrors(matchConditions, check({ gives: [BOOL] }, namesWithout(names, 'variables'))),
    ...variableErrors(variables, checkVariable),
    ...(mutations.length === 0 ? [required('spec.mutations', 'mutations must contain at least one item')] : []),
    ...mutations.flatMap((mutation, n) => mutationErrors(mutation, `spec.mutations[${n}]`, check)),
    ...reinvocationErrors(spec.reinvocationPolicy ?? ''),
  ]
}

function reinvocationErrors(policy: string): FieldError[] {
  if (policy === '') return [required('spec.reinvocationPolicy')]
  return REINVOCATION_POLICIES.includes(policy)
    ? []
    : [notSupported('spec.reinvocationPolicy', policy, REINVOCATION_POLICIES)]
}

/** What is deleted or connected to cannot be changed. */
export const operationErrors = ({ resourceRules = [] }: MatchResources, path: string): FieldError[] =>
  resourceRules.flatMap(({ operations }) =>
    operations
      .filter((operation) => !OPERATIONS.includes(operation))
      .map((operation) => notSupported(`${path}.resourceRules.operations`, operation, OPERATIONS)),
  )

function mutationErrors(
  { patchType = '', applyConfiguration, jsonPatch }: Mutation,
  path: string,
  check: (options: CompileOptions) => ExpressionCheck,
): FieldError[] {
  if (patchType === '') return [required(`${path}.patchType`)]
  if (patchType !== 'JSONPatch' && patchType !== 'ApplyConfiguration')
    return [notSupported(`${path}.patchType`, patchType, PATCH_TYPES)]
  const [field, own, otherField, other] =
    patchType === 'JSONPatch'
      ? (['jsonPatch', jsonPatch, 'applyConfiguration', applyConfiguration] as const)
      : (['applyConfiguration', applyConfiguration, 'jsonPatch', jsonPatch] as const)
  const expression = check(compileMutation[patchType])
  return [
    ...(own
      ? expression(own.expression ?? '', `${path}.${field}.expression`, '')
      : [required(`${path}.${field}`, `must be specified when patchType is ${patchType}`)]),
    ...(other
      ? [invalid(`${path}.${otherField}`, `{${otherField}}`, `must not be specified when patchType is ${patchType}`)]
      : []),
  ]
}
