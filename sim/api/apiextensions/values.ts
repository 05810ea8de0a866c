/**
 * What a structural schema does to a value: fields that it does not name are pruned, defaults are filled in.
 * Source: k8s.io/apiextensions-apiserver/pkg/apiserver/schema/{pruning,defaulting}/algorithm.go
 */
import { charge } from '../../engine/work.ts'
import { cloneJson, isRecord } from '../meta/json.ts'
import type { JsonSchema } from './types.ts'

/** Of one value. */
const stepsOfValue = 6

/** What every object has of its own, whatever its schema says. */
const ROOT_FIELDS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata'])

const inner = (schema: JsonSchema, field: string): JsonSchema | undefined => {
  if (schema.properties && Object.hasOwn(schema.properties, field)) return schema.properties[field]
  return isRecord(schema.additionalProperties) ? schema.additionalProperties : undefined
}

/**
 * Takes out of the object what its schema does not name.
 * @param object is changed
 * @returns the paths of what was taken out, sorted: `spec.nested.zz`
 */
export function prune(schema: JsonSchema, object: Record<string, unknown>): string[] {
  const pruned: string[] = []
  pruneMap(schema, object, '', true, pruned)
  return pruned.sort()
}

function pruneMap(
  schema: JsonSchema,
  map: Record<string, unknown>,
  path: string,
  isResource: boolean,
  pruned: string[],
): void {
  charge(stepsOfValue)
  const keepsUnknown = schema['x-kubernetes-preserve-unknown-fields'] === true
  for (const [field, value] of Object.entries(map)) {
    if (isResource && ROOT_FIELDS.has(field)) continue
    const at = path ? `${path}.${field}` : field
    const found = inner(schema, field)
    if (found) pruneValue(found, value, at, pruned)
    else if (!keepsUnknown && schema.additionalProperties !== true) {
      delete map[field]
      pruned.push(at)
    }
  }
}

/** @param schema undefined for a value of which nothing is said: none of its fields is known */
function pruneValue(schema: JsonSchema | undefined, value: unknown, path: string, pruned: string[]): void {
  if (Array.isArray(value)) {
    const items = schema?.items
    if (!items && schema?.['x-kubernetes-preserve-unknown-fields']) return
    for (const [index, item] of value.entries()) pruneValue(items, item, `${path}[${index}]`, pruned)
  } else if (isRecord(value))
    pruneMap(schema ?? {}, value, path, schema?.['x-kubernetes-embedded-resource'] === true, pruned)
}

const isForbiddenNull = (value: unknown, schema: JsonSchema): boolean => value === null && schema.nullable !== true

/**
 * Fills in defaults. A null is as good as nothing where there is a default, or where the schema does not allow it.
 * @param value is changed
 */
export function fillDefaults(schema: JsonSchema, value: unknown): void {
  charge(stepsOfValue)
  if (Array.isArray(value)) {
    const { items } = schema
    if (!items) return
    for (const [index, item] of value.entries()) {
      if (isForbiddenNull(item, items) && items.default !== undefined) value[index] = cloneJson(items.default)
      fillDefaults(items, value[index])
    }
    return
  }
  if (!isRecord(value)) return
  for (const [field, property] of Object.entries(schema.properties ?? {})) {
    const isNothing = !Object.hasOwn(value, field) || value[field] === null
    if (!isNothing) continue
    // A cluster of v1.36.2 fills in the default for a null also where the schema allows null.
    if (property.default !== undefined) value[field] = cloneJson(property.default)
    else if (property.nullable !== true) delete value[field]
  }
  for (const field of Object.keys(value)) {
    const found = inner(schema, field)
    if (!found) continue
    if (isForbiddenNull(value[field], found)) {
      if (found.default === undefined) {
        delete value[field]
        continue
      }
      value[field] = cloneJson(found.default)
    }
    fillDefaults(found, value[field])
  }
}
