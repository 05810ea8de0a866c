/** What may happen to an attempt. Pure: each function gives the attempt as it is afterwards. */

import { createHash } from 'node:crypto'
import type { GradeResult } from '../../sim/index.ts'
import type { Challenge } from '../catalog/types.ts'
import type { WorkResult } from '../labs/types.ts'
import { withEarlier } from '../storage/earlier-drafts.ts'
import { type GradedWork, gradedLog, gradingOf } from '../storage/evidence.ts'
import { shownResult } from '../storage/shown-result.ts'
import type { Attempt, Grading } from '../storage/types.ts'
import { changeCost } from './hints.ts'
import type { Practitioner } from './practice.ts'

/** How large all files of an attempt may be together, in characters. */
export const maxDraftLength = 256 * 1024
/** How long a kubectl line may be, in characters: a patch fits, a stored novel does not. */
export const maxLineLength = 8000

export function newAttempt(
  challenge: Challenge,
  who: Practitioner,
  facts: { id: string; nowMs: number; seed: string; drafts?: Record<string, string>; engineVersion: string },
): Attempt {
  return {
    id: facts.id,
    participantId: who.participantId,
    sittingId: who.sittingId,
    challengeId: challenge.id,
    contentHash: challenge.hash,
    engineVersion: facts.engineVersion,
    seed: facts.seed,
    createdAtMs: facts.nowMs,
    updatedAtMs: facts.nowMs,
    log: [],
    clockMs: 0,
    drafts: facts.drafts ?? {},
    earlierDrafts: [],
    hintsOpened: [],
    gradings: [],
    state: 'open',
  }
}

export function withWork(attempt: Attempt, result: WorkResult, nowMs: number): Attempt {
  return {
    ...attempt,
    log: result.logged ? [...attempt.log, result.logged] : attempt.log,
    clockMs: result.clockMs,
    updatedAtMs: nowMs,
  }
}

/** The attempt without its last command: the cluster is replayed up to where that began. */
export function withoutLastCommand(attempt: Attempt, nowMs: number): Attempt {
  const last = attempt.log.at(-1)
  if (!last) return attempt
  const log = attempt.log.slice(0, -1)
  // What was graded with it keeps its own commands from here on.
  const gradings = attempt.gradings.map((grading) =>
    grading.commands > log.length ? { ...grading, log: gradedLog(attempt, grading) } : grading,
  )
  return { ...attempt, log, gradings, clockMs: last.atMs, updatedAtMs: nowMs }
}

/** The saved text of a file in a word: what a page shows of it, and says again when it saves another. */
export function draftVersion({ drafts }: Attempt, file: string): string {
  const text = drafts[file]
  return text === undefined ? 'first' : digestOf(text)
}

/** Sixteen hexadecimal digits; line ends come in two ways. */
export const digestOf = (text: string): string =>
  createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex').slice(0, 16)

/** A text that gives way to another one stays with the attempt. */
export function withEarlierDraft(attempt: Attempt, file: string, text: string, nowMs: number): Attempt {
  return { ...attempt, earlierDrafts: withEarlier(attempt.earlierDrafts, [{ file, text, atMs: nowMs }]) }
}

export function withDraft(attempt: Attempt, file: string, text: string, nowMs: number): Attempt {
  return attempt.drafts[file] === text
    ? attempt
    : { ...attempt, drafts: { ...attempt.drafts, [file]: text }, updatedAtMs: nowMs }
}

/** @param graded what the result is of: the attempt may have gone on while it was graded */
export function withGrading(attempt: Attempt, graded: GradedWork, result: GradeResult, nowMs: number): Attempt {
  const gradings = [...attempt.gradings, gradingOf(attempt, graded, result, nowMs)]
  return { ...attempt, gradings, updatedAtMs: nowMs }
}

/** Graded by this server. Anything else counts for nothing until it is graded here. */
export const isProven = ({ origin }: Grading): boolean => origin === undefined

/** True when an attempt was graded here and passed. */
export const isPassed = ({ gradings }: Attempt): boolean =>
  gradings.some((grading) => isProven(grading) && grading.result.passed)

/** Score out of 100 of the checks that learners see, after the hints' cost. A result that could not be graded has none. */
export function scoreOf(grading: Grading, challenge: Challenge | undefined): number | undefined {
  const result = shownResult(grading.result)
  if (!result.gradable) return undefined
  const cost = (challenge?.spec.hints ?? [])
    .filter(({ id }) => grading.hintsOpened.includes(id))
    .reduce((sum, hint) => sum + hint.cost, 0)
  const total = cost + changeCost(grading.hintsOpened)
  const share = Math.min(1, Math.max(0, result.score / Math.max(1, result.maxScore)))
  return Math.max(0, Math.round(share * 100) - total)
}

/** Trying again never loses points: what counts is the best of those that were graded here. */
export function bestScore(attempts: readonly Attempt[], challenge: Challenge | undefined): number | undefined {
  return best(attempts, challenge, isProven)
}

/** The best of those that were not graded here. */
export function bestUnproven(attempts: readonly Attempt[], challenge: Challenge | undefined): number | undefined {
  return best(attempts, challenge, (grading) => !isProven(grading))
}

function best(
  attempts: readonly Attempt[],
  challenge: Challenge | undefined,
  isWanted: (grading: Grading) => boolean,
): number | undefined {
  const scores = attempts
    .flatMap(({ gradings }) => gradings)
    .filter(isWanted)
    .map((grading) => scoreOf(grading, challenge))
    .filter((score) => score !== undefined)
  return scores.length > 0 ? Math.max(...scores) : undefined
}
