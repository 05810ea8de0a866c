/** Before something is changed that lets people in or shuts them out for good: the passphrase, unless a link has just shown who it is. */
import type { Request, Response } from 'express'
import { isRefusal } from '../accounts/accounts.ts'
import { contextOf } from '../render/page.ts'
import { accountCallerOf } from './caller.ts'
import type { AppDeps } from './deps.ts'
import { field } from './form.ts'
import { refusalWords, statusOf } from './refusals.ts'

/** Who came by a link, or from a provider, is believed for so long without the passphrase. */
const freshMs = 15 * 60_000

/** The browser was signed in by a link or a provider a short while ago. */
export async function isFresh(deps: AppDeps, res: Response): Promise<boolean> {
  const current = (await deps.sessions.find(contextOf(res)))?.current
  return current !== undefined && current.by !== 'passphrase' && current.createdAtMs > deps.now() - freshMs
}

/**
 * Reads the field `current` of the form. Wrong ones are counted as at the sign-in.
 * @param name of the account that is signed in
 * @returns why the caller is not believed; undefined for who is
 */
export async function reassure(
  deps: AppDeps,
  req: Request,
  res: Response,
  name: string,
): Promise<{ problem: string; status: number } | undefined> {
  if (await isFresh(deps, res)) return undefined
  const known = await deps.accounts.check(name, field(req, 'current'), accountCallerOf(req, res, deps))
  if (!isRefusal(known)) return undefined
  const refusal = known.refused === 'wrong' ? ({ refused: 'current' } as const) : known
  return { problem: refusalWords(refusal), status: statusOf(refusal) }
}
