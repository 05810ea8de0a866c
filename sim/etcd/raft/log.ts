/** A member's log: entries behind a base, of which everything before is gone. Pure. */
import type { Entry, Log, Position } from './types.ts'

export const lastOf = ({ base, entries }: Log): Position => entries[entries.length - 1] ?? base

/** Undefined for an entry that is gone or is yet to come. */
export function termAt({ base, entries }: Log, index: number): number | undefined {
  if (index === base.index) return base.term
  return entries[index - base.index - 1]?.term
}

/** From one index to another, both included; as many as there are. */
export const entriesBetween = ({ base, entries }: Log, from: number, to: number): readonly Entry[] =>
  entries.slice(Math.max(0, from - base.index - 1), Math.max(0, to - base.index))

export const appended = (log: Log, entries: readonly Entry[]): Log => ({
  base: log.base,
  entries: [...log.entries, ...entries],
})

/**
 * The log with a leader's entries: where one differs, it and all behind it are replaced. The same log when it has them all.
 * @param entries in a row, of which the entry before the first is the log's
 */
export function merged(log: Log, entries: readonly Entry[]): Log {
  const at = entries.findIndex(({ index, term }) => index > log.base.index && termAt(log, index) !== term)
  if (at < 0) return log
  const kept = log.entries.slice(0, entries[at].index - log.base.index - 1)
  return { base: log.base, entries: [...kept, ...entries.slice(at)] }
}

/** Without what stands before `index`, which stays as the base. */
export function compacted(log: Log, index: number): Log {
  const term = termAt(log, index)
  if (index <= log.base.index || term === undefined) return log
  return { base: { index, term }, entries: log.entries.slice(index - log.base.index) }
}

/** Whether a log that ends there has all that a committed entry of this one could be. */
export function isUpToDate(last: Position, log: Log): boolean {
  const own = lastOf(log)
  return last.term > own.term || (last.term === own.term && last.index >= own.index)
}

/** The last entry up to `index` whose term is not greater: where logs that differ may agree again. */
export function conflictHint(log: Log, index: number, term: number): Position {
  let at = Math.min(index, lastOf(log).index)
  while (at > log.base.index && termAt(log, at)! > term) at--
  return { index: at, term: termAt(log, at) ?? 0 }
}
