/** Room 1: each learner's own practice sitting, in which they are the only participant. */
import type { Owner } from '../belongings/belongings.ts'
import type { Participant } from '../storage/types.ts'
import type { AppDeps } from './deps.ts'

/** Who takes part, before or after anything of them is stored. */
export interface Practitioner {
  participantId: string
  sittingId: string
  /** Variants are drawn from it. */
  seed: string
}

export function practitionerOf(learnerId: string): Practitioner {
  return { participantId: learnerId, sittingId: `practice-${learnerId}`, seed: learnerId.slice(0, 12) }
}

/** Whose the things are that a learner has in their own practice. */
export const ownerOf = (learnerId: string): Owner => ({ learnerId, ...practitionerOf(learnerId) })

/** Stores learner, sitting and participant when this is the first thing the learner does. */
export async function startPractice(deps: AppDeps, learnerId: string): Promise<Practitioner> {
  const who = practitionerOf(learnerId)
  if (await deps.storage.participants.find(who.sittingId, who.participantId)) return who
  const nowMs = deps.now()
  if (!(await deps.storage.learners.find(learnerId)))
    await deps.storage.learners.save({ id: learnerId, createdAtMs: nowMs, keysOff: false })
  await deps.storage.sittings.save({
    id: who.sittingId,
    kind: 'practice',
    title: 'Practice',
    createdAtMs: nowMs,
    ownerLearnerId: learnerId,
    items: [],
    contentVersions: {},
    clock: { opensAtMs: null, closesAtMs: null, durationMs: null },
    rules: { wrongPicksCancel: false, showSolutions: 'at once', maxAttempts: null, hints: true, hiddenSeeds: 0 },
    retainUntilMs: null,
  })
  // Last, because its presence says that all of it is there.
  const participant: Participant = {
    id: who.participantId,
    sittingId: who.sittingId,
    learnerId,
    nickname: '',
    joinedAtMs: nowMs,
    startedAtMs: nowMs,
    finishedAtMs: null,
    seed: who.seed,
    timeMultiplier: 1,
    consent: null,
  }
  await deps.storage.participants.save(participant)
  return who
}
