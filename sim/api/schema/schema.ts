/** The schemas of the API: looking them up, and checking an object's fields against them as the server's decoder does. */

import { charge } from '../../engine/work.ts'
import { cannotUnmarshal, jsonKind } from '../../text/go-json-errors.ts'
import { decodeBase64 } from '../meta/base64.ts'
import { RFC3339, RFC3339_MICRO, rfc3339Problem } from '../meta/go-time.ts'
import type { ResourceNames } from '../meta/kind.ts'
import { quantityError } from '../meta/quantity.ts'
import { badRequest, type StatusError } from '../meta/status-error.ts'
import generated from './definitions.generated.js'
import { goScalarType } from './go-types.ts'
import { findMessage, objectMessage } from './messages.ts'
import { metricsDefinitions } from './metrics-definitions.ts'
import type { Schema } from './types.ts'

const definitions: Readonly<Record<string, Schema>> = { ...generated, ...metricsDefinitions }

/** Every definition by its full name. */
export const allDefinitions = (): Readonly<Record<string, Schema>> => definitions

/** @param name `io.k8s.api.core.v1.Pod` */
export const findDefinition = (name: string): Schema | undefined =>
  Object.hasOwn(definitions, name) ? definitions[name] : undefined

/**
 * The definition as the API documents it: the table narrows `apiVersion` and `kind` of an object to its own values, where the API
 * takes them for any text.
 */
export function findDocumented(name: string): Schema | undefined {
  const definition = findDefinition(name)
  if (!definition || !objectType(definition)) return definition
  const { apiVersion, kind } = findDefinition('io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions')?.properties ?? {}
  return { ...definition, properties: { ...definition.properties, apiVersion, kind } }
}

/** What an object of the definition says of itself; undefined for a definition that is a part of others. */
export function objectType({ properties }: Schema): { apiVersion: string; kind: string } | undefined {
  const { apiVersion, kind } = properties ?? {}
  return apiVersion?.enum && kind?.enum ? { apiVersion: apiVersion.enum[0], kind: kind.enum[0] } : undefined
}

/** The schema that a `$ref` stands for; any other is its own. */
export const resolveSchema = (schema: Schema): Schema => (schema.$ref ? (findDefinition(schema.$ref) ?? {}) : schema)

/** What a path of field names leads to; lists and maps are passed through, as `kubectl explain` does. */
export interface FieldLookup {
  /** With its own description and type. */
  schema: Schema
  /** The definition that has the field. */
  owner: string
}

/** @param path `['spec', 'containers', 'image']` @returns undefined when a name in it is unknown */
export function findField(definition: string, path: readonly string[]): FieldLookup | undefined {
  let owner = definition
  let schema: Schema = { $ref: definition }
  for (const field of path) {
    let holder: Schema = schema
    while (holder.items ?? holder.additionalProperties) holder = (holder.items ?? holder.additionalProperties)!
    const next = resolveSchema(holder).properties?.[field]
    if (!next || !holder.$ref) return undefined
    owner = holder.$ref
    schema = next
  }
  return { schema, owner }
}

export interface FieldCheck {
  /** The first value of a wrong type, worded as Go's decoder words it: the object cannot be read. */
  typeError?: string
  /** Paths of fields that the kind does not have: `spec.containers[0].imagee`. */
  unknown: readonly string[]
}

/**
 * Checks that every field exists and is of its type, in the order in which clients send fields: sorted.
 * @param schema the name of the definition: `kind.schema`
 */
export function checkFields(kind: { schema: string }, object: unknown): FieldCheck {
  // Nearly every object is in order: only one that is not is walked again, for the words.
  if (fits({ $ref: kind.schema }, object)) return { unknown: [] }
  const unknown: string[] = []
  const typeError = checkValue({ $ref: kind.schema }, object, { path: '', fields: [], struct: '', unknown })
  return typeError === undefined ? { unknown } : { typeError, unknown }
}

/** Whether every field exists and is of its type. */
function fits(schema: Schema, value: unknown): boolean {
  if (value === null || value === undefined) return true
  const resolved = schema.$ref ? resolveSchema(schema) : schema
  switch (resolved.type) {
    case 'string':
      return fitsText(resolved.format, value)
    case 'integer':
      return typeof value === 'number' && isWithin(value, resolved.format)
    case 'boolean':
    case 'number':
      return typeof value === resolved.type
    case 'array':
      return Array.isArray(value) && value.every((item) => fits(resolved.items ?? {}, item))
    case 'object':
      return fitsObject(resolved, value)
    default:
      return true
  }
}

/** Why a value is none of that format: of types that have a form of their own in JSON. */
export function scalarFault(
  format: 'quantity' | 'int-or-string' | 'date-time',
  value: unknown,
  place: Place = nowhere,
): string | undefined {
  if (format === 'quantity') return quantityError(scalarText(value).trim())
  return format === 'int-or-string' ? checkIntOrString(value, place) : checkTime(value, place)
}

function fitsText(format: string | undefined, value: unknown): boolean {
  switch (format) {
    case 'quantity':
      return quantityError(scalarText(value).trim()) === undefined
    case 'int-or-string':
      return checkIntOrString(value, nowhere) === undefined
    case 'date-time':
      return checkTime(value, nowhere) === undefined
    case 'byte':
      return typeof value === 'string' && base64Error(value) === undefined
    default:
      return typeof value === 'string'
  }
}

function fitsObject({ properties, additionalProperties }: Schema, value: unknown): boolean {
  if (!properties && !additionalProperties) return true
  if (typeof value !== 'object' || Array.isArray(value)) return false
  const members = value as Record<string, unknown>
  for (const key in members) {
    const schema = properties ? (Object.hasOwn(properties, key) ? properties[key] : undefined) : additionalProperties
    if (!schema || !fits(schema, members[key])) return false
  }
  return true
}

const isWithin = (value: number, format: string | undefined): boolean => {
  const limit = format === 'int32' ? 2 ** 31 : 2 ** 63
  return Number.isInteger(value) && value >= -limit && value < limit
}

/** What the answer warns of with fieldValidation=Warn. */
export const unknownFieldWarning = (path: string): string => `unknown field ${JSON.stringify(path)}`

/** The 400 for a body that cannot be read: `Pod in version "v1" cannot be handled as a Pod: …`. */
export const cannotBeHandled = (kind: ResourceNames, why: string): StatusError =>
  badRequest(`${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${why}`)

/** Of holding one value against its schema. */
const stepsOfValue = 8

interface Place {
  /** With indices, for unknown fields: `spec.containers[0]`. */
  path: string
  /** Without, for the decoder's words. */
  fields: readonly string[]
  /** The innermost struct and the field in it. */
  struct: string
  field?: string
  /** The struct's definition. */
  owner?: string
  unknown: string[]
}

const nowhere: Place = { path: '', fields: [], struct: '', unknown: [] }

/** Go's name of the struct embedded in a definition's type that has the field; undefined for a field of its own. */
function embeddedStruct(definition: string, field: string): string | undefined {
  for (const { type, isInline } of objectMessage(definition)?.fields ?? []) {
    if (!isInline || type.is !== 'message') continue
    if (findMessage(type.message)?.fields.some(({ name }) => name === field)) return type.message.split('.').at(-1)
  }
  return undefined
}

const isMicroTime = ({ owner = '', field }: Place): boolean => {
  const type = objectMessage(owner)?.fields.find(({ name }) => name === field)?.type
  return type?.is === 'special' && type.special === 'MicroTime'
}

function checkValue(schema: Schema, value: unknown, place: Place): string | undefined {
  charge(stepsOfValue)
  if (value === null || value === undefined) return undefined
  const resolved = resolveSchema(schema)
  const { format } = resolved
  if (format === 'quantity' || format === 'int-or-string' || format === 'date-time')
    return scalarFault(format, value, place)
  if (resolved.properties) return checkStruct(schema.$ref ?? '', resolved, value, place)
  switch (resolved.type) {
    case 'array':
      return checkList(resolved.items ?? {}, value, place, goType(schema, place))
    case 'object':
      return resolved.additionalProperties
        ? checkMap(resolved.additionalProperties, value, place, goType(schema, place))
        : undefined
    case undefined:
      return undefined
    default:
      return checkScalar(resolved, value, place)
  }
}

function checkStruct(name: string, schema: Schema, value: unknown, place: Place): string | undefined {
  if (typeof value !== 'object' || Array.isArray(value)) return mismatch(value, goStruct(name), place)
  const struct = name.slice(name.lastIndexOf('.') + 1)
  for (const key of Object.keys(value as object).sort()) {
    const path = place.path ? `${place.path}.${key}` : key
    const property = Object.hasOwn(schema.properties!, key) ? schema.properties![key] : undefined
    if (!property) {
      place.unknown.push(path)
      continue
    }
    const embedded = embeddedStruct(name, key)
    const fields = [...place.fields, ...(embedded ? [embedded] : []), key]
    const error = checkValue(property, (value as Record<string, unknown>)[key], {
      ...place,
      path,
      fields,
      struct,
      field: key,
      owner: name,
    })
    if (error !== undefined) return error
  }
  return undefined
}

function checkList(items: Schema, value: unknown, place: Place, type: string): string | undefined {
  if (!Array.isArray(value)) return mismatch(value, type, place)
  for (const [index, item] of value.entries()) {
    const error = checkValue(items, item, { ...place, path: `${place.path}[${index}]` })
    if (error !== undefined) return error
  }
  return undefined
}

function checkMap(values: Schema, value: unknown, place: Place, type: string): string | undefined {
  if (typeof value !== 'object' || Array.isArray(value)) return mismatch(value, type, place)
  for (const key of Object.keys(value as object).sort()) {
    const error = checkValue(values, (value as Record<string, unknown>)[key], {
      ...place,
      path: `${place.path}.${key}`,
    })
    if (error !== undefined) return error
  }
  return undefined
}

function checkScalar(schema: Schema, value: unknown, place: Place): string | undefined {
  const type = goScalarType(place.struct, place.field, schema)
  switch (schema.type) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : mismatch(value, type, place)
    case 'string':
      if (typeof value !== 'string') return mismatch(value, type, place)
      return schema.format === 'byte' ? base64Error(value) : undefined
    case 'number':
      return typeof value === 'number' ? undefined : mismatch(value, type, place)
    default: {
      if (typeof value !== 'number') return mismatch(value, type, place)
      return isWithin(value, schema.format) ? undefined : mismatch(value, type, place, ` ${value}`)
    }
  }
}

export function base64Error(text: string): string | undefined {
  const decoded = decodeBase64(text)
  return 'bytes' in decoded ? undefined : `illegal base64 data at input byte ${decoded.badOffset}`
}

function checkIntOrString(value: unknown, place: Place): string | undefined {
  if (typeof value === 'string' || (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31))
    return undefined
  return mismatch(value, 'int32', place, typeof value === 'number' ? ` ${value}` : '')
}

function checkTime(value: unknown, place: Place): string | undefined {
  if (typeof value !== 'string') return cannotUnmarshal(value, 'string')
  return rfc3339Problem(value, isMicroTime(place) ? RFC3339_MICRO : RFC3339)
}

function mismatch(value: unknown, type: string, place: Place, suffix = ''): string {
  const what = `json: cannot unmarshal ${jsonKind(value)}${suffix} into Go `
  return place.struct
    ? `${what}struct field ${place.struct}.${place.fields.join('.')} of type ${type}`
    : `${what}value of type ${type}`
}

const scalarText = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value))

/** The Go type of a list, map or scalar: `[]v1.Container`, `map[string]string`, `int32`. */
function goType(schema: Schema, place: Place): string {
  if (schema.$ref) return goStruct(schema.$ref)
  if (schema.items) return `[]${goType(schema.items, place)}`
  if (!schema.additionalProperties) return goScalarType(place.struct, place.field, schema)
  const values = schema.additionalProperties
  if (values.format === 'byte') return 'map[string][]uint8'
  if (values.$ref?.endsWith('.Quantity')) return 'v1.ResourceList'
  return `map[string]${goType(values, { ...place, field: undefined })}`
}

/** `io.k8s.api.core.v1.PodSpec` → `v1.PodSpec` */
const goStruct = (definition: string): string => definition.split('.').slice(-2).join('.')
