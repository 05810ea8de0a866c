/** What of a grading its learner may see: nothing of checks that are hidden, their points included. Pure. */
import type { GradeResult, TestResult } from '../../sim/index.ts'

const seen = (tests: readonly TestResult[]): TestResult[] => tests.filter(({ hidden }) => !hidden)

/** What tests earn less what gates take away, and never less than nothing. */
export function pointsOf(tests: readonly TestResult[], gates: readonly TestResult[]): number {
  const lost = gates.reduce((sum, gate) => sum + (gate.maxPoints - gate.points), 0)
  return Math.max(0, tests.reduce((sum, test) => sum + test.points, 0) - lost)
}

/** True when checks were looked at that learners do not see. */
export const hasHiddenChecks = ({ tests, gates }: GradeResult): boolean =>
  [...tests, ...gates].some(({ hidden }) => hidden)

/**
 * The points of the checks that are seen alone: from all of them the others could be reckoned. Whether it was passed is said of all.
 */
export function shownResult(result: GradeResult): GradeResult {
  if (!hasHiddenChecks(result)) return result
  const [tests, gates] = [seen(result.tests), seen(result.gates)]
  return {
    ...result,
    tests,
    gates,
    score: pointsOf(tests, gates),
    maxScore: tests.reduce((sum, test) => sum + test.maxPoints, 0),
  }
}
