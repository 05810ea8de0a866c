/** POSIX regular expressions, basic and extended, as the closest JavaScript ones. */

/** The expression is none; the message is what regcomp says. */
export class RegexError extends Error {
  override readonly name = 'RegexError'
}

export interface RegexOptions {
  isExtended?: boolean
  ignoresCase?: boolean
  isGlobal?: boolean
  isFixed?: boolean
}

/** Translates and compiles. Throws RegexError. */
export function compileRegex(pattern: string, options: RegexOptions = {}): RegExp {
  const flags = `${options.ignoresCase ? 'i' : ''}${options.isGlobal ? 'g' : ''}`
  const source = options.isFixed
    ? pattern.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
    : translate(pattern, options.isExtended ?? false)
  // Nested repetition of repetition takes exponential time to fail; no program here may do that.
  if (/\((?:[^()\\]|\\.)*[+*]\)[+*{]/.test(source)) return new RegExp(source.replace(/([+*])\)([+*])/g, ')$2'), flags)
  try {
    return new RegExp(source, flags)
  } catch {
    throw new RegexError(
      /\[/.test(pattern) && !/\]/.test(pattern)
        ? 'Unmatched [, [^, [:, [., or [='
        : /\(/.test(pattern)
          ? 'Unmatched ( or \\('
          : 'Invalid preceding regular expression',
    )
  }
}

function translate(pattern: string, isExtended: boolean): string {
  let result = ''
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i]
    if (char === '[') {
      const end = setEnd(pattern, i)
      if (end < 0) throw new RegexError('Unmatched [, [^, [:, [., or [=')
      result += translateSet(pattern.slice(i + 1, end))
      i = end
    } else if (char === '\\') {
      const next = pattern[++i]
      if (next === undefined) throw new RegexError('Trailing backslash')
      if (!isExtended && '(){}'.includes(next)) result += next
      else if (!isExtended && '+?|'.includes(next)) result += next
      else if ('wWsSbB'.includes(next)) result += `\\${next}`
      else if (next === '<' || next === '>') result += '\\b'
      else if (/[1-9]/.test(next)) result += `\\${next}`
      else if (next === 'n') result += '\\n'
      else if (next === 't') result += '\\t'
      else result += next.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
    } else if (!isExtended && '(){}+?|'.includes(char)) result += `\\${char}`
    else if (
      !isExtended &&
      char === '*' &&
      (i === 0 || (i === 1 && pattern[0] === '^') || pattern.slice(i - 2, i) === '\\(')
    )
      result += '\\*'
    else if (
      !isExtended &&
      char === '^' &&
      i > 0 &&
      pattern.slice(i - 2, i) !== '\\(' &&
      pattern.slice(i - 2, i) !== '\\|'
    )
      result += '\\^'
    else if (!isExtended && char === '$' && i < pattern.length - 1 && !/^\\[)|]/.test(pattern.slice(i + 1)))
      result += '\\$'
    else if (isExtended && char === '{' && !/^\{\d*,?\d*\}/.test(pattern.slice(i))) result += '\\{'
    else result += char
  }
  return result
}

function setEnd(pattern: string, start: number): number {
  let i = start + 1
  if (pattern[i] === '^') i++
  if (pattern[i] === ']') i++
  for (; i < pattern.length; i++) {
    if (pattern[i] === '[' && /[:.=]/.test(pattern[i + 1] ?? '')) {
      const close = pattern.indexOf(`${pattern[i + 1]}]`, i + 2)
      if (close < 0) return -1
      i = close + 1
    } else if (pattern[i] === ']') return i
  }
  return -1
}

const classes: Record<string, string> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  xdigit: '0-9A-Fa-f',
  print: ' -~',
  graph: '!-~',
  cntrl: '\\x00-\\x1f\\x7f',
}

function translateSet(body: string): string {
  const isNegated = body.startsWith('^')
  const inner = (isNegated ? body.slice(1) : body).replace(/\[:(\w+):\]|[\\[\]^]/g, (whole, name?: string) =>
    name === undefined ? `\\${whole}` : (classes[name] ?? ''),
  )
  return `[${isNegated ? '^' : ''}${inner}]`
}
