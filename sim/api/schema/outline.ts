/** The schema of a kind with everything that it refers to, for those who write its manifests. */
import { allDefinitions, objectType } from './schema.ts'
import type { Schema } from './types.ts'

export interface SchemaOutline {
  /** The name of the kind's own definition. */
  root: string
  definitions: Record<string, Schema>
}

/** @returns undefined when there is no such kind; status, which nobody writes, is left out */
export function outlineOf(apiVersion: string, kind: string): SchemaOutline | undefined {
  const all = allDefinitions()
  const root = Object.keys(all).find((name) => {
    const type = objectType(all[name]!)
    return type?.apiVersion === apiVersion && type.kind === kind
  })
  if (root === undefined) return undefined
  const { status: _, ...properties } = all[root]!.properties ?? {}
  const definitions: Record<string, Schema> = { [root]: { ...all[root], properties } }
  const waiting: Schema[] = Object.values(properties)
  for (let schema = waiting.pop(); schema; schema = waiting.pop()) {
    if (schema.items) waiting.push(schema.items)
    if (schema.additionalProperties) waiting.push(schema.additionalProperties)
    if (schema.$ref === undefined || schema.$ref in definitions) continue
    const definition = all[schema.$ref]
    if (!definition) continue
    definitions[schema.$ref] = definition
    waiting.push(definition, ...Object.values(definition.properties ?? {}))
  }
  return { root, definitions }
}
