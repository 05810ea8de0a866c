/** Jobs that people are hired for, and who the candidates are. Names stand here and nowhere else, so that blind pages cannot show them. */
import { z } from 'zod'
import { type DocumentKind, type DocumentUnreadable, findAll } from './documents.ts'
import type { Store } from './store.ts'

const id = z.string().min(1)
const ms = z.number()

const jobSchema = z.object({
  id,
  ownerLearnerId: id,
  title: z.string().max(120),
  /** Whom candidates ask: a name and an address. */
  contact: z.string().max(200),
  /** What candidates did is kept for so long after an exercise has closed. */
  retentionDays: z.int().min(1).max(3650),
  reviewers: z.array(z.object({ learnerId: id, name: z.string() })),
  /** Links that make somebody a reviewer, each good once. */
  invites: z.array(z.object({ sha256: z.string(), untilMs: ms })),
  createdAtMs: ms,
  archivedAtMs: ms.nullable(),
})
export type Job = z.infer<typeof jobSchema>

const candidateSchema = z.object({
  /** Of the participant. */
  id,
  sittingId: id,
  name: z.string(),
  /** Empty where the link is handed over in another way. */
  mail: z.string(),
})
/** Who somebody is. */
export type CandidateIdentity = z.infer<typeof candidateSchema>

const jobKind: DocumentKind<Job> = {
  name: 'hiring-jobs',
  version: 1,
  upgrades: [],
  indexes: {
    owner: ({ ownerLearnerId }) => [ownerLearnerId],
    reviewer: ({ reviewers }) => reviewers.map(({ learnerId }) => learnerId),
  },
  schema: jobSchema,
}

const candidateKind: DocumentKind<CandidateIdentity> = {
  name: 'candidates',
  version: 1,
  upgrades: [],
  indexes: { sitting: ({ sittingId }) => [sittingId] },
  schema: candidateSchema,
}

const heartbeatKind: DocumentKind<{ atMs: number }> = {
  name: 'heartbeats',
  version: 1,
  upgrades: [],
  schema: z.object({ atMs: ms }),
}

export interface HiringJobs {
  find(id: string): Promise<Job | undefined>
  /** @param onUnreadable is told of damaged ones that are among them, or may be */
  ofOwner(learnerId: string, onUnreadable?: (error: DocumentUnreadable) => void): Promise<Job[]>
  ofReviewer(learnerId: string, onUnreadable?: (error: DocumentUnreadable) => void): Promise<Job[]>
  save(job: Job): Promise<void>
  /** Changes one that is there. @returns as it is afterwards */
  update(id: string, change: (job: Job) => Job): Promise<Job | undefined>
  remove(id: string): Promise<void>
}

/** By participant. */
export interface CandidateIdentities {
  find(id: string): Promise<CandidateIdentity | undefined>
  /** @param onUnreadable is told of damaged ones, whose keys are the participants' ids: of this sitting or of another */
  ofSitting(sittingId: string, onUnreadable?: (error: DocumentUnreadable) => void): Promise<CandidateIdentity[]>
  save(candidate: CandidateIdentity): Promise<void>
  remove(id: string): Promise<void>
}

/** When the server was last known to be there: what lies between two of them was an outage. */
export interface Heartbeats {
  last(): Promise<number | undefined>
  beat(atMs: number): Promise<void>
}

export function createHiringJobs(store: Store): HiringJobs {
  const jobs = store.documents(jobKind)
  const by = async (
    field: string,
    value: string,
    onUnreadable: (error: DocumentUnreadable) => void = () => undefined,
  ) => findAll(jobs, await jobs.keysBy(field, value, onUnreadable), onUnreadable)
  return {
    find: (key) => jobs.find(key),
    ofOwner: (learnerId, onUnreadable) => by('owner', learnerId, onUnreadable),
    ofReviewer: (learnerId, onUnreadable) => by('reviewer', learnerId, onUnreadable),
    save: async (job) => void (await jobs.update(job.id, () => job)),
    update: async (key, change) => {
      if (!(await jobs.find(key))) return undefined
      return jobs.update(key, (job) => {
        if (!job) throw new Error(`the job ${key} was removed`)
        return change(job)
      })
    },
    remove: (key) => jobs.remove(key),
  }
}

export function createCandidateIdentities(store: Store): CandidateIdentities {
  const candidates = store.documents(candidateKind)
  return {
    find: (key) => candidates.find(key),
    ofSitting: async (sittingId, onUnreadable = () => undefined) =>
      findAll(candidates, await candidates.keysBy('sitting', sittingId, onUnreadable), onUnreadable),
    save: async (candidate) => void (await candidates.update(candidate.id, () => candidate)),
    remove: (key) => candidates.remove(key),
  }
}

export function createHeartbeats(store: Store): Heartbeats {
  const beats = store.documents(heartbeatKind)
  return {
    last: async () => (await beats.find('site'))?.atMs,
    beat: async (atMs) => void (await beats.update('site', () => ({ atMs }))),
  }
}
