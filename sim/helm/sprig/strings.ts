/** Sprig's functions over text. Source: https://masterminds.github.io/sprig/strings.html */
import { utf8Bytes, utf8TextLossy } from '../../api/meta/base64.ts'
import { charge, chargeText } from '../../engine/work.ts'
import { copied } from '../../go-template/builtins.ts'
import { CallError, goFunction as fn, type GoFunction } from '../../go-template/functions.ts'
import { GoStruct, isBytes, isNil, longestList, longestValue, printed } from '../../go-template/values.ts'
import { goQuote } from '../../text/go-quote.ts'

export const stringFunctions: Readonly<Record<string, GoFunction>> = {
  hello: fn('', () => 'Hello!'),
  trim: fn('string', (text: string) => text.trim()),
  upper: fn('string', (text: string) => copied(text.toUpperCase())),
  lower: fn('string', (text: string) => copied(text.toLowerCase())),
  title: fn('string', (text: string) =>
    copied(text.replace(/(^|[^\p{L}\p{N}_'])(\p{L})/gu, (_, a, b) => a + b.toUpperCase())),
  ),
  untitle: fn('string', (text: string) =>
    copied(text.replace(/(^|\s)(\S)/gu, (_, a: string, b: string) => a + b.toLowerCase())),
  ),
  swapcase: fn('string', (text: string) =>
    copied([...text].map((char) => (char === char.toUpperCase() ? char.toLowerCase() : char.toUpperCase())).join('')),
  ),
  nospace: fn('string', (text: string) => copied(text.replace(/\s/gu, ''))),
  initials: fn('string', (text: string) =>
    text
      .split(/\s+/)
      .filter(Boolean)
      .map((word) => [...word][0])
      .join(''),
  ),
  repeat: fn('int string', (count: bigint, text: string) => {
    if (count < 0n) throw new CallError('strings: negative Repeat count')
    if (count * BigInt(Math.max(1, text.length)) > BigInt(longestValue))
      throw new CallError(`a text of ${count} times ${text.length} characters is too long`)
    return copied(text.repeat(Number(count)))
  }),
  trimAll: fn('string string', (chars: string, text: string) => trimmed(text, chars)),
  trimall: fn('string string', (chars: string, text: string) => trimmed(text, chars)),
  trimSuffix: fn('string string', (end: string, text: string) =>
    end && text.endsWith(end) ? text.slice(0, -end.length) : text,
  ),
  trimPrefix: fn('string string', (start: string, text: string) =>
    text.startsWith(start) ? text.slice(start.length) : text,
  ),
  contains: fn('string string', (part: string, text: string) => {
    chargeText(text.length)
    return text.includes(part)
  }),
  hasPrefix: fn('string string', (part: string, text: string) => text.startsWith(part)),
  hasSuffix: fn('string string', (part: string, text: string) => text.endsWith(part)),
  quote: fn('any...', (...values: unknown[]) =>
    copied(
      values
        .filter((value) => !isNil(value))
        .map((value) => goQuote(textOf(value)))
        .join(' '),
    ),
  ),
  squote: fn('any...', (...values: unknown[]) =>
    copied(
      values
        .filter((value) => !isNil(value))
        .map((value) => `'${printed(value)}'`)
        .join(' '),
    ),
  ),
  cat: fn('any...', (...values: unknown[]) =>
    copied(
      values
        .filter((value) => !isNil(value))
        .map(printed)
        .join(' '),
    ),
  ),
  indent: fn('int string', (spaces: bigint, text: string) => indented(spaces, text)),
  nindent: fn('int string', (spaces: bigint, text: string) => `\n${indented(spaces, text)}`),
  replace: fn('string string string', (old: string, by: string, text: string) => replaced(text, old, by)),
  plural: fn('string string int', (one: string, many: string, count: bigint) => (count === 1n ? one : many)),
  toString: fn('any', (value: unknown) => copied(textOf(value))),
  trunc: fn('int string', (count: bigint, text: string) => truncated(Number(count), text)),
  substr: fn('int int string', (from: bigint, to: bigint, text: string) => {
    const bytes = utf8Bytes(text)
    const [start, end] = [Number(from), Number(to)]
    if (start < 0) return utf8TextLossy(bytes.slice(0, Math.max(0, end)))
    return utf8TextLossy(end < 0 || end > bytes.length ? bytes.slice(start) : bytes.slice(start, end))
  }),
  abbrev: fn('int string', (width: bigint, text: string) => {
    const most = Number(width)
    return most < 4 || text.length <= most ? text : `${text.slice(0, most - 3)}...`
  }),
  abbrevboth: fn('int int string', (left: bigint, right: bigint, text: string) => {
    const [offset, width] = [Number(left), Number(right)]
    if (width < 4 || (offset > 0 && width < 7) || text.length <= width) return text
    if (offset <= 4) return `${text.slice(0, width - 3)}...`
    if (offset + width - 3 >= text.length) return `...${text.slice(text.length - (width - 3))}`
    return `...${text.slice(offset, offset + width - 6)}...`
  }),
  wrap: fn('int string', (width: bigint, text: string) => wrapped(Number(width), '\n', text, false)),
  wrapWith: fn('int string string', (width: bigint, by: string, text: string) =>
    wrapped(Number(width), by, text, true),
  ),
  snakecase: fn('string', (text: string) => wordsOf(text).join('_').toLowerCase()),
  kebabcase: fn('string', (text: string) => wordsOf(text).join('-').toLowerCase()),
  camelcase: fn('string', (text: string) =>
    text
      .split(/[\s_-]+/)
      .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
      .join(''),
  ),
  split: fn('string string', (by: string, text: string) => numbered(parts(text, by))),
  splitn: fn('string int string', (by: string, most: bigint, text: string) =>
    numbered(partsUpTo(text, by, Number(most))),
  ),
  splitList: fn('string string', (by: string, text: string) => parts(text, by)),
  toStrings: fn('any', (value: unknown) => textsOf(value)),
  join: fn('string any', (by: string, value: unknown) => copied(textsOf(value).join(by))),
  sortAlpha: fn('any', (value: unknown) => {
    const texts = textsOf(value)
    charge(texts.length * 10)
    return texts.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  }),
}

/** A value as text: as it is, or as `%v` shows it. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (isBytes(value)) return utf8TextLossy([...value])
  if (value instanceof GoStruct && value.methods.String) return String(value.methods.String.run())
  return printed(value)
}

/** The items as texts, without those that are nothing. */
function textsOf(value: unknown): string[] {
  if (Array.isArray(value)) {
    charge(value.length)
    return value.filter((item) => !isNil(item)).map(textOf)
  }
  return isNil(value) ? [] : [textOf(value)]
}

function trimmed(text: string, chars: string): string {
  const set = new Set(chars)
  const letters = [...text]
  let from = 0
  let to = letters.length
  while (from < to && set.has(letters[from]!)) from++
  while (to > from && set.has(letters[to - 1]!)) to--
  return letters.slice(from, to).join('')
}

function indented(spaces: bigint, text: string): string {
  if (spaces < 0n) throw new CallError('strings: negative Repeat count')
  const lines = text.split('\n')
  if (spaces * BigInt(lines.length) > BigInt(longestValue)) throw new CallError('the indented text is too long')
  const pad = ' '.repeat(Number(spaces))
  return copied(pad + lines.join(`\n${pad}`))
}

function replaced(text: string, old: string, by: string): string {
  const found = old === '' ? text.length + 1 : text.split(old).length - 1
  if (text.length + found * by.length > longestValue) throw new CallError('the text with its replacements is too long')
  return copied(old === '' ? by + [...text].map((char) => char + by).join('') : text.split(old).join(by))
}

/** Of bytes, as Go slices texts. */
function truncated(count: number, text: string): string {
  const bytes = utf8Bytes(text)
  if (count < 0 && bytes.length + count > 0) return utf8TextLossy(bytes.slice(bytes.length + count))
  return count >= 0 && bytes.length > count ? utf8TextLossy(bytes.slice(0, count)) : text
}

/** Lines of at most so many characters, broken at spaces. */
function wrapped(width: number, by: string, text: string, breaksWords: boolean): string {
  const most = Math.max(1, width)
  const lines: string[] = []
  let rest = text
  while (rest.length > most) {
    charge(2)
    const space = rest.lastIndexOf(' ', most)
    const next = rest.indexOf(' ', most)
    if (space > 0) {
      lines.push(rest.slice(0, space))
      rest = rest.slice(space + 1)
    } else if (breaksWords) {
      lines.push(rest.slice(0, most))
      rest = rest.slice(most)
    } else if (next < 0) break
    else {
      lines.push(rest.slice(0, next))
      rest = rest.slice(next + 1)
    }
    if (lines.length > longestList) throw new CallError('the text has too many lines')
  }
  return copied([...lines, rest].join(by))
}

/** `HTTPServer2x` is HTTP, Server, 2x. */
const wordsOf = (text: string): string[] =>
  text
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2')
    .replace(/(?<=\p{Lu})(?=\p{Lu}\p{Ll})/gu, ' ')
    .split(/[\s_-]+/)
    .filter(Boolean)

function parts(text: string, by: string): string[] {
  chargeText(text.length)
  const found = by === '' ? [...text] : text.split(by)
  if (found.length > longestList) throw new CallError(`a list of ${found.length} items is too long`)
  charge(found.length)
  return found
}

function partsUpTo(text: string, by: string, most: number): string[] {
  const all = parts(text, by)
  if (most < 0 || all.length <= most) return all
  if (most === 0) return []
  return [...all.slice(0, most - 1), all.slice(most - 1).join(by)]
}

const numbered = (texts: readonly string[]): Record<string, string> =>
  Object.fromEntries(texts.map((text, at) => [`_${at}`, text]))
