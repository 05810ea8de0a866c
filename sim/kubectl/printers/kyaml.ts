/** KYAML: YAML in flow style, with quotes around every text and none around keys that need none. Source: sigs.k8s.io/yaml/kyaml */
import { isMap, type KeyOrder, printNumber } from '../../api/meta/go-json.ts'
import { readsAsOther } from './yaml.ts'

/** A document with its marker in front and a newline at its end. */
export const printKyaml = (value: unknown, keysOf: KeyOrder): string => `---\n${printNode(value, keysOf, 0)}\n`

const indentOf = (level: number): string => '  '.repeat(level)

function printNode(value: unknown, keysOf: KeyOrder, level: number): string {
  if (Array.isArray(value)) return printItems(value, keysOf, level)
  if (isMap(value)) {
    const keys = keysOf(value)
    if (keys.length === 0) return '{}'
    const fields = keys.map(
      (key) => `${indentOf(level + 1)}${printKey(key)}: ${printNode(value[key], keysOf, level + 1)},\n`,
    )
    return `{\n${fields.join('')}${indentOf(level)}}`
  }
  if (typeof value === 'string') return value.includes('\n') ? printLines(value, level + 1) : quoted(value)
  if (typeof value === 'number') return printNumber(value)
  return typeof value === 'boolean' ? String(value) : 'null'
}

/** Lists of maps and lists stand between brackets without a line of their own. */
function printItems(items: readonly unknown[], keysOf: KeyOrder, level: number): string {
  if (items.length === 0) return '[]'
  if (items.every((item) => typeof item === 'object' && item !== null)) {
    return `[${items.map((item) => printNode(item, keysOf, level)).join(', ')}]`
  }
  const lines = items.map((item) => `${indentOf(level + 1)}${printNode(item, keysOf, level + 1)},\n`)
  return `[\n${lines.join('')}${indentOf(level)}]`
}

const PLAIN_KEY = /^[\p{L}\p{N}_](?:[\p{L}\p{N}_\-./]*[\p{L}\p{N}_])?$/u

const printKey = (key: string): string =>
  PLAIN_KEY.test(key) && !readsAsOther(key) && !/^[tTfF]$/.test(key) ? key : quoted(key)

/** Several lines, folded: each begins one place further in, so that white space in front of it can be escaped. */
function printLines(text: string, level: number): string {
  const lines = text.split('\n')
  const isLastEmpty = lines.at(-1) === ''
  const shown = (isLastEmpty ? lines.slice(0, -1) : lines).map((line, at, all) => {
    const isTerminated = isLastEmpty || at < all.length - 1
    const lead = /^\s/.test(line) ? '\\' : ' '
    return `${indentOf(level)}${lead}${escaped(line)}${isTerminated ? '\\n' : ''}\\\n`
  })
  return `"\\\n${shown.join('')}${indentOf(level)}"`
}

const quoted = (text: string): string => `"${escaped(text)}"`

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  // A tab stays what it is.
  '\t': '\t',
  '\v': '\\v',
  '\0': '\\0',
  '\x1b': '\\e',
  '\x85': '\\N',
  '\xa0': '\\_',
  '\u2028': '\\L',
  '\u2029': '\\P',
}

const escaped = (text: string): string =>
  [...text].map((char) => ESCAPES[char] ?? (/[\p{C}\p{Z}]/u.test(char) && char !== ' ' ? hex(char) : char)).join('')

function hex(char: string): string {
  const code = char.codePointAt(0) ?? 0
  const [letter, width] = code < 0x80 ? ['x', 2] : code < 0x10000 ? ['u', 4] : ['U', 8]
  return `\\${letter}${code.toString(16).padStart(width as number, '0')}`
}
