/**
 * Holds a value against its schema, in the words of the API server. What an update leaves as it was is not refused again.
 * Sources: k8s.io/kube-openapi/pkg/validation/{validate,errors}, k8s.io/apiextensions-apiserver/pkg/apiserver/validation
 */
import { charge, chargeText } from '../../engine/work.ts'
import { compileGoRegexp } from '../../text/go-regexp.ts'
import { type FieldError, invalid, notSupported, required, tooLong, tooMany, typeInvalid } from '../meta/field-error.ts'
import { equalJson, isRecord } from '../meta/json.ts'
import { isOfFormat } from '../meta/text-formats.ts'
import type { JsonSchema } from './types.ts'

/** Of one value against one schema. */
const stepsOfValue = 12

export interface ValidationRoot {
  /** Before each field of an error: `status`, when only that is validated; '' otherwise. */
  prefix?: string
  /** What the value was before an update. */
  old?: unknown
}

/** What is wrong with the value, each with its field: `spec.replicas: Invalid value: …`. */
export function validateValue(
  schema: JsonSchema,
  value: unknown,
  { prefix = '', old }: ValidationRoot = {},
): FieldError[] {
  const errors: FieldError[] = []
  validate(schema, value, old, '', { add: (error) => errors.push(error), prefix })
  return errors
}

interface Report {
  prefix: string
  add(error: FieldError): void
}

const typeName = (value: unknown): string => {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

/** Source: k8s.io/kube-openapi/pkg/validation/validate/type.go, schemaInfoForType */
const goFormat = (value: unknown): string =>
  typeof value === 'number' ? (Number.isInteger(value) ? 'int64' : 'float64') : ''

const allowedTypes = (schema: JsonSchema): string[] =>
  schema['x-kubernetes-int-or-string'] ? ['integer', 'string'] : schema.type ? [schema.type] : []

function validate(schema: JsonSchema, value: unknown, old: unknown, path: string, report: Report): void {
  charge(stepsOfValue)
  if (value === undefined || (old !== undefined && equalJson(value, old))) return
  const field = [report.prefix, path].filter(Boolean).join('.')
  const body = path === '' ? ' in body' : `${path} in body`
  const fail = (shown: unknown, detail: string): void => report.add(invalid(field, shown, `${body} ${detail}`))
  const misfit = (shown: unknown, wanted: string): void =>
    report.add(typeInvalid(field, shown, `${body} must be of type ${wanted}: ${JSON.stringify(shown)}`))
  const types = allowedTypes(schema)
  const type = typeName(value)
  if (value === null && types.length > 0 && schema.nullable !== true) {
    misfit('null', types.join(','))
    return
  }
  const fits = types.length === 0 || types.includes(type) || (type === 'integer' && types.includes('number'))
  // A text of some format is looked at as such; any other value has to be of the type.
  const isFormatted =
    schema.format !== undefined && typeof value === 'string' && !/^(integer|number)$/.test(types[0] ?? '')
  if (value !== null && !fits && !isFormatted) {
    // Where there is a format, it is told in place of the type, and so is Go's of the value.
    if (schema.format && typeof value !== 'string' && !Array.isArray(value)) misfit(goFormat(value), schema.format)
    else misfit(type, types.join(','))
  }
  if (value !== null) validateQuantifiers(schema, value, path, report)
  if (typeof value === 'string') validateText(schema, value, field, { ...report, fail, misfit })
  if (typeof value === 'number') validateNumber(schema, value, path, fail, report)
  if (Array.isArray(value)) validateList(schema, value, old, path, field, report, fail)
  if (schema.enum && !schema.enum.some((one) => equalJson(one, value)))
    report.add(
      notSupported(
        field,
        value,
        schema.enum.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))),
      ),
    )
  if (isRecord(value)) validateMap(schema, value, old, path, field, report, fail)
}

function validateText(
  schema: JsonSchema,
  value: string,
  field: string,
  { add, fail, misfit }: Report & Record<'fail' | 'misfit', (shown: unknown, detail: string) => void>,
): void {
  const { maxLength, minLength, pattern, format } = schema
  chargeText(value.length)
  const length = [...value].length
  if (maxLength !== undefined && length > maxLength) add(tooLong(field, maxLength))
  else if (minLength !== undefined && length < minLength) fail(value, `should be at least ${minLength} chars long`)
  else if (pattern && !matches(pattern, value)) fail(value, `should match '${pattern}'`)
  if (format && !isOfFormat(format, value)) misfit(value, format)
}

/** One that cannot be read was refused with its definition. */
const matches = (pattern: string, text: string): boolean =>
  compileGoRegexp(pattern, (why) => {
    throw new Error(why)
  })(text)

function validateNumber(
  schema: JsonSchema,
  value: number,
  path: string,
  fail: (shown: unknown, detail: string) => void,
  { add }: Report,
): void {
  const { multipleOf, maximum, minimum, exclusiveMaximum, exclusiveMinimum, format = '' } = schema
  // Told without a field, as of something that is no value at all.
  const isOut = !Number.isInteger(value) || (format === 'int32' && Math.abs(value + 0.5) > 2 ** 31)
  if (schema.type === 'integer' && isOut) {
    const kind = format ? `with format ${format}` : '(default format)'
    add(invalid('<nil>', '', `Checked value must be of type integer ${kind} in ${path}`))
  }
  if (multipleOf !== undefined && !Number.isInteger(Number((value / multipleOf).toPrecision(15))))
    fail(value, `should be a multiple of ${multipleOf}`)
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum))
    fail(value, `should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`)
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum))
    fail(value, `should be less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`)
}

function validateList(
  schema: JsonSchema,
  value: readonly unknown[],
  old: unknown,
  path: string,
  field: string,
  report: Report,
  fail: (shown: unknown, detail: string) => void,
): void {
  const { items, maxItems, minItems } = schema
  const before = correlated(schema, old)
  if (items)
    for (const [index, item] of value.entries()) validate(items, item, before(item), `${path}[${index}]`, report)
  if (minItems !== undefined && value.length < minItems) fail(value.length, `should have at least ${minItems} items`)
  if (maxItems !== undefined && value.length > maxItems) report.add(tooMany(field, value.length, maxItems))
}

/** What an item of a list was before: only those of a list with keys can be told from one another. */
function correlated(schema: JsonSchema, old: unknown): (item: unknown) => unknown {
  const keys = schema['x-kubernetes-list-map-keys']
  if (!Array.isArray(old) || schema['x-kubernetes-list-type'] !== 'map' || !keys) return () => undefined
  const nameOf = (item: unknown): string => JSON.stringify(isRecord(item) ? keys.map((key) => item[key]) : null)
  const byName = new Map(old.map((item) => [nameOf(item), item]))
  return (item) => byName.get(nameOf(item))
}

function validateMap(
  schema: JsonSchema,
  value: Record<string, unknown>,
  old: unknown,
  path: string,
  field: string,
  report: Report,
  fail: (shown: unknown, detail: string) => void,
): void {
  const { properties = {}, additionalProperties, minProperties, maxProperties } = schema
  const before = isRecord(old) && schema['x-kubernetes-map-type'] !== 'atomic' ? old : {}
  const size = Object.keys(value).length
  const at = (name: string): string => (path ? `${path}.${name}` : name)
  if (minProperties !== undefined && size < minProperties)
    fail(size, `should have at least ${minProperties} properties`)
  if (maxProperties !== undefined && size > maxProperties) report.add(tooMany(field, size, maxProperties))
  if (isRecord(additionalProperties)) {
    for (const [name, member] of Object.entries(value))
      if (!Object.hasOwn(properties, name))
        validate(additionalProperties as JsonSchema, member, before[name], at(name), report)
  }
  for (const [name, property] of Object.entries(properties))
    if (Object.hasOwn(value, name)) validate(property, value[name], before[name], at(name), report)
  for (const name of schema.required ?? [])
    if (!Object.hasOwn(value, name)) report.add(required([report.prefix, at(name)].filter(Boolean).join('.')))
}

/** allOf, anyOf, oneOf, not: which of several schemas the value fits. */
function validateQuantifiers(schema: JsonSchema, value: unknown, path: string, report: Report): void {
  const tell = (detail: string): void =>
    report.add(invalid(report.prefix || '<nil>', '', `${JSON.stringify(path)} ${detail}`))
  const attempt = (one: JsonSchema): FieldError[] => {
    const errors: FieldError[] = []
    validate(one, value, undefined, path, { ...report, add: (error) => errors.push(error) })
    return errors
  }
  const addAll = (errors: readonly FieldError[] = []): void => {
    for (const error of errors) report.add(error)
  }
  if (schema.anyOf && !schema['x-kubernetes-int-or-string']) {
    const tries = schema.anyOf.map(attempt)
    if (!tries.some((errors) => errors.length === 0)) {
      tell('must validate at least one schema (anyOf)')
      addAll(tries[0])
    }
  }
  if (schema.oneOf) {
    const tries = schema.oneOf.map(attempt)
    const fitting = tries.filter((errors) => errors.length === 0).length
    if (fitting !== 1)
      tell(
        `must validate one and only one schema (oneOf). ${fitting === 0 ? 'Found none valid' : `Found ${fitting} valid alternatives`}`,
      )
    if (fitting === 0) addAll(tries[0])
  }
  if (schema.allOf) {
    const tries = schema.allOf.map(attempt)
    const fitting = tries.filter((errors) => errors.length === 0).length
    addAll(tries.flat())
    if (fitting < tries.length) tell(`must validate all the schemas (allOf)${fitting === 0 ? '. None validated' : ''}`)
  }
  if (schema.not && attempt(schema.not).length === 0) tell('must not validate the schema (not)')
}
