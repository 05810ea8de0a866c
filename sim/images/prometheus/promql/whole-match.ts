/** Regular expressions of Prometheus: RE2's, and always of the whole text. */
import { compileGoRegexp } from '../../../text/go-regexp.ts'
import { compilePerlRegex } from '../../../text/perl-regex.ts'
import { PromqlError } from './types.ts'

/** @returns what the groups matched, the whole first; undefined where it does not @throws PromqlError for what is no expression */
export function wholeMatcher(pattern: string): (text: string) => readonly (string | undefined)[] | undefined {
  compileGoRegexp(pattern, (why) => {
    throw new PromqlError(why)
  })
  const regex = compilePerlRegex(`^(${pattern})$`)
  return (text) => regex.exec(text)?.groups.slice(1)
}
