/** Validation errors by field, with the wording of k8s.io/apimachinery/pkg/util/validation/field. */
import { charge, chargeText } from '../../engine/work.ts'
import { givenKeys, type KeyOrder, printCompactJson, sortedKeys } from './go-json.ts'
import { StatusError } from './status-error.ts'

export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  | 'InternalError'

export interface FieldError {
  readonly type: FieldErrorType
  /** `spec.containers[0].image` */
  readonly field: string
  /** The error without the field: `Invalid value: "x": must be…`. */
  readonly body: string
}

/** Fields of a struct stand as declared, under Go's names; keys of a map are sorted. LabelSelector and OwnerReference are structs under the names of manifests. */
const keysShown: KeyOrder = (map) => {
  const keys = givenKeys(map)
  return keys.some((key) => /^[A-Z]/.test(key) || key === 'matchLabels' || key === 'apiVersion')
    ? keys
    : sortedKeys(map)
}

/** A value as Go's %q or %v shows it in these messages; structs and lists are shown as JSON. */
function shown(value: unknown): string {
  if (value === undefined || value === null) return 'null'
  const isSimple = typeof value !== 'string' && typeof value !== 'object'
  const text = isSimple
    ? String(value)
    : typeof value === 'string'
      ? JSON.stringify(value)
      : printCompactJson(value, keysShown)
  // Each error of many may show the whole of a long list; it is written into the message, into the causes and to the client.
  chargeText(timesWritten * text.length)
  return text
}

const timesWritten = 2

export const required = (field: string, detail = ''): FieldError => ({
  type: 'FieldValueRequired',
  field,
  body: detail ? `Required value: ${detail}` : 'Required value',
})
export const invalid = (field: string, value: unknown, detail: string): FieldError => ({
  type: 'FieldValueInvalid',
  field,
  body: `Invalid value: ${shown(value)}${detail && `: ${detail}`}`,
})
/** A value of another type than the field's, which reads as any other that is invalid. */
export const typeInvalid = (field: string, value: unknown, detail: string): FieldError => ({
  ...invalid(field, value, detail),
  type: 'FieldValueTypeInvalid',
})
/** @param supported in the order in which the message lists them, each quoted */
export const notSupported = (field: string, value: unknown, supported: readonly string[]): FieldError => ({
  type: 'FieldValueNotSupported',
  field,
  body: `Unsupported value: ${shown(value)}: supported values: ${supported.map((s) => JSON.stringify(s)).join(', ')}`,
})
export const duplicate = (field: string, value: unknown): FieldError => ({
  type: 'FieldValueDuplicate',
  field,
  body: `Duplicate value: ${shown(value)}`,
})
export const internalFieldError = (field: string, why: string): FieldError => ({
  type: 'InternalError',
  field,
  body: `Internal error: ${why}`,
})
export const forbiddenField = (field: string, detail: string): FieldError => ({
  type: 'FieldValueForbidden',
  field,
  body: `Forbidden: ${detail}`,
})
export const notFoundField = (field: string, value: unknown): FieldError => ({
  type: 'FieldValueNotFound',
  field,
  body: `Not found: ${shown(value)}`,
})
export const tooLong = (field: string, maxBytes: number): FieldError => ({
  type: 'FieldValueTooLong',
  field,
  body: `Too long: may not be more than ${maxBytes} bytes`,
})
export const tooMany = (field: string, actual: number, max: number): FieldError => ({
  type: 'FieldValueTooMany',
  field,
  body: `Too many: ${actual}: must have at most ${max} items`,
})

export const messageOf = (error: FieldError): string => `${error.field}: ${error.body}`

/**
 * The 422 that lists every field error once: `Pod "p" is invalid: spec.x: Required value`, several in brackets.
 * Source: errors.NewInvalid and utilerrors.Aggregate.
 */
/** Of computing: one is worded, told and printed. */
const stepsOfError = 30

export function invalidObject(group: string, kind: string, name: string, errors: readonly FieldError[]): StatusError {
  charge(stepsOfError * errors.length)
  const messages = [...new Set(errors.map(messageOf))]
  const text = messages.length === 1 ? messages[0] : `[${messages.join(', ')}]`
  const qualified = group ? `${kind}.${group}` : kind
  return new StatusError(422, 'Invalid', `${qualified} "${name}" is invalid: ${text}`, {
    ...(name ? { name } : {}),
    ...(group ? { group } : {}),
    ...(kind ? { kind } : {}),
    causes: errors.map((e) => ({ reason: e.type, message: e.body, field: e.field })),
  })
}
