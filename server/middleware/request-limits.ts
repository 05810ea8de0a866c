/**
 * How many requests a minute are answered. A browser that is known is counted by itself: a class of two hundred sits behind one address. What
 * comes without a session is counted by address, and all of an address together has a bound far above a class, for who takes one session after
 * the other.
 */
import type { Request, RequestHandler } from 'express'
import { rateLimit } from 'express-rate-limit'
import { readTicket } from '../accounts/tickets.ts'
import { t } from '../i18n/translate.ts'
import { callerOf } from '../pages/caller.ts'
import type { AppDeps } from '../pages/deps.ts'
import { HttpProblem } from '../render/problem.ts'

/** Of what one browser may, for all behind an address together. */
const browsersPerAddress = 250

export function requestLimits({ config, secret }: AppDeps): RequestHandler[] {
  const perMinute = (limit: number, keyGenerator: (req: Request) => string): RequestHandler =>
    rateLimit({
      ...{ windowMs: 60_000, limit, keyGenerator },
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      // It looks at where it was made, which has all source maps read at each start.
      validate: { creationStack: false },
      handler: (_req, _res, next) =>
        next(new HttpProblem(429, t('Too many requests came from here. Wait a minute, then go on.'))),
    })
  const browserOf = (req: Request): string => {
    const ticket = readTicket(req.headers.cookie, 'podium', secret)
    return ticket ? `learner ${ticket.learnerId}` : `address ${callerOf(req)}`
  }
  return [
    perMinute(config.rateLimitPerMinute, browserOf),
    perMinute(browsersPerAddress * config.rateLimitPerMinute, callerOf),
  ]
}
