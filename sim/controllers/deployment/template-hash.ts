/** The pod-template-hash: what tells the ReplicaSets of a Deployment apart. Source: kubernetes/pkg/controller ComputeHash */
import type { PodTemplateSpec } from '../../api/core/pod-types.ts'
import { equalJson, isRecord } from '../../api/meta/json.ts'
import { equalSemantically } from '../../api/meta/semantic-equality.ts'
import { layouts } from './template-layout.ts'

export const HASH_LABEL = 'pod-template-hash'

// The letters and digits of generated names: no vowels, so that no words come out.
const SAFE_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'

/** Eight to ten characters that depend on the template and the collision count alone. */
export function templateHash(template: PodTemplateSpec, collisionCount: number | undefined): string {
  const text = printGo(template, 'v1.PodTemplateSpec', true) + unknownMembers(template)
  let hash = fnv32a(new TextEncoder().encode(text))
  if (collisionCount !== undefined) {
    const littleEndian = Array.from({ length: 8 }, (_, i) => (i < 4 ? (collisionCount >>> (8 * i)) & 0xff : 0))
    hash = fnv32a(littleEndian, hash)
  }
  return [...String(hash)].map((digit) => SAFE_ALPHABET[digit.charCodeAt(0) % SAFE_ALPHABET.length]).join('')
}

/** Whether two templates are the same but for the hash label that one of them may carry. */
export function isSameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return (
    equalJson(withoutHash(a.metadata?.labels), withoutHash(b.metadata?.labels)) &&
    equalJson(a.metadata?.annotations ?? {}, b.metadata?.annotations ?? {}) &&
    equalJson(a.metadata?.finalizers ?? [], b.metadata?.finalizers ?? []) &&
    equalSemantically(a.spec, b.spec)
  )
}

function withoutHash(labels: Record<string, string> | undefined): Record<string, string> {
  const { [HASH_LABEL]: _hash, ...others } = labels ?? {}
  return others
}

function fnv32a(bytes: Iterable<number>, from = 0x811c9dc5): number {
  let hash = from
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

/** A JSON value as go-spew prints the Go value it decodes to, with %#v. Items of lists and maps come without their type. */
function printGo(value: unknown, type: string, withType: boolean): string {
  const prefix = withType ? `(${type})` : ''
  if (type.startsWith('*')) {
    if (value === undefined || value === null) return `(${type})<nil>`
    return `(${type})${printGo(value, type.slice(1), false)}`
  }
  if (type.startsWith('[]')) {
    if (!Array.isArray(value) || value.length === 0) return `${prefix}<nil>`
    return `${prefix}[${value.map((item) => printGo(item, type.slice(2), false)).join(' ')}]`
  }
  if (type === 'map[string]string' || type === 'v1.ResourceList') {
    const entries = isRecord(value) ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)) : []
    if (entries.length === 0) return `${prefix}<nil>`
    const item = type === 'v1.ResourceList' ? 'resource.Quantity' : 'string'
    return `${prefix}map[${entries.map(([key, text]) => `${key}:${printGo(text, item, false)}`).join(' ')}]`
  }
  if (type === 'resource.Quantity') return `${prefix}${printQuantity(String(value ?? '0'))}`
  if (type === 'intstr.IntOrString') {
    const isText = typeof value === 'string'
    return `${prefix}{Type:(intstr.Type)${isText ? 1 : 0} IntVal:(int32)${isText ? 0 : Number(value ?? 0)} StrVal:(string)${isText ? value : ''}}`
  }
  if (layouts[type]) {
    const holder = isRecord(value) ? value : {}
    const fields = fieldsOf(type).map(({ name, member, type: fieldType }) => {
      return `${name}:${printGo(member === '.' ? holder : holder[member], fieldType, true)}`
    })
    return `${prefix}{${fields.join(' ')}}`
  }
  if (value !== undefined && value !== null) return `${prefix}${isRecord(value) ? canonicalText(value) : String(value)}`
  return `${prefix}${/^u?int/.test(type) ? '0' : type === 'bool' ? 'false' : ''}`
}

interface Field {
  name: string
  /** Of the JSON object; '.' for an embedded struct. */
  member: string
  type: string
}

const fieldsByType = new Map(
  Object.entries(layouts).map(([type, layout]) => [
    type,
    layout.split(', ').map((text): Field => {
      const [left, fieldType] = text.split(' ')
      const [name, member = name[0].toLowerCase() + name.slice(1)] = left.split('=')
      return { name, member, type: fieldType }
    }),
  ]),
)

const fieldsOf = (type: string): readonly Field[] => fieldsByType.get(type)!

const SUFFIX_SCALES: Record<string, [base: 'DecimalSI' | 'BinarySI', scale: number]> = {
  n: ['DecimalSI', -9],
  u: ['DecimalSI', -6],
  m: ['DecimalSI', -3],
  '': ['DecimalSI', 0],
  k: ['DecimalSI', 3],
  M: ['DecimalSI', 6],
  G: ['DecimalSI', 9],
  T: ['DecimalSI', 12],
  Ki: ['BinarySI', 10],
  Mi: ['BinarySI', 20],
  Gi: ['BinarySI', 30],
  Ti: ['BinarySI', 40],
}

/** The parts of a Quantity: a number with a decimal scale (binary suffixes are multiplied out), and for decimal ones the text they came from. */
function printQuantity(text: string): string {
  const [, number, suffix] = /^([+-]?[\d.]+)([a-zA-Z]*)$/.exec(text) ?? ['', text, '']
  const [format, power] = SUFFIX_SCALES[suffix] ?? ['DecimalSI', 0]
  const decimals = number.split('.')[1]?.length ?? 0
  const digits = number.replace('.', '')
  const isBinary = format === 'BinarySI'
  const value = isBinary ? String(Math.ceil(Number(number) * 2 ** power)) : digits
  const scale = isBinary ? 0 : power - decimals
  return `{i:(resource.int64Amount){value:(int64)${value} scale:(resource.Scale)${scale}} d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} s:(string)${isBinary ? '' : text} Format:(resource.Format)${format}}`
}

/** Members that the layout does not know, as JSON: they are part of the template all the same. Empty when there are none. */
function unknownMembers(template: PodTemplateSpec): string {
  const unknown = unknownIn(template, 'v1.PodTemplateSpec')
  return unknown === undefined ? '' : canonicalText(unknown)
}

function unknownIn(value: unknown, type: string): unknown {
  if (type.startsWith('*')) return unknownIn(value, type.slice(1))
  if (type.startsWith('[]') && Array.isArray(value)) {
    const items = value.map((item) => unknownIn(item, type.slice(2)))
    return items.some((item) => item !== undefined) ? items : undefined
  }
  if (!layouts[type] || !isRecord(value)) return undefined
  const known = membersByType.get(type)!
  const unknown: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined || item === null) continue
    const fieldType = known.get(key)
    const rest = fieldType === undefined ? item : unknownIn(item, fieldType)
    if (rest !== undefined) unknown[key] = rest
  }
  return Object.keys(unknown).length > 0 ? unknown : undefined
}

const membersByType = new Map([...fieldsByType.keys()].map((type) => [type, membersOf(type)]))

function membersOf(type: string): ReadonlyMap<string, string> {
  const members = new Map<string, string>()
  for (const { member, type: fieldType } of fieldsOf(type)) {
    if (member === '.') for (const [key, inner] of membersOf(fieldType)) members.set(key, inner)
    else members.set(member, fieldType)
  }
  return members
}

/** JSON with sorted members. */
function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`
  if (!isRecord(value)) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value).filter(([, item]) => item !== undefined && item !== null)
  members.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${canonicalText(item)}`).join(',')}}`
}
