/**
 * What a definition's schema may say: that it is structural, and the rules of lists, maps and defaults.
 * Sources: k8s.io/apiextensions-apiserver/pkg/apiserver/schema/{validation.go,defaulting/validation.go},
 * pkg/apis/apiextensions/validation/validation.go (ValidateCustomResourceDefinitionOpenAPISchema)
 */
import { charge } from '../../engine/work.ts'
import { compileGoRegexp } from '../../text/go-regexp.ts'
import { type FieldError, forbiddenField, invalid, messageOf, notSupported, required } from '../meta/field-error.ts'
import { cloneJson, equalJson, isRecord } from '../meta/json.ts'
import { type RuleScope, timesInside, totalCostErrors } from './rule-cost.ts'
import { ruleExpressionErrors, ruleFormErrors } from './rules.ts'
import type { JsonSchema } from './types.ts'
import { validateValue } from './value-validation.ts'
import { prune } from './values.ts'

/** Of one schema of a definition. */
const stepsOfSchema = 20
const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string']

type Level = 'root' | 'item' | 'field'

const EMPTY_TYPE: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
}

/** What of a schema only the structure may hold, and none that stands below allOf, anyOf, oneOf or not. */
const STRUCTURE_ONLY = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
] as const

const UNSUPPORTED = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'] as const

/**
 * What is wrong with the schema of a definition.
 * @param path of it in the messages: `spec.validation.openAPIV3Schema`
 * @param isUnchanged whether it was accepted before as it is: its rules may cost what they cost
 */
export function validateSchema(schema: JsonSchema, path: string, isUnchanged: boolean): FieldError[] {
  const structure = [...invariants(schema, 'root', path), ...completeness(schema, path)].toSorted((a, b) =>
    messageOf(a) < messageOf(b) ? -1 : 1,
  )
  const errors = structure.length > 0 ? structure : validateDefaults(schema, path)
  const nullable = schema.nullable ? [forbiddenField(`${path}.nullable`, 'nullable cannot be true at the root')] : []
  const costs = { total: 0, rules: [], isUnchanged }
  const scope: RuleScope = { times: 1, isResource: true, uncorrelatable: undefined, costs }
  const node = validateNode(schema, path, { isRoot: true, scope: errors.length === 0 ? scope : undefined })
  const found = [...nullable, ...errors, ...node.schema, ...node.rules, ...totalCostErrors(costs, path)]
  const told = new Set<string>()
  return found.filter((error) => !told.has(messageOf(error)) && told.add(messageOf(error)))
}

// ---------- structure ----------

function invariants(schema: JsonSchema, level: Level, path: string): FieldError[] {
  charge(stepsOfSchema)
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true
  const isIntOrString = schema['x-kubernetes-int-or-string'] === true
  const keepsUnknown = schema['x-kubernetes-preserve-unknown-fields'] === true
  const { type = '', properties = {}, items, additionalProperties, pattern } = schema
  const errors: FieldError[] = []
  if (type === 'array' && !items) errors.push(required(`${path}.items`, 'must be specified'))
  if (items) errors.push(...invariants(items, 'item', `${path}.items`))
  for (const [name, property] of Object.entries(properties))
    errors.push(...invariants(property, 'field', `${path}.properties[${name}]`))
  if (additionalProperties !== undefined) {
    if (level === 'root') errors.push(forbiddenField(`${path}.additionalProperties`, 'must not be used at the root'))
    if (isRecord(additionalProperties))
      errors.push(...invariants(additionalProperties as JsonSchema, 'field', `${path}.additionalProperties`))
  }
  if (isIntOrString && keepsUnknown)
    errors.push(
      invalid(
        `${path}.x-kubernetes-preserve-unknown-fields`,
        true,
        'must be false if x-kubernetes-int-or-string is true',
      ),
    )
  if (isIntOrString && isEmbedded)
    errors.push(
      invalid(`${path}.x-kubernetes-embedded-resource`, true, 'must be false if x-kubernetes-int-or-string is true'),
    )
  errors.push(...quantifiers(schema, path))
  if (pattern) errors.push(...patternErrors(pattern, `${path}.pattern`))
  if (isEmbedded && type !== 'object') {
    const why = 'must be object if x-kubernetes-embedded-resource is true'
    errors.push(type === '' ? required(`${path}.type`, why) : invalid(`${path}.type`, type, why))
  } else if (type === '' && !isIntOrString && !keepsUnknown) errors.push(required(`${path}.type`, EMPTY_TYPE[level]))
  if (isEmbedded && additionalProperties !== undefined)
    errors.push(
      forbiddenField(`${path}.additionalProperties`, 'must not be used if x-kubernetes-embedded-resource is set'),
    )
  if (level === 'root' && type !== '' && type !== 'object')
    errors.push(invalid(`${path}.type`, type, 'must be object at the root'))
  if (level === 'root' || isEmbedded) errors.push(...identityErrors(properties, level, path))
  if (isEmbedded && !keepsUnknown && Object.keys(properties).length === 0)
    errors.push(
      required(
        `${path}.properties`,
        'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
      ),
    )
  return errors
}

/** kind, apiVersion and metadata are the server's. */
function identityErrors(properties: Record<string, JsonSchema>, level: Level, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const name of ['kind', 'apiVersion'])
    if (Object.hasOwn(properties, name) && properties[name].type !== 'string')
      errors.push(invalid(`${path}.properties[${name}].type`, properties[name].type ?? '', 'must be string'))
  if (!Object.hasOwn(properties, 'metadata')) return errors
  const { type, properties: fields = {}, default: _, ...rest } = properties.metadata
  const at = `${path}.properties[metadata]`
  if (type !== 'object') errors.push(invalid(`${at}.type`, type ?? '', 'must be object'))
  const says =
    Object.keys(fields).some((name) => name !== 'name' && name !== 'generateName') || Object.keys(rest).length > 0
  if (level === 'root' && says)
    errors.push(
      forbiddenField(
        at,
        'must not specify anything other than name and generateName, but metadata is implicitly specified',
      ),
    )
  return errors
}

const patternErrors = (pattern: string, path: string): FieldError[] => {
  const errors: FieldError[] = []
  class Refused extends Error {}
  try {
    compileGoRegexp(pattern, (why) => {
      errors.push(invalid(path, pattern, `must be a valid regular expression, but isn't: ${why}`))
      throw new Refused()
    })
  } catch (error) {
    if (!(error instanceof Refused)) throw error
  }
  return errors
}

const INT_OR_STRING = [{ type: 'integer' }, { type: 'string' }]

/** The schemas below allOf, anyOf, oneOf and not, which only narrow what the structure says. */
function quantifiers(schema: JsonSchema, path: string): FieldError[] {
  const { allOf = [], anyOf = [], oneOf = [], not } = schema
  const isPair = (list: unknown): boolean => equalJson(list, INT_OR_STRING)
  return [
    ...(isPair(anyOf) ? [] : anyOf.flatMap((one, n) => nested(one, `${path}.anyOf[${n}]`))),
    ...allOf.flatMap((one, n) =>
      nested(n === 0 && isPair(one.anyOf) ? { ...one, anyOf: undefined } : one, `${path}.allOf[${n}]`),
    ),
    ...oneOf.flatMap((one, n) => nested(one, `${path}.oneOf[${n}]`)),
    ...(not ? nested(not, `${path}.not`) : []),
  ]
}

function nested(schema: JsonSchema, path: string): FieldError[] {
  charge(stepsOfSchema)
  const { items, properties = {}, pattern } = schema
  return [
    ...quantifiers(schema, path),
    ...(pattern ? patternErrors(pattern, `${path}.pattern`) : []),
    ...(items ? nested(items, `${path}.items`) : []),
    ...Object.entries(properties).flatMap(([name, one]) => nested(one, `${path}.properties[${name}]`)),
    ...STRUCTURE_ONLY.flatMap(([field, why]) => {
      const value = schema[field]
      const isSet =
        value !== undefined && value !== false && value !== '' && !(Array.isArray(value) && value.length === 0)
      return isSet ? [forbiddenField(`${path}.${field}`, why)] : []
    }),
    ...(Object.hasOwn(properties, 'metadata')
      ? [forbiddenField(`${path}.properties[metadata]`, 'must not be specified in a nested context')]
      : []),
  ]
}

/** What quantifiers speak of stands in the structure as well. Source: apiserver/schema/complete.go */
function completeness(schema: JsonSchema, path: string): FieldError[] {
  const { allOf = [], anyOf = [], oneOf = [], not, properties = {}, items, additionalProperties } = schema
  const narrowing: [JsonSchema, string][] = [
    ...allOf.map((one, n): [JsonSchema, string] => [one, `${path}.allOf[${n}]`]),
    ...anyOf.map((one, n): [JsonSchema, string] => [one, `${path}.anyOf[${n}]`]),
    ...oneOf.map((one, n): [JsonSchema, string] => [one, `${path}.oneOf[${n}]`]),
    ...(not ? [[not, `${path}.not`] as [JsonSchema, string]] : []),
  ]
  return [
    ...narrowing.flatMap(([one]) => covered(one, schema, path)),
    ...Object.entries(properties).flatMap(([name, one]) => completeness(one, `${path}.properties[${name}]`)),
    ...(items ? completeness(items, `${path}.items`) : []),
    ...(isRecord(additionalProperties)
      ? completeness(additionalProperties as JsonSchema, `${path}.additionalProperties`)
      : []),
  ]
}

function covered(narrowing: JsonSchema, schema: JsonSchema | undefined, path: string): FieldError[] {
  charge(stepsOfSchema)
  const { allOf = [], anyOf = [], oneOf = [], not, properties = {}, items } = narrowing
  const below = [...allOf, ...anyOf, ...oneOf, ...(not ? [not] : [])]
  const why = 'because it is defined in'
  return [
    ...below.flatMap((one) => covered(one, schema, path)),
    ...Object.entries(properties).flatMap(([name, one]) => {
      const at = `${path}.properties[${name}]`
      const found = schema?.properties?.[name]
      return found ? covered(one, found, at) : [required(at, `${why} ${at}`)]
    }),
    ...(items
      ? schema?.items
        ? covered(items, schema.items, `${path}.items`)
        : [required(`${path}.items`, `${why} ${path}.items`)]
      : []),
  ]
}

// ---------- defaults ----------

/** A default fits its schema, and holds nothing that would be pruned. */
function validateDefaults(schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = []
  const { default: value, properties = {}, items, additionalProperties } = schema
  if (value !== undefined) {
    const at = `${path}.default`
    const copy = { value: cloneJson(value) }
    const pruned = prune({ type: 'object', properties: { value: schema } }, copy)
    if (pruned.length > 0) errors.push(invalid(at, value, 'must not have unknown fields'))
    for (const { type, field, body } of validateValue(schema, value))
      errors.push({ type, field: field ? `${at}.${field}` : at, body })
  }
  for (const [name, one] of Object.entries(properties))
    errors.push(...validateDefaults(one, `${path}.properties[${name}]`))
  if (items) errors.push(...validateDefaults(items, `${path}.items`))
  if (isRecord(additionalProperties))
    errors.push(...validateDefaults(additionalProperties as JsonSchema, `${path}.additionalProperties`))
  return errors
}

// ---------- each schema ----------

interface Node {
  isRoot?: boolean
  /** Their expressions are compiled only where nothing else is wrong. */
  scope: RuleScope | undefined
}

/** Told apart: what is wrong with a schema, and with the expressions of its rules. */
interface NodeErrors {
  schema: FieldError[]
  rules: FieldError[]
}

function validateNode(schema: JsonSchema, path: string, { isRoot, scope }: Node): NodeErrors {
  charge(stepsOfSchema)
  const { type = '', properties = {}, items, additionalProperties } = schema
  const errors: FieldError[] = []
  const rules: FieldError[] = []
  const check = (one: JsonSchema, at: string, isCorrelatable = true): void => {
    const inside = scope && {
      ...scope,
      times: timesInside(schema, scope.times),
      isResource: one['x-kubernetes-embedded-resource'] === true,
      uncorrelatable: scope.uncorrelatable ?? (isCorrelatable ? undefined : path),
    }
    const found = validateNode(one, at, { scope: inside })
    errors.push(...found.schema)
    rules.push(...found.rules)
  }
  const checkNarrowing = (one: JsonSchema, at: string): void => {
    errors.push(...validateNode(one, at, { scope: undefined }).schema)
  }
  if (type !== '' && !TYPES.includes(type) && type !== 'null') errors.push(notSupported(`${path}.type`, type, TYPES))
  if (type === 'null')
    errors.push(
      notSupported(`${path}.type`, type, TYPES),
      forbiddenField(`${path}.type`, 'type cannot be set to null, use nullable as an alternative'),
    )
  for (const field of UNSUPPORTED) {
    const value = (schema as Record<string, unknown>)[field]
    if (value !== undefined && value !== '')
      errors.push(forbiddenField(`${path}.${field}`, `${field} is not supported`))
  }
  if (Array.isArray(items))
    errors.push(forbiddenField(`${path}.items`, 'items must be a schema object and not an array'))
  if (schema.uniqueItems)
    errors.push(
      forbiddenField(
        `${path}.uniqueItems`,
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ),
    )
  if (additionalProperties !== undefined && Object.keys(properties).length > 0 && additionalProperties !== true)
    errors.push(
      forbiddenField(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'),
    )
  if (isRecord(additionalProperties)) check(additionalProperties as JsonSchema, `${path}.additionalProperties`)
  for (const [name, one] of Object.entries(properties)) {
    check(one, `${path}.properties[${name}]`, schema['x-kubernetes-map-type'] !== 'atomic')
    if (isRoot && ['metadata', 'kind', 'apiVersion'].includes(name) && hasDefault(one))
      errors.push(forbiddenField(`${path}.properties[${name}].default`, `must not be set in top-level ${name}`))
  }
  for (const list of ['allOf', 'anyOf', 'oneOf'] as const)
    for (const [n, one] of (schema[list] ?? []).entries()) checkNarrowing(one, `${path}.${list}[${n}]`)
  if (schema.not) checkNarrowing(schema.not, `${path}.not`)
  if (isRecord(items)) check(items as JsonSchema, `${path}.items`, schema['x-kubernetes-list-type'] === 'map')
  if (schema['x-kubernetes-preserve-unknown-fields'] === false)
    errors.push(invalid(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'))
  errors.push(...mapTypeErrors(schema, path), ...listTypeErrors(schema, path), ...ruleFormErrors(schema, path))
  if (scope && errors.length === 0) rules.push(...ruleExpressionErrors(schema, path, scope))
  return { schema: errors, rules }
}

const hasDefault = ({ default: value, properties = {} }: JsonSchema): boolean =>
  value !== undefined || Object.values(properties).some(hasDefault)

function mapTypeErrors(schema: JsonSchema, path: string): FieldError[] {
  const { type = '', 'x-kubernetes-map-type': mapType } = schema
  if (mapType === undefined) return []
  const why = 'must be object if x-kubernetes-map-type is specified'
  return [
    ...(type === 'object' ? [] : [type === '' ? required(`${path}.type`, why) : invalid(`${path}.type`, type, why)]),
    ...(['atomic', 'granular'].includes(mapType)
      ? []
      : [notSupported(`${path}.x-kubernetes-map-type`, mapType, ['atomic', 'granular'])]),
  ]
}

function listTypeErrors(schema: JsonSchema, path: string): FieldError[] {
  const { type = '', items, 'x-kubernetes-list-type': listType, 'x-kubernetes-list-map-keys': keys = [] } = schema
  const errors: FieldError[] = []
  const at = `${path}.x-kubernetes-list-type`
  if (listType !== undefined && type !== 'array') {
    const why = 'must be array if x-kubernetes-list-type is specified'
    errors.push(type === '' ? required(`${path}.type`, why) : invalid(`${path}.type`, type, why))
  } else if (listType === 'set' && items) {
    const why = 'must be atomic as item of a list with x-kubernetes-list-type=set'
    const { 'x-kubernetes-list-type': inner = 'atomic', 'x-kubernetes-map-type': mapType } = items
    if (items.type === 'array' && inner !== 'atomic')
      errors.push(invalid(`${path}.items.x-kubernetes-list-type`, inner, why))
    if (items.type === 'object' && mapType !== 'atomic')
      errors.push(invalid(`${path}.items.x-kubernetes-map-type`, items['x-kubernetes-list-type'], why))
  }
  if (listType !== undefined && !['atomic', 'set', 'map'].includes(listType))
    errors.push(notSupported(at, listType, ['atomic', 'set', 'map']))
  const keysAlone = 'must be map if x-kubernetes-list-map-keys is non-empty'
  if (keys.length > 0 && listType === undefined) errors.push(required(at, keysAlone))
  else if (keys.length > 0 && listType !== 'map') errors.push(invalid(at, listType, keysAlone))
  if (listType === 'map') errors.push(...keyErrors(keys, items, path))
  if ((listType === 'map' || listType === 'set') && items?.nullable)
    errors.push(
      forbiddenField(`${path}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${listType}`),
    )
  if (listType === 'map' && items) errors.push(...keyPresence(keys, items, path))
  return errors
}

function keyErrors(keys: readonly string[], items: JsonSchema | undefined, path: string): FieldError[] {
  const at = `${path}.x-kubernetes-list-map-keys`
  const errors: FieldError[] = []
  if (keys.length === 0) errors.push(required(at, 'must not be empty if x-kubernetes-list-type is map'))
  if (!items) return [...errors, required(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map')]
  if (items.type !== 'object')
    return [
      ...errors,
      invalid(`${path}.items.type`, items.type ?? '', "must be object if parent array's x-kubernetes-list-type is map"),
    ]
  for (const [n, key] of keys.entries()) {
    const property = items.properties?.[key]
    if (!property) errors.push(invalid(at, keys, 'entries must all be names of item properties'))
    else if (property.type === 'array' || property.type === 'object')
      errors.push(
        invalid(
          `${path}.items.properties[${key}].type`,
          items.type,
          "must be a scalar type if parent array's x-kubernetes-list-type is map",
        ),
      )
    if (keys.indexOf(key) < n) errors.push(invalid(at, keys, 'must not contain duplicate entries'))
  }
  return errors
}

function keyPresence(keys: readonly string[], items: JsonSchema, path: string): FieldError[] {
  return keys.flatMap((key) => {
    const property = items.properties?.[key]
    if (!property) return []
    const at = `${path}.items.properties[${key}]`
    return [
      ...(items.required?.includes(key) || property.default !== undefined
        ? []
        : [
            required(
              `${at}.default`,
              'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
            ),
          ]),
      ...(property.nullable
        ? [forbiddenField(`${at}.nullable`, 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable')]
        : []),
    ]
  })
}
