/**
 * Messages that JSON writes in a form of their own: times, quantities, and values that are kept as text.
 * Source: time_proto.go, micro_time_proto.go, quantity_proto.go, intstr.go and types_proto.go of k8s.io/apimachinery
 */
import type { SpecialType } from '../../api/schema/messages.ts'
import {
  isAtEnd,
  LENGTH_DELIMITED,
  type Reader,
  readerOf,
  readInt32,
  readInt64,
  readTag,
  readText,
  skipValue,
  VARINT,
  WireError,
  type Writer,
  writeInt,
  writeTag,
  writeText,
} from './wire.ts'

/** The JSON of a message; no bytes are Go's zero value. @throws WireError for one that JSON cannot say */
export function specialFromWire(special: SpecialType, bytes: Uint8Array): unknown {
  switch (special) {
    case 'Time':
    case 'MicroTime':
      return readTime(special, bytes)
    case 'Quantity':
      return (readFields(bytes, { 1: readText })[1] as string | undefined) || '0'
    case 'IntOrString':
      return readIntOrString(bytes)
    case 'RawExtension':
    case 'FieldsV1':
    case 'JSON':
      return parseRaw((readFields(bytes, { 1: readText })[1] as string | undefined) ?? '')
  }
}

/** The last value of each field; others are passed over. */
function readFields(
  bytes: Uint8Array,
  known: Readonly<Record<number, (reader: Reader) => unknown>>,
): Record<number, unknown> {
  const reader = readerOf(bytes)
  const values: Record<number, unknown> = {}
  while (!isAtEnd(reader)) {
    const { number, wireType } = readTag(reader)
    const read = known[number]
    if (!read) {
      skipValue(reader, wireType)
      continue
    }
    if (wireType !== (read === readText ? LENGTH_DELIMITED : VARINT))
      throw new WireError(`proto: wrong wireType = ${wireType}`)
    values[number] = read(reader)
  }
  return values
}

/** Go's zero time, the first second of year 1. */
const ZERO_SECONDS = -62_135_596_800
const LAST_SECONDS = 253_402_300_799

function readTime(special: 'Time' | 'MicroTime', bytes: Uint8Array): string | null {
  if (bytes.length === 0) return null
  const { 1: wholeSeconds = 0, 2: nanos = 0 } = readFields(bytes, { 1: readInt64, 2: readInt32 }) as Record<
    1 | 2,
    number
  >
  const micros = special === 'MicroTime' ? Math.trunc(nanos / 1000) : 0
  const seconds = wholeSeconds + Math.floor(micros / 1e6)
  const rest = micros - Math.floor(micros / 1e6) * 1e6
  if (seconds === ZERO_SECONDS && rest === 0) return null
  if (seconds < ZERO_SECONDS || seconds > LAST_SECONDS)
    throw new WireError('Time.MarshalJSON: year outside of range [0,9999]')
  const text = new Date(seconds * 1000).toISOString().slice(0, 19)
  return special === 'Time' ? `${text}Z` : `${text}.${String(rest).padStart(6, '0')}Z`
}

function readIntOrString(bytes: Uint8Array): number | string {
  const {
    1: type = 0,
    2: number = 0,
    3: text = '',
  } = readFields(bytes, { 1: readInt64, 2: readInt32, 3: readText }) as { 1?: number; 2?: number; 3?: string }
  if (type === 0) return number
  if (type === 1) return text
  throw new WireError('impossible IntOrString.Type')
}

/** Kept as the text of JSON. */
function parseRaw(text: string): unknown {
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new WireError((error as Error).message)
  }
}

/** Writes the fields of a message that has this JSON; null and undefined are Go's zero value. */
export function specialToWire(writer: Writer, special: SpecialType, value: unknown): void {
  switch (special) {
    case 'Time':
    case 'MicroTime':
      if (typeof value === 'string') writeTime(writer, special, value)
      return
    case 'Quantity':
      writeText(writer, 1, String(value ?? '0'))
      return
    case 'IntOrString':
      writeNumber(writer, 1, typeof value === 'string' ? 1 : 0)
      writeNumber(writer, 2, typeof value === 'number' ? value : 0)
      writeText(writer, 3, typeof value === 'string' ? value : '')
      return
    case 'RawExtension':
    case 'FieldsV1':
    case 'JSON':
      if (value !== undefined && value !== null) writeText(writer, 1, JSON.stringify(value))
  }
}

function writeTime(writer: Writer, special: 'Time' | 'MicroTime', text: string): void {
  const fraction = special === 'MicroTime' ? (/\.(\d+)/.exec(text)?.[1] ?? '') : ''
  writeNumber(writer, 1, Math.floor(Date.parse(text) / 1000))
  writeNumber(writer, 2, Number(fraction.padEnd(6, '0').slice(0, 6)) * 1000)
}

function writeNumber(writer: Writer, number: number, value: number): void {
  writeTag(writer, number, VARINT)
  writeInt(writer, value)
}
