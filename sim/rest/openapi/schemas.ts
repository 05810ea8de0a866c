/**
 * The schemas of an OpenAPI document: the definitions that its paths name, and all that these refer to, in OpenAPI's own form.
 * Source: kubernetes/api/openapi-spec/v3, and k8s.io/kube-openapi/pkg/generators for what has a default.
 */
import { findMergeRule, isAtomicStruct, KEY_DEFAULTS, type MergeRule } from '../../api/schema/list-map-keys.ts'
import { type Field, findMessage, getMessage, type Message } from '../../api/schema/messages.ts'
import { findDefinition, findDocumented, objectType } from '../../api/schema/schema.ts'
import type { Schema } from '../../api/schema/types.ts'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1'

/** Where a definition stands in its document. */
export const schemaRef = (definition: string): { $ref: string } => ({ $ref: `#/components/schemas/${definition}` })

/** Types of their own that JSON writes as one of two. */
const CHOICES: Readonly<Record<string, JsonObject>> = {
  quantity: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  'int-or-string': { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
}

/** Whether the definition stands for a text or a number, and not for a struct. */
const isPlain = (definition: string): boolean => findDefinition(definition)?.type === 'string'

/** Kinds of the API machinery, which every group speaks: they are read in the words of each. */
const COMMON_KINDS = ['DeleteOptions', 'WatchEvent']
const CORE_KINDS = ['APIGroup', 'APIGroupList', 'APIResourceList', 'APIVersions', 'Status']

interface VersionName {
  group: string
  version: string
}

/**
 * @param roots the definitions that the paths name
 * @param versions the group versions whose document it is
 */
export function componentSchemas(
  roots: Iterable<string>,
  versions: readonly VersionName[],
): Record<string, JsonObject> {
  const names = closure(roots)
  const keyDefaults = defaultsOfKeys(names)
  return Object.fromEntries([...names].sort().map((name) => [name, definitionSchema(name, keyDefaults, versions)]))
}

function closure(roots: Iterable<string>): Set<string> {
  const names = new Set<string>()
  const left = [...roots]
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    if (names.has(name)) continue
    names.add(name)
    const definition = findDefinition(name)
    if (!definition) throw new Error(`OpenAPI: there is no definition ${name}`)
    for (const property of Object.values(definition.properties ?? {})) left.push(...refsOf(property))
  }
  return names
}

function refsOf(schema: Schema): string[] {
  const inner = schema.items ?? schema.additionalProperties
  return schema.$ref ? [schema.$ref] : inner ? refsOf(inner) : []
}

/** The keys of list items that may be left out, by definition and field: `io.k8s.api.core.v1.ServicePort.protocol`. */
function defaultsOfKeys(names: ReadonlySet<string>): Map<string, Json> {
  const found = new Map<string, Json>()
  for (const name of names) {
    for (const field of Object.keys(findDefinition(name)?.properties ?? {})) {
      const rule = findMergeRule(name, field)
      if (rule?.apply.type !== 'map' || !rule.definition) continue
      for (const key of rule.apply.keys)
        if (Object.hasOwn(KEY_DEFAULTS, key)) found.set(`${rule.definition}.${key}`, KEY_DEFAULTS[key])
    }
  }
  return found
}

function definitionSchema(
  name: string,
  keyDefaults: ReadonlyMap<string, Json>,
  versions: readonly VersionName[],
): JsonObject {
  const { description, type, format, properties, required } = findDocumented(name)!
  if (format && CHOICES[format]) return { ...CHOICES[format], ...(description ? { description } : {}) }
  const kinds = groupVersionKinds(name, versions)
  const fields = Object.entries(properties ?? {}).map(([field, schema]) => [
    field,
    fieldSchema(name, field, schema, {
      isRequired: required?.includes(field) ?? false,
      keyDefault: keyDefaults.get(`${name}.${field}`),
    }),
  ])
  return {
    ...(description ? { description } : {}),
    ...(fields.length > 0 ? { properties: Object.fromEntries(fields) } : {}),
    ...(required ? { required } : {}),
    ...(format ? { format } : {}),
    type: type ?? 'object',
    ...(kinds.length > 0 ? { 'x-kubernetes-group-version-kind': kinds } : {}),
    ...(isAtomicStruct(name) ? { 'x-kubernetes-map-type': 'atomic' } : {}),
  }
}

/** The kinds that a definition is the schema of. */
function groupVersionKinds(name: string, versions: readonly VersionName[]): JsonObject[] {
  const own = objectType(findDefinition(name)!)
  if (own) {
    const [version, group = ''] = own.apiVersion.split('/').reverse()
    return [{ group, kind: own.kind, version }]
  }
  const common = name.startsWith(`${META}.`) ? name.slice(META.length + 1) : ''
  const core = { group: '', kind: common, version: 'v1' }
  if (CORE_KINDS.includes(common)) return [core]
  if (!COMMON_KINDS.includes(common)) return []
  const others = versions.filter(({ group }) => group !== '')
  return [core, ...others.map(({ group, version }) => ({ group, kind: common, version }))]
}

function fieldSchema(
  owner: string,
  field: string,
  schema: Schema,
  { isRequired, keyDefault }: { isRequired: boolean; keyDefault: Json | undefined },
): JsonObject {
  const preset = keyDefault ?? fieldDefault(owner, field, schema, isRequired)
  const isListOfObjects = field === 'items' && owner.endsWith('List')
  return {
    ...valueSchema(schema, preset),
    ...extensions(schema, findMergeRule(owner, field)!, isListOfObjects),
  }
}

/**
 * The zero of what Go holds as a value: a struct, or a scalar that is written even then. What has
 * no message in the protobuf table (lists, answers of the API machinery, add-ons) has such for metadata and required fields.
 */
function fieldDefault(owner: string, field: string, schema: Schema, isRequired: boolean): Json | undefined {
  const message = findMessage(owner.replace(/^io\.k8s\.(api|apimachinery\.pkg\.apis)\./, ''))
  const inGo = message && fieldOf(message, field)
  if (!inGo) return isRequired || field === 'metadata' ? zeroOf(schema) : undefined
  return inGo.shape === 'one' && (inGo.isAlways || inGo.type.is === 'message') ? zeroOf(schema) : undefined
}

function fieldOf(message: Message, name: string): Field | undefined {
  for (const field of message.fields) {
    if (!field.isInline && field.name === name) return field
    const inner = field.isInline && field.type.is === 'message' && fieldOf(getMessage(field.type.message), name)
    if (inner) return inner
  }
  return undefined
}

/** Undefined where there is none to write: lists, maps, bytes. */
function zeroOf({ type, format, $ref }: Schema): Json | undefined {
  if ($ref) return isPlain($ref) ? undefined : {}
  if (format === 'byte') return undefined
  if (type === 'string') return ''
  if (type === 'integer' || type === 'number') return 0
  return type === 'boolean' ? false : undefined
}

function valueSchema(schema: Schema, preset: Json | undefined): JsonObject {
  const { description, type, format, items, additionalProperties, $ref } = schema
  const words = {
    ...(preset === undefined ? {} : { default: preset }),
    ...(description ? { description } : {}),
  }
  // What stands beside a $ref is not read, so that it has to be wrapped.
  if ($ref) return Object.keys(words).length > 0 ? { allOf: [schemaRef($ref)], ...words } : schemaRef($ref)
  return {
    ...words,
    ...(items ? { items: valueSchema(items, zeroOf(items)) } : {}),
    ...(additionalProperties
      ? { additionalProperties: valueSchema(additionalProperties, zeroOf(additionalProperties)) }
      : {}),
    ...(schema.enum ? { enum: schema.enum } : {}),
    ...(format ? { format } : {}),
    ...(type ? { type } : {}),
  }
}

/** How the field is patched and applied. */
function extensions(schema: Schema, { apply, patch }: MergeRule, isListOfObjects: boolean): JsonObject {
  const isList = schema.items !== undefined
  const strategies = [
    ...(isList && patch.strategy === 'merge' ? ['merge'] : []),
    ...(!isList && patch.strategy === 'replace' ? ['replace'] : []),
    ...(patch.retainKeys ? ['retainKeys'] : []),
  ]
  return {
    ...(isList && apply.type === 'map' ? { 'x-kubernetes-list-map-keys': apply.keys } : {}),
    ...(isList && apply.type !== 'granular' && !isListOfObjects ? { 'x-kubernetes-list-type': apply.type } : {}),
    ...(schema.additionalProperties && apply.type === 'atomic' ? { 'x-kubernetes-map-type': 'atomic' } : {}),
    ...(patch.mergeKey ? { 'x-kubernetes-patch-merge-key': patch.mergeKey } : {}),
    ...(strategies.length > 0 ? { 'x-kubernetes-patch-strategy': strategies.join(',') } : {}),
  }
}
