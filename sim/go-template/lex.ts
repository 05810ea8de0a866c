/** The tokens of a template. Source: text/template/parse/lex.go */
import { charge } from '../engine/work.ts'
import { goQuote } from '../text/go-quote.ts'

export type TokenType =
  | 'error'
  | 'bool'
  | 'char'
  | 'charConstant'
  | '='
  | ':='
  | 'EOF'
  | 'field'
  | 'identifier'
  | '{{'
  | '('
  | 'number'
  | '|'
  | 'rawString'
  | '}}'
  | ')'
  | 'space'
  | 'string'
  | 'text'
  | 'variable'
  | 'dot'
  | 'nil'
  | 'keyword'

export interface Token {
  type: TokenType
  text: string
  /** Characters before it. */
  at: number
  line: number
}

const keywords = new Set('block break continue define else end if range template with'.split(' '))

/** As a message shows it. */
export function printToken({ type, text }: Token): string {
  if (type === 'EOF') return 'EOF'
  if (type === 'error') return text
  if (type === 'keyword' || type === 'dot' || type === 'nil') return `<${text}>`
  return text.length > 10 ? `${goQuote(text.slice(0, 10))}...` : goQuote(text)
}

const isSpace = (char: string | undefined): boolean => char === ' ' || char === '\t' || char === '\r' || char === '\n'
const isAlphaNumeric = (char: string | undefined): boolean => char !== undefined && /[\p{L}\p{N}_]/u.test(char)
/** One step back after the other: an expression would begin anew at each space. */
function trimEnd(text: string): string {
  let end = text.length
  while (isSpace(text[end - 1])) end--
  return text.slice(0, end)
}

/** All tokens; the last one is the end, or an error. */
export function lex(source: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  let line = 1
  let counted = 0
  const lineAt = (position: number): number => {
    for (; counted < position; counted++) if (source[counted] === '\n') line++
    return line
  }
  const emit = (type: TokenType, from: number, to: number, text = source.slice(from, to)): void => {
    charge(2)
    tokens.push({ type, text, at: from, line: lineAt(from) })
    at = to
  }
  const fail = (why: string, where = at): Token[] => {
    tokens.push({ type: 'error', text: why, at: where, line: lineAt(where) })
    return tokens
  }
  for (;;) {
    const start = source.indexOf('{{', at)
    if (start < 0) {
      if (at < source.length) emit('text', at, source.length)
      emit('EOF', source.length, source.length)
      return tokens
    }
    const trims = source[start + 2] === '-' && isSpace(source[start + 3])
    const text = source.slice(at, start)
    const kept = trims ? trimEnd(text) : text
    if (kept) emit('text', at, at + kept.length)
    const inner = start + 2 + (trims ? 2 : 0)
    if (source.startsWith('/*', inner)) {
      const end = source.indexOf('*/', inner)
      if (end < 0) return fail('unclosed comment', start)
      const closing = rightDelimiter(source, end + 2)
      if (!closing) return fail('comment ends before closing delimiter', start)
      at = closing.next
      continue
    }
    emit('{{', start, inner, '{{')
    const why = lexAction()
    if (why) return fail(why.text, why.at)
  }

  /** As far as its right delimiter. @returns what is wrong */
  function lexAction(): { text: string; at: number } | undefined {
    let depth = 0
    for (;;) {
      const closing = rightDelimiter(source, at)
      if (closing) {
        if (depth > 0) return { text: 'unclosed left paren', at }
        emit('}}', at, closing.next, '}}')
        return undefined
      }
      const char = source[at]
      if (char === undefined) return { text: 'unclosed action', at }
      if (isSpace(char)) {
        let end = at
        // The one before ` -}}` belongs to the delimiter.
        while (isSpace(source[end]) && !(end > at && rightDelimiter(source, end))) end++
        emit('space', at, end)
      } else if (char === '=') emit('=', at, at + 1)
      else if (char === ':') {
        if (source[at + 1] !== '=') return { text: 'expected :=', at }
        emit(':=', at, at + 2)
      } else if (char === '|') emit('|', at, at + 1)
      else if (char === '"' || char === "'") {
        const end = closingQuote(source, at)
        if (end < 0)
          return { text: char === '"' ? 'unterminated quoted string' : 'unterminated character constant', at }
        emit(char === '"' ? 'string' : 'charConstant', at, end)
      } else if (char === '`') {
        const end = source.indexOf('`', at + 1)
        if (end < 0) return { text: 'unterminated raw quoted string', at }
        emit('rawString', at, end + 1)
      } else if (char === '(') {
        depth++
        emit('(', at, at + 1)
      } else if (char === ')') {
        if (--depth < 0) return { text: 'unexpected right paren', at }
        emit(')', at, at + 1)
      } else if (/[+\-\d]/.test(char) || (char === '.' && /\d/.test(source[at + 1] ?? ''))) {
        const number =
          /^[+-]?(?:0[xX][\da-fA-F_.pP]+|0[oO][0-7_]+|0[bB][01_]+|[\d_]*\.?[\d_]*(?:[eE][+-]?[\d_]+)?)i?/.exec(
            source.slice(at, at + 200),
          )![0]
        const end = at + number.length
        if (isAlphaNumeric(source[end]) || !/\d/.test(number))
          return { text: `bad number syntax: ${goQuote(source.slice(at, end + 1))}`, at }
        emit('number', at, end)
      } else if (char === '.' || char === '$' || isAlphaNumeric(char)) {
        let end = at + 1
        while (isAlphaNumeric(source[end])) end++
        if (!isTerminator(source, end)) return { text: `bad character ${unicodeName(source, end)}`, at: end }
        const word = source.slice(at, end)
        emit(typeOfWord(word), at, end)
      } else if (char.charCodeAt(0) >= 32 && char.charCodeAt(0) < 127) emit('char', at, at + 1)
      else return { text: `unrecognized character in action: ${unicodeName(source, at)}`, at }
    }
  }
}

function typeOfWord(word: string): TokenType {
  if (word === '.') return 'dot'
  if (word.startsWith('.')) return 'field'
  if (word.startsWith('$')) return 'variable'
  if (keywords.has(word)) return 'keyword'
  if (word === 'nil') return 'nil'
  return word === 'true' || word === 'false' ? 'bool' : 'identifier'
}

function isTerminator(source: string, at: number): boolean {
  const char = source[at]
  return char === undefined || isSpace(char) || '.,|:()='.includes(char) || source.startsWith('}}', at)
}

/** `U+0027 '''` */
function unicodeName(source: string, at: number): string {
  const code = source.codePointAt(at) ?? 0xfffd
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')} '${String.fromCodePoint(code)}'`
}

/** Where what follows `}}` or ` -}}` begins, if one stands there. */
function rightDelimiter(source: string, at: number): { next: number } | undefined {
  if (source.startsWith('}}', at)) return { next: at + 2 }
  if (!isSpace(source[at]) || !source.startsWith('-}}', at + 1)) return undefined
  let next = at + 4
  while (isSpace(source[next])) next++
  return { next }
}

/** Behind the quote that ends what begins there; -1 without one on the line. */
function closingQuote(source: string, at: number): number {
  for (let i = at + 1; i < source.length && source[i] !== '\n'; i++) {
    if (source[i] === '\\') i++
    else if (source[i] === source[at]) return i + 1
  }
  return -1
}
