/**
 * Candidates that are erased: who they are and what they did goes, and what is left are counts. Each erasure is noted before anything is
 * removed, by ids alone: one that was broken off is gone on with, and a backup that is restored has it done again.
 */
import { randomBytes } from 'node:crypto'
import type { Journals } from '../journal/journals.ts'
import type { Sandboxes } from '../labs/sandboxes/types.ts'
import { sittingAt } from '../sittings/life.ts'
import { unlessDamaged } from '../storage/documents.ts'
import type { Storage } from '../storage/types.ts'
import type { Audit } from './audit.ts'
import { type CandidateDeps, candidatesOf } from './candidates.ts'
import type { Exercises } from './exercises.ts'
import { removeGroupAnswers } from './group-answers.ts'
import { removeSeat, seatsIn } from './jobs.ts'

const dayMs = 24 * 3_600_000

export interface ErasureDeps extends Omit<CandidateDeps, 'storage' | 'journals' | 'exercises'> {
  storage: Pick<
    Storage,
    | ('participants' | 'candidates' | 'scores' | 'erasures' | 'hiringJobs' | 'sittings' | 'groups')
    | ('webhooks' | 'webhooksOwed' | 'webhooksTold' | 'atsTests')
  >
  /** The server's: it leads to what they said of their groups. */
  secret: string
  journals: Pick<Journals, 'work' | 'remove'>
  exercises: Exercises
  audit: Pick<Audit, 'enter'>
  sandboxes: Pick<Sandboxes, 'removeCopies'>
}

/**
 * Erases one candidate of an exercise. Done again, it comes to the same.
 * @param who erases: a learner's id, or `system`
 * @returns false when there is no such candidate
 */
export async function eraseCandidate(
  deps: ErasureDeps,
  sittingId: string,
  seat: string,
  who: string,
): Promise<boolean> {
  const { storage, exercises, audit, now } = deps
  const exercise = await exercises.find(sittingId)
  const standing = exercise && (await candidatesOf(deps, exercise, () => undefined)).find((one) => one.seat.id === seat)
  if (!standing) return false
  const known = await storage.erasures.find(seat)
  const id = known?.id ?? randomBytes(9).toString('hex')
  await storage.erasures.save({ id, seat, sittingId, atMs: known?.atMs ?? now() })
  const { state } = standing
  const isScored = (await exercises.course(sittingId)).scored.has(seat)
  await exercises.act(sittingId, who, ({ erased }) =>
    erased.has(id) ? [] : [{ act: 'erased', data: { erasure: id, state, isScored } }],
  )
  await audit.enter(who, 'candidate-erased', { sitting: sittingId, erasure: id })
  await eraseSeat(deps, sittingId, seat)
  return true
}

/** Also what they said of their groups, as long as it can be known whose it is, and the clusters that were copied to look into their work. */
async function eraseSeat(deps: ErasureDeps, sittingId: string, seat: string): Promise<void> {
  await removeGroupAnswers(deps, { sittingId, participantId: seat })
  await removeSeat(deps, sittingId, seat)
}

/** Erases all candidates of an exercise: its plan and its counts are what is left. */
async function eraseExercise(deps: ErasureDeps, sittingId: string, who: string): Promise<void> {
  const { storage } = deps
  for (const id of await seatsIn(storage, sittingId))
    if (!(await eraseCandidate(deps, sittingId, id, who))) await eraseSeat(deps, sittingId, id)
  // Also those whose seat was lost.
  for (const { id } of await storage.candidates.ofSitting(sittingId)) await storage.candidates.remove(id)
  await deps.exercises.act(sittingId, who, ({ life }) =>
    life.state === 'closed' || life.state === 'archived' ? [{ act: 'emptied', data: {} }] : [],
  )
}

/** When an exercise that closed then is erased by itself. */
export const erasedAt = (closedMs: number, retentionDays: number): number => closedMs + retentionDays * dayMs

/** Erases what its job keeps no longer. What cannot be erased is told, and tried again the next time. @returns how many exercises */
export async function eraseDue(deps: ErasureDeps, onError: (error: unknown) => void): Promise<number> {
  let erased = 0
  for (const { id, exercise } of await deps.exercises.all()) {
    try {
      const { life } = await deps.exercises.course(id)
      const { state, closingAtMs } = sittingAt(life, deps.now())
      if (state !== 'closed' && state !== 'archived') continue
      const job = await deps.storage.hiringJobs.find(exercise.jobId)
      const closedMs = closingAtMs ?? 0
      // Without its job nobody keeps it.
      if ((job ? erasedAt(closedMs, job.retentionDays) : closedMs) > deps.now()) continue
      await eraseExercise(deps, id, 'system')
      erased++
    } catch (error) {
      onError(error)
    }
  }
  return erased
}

/** Erases again whom a restored backup has brought back. @returns how many */
export async function replayErasures(deps: ErasureDeps): Promise<number> {
  let again = 0
  for (const { seat, sittingId } of await deps.storage.erasures.list()) {
    const { participants, candidates } = deps.storage
    if (!(await isThere(participants.find(sittingId, seat))) && !(await isThere(candidates.find(seat)))) continue
    if (!(await eraseCandidate(deps, sittingId, seat, 'system'))) await eraseSeat(deps, sittingId, seat)
    again++
  }
  return again
}

/** What is damaged is there, and goes as well. */
async function isThere(found: Promise<unknown>): Promise<boolean> {
  let isDamaged = false
  const value = await unlessDamaged(found, () => {
    isDamaged = true
  })
  return isDamaged || value !== undefined
}
