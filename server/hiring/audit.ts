/**
 * The audit log: who did what with candidates' data and with people's roles. Entries are chained: each holds the hash of the one before it, so
 * that one that was altered, removed or put elsewhere is found. Whoever keeps the hash of the last entry finds out as well when the end of
 * the log is cut off or all of it is written anew. Entries name ids alone: nothing of them has to go when somebody is erased.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { msg } from '../i18n/translate.ts'
import { type AuditEntry, auditEntry } from '../storage/audit-log.ts'
import { canonical } from '../storage/canonical.ts'
import { StreamMoved, type Streams } from '../storage/streams.ts'

/** Before the first entry. */
const noHash = '0'.repeat(64)
/** The one stream. */
const stream = 'log'

export interface Audit {
  /**
   * Enters what was done; durable when it resolves.
   * @param what ids, numbers and truths. @throws Error for anything that could be somebody's name or words
   */
  enter(who: string, act: string, what: AuditEntry['what']): Promise<void>
  /** In order. */
  entries(): Promise<AuditEntry[]>
}

/** @param now milliseconds since 1970 */
export function createAudit(streams: Streams<AuditEntry>, now: () => number): Audit {
  const entries = async (after = 0): Promise<AuditEntry[]> =>
    (await streams.read(stream, after)).map(({ entry }) => entry)
  return {
    entries: () => entries(),
    async enter(who, act, what) {
      for (;;) {
        const head = await streams.head(stream)
        const [last] = head === 0 ? [] : await entries(head - 1)
        const unsigned = { seq: head + 1, atMs: now(), who, act, what, prevHash: last?.hash ?? noHash }
        const read = auditEntry.safeParse({ ...unsigned, hash: hashOf(unsigned) })
        if (!read.success) throw new Error(`the audit log takes ids alone: ${z.prettifyError(read.error)}`)
        try {
          await streams.append(stream, head, [read.data])
          return
        } catch (error) {
          if (!(error instanceof StreamMoved)) throw error
        }
      }
    },
  }
}

const hashOf = ({ seq, atMs, who, act, what, prevHash }: Omit<AuditEntry, 'hash'>): string =>
  createHash('sha256').update(canonical({ seq, atMs, who, act, what, prevHash })).digest('hex')

/** Of an entry, to be kept elsewhere: `12:9f86d0…` */
export interface Anchor {
  seq: number
  hash: string
}

export const printAnchor = ({ seq, hash }: Anchor): string => `${seq}:${hash}`

/** @returns undefined for what is none */
export function parseAnchor(text: string): Anchor | undefined {
  const [, seq, hash] = /^([1-9]\d{0,8}):([0-9a-f]{64})$/.exec(text) ?? []
  return seq && hash ? { seq: Number(seq), hash } : undefined
}

/** Texts for `t`. */
export const chainProblems = {
  altered: msg('Entry {seq} was altered: its hash is not the one that it states.'),
  removed: msg('Entries {from} to {to} are missing.'),
  misplaced: msg('Entry {seq} is where entry {due} should be: the order was changed.'),
  rewritten: msg('Entry {seq} does not follow from entry {before}: one of them was rewritten.'),
  cut: msg('The log ends at entry {head}, but there was an entry {seq}: the end of the log was cut off.'),
  otherAnchor: msg('Entry {seq} is not the entry that it was: the log was rewritten.'),
}

export type ChainVerdict =
  | { isWhole: true; head: Anchor | undefined }
  /** The place, from 1, of the first entry that is not as it was. */
  | { isWhole: false; at: number; problem: { text: string; values: Record<string, number> } }

/** @param anchor an entry as it once was */
export function verifyChain(entries: readonly AuditEntry[], anchor?: Anchor): ChainVerdict {
  const broken = (at: number, text: string, values: Record<string, number>): ChainVerdict => ({
    ...{ isWhole: false, at, problem: { text, values } },
  })
  let before: AuditEntry | undefined
  for (const [place, entry] of entries.entries()) {
    const due = place + 1
    if (entry.hash !== hashOf(entry)) return broken(due, chainProblems.altered, { seq: due })
    if (entry.seq > due && !entries.slice(place + 1).some(({ seq }) => seq === due))
      return broken(due, chainProblems.removed, { from: due, to: entry.seq - 1 })
    if (entry.seq !== due) return broken(due, chainProblems.misplaced, { seq: entry.seq, due })
    if (entry.prevHash !== (before?.hash ?? noHash))
      return broken(due, chainProblems.rewritten, { seq: due, before: place })
    before = entry
  }
  if (anchor) {
    const now = entries[anchor.seq - 1]
    if (!now) return broken(entries.length + 1, chainProblems.cut, { head: entries.length, seq: anchor.seq })
    if (now.hash !== anchor.hash) return broken(anchor.seq, chainProblems.otherAnchor, { seq: anchor.seq })
  }
  return { isWhole: true, head: before && { seq: before.seq, hash: before.hash } }
}
