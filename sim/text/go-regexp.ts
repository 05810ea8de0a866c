/** Regular expressions as Go reads them, refused in the words of Go. Source: regexp/syntax of Go's library */
import { perlMatcher } from './perl-regex.ts'
import { RegexError } from './regex.ts'

/** @param refuse given `error parsing regexp: missing closing ): …` */
export function compileGoRegexp(pattern: string, refuse: (why: string) => never): (text: string) => boolean {
  try {
    return perlMatcher(pattern)
  } catch (error) {
    if (!(error instanceof RegexError)) throw error
    return refuse(`error parsing regexp: ${faultOf(error.message, pattern)}`)
  }
}

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
