/** Jobs that people are hired for: whose they are, and what becomes of them with their owner's account. */
import { randomBytes } from 'node:crypto'
import type { Sandboxes } from '../labs/sandboxes/types.ts'
import type { SeatId } from '../seat.ts'
import { type Action, type Fact, may, type Role } from '../sittings/roles.ts'
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

/** Whether somebody may do that with a job: its owner, or who may with each. @param facts that are so beside */
export const mayWithJob = (
  job: Pick<Job, 'ownerLearnerId'>,
  who: { learnerId: string; roles: readonly Role[] },
  action: Action,
  facts: readonly Fact[] = [],
): boolean => {
  const known: readonly Fact[] = job.ownerLearnerId === who.learnerId ? ['own', ...facts] : facts
  return who.roles.some((role) => may(role, action, 'open', known))
}

type HiringPlaces = Pick<
  Storage,
  | ('hiringJobs' | 'sittings' | 'participants' | 'candidates' | 'journals' | 'itemLocks' | 'scores' | 'groups')
  | ('webhooks' | 'webhooksOwed' | 'webhooksTold' | 'atsTests')
>

type SeatPlaces = Pick<
  HiringPlaces,
  'participants' | 'candidates' | 'scores' | 'webhooks' | 'webhooksOwed' | 'webhooksTold' | 'atsTests'
>

/** Where there is something of a candidate: what they did, what was said of it, and the clusters that were copied to look into it. */
interface Removing {
  storage: HiringPlaces
  journals: { remove(seat: SeatId): Promise<void> }
  sandboxes: Pick<Sandboxes, 'removeCopies'>
}

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
export async function removeJobs(deps: Removing, learnerId: string): Promise<void> {
  const { storage } = deps
  for (const job of await storage.hiringJobs.ofOwner(learnerId)) {
    for (const { id } of await storage.sittings.ofJob(job.id)) await removeExercise(deps, id)
    await storage.hiringJobs.remove(job.id)
  }
  for (const { id } of await storage.hiringJobs.ofReviewer(learnerId))
    await storage.hiringJobs.update(id, (job) => ({
      ...job,
      reviewers: job.reviewers.filter((one) => one.learnerId !== learnerId),
    }))
}

/** Takes an exercise away with its candidates. */
export async function removeExercise(deps: Removing, sittingId: string): Promise<void> {
  const { storage } = deps
  for (const id of await seatsIn(storage, sittingId)) await removeSeat(deps, sittingId, id)
  // Also those whose seat was lost.
  for (const { id } of await storage.candidates.ofSitting(sittingId)) await storage.candidates.remove(id)
  await storage.groups.removeAnswers(sittingId)
  await storage.groups.removeCounts(sittingId)
  await storage.itemLocks.remove(sittingId)
  await storage.journals.remove(sittingId)
  await storage.sittings.remove(sittingId)
}

/** The ids of all its seats: whoever removes them removes those that are damaged, too. */
export async function seatsIn({ participants }: Pick<Storage, 'participants'>, sittingId: string): Promise<string[]> {
  const damaged: string[] = []
  const people = await participants.listOf(sittingId, ({ key }) => void damaged.push(key.slice(sittingId.length + 1)))
  return [...people.map(({ id }) => id), ...damaged]
}

/** Takes one seat away: the copies of their clusters, who it is, what they did, what was said of it, and the seat. */
export async function removeSeat(
  { storage, journals, sandboxes }: Omit<Removing, 'storage'> & { storage: SeatPlaces },
  sittingId: string,
  id: string,
): Promise<void> {
  await sandboxes.removeCopies({ sittingId, participantId: id })
  await journals.remove({ sittingId, participantId: id })
  await storage.scores.remove(sheetsOf({ sittingId, participantId: id }))
  await forgetNotices(storage, sittingId, id)
  await storage.candidates.remove(id)
  await storage.participants.remove(sittingId, id)
}
