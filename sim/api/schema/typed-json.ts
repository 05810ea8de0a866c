/**
 * An object as the server writes it for itself: structs with their fields as declared, maps sorted, and sorted too what a patch went
 * through. Source: encoding/json; github.com/evanphx/json-patch, which reads as maps what it changes
 */
import { charge } from '../../engine/work.ts'
import { isMap, printCompactJson } from '../meta/go-json.ts'
import { type Field, findMessage, type Message } from './messages.ts'

/** What a patch went through: the members of a map, or the items of a list by number. */
export interface Passed {
  readonly [name: string]: Passed
}

const stepsOfMember = 6

/** @param message undefined for a kind that the table does not have: its maps are sorted */
export function printTypedJson(message: Message | undefined, value: unknown, passed: Passed | undefined): string {
  if (!isMap(value) || !message) return printCompactJson(value)
  return printMap(value, message, passed)
}

/** Inlined ones among the others. */
const fieldsOf = (message: Message): Field[] =>
  message.fields.flatMap((field) => {
    const inner = field.isInline && field.type.is === 'message' ? findMessage(field.type.message) : undefined
    return inner ? fieldsOf(inner) : [field]
  })

/** Of a message its fields by name, and the place of each among them; the same for each of its objects. */
interface Declared {
  byName: ReadonlyMap<string, Field>
  ranks: ReadonlyMap<string, number>
}

const known = new WeakMap<Message, Declared>()

function declaredIn(message: Message): Declared {
  const found = known.get(message)
  if (found) return found
  const byName = new Map(fieldsOf(message).map((field) => [field.name, field]))
  const names = [...(message.isKind ? ['kind', 'apiVersion'] : []), ...byName.keys()]
  const declared: Declared = { byName, ranks: new Map(names.map((name, place) => [name, place])) }
  known.set(message, declared)
  return declared
}

function printMap(map: Record<string, unknown>, message: Message, passed: Passed | undefined): string {
  const { byName, ranks } = declaredIn(message)
  const names = Object.keys(map).filter((name) => map[name] !== undefined)
  charge(stepsOfMember * (1 + names.length))
  const rank = (name: string) => ranks.get(name) ?? ranks.size
  const sorted = names.sort((a, b) => (passed ? 0 : rank(a) - rank(b)) || (a < b ? -1 : 1))
  const members = sorted.map((name) => {
    const printed = printField(byName.get(name), map[name], passed?.[name])
    return `${printCompactJson(name)}:${printed}`
  })
  return `{${members.join(',')}}`
}

function printField(field: Field | undefined, value: unknown, passed: Passed | undefined): string {
  const message = field?.type.is === 'message' ? findMessage(field.type.message) : undefined
  if (!message || message.alone) return printCompactJson(value)
  const print = (item: unknown, below: Passed | undefined) => printTypedJson(message, item, below)
  if (Array.isArray(value)) return `[${value.map((item, index) => print(item, passed?.[index])).join(',')}]`
  if (field?.shape !== 'map' || !isMap(value)) return print(value, passed)
  const members = Object.keys(value)
    .sort()
    .map((name) => `${printCompactJson(name)}:${print(value[name], passed?.[name])}`)
  return `{${members.join(',')}}`
}
