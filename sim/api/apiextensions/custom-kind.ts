/**
 * The kind that a version of a CustomResourceDefinition defines: an object is what its schema says, and nothing acts on it but who watches it.
 * Source: k8s.io/apiextensions-apiserver/pkg/registry/customresource
 */
import { type FieldError, invalid } from '../meta/field-error.ts'
import { goText, goTypeName } from '../meta/go-text.ts'
import { isRecord, valueAt } from '../meta/json.ts'
import { findValues, JsonPathError, type JsonPathTemplate, parseJsonPath, printJsonPath } from '../meta/json-path.ts'
import type { Column, CustomConversion, Kind } from '../meta/kind.ts'
import { dnsSubdomainErrors } from '../meta/names.ts'
import type { KubeObject } from '../meta/object.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { ageColumn, nameColumn, printAge } from '../meta/table.ts'
import { compareVersions } from './kube-version.ts'
import { listTypeErrors } from './list-types.ts'
import { brokenRules, hasRules } from './rules.ts'
import {
  type CustomResourceDefinition,
  type DefinitionVersion,
  isTrue,
  type JsonSchema,
  type PrinterColumn,
  type ScaleSubresource,
} from './types.ts'
import { validateValue } from './value-validation.ts'
import { fillDefaults } from './values.ts'

type Json = Record<string, unknown>

/** Where a rule cannot be asked since the value is not what it speaks of. */
const BLOCKING = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
])
const NOT_CHECKED =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation'

/** Its schema, with what every object has; anything at all, for a definition of old without one. */
export const schemaOf = ({ schema }: DefinitionVersion): JsonSchema =>
  schema?.openAPIV3Schema ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }

export function customKind(
  definition: CustomResourceDefinition,
  version: DefinitionVersion,
  conversion: CustomConversion | undefined,
): Kind {
  const { spec, status } = definition
  const { group } = spec
  const names = status.acceptedNames ?? {}
  const schema = schemaOf(version)
  const hasStatus = version.subresources?.status !== undefined
  const isNamespaced = spec.scope === 'Namespaced'
  const scale = version.subresources?.scale
  const withIdentity = rootSchema(schema)
  const rules = hasRules(schema)
  const withRules = (errors: FieldError[], ask: () => FieldError[]): FieldError[] => {
    if (!rules) return errors
    const isBlocked = errors.some(({ type }) => BLOCKING.has(type))
    return [...errors, ...(isBlocked ? [invalid('<nil>', null, NOT_CHECKED)] : ask())]
  }
  const check = (object: KubeObject, old?: KubeObject): FieldError[] => {
    const [value, before] = [object, old] as unknown as (Json | undefined)[]
    const errors = [
      ...validateValue(schema, value, { old: before }),
      ...scaleErrors(value!, scale, ['spec', 'status']),
      ...(before && listTypeErrors(schema, before).length > 0 ? [] : listTypeErrors(schema, value!)),
    ]
    return withRules(errors, () => brokenRules(withIdentity, value, before))
  }
  return {
    group,
    version: version.name,
    kind: names.kind ?? '',
    plural: names.plural ?? '',
    singular: names.singular ?? '',
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    isNamespaced,
    apiVersion: `${group}/${version.name}`,
    schema: [...group.split('.').reverse(), version.name, names.kind].join('.'),
    custom: {
      listKind: names.listKind ?? '',
      schema,
      isTerminating: isTrue(definition, 'Terminating'),
      ...(conversion ? { conversion } : {}),
    },
    applyDefaults: (object) => fillDefaults(schema, object),
    prepareForCreate(object) {
      if (hasStatus) delete (object as { status?: unknown }).status
    },
    prepareForUpdate(object, old) {
      if (!hasStatus) return
      const [to, from] = [object, old] as { status?: unknown }[]
      if (from.status === undefined) delete to.status
      else to.status = from.status
    },
    prepareForStatusUpdate(object, old) {
      const { status: told } = object as { status?: unknown }
      for (const key of Object.keys(object)) delete (object as unknown as Json)[key]
      const { status: _, ...rest } = old as KubeObject & { status?: unknown }
      Object.assign(object, rest, { metadata: { ...old.metadata } }, told === undefined ? {} : { status: told })
    },
    validate: (object) => [
      ...validateObjectMeta(object.metadata, { isNamespaced, nameErrors: dnsSubdomainErrors, hasAnyFinalizers: true }),
      ...check(object),
    ],
    validateUpdate: (object, old) => [
      ...validateObjectMetaUpdate(object.metadata, old.metadata, { hasAnyFinalizers: true }),
      ...check(object, old),
    ],
    validateStatusUpdate(object, old) {
      const property = schema.properties?.status
      const [now, before] = [object, old] as { status?: unknown }[]
      if (!property || now.status === undefined) return []
      const errors = [
        ...validateValue(property, now.status, { prefix: 'status', old: before.status }),
        ...scaleErrors(object as unknown as Json, scale, ['status']),
      ]
      return withRules(errors, () => brokenRules(withIdentity, object, old))
    },
    hasStatus,
    generationOf: ({ metadata: _, ...rest }) => rest,
    ...(version.deprecated ? { deprecation: deprecationOf(definition, version) } : {}),
    columns: columnsOf(version.additionalPrinterColumns),
    selectableFields: selectableFields(version),
    ...(scale ? { scale: scaleOf(scale) } : {}),
  }
}

/** With the fields that each object has beside its schema: rules of the whole may speak of them. */
const rootSchema = (schema: JsonSchema): JsonSchema => ({
  ...schema,
  properties: {
    ...schema.properties,
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object', properties: { name: { type: 'string' }, generateName: { type: 'string' } } },
  },
})

/** What every answer about a deprecated version warns of. Source: apiserver/customresource_handler.go */
function deprecationOf(
  { spec, status }: CustomResourceDefinition,
  { name, deprecationWarning }: DefinitionVersion,
): string {
  if (deprecationWarning !== undefined) return deprecationWarning
  const kind = status.acceptedNames?.kind
  const { group, versions } = spec
  const later = versions.filter((one) => one.served && !one.deprecated).map((one) => one.name)
  const preferred = later.toSorted(compareVersions)[0]
  const instead =
    preferred !== undefined && compareVersions(preferred, name) < 0 ? `; use ${group}/${preferred} ${kind}` : ''
  return `${group}/${name} ${kind} is deprecated${instead}`
}

// ---------- tables ----------

const toPath = (text: string): JsonPathTemplate | undefined => {
  try {
    return parseJsonPath(`{${text}}`)
  } catch (error) {
    if (error instanceof JsonPathError) return undefined
    throw error
  }
}

/** The first value at the path; undefined when there is none, or the path cannot be followed. */
function firstAt(path: JsonPathTemplate | undefined, object: unknown): unknown {
  if (!path) return undefined
  try {
    return findValues(path, object)[0]
  } catch (error) {
    if (error instanceof JsonPathError) return undefined
    throw error
  }
}

/** Source: registry/customresource/tableconvertor */
function columnsOf(columns: readonly PrinterColumn[] | undefined): readonly Column<KubeObject>[] {
  if (!columns?.length) return [nameColumn, { ...ageColumn, type: 'date' }]
  return [
    nameColumn,
    ...columns.map(({ name = '', type = 'string', format, description, priority = 0, jsonPath = '' }) => {
      const path = toPath(jsonPath)
      const column: Column<KubeObject> = {
        name,
        type: type as Column<KubeObject>['type'],
        ...(format ? { format } : {}),
        description: description || `Custom resource definition column (in JSONPath format): ${jsonPath}`,
        priority: priority === 0 ? 0 : 1,
        cell: (object, context) => {
          const value = firstAt(path, object)
          return value === undefined || value === null ? null : cellOf(type, value, context)
        },
      }
      return column
    }),
  ]
}

const WHOLE = parseJsonPath('{@}')

function cellOf(type: string, value: unknown, context: { nowEpochMs: number }): string | number | boolean | null {
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null
    case 'number':
      return typeof value === 'number' ? value : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'date':
      if (typeof value !== 'string') return null
      return Number.isNaN(Date.parse(value)) ? '<invalid>' : printAge(value, context)
    default:
      return printJsonPath(WHOLE, value)
  }
}

// ---------- selectable fields, scale ----------

function selectableFields({
  selectableFields: fields = [],
}: DefinitionVersion): (object: KubeObject) => Record<string, string> {
  const paths = fields.flatMap(({ jsonPath }) =>
    jsonPath ? [[jsonPath.replace(/^\./, ''), toPath(jsonPath)] as const] : [],
  )
  return (object) =>
    Object.fromEntries(
      paths.map(([name, path]) => {
        const value = firstAt(path, object)
        return [name, value === undefined || value === null ? '' : String(value)]
      }),
    )
}

const stepsTo = (path = ''): string[] => path.replace(/^\./, '').split('.')

const numberAt = (object: unknown, path: string | undefined): number => {
  const value = valueAt(object, stepsTo(path))
  return typeof value === 'number' ? value : 0
}

function scaleOf({
  specReplicasPath,
  statusReplicasPath,
  labelSelectorPath,
}: ScaleSubresource): NonNullable<Kind['scale']> {
  return {
    replicas: (object) => numberAt(object, specReplicasPath),
    withReplicas: (object, replicas) => withValue(object, stepsTo(specReplicasPath), replicas) as unknown as KubeObject,
    statusReplicas: (object) => numberAt(object, statusReplicasPath),
    selector: (object) => {
      const text = labelSelectorPath ? valueAt(object, stepsTo(labelSelectorPath)) : ''
      return typeof text === 'string' ? text : ''
    },
  }
}

function withValue(value: unknown, [name, ...rest]: readonly string[], to: unknown): Json {
  const members = isRecord(value) ? value : {}
  return { ...members, [name]: rest.length === 0 ? to : withValue(members[name], rest, to) }
}

const MOST_REPLICAS = 2 ** 31 - 1

function scaleErrors(object: Json, scale: ScaleSubresource | undefined, parts: readonly string[]): FieldError[] {
  if (!scale) return []
  const paths = [
    ...(parts.includes('spec') ? [scale.specReplicasPath] : []),
    ...(parts.includes('status') ? [scale.statusReplicasPath] : []),
  ]
  return paths.flatMap((path = '') => {
    const { value, misfitAt = path, wanted = 'int64' } = nested(object, stepsTo(path))
    if (value === undefined) return []
    if (wanted !== 'int64' || typeof value !== 'number' || !Number.isInteger(value)) {
      const why = `${goText(value)} is of the type ${goTypeName(value)}, expected ${wanted}`
      return [invalid(path, 0, `${misfitAt} accessor error: ${why}`)]
    }
    if (value < 0) return [invalid(path, value, 'should be a non-negative integer')]
    return value > MOST_REPLICAS ? [invalid(path, value, `should be less than or equal to ${MOST_REPLICAS}`)] : []
  })
}

/**
 * The value at the end of the path; or the one on the way that has no fields, where it stands, and the type that it would need.
 * Source: k8s.io/apimachinery/pkg/apis/meta/v1/unstructured, NestedFieldNoCopy
 */
function nested(object: Json, steps: readonly string[]): { value: unknown; misfitAt?: string; wanted?: string } {
  let value: unknown = object
  for (const [at, step] of steps.entries()) {
    if (value === undefined || value === null) return { value: undefined }
    if (!isRecord(value))
      return { value, misfitAt: `.${steps.slice(0, at + 1).join('.')}`, wanted: 'map[string]interface{}' }
    value = value[step]
  }
  return { value }
}
