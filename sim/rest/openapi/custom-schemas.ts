/** The schemas of custom resources in an OpenAPI document. Source: k8s.io/apiextensions-apiserver/pkg/controller/openapi/builder */
import { documentedSchema } from '../../api/apiextensions/documented.ts'
import type { JsonSchema } from '../../api/apiextensions/types.ts'
import type { Kind } from '../../api/meta/kind.ts'
import { type Json, type JsonObject, schemaRef } from './schemas.ts'

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1'

/** Of each kind of a definition and of its list, by name. */
export function customSchemas(kinds: readonly Kind[]): Record<string, JsonObject> {
  return Object.fromEntries(
    kinds.flatMap((kind) => {
      const { custom, group, version } = kind
      const { apiVersion, kind: kindField, metadata } = documentedSchema(kind)?.properties ?? {}
      if (!custom) return []
      const of = (name: string): Json => [{ group, kind: name, version }]
      const schema = custom.schema as JsonSchema
      const object: JsonObject = {
        ...(schema as JsonObject),
        properties: {
          ...((schema.properties ?? {}) as JsonObject),
          apiVersion: asJson(apiVersion),
          kind: asJson(kindField),
          metadata: { description: metadata?.description ?? '', allOf: [schemaRef(`${META}.ObjectMeta`)] },
        },
        'x-kubernetes-group-version-kind': of(kind.kind),
      }
      const list: JsonObject = {
        description: `${kind.kind}List is a list of ${kind.kind}`,
        type: 'object',
        required: ['items'],
        properties: {
          apiVersion: asJson(apiVersion),
          items: {
            description: `List of ${kind.plural}. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md`,
            type: 'array',
            items: { allOf: [schemaRef(kind.schema)] },
          },
          kind: asJson(kindField),
          metadata: { allOf: [schemaRef(`${META}.ListMeta`)] },
        },
        'x-kubernetes-group-version-kind': of(custom.listKind),
      }
      return [
        [kind.schema, object],
        [`${kind.schema}List`, list],
      ]
    }),
  )
}

const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value ?? {})) as Json
