/**
 * ValidatingAdmissionPolicy, admissionregistration.k8s.io/v1. Sources: kubernetes/pkg/apis/admissionregistration/validation, pkg/registry/admissionregistration
 */
import type { CelTypes } from '../cel/checker.ts'
import {
  CompileError,
  type CompileOptions,
  compilePolicyExpression,
  InstantiationError,
  type PolicyExpression,
} from '../cel/policy-expression.ts'
import { BOOL, type CelType, DYN, SIMPLE, STRING } from '../cel/types.ts'
import {
  duplicate,
  type FieldError,
  internalFieldError,
  invalid,
  notSupported,
  required,
  tooMany,
} from '../meta/field-error.ts'
import type { Kind } from '../meta/kind.ts'
import { dnsLabel1035Errors, dnsSubdomainErrors, qualifiedNameErrors } from '../meta/names.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import { defaultMatchResources, validateMatchResources } from './match-resources.ts'
import { requestTypes, withVariables } from './policy-types.ts'
import type { PolicyValidation, ValidatingAdmissionPolicy } from './types.ts'

type Spec = ValidatingAdmissionPolicy['spec']

export const FAILURE_POLICIES = ['Fail', 'Ignore']
const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge']
const MOST_CONDITIONS = 64

/** The names that expressions of a policy may use. */
export const policyNames = ({ paramKind }: Pick<Spec, 'paramKind'>): ReadonlySet<string> =>
  new Set([
    ...['object', 'oldObject', 'request', 'namespaceObject', 'authorizer', 'variables'],
    ...(paramKind ? ['params'] : []),
  ])

/** The names but for one: conditions come before the variables, and a message asks nobody. */
export const namesWithout = (names: ReadonlySet<string>, left: 'authorizer' | 'variables'): ReadonlySet<string> =>
  new Set([...names].filter((name) => name !== left))

export const validatingAdmissionPolicies: Kind<ValidatingAdmissionPolicy> = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicy',
  plural: 'validatingadmissionpolicies',
  singular: 'validatingadmissionpolicy',
  shortNames: [],
  categories: ['api-extensions'],
  isNamespaced: false,
  apiVersion: 'admissionregistration.k8s.io/v1',
  schema: 'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicy',
  applyDefaults(policy) {
    policy.spec ??= {}
    policy.spec.failurePolicy ??= 'Fail'
    defaultMatchResources(policy.spec.matchConstraints)
    policy.status ??= {}
  },
  prepareForCreate: (policy) => {
    policy.status = {}
  },
  prepareForUpdate: (policy, old) => {
    policy.status = old.status
  },
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
  validateStatusUpdate: () => [],
  needsResourceVersion: true,
  hasStatus: true,
  generationOf: ({ spec }) => spec,
  columns: [
    nameColumn,
    column('Validations', 'integer', 'How many expressions must be true.', ({ spec }) => spec.validations?.length ?? 0),
    column('ParamKind', 'string', 'What its bindings may give it.', ({ spec: { paramKind } }) =>
      paramKind ? `${paramKind.apiVersion}/${paramKind.kind}` : '<unset>',
    ),
    ageColumn,
  ],
}

function validateSpec({ metadata, spec }: ValidatingAdmissionPolicy): FieldError[] {
  const { matchConstraints, matchConditions = [], variables = [], validations = [], auditAnnotations = [] } = spec
  const names = policyNames(spec)
  const { checkVariable, types } = variableTypes(names)
  const expression =
    (gives: readonly CelType[], known = names): ExpressionCheck =>
    (text, path, missing) =>
      text.trim() === '' ? [required(path, missing)] : compileErrors(text, path, known, { types: types(), gives })
  const nothing = 'validations or auditAnnotations must contain at least one item'
  return [
    ...(FAILURE_POLICIES.includes(spec.failurePolicy ?? '')
      ? []
      : [notSupported('spec.failurePolicy', spec.failurePolicy, FAILURE_POLICIES)]),
    ...validateParamKind(spec),
    ...(matchConstraints
      ? [
          ...validateMatchResources(matchConstraints, 'spec.matchConstraints'),
          ...((matchConstraints.resourceRules ?? []).length > 0
            ? []
            : [required('spec.matchConstraints.resourceRules')]),
        ]
      : [required('spec.matchConstraints')]),
    ...conditionErrors(matchConditions, expression([BOOL], namesWithout(names, 'variables'))),
    ...variableErrors(variables, checkVariable),
    ...(validations.length === 0 && auditAnnotations.length === 0
      ? [required('spec.validations', nothing), required('spec.auditAnnotations', nothing)]
      : []),
    ...validations.flatMap((validation, n) =>
      validateValidation(validation, `spec.validations[${n}]`, expression, names),
    ),
    ...auditAnnotations.flatMap(({ key = '', valueExpression = '' }, n) => {
      const path = `spec.auditAnnotations[${n}]`
      return [
        ...qualifiedNameErrors(`${metadata.name}/${key}`).map((why) =>
          invalid(`${path}.key`, `${metadata.name}/${key}`, why),
        ),
        ...expression([STRING, SIMPLE.null!])(
          valueExpression,
          `${path}.valueExpression`,
          'valueExpression is not specified',
        ),
        ...(auditAnnotations.findIndex((other) => other.key === key) < n ? [duplicate(`${path}.key`, key)] : []),
      ]
    }),
  ]
}

/** What is wrong with an expression at that path. @param missing what is said of an empty one */
export type ExpressionCheck = (text: string, path: string, missing: string) => FieldError[]

export function conditionErrors(
  matchConditions: readonly { name?: string; expression?: string }[],
  expression: ExpressionCheck,
  at = 'spec.matchConditions',
): FieldError[] {
  return [
    ...(matchConditions.length > MOST_CONDITIONS ? [tooMany(at, matchConditions.length, MOST_CONDITIONS)] : []),
    ...matchConditions.flatMap(({ name = '', expression: text = '' }, n) => {
      const path = `${at}[${n}]`
      return [
        ...expression(text, `${path}.expression`, ''),
        ...(name === '' ? [required(`${path}.name`)] : []),
        ...(name === '' ? [] : qualifiedNameErrors(name).map((why) => invalid(`${path}.name`, name, why))),
        ...(name !== '' && matchConditions.findIndex((other) => other.name === name) < n
          ? [duplicate(`${path}.name`, name)]
          : []),
      ]
    }),
  ]
}

export const variableErrors = (
  variables: readonly { name?: string; expression?: string }[],
  expression: VariableCheck,
): FieldError[] =>
  variables.flatMap(({ name = '', expression: text = '' }, n) => {
    const path = `spec.variables[${n}]`
    return [
      ...(name.trim() === '' ? [required(`${path}.name`, 'name is not specified')] : []),
      ...(name.trim() === '' || /^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name)
        ? []
        : [invalid(`${path}.name`, name, 'must be a valid CEL identifier')]),
      ...expression(name, text, `${path}.expression`),
    ]
  })

/** What is wrong with the expression of a variable; its type is known to those that come after it. */
export type VariableCheck = (name: string, text: string, path: string) => FieldError[]

/** @param options how expressions of that policy are compiled */
export function variableTypes(
  names: ReadonlySet<string>,
  options: CompileOptions = {},
): { checkVariable: VariableCheck; types(): CelTypes } {
  const known: Record<string, CelType> = {}
  const types = (): CelTypes => withVariables(requestTypes, { ...known })
  return {
    types,
    checkVariable(name, text, path) {
      // Of one that is wrong nothing more is told.
      const before = types()
      known[name] = DYN
      if (text.trim() === '') return [required(path, 'expression is not specified')]
      return compileErrors(text, path, names, { ...options, types: before }, ({ type }) => {
        known[name] = type
      })
    },
  }
}

export function validateParamKind({ paramKind }: Pick<Spec, 'paramKind'>): FieldError[] {
  if (!paramKind) return []
  return [
    ...validateParamVersion(paramKind.apiVersion ?? '', 'spec.paramKind.apiVersion'),
    ...validateParamKindName(paramKind.kind ?? '', 'spec.paramKind.kind'),
  ]
}

function validateParamVersion(apiVersion: string, at: string): FieldError[] {
  if (!apiVersion) return [required(at)]
  const parts = apiVersion.split('/')
  if (parts.length > 2) return [invalid(at, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)]
  const [version, group] = parts.reverse() as [string, string?]
  const ofGroup = group ? dnsSubdomainErrors(group) : []
  const ofVersion = version ? dnsLabel1035Errors(version) : []
  return [
    ...(ofGroup.length > 0 ? [invalid(at, group, ofGroup.join(','))] : []),
    ...(version ? [] : [invalid(at, apiVersion, 'version must be specified')]),
    ...(ofVersion.length > 0 ? [invalid(at, version, ofVersion.join(','))] : []),
  ]
}

function validateParamKindName(kind: string, at: string): FieldError[] {
  if (!kind) return [required(at)]
  const errors = dnsLabel1035Errors(kind.toLowerCase())
  return errors.length > 0
    ? [invalid(at, kind, `may have mixed case, but should otherwise match: ${errors.join(',')}`)]
    : []
}

function validateValidation(
  { expression = '', message = '', messageExpression = '', reason }: PolicyValidation,
  path: string,
  check: (gives: readonly CelType[], names?: ReadonlySet<string>) => ExpressionCheck,
  names: ReadonlySet<string>,
): FieldError[] {
  const emptyErrors = (text: string, field: string): FieldError[] =>
    text !== '' && text.trim() === '' ? [invalid(`${path}.${field}`, text, 'must be non-empty if specified')] : []
  return [
    ...check([BOOL])(expression, `${path}.expression`, 'expression is not specified'),
    ...emptyErrors(messageExpression, 'messageExpression'),
    ...(messageExpression.trim() === ''
      ? []
      : check([STRING], namesWithout(names, 'authorizer'))(messageExpression, `${path}.messageExpression`, '')),
    ...emptyErrors(message, 'message'),
    ...(/[\n\r]/.test(message.trim()) ? [invalid(`${path}.message`, message, 'must not contain line breaks')] : []),
    ...(reason === undefined || REASONS.includes(reason) ? [] : [notSupported(`${path}.reason`, reason, REASONS)]),
  ]
}

export function compileErrors(
  text: string,
  path: string,
  names: ReadonlySet<string>,
  options?: CompileOptions,
  onCompiled?: (expression: PolicyExpression) => void,
): FieldError[] {
  try {
    const expression = compilePolicyExpression(text, names, options)
    onCompiled?.(expression)
    return []
  } catch (error) {
    if (error instanceof CompileError) return [invalid(path, text, error.message)]
    if (error instanceof InstantiationError) return [internalFieldError(path, error.message)]
    throw error
  }
}
