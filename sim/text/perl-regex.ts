/**
 * Regular expressions in the syntax of Perl, as Go and PCRE take them, by the engine that is bounded in its work.
 * Simplified: the only flag is a leading `(?i)`.
 */
import { compileRegex, type Regex, RegexError } from './regex.ts'

const classes: Readonly<Record<string, string>> = { d: '0-9', w: '0-9A-Za-z_', s: ' \t\n\r\f\v' }

/** All others, as ranges of a set. */
const otherwise: Readonly<Record<string, string>> = {
  d: '\u0000-/:-\uffff',
  w: '\u0000-/:-@[-^`{-\uffff',
  s: '\u0000-\u0008\u000e-\u001f!-\uffff',
}

export interface PerlOptions {
  ignoresCase?: boolean
  /** `(?=`, `(?!`, `(?<=` and `(?<!` are taken, as PCRE does and Go does not. */
  looksAround?: boolean
}

/**
 * @returns whether a text matches somewhere; one that would take too long does not
 * @throws RegexError for a pattern that is none
 */
export function perlMatcher(pattern: string, options: PerlOptions = {}): (text: string) => boolean {
  const regex = compilePerlRegex(pattern, options)
  return (text) => {
    try {
      return regex.again().test(text)
    } catch (error) {
      if (error instanceof RegexError) return false
      throw error
    }
  }
}

/** @throws RegexError for a pattern that is none */
export function compilePerlRegex(
  pattern: string,
  { ignoresCase = false, looksAround = false }: PerlOptions = {},
): Regex {
  const isFlagged = pattern.startsWith('(?i)')
  return compileRegex(inPosixWords(isFlagged ? pattern.slice(4) : pattern, looksAround), {
    isExtended: true,
    isPerl: true,
    ignoresCase: ignoresCase || isFlagged,
  })
}

/** The same as an extended expression. */
function inPosixWords(pattern: string, looksAround: boolean): string {
  let text = ''
  let inSet = false
  /** Nothing stands there that could be repeated. */
  let isStart = true
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]!
    const next = pattern[at + 1] ?? ''
    if (char === '\\') {
      const code = /^\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,4})\})/.exec(pattern.slice(at, at + 8))
      at += code ? code[0].length - 1 : 1
      text += code ? literal(String.fromCharCode(Number.parseInt(code[1] ?? code[2], 16)), inSet) : escaped(next, inSet)
    } else if (inSet) {
      if (char === '[' && next === ':') {
        const end = pattern.indexOf(':]', at + 2)
        text += pattern.slice(at, end < 0 ? undefined : end + 2)
        at = end < 0 ? pattern.length : end + 1
      } else {
        inSet = char !== ']'
        text += char
      }
    } else if (char === '[') {
      inSet = true
      const start = /^\[\^?\]?/.exec(pattern.slice(at))![0]
      text += start
      at += start.length - 1
    } else if (char === '(' && next === '?') {
      const opening = /^\(\?(?::|P?<[A-Za-z_]\w*>|<?[=!])/.exec(pattern.slice(at))?.[0]
      if (!opening || (!looksAround && /[=!]$/.test(opening)))
        throw new RegexError('Invalid preceding regular expression')
      text += opening.endsWith('>') ? '(' : opening
      at += opening.length - 1
      isStart = true
      continue
    } else {
      if ('*+?'.includes(char) && isStart) throw new RegexError('Invalid preceding regular expression')
      text += char
      // The next one belongs to it, and repeats nothing.
      if ('*+?}'.includes(char) && next === '?') {
        text += next
        at++
      }
      isStart = char === '(' || char === '|'
      continue
    }
    isStart = false
  }
  return text
}

function escaped(char: string, inSet: boolean): string {
  const members = classes[char]
  if (members !== undefined) return inSet ? members : `[${members}]`
  const others = (inSet ? otherwise : classes)[char.toLowerCase()]
  if (others !== undefined) return inSet ? others : `[^${others}]`
  if (char === 'A' && !inSet) return '^'
  if (char === 'z' && !inSet) return '$'
  return inSet && /[^\w\\/\]]/.test(char) ? literal(char, true) : `\\${char}`
}

/** The character and nothing else. In a set of POSIX, where a backslash is a member like others, some stand between dots. */
function literal(char: string, inSet: boolean): string {
  if (inSet) return /[-^[]/.test(char) ? `[.${char}.]` : char === ']' || char === '\\' ? `\\${char}` : char
  return /[.*+?()[\]{}|^$\\]/.test(char) ? `\\${char}` : char
}
