/** The workspace as a candidate tries it out before the start: on a task that is not asked, without a clock, in a seat that goes with it. */
import type { Catalog } from '../catalog/types.ts'
import type { Candidate } from '../hiring/candidates.ts'
import type { Exercise } from '../hiring/exercises.ts'
import type { Journals } from '../journal/journals.ts'
import type { Seat } from '../seat.ts'
import type { Participant, Storage } from '../storage/types.ts'

interface TryingDeps {
  storage: Pick<Storage, 'participants'>
  journals: Pick<Journals, 'remove'>
  now(): number
}

/** What was not gone on with for so long is gone. */
export const longestTryMs = 12 * 3_600_000

/** A short and easy challenge that the exercise does not ask, always the same; undefined where there is none. */
export function practiceItemOf(catalog: Catalog, { items }: Pick<Exercise, 'items'>): string | undefined {
  const [first] = [...catalog.challenges.values()]
    .filter(({ id, spec }) => spec.workspace.allowKubectl && !items.includes(`challenge:${id}`))
    .sort((a, b) => a.spec.difficulty - b.spec.difficulty || a.spec.minutes - b.spec.minutes || (a.id < b.id ? -1 : 1))
  return first && `challenge:${first.id}`
}

const idOf = ({ id }: Candidate): string => `${id}-try`

export const isTry = ({ id, candidate }: Participant): boolean => !candidate && id.endsWith('-try')

/** The seat in which they try it out; undefined when they do not. */
export async function practisingSeat(
  { storage }: Pick<TryingDeps, 'storage'>,
  candidate: Candidate,
): Promise<Seat | undefined> {
  const seat = await storage.participants.find(candidate.sittingId, idOf(candidate))
  if (!seat?.learnerId) return undefined
  return { sittingId: seat.sittingId, participantId: seat.id, learnerId: seat.learnerId, seed: seat.seed }
}

/** Begins, or begins anew: nothing of the time before is there. */
export async function tryOut(deps: TryingDeps, candidate: Candidate, learnerId: string): Promise<void> {
  await endTry(deps, candidate)
  const nowMs = deps.now()
  await deps.storage.participants.save({
    ...{ id: idOf(candidate), sittingId: candidate.sittingId, learnerId, nickname: '', joinedAtMs: nowMs },
    ...{ startedAtMs: nowMs, finishedAtMs: null, seed: `try-${candidate.seed}`, timeMultiplier: 1, consent: null },
  })
}

/** What was done there is not kept. */
export async function endTry({ storage, journals }: TryingDeps, candidate: Pick<Candidate, 'sittingId' | 'id'>) {
  const participantId = candidate.id.endsWith('-try') ? candidate.id : `${candidate.id}-try`
  const { sittingId } = candidate
  await journals.remove({ sittingId, participantId })
  await storage.participants.remove(sittingId, participantId)
}
