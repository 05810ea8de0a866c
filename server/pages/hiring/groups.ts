/** What candidates are asked of themselves when they have handed in: voluntary, apart from their work, until all answers are counted. */
import { groupAnswersOf } from '../../hiring/group-answers.ts'
import { asksOf, groupQuestions } from '../../hiring/group-questions.ts'
import { t } from '../../i18n/translate.ts'
import { fewestOfGroup } from '../../statistics/thresholds.ts'
import type { AppDeps } from '../deps.ts'
import { type Invited, seatIdOf } from './candidate.ts'

const stillTaken = ['open', 'paused', 'closing']

/** Until the exercise is over. */
export async function mayAnswer(deps: AppDeps, { exercise, course }: Invited): Promise<boolean> {
  if (asksOf(exercise.exercise).length === 0 || !stillTaken.includes(course.life.state)) return false
  return (await deps.storage.groups.counts(exercise.id)) === undefined
}

/** @returns undefined where nothing is asked any more */
export async function viewGroups(deps: AppDeps, invited: Invited, isNew: boolean) {
  if (!(await mayAnswer(deps, invited))) return undefined
  const given = await groupAnswersOf(deps, seatIdOf(invited.seat))
  return {
    isNew,
    hasAnswered: given.size > 0,
    fewest: fewestOfGroup,
    questions: asksOf(invited.exercise.exercise).map((id) => ({
      id,
      asks: t(groupQuestions[id].asks),
      given: given.get(id) ?? '',
      groups: Object.entries(groupQuestions[id].groups).map(([group, title]) => ({ group, title: t(title) })),
    })),
  }
}
