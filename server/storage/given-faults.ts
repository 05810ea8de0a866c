/** Faults that those who lead a workshop gave the cluster of an attempt: they stand in its log, and are nothing that its owner did. Pure. */
import type { GivenFault, LoggedCommand } from '../../sim/index.ts'

export const givenFault = ({ command }: LoggedCommand): GivenFault | undefined =>
  command.op === 'fault' ? command.given : undefined

/** A run as it was before a virtual moment; at its hand-over for null. */
export function runBefore(
  { log, clockMs }: { log: readonly LoggedCommand[]; clockMs: number },
  toMs: number | null,
): { log: LoggedCommand[]; clockMs: number } {
  if (toMs === null) return { log: [], clockMs: 0 }
  return {
    log: log.filter((entry) => (givenFault(entry)?.dueMs ?? entry.atMs) < toMs),
    clockMs: Math.min(clockMs, toMs),
  }
}

/** What its owner did. */
export const ownCommands = (log: readonly LoggedCommand[]): LoggedCommand[] => log.filter((entry) => !givenFault(entry))
