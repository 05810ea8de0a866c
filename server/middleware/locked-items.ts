/** Pages of an item that is locked for its visitor: one place for all of them, whatever they show or do. */
import type { RequestHandler } from 'express'
import type { AppDeps } from '../pages/deps.ts'
import { locksOf, refuseLocked } from '../practice/locks.ts'
import { contextOf } from '../render/page.ts'

const itemPath = /^\/(?:(questions)\/([^/]+\/[^/]+)|(challenges)\/([^/]+))(?:\/|$)/

export function lockedItems(deps: AppDeps): RequestHandler {
  return async (req, res, next) => {
    const [, questions, question, challenges, challenge] = itemPath.exec(req.path) ?? []
    const { learnerId, seat } = contextOf(res)
    if (questions ?? challenges)
      refuseLocked(
        await locksOf(deps, learnerId, { except: seat.sittingId }),
        question === undefined ? `challenge:${challenge}` : `question:${question}`,
      )
    next()
  }
}
