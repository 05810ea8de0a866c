/** A browser is signed in to an account, to one that was made of its own work or another. What it holds of an anonymous learner is asked about, and stays until then. */
import type { Request, Response } from 'express'
import { giveCookie, rememberBrowser } from '../accounts/cookies.ts'
import { countAll, isNothing } from '../belongings/belongings.ts'
import { takeSeat } from '../practice/take-seat.ts'
import { contextOf } from '../render/page.ts'
import { practiceSeat } from '../seat.ts'
import type { Account, Session } from '../storage/types.ts'
import type { AppDeps } from './deps.ts'

/** To an account that was made of the work in this browser. */
export async function enterNewAccount(
  deps: AppDeps,
  req: Request,
  res: Response,
  made: Account,
  by: Session['by'],
): Promise<void> {
  const { learnerId } = contextOf(res)
  await takeSeat(deps, practiceSeat(learnerId))
  await deps.sessions.leave(learnerId)
  giveCookie(res, 'podium', await deps.sessions.open(learnerId, made.name, by), deps)
  rememberBrowser(req, res, made, deps)
  res.redirect(303, '/account?done=made')
}

/** To any account. @param to where they go then; what becomes of the browser's own work is asked on the page of the account, at once unless told */
export async function enterAccount(
  deps: AppDeps,
  req: Request,
  res: Response,
  account: Account,
  by: Session['by'],
  to?: string,
): Promise<void> {
  const { learnerId, token } = contextOf(res)
  if (token !== undefined) await deps.sessions.close({ learnerId, token })
  else await deps.sessions.leave(learnerId)
  giveCookie(res, 'podium', await deps.sessions.open(account.learnerId, account.name, by), deps)
  rememberBrowser(req, res, account, deps)
  const hasWork = token === undefined && !isNothing(await countAll(deps, practiceSeat(learnerId)))
  if (hasWork) giveCookie(res, 'podium-before', { learnerId, token: undefined }, deps)
  res.redirect(303, to ?? (hasWork ? '/account/before' : '/account?done=signed-in'))
}
