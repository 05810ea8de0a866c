/** Texts in quotes, as Go writes and reads them. Source: https://pkg.go.dev/strconv */
import { chargeText } from '../engine/work.ts'

/** `%q`: a text as a Go string literal. */
export function goQuote(text: string): string {
  chargeText(text.length)
  let quoted = '"'
  for (const char of text) {
    const code = char.codePointAt(0)!
    if (char === '"' || char === '\\') quoted += `\\${char}`
    else if (Object.hasOwn(escapes, char)) quoted += escapes[char]
    else if (code < 32 || code === 127) quoted += `\\x${code.toString(16).padStart(2, '0')}`
    else if (isPrintable(char)) quoted += char
    else
      quoted += code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
  }
  return `${quoted}"`
}

const escapes: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\t': '\\t',
  '\r': '\\r',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\v': '\\v',
}

const isPrintable = (char: string): boolean => char === ' ' || !/[\p{C}\p{Z}]/u.test(char)

/** What a literal in quotes says; undefined when it is none. */
export function goUnquote(literal: string): string | undefined {
  if (literal.startsWith('`')) return literal.slice(1, -1).replaceAll('\r', '')
  let isRight = true
  const text = literal
    .slice(1, -1)
    .replace(/\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{3}|[\s\S])/g, (_, code: string) => {
      if (/^[xuU]./.test(code)) {
        const point = Number.parseInt(code.slice(1), 16)
        if (point > 0x10ffff) isRight = false
        return isRight ? String.fromCodePoint(point) : ''
      }
      if (/^[0-7]{3}$/.test(code)) return String.fromCharCode(Number.parseInt(code, 8))
      const char = unescapes[code] ?? (code === literal[0] ? code : undefined)
      if (char === undefined) isRight = false
      return char ?? ''
    })
  return isRight ? text : undefined
}

const unescapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
}
