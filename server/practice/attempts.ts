/** Attempts as pages see them, and what is done to their files. Pure. */

import { createHash } from 'node:crypto'
import type { Challenge } from '../catalog/types.ts'
import type { NewAct } from '../journal/act.ts'
import type { KnownAct } from '../journal/acts/registry.ts'
import type { Seat } from '../seat.ts'
import { spliceBetween } from '../storage/document-text.ts'
import { gradedRun } from '../storage/evidence.ts'
import { shownResult } from '../storage/shown-result.ts'
import type { Attempt, Grading } from '../storage/types.ts'
import { changeCost } from './hints.ts'

/** How large all files of an attempt may be together, in characters. */
export const maxDraftLength = 256 * 1024
/** How long a kubectl line may be, in characters: a patch fits, a stored novel does not. */
export const maxLineLength = 8000

export function newAttempt(
  challenge: Challenge,
  seat: Seat,
  facts: { id: string; nowMs: number; seed: string; drafts?: Record<string, string>; engineVersion: string },
): Attempt {
  return {
    id: facts.id,
    participantId: seat.participantId,
    sittingId: seat.sittingId,
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

/** The saved text of a file in a word: what a page shows of it, and says again when it saves another. */
export function draftVersion({ drafts }: Attempt, file: string): string {
  const text = drafts[file]
  return text === undefined ? 'first' : digestOf(text)
}

/** Sixteen hexadecimal digits; line ends come in two ways. */
export const digestOf = (text: string): string =>
  createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex').slice(0, 16)

/** The act that saves a text. @param setsAside the text that was saved stays among the earlier ones */
export function editOf(
  { id, challengeId, drafts }: Attempt,
  file: string,
  text: string,
  setsAside = false,
): NewAct<KnownAct>[] {
  const before = drafts[file]
  if (before === text) return []
  const splices = before === undefined ? [] : spliceBetween({ text: before }, { text })
  const isShorter = before !== undefined && splices.reduce((sum, [, , insert]) => sum + insert.length, 0) < text.length
  const data = { attempt: id, file, setsAside, ...(isShorter ? { splices: splices.map(([...one]) => one) } : { text }) }
  return [{ act: 'edited', item: `challenge:${challengeId}`, data }]
}

/** Graded by this server. Anything else counts for nothing until it is graded here. */
export const isProven = ({ origin }: Grading): boolean => origin === undefined

/** True when an attempt was graded here and passed. */
export const isPassed = ({ gradings }: Attempt): boolean =>
  gradings.some((grading) => isProven(grading) && grading.result.passed)

/** A replay card is for who has passed, on commands that are known to be the graded ones. */
export const hasCard = (attempt: Attempt, grading: Grading): boolean =>
  isProven(grading) && grading.result.passed && gradedRun(attempt, grading).proof !== 'differs'

/** Score out of 100 of the checks that learners see, after the hints' cost. A result that could not be graded has none. */
export function scoreOf(grading: Grading, challenge: Challenge | undefined): number | undefined {
  const result = shownResult(grading.result)
  if (!result.gradable) return undefined
  const share = Math.min(1, Math.max(0, result.score / Math.max(1, result.maxScore)))
  return Math.max(0, Math.round(share * 100) - hintCost(grading.hintsOpened, challenge))
}

/** What hints take off, in points out of 100. */
export function hintCost(opened: readonly string[], challenge: Challenge | undefined): number {
  const own = (challenge?.spec.hints ?? []).filter(({ id }) => opened.includes(id))
  return own.reduce((sum, { cost }) => sum + cost, 0) + changeCost(opened)
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

/** The act that opens a hint, or a step of what was missing. */
export const hinted = ({ id, hash }: Challenge, attempt: string, hint: string): NewAct<KnownAct> => ({
  ...{ act: 'hinted', item: `challenge:${id}`, contentHash: hash },
  data: { attempt, hints: [hint] },
})

/** The act that ends an attempt. */
export const closed = (
  { id }: Challenge,
  attempt: string,
  why: 'reset' | 'variant' | 'again' | 'gave-up',
): NewAct<KnownAct> => ({ act: 'closed', item: `challenge:${id}`, data: { attempt, why } })
