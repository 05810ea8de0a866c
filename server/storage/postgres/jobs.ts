/**
 * Work that is owed as rows, taken with `for update skip locked`. Neither graphile-worker nor pg-boss fits what `Jobs` promises. A job here is added
 * once for a key and left as it is while somebody has it (graphile-worker replaces a waiting one of that key and puts a second one beside one that is
 * worked on); whoever has one may have it for longer as long as they work (pg-boss fixes the time when it is sent, graphile-worker has one for all);
 * one that failed for good stays with its words and gives way to the next; and the clock is the caller's. What is left of a queue is this file.
 */
import { sql } from 'kysely'
import { z } from 'zod'
import { checkKey, DocumentUnreadable, EnvelopeError, present, readEnvelope } from '../documents.ts'
import type { Job, JobKind, Jobs } from '../jobs.ts'
import type { Database } from './connection.ts'

interface Row {
  key: string
  version: number
  text: string
  createdAtMs: number
  runAtMs: number
  tries: number
  leasedUntilMs: number
  failed: string | null
  engine: string | null
}

const columns = sql.raw(`key, schema_version as version, data as text, created_at_ms as "createdAtMs",
  run_at_ms as "runAtMs", tries, leased_until_ms as "leasedUntilMs", failed, engine`)

export function postgresJobs(database: Database, onProblem: (message: string) => void) {
  return <P>(kind: JobKind<P>): Jobs<P> => {
    const { name } = kind
    const content = {
      name,
      version: kind.version,
      upgrades: kind.upgrades.map((upgrade) => (job: unknown) => ({
        ...(job as { payload: unknown }),
        payload: upgrade((job as { payload: unknown }).payload),
      })),
      schema: z.object({ who: z.string(), payload: kind.payload }) as z.ZodType<{ who: string; payload: P }>,
    }
    const parse = ({ version, text, failed, engine, ...rest }: Row): Job<P> => {
      try {
        const { who, payload } = readEnvelope(content, { schemaVersion: version, data: JSON.parse(text) })
        return {
          ...{ ...rest, who, payload },
          ...(engine === null ? {} : { engine }),
          ...(failed === null ? {} : { failed: JSON.parse(failed) }),
        }
      } catch (error) {
        if (!(error instanceof EnvelopeError)) throw error
        throw new DocumentUnreadable(name, rest.key, `${name} ${rest.key} in the database: ${error.message}`)
      }
    }
    /** One that waits for repair holds up none of the others. */
    const parseIfReadable = (row: Row): Job<P> | undefined => {
      try {
        return parse(row)
      } catch (error) {
        if (!(error instanceof DocumentUnreadable)) throw error
        onProblem(error.message)
        return undefined
      }
    }
    /** Whose it still is, as it was taken. */
    const ofTaker = (job: Job<P>) =>
      sql`kind = ${name} and key = ${job.key} and tries = ${job.tries} and created_at_ms = ${job.createdAtMs}
        and leased_until_ms > 0`
    return {
      async add({ key, who, payload, engine }, nowMs) {
        const text = JSON.stringify({ who, payload })
        const { rows } = await database.write((db) =>
          sql`insert into jobs (kind, key, schema_version, data, engine, created_at_ms, run_at_ms, tries, leased_until_ms)
            values (${name}, ${checkKey(key)}, ${kind.version}, ${text}::json, ${engine ?? null}, ${nowMs}, ${nowMs}, 0, 0)
            on conflict (kind, key) do update set schema_version = excluded.schema_version, data = excluded.data, engine = excluded.engine,
              created_at_ms = excluded.created_at_ms, run_at_ms = excluded.run_at_ms, tries = 0, leased_until_ms = 0, failed = null
            where jobs.failed is not null
            returning key`.execute(db),
        )
        return rows.length > 0
      },
      async find(key) {
        const { rows } = await database.read((db) =>
          sql<Row>`select ${columns} from jobs where kind = ${name} and key = ${checkKey(key)}`.execute(db),
        )
        return rows[0] && parse(rows[0])
      },
      async list(prefix) {
        const under = prefix === undefined ? sql`` : sql`and key > ${`${checkKey(prefix)}/`} and key < ${`${prefix}0`}`
        const { rows } = await database.read((db) =>
          sql<Row>`select ${columns} from jobs where kind = ${name} ${under} order by created_at_ms, key`.execute(db),
        )
        return present(rows.map(parseIfReadable))
      },
      async take(nowMs, leaseMs, { key, leaveTo = [] } = {}) {
        const which = sql`${key === undefined ? sql`` : sql`and key = ${checkKey(key)}`}
          and (engine is null or engine <> all(${leaveTo}::text[]))`
        for (;;) {
          const { rows } = await database.write((db) =>
            sql<Row>`update jobs set tries = tries + 1, leased_until_ms = ${nowMs + leaseMs}
              where kind = ${name} and key = (
                select key from jobs where kind = ${name} and failed is null and run_at_ms <= ${nowMs}
                  and leased_until_ms <= ${nowMs} ${which}
                order by created_at_ms, key limit 1 for update skip locked)
              returning ${columns}`.execute(db),
          )
          if (!rows[0]) return undefined
          // One that waits for repair has been put off.
          const job = parseIfReadable(rows[0])
          if (job) return job
        }
      },
      async renew(job, untilMs) {
        const { rows } = await database.write((db) =>
          sql`update jobs set leased_until_ms = ${untilMs} where ${ofTaker(job)} returning key`.execute(db),
        )
        return rows.length > 0
      },
      async done(job) {
        await database.write((db) => sql`delete from jobs where ${ofTaker(job)}`.execute(db))
      },
      async remove(key) {
        await database.write((db) => sql`delete from jobs where kind = ${name} and key = ${checkKey(key)}`.execute(db))
      },
      async fail(job, then) {
        const [runAtMs, failed] = 'runAtMs' in then ? [then.runAtMs, null] : [job.runAtMs, JSON.stringify(then)]
        await database.write((db) =>
          sql`update jobs set run_at_ms = ${runAtMs}, failed = ${failed}::json, leased_until_ms = 0
            where ${ofTaker(job)}`.execute(db),
        )
      },
    }
  }
}
