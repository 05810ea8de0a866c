/** A custom resource's schema as the API documents it. Source: k8s.io/apiextensions-apiserver/pkg/controller/openapi/builder */
import type { Kind } from '../meta/kind.ts'
import { findDefinition } from '../schema/schema.ts'
import type { Schema } from '../schema/types.ts'
import type { JsonSchema } from './types.ts'

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1'
const METADATA =
  "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata"

/** With apiVersion, kind and metadata, in the words of every object; undefined for a kind of the server's own. */
export function documentedSchema({ custom }: Pick<Kind, 'custom'>): Schema | undefined {
  if (!custom) return undefined
  const schema = plain(custom.schema as JsonSchema)
  const { apiVersion, kind } = findDefinition(`${META}.DeleteOptions`)?.properties ?? {}
  return {
    ...schema,
    properties: {
      ...schema.properties,
      apiVersion,
      kind,
      metadata: { description: METADATA, $ref: `${META}.ObjectMeta` },
    },
  }
}

function plain(schema: JsonSchema): Schema {
  const { description, type, format, enum: values, items, properties, additionalProperties, required } = schema
  return {
    ...(description ? { description } : {}),
    ...(type ? { type: type as Schema['type'] } : {}),
    ...(format ? { format } : {}),
    ...(values ? { enum: values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))) } : {}),
    ...(items ? { items: plain(items) } : {}),
    ...(typeof additionalProperties === 'object' ? { additionalProperties: plain(additionalProperties) } : {}),
    ...(properties
      ? { properties: Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, plain(one)])) }
      : {}),
    ...(required ? { required } : {}),
  }
}
