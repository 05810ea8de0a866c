/**
 * Bodies of the type application/vnd.kubernetes.protobuf: four bytes, then a `runtime.Unknown` that names the kind and holds its
 * message. Typed clients of Go write nothing else.
 * Source: k8s.io/apimachinery/pkg/runtime/serializer/protobuf
 */
import { encodeBase64 } from '../../api/meta/base64.ts'
import { badRequest } from '../../api/meta/status-error.ts'
import { type Field, findKindMessage, getMessage, type Message, type ScalarType } from '../../api/schema/messages.ts'
import { specialFromWire } from './special.ts'
import {
  FIXED64,
  isAtEnd,
  LENGTH_DELIMITED,
  type Reader,
  readBool,
  readBytes,
  readDouble,
  readerOf,
  readInt32,
  readInt64,
  readTag,
  readText,
  readWithin,
  skipValue,
  VARINT,
  WireError,
} from './wire.ts'

/** `k8s` and a zero, which no text starts with. */
export const PREFIX = [0x6b, 0x38, 0x73, 0x00]

const NOTHING: Uint8Array = new Uint8Array(0)

/** What is decoded into, as far as it must be known: a `Kind`, or a subresource's. */
export interface ExpectedKind {
  apiVersion: string
  kind: string
}

/**
 * The object in a body, as its JSON would be: what is empty is left out where JSON leaves it out.
 * @param expected what the body should hold: taken for what it does not say of itself, and named in errors
 * @throws StatusError 400 for bytes that cannot be read
 */
export function decodeProtobuf(body: Uint8Array, expected: ExpectedKind): Record<string, unknown> {
  const unknown = reading(
    () => readUnknown(body),
    (why) => `the object provided is unrecognized (must be of type ${expected.kind}): ${why} (${summary(body)})`,
  )
  const apiVersion = unknown.apiVersion || expected.apiVersion
  const kind = unknown.kind || expected.kind
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1)
  const progress: Progress = { path: [], messages: 0 }
  return reading(
    () => {
      const message = findKindMessage(apiVersion, kind)
      if (!message) throw new WireError(`no kind "${kind}" is registered for version "${apiVersion}"`)
      const values: FieldValues = []
      readMessage(readerOf(unknown.raw), message, values, progress)
      return { kind, apiVersion, ...(toJson(message, values) as Record<string, unknown>) }
    },
    (why) => `${kind} in version "${version}" cannot be handled as a ${expected.kind}: ${why}${where(progress)}`,
  )
}

/** What could not be read is the client's fault. */
function reading<T>(read: () => T, refusal: (why: string) => string): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof WireError) throw badRequest(refusal(error.message))
    throw error
  }
}

const SUMMARY_BYTES = 30

/** The beginning of a body. Source: summarizeData of k8s.io/apiserver/pkg/endpoints/handlers/rest.go */
function summary(body: Uint8Array): string {
  if (body.length === 0) return '<empty>'
  const start = body.subarray(0, SUMMARY_BYTES)
  const text =
    start[0] === 0x7b
      ? new TextDecoder().decode(start)
      : [...start].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return body.length > SUMMARY_BYTES ? `${text} ...` : text
}

interface Progress {
  /** Names of fields, and places in lists, from the object down to what is being read. */
  path: (string | number)[]
  /** How many have been begun. */
  messages: number
}

/** Two bytes are an empty message, which JSON may need hundreds for: no object that a cluster could keep has as many. */
const MOST_MESSAGES = 100_000

/** Steps from the object down: only schemas of custom resources hold themselves, and none that is taken is as deep. */
const DEEPEST = 400

const where = ({ path }: Progress): string =>
  path.length === 0
    ? ''
    : ` (at ${path.map((step, depth) => (typeof step === 'number' ? `[${step}]` : depth ? `.${step}` : step)).join('')})`

/** The envelope: who it is, and the bytes of its message. */
function readUnknown(body: Uint8Array): ExpectedKind & { raw: Uint8Array } {
  if (body.length === 0) throw new WireError('empty data')
  if (PREFIX.some((byte, place) => body[place] !== byte))
    throw new WireError(`provided data does not appear to be a protobuf message, expected prefix [${PREFIX.join(' ')}]`)
  if (body.length === PREFIX.length) throw new WireError('empty body')
  const unknown = { apiVersion: '', kind: '', raw: NOTHING }
  const readTypeMeta = (reader: Reader) =>
    eachField(reader, (number, wireType) => {
      if (number !== 1 && number !== 2) return skipValue(reader, wireType)
      expectType(LENGTH_DELIMITED, wireType)
      unknown[number === 1 ? 'apiVersion' : 'kind'] = readText(reader)
    })
  const reader = readerOf(body.subarray(PREFIX.length))
  eachField(reader, (number, wireType) => {
    if (number !== 1 && number !== 2) return skipValue(reader, wireType)
    expectType(LENGTH_DELIMITED, wireType)
    if (number === 1) readWithin(reader, () => readTypeMeta(reader))
    else unknown.raw = readBytes(reader)
  })
  return unknown
}

function eachField(reader: Reader, read: (number: number, wireType: number) => void): void {
  while (!isAtEnd(reader)) {
    const { number, wireType } = readTag(reader)
    read(number, wireType)
  }
}

function expectType(expected: number, wireType: number): void {
  if (wireType !== expected) throw new WireError(`proto: wrong wireType = ${wireType}`)
}

/**
 * What was read of a message, by the place of each field in its list; undefined was not there. A field's value is the JSON of
 * it, an array or a Map of those, or the FieldValues of a message.
 */
type FieldValues = unknown[]

/** A field that comes again replaces a scalar, is merged into a message, and adds to a list. */
function readMessage(reader: Reader, message: Message, values: FieldValues, progress: Progress): void {
  if (++progress.messages > MOST_MESSAGES) throw new WireError(`it has more than ${MOST_MESSAGES} parts`)
  if (progress.path.length > DEEPEST) throw new WireError('exceeded max depth')
  eachField(reader, (number, wireType) => {
    const place = message.places.get(number)
    if (place === undefined) return skipValue(reader, wireType)
    const field = message.fields[place]
    if (!field.isInline) progress.path.push(field.name)
    values[place] = readField(reader, field, wireType, values[place], progress)
    if (!field.isInline) progress.path.pop()
  })
}

function readField(reader: Reader, field: Field, wireType: number, before: unknown, progress: Progress): unknown {
  switch (field.shape) {
    case 'list': {
      const list = (before ?? []) as unknown[]
      if (isPacked(field, wireType)) {
        readWithin(reader, () => {
          while (!isAtEnd(reader)) list.push(readValue(reader, field, VARINT, undefined, progress))
        })
        return list
      }
      progress.path.push(list.length)
      list.push(readValue(reader, field, wireType, undefined, progress))
      progress.path.pop()
      return list
    }
    case 'map': {
      expectType(LENGTH_DELIMITED, wireType)
      const map = (before ?? new Map()) as Map<string, unknown>
      const [key, value] = readWithin(reader, () => readEntry(reader, field, progress))
      return map.set(key, value)
    }
    default:
      return readValue(reader, field, wireType, before, progress)
  }
}

/** Numbers may stand in a row without a tag before each. */
const isPacked = ({ type }: Field, wireType: number): boolean =>
  wireType === LENGTH_DELIMITED && type.is === 'scalar' && wireTypeOf(type.scalar) === VARINT

function readEntry(reader: Reader, field: Field, progress: Progress): [string, unknown] {
  let key = ''
  let value: unknown
  eachField(reader, (number, wireType) => {
    if (number === 1) {
      expectType(LENGTH_DELIMITED, wireType)
      key = readText(reader)
    } else if (number === 2) value = readValue(reader, field, wireType, value, progress)
    else skipValue(reader, wireType)
  })
  return [key, value]
}

const wireTypeOf = (scalar: ScalarType): number =>
  scalar === 'string' || scalar === 'bytes' ? LENGTH_DELIMITED : scalar === 'double' ? FIXED64 : VARINT

function readValue(reader: Reader, { type }: Field, wireType: number, before: unknown, progress: Progress): unknown {
  if (type.is === 'scalar') {
    expectType(wireTypeOf(type.scalar), wireType)
    return readScalar(reader, type.scalar)
  }
  expectType(LENGTH_DELIMITED, wireType)
  if (type.is === 'special') return specialFromWire(type.special, readBytes(reader))
  const values = (before ?? []) as FieldValues
  readWithin(reader, () => readMessage(reader, getMessage(type.message), values, progress))
  return values
}

function readScalar(reader: Reader, scalar: ScalarType): string | number | boolean {
  switch (scalar) {
    case 'string':
      return readText(reader)
    case 'bytes':
      return encodeBase64(readBytes(reader))
    case 'bool':
      return readBool(reader)
    case 'int32':
      return readInt32(reader)
    case 'int64':
      return readInt64(reader)
    case 'double':
      return readDouble(reader)
  }
}

/** JSON as Go writes it. Source: encoding/json */
function toJson(message: Message, values: FieldValues): unknown {
  if (message.alone) return fieldToJson(message.alone, values[0]) ?? null
  if (message.isEither) {
    const held = message.fields.findLastIndex((_, place) => values[place] !== undefined)
    // A value of Go that holds nothing is the zero of its first field.
    return fieldToJson(message.fields[Math.max(held, 0)], values[held]) ?? null
  }
  const object: Record<string, unknown> = {}
  message.fields.forEach((field, place) => {
    const value = fieldToJson(field, values[place])
    if (field.isInline) Object.assign(object, value)
    else if (!isLeftOut(field, value)) object[field.name] = value ?? null
  })
  return object
}

/** @returns undefined for a pointer, list or map that holds nothing */
function fieldToJson(field: Field, value: unknown): unknown {
  switch (field.shape) {
    case 'list':
      return (value as unknown[] | undefined)?.map((item) => valueToJson(field, item))
    case 'map':
      return value === undefined ? undefined : mapToJson(field, value as Map<string, unknown>)
    case 'pointer':
      return value === undefined ? undefined : valueToJson(field, value)
    case 'one':
      return valueToJson(field, value)
  }
}

const mapToJson = (field: Field, map: Map<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    [...map].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [key, valueToJson(field, value)]),
  )

const ZEROS = { string: '', bytes: '', bool: false, int32: 0, int64: 0, double: 0 }

function valueToJson({ type }: Field, value: unknown): unknown {
  if (type.is === 'scalar') return value ?? ZEROS[type.scalar]
  if (type.is === 'special') return value === undefined ? specialFromWire(type.special, NOTHING) : value
  return toJson(getMessage(type.message), (value ?? []) as FieldValues)
}

/** Go leaves out what is empty, but no struct, and nothing that a pointer points to. */
function isLeftOut(field: Field, value: unknown): boolean {
  if (field.isAlways) return false
  if (field.isZeroOmitted && value === null) return true
  if (field.shape !== 'one') return value === undefined
  return field.type.is === 'scalar' && value === ZEROS[field.type.scalar]
}
