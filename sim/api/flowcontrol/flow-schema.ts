/** FlowSchema, flowcontrol.apiserver.k8s.io/v1. Sources: kubernetes/pkg/apis/flowcontrol/validation, pkg/registry/flowcontrol/flowschema */
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../meta/field-error.ts'
import { equalJson } from '../meta/json.ts'
import type { Kind } from '../meta/kind.ts'
import { dnsLabelErrors, dnsSubdomainErrors } from '../meta/names.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import { validateConditions } from './conditions.ts'
import { mandatoryFlowSchemas } from './defaults.ts'
import type { FlowPathRule, FlowResourceRule, FlowRule, FlowSchema, FlowSubject } from './types.ts'

const DEFAULT_PRECEDENCE = 1000
const HIGHEST_PRECEDENCE = 10_000
const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch']
const METHODS = ['ByNamespace', 'ByUser']
/** Whether the level that a schema refers to is missing. */
export const DANGLING = 'Dangling'

export const flowSchemas: Kind<FlowSchema> = {
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'FlowSchema',
  plural: 'flowschemas',
  singular: 'flowschema',
  shortNames: [],
  categories: [],
  isNamespaced: false,
  apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
  schema: 'io.k8s.api.flowcontrol.v1.FlowSchema',
  applyDefaults(object) {
    object.spec ??= {} as FlowSchema['spec']
    object.spec.priorityLevelConfiguration ??= { name: '' }
    object.spec.matchingPrecedence ||= DEFAULT_PRECEDENCE
    object.status ??= {}
  },
  prepareForCreate: (object) => {
    object.status = {}
  },
  prepareForUpdate: (object, old) => {
    object.status = old.status
  },
  validate: (object) => [
    ...validateObjectMeta(object.metadata, { isNamespaced: false, nameErrors: dnsSubdomainErrors }),
    ...validateSpec(object),
    ...validateConditions(object.status.conditions),
  ],
  validateUpdate: (object, old) => [
    ...validateObjectMetaUpdate(object.metadata, old.metadata),
    ...validateSpec(object),
    ...validateConditions(object.status.conditions),
  ],
  validateStatusUpdate: (object) => validateConditions(object.status.conditions),
  hasStatus: true,
  generationOf: ({ spec }) => spec,
  compareRows: inOrderOfMatching,
  columns: [
    nameColumn,
    column(
      'PriorityLevel',
      'string',
      'The level that its requests belong to.',
      ({ spec }) => spec.priorityLevelConfiguration.name,
    ),
    column('MatchingPrecedence', 'string', 'The lowest that matches is taken.', ({ spec }) => spec.matchingPrecedence),
    column(
      'DistinguisherMethod',
      'string',
      'What tells flows apart.',
      ({ spec }) => spec.distinguisherMethod?.type ?? '<none>',
    ),
    ageColumn,
    column(
      'MissingPL',
      'string',
      'Whether there is no such level.',
      ({ status }) => status.conditions?.find(({ type }) => type === DANGLING)?.status ?? '?',
    ),
  ],
}

/** In the order in which they are tried. Source: FlowSchemaSequence of k8s.io/apiserver/pkg/util/apihelpers */
export function inOrderOfMatching(a: FlowSchema, b: FlowSchema): number {
  const difference = a.spec.matchingPrecedence - b.spec.matchingPrecedence
  return difference || (a.metadata.name < b.metadata.name ? -1 : 1)
}

function validateSpec({ metadata, spec }: FlowSchema): FieldError[] {
  const errors: FieldError[] = []
  const { matchingPrecedence, distinguisherMethod, priorityLevelConfiguration, rules = [] } = spec
  const path = 'spec.matchingPrecedence'
  if (matchingPrecedence <= 0) errors.push(invalid(path, matchingPrecedence, 'must be a positive value'))
  if (matchingPrecedence > HIGHEST_PRECEDENCE)
    errors.push(invalid(path, matchingPrecedence, `must not be greater than ${HIGHEST_PRECEDENCE}`))
  if (matchingPrecedence === 1 && metadata.name !== 'exempt')
    errors.push(invalid(path, matchingPrecedence, "only the schema named 'exempt' may have matchingPrecedence 1"))
  if (distinguisherMethod && !METHODS.includes(distinguisherMethod.type))
    errors.push(notSupported('spec.distinguisherMethod.type', { Type: distinguisherMethod.type ?? '' }, METHODS))
  const level = priorityLevelConfiguration.name
  if (!level) errors.push(required('spec.priorityLevelConfiguration.name', 'must reference a priority level'))
  else
    for (const why of dnsSubdomainErrors(level))
      errors.push(invalid('spec.priorityLevelConfiguration.name', level, why))
  errors.push(...rules.flatMap((rule, i) => validateRule(rule, `spec.rules[${i}]`)))
  const fixed = mandatoryFlowSchemas[metadata.name]
  if (fixed && !equalJson(spec, fixed))
    errors.push(invalid('spec', spec, `spec of '${metadata.name}' must equal the fixed value`))
  return errors
}

function validateRule({ subjects = [], resourceRules = [], nonResourceRules = [] }: FlowRule, path: string) {
  const errors = subjects.flatMap((subject, i) => validateSubject(subject, `${path}.subjects[${i}]`))
  if (subjects.length === 0) errors.push(required(`${path}.subjects`, 'subjects must contain at least one value'))
  if (resourceRules.length === 0 && nonResourceRules.length === 0)
    errors.push(required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty'))
  return [
    ...errors,
    ...resourceRules.flatMap((rule, i) => validateResourceRule(rule, `${path}.resourceRules[${i}]`)),
    ...nonResourceRules.flatMap((rule, i) => validatePathRule(rule, `${path}.nonResourceRules[${i}]`)),
  ]
}

/** The field of each kind of subject. */
const SUBJECTS = { Group: 'group', ServiceAccount: 'serviceAccount', User: 'user' } as const
/** The order in which what does not belong there is told. */
const FIELDS = ['serviceAccount', 'user', 'group'] as const

function validateSubject(subject: FlowSubject, path: string): FieldError[] {
  const field = SUBJECTS[subject.kind as keyof typeof SUBJECTS]
  if (!field) return [notSupported(`${path}.kind`, subject.kind ?? '', Object.keys(SUBJECTS))]
  const errors: FieldError[] = []
  const named = subject[field]
  if (!named) errors.push(required(`${path}.${field}`, `${field} is required when subject kind is '${subject.kind}'`))
  else if (!named.name) errors.push(required(`${path}.${field}.name`))
  else if (field === 'serviceAccount' && named.name !== '*')
    for (const why of dnsSubdomainErrors(named.name)) errors.push(invalid(`${path}.${field}.name`, named.name, why))
  if (field === 'serviceAccount' && subject.serviceAccount) {
    const { namespace } = subject.serviceAccount
    const at = `${path}.serviceAccount.namespace`
    if (!namespace) errors.push(required(at, 'must specify namespace for service account'))
    else for (const why of dnsLabelErrors(namespace)) errors.push(invalid(at, namespace, why))
  }
  for (const other of FIELDS) {
    const kind = Object.entries(SUBJECTS).find(([, name]) => name === other)?.[0]
    if (other !== field && subject[other])
      errors.push(forbiddenField(`${path}.${other}`, `${other} is forbidden when subject kind is not '${kind}'`))
  }
  return errors
}

/** A list that is not empty, and in which `*` stands alone. */
function validateList(list: readonly string[] = [], path: string, whenEmpty: string, others: string): FieldError[] {
  if (list.length === 0) return [required(path, whenEmpty)]
  if (list.length > 1 && list.includes('*'))
    return [invalid(path, list, `if '*' is present, must not specify other ${others}`)]
  return []
}

function validateVerbs(verbs: readonly string[] | undefined, path: string): FieldError[] {
  const errors = validateList(verbs, path, 'verbs must contain at least one value', 'verbs')
  if (errors.length > 0 || verbs?.includes('*')) return errors
  return verbs?.every((verb) => VERBS.includes(verb)) ? [] : [notSupported(path, verbs, VERBS)]
}

function validateResourceRule(rule: FlowResourceRule, path: string): FieldError[] {
  const { verbs, apiGroups, resources, clusterScope = false, namespaces = [] } = rule
  const errors = [
    ...validateVerbs(verbs, `${path}.verbs`),
    ...validateList(apiGroups, `${path}.apiGroups`, 'resource rules must supply at least one api group', 'api groups'),
    ...validateList(resources, `${path}.resources`, 'resource rules must supply at least one resource', 'resources'),
  ]
  const at = `${path}.namespaces`
  if (namespaces.length === 0 && !clusterScope)
    errors.push(required(at, 'resource rules that are not cluster scoped must supply at least one namespace'))
  else if (namespaces.includes('*')) errors.push(...validateList(namespaces, at, '', 'namespaces'))
  else
    for (const [i, namespace] of namespaces.entries())
      for (const why of dnsLabelErrors(namespace))
        errors.push(
          invalid(`${at}[${i}]`, namespace, `each member of this list must be '*' or a DNS-1123 label; ${why}`),
        )
  return errors
}

function validatePathRule({ verbs, nonResourceURLs }: FlowPathRule, path: string): FieldError[] {
  const at = `${path}.nonResourceURLs`
  const errors = [
    ...validateVerbs(verbs, `${path}.verbs`),
    ...validateList(nonResourceURLs, at, 'nonResourceURLs must contain at least one value', 'non-resource URLs'),
  ]
  if (nonResourceURLs?.includes('*')) return errors
  for (const [i, url] of (nonResourceURLs ?? []).entries()) {
    const why = pathError(url)
    if (why) errors.push(invalid(`${at}[${i}]`, url, why))
  }
  return errors
}

function pathError(path: string): string | undefined {
  if (path === '') return 'must not be empty'
  if (path === '/') return undefined
  if (!path.startsWith('/')) return 'must start with slash'
  if (path.includes(' ')) return 'must not contain white-space'
  if (path.includes('//')) return 'must not contain double slash'
  const stars = path.split('*').length - 1
  if (stars > 1 || (stars === 1 && !path.endsWith('/*'))) return 'wildcard can only do suffix matching'
  return undefined
}
