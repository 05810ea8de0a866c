/** What the content, the simulator and the grader of today make of commands that were graded before. The result stands: nothing is stored. */
import { engineVersion, graderVersion } from '../../sim/forms.ts'
import type { GradeResult } from '../../sim/index.ts'
import type { Challenge } from '../catalog/types.ts'
import { type CheckMove, checkMoves } from '../storage/check-moves.ts'
import { gradedRun, graderOf } from '../storage/evidence.ts'
import { shownResult } from '../storage/shown-result.ts'
import type { Attempt, Grading } from '../storage/types.ts'
import { scoreOf } from './attempts.ts'
import type { PracticeDeps } from './deps.ts'
import { withoutExpressions } from './expressions.ts'
import { inTextsOf } from './texts-of-result.ts'

/** What a grading was made by, and what it would be made by now; undefined when that is the same, or there is nothing to be graded again. */
export function madeBefore(present: Challenge, attempt: Attempt, { result, ...grading }: Grading) {
  const [was, now] = [
    { engine: result.engineVersion, grader: graderOf(result) },
    { engine: engineVersion, grader: graderVersion },
  ]
  const isOtherProgram = was.engine !== now.engine || was.grader !== now.grader
  const isOtherContent = result.contentHash !== present.hash
  const canBe =
    result.gradable && !result.withoutFaults && gradedRun(attempt, { ...grading, result }).proof !== 'differs'
  return canBe && (isOtherProgram || isOtherContent) ? { was, now, isOtherProgram, isOtherContent } : undefined
}

export interface GradedToday {
  /** Of 100, with the hints of then; undefined when today's content takes no such commands. */
  score: number | undefined
  was: number | undefined
  passed: boolean
  moves: readonly CheckMove[]
  /** Why it cannot be graded by today's content. */
  problem: string
}

/** Nothing of checks that are hidden, in the words of the reader's language. */
const told = (challenge: Challenge, result: GradeResult): GradeResult =>
  inTextsOf(challenge, withoutExpressions(shownResult(result), challenge))

/**
 * @param former the challenge as it was when that was graded @param present as it is now
 * @throws LabRefusal when the simulator is busy
 */
export async function gradedToday(
  { labs }: Pick<PracticeDeps, 'labs'>,
  learnerId: string,
  { former, present }: { former: Challenge; present: Challenge },
  attempt: Attempt,
  grading: Grading,
): Promise<GradedToday> {
  const { seed, log } = gradedRun(attempt, grading)
  const result: GradeResult = await labs.grade(learnerId, {
    ...{ spec: present.spec, contentHash: present.hash, seed, log: [...log] },
  })
  return {
    score: result.gradable ? scoreOf({ ...grading, result }, former) : undefined,
    was: scoreOf(grading, former),
    passed: result.passed,
    moves: result.gradable ? checkMoves(told(former, grading.result), told(present, result)) : [],
    problem: result.gradable ? '' : (result.problem ?? ''),
  }
}
