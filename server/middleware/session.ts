/** The learner: a signed, HTTP-only cookie. Nothing is stored until the learner does something. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { RequestHandler, Response } from 'express'
import type { AppDeps } from '../pages/deps.ts'
import { cookieName } from '../render/page.ts'

const yearMs = 365 * 24 * 3_600_000

export function sessions(deps: AppDeps): RequestHandler {
  return async (req, res, next) => {
    const known = learnerOfCookie(req.headers.cookie, deps.secret)
    const learnerId = known ?? randomBytes(15).toString('hex')
    if (!known) setCookie(res, learnerId, deps)
    const learner = known ? await deps.storage.learners.find(known) : undefined
    Object.assign(res.locals, {
      learnerId,
      csrfToken: csrfTokenOf(learnerId, deps.secret),
      keysOff: learner?.keysOff ?? false,
      nowMs: deps.now(),
    })
    next()
  }
}

function csrfTokenOf(learnerId: string, secret: string): string {
  return sign(`csrf:${learnerId}`, secret)
}

export function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

function setCookie(res: Response, learnerId: string, deps: AppDeps): void {
  res.cookie(cookieName, `${learnerId}.${sign(`session:${learnerId}`, deps.secret)}`, {
    httpOnly: true,
    sameSite: 'lax',
    secure: deps.config.secureCookies,
    maxAge: yearMs,
    path: '/',
  })
}

/** The learner whom a request's cookies name; undefined without a valid one. */
export function learnerOfCookie(cookie: string | undefined, secret: string): string | undefined {
  const match = /(?:^|;\s*)podium=([a-f0-9]{30})\.([A-Za-z0-9_-]{43})(?:;|$)/.exec(cookie ?? '')
  if (!match) return undefined
  return isEqual(match[2]!, sign(`session:${match[1]}`, secret)) ? match[1] : undefined
}

function sign(text: string, secret: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url')
}
