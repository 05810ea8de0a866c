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

/** Behind the candidate's own id, as digits: keys of terminals hold it. */
const suffix = '00'

const idOf = ({ id }: Pick<Candidate, 'id'>): string => `${id}${suffix}`

/** Nobody else in an exercise is no candidate. */
export const isTry = ({ candidate }: Participant): boolean => !candidate

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
export const endTry = (deps: TryingDeps, candidate: Pick<Candidate, 'sittingId' | 'id'>): Promise<void> =>
  removeTry(deps, { sittingId: candidate.sittingId, id: idOf(candidate) })

/** @param seat in which somebody tried it out */
export async function removeTry(
  { storage, journals }: TryingDeps,
  { sittingId, id }: Pick<Participant, 'sittingId' | 'id'>,
) {
  await journals.remove({ sittingId, participantId: id })
  await storage.participants.remove(sittingId, id)
}
