/** What a candidate handed in and how it was graded, as a receipt takes it: from what is stored. */
import { contentOf } from '../grading/content-in-force.ts'
import type { Exercise } from '../hiring/exercises.ts'
import type { GradedTask } from '../hiring/receipts.ts'
import type { Work } from '../journal/journals.ts'
import { hiddenSeeds } from '../labs/tasks/hidden-seeds.ts'
import { gradedRun } from '../storage/evidence.ts'
import { attemptsThatCount, gradingOfHead } from './counted-attempts.ts'
import type { PracticeDeps } from './deps.ts'

/**
 * @param secret draws the hidden variants
 * @returns in the order of the exercise, without what was not done, is not graded yet, or was graded by content that is not there any more
 */
export async function gradedTasks(
  deps: Pick<PracticeDeps, 'storage' | 'labs' | 'catalog'>,
  secret: string,
  exercise: Exercise,
  work: Pick<Work, 'attempts' | 'answers'>,
): Promise<GradedTask[]> {
  const counted = new Map(attemptsThatCount(exercise, work).map(({ item, attempt }) => [item, attempt]))
  const tasks: GradedTask[] = []
  for (const item of exercise.items) {
    const [kind, id = ''] = item.split(':')
    if (kind === 'question') {
      const answer = work.answers.findLast(({ questionId }) => questionId === id)
      if (!answer) continue
      const { seed, given, contentHash, verdict, score } = answer
      const { engineVersion } = await deps.labs.about()
      const { wrongPicksCancel } = exercise.rules
      tasks.push({ task: item, seed, given, wrongPicksCancel, contentHash, engineVersion, judged: { verdict, score } })
      continue
    }
    const attempt = counted.get(item)
    const grading = attempt && gradingOfHead(attempt)
    const present = deps.catalog().challenges.get(id)
    if (!attempt || !grading?.result.gradable || !present) continue
    const challenge = await contentOf(deps, present, grading.result.contentHash)
    if (!challenge) continue
    const { seed, log } = gradedRun(attempt, grading)
    const hidden = hiddenSeeds(secret, attempt.id, exercise.rules.hiddenSeeds)
    tasks.push({ task: item, seed, hiddenSeeds: hidden, log, result: grading.result, files: challenge.files })
  }
  return tasks
}
