/** What a browser's cookies say of who it is: signed, so that nobody makes one up. */
import { createHmac, timingSafeEqual } from 'node:crypto'

/** A learner, and with an account the token of the session. */
export interface Ticket {
  learnerId: string
  /** Undefined for an anonymous learner. */
  token: string | undefined
}

/** `podium` says who somebody is, `podium-before` whose work lies in this browser beside the account that is signed in. */
export type CookieName = 'podium' | 'podium-before'

/** Undefined without a valid one. */
export function readTicket(cookies: string | undefined, name: CookieName, secret: string): Ticket | undefined {
  const pattern = new RegExp(
    `(?:^|;\\s*)${name}=([a-f0-9]{30})(?:\\.([A-Za-z0-9_-]{32}))?\\.([A-Za-z0-9_-]{43})(?:;|$)`,
  )
  const match = pattern.exec(cookies ?? '')
  if (!match) return undefined
  const ticket = { learnerId: match[1]!, token: match[2] }
  return isEqual(match[3]!, sign(`session:${keyOf(ticket)}`, secret)) ? ticket : undefined
}

export const writeTicket = (ticket: Ticket, secret: string): string =>
  `${keyOf(ticket)}.${sign(`session:${keyOf(ticket)}`, secret)}`

/** What each form of a session holds, so that no other site can send one. */
export const csrfTokenOf = (ticket: Ticket, secret: string): string => sign(`csrf:${keyOf(ticket)}`, secret)

/** In a time that tells nothing of where they differ. */
export function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

const keyOf = ({ learnerId, token }: Ticket): string => (token === undefined ? learnerId : `${learnerId}.${token}`)

function sign(text: string, secret: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url')
}
