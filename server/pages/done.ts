/** What somebody has read, answered and passed, as it is stored. */
import type { AppDeps } from './deps.ts'
import { type Done, passedOf } from './next-steps.ts'

export async function doneOf({ storage }: AppDeps, participantId: string): Promise<Done> {
  return {
    answers: await storage.answers.listOf(participantId),
    book: await storage.studyBooks.find(participantId),
    passed: passedOf(await storage.attempts.listOf(participantId)),
  }
}
