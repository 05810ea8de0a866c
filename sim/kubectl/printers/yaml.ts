/** YAML as sigs.k8s.io/yaml prints it: keys in its order, block style, quotes where a plain text would be read as something else. */
import { isMap, type JsonMap, printNumber } from '../../api/meta/go-json.ts'

/** The document, with a newline at its end. */
export function printYaml(value: unknown): string {
  if (Array.isArray(value) && value.length > 0) return printItems(value, 0)
  if (isMap(value) && keysOf(value).length > 0) return printFields(value, 0)
  return `${printLeaf(value, 0, 0)}\n`
}

const keysOf = (map: JsonMap): string[] =>
  Object.keys(map)
    .filter((key) => map[key] !== undefined)
    .sort(compareKeys)

function printFields(map: JsonMap, indent: number, firstPrefix = ' '.repeat(indent)): string {
  let text = ''
  for (const [at, key] of keysOf(map).entries()) {
    const shown = printKey(key)
    const column = indent + shown.length + 2
    text += `${at === 0 ? firstPrefix : ' '.repeat(indent)}${shown}:${printValue(map[key], indent, column)}`
  }
  return text
}

function printItems(items: readonly unknown[], indent: number, firstPrefix = ' '.repeat(indent)): string {
  let text = ''
  for (const [at, item] of items.entries()) {
    const prefix = `${at === 0 ? firstPrefix : ' '.repeat(indent)}- `
    if (isMap(item) && keysOf(item).length > 0) text += printFields(item, indent + 2, prefix)
    else if (Array.isArray(item) && item.length > 0) text += printItems(item, indent + 2, prefix)
    else text += `${prefix}${printLeaf(item, indent + 2, indent + 2)}\n`
  }
  return text
}

/** What follows `key:`. Lists stand at the key's own indentation. */
function printValue(value: unknown, indent: number, column: number): string {
  if (isMap(value) && keysOf(value).length > 0) return `\n${printFields(value, indent + 2)}`
  if (Array.isArray(value) && value.length > 0) return `\n${printItems(value, indent)}`
  return ` ${printLeaf(value, indent + 2, column)}\n`
}

/** @param column where it begins in its line */
function printLeaf(value: unknown, indent: number, column: number): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'number') return printYamlNumber(value)
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'string') {
    if (value.includes('\n')) return printMultiline(value, indent, column)
    return fold(printText(value), indent, column)
  }
  return Array.isArray(value) ? '[]' : '{}'
}

/** What fits into 64 bits is an integer. */
function printYamlNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 63) return String(BigInt(value))
  return printNumber(value).replace(/^(-?\d+)$/, (digits) =>
    Number(digits)
      .toExponential()
      .replace(/e\+(\d)$/, 'e+0$1'),
  )
}

const printKey = (key: string): string => (key.includes('\n') ? doubleQuoted(key) : printText(key))

/** A text on one line: plain where it can be, in quotes else. */
function printText(text: string): string {
  if (readsAsOther(text) || !isPrintable(text)) return doubleQuoted(text)
  if (canStandPlain(text)) return text
  return `'${text.replaceAll("'", "''")}'`
}

/** Whether YAML 1.1 would read the plain text as something else than itself. */
export function readsAsOther(text: string): boolean {
  if (text === '') return true
  if (/^(y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF)$/.test(text)) return true
  if (/^(true|True|TRUE|false|False|FALSE|null|Null|NULL|~|<<)$/.test(text)) return true
  if (/^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/.test(text)) return true
  if (!/^[-+.0-9]/.test(text)) return false
  const digits = text.replaceAll('_', '')
  if (/^[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]*|[1-9][0-9]*)$/.test(digits)) return true
  if (/^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(digits)) return true
  if (/^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$/.test(text)) return true
  return isTimestamp(text)
}

/** Dates as go-yaml knows them: `2024-1-2`, and with a time after `T`, `t` or a space. */
const isTimestamp = (text: string): boolean => {
  const match =
    /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?(?:Z|[-+]\d\d:\d\d))|(?: (\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?))?$/.exec(
      text,
    )
  return (
    match !== null && Number(match[2]) >= 1 && Number(match[2]) <= 12 && Number(match[3]) >= 1 && Number(match[3]) <= 31
  )
}

/** Whether nothing in the text has a meaning of its own in YAML's block style. */
function canStandPlain(text: string): boolean {
  if (text !== text.trim() && /^ | $/.test(text)) return false
  if (/^(---|\.\.\.)/.test(text)) return false
  if (/^[#,[\]{}&*!|>'"%@`]/.test(text)) return false
  if (/^[-?:](\s|$)/.test(text)) return false
  return !/:(\s|$)/.test(text.slice(1)) && !/\s#/.test(text)
}

const isPrintable = (text: string): boolean => {
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    if (!isPrintableCode(code)) return false
  }
  return true
}

const isPrintableCode = (code: number): boolean =>
  code === 0x0a ||
  (code >= 0x20 && code <= 0x7e) ||
  (code >= 0xa0 && code <= 0xd7ff) ||
  (code >= 0xe000 && code <= 0xfffd && code !== 0xfeff)

/** Several lines as a literal block, or in double quotes where a block would lose something. */
function printMultiline(text: string, indent: number, column: number): string {
  const losesSpace = / \n/.test(text) || text.endsWith(' ')
  if (losesSpace || !isPrintable(text)) return fold(doubleQuoted(text), indent, column)
  const hint = /^[ \n]/.test(text) ? '2' : ''
  const chomping = !text.endsWith('\n') ? '-' : text === '\n' || text.endsWith('\n\n') ? '+' : ''
  const body = text.endsWith('\n') ? text.slice(0, -1) : text
  const lines = body.split('\n').map((line) => (line === '' ? '' : ' '.repeat(indent) + line))
  return `|${hint}${chomping}\n${lines.join('\n')}`
}

/** Lines end at the first space behind this column. */
const WIDTH = 80

/** A text in its quotes, if it has any, as several lines where it is long. */
function fold(text: string, indent: number, column: number): string {
  const [isQuoted, isDouble] = [/^['"]/.test(text), text.startsWith('"')]
  const [first, last] = isQuoted ? [1, text.length - 2] : [0, text.length - 1]
  let at = column
  let out = ''
  let isAfterSpace = false
  for (let i = 0; i < text.length; i++) {
    const isSpace = text[i] === ' '
    const isInside = i > first && i < last
    const isBreak = isSpace && !isAfterSpace && at > WIDTH && isInside && (isDouble || text[i + 1] !== ' ')
    isAfterSpace = isSpace
    if (!isBreak) {
      out += text[i]
      // Half of a character outside the basic plane takes no place.
      if (!/[\uDC00-\uDFFF]/.test(text[i])) at++
      continue
    }
    out += `\n${' '.repeat(indent)}${text[i + 1] === ' ' ? '\\' : ''}`
    at = indent
  }
  return out
}

const ESCAPES: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\t': '\\t',
  '\r': '\\r',
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\v': '\\v',
  '\f': '\\f',
  '\x1b': '\\e',
  '\x85': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
}

function doubleQuoted(text: string): string {
  let out = '"'
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    if (ESCAPES[char]) out += ESCAPES[char]
    else if (isPrintableCode(code)) out += char
    else if (code <= 0xff) out += `\\x${code.toString(16).toUpperCase().padStart(2, '0')}`
    else if (code <= 0xffff) out += `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`
    else out += `\\U${code.toString(16).toUpperCase().padStart(8, '0')}`
  }
  return `${out}"`
}

/** The order of keys that go-yaml gives: what is no letter first, and numbers by their value. */
export function compareKeys(a: string, b: string): number {
  const [left, right] = [[...a], [...b]]
  let isInDigits = false
  for (let i = 0; i < left.length && i < right.length; i++) {
    if (left[i] === right[i]) {
      isInDigits = isDigit(left[i])
      continue
    }
    const [leftLetter, rightLetter] = [isLetter(left[i]), isLetter(right[i])]
    if (leftLetter && rightLetter) return left[i] < right[i] ? -1 : 1
    if (leftLetter || rightLetter) return (isInDigits ? leftLetter : rightLetter) ? -1 : 1
    const [leftNumber, rightNumber] = [numberAt(left, i), numberAt(right, i)]
    if (leftNumber.value !== rightNumber.value) return leftNumber.value - rightNumber.value
    if (leftNumber.end !== rightNumber.end) return leftNumber.end - rightNumber.end
    return left[i] < right[i] ? -1 : 1
  }
  return left.length - right.length
}

const isDigit = (char: string): boolean => char >= '0' && char <= '9'
const isLetter = (char: string): boolean => /\p{L}/u.test(char)

/** The number that starts at `i`; a zero there counts the digits before it in. */
function numberAt(chars: readonly string[], i: number): { value: number; end: number } {
  let value = 0
  if (chars[i] === '0') {
    for (let j = i - 1; j >= 0 && isDigit(chars[j]); j--) {
      if (chars[j] !== '0') {
        value = 1
        break
      }
    }
  }
  let end = i
  while (end < chars.length && isDigit(chars[end])) value = value * 10 + Number(chars[end++])
  return { value, end }
}
