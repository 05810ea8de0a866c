/** Gives browsers the cookies that `tickets.ts` reads. */
import type { Response } from 'express'
import { type CookieName, type Ticket, writeTicket } from './tickets.ts'

const yearMs = 365 * 24 * 3_600_000

export interface CookieOptions {
  secret: string
  config: { secureCookies: boolean }
}

export function giveCookie(res: Response, name: CookieName, ticket: Ticket, { secret, config }: CookieOptions): void {
  res.cookie(name, writeTicket(ticket, secret), {
    httpOnly: true,
    sameSite: 'lax',
    secure: config.secureCookies,
    maxAge: yearMs,
    path: '/',
  })
}

export function takeCookie(res: Response, name: CookieName): void {
  res.clearCookie(name, { path: '/' })
}
