/**
 * Gradings of before, where an author had not put an expression into words, hold the expression itself. It leaves the server nowhere:
 * neither on a page nor in a file. Pure.
 */
import type { Assertion, GradeResult } from '../../sim/index.ts'
import type { Challenge } from '../catalog/types.ts'
import { fillText, type Params } from '../questions/params.ts'

function expressionIn(assertion: Assertion | undefined): string[] {
  if (assertion && 'cel' in assertion) return [assertion.cel]
  return assertion && 'traffic' in assertion ? [assertion.traffic.cel] : []
}

function expressionsOf({ spec }: Challenge, params: Params): Set<string> {
  const all = spec.checks.flatMap(({ assert, criteria = [] }) => [
    ...expressionIn(assert),
    ...criteria.flatMap((criterion) => expressionIn(criterion.assert)),
  ])
  return new Set(all.flatMap((text) => [text, fillText(text, params)]))
}

/** With the title of the check or criterion in the place of each expression. */
export function withoutExpressions(result: GradeResult, challenge: Challenge | undefined): GradeResult {
  const expressions = challenge ? expressionsOf(challenge, result.params) : new Set<string>()
  const worded = <T extends { title: string; expected?: string }>(one: T): T =>
    one.expected !== undefined && expressions.has(one.expected) ? { ...one, expected: one.title } : one
  const wordedTests = (tests: GradeResult['tests']) =>
    tests.map((test) => worded({ ...test, criteria: test.criteria.map(worded) }))
  return { ...result, tests: wordedTests(result.tests), gates: wordedTests(result.gates) }
}
