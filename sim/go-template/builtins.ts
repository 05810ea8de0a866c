/** The functions that every template of Go has, but `and` and `or`. Source: text/template/funcs.go */
import { utf8Bytes, utf8Length, utf8TextLossy } from '../api/meta/base64.ts'
import { chargeText } from '../engine/work.ts'
import { sprint, sprintf } from './format.ts'
import { CallError, type GoFunction, goFunction } from './functions.ts'
import { GoStruct, isBytes, isGoMap, isNil, isTrue, longestValue, ownValue, printed, typeName } from './values.ts'

/** A text that was put together: JavaScript joins them in no time, and reads them only later. @throws CallError when it is too long */
export function copied(text: string): string {
  if (text.length > longestValue) throw new CallError(`a value of ${text.length} characters is too long`)
  chargeText(text.length)
  return text
}

const table: Record<string, GoFunction> = {
  not: goFunction('any', (value: unknown) => !isTrue(value)),
  len: goFunction('any', (value: unknown) => BigInt(lengthOf(value))),
  index: goFunction('any any...', (value: unknown, ...keys: unknown[]) => keys.reduce(indexed, value)),
  slice: goFunction('any any...', sliced),
  eq: goFunction('any any...', (first: unknown, ...rest: unknown[]) => {
    if (rest.length === 0) throw new CallError('missing argument for comparison')
    return rest.some((other) => areEqual(first, other))
  }),
  ne: goFunction('any any', (a: unknown, b: unknown) => !areEqual(a, b)),
  lt: goFunction('any any', (a: unknown, b: unknown) => isLess(a, b)),
  le: goFunction('any any', (a: unknown, b: unknown) => isLess(a, b) || areEqual(a, b)),
  gt: goFunction('any any', (a: unknown, b: unknown) => !isLess(a, b) && !areEqual(a, b)),
  ge: goFunction('any any', (a: unknown, b: unknown) => !isLess(a, b)),
  print: goFunction('any...', (...args: unknown[]) => copied(sprint(args))),
  println: goFunction('any...', (...args: unknown[]) => copied(`${args.map(printed).join(' ')}\n`)),
  printf: goFunction('string any...', (format: string, ...args: unknown[]) => copied(sprintf(format, args))),
  html: goFunction('any...', (...args: unknown[]) => copied(escapeHtml(textOf(args)))),
  js: goFunction('any...', (...args: unknown[]) => copied(escapeJs(textOf(args)))),
  urlquery: goFunction('any...', (...args: unknown[]) => copied(escapeQuery(textOf(args)))),
  call: goFunction('any any...', (value: unknown) => {
    throw new CallError(isNil(value) ? 'call of nil' : `non-function of type ${typeName(value)}`)
  }),
}

export const builtins: ReadonlyMap<string, GoFunction> = new Map(Object.entries(table))
/** Names that a template may call before anybody defines any. */
export const builtinNames: ReadonlySet<string> = new Set([...builtins.keys(), 'and', 'or'])

const textOf = (args: readonly unknown[]): string =>
  args.length === 1 && typeof args[0] === 'string' ? args[0] : sprint(args)

const escapeHtml = (text: string): string =>
  text.replace(/[&<>'"\0]/g, (char) => (char === '\0' ? '\ufffd' : `&${htmlNames[char]};`))
const htmlNames: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', "'": '#39', '"': '#34' }

const escapeJs = (text: string): string =>
  text.replace(/[\\'"<>&=\p{Cc}]/gu, (char) =>
    '\\\'"'.includes(char) ? `\\${char}` : `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
  )

/** url.QueryEscape */
export const escapeQuery = (text: string): string =>
  encodeURIComponent(text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd'))
    .replaceAll('%20', '+')
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

function lengthOf(value: unknown): number {
  if (typeof value === 'string') return utf8Length(value)
  if (Array.isArray(value) || isBytes(value)) return value.length
  if (isGoMap(value)) return Object.keys(value).length
  if (value instanceof GoStruct && value.entries) return Object.keys(value.entries).length
  throw new CallError(isNil(value) ? 'len of nil pointer' : `len of type ${typeName(value)}`)
}

function indexed(value: unknown, key: unknown): unknown {
  if (isNil(value)) throw new CallError('index of nil pointer')
  if (isGoMap(value) || (value instanceof GoStruct && value.entries)) {
    if (typeof key !== 'string') throw new CallError(`value has type ${typeName(key)}; should be string`)
    return ownValue(isGoMap(value) ? value : (value as GoStruct).entries!, key)
  }
  if (!Array.isArray(value) && typeof value !== 'string' && !isBytes(value))
    throw new CallError(`can't index item of type ${typeName(value)}`)
  const items: ArrayLike<unknown> = typeof value === 'string' ? utf8Bytes(value) : value
  const at = position(key, items.length)
  if (at >= items.length) throw new CallError(`index out of range: ${at}`)
  const item = items[at]
  return Array.isArray(value) ? item : BigInt(item as number)
}

function position(key: unknown, most: number): number {
  if (isNil(key)) throw new CallError('cannot index slice/array with nil')
  if (typeof key !== 'bigint') throw new CallError(`cannot index slice/array with type ${typeName(key)}`)
  if (key < 0n || key > BigInt(most)) throw new CallError(`index out of range: ${key}`)
  return Number(key)
}

function sliced(value: unknown, ...keys: unknown[]): unknown {
  if (isNil(value)) throw new CallError('slice of untyped nil')
  if (keys.length > 3) throw new CallError(`too many slice indexes: ${keys.length}`)
  if (typeof value === 'string') {
    if (keys.length === 3) throw new CallError('cannot 3-index slice a string')
    const bytes = utf8Bytes(value)
    const [from, to] = range(keys, bytes.length)
    return copied(utf8TextLossy(bytes.slice(from, to)))
  }
  if (!Array.isArray(value)) throw new CallError(`can't slice item of type ${typeName(value)}`)
  const [from, to] = range(keys, value.length)
  return value.slice(from, to)
}

function range(keys: readonly unknown[], length: number): [number, number] {
  const from = keys.length > 0 ? position(keys[0], length) : 0
  const to = keys.length > 1 ? position(keys[1], length) : length
  if (from > to) throw new CallError(`invalid slice index: ${from} > ${to}`)
  return [from, to]
}

type Basic = 'bool' | 'float' | 'int' | 'string'

function basicKind(value: unknown): Basic | undefined {
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return 'float'
  if (typeof value === 'bigint') return 'int'
  return typeof value === 'string' ? 'string' : undefined
}

function areEqual(a: unknown, b: unknown): boolean {
  if (isNil(a) || isNil(b)) return isNil(a) && isNil(b)
  const [one, other] = [basicKind(a), basicKind(b)]
  if (!one || !other) throw new CallError(`non-comparable type ${printed(one ? b : a)}: ${typeName(one ? b : a)}`)
  if (one !== other) throw new CallError('incompatible types for comparison')
  return a === b
}

function isLess(a: unknown, b: unknown): boolean {
  const [one, other] = [basicKind(a), basicKind(b)]
  if (!one || !other) throw new CallError('invalid type for comparison')
  if (one !== other) throw new CallError('incompatible types for comparison')
  if (one === 'bool') throw new CallError('invalid type for comparison')
  return (a as string) < (b as string)
}
