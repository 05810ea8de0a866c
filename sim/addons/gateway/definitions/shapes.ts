/**
 * Shapes that the schemas of the Gateway API share: names, references, conditions, lists.
 * Source: sigs.k8s.io/gateway-api v1.6.1, config/crd/standard
 */
import type { JsonSchema, ValidationRule } from '../../../api/apiextensions/types.ts'

export const GROUP = 'gateway.networking.k8s.io'

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`
/** Of a name that begins with a domain, such as a controller's. */
const DOMAIN_PATH = `${SUBDOMAIN}\\/[A-Za-z0-9\\/\\-._~%!$&'()*+,;=:]+`
const KIND_PATTERN = '^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$'

/** A rule in CEL and what is said when it is broken. */
export const rule = (text: string, message: string): ValidationRule => ({ message, rule: text })

const withRules = (schema: JsonSchema, rules: readonly ValidationRule[]): JsonSchema =>
  rules.length > 0 ? { ...schema, 'x-kubernetes-validations': [...rules] } : schema

export const object = (
  properties: Record<string, JsonSchema>,
  required: readonly string[] = [],
  ...rules: readonly ValidationRule[]
): JsonSchema =>
  withRules({ type: 'object', properties, ...(required.length > 0 ? { required: [...required] } : {}) }, rules)

export const text = (minLength: number | undefined, maxLength: number, pattern?: string): JsonSchema => ({
  type: 'string',
  ...(minLength === undefined ? {} : { minLength }),
  maxLength,
  ...(pattern === undefined ? {} : { pattern }),
})

export const oneOf = (...values: readonly unknown[]): JsonSchema => ({
  type: typeof values[0] === 'number' ? 'integer' : 'string',
  enum: [...values],
})

export const integer = (minimum?: number, maximum?: number): JsonSchema => ({
  type: 'integer',
  format: 'int32',
  ...(minimum === undefined ? {} : { minimum }),
  ...(maximum === undefined ? {} : { maximum }),
})

export const withDefault = (schema: JsonSchema, value: unknown): JsonSchema => ({ ...schema, default: value })

/** How many entries a list may have. */
export interface ListSize {
  least?: number
  most: number
}

const listOf = (
  items: JsonSchema,
  { least, most }: ListSize,
  extra: JsonSchema,
  rules: readonly ValidationRule[],
): JsonSchema =>
  withRules(
    { type: 'array', items, ...(least === undefined ? {} : { minItems: least }), maxItems: most, ...extra },
    rules,
  )

/** A list that is taken as a whole. */
export const atomicList = (items: JsonSchema, size: ListSize, ...rules: readonly ValidationRule[]): JsonSchema =>
  listOf(items, size, { 'x-kubernetes-list-type': 'atomic' }, rules)

/** A list whose entries are told apart by one of their fields. */
export const keyedList = (
  key: string,
  items: JsonSchema,
  size: ListSize,
  ...rules: readonly ValidationRule[]
): JsonSchema => listOf(items, size, { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [key] }, rules)

export const setOf = (items: JsonSchema, most: number, ...rules: readonly ValidationRule[]): JsonSchema =>
  listOf(items, { most }, { 'x-kubernetes-list-type': 'set' }, rules)

export const objectName = text(1, 253)
export const group = text(undefined, 253, `^$|^${SUBDOMAIN}$`)
export const kind = text(1, 63, KIND_PATTERN)
export const namespace = text(1, 63, `^${LABEL}$`)
/** A section's name, and a host name without a wildcard. */
export const sectionName = text(1, 253, `^${SUBDOMAIN}$`)
export const hostname = text(1, 253, `^(\\*\\.)?${SUBDOMAIN}$`)
export const port = integer(1, 65535)
export const headerName = text(1, 256, "^[A-Za-z0-9!#$%&'*+\\-.^_\\x60|~]+$")
export const controllerName = text(1, 253, `^${DOMAIN_PATH}$`)
export const addressType = withDefault(text(1, 253, `^Hostname|IPAddress|NamedAddress|${DOMAIN_PATH}$`), 'IPAddress')
export const protocol = text(1, 255, `^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$|${SUBDOMAIN}\\/[A-Za-z0-9]+$`)

/** A reference to a Secret or a Service, by default in the namespace of what refers. */
export const referenceFields = (defaultKind: string): Record<string, JsonSchema> => ({
  group: withDefault(group, ''),
  kind: withDefault(kind, defaultKind),
  name: objectName,
  namespace,
})

/** A reference to an object of the same namespace. */
export const localReference = object({ group, kind, name: objectName }, ['group', 'kind', 'name'])

export const labelSelector: JsonSchema = {
  type: 'object',
  properties: {
    matchExpressions: {
      type: 'array',
      items: object(
        {
          key: { type: 'string' },
          operator: { type: 'string' },
          values: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'atomic' },
        },
        ['key', 'operator'],
      ),
      'x-kubernetes-list-type': 'atomic',
    },
    matchLabels: { type: 'object', additionalProperties: { type: 'string' } },
  },
  'x-kubernetes-map-type': 'atomic',
}

/** A host name among the values of an address. */
export const HOSTNAME_TEXT = `^(\\*\\.)?${SUBDOMAIN}$`

const condition = object(
  {
    lastTransitionTime: { type: 'string', format: 'date-time' },
    message: { type: 'string', maxLength: 32768 },
    observedGeneration: { type: 'integer', format: 'int64', minimum: 0 },
    reason: text(1, 1024, '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$'),
    status: oneOf('True', 'False', 'Unknown'),
    type: text(undefined, 316, `^(${SUBDOMAIN}/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$`),
  },
  ['lastTransitionTime', 'message', 'reason', 'status', 'type'],
)

export const conditions = keyedList('type', condition, { most: 8 })
export const someConditions = keyedList('type', condition, { least: 1, most: 8 })

/** What stands in a status until a controller has looked. */
export const pending = (...types: readonly string[]) =>
  types.map((type) => ({
    lastTransitionTime: '1970-01-01T00:00:00Z',
    message: 'Waiting for controller',
    reason: 'Pending',
    status: 'Unknown',
    type,
  }))
