/**
 * Grading on variants that nobody is told of. Their seeds are drawn from the server's secret and the attempt; what the learner was shown
 * stays as it was, and what chance decides otherwise is another. The result is the least of all, and tells nothing of those variants.
 */
import { createHmac } from 'node:crypto'
import type { ChallengeSpec, GradeResult, TestResult } from '../../../sim/index.ts'
import { pointsOf } from '../../storage/shown-result.ts'
import type { GradeRequest } from '../types.ts'

export function hiddenSeeds(secret: string, attemptId: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) =>
    createHmac('sha256', secret).update(`podium/hidden-seed/1\n${attemptId}\n${n}`).digest('hex'),
  )
}

/** What is judged on them: all but answers, which say what the learner's own cluster says. */
export function judgedElsewhere(spec: ChallengeSpec): ChallengeSpec {
  const checks = spec.checks.filter(({ assert }) => !(assert && 'answer' in assert))
  const ids = new Set(checks.map(({ id }) => id))
  return {
    ...spec,
    checks: checks.map((check) => ({ ...check, dependsOn: check.dependsOn?.filter((id) => ids.has(id)) })),
  }
}

/**
 * Graded on the variant that was worked on, and on each further one: of each check counts what it earned where it earned least.
 * @param grade on one variant
 */
export async function gradeOnAll(
  grade: (request: GradeRequest) => GradeResult | Promise<GradeResult>,
  request: GradeRequest,
  seeds: readonly string[],
): Promise<GradeResult> {
  const result = await grade(request)
  if (!result.gradable) return result
  const spec = judgedElsewhere(request.spec)
  const others: GradeResult[] = []
  for (const seed of seeds) others.push(await grade({ ...request, spec, seed, shown: result.params }))
  return leastOf(result, others)
}

/** In English, as the grader's own words are. */
const failedElsewhere = 'It held here, and failed on another variant, which is not shown'

/**
 * Of each check what it earned where it earned least. Pure.
 * @param result on the variant that was worked on: all that is told comes from it
 */
export function leastOf(result: GradeResult, others: readonly GradeResult[]): GradeResult {
  if (others.length === 0 || !result.gradable) return result
  if (others.some(({ gradable }) => !gradable))
    return { ...result, gradable: false, passed: false, problem: 'Not graded: another variant could not be run.' }
  const least = (test: TestResult, list: 'tests' | 'gates'): TestResult => {
    const same = others.map((other) => other[list].find(({ id }) => id === test.id)).filter((one) => one !== undefined)
    return leastTest(test, same)
  }
  const tests = result.tests.map((test) => least(test, 'tests'))
  const gates = result.gates.map((gate) => least(gate, 'gates'))
  return {
    ...result,
    tests,
    gates,
    score: pointsOf(tests, gates),
    passed: result.passed && others.every(({ passed }) => passed),
    otherVariants: others.length,
  }
}

function leastTest(test: TestResult, others: readonly TestResult[]): TestResult {
  const criteria = test.criteria.map((criterion) => {
    const same = others.flatMap((other) => other.criteria.filter(({ id }) => id === criterion.id))
    const points = Math.min(criterion.points, ...same.map((one) => one.points))
    if (criterion.status !== 'pass' || same.every(({ status }) => status === 'pass')) return { ...criterion, points }
    return { ...criterion, points, status: 'fail' as const, actual: failedElsewhere, expected: undefined }
  })
  const points = Math.min(test.points, ...others.map((other) => other.points))
  if (test.status !== 'pass' || others.every(({ status }) => status === 'pass')) return { ...test, points, criteria }
  const { actual: _actual, expected: _expected, causeSinceMs: _since, ...told } = test
  return { ...told, criteria, points, status: 'fail', message: failedElsewhere, cause: [], causes: [] }
}
