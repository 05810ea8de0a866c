/** The learner: a signed, HTTP-only cookie. Nothing is stored until the learner does something. */
import type { RequestHandler } from 'express'
import { giveCookie } from '../accounts/cookies.ts'
import { csrfTokenOf } from '../accounts/tickets.ts'
import type { AppDeps } from '../pages/deps.ts'
import { DocumentUnreadable } from '../storage/documents.ts'

export function sessions(deps: AppDeps): RequestHandler {
  return async (req, res, next) => {
    const visitor = await deps.sessions.visitor(req.headers.cookie)
    const { learnerId, token, account, before, wasSignedOut } = visitor
    if (!visitor.isKnown) giveCookie(res, 'podium', visitor, deps)
    const learner = visitor.isKnown ? await deps.storage.learners.find(learnerId).catch(passUnreadable) : undefined
    Object.assign(res.locals, {
      learnerId,
      token,
      account,
      before,
      wasSignedOut,
      csrfToken: csrfTokenOf(visitor, deps.secret),
      keysOff: learner?.keysOff ?? false,
      nowMs: deps.now(),
    })
    // What is still being sent when the session is ended elsewhere is cut off: a live view would go on for hours.
    if (token !== undefined) {
      const forget = deps.sessions.whenClosed(visitor, () => res.headersSent && res.destroy())
      res.once('close', forget)
    }
    next()
  }
}

/** A damaged document of the learner is told where it is changed; to read a lesson, the usual settings do. */
function passUnreadable(error: unknown): undefined {
  if (!(error instanceof DocumentUnreadable)) throw error
}
