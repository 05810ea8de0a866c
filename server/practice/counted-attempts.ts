/** What counts of a candidate's work at the tasks of an exercise. Pure. */
import type { Exercise } from '../hiring/exercises.ts'
import type { Work } from '../journal/journals.ts'
import { hashLog } from '../storage/evidence.ts'
import type { Attempt } from '../storage/types.ts'
import { isWorkedOn } from './exam-tasks.ts'

/** The attempts that count, by item: the one that was begun last at each task. */
export function attemptsThatCount({ items }: Pick<Exercise, 'items'>, { attempts }: Pick<Work, 'attempts'>) {
  return items.flatMap((item) => {
    const [kind, id] = item.split(':')
    const attempt = kind === 'challenge' ? attempts.findLast(({ challengeId }) => challengeId === id) : undefined
    return attempt && isWorkedOn(attempt) ? [{ item, attempt }] : []
  })
}

/** The gradings of the attempt as it stands, in order: those after the first are of a check that was changed. */
export function gradingsOfHead({ gradings, log }: Attempt) {
  const sha256 = hashLog(log)
  return gradings.filter(({ origin, proof }) => !origin && proof?.sha256 === sha256)
}

/** The grading of the attempt as it stands that counts; undefined when it was not graded since it was changed last. */
export const gradingOfHead = (attempt: Attempt) => gradingsOfHead(attempt).at(-1)
