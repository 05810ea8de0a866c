/**
 * The type that the rules of a schema see, with the largest size that its limits, or else those of a request, allow.
 * Source: k8s.io/apiserver/pkg/cel/common/schemas.go
 */
import type { DeclaredType, ValueKind } from '../cel/cost.ts'
import { type CelType, DYN, listType, mapType, objectType as namedObject, SIMPLE, STRING } from '../cel/types.ts'
import { isRecord } from '../meta/json.ts'
import type { JsonSchema } from './types.ts'

/** Source: celconfig.MaxRequestSizeBytes */
export const LARGEST_REQUEST_BYTES = 3 * 1024 * 1024
const LONGEST_TEXT = LARGEST_REQUEST_BYTES - 2
const MOST_BYTES_OF_LETTER = 4

const simple = (kind: ValueKind, leastBytes: number, mostElements = 0): DeclaredType => ({
  kind,
  leastBytes,
  mostElements,
})

const FORMATS: Readonly<Record<string, DeclaredType>> = {
  duration: simple('duration', 3, 32),
  date: simple('timestamp', 12, 12),
  'date-time': simple('timestamp', 21, 32),
}

const IDENTITY: Readonly<Record<string, JsonSchema>> = {
  kind: { type: 'string' },
  apiVersion: { type: 'string' },
  metadata: { type: 'object', properties: { name: { type: 'string' }, generateName: { type: 'string' } } },
}

/**
 * @param isResource whether it is the root of an object, which has apiVersion, kind and metadata
 * @returns undefined for what rules cannot see
 */
export function declaredType(schema: JsonSchema, isResource: boolean): DeclaredType | undefined {
  const { type, items, additionalProperties, maxItems, maxProperties, maxLength } = schema
  const longest = maxLength === undefined ? undefined : atLeast0(maxLength)
  if (schema['x-kubernetes-int-or-string'])
    return simple('dyn', 1, longest === undefined ? LONGEST_TEXT : longest * MOST_BYTES_OF_LETTER)
  const inner = (one: JsonSchema) => declaredType(one, one['x-kubernetes-embedded-resource'] === true)
  switch (type) {
    case 'array': {
      const element = items && inner(items)
      if (!element) return undefined
      const most = Math.floor((LARGEST_REQUEST_BYTES - 2) / (element.leastBytes + 1))
      return { kind: 'list', element, leastBytes: 2, mostElements: maxItems === undefined ? most : atLeast0(maxItems) }
    }
    case 'object': {
      if (!isResource && isRecord(additionalProperties)) {
        const element = inner(additionalProperties as JsonSchema)
        if (!element) return undefined
        // A key of nothing, with its quotes, the colon and the comma.
        const most = Math.floor((LARGEST_REQUEST_BYTES - 2) / (element.leastBytes + 6))
        return {
          kind: 'map',
          element,
          leastBytes: 2,
          mostElements: maxProperties === undefined ? most : atLeast0(maxProperties),
        }
      }
      return objectType(isResource ? { ...schema, properties: { ...schema.properties, ...IDENTITY } } : schema, inner)
    }
    case 'string':
      return textType(schema, longest)
    case 'boolean':
      return simple('bool', 4)
    case 'number':
      return simple('double', 1)
    case 'integer':
      return simple('int', 1)
    default:
      return undefined
  }
}

/**
 * The same for the checker of types.
 * @param name of an object; what lies in it is named after it. Source: DeclType.MaybeAssignTypeName
 */
export function celTypeOf({ kind, element, fields }: DeclaredType, name: string): CelType {
  switch (kind) {
    case 'list':
      return listType(element ? celTypeOf(element, `${name}.@idx`) : DYN)
    case 'map':
      return mapType(STRING, element ? celTypeOf(element, `${name}.@elem`) : DYN)
    case 'object':
      return {
        ...namedObject(name),
        fields: new Map([...(fields ?? [])].map(([field, type]) => [field, celTypeOf(type, `${name}.${field}`)])),
      }
    default:
      return SIMPLE[kind] ?? DYN
  }
}

const atLeast0 = (value: number): number => Math.max(value, 0)

function objectType(
  { properties = {}, required = [] }: JsonSchema,
  inner: (one: JsonSchema) => DeclaredType | undefined,
): DeclaredType {
  const fields = new Map<string, DeclaredType>()
  let leastBytes = 2
  for (const [name, property] of Object.entries(properties)) {
    const found = inner(property)
    if (!found) continue
    fields.set(name, found)
    if (required.includes(name) && property.default === undefined) leastBytes += name.length + found.leastBytes + 4
  }
  return { kind: 'object', fields, leastBytes, mostElements: 0 }
}

function textType({ format = '', enum: values = [] }: JsonSchema, longest: number | undefined): DeclaredType {
  if (Object.hasOwn(FORMATS, format)) return FORMATS[format]
  if (format === 'byte') return simple('bytes', 2, longest ?? LONGEST_TEXT)
  if (longest !== undefined) return simple('string', 2, longest * MOST_BYTES_OF_LETTER)
  if (values.length === 0) return simple('string', 2, LONGEST_TEXT)
  return simple('string', 2, Math.max(...values.map((value) => (typeof value === 'string' ? value.length : 0))))
}
