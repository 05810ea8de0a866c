/** Grades again what a file says was graded elsewhere: seed, commands and content are all there. */
import type { Challenge } from '../catalog/types.ts'
import { keepContent } from '../grading/content-in-force.ts'
import { msg } from '../i18n/translate.ts'
import { gradedLog, gradingOf } from '../storage/evidence.ts'
import type { Attempt, Grading } from '../storage/types.ts'
import { actOn } from './act-on-attempt.ts'
import type { PracticeDeps } from './deps.ts'

/** Why a grading cannot be computed again. Texts for `t`. */
export const unverifiable = {
  changed: msg(
    'The challenge here differs from the one that was graded, so this result cannot be verified. Work on the challenge and have it graded here.',
  ),
  refused: msg('Not verified: the commands could not be graded here. The result stays as it was.'),
}

/** True for a grading that waits to be computed again, and can be. */
export function isVerifiable(grading: Grading, challenge: Challenge | undefined): boolean {
  return grading.origin !== undefined && grading.result.gradable && grading.result.contentHash === challenge?.hash
}

/**
 * Computes a grading again, and puts what comes of it in its place.
 * @param number of the grading, from 1
 * @returns why it could not be done; undefined when it was. @throws LabRefusal when the simulator is busy
 */
export async function verify(
  deps: PracticeDeps,
  learnerId: string,
  challenge: Challenge,
  attempt: Attempt,
  number: number,
): Promise<string | undefined> {
  const grading = attempt.gradings[number - 1]!
  if (!grading.origin) return undefined
  if (!isVerifiable(grading, challenge)) return unverifiable.changed
  const { seed, contentHash } = { seed: grading.result.seed, contentHash: challenge.hash }
  const log = gradedLog(attempt, grading)
  const result = await deps.labs.grade(learnerId, { spec: challenge.spec, contentHash, seed, log })
  if (!result.gradable) return unverifiable.refused
  await keepContent(deps, challenge)
  await actOn(deps, attempt, (a) => {
    const { hintsOpened } = grading
    const { atMs, ...again } = gradingOf(a, { seed, contentHash, log, hintsOpened }, result, grading.atMs)
    return [
      {
        ...{ act: 'verified', item: `challenge:${challenge.id}`, contentHash, engineVersion: result.engineVersion },
        data: { attempt: a.id, gradedAtMs: atMs, ...again },
      },
    ]
  })
  return undefined
}
