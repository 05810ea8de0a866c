/**
 * What a CustomResourceDefinition may say. What all versions say alike is told of as if it stood above them, as the server sees it.
 * Source: k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go and its conversion from v1
 */
import { type FieldError, forbiddenField, invalid, notSupported, required, tooMany } from '../meta/field-error.ts'
import { equalJson } from '../meta/json.ts'
import { dnsLabel1035Errors, dnsSubdomainErrors } from '../meta/names.ts'
import { immutable } from '../meta/object-meta.ts'
import {
  clientConfigErrors,
  hasReadableAuthorities,
  reviewVersionErrors,
  UNREADABLE_AUTHORITIES,
  type WebhookClientConfig,
} from '../meta/webhook-client.ts'
import { schemaAt } from './rules.ts'
import { validateSchema } from './structural.ts'
import {
  type CustomResourceDefinition,
  type DefinitionNames,
  type DefinitionVersion,
  isTrue,
  type JsonSchema,
  type PrinterColumn,
  type ScaleSubresource,
} from './types.ts'

const SCOPES = ['Cluster', 'Namespaced']
const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string']
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']
const MOST_SELECTABLE_FIELDS = 8
const LONGEST_WARNING = 256
const APPROVAL = 'api-approved.kubernetes.io'

/** What is wrong with a new definition, or one that changed, beside its metadata. */
export function validateDefinition(definition: CustomResourceDefinition, old?: CustomResourceDefinition): FieldError[] {
  return [
    ...validateSpec(definition, old),
    ...(old ? specUpdateErrors(definition, old) : []),
    ...namesErrors(definition.status.acceptedNames ?? {}, 'status.acceptedNames'),
    ...storedVersionErrors(definition),
    ...approvalErrors(definition, old),
    ...(definition.spec.preserveUnknownFields && !old?.spec.preserveUnknownFields
      ? [
          invalid(
            'spec.preserveUnknownFields',
            true,
            'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
          ),
        ]
      : []),
  ]
}

/** The name of a definition: that of its resource. */
export const definitionNameErrors = ({ spec }: CustomResourceDefinition, name: string): string[] => [
  ...dnsSubdomainErrors(name),
  ...(name === `${spec.names.plural}.${spec.group}` ? [] : ['must be spec.names.plural+"."+spec.group']),
]

const label = (value: string, path: string, before = ''): FieldError[] => {
  const errors = dnsLabel1035Errors(value)
  return errors.length > 0 ? [invalid(path, value, before + errors.join(','))] : []
}

function groupErrors(group: string): FieldError[] {
  if (group === '') return [required('spec.group')]
  const errors = dnsSubdomainErrors(group)
  if (errors.length > 0) return [invalid('spec.group', group, errors.join(','))]
  return group.includes('.') ? [] : [invalid('spec.group', group, 'should be a domain with at least one dot')]
}

/** A part that each version says alike, and says at all. */
function shared<T>(
  versions: readonly DefinitionVersion[],
  part: (version: DefinitionVersion) => T | undefined,
): T | undefined {
  const [first, ...rest] = versions.map(part)
  return first !== undefined && rest.every((one) => one !== undefined && equalJson(one, first)) ? first : undefined
}

const columnsOf = ({ additionalPrinterColumns: columns }: DefinitionVersion): PrinterColumn[] | undefined =>
  columns?.length ? columns : undefined
const fieldsOf = ({ selectableFields }: DefinitionVersion) => (selectableFields?.length ? selectableFields : undefined)

function validateSpec({ spec }: CustomResourceDefinition, old: CustomResourceDefinition | undefined): FieldError[] {
  const { group, scope, names, versions, conversion } = spec
  const common = {
    schema: shared(versions, ({ schema }) => schema),
    subresources: shared(versions, ({ subresources }) => subresources),
    columns: shared(versions, columnsOf),
    fields: shared(versions, fieldsOf),
  }
  const schemaErrors = (schema: JsonSchema | undefined, path: string, version: string): FieldError[] => {
    if (!schema) return []
    const before = old?.spec.versions.find(({ name }) => name === version)?.schema?.openAPIV3Schema
    return validateSchema(schema, path, equalJson(before, schema))
  }
  const errors: FieldError[] = [...groupErrors(group)]
  if (scope === '') errors.push(required('spec.scope'))
  else if (!SCOPES.includes(scope)) errors.push(notSupported('spec.scope', scope, SCOPES))
  for (const [n, { schema }] of versions.entries())
    if (!schema?.openAPIV3Schema) errors.push(required(`spec.versions[${n}].schema.openAPIV3Schema`))
  for (const [n, version] of versions.entries()) {
    const path = `spec.versions[${n}]`
    errors.push(...label(version.name, `${path}.name`), ...warningErrors(version, path))
    if (!common.schema)
      errors.push(...schemaErrors(version.schema?.openAPIV3Schema, `${path}.schema.openAPIV3Schema`, version.name))
    if (!common.subresources) errors.push(...scaleErrors(version.subresources?.scale, `${path}.subresources`))
    if (!common.columns) errors.push(...columnErrors(columnsOf(version), `${path}.additionalPrinterColumns`))
    if (!common.fields) errors.push(...selectableErrors(version, `${path}.selectableFields`))
  }
  const names1 = versions.map(({ name }) => name)
  const told = shownVersions(versions)
  if (new Set(names1).size < names1.length)
    errors.push(invalid('spec.versions', told, 'must contain unique version names'))
  if (versions.filter(({ storage }) => storage).length !== 1)
    errors.push(invalid('spec.versions', told, 'must have exactly one version marked as storage version'))
  if (versions.length > 0) errors.push(...label(versions[0].name, 'spec.version'))
  for (const name of ['plural', 'singular', 'kind', 'listKind'] as const)
    if (!names[name]) errors.push(required(`spec.names.${name}`))
  errors.push(...namesErrors(names, 'spec.names'))
  if (common.schema)
    errors.push(...schemaErrors(common.schema.openAPIV3Schema, 'spec.validation.openAPIV3Schema', versions[0].name))
  if (common.subresources) errors.push(...scaleErrors(common.subresources.scale, 'spec.subresources'))
  if (common.columns) errors.push(...columnErrors(common.columns, 'spec.additionalPrinterColumns'))
  if (common.fields) errors.push(...selectableErrors(versions[0], 'spec.selectableFields'))
  return [...errors, ...conversionErrors(conversion, old)]
}

/** As the server shows them: what all have in common stands elsewhere. */
const shownVersions = (versions: readonly DefinitionVersion[]) =>
  versions.map(({ name, served, storage, deprecated = false, deprecationWarning }) => ({
    Name: name,
    Served: served,
    Storage: storage,
    Deprecated: deprecated,
    DeprecationWarning: deprecationWarning ?? null,
    Schema: null,
    Subresources: null,
    AdditionalPrinterColumns: null,
    SelectableFields: null,
  }))

function warningErrors({ deprecated, deprecationWarning }: DefinitionVersion, path: string): FieldError[] {
  if (deprecationWarning === undefined) return []
  const fail = (why: string): FieldError => invalid(`${path}.deprecationWarning`, deprecationWarning, why)
  if (!deprecated) return [fail('can only be set for deprecated versions')]
  const at = [...deprecationWarning].findIndex((letter) => /[^\P{C}]/u.test(letter) || /[^\S ]/u.test(letter))
  return [
    ...(deprecationWarning.length > LONGEST_WARNING ? [fail('must be <= 256 characters long')] : []),
    ...(deprecationWarning === '' ? [fail('must not be an empty string')] : []),
    ...(at >= 0
      ? [fail(`must only contain printable UTF-8 characters; non-printable character found at index ${at}`)]
      : []),
  ]
}

function namesErrors(names: DefinitionNames, path: string): FieldError[] {
  const { plural = '', singular = '', kind = '', listKind = '', shortNames = [], categories = [] } = names
  const mixed = 'may have mixed case, but should otherwise match: '
  const cased = (value: string, field: string): FieldError[] => {
    const errors = value === '' ? [] : dnsLabel1035Errors(value.toLowerCase())
    return errors.length > 0 ? [invalid(`${path}.${field}`, value, mixed + errors.join(','))] : []
  }
  return [
    ...(plural ? label(plural, `${path}.plural`) : []),
    ...(singular ? label(singular, `${path}.singular`) : []),
    ...cased(kind, 'kind'),
    ...cased(listKind, 'listKind'),
    ...shortNames.flatMap((name, n) => label(name, `${path}.shortNames[${n}]`)),
    ...(kind && kind === listKind
      ? [invalid(`${path}.listKind`, listKind, 'kind and listKind may not be the same')]
      : []),
    ...categories.flatMap((name, n) => label(name, `${path}.categories[${n}]`)),
  ]
}

function simplePathErrors(path: string, field: string): FieldError[] {
  return path.startsWith('.') ? [] : [invalid(field, path, 'must be a simple json path starting with .')]
}

function columnErrors(columns: readonly PrinterColumn[] = [], path: string): FieldError[] {
  return columns.flatMap(({ name = '', type = '', format = '', jsonPath = '' }, n) => {
    const at = `${path}[${n}]`
    const types = `must be one of ${COLUMN_TYPES.join(',')}`
    return [
      ...(name === '' ? [required(`${at}.name`)] : []),
      ...(type === ''
        ? [required(`${at}.type`, types)]
        : COLUMN_TYPES.includes(type)
          ? []
          : [invalid(`${at}.type`, type, types)]),
      ...(format === '' || COLUMN_FORMATS.includes(format)
        ? []
        : [invalid(`${at}.format`, format, `must be one of ${COLUMN_FORMATS.join(',')}`)]),
      ...(jsonPath === '' ? [required(`${at}.JSONPath`)] : simplePathErrors(jsonPath, `${at}.JSONPath`)),
    ]
  })
}

function scaleErrors(scale: ScaleSubresource | undefined, path: string): FieldError[] {
  if (!scale) return []
  const check = (field: keyof ScaleSubresource, below: readonly string[], where: string): FieldError[] => {
    const value = scale[field] ?? ''
    const at = `${path}.scale.${field}`
    if (value === '') return field === 'labelSelectorPath' ? [] : [required(at)]
    const errors = simplePathErrors(value, at)
    if (errors.length > 0 || below.some((prefix) => value.startsWith(prefix))) return errors
    return [invalid(at, value, `should be a json path under ${where}`)]
  }
  return [
    ...check('specReplicasPath', ['.spec.'], '.spec'),
    ...check('statusReplicasPath', ['.status.'], '.status'),
    ...check('labelSelectorPath', ['.spec.', '.status.'], 'either .spec or .status'),
  ]
}

function selectableErrors({ selectableFields = [], schema }: DefinitionVersion, path: string): FieldError[] {
  const root = schema?.openAPIV3Schema
  if (!root) return []
  const seen = new Set<string>()
  const errors = selectableFields.flatMap(({ jsonPath = '' }, n) => {
    const at = `${path}[${n}].jsonPath`
    if (jsonPath === '') return [required(at)]
    const found = schemaAt(root, jsonPath)
    if (!found) return [invalid(at, jsonPath, 'is an invalid path: does not refer to a valid field')]
    const isTwice = seen.has(jsonPath)
    seen.add(jsonPath)
    return [
      ...(/^\.metadata\b/.test(jsonPath) ? [invalid(at, jsonPath, 'must not point to fields in metadata')] : []),
      ...(['string', 'boolean', 'integer'].includes(found.type ?? '')
        ? []
        : [
            invalid(
              at,
              jsonPath,
              'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
            ),
          ]),
      ...(isTwice
        ? [{ type: 'FieldValueDuplicate' as const, field: at, body: `Duplicate value: ${JSON.stringify(jsonPath)}` }]
        : []),
    ]
  })
  return seen.size > MOST_SELECTABLE_FIELDS ? [...errors, tooMany(path, seen.size, MOST_SELECTABLE_FIELDS)] : errors
}

type Conversion = CustomResourceDefinition['spec']['conversion']

function conversionErrors(conversion: Conversion, old: CustomResourceDefinition | undefined): FieldError[] {
  if (!conversion) return []
  const { strategy = '', webhook } = conversion
  const at = 'spec.conversion'
  const config = webhook?.clientConfig
  const versions = webhook?.conversionReviewVersions ?? []
  const errors: FieldError[] = []
  if (strategy === '') errors.push(required(`${at}.strategy`))
  else if (strategy !== 'None' && strategy !== 'Webhook')
    errors.push(notSupported(`${at}.strategy`, strategy, ['None', 'Webhook']))
  if (strategy !== 'Webhook') {
    const why = 'should not be set when strategy is not set to Webhook'
    if (config) errors.push(forbiddenField(`${at}.webhookClientConfig`, why))
    if (versions.length > 0) errors.push(forbiddenField(`${at}.conversionReviewVersions`, why))
    return errors
  }
  if (!config) errors.push(required(`${at}.webhookClientConfig`, 'required when strategy is set to Webhook'))
  else errors.push(...clientConfigErrors(config, `${at}.webhookClientConfig`), ...authoritiesErrors(config, at, old))
  return [...errors, ...reviewVersionErrors(versions, `${at}.conversionReviewVersions`)]
}

/** Certificates that cannot be read are refused once objects are served, unless they could not be read before. */
function authoritiesErrors(
  config: WebhookClientConfig,
  at: string,
  old: CustomResourceDefinition | undefined,
): FieldError[] {
  if (!old || !isTrue(old, 'Established') || hasReadableAuthorities(config)) return []
  const before = old.spec.conversion?.webhook?.clientConfig
  if (before && !hasReadableAuthorities(before)) return []
  return [invalid(`${at}.webhookClientConfig.caBundle`, config.caBundle, UNREADABLE_AUTHORITIES)]
}

function specUpdateErrors({ spec }: CustomResourceDefinition, old: CustomResourceDefinition): FieldError[] {
  return [
    ...(isTrue(old, 'Established')
      ? [
          ...immutable('spec.scope', spec.scope, old.spec.scope),
          ...immutable('spec.names.kind', spec.names.kind, old.spec.names.kind),
        ]
      : []),
    ...immutable('spec.group', spec.group, old.spec.group),
    ...immutable('spec.names.plural', spec.names.plural, old.spec.names.plural),
  ]
}

function storedVersionErrors({ spec, status: { storedVersions = [] } }: CustomResourceDefinition): FieldError[] {
  const at = 'status.storedVersions'
  if (storedVersions.length === 0) return [invalid(at, null, 'must have at least one stored version')]
  const served = new Set(spec.versions.map(({ name }) => name))
  return [
    ...spec.versions.flatMap(({ name, storage }) =>
      storage && !storedVersions.includes(name)
        ? [invalid(at, storedVersions, `must have the storage version ${name}`)]
        : [],
    ),
    ...storedVersions.flatMap((name, n) =>
      served.has(name)
        ? []
        : [
            invalid(
              `${at}[${n}]`,
              name,
              `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`,
            ),
          ],
    ),
  ]
}

/** Groups of the project itself need its approval. Source: apihelpers.GetAPIApprovalState */
function approvalErrors({ metadata, spec }: CustomResourceDefinition, old?: CustomResourceDefinition): FieldError[] {
  const isProtected = /(^|\.)(k8s\.io|kubernetes\.io)$/.test(spec.group)
  const approval = metadata.annotations?.[APPROVAL] ?? ''
  if (!isProtected || (old && (old.metadata.annotations?.[APPROVAL] ?? '') === approval)) return []
  const at = `metadata.annotations[${APPROVAL}]`
  const see = 'see https://github.com/kubernetes/enhancements/pull/1111'
  if (approval === '') return [required(at, `protected groups must have approval annotation "${APPROVAL}", ${see}`)]
  if (approval.startsWith('unapproved') || URL.canParse(approval)) return []
  return [
    invalid(
      at,
      approval,
      `protected groups must have approval annotation "${APPROVAL}" with either a URL or a reason starting with "unapproved", ${see}`,
    ),
  ]
}
