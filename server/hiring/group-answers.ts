/**
 * Answers about groups, under blinded keys. Why so:
 * - Counting at once would leave nothing to join, but a grade that comes later, an answer that is changed or taken back, and an erasure could not
 *   be told in the counts; and who looks at them before and after somebody hands in knows what that person said.
 * - Therefore an answer is kept until the exercise is over under a key that is made of the seat, the question and the server's secret: the stored
 *   data alone, with its names and scores, joins it to nobody, nor to the other answers of the same person. Who has the secret as well, the
 *   operator of the server, could; candidates are told so.
 * - When all is graded the answers become counts, and are removed with their keys. From then on nobody can tell whose they were, and an erasure
 *   finds nothing any more.
 */
import { createHmac } from 'node:crypto'
import type { SeatId } from '../seat.ts'
import { type GroupQuestionId, groupQuestionIds } from '../sittings/exercise-schema.ts'
import type { Storage } from '../storage/types.ts'
import { groupQuestions } from './group-questions.ts'

export interface GroupAnswersDeps {
  storage: { groups: Storage['groups'] }
  /** The server's. */
  secret: string
}

const keyOf = ({ secret }: GroupAnswersDeps, { sittingId, participantId }: SeatId, question: GroupQuestionId): string =>
  createHmac('sha256', secret).update(`podium/groups/1 ${sittingId} ${participantId} ${question}`).digest('hex')

/** What somebody has answered. */
export async function groupAnswersOf(deps: GroupAnswersDeps, seat: SeatId): Promise<Map<GroupQuestionId, string>> {
  const found = new Map<GroupQuestionId, string>()
  for (const question of groupQuestionIds) {
    const answer = await deps.storage.groups.answer(keyOf(deps, seat, question))
    if (answer) found.set(question, answer.group)
  }
  return found
}

/** Keeps what somebody answers; what is no group of the question takes the answer back. */
export async function saveGroupAnswers(
  deps: GroupAnswersDeps,
  seat: SeatId,
  answers: ReadonlyMap<GroupQuestionId, string>,
): Promise<void> {
  const { groups } = deps.storage
  for (const [question, group] of answers) {
    const key = keyOf(deps, seat, question)
    const isGroup = Object.hasOwn(groupQuestions[question].groups, group)
    if (isGroup) await groups.saveAnswer({ key, sittingId: seat.sittingId, question, group })
    else await groups.removeAnswer(key)
  }
}

/** Takes all answers of somebody back. */
export async function removeGroupAnswers(deps: GroupAnswersDeps, seat: SeatId): Promise<void> {
  for (const question of groupQuestionIds) await deps.storage.groups.removeAnswer(keyOf(deps, seat, question))
}
