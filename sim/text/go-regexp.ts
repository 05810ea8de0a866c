/** Regular expressions as Go reads them, refused in the words of Go. Source: regexp/syntax of Go's library */
import { perlMatcher } from './perl-regex.ts'
import { RegexError } from './regex.ts'

/** @param refuse given `error parsing regexp: missing closing ): …` */
export function compileGoRegexp(pattern: string, refuse: (why: string) => never): (text: string) => boolean {
  try {
    const { plain, fault } = withoutFlags(pattern)
    if (fault) return refuse(`error parsing regexp: ${fault}`)
    return perlMatcher(plain)
  } catch (error) {
    if (!(error instanceof RegexError)) throw error
    return refuse(`error parsing regexp: ${faultOf(error.message, pattern)}`)
  }
}

const mostRepeats = 1000
/** What counts by itself, of a pattern: an octal number, an escaped sign, a class, a group with flags, a repetition with what follows it. */
const partsOfPattern =
  /\\Q.*?(?:\\E|$)|\\([1-7][0-7]{1,2}|0[0-7]{0,2})|\\.|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]|\(\?([imsU]*)(?:-[imsU]+)?([:)])|((?:[*+?]|\{\d+(?:,\d*)?\})\??)((?:[*+?]|\{\d+(?:,\d*)?\})\??)?|./gs

/** The pattern with its flags in front alone: wherever one asks for it, the whole of it passes over case. */
function withoutFlags(pattern: string): { plain: string; fault?: string } {
  let plain = ''
  let ignoresCase = false
  for (const [part, octal, flags, end, repeat, another] of pattern.matchAll(partsOfPattern)) {
    if (repeat !== undefined) {
      if (another !== undefined) return { plain, fault: `invalid nested repetition operator: \`${repeat}${another}\`` }
      if ((repeat.match(/\d+/g) ?? []).some((count) => Number(count) > mostRepeats))
        return { plain, fault: `invalid repeat count: \`${repeat}\`` }
    }
    if (octal !== undefined) plain += `\\x{${Number.parseInt(octal, 8).toString(16)}}`
    else if (end === undefined) plain += part.startsWith('[') ? withoutNegatedNames(part) : part
    else {
      ignoresCase ||= flags.includes('i')
      if (end === ':') plain += '(?:'
    }
  }
  return { plain: ignoresCase ? `(?i)${plain}` : plain }
}

const NEGATED: Readonly<Record<string, string>> = { digit: '\\D', space: '\\S', word: '\\W' }

/** A class with `[:^digit:]` in it, in other words. */
const withoutNegatedNames = (part: string): string =>
  part.replace(/\[:\^(\w+):\]/g, (all, name: string) => (Object.hasOwn(NEGATED, name) ? NEGATED[name] : all))

/** `$1`, `${1}` and `${name}` of a template, by what the groups matched: a name is as long as it can be, and of one that is no number nothing is known. */
export const expandGroups = (template: string, groups: readonly (string | undefined)[]): string =>
  template.replace(
    /\$(?:\{(\w+)\}|(\w+)|(\$))/g,
    (_, braced?: string, bare?: string, dollar?: string) => dollar ?? groups[Number(braced ?? bare)] ?? '',
  )

function faultOf(message: string, pattern: string): string {
  const named = (what: string, where: string): string => `${what}: \`${where}\``
  if (message.startsWith('Unmatched (')) return named('missing closing )', pattern)
  if (message.startsWith('Unmatched )')) return named('unexpected )', pattern)
  if (message.startsWith('Unmatched [')) return named('missing closing ]', pattern.slice(pattern.lastIndexOf('[')))
  if (message.startsWith('Invalid preceding'))
    return named('missing argument to repetition operator', /(?:^|[(|])([*+?])/.exec(pattern)?.[1] ?? pattern)
  return named(message, pattern)
}
