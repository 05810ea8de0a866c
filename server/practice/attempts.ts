/** Attempts as pages see them, and what is done to their files. Pure. */

import { createHash } from 'node:crypto'
import type { Challenge } from '../catalog/types.ts'
import type { NewAct } from '../journal/act.ts'
import type { KnownAct } from '../journal/acts/registry.ts'
import type { Seat } from '../seat.ts'
import { spliceBetween } from '../storage/document-text.ts'
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
