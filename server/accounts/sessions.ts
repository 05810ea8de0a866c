/** Who a browser is: an anonymous learner by the cookie alone, or one with an account by a session that can be ended. */
import { createHash, randomBytes } from 'node:crypto'
import { DocumentUnreadable } from '../storage/documents.ts'
import type { Session, Storage } from '../storage/types.ts'
import { readTicket, type Ticket } from './tickets.ts'

export interface Visitor extends Ticket {
  /** Null for who has none. */
  account: string | null
  /** An anonymous learner whose work lies in this browser beside the account. */
  before: string | undefined
  /** The browser's cookie says so. Otherwise it is to be given another one. */
  isKnown: boolean
  /** The browser had a session that is not valid any more. */
  wasSignedOut: boolean
  /** Whether the browser may be who its cookie says cannot be told until this is repaired: it is nobody until then. */
  unreadable: DocumentUnreadable | undefined
}

export interface Sessions {
  visitor(cookies: string | undefined): Promise<Visitor>
  /** Signs in. @returns the ticket for the browser's cookie */
  open(learnerId: string, account: string, by: Session['by']): Promise<Ticket>
  close(ticket: Ticket): Promise<void>
  /** Signs out everywhere but there. */
  closeOthers(ticket: Ticket): Promise<void>
  /** There is no account any more: the learner is signed out everywhere. */
  forget(learnerId: string): Promise<void>
  find(ticket: Ticket): Promise<{ current: Session; others: number } | undefined>
  /** The browser of an anonymous learner is somebody with an account now. */
  leave(learnerId: string): Promise<void>
  /** Told when the session ends, or the anonymous learner's browser is somebody else. @returns how to take it back */
  whenClosed(ticket: Ticket, act: () => void): () => void
}

export interface SessionsOptions {
  storage: Pick<Storage, 'signIns' | 'bus'>
  secret: string
  now: () => number
}

const dayMs = 24 * 3_600_000
/** A browser that did not come for so long is signed out, as its cookie is gone. */
const longestAbsenceMs = 400 * dayMs
/** Browsers of one account; more sign out the one that was away for the longest. */
const mostSessions = 50

export function createSessions({ storage, secret, now }: SessionsOptions): Sessions {
  const ends = new Map<string, Set<() => void>>()
  // Whichever process it is that has the browser's streams.
  storage.bus.subscribe(endedTopic, (hash) => {
    const acts = ends.get(hash)
    ends.delete(hash)
    for (const act of acts ?? []) act()
  })
  const ended = async (hashes: readonly string[]): Promise<void> => {
    for (const hash of hashes) await storage.bus.publish(endedTopic, hash)
  }
  const isCurrent = (session: Session): boolean => session.usedAtMs > now() - longestAbsenceMs

  /** Leaves of the learner's browsers those that `by` says, and tells the others. */
  const change = async (
    learnerId: string,
    account: string,
    by: (sessions: readonly Session[]) => readonly Session[],
  ) => {
    let gone: string[] = []
    await storage.signIns.update(learnerId, (list) => {
      // Those of an account that is gone are none of another one's.
      const known = list?.account === account ? list.sessions : []
      const sessions = [...by(known.filter(isCurrent))]
      const left = new Set(sessions.map(({ sha256 }) => sha256))
      gone = (list?.sessions ?? []).map(({ sha256 }) => sha256).filter((hash) => !left.has(hash))
      return { learnerId, account, sessions }
    })
    await ended(gone)
  }
  const changeKnown = async (learnerId: string, by: (sessions: readonly Session[]) => readonly Session[]) => {
    const list = await storage.signIns.find(learnerId)
    if (list) await change(learnerId, list.account, by)
  }

  /** Undefined for a ticket that lets nobody in. */
  const accept = async (ticket: Ticket): Promise<{ account: string | null } | undefined> => {
    const list = await storage.signIns.find(ticket.learnerId)
    if (ticket.token === undefined) return list ? undefined : { account: null }
    const hash = hashOf(ticket.token)
    const session = list?.sessions.find(({ sha256 }) => sha256 === hash)
    if (!list || !session || !isCurrent(session)) return undefined
    if (session.usedAtMs < now() - dayMs)
      await change(ticket.learnerId, list.account, (sessions) =>
        sessions.map((one) => (one.sha256 === hash ? { ...one, usedAtMs: now() } : one)),
      )
    return { account: list.account }
  }

  const acceptIfReadable = (ticket: Ticket) =>
    accept(ticket).catch((error: unknown) => {
      if (error instanceof DocumentUnreadable) return error
      throw error
    })

  return {
    async visitor(cookies) {
      const ticket = readTicket(cookies, 'podium', secret)
      const kept = readTicket(cookies, 'podium-before', secret)
      const keptAs = kept && kept.token === undefined ? await acceptIfReadable(kept) : undefined
      const before = keptAs instanceof DocumentUnreadable ? undefined : keptAs && kept?.learnerId
      const accepted = ticket && (await acceptIfReadable(ticket))
      const unreadable = accepted instanceof DocumentUnreadable ? accepted : undefined
      if (ticket && accepted && !(accepted instanceof DocumentUnreadable))
        return {
          ...ticket,
          ...accepted,
          before: ticket.token === undefined ? undefined : before,
          isKnown: true,
          wasSignedOut: false,
          unreadable: undefined,
        }
      return {
        learnerId: (unreadable ? undefined : before) ?? randomBytes(15).toString('hex'),
        token: undefined,
        account: null,
        before: undefined,
        isKnown: false,
        wasSignedOut: ticket?.token !== undefined && !unreadable,
        unreadable,
      }
    },
    async open(learnerId, account, by) {
      const token = randomBytes(24).toString('base64url')
      const nowMs = now()
      const session: Session = { sha256: hashOf(token), createdAtMs: nowMs, usedAtMs: nowMs, by }
      await change(learnerId, account, (sessions) => [
        ...sessions.toSorted((a, b) => b.usedAtMs - a.usedAtMs).slice(0, mostSessions - 1),
        session,
      ])
      return { learnerId, token }
    },
    close: ({ learnerId, token }) =>
      changeKnown(learnerId, (sessions) => sessions.filter(({ sha256 }) => sha256 !== hashOf(token))),
    closeOthers: ({ learnerId, token }) =>
      changeKnown(learnerId, (sessions) => sessions.filter(({ sha256 }) => sha256 === hashOf(token))),
    async forget(learnerId) {
      const list = await storage.signIns.find(learnerId)
      await storage.signIns.remove(learnerId)
      await ended((list?.sessions ?? []).map(({ sha256 }) => sha256))
    },
    async find({ learnerId, token }) {
      const sessions = ((await storage.signIns.find(learnerId))?.sessions ?? []).filter(isCurrent)
      const current = sessions.find(({ sha256 }) => sha256 === hashOf(token))
      return current && { current, others: sessions.length - 1 }
    },
    leave: (learnerId) => ended([anonymous(learnerId)]),
    whenClosed({ learnerId, token }, act) {
      const key = token === undefined ? anonymous(learnerId) : hashOf(token)
      const acts = ends.get(key) ?? new Set()
      ends.set(key, acts)
      acts.add(act)
      return () => {
        acts.delete(act)
        if (acts.size === 0 && ends.get(key) === acts) ends.delete(key)
      }
    },
  }
}

/** Tells the hash of a session's token, or of an anonymous learner. */
const endedTopic = 'session-ended'

/** No hash is spelt so. */
const anonymous = (learnerId: string): string => `learner ${learnerId}`

const hashOf = (token: string | undefined): string =>
  createHash('sha256')
    .update(token ?? '')
    .digest('hex')
