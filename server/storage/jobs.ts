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
  /** It is left to processes whose simulator is of that version, as long as there are some. */
  engine?: string
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

export type NewJob<P> = Pick<Job<P>, 'key' | 'who' | 'payload' | 'engine'>

export interface Which {
  /** That one; else the oldest. */
  key?: string
  /** Jobs that are left to these engines are not for this process. */
  leaveTo?: readonly string[]
}

export interface Jobs<P> {
  /** Adds it, unless one of that key is owed already; one that has failed gives way. @returns whether it was added; durable then */
  add(job: NewJob<P>, nowMs: number): Promise<boolean>
  find(key: string): Promise<Job<P> | undefined>
  /** All that there are, the oldest first; or those whose keys begin with `prefix/`. */
  list(prefix?: string): Promise<Job<P>[]>
  /** Of those that are due and nobody's. */
  take(nowMs: number, leaseMs: number, which?: Which): Promise<Job<P> | undefined>
  /** Has it for longer. @returns false when it is not the taker's any more */
  renew(job: Job<P>, untilMs: number): Promise<boolean>
  /** Does nothing when it is not the taker's any more: somebody else does it now. */
  done(job: Job<P>): Promise<void>
  /** To be tried again, at a moment; or never again, and why. */
  fail(job: Job<P>, then: { runAtMs: number } | NonNullable<Job<P>['failed']>): Promise<void>
  /** Nobody is owed it any more, whoever has it. */
  remove(key: string): Promise<void>
}

type Head = Pick<Job<unknown>, 'key' | 'engine' | 'createdAtMs' | 'runAtMs' | 'leasedUntilMs' | 'failed'>

/** Leaves a job as it is. */
const notNow = new Error('the job is somebody else’s')

/** Jobs as documents: for backends that have no queue of their own. To be made once for each kind. */
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
      engine: z.string().optional(),
      createdAtMs: z.number(),
      runAtMs: z.number(),
      tries: z.number(),
      leasedUntilMs: z.number(),
      failed: z
        .object({ text: z.string(), values: z.record(z.string(), z.union([z.string(), z.number()])) })
        .optional(),
    }) as z.ZodType<Job<P>>,
  })
  /** What this process took. Only one process has the documents: what the one before it had taken is nobody's. */
  const taken = new Set<string>()
  const isFree = ({ key, failed, runAtMs, leasedUntilMs }: Head, nowMs: number): boolean =>
    !failed && runAtMs <= nowMs && (leasedUntilMs <= nowMs || !taken.has(key))
  const isFor = ({ engine }: Head, leaveTo: readonly string[]): boolean =>
    engine === undefined || !leaveTo.includes(engine)
  const byAge = (a: Head, b: Head): number => a.createdAtMs - b.createdAtMs || (a.key < b.key ? -1 : 1)
  const list = async (prefix?: string): Promise<Job<P>[]> => {
    // One that waits for repair holds up none of the others: the store tells of it.
    const found = await findAll(jobs, await jobs.keys(prefix), () => undefined)
    return found.sort(byAge)
  }
  /** What decides whose turn it is, of all of them: read once, and kept, since only this process writes. */
  const heads = new Map<string, Head>()
  let reading: Promise<void> | undefined
  const note = ({ key, engine, createdAtMs, runAtMs, leasedUntilMs, failed }: Job<P>): void =>
    void heads.set(key, { key, engine, createdAtMs, runAtMs, leasedUntilMs, failed })
  const readHeads = (): Promise<void> => {
    reading ??= list().then(
      (all) => {
        // What was changed meanwhile is known already.
        for (const job of all) if (!heads.has(job.key) && !gone.has(job.key)) note(job)
        gone.clear()
        isRead = true
      },
      (error) => {
        reading = undefined
        throw error
      },
    )
    return reading
  }
  /** Removed while they are read. */
  const gone = new Set<string>()
  let isRead = false
  const forget = (key: string): void => {
    heads.delete(key)
    taken.delete(key)
    if (!isRead) gone.add(key)
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
      const changed = await jobs.update(key, (now) => {
        if (!now || !mayBe(now)) throw notNow
        return to(now)
      })
      note(changed)
      return changed
    } catch (error) {
      if (error === notNow) return undefined
      throw error
    }
  }
  return {
    async add({ key, who, payload, engine }, nowMs) {
      let isAdded = false
      const added = await jobs.update(key, (known) => {
        isAdded = !known || known.failed !== undefined
        return known && !isAdded
          ? known
          : {
              key,
              who,
              payload,
              ...(engine === undefined ? {} : { engine }),
              createdAtMs: nowMs,
              runAtMs: nowMs,
              tries: 0,
              leasedUntilMs: 0,
            }
      })
      gone.delete(key)
      note(added)
      return isAdded
    },
    find: (key) => jobs.find(key),
    list,
    async take(nowMs, leaseMs, { key, leaveTo = [] } = {}) {
      await readHeads()
      const wanted =
        key === undefined
          ? [...heads.values()].filter((head) => isFree(head, nowMs) && isFor(head, leaveTo)).sort(byAge)
          : [{ key }]
      for (const one of wanted) {
        const job = await changeIf(
          one.key,
          (now) => now !== undefined && isFree(now, nowMs) && isFor(now, leaveTo),
          (now) => {
            taken.add(now.key)
            return { ...now, tries: now.tries + 1, leasedUntilMs: nowMs + leaseMs }
          },
        )
        if (job) return job
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
      if (!isTakers(job, await jobs.find(job.key))) return
      await jobs.remove(job.key)
      forget(job.key)
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
    async remove(key) {
      await jobs.remove(key)
      forget(key)
    },
  }
}
