/** What somebody has read, answered and passed, as it is stored; a page beside which it stands is shown without what is damaged. */
import type { Response } from 'express'
import { emptyBook } from '../storage/types.ts'
import type { AppDeps } from './deps.ts'
import { type Done, passedOf } from './next-steps.ts'
import { leftOut, unlessDamaged } from './unreadable.ts'

export async function doneOf({ storage }: AppDeps, res: Response, participantId: string): Promise<Done> {
  return {
    answers: await unlessDamaged(res, storage.answers.listOf(participantId), []),
    book: await unlessDamaged(res, storage.studyBooks.find(participantId), emptyBook),
    passed: passedOf(await storage.attempts.listOf(participantId, leftOut(res))),
  }
}
