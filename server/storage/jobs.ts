/**
 * Work that is owed: kept until it is done, whatever happens to the process. Whoever takes a job has it for a while; one that is not done by
 * then is somebody else's.
 */
import { z } from 'zod'
import { type DocumentKind, type Documents, findAll } from './documents.ts'

/** How the jobs of some kind look. */
export interface JobKind<P> {
  /** Folder or table name. */
  name: string
  version: number
  /** `upgrades[n]` turns the payload of version n + 1 into version n + 2. */
  upgrades: readonly ((payload: unknown) => unknown)[]
  payload: z.ZodType<P>
}

export interface Job<P> {
  /** As the key of a document. */
  key: string
  /** For whom it is. */
  who: string
  payload: P
  createdAtMs: number
  /** Not before. */
  runAtMs: number
  /** How often it was taken. */
  tries: number
  /** Whose it is until then; 0 while it is nobody's. */
  leasedUntilMs: number
  /** Why it cannot be done: nobody takes it any more. */
  failed?: { text: string; values: Record<string, string | number> }
}

export type NewJob<P> = Pick<Job<P>, 'key' | 'who' | 'payload'>

export interface Jobs<P> {
  /** Adds it, unless one of that key is owed already; one that has failed gives way. @returns whether it was added; durable then */
  add(job: NewJob<P>, nowMs: number): Promise<boolean>
  find(key: string): Promise<Job<P> | undefined>
  /** All that there are, the oldest first. */
  list(): Promise<Job<P>[]>
  /** That one, or the oldest, of those that are due and nobody's. */
  take(nowMs: number, leaseMs: number, key?: string): Promise<Job<P> | undefined>
  /** Has it for longer. @returns false when it is not the taker's any more */
  renew(job: Job<P>, untilMs: number): Promise<boolean>
  /** Does nothing when it is not the taker's any more: somebody else does it now. */
  done(job: Job<P>): Promise<void>
  /** To be tried again, at a moment; or never again, and why. */
  fail(job: Job<P>, then: { runAtMs: number } | NonNullable<Job<P>['failed']>): Promise<void>
  /** Nobody is owed it any more, whoever has it. */
  remove(key: string): Promise<void>
}

/** Leaves a job as it is. */
const notNow = new Error('the job is somebody else’s')

/** Jobs as documents: for backends that have no queue of their own. */
export function documentJobs<P>(documents: <T>(kind: DocumentKind<T>) => Documents<T>, kind: JobKind<P>): Jobs<P> {
  const jobs = documents<Job<P>>({
    name: kind.name,
    version: kind.version,
    upgrades: kind.upgrades.map((upgrade) => (job) => ({
      ...(job as Job<unknown>),
      payload: upgrade((job as Job<unknown>).payload),
    })),
    schema: z.object({
      key: z.string(),
      who: z.string(),
      payload: kind.payload,
      createdAtMs: z.number(),
      runAtMs: z.number(),
      tries: z.number(),
      leasedUntilMs: z.number(),
      failed: z
        .object({ text: z.string(), values: z.record(z.string(), z.union([z.string(), z.number()])) })
        .optional(),
    }) as z.ZodType<Job<P>>,
  })
  const isFree = ({ failed, runAtMs, leasedUntilMs }: Job<P>, nowMs: number): boolean =>
    !failed && runAtMs <= nowMs && leasedUntilMs <= nowMs
  const list = async (): Promise<Job<P>[]> => {
    // One that waits for repair holds up none of the others: the store tells of it.
    const found = await findAll(jobs, await jobs.keys(), () => undefined)
    return found.sort((a, b) => a.createdAtMs - b.createdAtMs || (a.key < b.key ? -1 : 1))
  }
  /** Nobody else has taken it since. */
  const isTakers = (job: Job<P>, now: Job<P> | undefined): boolean =>
    now?.tries === job.tries && now.createdAtMs === job.createdAtMs && now.leasedUntilMs > 0
  /** Changes it if that may be. @returns as it is then; undefined when it may not */
  const changeIf = async (
    key: string,
    mayBe: (now: Job<P> | undefined) => boolean,
    to: (now: Job<P>) => Job<P>,
  ): Promise<Job<P> | undefined> => {
    try {
      return await jobs.update(key, (now) => {
        if (!now || !mayBe(now)) throw notNow
        return to(now)
      })
    } catch (error) {
      if (error === notNow) return undefined
      throw error
    }
  }
  return {
    async add({ key, who, payload }, nowMs) {
      let isAdded = false
      await jobs.update(key, (known) => {
        isAdded = !known || known.failed !== undefined
        return known && !isAdded
          ? known
          : { key, who, payload, createdAtMs: nowMs, runAtMs: nowMs, tries: 0, leasedUntilMs: 0 }
      })
      return isAdded
    },
    find: (key) => jobs.find(key),
    list,
    async take(nowMs, leaseMs, key) {
      const wanted = key === undefined ? await list() : [await jobs.find(key)]
      for (const job of wanted) {
        if (!job || !isFree(job, nowMs)) continue
        const taken = await changeIf(
          job.key,
          (now) => now !== undefined && isFree(now, nowMs),
          (now) => ({ ...now, tries: now.tries + 1, leasedUntilMs: nowMs + leaseMs }),
        )
        if (taken) return taken
      }
      return undefined
    },
    renew: async (job, untilMs) =>
      (await changeIf(
        job.key,
        (now) => isTakers(job, now),
        (now) => ({ ...now, leasedUntilMs: untilMs }),
      )) !== undefined,
    async done(job) {
      if (isTakers(job, await jobs.find(job.key))) await jobs.remove(job.key)
    },
    async fail(job, then) {
      await changeIf(
        job.key,
        (now) => isTakers(job, now),
        (now) =>
          'runAtMs' in then
            ? { ...now, runAtMs: then.runAtMs, leasedUntilMs: 0 }
            : { ...now, failed: then, leasedUntilMs: 0 },
      )
    },
    remove: (key) => jobs.remove(key),
  }
}
