/**
 * An object as the bytes of application/vnd.kubernetes.protobuf, as Go's typed clients and servers write them: fields by number, no
 * value of Go left out but nil. Source: generated.pb.go of k8s.io/api
 */
import { bytesOfBase64 } from '../../api/meta/base64.ts'
import { PREFIX } from './decode.ts'
import { type Field, findKindMessage, getMessage, type Message, type ScalarType } from './messages.ts'
import { specialToWire } from './special.ts'
import { VARINT, type Writer, writeBytes, writeInt, writeTag, writeText } from './wire.ts'

/**
 * @param object with apiVersion and kind; its fields are those of the kind
 * @returns undefined when the table does not have the kind
 */
export function encodeProtobuf(object: Readonly<Record<string, unknown>>): Uint8Array | undefined {
  const { apiVersion, kind } = object as { apiVersion: string; kind: string }
  const message = findKindMessage(apiVersion, kind)
  if (!message) return undefined
  const typeMeta: Writer = []
  writeText(typeMeta, 1, apiVersion)
  writeText(typeMeta, 2, kind)
  const raw: Writer = []
  writeMessage(raw, message, object)
  const unknown: Writer = [...PREFIX]
  writeBytes(unknown, 1, typeMeta)
  writeBytes(unknown, 2, raw)
  writeText(unknown, 3, '')
  writeText(unknown, 4, '')
  return Uint8Array.from(unknown)
}

function writeMessage(writer: Writer, message: Message, value: unknown): void {
  if (message.alone) {
    writeField(writer, message.alone, value)
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
    default:
      writeTag(writer, number, VARINT)
      writeInt(writer, Number(value ?? 0))
  }
}
