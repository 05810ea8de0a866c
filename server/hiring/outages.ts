/**
 * Time that candidates lost since the server was away is given back to them. That it was away is known by its own heartbeat, which stops with it:
 * nobody has to ask, and nobody can claim it.
 */
import type { Journals } from '../journal/journals.ts'
import { damageOnce, unlessDamaged } from '../storage/documents.ts'
import type { Storage } from '../storage/types.ts'
import { type CandidateStanding, candidatesOf } from './candidates.ts'
import type { Exercise, Exercises } from './exercises.ts'

export interface OutageDeps {
  storage: Pick<Storage, 'participants' | 'heartbeats'>
  journals: Pick<Journals, 'work' | 'write'>
  exercises: Exercises
  now(): number
  /** Told of what is damaged: nothing is given back for that. */
  onError(error: unknown): void
}

const beatMs = 3000
/** What is shorter may be a beat that came late. */
const shortestMs = 3 * beatMs

/** What an outage took from somebody: only while their clock ran. @param lastMs when the server was there for the last time */
function lostMs({ life }: Pick<CandidateStanding, 'life'>, lastMs: number, nowMs: number): number {
  const { state, watch, endedAtMs } = life
  if (state === 'timed-out') return endedAtMs === null ? 0 : Math.max(0, endedAtMs - lastMs)
  return state === 'started' && watch?.isRunning ? Math.max(0, nowMs - lastMs) : 0
}

/** Gives back what was lost since the last heartbeat. To be done once, before anybody is answered. @returns to how many */
export async function creditOutage(deps: OutageDeps): Promise<number> {
  const [lastMs, nowMs] = [await unlessDamaged(deps.storage.heartbeats.last(), deps.onError), deps.now()]
  if (lastMs === undefined || nowMs - lastMs < shortestMs) return 0
  let credited = 0
  for (const exercise of await deps.exercises.all())
    credited += (await unlessDamaged(creditIn(deps, exercise, lastMs, nowMs), deps.onError)) ?? 0
  return credited
}

async function creditIn(deps: OutageDeps, exercise: Exercise, lastMs: number, nowMs: number): Promise<number> {
  const { life } = await deps.exercises.course(exercise.id)
  if (life.state !== 'open') return 0
  let credited = 0
  for (const standing of await candidatesOf(deps, exercise, deps.onError)) {
    if (standing.state === 'unreadable') continue
    // Who began after the last beat lost no more than they had.
    const began = standing.work.candidacy?.changes.at(-1)?.atMs ?? 0
    const ms = lostMs(standing, Math.max(lastMs, began), nowMs)
    if (ms <= 0) continue
    await deps.journals.write({ sittingId: exercise.id, participantId: standing.seat.id }, () => [
      { act: 'credited', data: { ms, why: 'outage' } },
    ])
    credited++
  }
  return credited
}

/** Beats while an exercise is open; what is damaged is told once. @returns ends it */
export function createHeartbeat(deps: OutageDeps): { close(): void } {
  const onError = damageOnce(deps.onError)
  const beat = async (): Promise<void> => {
    for (const { id } of await deps.exercises.all()) {
      const course = await unlessDamaged(deps.exercises.course(id), onError)
      if (course?.life.state === 'open') return deps.storage.heartbeats.beat(deps.now())
    }
  }
  const timer = setInterval(() => void beat().catch(onError), beatMs)
  timer.unref()
  return { close: () => clearInterval(timer) }
}
