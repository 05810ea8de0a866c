/** Links to runs that their learners have shared. A link tells nothing but to the server that made it, and ends with the sharing. */
import { seal, unseal } from './sealed.ts'

/** The run of a grading, by whose it is. */
export interface SharedRun {
  learnerId: string
  attempt: string
  /** From 1. */
  grading: number
}

const kind = 'shared-run'

/** The name of a run in an address; always the same of the same run. */
export const sealRun = (secret: string, { learnerId, attempt, grading }: SharedRun): string =>
  seal(secret, kind, JSON.stringify([learnerId, attempt, grading]))

/** The run that a name is of; undefined when this server did not make it. */
export function openRun(secret: string, name: string): SharedRun | undefined {
  const text = unseal(secret, kind, name)
  if (text === undefined) return undefined
  const [learnerId, attempt, grading] = JSON.parse(text) as [string, string, number]
  return { learnerId, attempt, grading }
}
