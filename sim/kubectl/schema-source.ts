/** Field descriptions for `explain`, from the schemas of the API. */
import { findDefinition, type Schema } from '../api/schema/schema.ts'
import type { SchemaField, SchemaSource } from './context.ts'

export const schemaSource: SchemaSource = {
  definition(name) {
    const definition = findDefinition(name)
    if (!definition) return undefined
    const required = new Set(definition.required ?? [])
    const fields = Object.entries(definition.properties ?? {}).map(([field, schema]): SchemaField => {
      const holder = schema.items ?? schema.additionalProperties ?? schema
      const target = holder.$ref ? findDefinition(holder.$ref) : undefined
      return {
        name: field,
        type: typeName(schema),
        ...(target?.properties ? { definition: holder.$ref } : {}),
        description: schema.description ?? target?.description ?? '',
        isRequired: required.has(field),
        ...(schema.enum ? { enum: schema.enum } : {}),
      }
    })
    return { description: definition.description ?? '', fields }
  },
}

/** `string`, `PodSpec`, `[]Container`, `map[string]string`: as explain names types. */
function typeName(schema: Schema): string {
  if (schema.items) return `[]${typeName(schema.items)}`
  if (schema.additionalProperties) return `map[string]${typeName(schema.additionalProperties)}`
  if (schema.$ref) {
    const target = findDefinition(schema.$ref)
    return target && !target.properties && target.type
      ? target.type
      : schema.$ref.slice(schema.$ref.lastIndexOf('.') + 1)
  }
  if (schema.format === 'int-or-string') return 'IntOrString'
  return schema.type === 'object' || schema.type === undefined ? 'Object' : schema.type
}
