/**
 * Browsers that somebody was let in by before. Wrong tries of strangers lock an account's name for all strangers; a known browser has a
 * count of its own, so that nobody else can use up its owner's tries.
 *
 * The proof is a cookie: a name drawn for the browser, and for each account a mark that only this server can make. It says nothing of
 * which accounts they are, opens nothing, and is kept when somebody signs out. It stays good when the passphrase is changed elsewhere:
 * all that it gives is a few tries, and the owner's other browsers need them for the new passphrase as well.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { isEqual } from './tickets.ts'

export interface KnownBrowser {
  /** Tells it from others. */
  id: string
  /** The latest first. */
  marks: readonly string[]
}

export const knownBrowserCookie = 'podium-known'

/** Accounts that one browser is known by, of everybody who uses it; by their names and by their addresses. */
const mostMarks = 12

const pattern = /(?:^|;\s*)podium-known=([\w-]{22})((?:\.[\w-]{43}){1,12})(?:;|$)/

/** What the cookies claim; only {@link isKnownTo} believes it. */
export function readKnownBrowser(cookies: string | undefined): KnownBrowser | undefined {
  const match = pattern.exec(cookies ?? '')
  return match ? { id: match[1]!, marks: match[2]!.slice(1).split('.') } : undefined
}

export const writeKnownBrowser = ({ id, marks }: KnownBrowser): string => [id, ...marks].join('.')

/** @param typed the name or the mail address of an account, in lower case */
export function isKnownTo(browser: KnownBrowser, typed: string, secret: string): boolean {
  const mark = markOf(browser.id, typed, secret)
  return browser.marks.some((one) => isEqual(one, mark))
}

/** The browser once somebody was let in by it to the account that these names stand for. */
export function madeKnown(browser: KnownBrowser | undefined, names: readonly string[], secret: string): KnownBrowser {
  const id = browser?.id ?? randomBytes(16).toString('base64url')
  const marks = names.map((name) => markOf(id, name, secret))
  return { id, marks: [...new Set([...marks, ...(browser?.marks ?? [])])].slice(0, mostMarks) }
}

const markOf = (id: string, typed: string, secret: string): string =>
  createHmac('sha256', secret).update(`known:${id}:${typed}`).digest('base64url')
