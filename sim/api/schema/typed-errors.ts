/**
 * What server-side apply finds wrong in a configuration before it looks at the live object: fields that the type does not have, values
 * of another type, items that cannot be told apart.
 * Source: sigs.k8s.io/structured-merge-diff/v6/typed (validate.go, helpers.go), k8s.io/kube-openapi/pkg/schemaconv
 */
import { charge } from '../../engine/work.ts'
import { goSyntax, goText, goTypeName } from '../meta/go-text.ts'
import { isRecord } from '../meta/json.ts'
import { itemElement, printElement } from './field-set.ts'
import { type ApplyRule, type CustomSchema, type Definition, keyDefault, ruleOf } from './list-map-keys.ts'
import { resolveSchema } from './schema.ts'
import type { Schema } from './types.ts'

/** The faults as they are told: one as it is, several one a line. Undefined when there is none. */
export function typedErrors(definition: Definition, object: Record<string, unknown>): string | undefined {
  const errors: string[] = []
  const schema = typeof definition === 'string' ? { $ref: definition } : definition
  // Whatever a custom resource's schema says, it is an object.
  checkMap({ schema, owner: definition }, object, '', errors)
  if (errors.length <= 1) return errors[0]
  return ['errors:', ...errors.map((error) => `  ${error}`)].join('\n')
}

interface Node {
  /** Of the API, or of a custom resource. */
  schema: Schema | CustomSchema
  /** What tells how its members, or those of its items, are owned. */
  owner: Definition | undefined
  /** How the items of a list are owned. */
  rule?: ApplyRule
}

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'

/** Of holding one value against its type. */
const stepsOfValue = 8

function check(node: Node, value: unknown, path: string, errors: string[]): void {
  charge(stepsOfValue)
  if (value === null || value === undefined) return
  const fault = faultOf(node, value)
  if (fault) errors.push(`${path}: ${fault}`)
  else if (Array.isArray(value)) checkList(node, value, path, errors)
  else if (isRecord(value)) checkMap(node, value, path, errors)
}

/** That the value is of another type. */
function faultOf({ schema }: Node, value: unknown): string | undefined {
  switch (typeOf(schema)) {
    case 'map':
      return isRecord(value) ? undefined : `expected map, got &{${goText(value)}}`
    case 'list':
      return Array.isArray(value) ? undefined : `expected list, got &{${goText(value)}}`
    case 'numeric':
      return typeof value === 'number' ? undefined : `expected numeric (int or float), got ${goTypeName(value)}`
    case 'string':
      return typeof value === 'string'
        ? undefined
        : `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got &{${goText(value)}}`
    case 'scalar':
      return typeof value === 'object' ? `expected any scalar, got &{${goText(value)}}` : undefined
    default:
      return undefined
  }
}

const ofExtensions = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.'
/** Types that have none in the API's description, which says that they may be anything. Source: their OpenAPISchemaType */
const untyped = new Set(
  ['JSON', 'JSONSchemaPropsOrArray', 'JSONSchemaPropsOrBool', 'JSONSchemaPropsOrStringArray'].map(
    (name) => `${ofExtensions}${name}`,
  ),
)

type TypeName = 'any' | 'map' | 'list' | 'numeric' | 'string' | 'boolean' | 'scalar'

function typeOf(given: Schema | CustomSchema): TypeName {
  if (untyped.has((given as Schema).$ref ?? '')) return 'any'
  const schema = resolveSchema(given as Schema)
  // What may be a number or a text may as well be anything else as far as this goes.
  if ((schema as CustomSchema)['x-kubernetes-int-or-string']) return 'any'
  if (schema.format === 'quantity' || schema.format === 'int-or-string') return 'any'
  switch (schema.type) {
    case 'integer':
    case 'number':
      return 'numeric'
    case 'boolean':
      return 'boolean'
    case 'string':
      return !schema.format || schema.format === 'byte' ? 'string' : 'scalar'
    case 'array':
      return 'list'
    case 'object':
      return 'map'
    default:
      return 'any'
  }
}

function checkMap(node: Node, map: Record<string, unknown>, path: string, errors: string[]): void {
  const isResource = path === '' || (node.schema as CustomSchema)['x-kubernetes-embedded-resource'] === true
  for (const name of Object.keys(map).sort()) {
    const at = `${path}.${name}`
    const member = memberOf(node, name, isResource)
    if (member === 'unknown') {
      errors.push(`${at}: field not declared in schema`)
      // The other fields of that map are not looked at any more.
      return
    }
    if (member) check(member, map[name], at, errors)
  }
}

/** @returns undefined for what may be anything */
function memberOf({ schema: given, owner }: Node, name: string, isResource: boolean): Node | 'unknown' | undefined {
  if (isResource && (name === 'apiVersion' || name === 'kind')) return { schema: { type: 'string' }, owner: undefined }
  if (isResource && name === 'metadata') return { schema: { $ref: OBJECT_META }, owner: OBJECT_META }
  const schema = resolveSchema(given as Schema) as CustomSchema
  const rule = owner === undefined ? undefined : ruleOf(owner, name)
  const { properties, additionalProperties } = schema
  const declared = properties && Object.hasOwn(properties, name) ? properties[name] : undefined
  const member = declared ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined)
  if (member) return { schema: member, owner: (member as Schema).$ref ?? rule?.definition ?? member, rule: rule?.apply }
  if (!properties && additionalProperties === undefined) return undefined
  return additionalProperties === true || schema['x-kubernetes-preserve-unknown-fields'] ? undefined : 'unknown'
}

function checkList(
  { schema: given, owner, rule }: Node,
  list: readonly unknown[],
  path: string,
  errors: string[],
): void {
  const { items } = resolveSchema(given as Schema)
  if (!items) return
  const node: Node = { schema: items, owner: items.$ref ?? owner }
  const seen = new Set<string>()
  for (const [index, item] of list.entries()) {
    const isKeyed = rule?.type === 'map' || rule?.type === 'set'
    const fault = isKeyed ? unkeyed(rule, item, owner) : undefined
    if (fault) {
      errors.push(`${path}: element ${index}: ${fault}`)
      // What cannot be named cannot be looked into, nor what comes behind it.
      return
    }
    const element = isKeyed ? printElement(itemElement(item, rule, owner)) : `[${index}]`
    if (isKeyed && seen.has(element)) errors.push(`${path}: duplicate entries for key ${element}`)
    seen.add(element)
    check(node, item, path + element, errors)
  }
}

/** Why an item of a list has no name of its own. */
function unkeyed(rule: ApplyRule & { type: 'map' | 'set' }, item: unknown, items: Definition | undefined) {
  if (rule.type === 'set') {
    if (Array.isArray(item)) return 'not supported: associative list with lists as elements'
    if (item === null) return "associative list without keys has an element that's an explicit null"
    return isRecord(item) ? "associative list without keys has an element that's a map type" : undefined
  }
  if (item === null) return 'associative list with keys may not have a null element'
  if (!isRecord(item)) return 'associative list with keys may not have non-map elements'
  if (rule.keys.some((key) => item[key] !== undefined || keyDefault(items, key) !== undefined)) return undefined
  const keys = rule.keys.map((key) => JSON.stringify(key)).join(' ')
  return `associative list with keys has an element that omits all key fields [${keys}] (and doesn't have default values for any key fields)`
}
