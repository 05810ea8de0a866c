/** What a hiring exercise tells to addresses outside: read from how it stands, so that nothing is lost that was stored. Pure. */
import type { CandidateStanding } from '../hiring/candidates.ts'
import { isOver } from '../hiring/candidates.ts'
import type { ExerciseAct } from '../hiring/exercise-acts.ts'
import type { Exercise } from '../hiring/exercises.ts'
import { msg } from '../i18n/translate.ts'
import { hasNewAnswers } from '../practice/closing-exercise.ts'
import { attemptsThatCount, gradingsOfHead } from '../practice/counted-attempts.ts'
import { graceMs } from '../sittings/life.ts'
import type { Attempt } from '../storage/types.ts'
import type { Notice } from '../storage/webhooks.ts'

/** By type: its words. */
export const eventTypes = {
  'candidate.invited': msg('somebody was invited'),
  'candidate.declined': msg('somebody declined what would have been recorded'),
  'candidate.started': msg('somebody’s time has begun'),
  'candidate.handed_in': msg('somebody has handed in, or their time is over'),
  'candidate.graded': msg('all that somebody handed in is graded'),
  'candidate.scored': msg('a reviewer has sent a score for the first time'),
  'candidate.report_ready': msg('graded, and scored by a reviewer where the job has any'),
  'candidate.grade_changed': msg('somebody’s grade was changed by a regrading'),
  'candidate.erased': msg('somebody was erased: erase what you hold about them'),
  'exercise.closed': msg('an exercise was closed, and no grade of it is outstanding'),
} as const
export type EventType = keyof typeof eventTypes
export const isEventType = (text: string): text is EventType => Object.hasOwn(eventTypes, text)

/** What happened, whoever is told. `what` tells it from all others of the same seat. */
export interface Milestone extends Pick<Notice, 'atMs' | 'seat' | 'by'> {
  type: EventType
  what: string
}

export interface Facts {
  exercise: Exercise
  acts: readonly ExerciseAct[]
  standings: readonly CandidateStanding[]
  /** Of those who were erased: the seat by erasure. */
  erasures: ReadonlyMap<string, string>
  hasReviewers: boolean
  nowMs: number
}

/** All that has happened so far, in no order. */
export function milestonesOf(facts: Facts): Milestone[] {
  const scoredAt = new Map<string, number>()
  const found: Milestone[] = []
  for (const given of facts.acts) {
    const { atMs } = given
    if (given.act === 'scored' && !scoredAt.has(given.data.seat)) scoredAt.set(given.data.seat, atMs)
    if (given.act === 'settled') found.push({ type: 'exercise.closed', what: given.id, seat: null, atMs })
    const erased = given.act === 'erased' ? facts.erasures.get(given.data.erasure) : undefined
    if (erased) found.push({ type: 'candidate.erased', what: 'erased', seat: erased, atMs })
  }
  for (const standing of facts.standings) found.push(...ofCandidate(facts, standing, scoredAt.get(standing.seat.id)))
  return found
}

function ofCandidate(facts: Facts, standing: CandidateStanding, scoredMs: number | undefined): Milestone[] {
  const { seat, state, work, endedAtMs } = standing
  const found: Milestone[] = []
  const add = (type: EventType, atMs: number, what: string = type, by?: Milestone['by']) =>
    found.push({ type, what, seat: seat.id, atMs, ...(by ? { by } : {}) })
  add('candidate.invited', seat.joinedAtMs)
  const { declinedAtMs, changes } = work.candidacy ?? {}
  if (declinedAtMs !== undefined) add('candidate.declined', declinedAtMs, `declined ${declinedAtMs}`)
  const started = changes?.find(({ event }) => event.event === 'start')
  if (started) add('candidate.started', started.atMs)
  if (scoredMs !== undefined) add('candidate.scored', scoredMs)
  if (!isOver(state) || endedAtMs === null) return found
  // Somebody whose time was over may be given more: then they come to another end.
  const by = state === 'handed-in' ? 'candidate' : 'time'
  add('candidate.handed_in', endedAtMs, `handed-in ${endedAtMs}`, by)
  const gradedMs = whenGraded(facts.exercise, standing, facts.nowMs)
  if (gradedMs === undefined) return found
  add('candidate.graded', gradedMs, `graded ${endedAtMs}`)
  if (scoredMs !== undefined || !facts.hasReviewers)
    add('candidate.report_ready', Math.max(gradedMs, scoredMs ?? 0), `report-ready ${endedAtMs}`)
  for (const { attempt } of attemptsThatCount(facts.exercise, work))
    for (const atMs of gradeChangesOf(attempt))
      add('candidate.grade_changed', atMs, `grade-changed ${attempt.id} ${atMs}`)
  return found
}

/** When work that was graded got another score, though nothing was added to it. */
function gradeChangesOf(attempt: Attempt): number[] {
  const all = gradingsOfHead(attempt)
  return all.flatMap(({ atMs, result }, at) => {
    const before = all[at - 1]?.result
    const isSame = !before || (before.score === result.score && before.maxScore === result.maxScore)
    return isSame ? [] : [atMs]
  })
}

/** When the last of what somebody handed in was graded first; undefined before they have, and while something waits. */
export function whenGraded(
  exercise: Exercise,
  { work, state, endedAtMs }: CandidateStanding,
  nowMs: number,
): number | undefined {
  if (!isOver(state) || endedAtMs === null) return undefined
  // What was typed in time may come a little later.
  if (state === 'timed-out' && nowMs < endedAtMs + graceMs) return undefined
  let lastMs = endedAtMs
  for (const { attempt } of attemptsThatCount(exercise, work)) {
    const [grading] = gradingsOfHead(attempt)
    if (hasNewAnswers(attempt) || (!grading && attempt.log.length > 0)) return undefined
    lastMs = Math.max(lastMs, grading?.atMs ?? 0)
  }
  return lastMs
}
