/** The learner: a signed, HTTP-only cookie. Nothing is stored until the learner does something. */
import type { Request, RequestHandler } from 'express'
import { giveCookie } from '../accounts/cookies.ts'
import type { Visitor } from '../accounts/sessions.ts'
import { csrfTokenOf } from '../accounts/tickets.ts'
import type { AppDeps } from '../pages/deps.ts'
import { leftOut } from '../pages/unreadable.ts'
import type { Role } from '../sittings/roles.ts'
import { type DocumentUnreadable, unlessDamaged } from '../storage/documents.ts'

export function sessions(deps: AppDeps): RequestHandler {
  return async (req, res, next) => {
    const visitor = await deps.sessions.visitor(req.headers.cookie)
    const { learnerId, token, account, before, wasSignedOut } = visitor
    // Repaired, the cookie is good again: another one in its place would lose it.
    if (!visitor.isKnown && !visitor.unreadable) giveCookie(res, 'podium', visitor, deps)
    const learner = visitor.isKnown
      ? await unlessDamaged(deps.storage.learners.find(learnerId), leftOut(res))
      : undefined
    Object.assign(res.locals, {
      learnerId,
      token,
      account,
      roles: await rolesOf(deps, visitor, leftOut(res)),
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
    if (visitor.unreadable) {
      if (isOnesOwn(req)) return next(visitor.unreadable)
      leftOut(res)(visitor.unreadable)
    }
    next()
  }
}

/** A list that waits for repair gives none. */
async function rolesOf(
  { staff }: AppDeps,
  { account, learnerId }: Visitor,
  told: (error: DocumentUnreadable) => void,
): Promise<readonly Role[]> {
  if (account === null) return ['learner']
  return ['learner', ...((await unlessDamaged(staff.rolesOf({ name: account, learnerId }), told)) ?? [])]
}

/** Pages of what somebody has stored, and whatever stores something: they are closed to who cannot be told from somebody else. */
const isOnesOwn = ({ method, path }: Request): boolean =>
  (method !== 'GET' && method !== 'HEAD') || /^\/(account|daily|duels|golf|progress|sandboxes|study)(\/|$)/i.test(path)
