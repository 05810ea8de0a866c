/** Regular expressions of Prometheus: RE2's, and always of the whole text. */
import { charge } from '../../../engine/work.ts'
import { compileGoRegexp } from '../../../text/go-regexp.ts'
import { compilePerlRegex } from '../../../text/perl-regex.ts'
import { RegexError } from '../../../text/regex.ts'
import { PromqlError } from './types.ts'

/** Of computing: to parse a character of an expression and compile it, twice. */
const stepsOfCharacter = 20

/** What the groups matched, the whole first; undefined where the text does not match, or would take too long. */
export type WholeMatcher = (text: string) => readonly (string | undefined)[] | undefined

/** @throws PromqlError for what is no expression */
export function wholeMatcher(pattern: string): WholeMatcher {
  charge(stepsOfCharacter * pattern.length)
  compileGoRegexp(pattern, (why) => {
    throw new PromqlError(why)
  })
  const regex = compilePerlRegex(`^(${pattern})$`)
  return (text) => {
    try {
      return regex.again().exec(text)?.groups.slice(1)
    } catch (error) {
      if (!(error instanceof RegexError)) throw error
      return undefined
    }
  }
}
