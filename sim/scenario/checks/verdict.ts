/** What a check's assertion is and gives: a verdict at each moment, with what was seen and expected in words. */
import type { Snapshot } from './history.ts'

export interface Verdict {
  holds: boolean
  actual: string
  expected: string
}

/** An assertion about objects, ready to be asked at many moments. */
export interface StateAssertion {
  /** Plurals whose changes may change the verdict. */
  readonly reads: ReadonlySet<string>
  /** @param printed what the commands of the check's `afterwards` gave, in their order */
  evaluate(snapshot: Snapshot, printed?: readonly Printed[]): Verdict
}

/** Of a command: how it ended, and what it wrote. */
export interface Printed {
  readonly exit: number
  readonly stdout: string
}
