/** Functions that write values as text and read them: base64 and base32, JSON, YAML, TOML. */

import { decodeBase64, encodeBase64Text, utf8Bytes, utf8TextLossy } from '../../api/meta/base64.ts'
import { isMap, printCompactJson, printIndentedJson } from '../../api/meta/go-json.ts'
import { chargeText } from '../../engine/work.ts'
import { copied } from '../../go-template/builtins.ts'
import { CallError, goFunction as fn, type GoFunction } from '../../go-template/functions.ts'
import { isGoMap, isNil, keysOf, printed } from '../../go-template/values.ts'
import { isReportable } from '../../kubectl/errors.ts'
import { printYaml } from '../../kubectl/printers/yaml.ts'
import { parseManifest } from '../../kubectl/yaml.ts'
import { cannotUnmarshal, jsonFault } from '../../text/go-json-errors.ts'
import { goQuote } from '../../text/go-quote.ts'
import { toPlain } from './plain.ts'

const json = (value: unknown): string => copied(printCompactJson(toPlain(value)))
const prettyJson = (value: unknown): string => copied(printIndentedJson(toPlain(value), undefined, '', '  '))
const rawJson = (value: unknown): string =>
  json(value).replace(/\\u(003c|003e|0026)/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))

export const encodingFunctions: Readonly<Record<string, GoFunction>> = {
  b64enc: fn('string', (text: string) => copied(encodeBase64Text(text))),
  b64dec: fn('string', (text: string) => {
    chargeText(text.length)
    const decoded = decodeBase64(text.replace(/[\r\n]/g, ''))
    return 'bytes' in decoded ? utf8TextLossy(decoded.bytes) : `illegal base64 data at input byte ${decoded.badOffset}`
  }),
  b32enc: fn('string', (text: string) => copied(base32(utf8Bytes(text)))),
  b32dec: fn('string', (text: string) => unbase32(text)),
  toJson: fn('any', json),
  mustToJson: fn('any', json),
  toPrettyJson: fn('any', prettyJson),
  mustToPrettyJson: fn('any', prettyJson),
  toRawJson: fn('any', rawJson),
  mustToRawJson: fn('any', rawJson),
  fromJson: fn('string', (text: string) => {
    const read = readJson(text)
    if ('error' in read) return { Error: read.error }
    return isGoMap(read.value) ? read.value : { Error: cannotUnmarshal(read.value, 'map[string]interface {}') }
  }),
  fromJsonArray: fn('string', (text: string) => {
    const read = readJson(text)
    if ('error' in read) return [read.error]
    return Array.isArray(read.value) ? read.value : [cannotUnmarshal(read.value, '[]interface {}')]
  }),
  mustFromJson: fn('string', (text: string) => {
    const read = readJson(text)
    if ('error' in read) throw new CallError(read.error)
    return read.value
  }),
  toYaml: fn('any', (value: unknown) => copied(printYaml(toPlain(value)).replace(/\n$/, ''))),
  toYamlPretty: fn('any', (value: unknown) => copied(indentLists(printYaml(toPlain(value))).replace(/\n$/, ''))),
  fromYaml: fn('string', (text: string) => {
    const read = readYaml(text)
    if ('error' in read) return { Error: read.error }
    if (isNil(read.value)) return {}
    return isGoMap(read.value)
      ? read.value
      : {
          Error: `error unmarshaling JSON: while decoding JSON: ${cannotUnmarshal(read.value, 'map[string]interface {}')}`,
        }
  }),
  fromYamlArray: fn('string', (text: string) => {
    const read = readYaml(text)
    if ('error' in read) return [read.error]
    if (isNil(read.value)) return []
    return Array.isArray(read.value)
      ? read.value
      : [`error unmarshaling JSON: while decoding JSON: ${cannotUnmarshal(read.value, '[]interface {}')}`]
  }),
  toToml: fn('any', (value: unknown) => {
    const plain = toPlain(value)
    return isMap(plain) ? copied(toml(plain, [])) : 'toml: top-level values must be Go maps or structs'
  }),
}

function readJson(text: string): { value: unknown } | { error: string } {
  chargeText(text.length * 4)
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return { error: jsonFault(text)! }
  }
}

/** The first document. */
export function readYaml(text: string): { value: unknown } | { error: string } {
  try {
    return { value: parseManifest(text, '')[0]?.value ?? null }
  } catch (error) {
    if (!isReportable(error)) throw error
    return { error: (error as Error).message.replace('error parsing : ', '') }
  }
}

/** Items of a list stand two further in than its key. */
function indentLists(text: string): string {
  const lines = text.split('\n')
  /** Columns of keys whose lists stand at their own column, from the outside in. */
  const lists: number[] = []
  return lines
    .map((line, at) => {
      const column = line.search(/\S/)
      if (column < 0) return line
      const isItem = /^\s*- /.test(line) || /^\s*-$/.test(line)
      while (lists.length > 0 && (column < lists.at(-1)! || (column === lists.at(-1)! && !isItem))) lists.pop()
      const before = lines[at - 1]
      const opens = isItem && before !== undefined && /:$/.test(before) && keyColumn(before) === column
      if (opens && lists.at(-1) !== column) lists.push(column)
      return '  '.repeat(lists.length) + line
    })
    .join('\n')
}

/** Where the key of a line begins, behind the dashes of items. */
const keyColumn = (line: string): number => /^[\s-]*(?<!\S)/.exec(line)![0].length

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function base32(bytes: readonly number[]): string {
  let text = ''
  let [held, bits] = [0, 0]
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xffff
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += letters[(held >> bits) & 31]
    }
  }
  if (bits > 0) text += letters[(held << (5 - bits)) & 31]
  return text + '='.repeat((8 - (text.length % 8)) % 8)
}

function unbase32(text: string): string {
  chargeText(text.length)
  const bytes: number[] = []
  let [held, bits] = [0, 0]
  const plain = text.replace(/[\r\n]/g, '').replace(/={1,6}$/, '')
  for (const [at, char] of [...plain].entries()) {
    const value = letters.indexOf(char)
    if (value < 0) return `illegal base32 data at input byte ${at}`
    held = ((held << 5) | value) & 0xffff
    bits += 5
    if (bits >= 8) {
      bits -= 8
      bytes.push((held >> bits) & 255)
    }
  }
  return utf8TextLossy(bytes)
}

/** Tables under their headings, values before them. */
function toml(map: Record<string, unknown>, path: readonly string[]): string {
  const keys = keysOf(map)
  const own = keys.filter((key) => !isTable(map[key]) && !isNil(map[key]))
  const indent = '  '.repeat(Math.max(0, path.length - 1))
  let text = ''
  if (path.length > 0 && (own.length > 0 || keys.length === 0)) text += `${indent}[${path.map(tomlKey).join('.')}]\n`
  for (const key of own) text += `${path.length > 0 ? `${indent}  ` : ''}${tomlKey(key)} = ${tomlValue(map[key])}\n`
  for (const key of keys) {
    const value = map[key]
    if (isMap(value)) text += (text ? '\n' : '') + toml(value, [...path, key])
    else if (isTable(value))
      for (const item of value as Record<string, unknown>[])
        text += `${text ? '\n' : ''}${toml(item, [...path, key]).replace(/^( *)\[(.*)\]/, '$1[[$2]]')}`
  }
  return text
}

const isTable = (value: unknown): boolean =>
  isMap(value) || (Array.isArray(value) && value.length > 0 && value.every(isMap))
const tomlKey = (key: string): string => (/^[\w-]+$/.test(key) ? key : goQuote(key))

function tomlValue(value: unknown): string {
  if (typeof value === 'string') return goQuote(value)
  if (Array.isArray(value)) return `[${value.map(tomlValue).join(', ')}]`
  if (isMap(value))
    return `{${keysOf(value)
      .map((key) => `${tomlKey(key)} = ${tomlValue(value[key])}`)
      .join(', ')}}`
  return typeof value === 'number' && Number.isInteger(value) ? `${value}.0` : printed(value)
}
