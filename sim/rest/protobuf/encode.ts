/**
 * An object as the bytes of application/vnd.kubernetes.protobuf, as Go's typed clients and servers write them: fields by number, no
 * value of Go left out but nil. Source: generated.pb.go of k8s.io/api
 */
import { bytesOfBase64 } from '../../api/meta/base64.ts'
import { type Field, findKindMessage, getMessage, type Message, type ScalarType } from '../../api/schema/messages.ts'
import { PREFIX } from './decode.ts'
import { specialToWire } from './special.ts'
import { VARINT, type Writer, writeBytes, writeDouble, writeInt, writeTag, writeText } from './wire.ts'

/**
 * @param object with apiVersion and kind; its fields are those of the kind
 * @returns undefined when the table does not have the kind
 */
export function encodeProtobuf(object: Readonly<Record<string, unknown>>): Uint8Array | undefined {
  const { apiVersion, kind } = object as { apiVersion: string; kind: string }
  const raw: Writer = []
  const message = findKindMessage(apiVersion, kind)
  if (message) writeMessage(raw, message, object)
  else if (!writeList(raw, object)) return undefined
  const typeMeta: Writer = []
  writeText(typeMeta, 1, apiVersion)
  writeText(typeMeta, 2, kind)
  const unknown: Writer = [...PREFIX]
  writeBytes(unknown, 1, typeMeta)
  writeBytes(unknown, 2, raw)
  writeText(unknown, 3, '')
  writeText(unknown, 4, '')
  return Uint8Array.from(unknown)
}

/** Lists of all kinds are alike. @returns whether there is such a kind */
function writeList(writer: Writer, object: Readonly<Record<string, unknown>>): boolean {
  const { apiVersion, kind, metadata, items } = object as { apiVersion: string; kind: string } & typeof object
  const item = kind.endsWith('List') ? findKindMessage(apiVersion, kind.slice(0, -'List'.length)) : undefined
  if (!item) return false
  const meta: Writer = []
  writeMessage(meta, getMessage('meta.v1.ListMeta'), metadata)
  writeBytes(writer, 1, meta)
  for (const value of (items ?? []) as readonly unknown[]) {
    const bytes: Writer = []
    writeMessage(bytes, item, value)
    writeBytes(writer, 2, bytes)
  }
  return true
}

/**
 * An event of a watch as it stands on the wire: its length in four bytes, then its message. Only the object in it has an envelope.
 * Source: k8s.io/apimachinery/pkg/runtime/serializer/protobuf LengthDelimitedFramer
 */
export function encodeWatchEvent(type: string, object: Readonly<Record<string, unknown>>): Uint8Array | undefined {
  const encoded = encodeProtobuf(object)
  if (!encoded) return undefined
  const extension: Writer = []
  writeBytes(extension, 1, encoded)
  const event: Writer = []
  writeText(event, 1, type)
  writeBytes(event, 2, extension)
  const frame = new Uint8Array(4 + event.length)
  new DataView(frame.buffer).setUint32(0, event.length)
  frame.set(event, 4)
  return frame
}

function writeMessage(writer: Writer, message: Message, value: unknown): void {
  if (message.alone) {
    writeField(writer, message.alone, value)
    return
  }
  if (message.isEither) {
    const shape = Array.isArray(value) ? 'list' : typeof value === 'boolean' ? 'one' : 'pointer'
    // What a Schema does not say of the others is their zero.
    for (const field of message.fields)
      if (field.shape === shape) writeField(writer, field, value)
      else if (field.shape === 'one') writeField(writer, field, shape === 'pointer')
    return
  }
  const object = (value ?? {}) as Readonly<Record<string, unknown>>
  for (const field of message.fields.toSorted((a, b) => a.number - b.number))
    writeField(writer, field, field.isInline ? object : object[field.name])
}

function writeField(writer: Writer, field: Field, value: unknown): void {
  switch (field.shape) {
    case 'list':
      for (const item of (value ?? []) as readonly unknown[]) writeValue(writer, field, field.number, item)
      return
    case 'map':
      for (const [key, item] of Object.entries(value ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
        const entry: Writer = []
        writeText(entry, 1, key)
        writeValue(entry, field, 2, item)
        writeBytes(writer, field.number, entry)
      }
      return
    case 'pointer':
      if (value !== undefined && value !== null) writeValue(writer, field, field.number, value)
      return
    case 'one':
      writeValue(writer, field, field.number, value)
  }
}

function writeValue(writer: Writer, { type }: Field, number: number, value: unknown): void {
  if (type.is === 'scalar') {
    writeScalar(writer, type.scalar, number, value)
    return
  }
  const bytes: Writer = []
  if (type.is === 'special') specialToWire(bytes, type.special, value)
  else writeMessage(bytes, getMessage(type.message), value)
  writeBytes(writer, number, bytes)
}

function writeScalar(writer: Writer, scalar: ScalarType, number: number, value: unknown): void {
  switch (scalar) {
    case 'string':
      writeText(writer, number, (value as string | undefined) ?? '')
      return
    case 'bytes':
      writeBytes(writer, number, bytesOfBase64((value as string | undefined) ?? ''))
      return
    case 'double':
      writeDouble(writer, number, Number(value ?? 0))
      return
    default:
      writeTag(writer, number, VARINT)
      writeInt(writer, Number(value ?? 0))
  }
}
