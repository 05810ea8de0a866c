/** Jobs that people are hired for: whose they are, and what becomes of them with their owner's account. */
import { randomBytes } from 'node:crypto'
import type { SeatId } from '../seat.ts'
import { type Action, may, type Role } from '../sittings/roles.ts'
import type { Job } from '../storage/hiring.ts'
import type { Storage } from '../storage/types.ts'
import { forgetNotices } from './forget-notices.ts'
import { sheetsOf } from './score-sheets.ts'

const usualRetentionDays = 180

export const newJob = (
  ownerLearnerId: string,
  { title, contact }: Pick<Job, 'title' | 'contact'>,
  nowMs: number,
): Job => ({
  ...{ id: randomBytes(9).toString('hex'), ownerLearnerId, title, contact, retentionDays: usualRetentionDays },
  ...{ reviewers: [], invites: [], createdAtMs: nowMs, archivedAtMs: null },
})

/** Whether somebody may do that with a job: its owner, or who may with each. */
export const mayWithJob = (job: Job, who: { learnerId: string; roles: readonly Role[] }, action: Action): boolean =>
  who.roles.some((role) => may(role, action, 'open', job.ownerLearnerId === who.learnerId ? ['own'] : []))

type HiringPlaces = Pick<
  Storage,
  | ('hiringJobs' | 'sittings' | 'participants' | 'candidates' | 'journals' | 'itemLocks' | 'scores' | 'groups')
  | ('webhooks' | 'webhooksOwed' | 'webhooksTold' | 'atsTests')
>

/** Gives the jobs of one learner, and their place among reviewers, to another. Their exercises move with the sittings. */
export async function moveJobs({ hiringJobs }: Pick<Storage, 'hiringJobs'>, from: string, to: string): Promise<void> {
  for (const { id } of await hiringJobs.ofOwner(from))
    await hiringJobs.update(id, (job) => ({ ...job, ownerLearnerId: to }))
  for (const { id } of await hiringJobs.ofReviewer(from))
    await hiringJobs.update(id, (job) => ({
      ...job,
      reviewers: job.reviewers.some(({ learnerId }) => learnerId === to)
        ? job.reviewers.filter(({ learnerId }) => learnerId !== from)
        : job.reviewers.map((one) => (one.learnerId === from ? { ...one, learnerId: to } : one)),
    }))
}

/** Takes the jobs of a learner away with all that was done in them, and the learner from among the reviewers of others. */
export async function removeJobs(
  storage: HiringPlaces,
  journals: { remove(seat: SeatId): Promise<void> },
  learnerId: string,
): Promise<void> {
  for (const job of await storage.hiringJobs.ofOwner(learnerId)) {
    for (const { id } of await storage.sittings.ofJob(job.id)) await removeExercise(storage, journals, id)
    await storage.hiringJobs.remove(job.id)
  }
  for (const { id } of await storage.hiringJobs.ofReviewer(learnerId))
    await storage.hiringJobs.update(id, (job) => ({
      ...job,
      reviewers: job.reviewers.filter((one) => one.learnerId !== learnerId),
    }))
}

/** Takes an exercise away with its candidates. */
export async function removeExercise(
  storage: HiringPlaces,
  journals: { remove(seat: SeatId): Promise<void> },
  sittingId: string,
): Promise<void> {
  for (const { id } of await storage.participants.listOf(sittingId)) await removeSeat(storage, journals, sittingId, id)
  // Also those whose seat was lost.
  for (const { id } of await storage.candidates.ofSitting(sittingId)) await storage.candidates.remove(id)
  await storage.groups.removeAnswers(sittingId)
  await storage.groups.removeCounts(sittingId)
  await storage.itemLocks.remove(sittingId)
  await storage.journals.remove(sittingId)
  await storage.sittings.remove(sittingId)
}

/** Takes one seat away: who it is, what they did, what was said of it, and the seat. */
export async function removeSeat(
  storage: Pick<
    HiringPlaces,
    'participants' | 'candidates' | 'scores' | 'webhooks' | 'webhooksOwed' | 'webhooksTold' | 'atsTests'
  >,
  journals: { remove(seat: SeatId): Promise<void> },
  sittingId: string,
  id: string,
): Promise<void> {
  await journals.remove({ sittingId, participantId: id })
  await storage.scores.remove(sheetsOf({ sittingId, participantId: id }))
  await forgetNotices(storage, sittingId, id)
  await storage.candidates.remove(id)
  await storage.participants.remove(sittingId, id)
}
