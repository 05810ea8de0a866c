/** What a pattern finds. Source: k8s.io/apiserver/pkg/cel/library/regex.go. Simplified: of the matches from one place the longest */
import { CelScalar, celMethod } from '@bufbuild/cel'
import { chargeText } from '../../../engine/work.ts'
import { compileGoRegexp } from '../../../text/go-regexp.ts'
import { compilePerlRegex } from '../../../text/perl-regex.ts'
import type { Regex } from '../../../text/regex.ts'
import { listFrom } from './values.ts'

/** @throws Error in the words of the API server */
function patternOf(pattern: string): Regex {
  chargeText(16 * pattern.length)
  compileGoRegexp(pattern, (why) => {
    throw new Error(`Illegal regex: ${why}`)
  })
  return compilePerlRegex(pattern)
}

/** @param most of the first ones; all of them below 0 */
function findAll(text: string, pattern: string, most = -1n): string[] {
  const found: string[] = []
  if (most === 0n) return found
  for (const { groups } of patternOf(pattern).matches(text)) {
    found.push(groups[0] ?? '')
    if (BigInt(found.length) === most) break
  }
  return found
}

export const regexFunctions = [
  celMethod('find', CelScalar.STRING, [CelScalar.STRING], CelScalar.STRING, function (pattern) {
    return findAll(this, pattern, 1n)[0] ?? ''
  }),
  celMethod('findAll', CelScalar.STRING, [CelScalar.STRING], CelScalar.DYN, function (pattern) {
    return listFrom(findAll(this, pattern))
  }),
  celMethod('findAll', CelScalar.STRING, [CelScalar.STRING, CelScalar.INT], CelScalar.DYN, function (pattern, most) {
    return listFrom(findAll(this, pattern, most))
  }),
]
