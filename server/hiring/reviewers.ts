/** Who scores the candidates of a job: those who came in by a link of its manager's, each good once. */
import { createHash, randomBytes } from 'node:crypto'
import type { HiringJobs, Job } from '../storage/hiring.ts'
import type { Storage } from '../storage/types.ts'

/** A link is good for so long. */
const inviteMs = 7 * 24 * 60 * 60_000
/** Links that lie about unused. */
const mostInvites = 20
const mostReviewers = 20

type Jobs = { hiringJobs: Pick<HiringJobs, 'find' | 'update'> }

export const isReviewer = ({ reviewers }: Pick<Job, 'reviewers'>, learnerId: string): boolean =>
  reviewers.some((one) => one.learnerId === learnerId)

/** A link's token for a reviewer, good once. Told here and nowhere else. */
export async function inviteReviewer({ hiringJobs }: Jobs, job: Job, nowMs: number): Promise<string> {
  const secret = randomBytes(18).toString('hex')
  await hiringJobs.update(job.id, (one) => ({
    ...one,
    invites: [
      ...one.invites.filter(({ untilMs }) => untilMs > nowMs).slice(1 - mostInvites),
      { sha256: sha256(secret), untilMs: nowMs + inviteMs },
    ],
  }))
  return `${job.id}${secret}`
}

/** The job that a link leads to. @returns undefined when it was used, taken back, or is too old */
export async function jobOfInvite({ hiringJobs }: Jobs, token: string, nowMs: number): Promise<Job | undefined> {
  if (!/^[a-f0-9]{54}$/.test(token)) return undefined
  const job = await hiringJobs.find(token.slice(0, 18))
  return job && isGood(job, token, nowMs) ? job : undefined
}

/** Why somebody cannot review for a job: they know who the candidates are, or are one. */
export async function whyNotReviewer(
  { participants, sittings }: Pick<Storage, 'participants' | 'sittings'>,
  job: Job,
  learnerId: string,
): Promise<'manager' | 'candidate' | undefined> {
  if (job.ownerLearnerId === learnerId) return 'manager'
  const exercises = new Set((await sittings.ofJob(job.id)).map(({ id }) => id))
  const seats = await participants.ofLearner(learnerId)
  return seats.some(({ sittingId }) => exercises.has(sittingId)) ? 'candidate' : undefined
}

/** Uses a link up. @returns false when it is no longer good, when somebody has that name, or when there are enough reviewers */
export async function acceptReview(
  { hiringJobs }: Jobs,
  job: Job,
  token: string,
  who: { learnerId: string; name: string },
  nowMs: number,
): Promise<boolean> {
  let isIn = false
  await hiringJobs.update(job.id, (one) => {
    isIn = false
    const others = one.reviewers.filter(({ learnerId }) => learnerId !== who.learnerId)
    const isTaken = others.some(({ name }) => name === who.name)
    if (!isGood(one, token, nowMs) || isTaken || others.length >= mostReviewers) return one
    isIn = true
    return {
      ...one,
      invites: one.invites.filter(({ sha256: hash }) => hash !== sha256(token.slice(18))),
      reviewers: [...others, who],
    }
  })
  return isIn
}

/** Takes a reviewer out, and all links that lie about: one of them may be theirs. What they have sent stays. */
export const removeReviewer = ({ hiringJobs }: Jobs, job: Job, learnerId: string): Promise<Job | undefined> =>
  hiringJobs.update(job.id, (one) => ({
    ...one,
    invites: [],
    reviewers: one.reviewers.filter((reviewer) => reviewer.learnerId !== learnerId),
  }))

/** All links that were not used yet lead nowhere any more. */
export const withdrawInvites = ({ hiringJobs }: Jobs, job: Job): Promise<Job | undefined> =>
  hiringJobs.update(job.id, (one) => ({ ...one, invites: [] }))

const isGood = ({ invites }: Job, token: string, nowMs: number): boolean =>
  invites.some(({ sha256: hash, untilMs }) => hash === sha256(token.slice(18)) && untilMs > nowMs)

const sha256 = (text: string): string => createHash('sha256').update(`review ${text}`).digest('hex')
