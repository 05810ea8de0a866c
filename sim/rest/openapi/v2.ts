/**
 * The OpenAPI v2 document, in JSON and in protobuf. Clients have left it for v3 except where they check a manifest by themselves:
 * kubectl does so for a `List` and for kinds that cannot be patched, and reads protobuf only.
 * Simplified: it has the definitions, and no paths.
 * Source: google/gnostic/openapiv2/OpenAPIv2.proto, and k8s.io/kubectl/pkg/validation for what reads it.
 */
import type { Json, JsonObject } from './schemas.ts'

/** @param schemas of OpenAPI v3, by name */
export const swaggerDocument = (schemas: Readonly<Record<string, JsonObject>>): JsonObject => ({
  swagger: '2.0',
  info: { title: 'Kubernetes', version: 'unversioned' },
  paths: {},
  definitions: mapValues(schemas, (schema) => swaggerSchema(withoutFields(schema))),
})

/**
 * Of an object that may have any fields none are told: clients would take them for all that there are.
 * Source: k8s.io/apiextensions-apiserver/pkg/controller/openapi/builder buildKubeNative
 */
function withoutFields(schema: JsonObject): JsonObject {
  const kind = schema['x-kubernetes-group-version-kind']
  if (!kind || schema['x-kubernetes-preserve-unknown-fields'] !== true) return schema
  return { type: 'object', 'x-kubernetes-group-version-kind': kind }
}

/** Version 2 reads what stands beside a `$ref`, and knows no choice of types: a number or a text is a text there. */
function swaggerSchema({ allOf, oneOf, ...schema }: JsonObject): JsonObject {
  const { $ref = isList(allOf) ? asObject(allOf[0]).$ref : undefined, items, additionalProperties, properties } = schema
  return {
    ...schema,
    ...(typeof $ref === 'string' ? { $ref: $ref.replace('#/components/schemas/', '#/definitions/') } : {}),
    ...(oneOf ? { type: 'string' } : {}),
    ...(items ? { items: swaggerSchema(asObject(items)) } : {}),
    ...(additionalProperties ? { additionalProperties: swaggerSchema(asObject(additionalProperties)) } : {}),
    ...(properties ? { properties: mapValues(asObject(properties), (value) => swaggerSchema(asObject(value))) } : {}),
  }
}

/** The document as a message `openapi.v2.Document`. */
export function encodeSwagger({ swagger, info, definitions }: JsonObject): Uint8Array {
  const { title, version } = asObject(info)
  return message(
    text(1, swagger),
    nested(2, message(text(1, title), text(2, version))),
    nested(8, message()),
    nested(9, namedSchemas(asObject(definitions))),
  )
}

/** The messages `Definitions` and `Properties`. */
const namedSchemas = (schemas: JsonObject): Uint8Array =>
  message(
    ...Object.entries(schemas).map(([name, schema]) =>
      nested(1, message(text(1, name), nested(2, schemaMessage(asObject(schema))))),
    ),
  )

function schemaMessage(schema: JsonObject): Uint8Array {
  const { required, items, additionalProperties, properties, type } = schema
  const extensions = Object.entries(schema).filter(([key]) => key.startsWith('x-'))
  return message(
    text(1, schema.$ref),
    text(2, schema.format),
    text(4, schema.description),
    schema.default === undefined ? NOTHING : nested(5, anyMessage(schema.default)),
    ...(isList(required) ? required.map((field) => text(19, field)) : []),
    ...(isList(schema.enum) ? schema.enum.map((value) => nested(20, anyMessage(value))) : []),
    additionalProperties ? nested(21, message(nested(1, schemaMessage(asObject(additionalProperties))))) : NOTHING,
    type ? nested(22, message(text(1, type))) : NOTHING,
    items ? nested(23, message(nested(1, schemaMessage(asObject(items))))) : NOTHING,
    properties ? nested(25, namedSchemas(asObject(properties))) : NOTHING,
    ...extensions.map(([name, value]) => nested(31, message(text(1, name), nested(2, anyMessage(value))))),
  )
}

/** Any value, as YAML: JSON is a part of it. */
const anyMessage = (value: Json): Uint8Array => message(text(2, JSON.stringify(value)))

// ---- Protobuf's wire format: https://protobuf.dev/programming-guides/encoding/

const NOTHING = new Uint8Array()
const LENGTH_DELIMITED = 2
const utf8 = new TextEncoder()

function message(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

const nested = (field: number, content: Uint8Array): Uint8Array =>
  message(varint(field * 8 + LENGTH_DELIMITED), varint(content.length), content)

const text = (field: number, value: Json | undefined): Uint8Array =>
  typeof value === 'string' ? nested(field, utf8.encode(value)) : NOTHING

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let left = value
  for (; left >= 0x80; left >>>= 7) bytes.push((left & 0x7f) | 0x80)
  return Uint8Array.from([...bytes, left])
}

// ---- JSON

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)
const asObject = (value: Json | undefined): JsonObject => value as JsonObject

const mapValues = <T extends Json>(object: Readonly<Record<string, T>>, change: (value: T) => JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]))
