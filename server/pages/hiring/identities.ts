/** Who candidates are: the one place of the pages that reads it, and each reading is entered in the audit log first. */
import { type Candidate, recordOf } from '../../hiring/candidates.ts'
import { mayWithJob } from '../../hiring/jobs.ts'
import type { PageContext } from '../../render/page.ts'
import type { CandidateIdentity, Job } from '../../storage/hiring.ts'
import type { OnUnreadable } from '../../storage/types.ts'
import type { AppDeps } from '../deps.ts'

type Deps = Pick<AppDeps, 'storage' | 'audit'>

/** Whether names are somebody's to read: each reading is on record. */
export const mayReadNames = (job: Job, who: Pick<PageContext, 'learnerId' | 'roles'>): boolean =>
  mayWithJob(job, who, 'see-names', ['on-record'])

/** Of all candidates of an exercise. @param by a learner's id @param onUnreadable is told of damaged ones, also of other exercises */
export async function readNames(
  { storage, audit }: Deps,
  exercise: string,
  by: string,
  onUnreadable?: OnUnreadable,
): Promise<CandidateIdentity[]> {
  const people = await storage.candidates.ofSitting(exercise, onUnreadable)
  if (people.length > 0) await audit.enter(by, 'names-read', { exercise, candidates: people.length })
  return people
}

/** Of one. */
export async function readName(
  { storage, audit }: Deps,
  seat: Candidate,
  by: string,
): Promise<CandidateIdentity | undefined> {
  const person = await storage.candidates.find(seat.id)
  if (person) await audit.enter(by, 'name-read', { exercise: seat.sittingId, candidate: recordOf(seat) })
  return person
}
