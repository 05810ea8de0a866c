/**
 * The types of the objects of a kind, as its OpenAPI schema tells them to CEL. What can be a number or a text of several forms (an
 * IntOrString) may be anything; quantities have no type at all, and so do not exist. Source: k8s.io/apiserver/pkg/cel/common/schemas.go
 */
import { celTypeOf, declaredType } from '../../api/apiextensions/declared-type.ts'
import type { JsonSchema } from '../../api/apiextensions/types.ts'
import { BOOL, type CelType, DYN, INT, listType, mapType, objectType, SIMPLE, STRING } from '../../api/cel/types.ts'
import type { Kind } from '../../api/meta/kind.ts'
import { findDefinition } from '../../api/schema/schema.ts'
import type { Schema } from '../../api/schema/types.ts'

/** @param name of the type: the parts are named after it */
export function objectTypeOf({ custom, schema }: Kind, name: string): CelType {
  if (!custom) return typeOf({ $ref: schema }, name, []) ?? DYN
  const declared = declaredType(custom.schema as JsonSchema, true)
  return declared ? celTypeOf(declared, name) : DYN
}

const TEXTS: Readonly<Record<string, CelType | undefined>> = {
  byte: SIMPLE.bytes,
  'date-time': SIMPLE.timestamp,
  'int-or-string': DYN,
}

/** @param within the definitions that it lies in: one that holds itself may be anything there */
function typeOf(schema: Schema, name: string, within: readonly string[]): CelType | undefined {
  const { $ref, type, format = '', items, additionalProperties, properties } = schema
  if ($ref) {
    const found = findDefinition($ref)
    if (!found || within.includes($ref)) return DYN
    return typeOf(found, name, [...within, $ref])
  }
  if (format === 'quantity') return undefined
  if (Object.hasOwn(TEXTS, format)) return TEXTS[format]
  if (type === 'boolean') return BOOL
  if (type === 'integer') return INT
  if (type === 'number') return SIMPLE.double
  if (type === 'string') return STRING
  if (type === 'array') {
    const item = items && typeOf(items, `${name}.@idx`, within)
    return item && listType(item)
  }
  if (additionalProperties && !properties) {
    const value = typeOf(additionalProperties, `${name}.@elem`, within)
    return value && mapType(STRING, value)
  }
  const fields = Object.entries(properties ?? {}).flatMap(([field, one]) => {
    const found = typeOf(one, `${name}.${field}`, within)
    return found ? [[field, found] as const] : []
  })
  return objectType(name, Object.fromEntries(fields))
}
