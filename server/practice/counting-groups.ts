/** How groups of candidates fared, counted once: when an exercise is over and all of it is graded. */
import { type CandidateDeps, candidatesOf, isOver } from '../hiring/candidates.ts'
import type { Exercise } from '../hiring/exercises.ts'
import { type GroupAnswersDeps, groupAnswersOf } from '../hiring/group-answers.ts'
import { asksOf } from '../hiring/group-questions.ts'
import { tellableGroups } from '../statistics/disclosure.ts'
import type { Storage } from '../storage/types.ts'
import { resultsOf, sumOf } from './exercise-results.ts'

export type CountingDeps = GroupAnswersDeps & CandidateDeps & { storage: Pick<Storage, 'groups' | 'participants'> }

/**
 * Counts who reached the pass bar by groups, keeps what may be told of it, and removes all answers. Done again, it removes what is left: answers
 * that were counted once are not counted anew.
 */
export async function countGroups(deps: CountingDeps, exercise: Exercise): Promise<void> {
  const { groups } = deps.storage
  const asked = asksOf(exercise.exercise)
  if (asked.length === 0) return
  if (!(await groups.counts(exercise.id))) {
    const people = await Promise.all(
      (await candidatesOf(deps, exercise))
        .filter(({ state }) => isOver(state))
        .map(async ({ seat, work }) => ({
          // As the report shows it.
          isSelected: Math.round(sumOf(resultsOf(exercise, work)).percent ?? 0) >= exercise.exercise.passBar!,
          answers: await groupAnswersOf(deps, { sittingId: exercise.id, participantId: seat.id }),
        })),
    )
    const all = { people: people.length, selected: people.filter(({ isSelected }) => isSelected).length }
    const tables = asked.map((question) => {
      const counts = new Map<string, { group: string; people: number; selected: number }>()
      for (const { isSelected, answers } of people) {
        const group = answers.get(question)
        if (group === undefined) continue
        const { people: n, selected } = counts.get(group) ?? { people: 0, selected: 0 }
        counts.set(group, { group, people: n + 1, selected: selected + (isSelected ? 1 : 0) })
      }
      return { question, groups: tellableGroups([...counts.values()], all) }
    })
    await groups.saveCounts({ sittingId: exercise.id, all, tables })
  }
  await groups.removeAnswers(exercise.id)
}
