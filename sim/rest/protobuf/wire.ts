/**
 * Protobuf's wire format: what stands in the bytes before one knows which message they are.
 * Source: https://protobuf.dev/programming-guides/encoding/
 */

/** How a field's value is stored. 3 and 4, the ends of a group, are not spoken. */
export const VARINT = 0
export const FIXED64 = 1
export const LENGTH_DELIMITED = 2
const FIXED32 = 5

/** The bytes are no message of the expected type; worded as the decoder that is generated for Go does. */
export class WireError extends Error {
  override readonly name = 'WireError'
}

/** Bytes, and how far they have been read. */
export interface Reader {
  readonly bytes: Uint8Array
  at: number
  /** Where the present message ends. */
  end: number
}

export const readerOf = (bytes: Uint8Array): Reader => ({ bytes, at: 0, end: bytes.length })

export const isAtEnd = (reader: Reader): boolean => reader.at >= reader.end

/** A whole number of up to 64 bits, as its halves: `low` and `high` have their 32 bits as they are, whatever the sign. */
function readVarint(reader: Reader): { low: number; high: number } {
  let low = 0
  let high = 0
  for (let shift = 0; shift < 70; shift += 7) {
    if (reader.at >= reader.end) throw new WireError('unexpected EOF')
    const byte = reader.bytes[reader.at++]
    const bits = byte & 0x7f
    if (shift < 32) low |= bits << shift
    if (shift > 24) high |= shift < 32 ? bits >> (32 - shift) : bits << (shift - 32)
    if (byte < 0x80) return { low, high }
  }
  throw new WireError('proto: integer overflow')
}

export const readInt32 = (reader: Reader): number => readVarint(reader).low

/** Exact up to 2^53, as any number of JSON here. */
export function readInt64(reader: Reader): number {
  const { low, high } = readVarint(reader)
  return high * 2 ** 32 + (low >>> 0)
}

export function readBool(reader: Reader): boolean {
  const { low, high } = readVarint(reader)
  return low !== 0 || high !== 0
}

export function readDouble(reader: Reader): number {
  if (reader.end - reader.at < 8) throw new WireError('unexpected EOF')
  const { buffer, byteOffset } = reader.bytes
  const value = new DataView(buffer, byteOffset + reader.at, 8).getFloat64(0, true)
  reader.at += 8
  return value
}

export function readTag(reader: Reader): { number: number; wireType: number } {
  const { low, high } = readVarint(reader)
  const number = low >>> 3
  const wireType = low & 7
  if (number === 0 || high !== 0) throw new WireError(`proto: illegal tag ${number} (wire type ${wireType})`)
  return { number, wireType }
}

/** How many bytes follow, all of which are there. */
function readLength(reader: Reader): number {
  const { low, high } = readVarint(reader)
  if (high < 0) throw new WireError('proto: negative length found during unmarshaling')
  if (high > 0 || low < 0 || low > reader.end - reader.at) throw new WireError('unexpected EOF')
  return low
}

export function readBytes(reader: Reader): Uint8Array {
  const length = readLength(reader)
  reader.at += length
  return reader.bytes.subarray(reader.at - length, reader.at)
}

// Bytes that are no UTF-8 become U+FFFD, as in JSON that Go writes.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

export const readText = (reader: Reader): string => utf8.decode(readBytes(reader))

/** Reads what has a length before it as a part of its own. */
export function readWithin<T>(reader: Reader, read: () => T): T {
  const length = readLength(reader)
  const { end } = reader
  reader.end = reader.at + length
  const value = read()
  reader.end = end
  return value
}

/** Passes over the value of a field that nobody knows. */
export function skipValue(reader: Reader, wireType: number): void {
  switch (wireType) {
    case VARINT:
      readVarint(reader)
      return
    case LENGTH_DELIMITED:
      readBytes(reader)
      return
    case FIXED64:
    case FIXED32: {
      const length = wireType === FIXED64 ? 8 : 4
      if (length > reader.end - reader.at) throw new WireError('unexpected EOF')
      reader.at += length
      return
    }
    default:
      throw new WireError(`proto: illegal wireType ${wireType}`)
  }
}

/** The bytes of a message so far. */
export type Writer = number[]

/** @param value a whole number; one below zero takes ten bytes, whatever its type */
export function writeInt(writer: Writer, value: number): void {
  let low = value >>> 0
  let high = Math.floor(value / 2 ** 32) >>> 0
  while (high !== 0 || low > 0x7f) {
    writer.push((low & 0x7f) | 0x80)
    low = ((low >>> 7) | (high << 25)) >>> 0
    high >>>= 7
  }
  writer.push(low)
}

export const writeTag = (writer: Writer, number: number, wireType: number): void =>
  writeInt(writer, number * 8 + wireType)

export function writeBytes(writer: Writer, number: number, bytes: ArrayLike<number>): void {
  writeTag(writer, number, LENGTH_DELIMITED)
  writeInt(writer, bytes.length)
  for (let place = 0; place < bytes.length; place++) writer.push(bytes[place])
}

export function writeDouble(writer: Writer, number: number, value: number): void {
  writeTag(writer, number, FIXED64)
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setFloat64(0, value, true)
  writer.push(...bytes)
}

export const writeText = (writer: Writer, number: number, text: string): void =>
  writeBytes(writer, number, new TextEncoder().encode(text))
