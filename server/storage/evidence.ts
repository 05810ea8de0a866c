/** What a grading is bound to: exactly the commands that were graded, known again by their hash. Pure. */
import { createHash } from 'node:crypto'
import type { GradeResult, LoggedCommand } from '../../sim/index.ts'
import { canonical } from './canonical.ts'
import { ownCommands } from './given-faults.ts'
import type { Attempt, Grading } from './types.ts'

/** What was handed to the grader. */
export interface GradedWork {
  seed: string
  contentHash: string
  log: readonly LoggedCommand[]
  /** Where the attempt's clock stood, when that is known. */
  clockMs?: number
  /** Opened by then: what is opened while the grader runs does not count. */
  hintsOpened: readonly string[]
}

/** The grader that gave it. Graders did not tell their version at first. */
export const graderOf = ({ graderVersion = '1' }: GradeResult): string => graderVersion

/** SHA-256 of a log's canonical bytes, in hexadecimal digits. */
export function hashLog(log: readonly LoggedCommand[]): string {
  return createHash('sha256').update(canonical(log)).digest('hex')
}

/**
 * A grading of exactly what was handed to the grader, whatever the attempt has become meanwhile.
 * @param attempt as it is when the result comes
 */
export function gradingOf(attempt: Attempt, graded: GradedWork, result: GradeResult, atMs: number): Grading {
  const { seed, contentHash, log, clockMs, hintsOpened } = graded
  const sha256 = hashLog(log)
  const commands = log.length
  return {
    atMs,
    commands,
    ...(clockMs === undefined ? {} : { clockMs }),
    ...(hashLog(attempt.log.slice(0, commands)) === sha256 ? {} : { log: [...log] }),
    result,
    hintsOpened: [...hintsOpened],
    proof: { sha256, seed, contentHash, engineVersion: result.engineVersion },
  }
}

/** The commands that a grading is about, as they are stored. */
export const gradedLog = (attempt: Attempt, { log, commands }: Grading): LoggedCommand[] =>
  log ?? attempt.log.slice(0, commands)

/** What a grading was made of. */
export interface GradedRun {
  seed: string
  log: LoggedCommand[]
  /** `differs`: other commands than those that were graded are stored. `none`: it is older than its proof. */
  proof: 'holds' | 'differs' | 'none'
}

export function gradedRun(attempt: Attempt, grading: Grading): GradedRun {
  const { proof } = grading
  const handedIn = gradedLog(attempt, grading)
  const log = grading.result.withoutFaults ? ownCommands(handedIn) : handedIn
  if (!proof) return { seed: attempt.seed, log, proof: 'none' }
  const isSame = handedIn.length === grading.commands && hashLog(handedIn) === proof.sha256
  return { seed: proof.seed, log, proof: isSame ? 'holds' : 'differs' }
}
