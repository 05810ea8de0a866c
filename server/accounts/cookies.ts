/** Gives browsers the cookies that `tickets.ts` and `known-browsers.ts` read. */
import type { Request, Response } from 'express'
import type { Account } from '../storage/types.ts'
import { knownBrowserCookie, madeKnown, readKnownBrowser, writeKnownBrowser } from './known-browsers.ts'
import { type CookieName, type Ticket, writeTicket } from './tickets.ts'

const yearMs = 365 * 24 * 3_600_000

export interface CookieOptions {
  secret: string
  config: { secureCookies: boolean }
}

export function giveCookie(res: Response, name: CookieName, ticket: Ticket, options: CookieOptions): void {
  give(res, name, writeTicket(ticket, options.secret), options)
}

/** The browser's owner was let in to the account: from now on its tries are counted for itself. */
export function rememberBrowser(req: Request, res: Response, account: Account, options: CookieOptions): void {
  const names = account.mail === null ? [account.name] : [account.name, account.mail]
  const browser = madeKnown(readKnownBrowser(req.headers.cookie), names, options.secret)
  give(res, knownBrowserCookie, writeKnownBrowser(browser), options)
}

export function takeCookie(res: Response, name: CookieName): void {
  res.clearCookie(name, { path: '/', httpOnly: true, sameSite: 'lax' })
}

function give(res: Response, name: string, value: string, { config }: CookieOptions): void {
  res.cookie(name, value, {
    httpOnly: true,
    sameSite: 'lax',
    secure: config.secureCookies,
    maxAge: yearMs,
    path: '/',
  })
}
