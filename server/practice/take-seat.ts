/** A seat is stored when something is done in it: who only looks leaves nothing behind. */
import type { Seat } from '../seat.ts'
import { rulesOfPractice } from '../seats/standing.ts'
import type { Participant } from '../storage/types.ts'
import type { PracticeDeps } from './deps.ts'

/** Stores learner, sitting and participant when this is the first thing that is done in it. Gives the seat. */
export async function takeSeat(deps: Pick<PracticeDeps, 'storage' | 'now'>, seat: Seat): Promise<Seat> {
  const { sittingId, participantId, learnerId, seed } = seat
  if (await deps.storage.participants.find(sittingId, participantId)) return seat
  const nowMs = deps.now()
  if (!(await deps.storage.learners.find(learnerId)))
    await deps.storage.learners.save({ id: learnerId, createdAtMs: nowMs, keysOff: false })
  await deps.storage.sittings.save({
    id: sittingId,
    kind: 'practice',
    title: 'Practice',
    createdAtMs: nowMs,
    ownerLearnerId: learnerId,
    items: [],
    contentVersions: {},
    clock: { opensAtMs: null, closesAtMs: null, durationMs: null },
    rules: rulesOfPractice,
    retainUntilMs: null,
  })
  // Last, because its presence says that all of it is there.
  const participant: Participant = {
    id: participantId,
    sittingId,
    learnerId,
    nickname: '',
    joinedAtMs: nowMs,
    startedAtMs: nowMs,
    finishedAtMs: null,
    seed,
    timeMultiplier: 1,
    consent: null,
  }
  await deps.storage.participants.save(participant)
  return seat
}
