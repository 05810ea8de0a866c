/** What somebody has read, answered and passed, as it is stored; a page beside which it stands is shown without what is damaged. */
import type { Response } from 'express'
import type { AppDeps } from './deps.ts'
import { type Done, passedOf } from './next-steps.ts'
import { leftOut, unlessDamaged } from './unreadable.ts'
import { workOf } from './work.ts'

export async function doneOf(deps: AppDeps, res: Response, participantId: string): Promise<Done> {
  const { storage } = deps
  return {
    answers: await unlessDamaged(res, storage.answers.listOf(participantId), []),
    book: (await workOf(deps, res)).studyBook,
    passed: passedOf(await storage.attempts.listOf(participantId, leftOut(res))),
  }
}
