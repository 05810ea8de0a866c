/**
 * What cannot be made an object of its type, when it comes as maps and lists: as a strategic merge patch leaves it, and server-side apply.
 * The words are others than those of reading JSON. Source: fromUnstructured of k8s.io/apimachinery/pkg/runtime/converter.go
 */
import { charge } from '../../engine/work.ts'
import { goTypeName } from '../meta/go-text.ts'
import { RFC3339_MICRO, rfc3339Problem } from '../meta/go-time.ts'
import { isRecord } from '../meta/json.ts'
import { goScalarType } from './go-types.ts'
import { type Field, findMessage, type Message } from './messages.ts'
import { base64Error, scalarFault } from './schema.ts'

/** Of one field. */
const stepsOfField = 4

/** The first fault, in the order in which the type declares its fields; undefined when there is none. */
export function unstructuredFault(message: Message, value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined
  if (!isRecord(value)) return `cannot restore struct from: ${kindOf(value)}`
  for (const field of message.fields) {
    charge(stepsOfField)
    const inner = field.isInline && field.type.is === 'message' ? findMessage(field.type.message) : undefined
    const fault = inner ? unstructuredFault(inner, value) : faultOf(message, field, value[field.name])
    if (fault) return fault
  }
  return undefined
}

function faultOf(owner: Message, field: Field, value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined
  const { shape } = field
  if (shape === 'list') {
    if (!Array.isArray(value)) return `cannot restore slice from ${kindOf(value)}`
    return firstOf(value, (item) => itemFault(owner, field, item))
  }
  if (shape !== 'map') return itemFault(owner, field, value)
  if (!isRecord(value)) return `cannot restore map from ${kindOf(value)}`
  return firstOf(Object.keys(value).sort(), (name) => itemFault(owner, field, value[name]))
}

function firstOf<T>(items: readonly T[], faultIn: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    charge(stepsOfField)
    const fault = faultIn(item)
    if (fault) return fault
  }
  return undefined
}

const formats = {
  Time: 'date-time',
  MicroTime: 'date-time',
  Quantity: 'quantity',
  IntOrString: 'int-or-string',
} as const

const specialFault = (special: keyof typeof formats, value: unknown): string | undefined =>
  special === 'MicroTime' && typeof value === 'string'
    ? rfc3339Problem(value, RFC3339_MICRO)
    : scalarFault(formats[special], value)

function itemFault(owner: Message, { type, name }: Field, value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined
  if (type.is === 'special')
    return type.special in formats ? specialFault(type.special as keyof typeof formats, value) : undefined
  if (type.is === 'message') {
    const message = findMessage(type.message)
    if (!message) return undefined
    return message.alone ? faultOf(message, message.alone, value) : unstructuredFault(message, value)
  }
  const struct = owner.name.slice(owner.name.lastIndexOf('.') + 1)
  switch (type.scalar) {
    case 'string': {
      if (typeof value === 'string') return undefined
      if (typeof value !== 'number' || !Number.isInteger(value)) return 'unrecognized type: string'
      return `cannot convert int64 to ${goScalarType(struct, name, { type: 'string' })}`
    }
    case 'bytes': {
      if (typeof value !== 'string') return `cannot restore slice from ${kindOf(value)}`
      const fault = base64Error(value)
      return fault && `error decoding from json: ${fault}`
    }
    case 'bool':
      return typeof value === 'boolean' ? undefined : 'unrecognized type: bool'
    default:
      if (typeof value !== 'number') return `unrecognized type: ${type.scalar}`
      return Number.isInteger(value) ? undefined : `cannot convert float64 to ${type.scalar}`
  }
}

/** What reflect.Kind calls it. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'slice'
  return typeof value === 'object' ? 'map' : goTypeName(value)
}
