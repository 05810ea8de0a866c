/** Faults that those who lead a workshop gave the cluster of an attempt: they stand in its log, and are nothing that its owner did. Pure. */
import type { GivenFault, LoggedCommand } from '../../sim/index.ts'

export const givenFault = ({ command }: LoggedCommand): GivenFault | undefined =>
  command.op === 'fault' ? command.given : undefined

/** What its owner did. */
export const ownCommands = (log: readonly LoggedCommand[]): LoggedCommand[] => log.filter((entry) => !givenFault(entry))
