/** Whom tries are counted for: an address, and with IPv6 the network that one household or machine has for itself; and a known browser. */
import type { Request, Response } from 'express'
import { ipKeyGenerator } from 'express-rate-limit'
import type { Caller } from '../accounts/accounts.ts'
import { isKnownTo, readKnownBrowser } from '../accounts/known-browsers.ts'
import { contextOf } from '../render/page.ts'
import type { AppDeps } from './deps.ts'

export const callerOf = (req: Request): string => ipKeyGenerator(req.ip ?? '', 64)

/** For the tries of passphrases and links. */
export function accountCallerOf(req: Request, res: Response, { secret }: AppDeps): Caller {
  const browser = readKnownBrowser(req.headers.cookie)
  const { account, token } = contextOf(res)
  return {
    address: callerOf(req),
    browserFor(typed) {
      if (browser && isKnownTo(browser, typed, secret)) return browser.id
      // Signed in since before browsers were remembered, or without the cookie that says so.
      return account === typed ? token : undefined
    },
  }
}
