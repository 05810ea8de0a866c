/** The store on a PostgreSQL server: for as many processes as somebody likes. */
import { sql } from 'kysely'
import { type Bus, localBus } from '../bus.ts'
import type { Store } from '../store.ts'
import { type ConnectionOptions, connect, type Database } from './connection.ts'
import { postgresDocuments } from './documents.ts'
import { postgresJobs } from './jobs.ts'
import { postgresLeases } from './leases.ts'
import { migrate } from './migrations.ts'
import { createNews, type News } from './news.ts'
import { DatabaseUnfit, nameOf, usingDatabase } from './problem.ts'
import { postgresStreams } from './streams.ts'

export { nameOf, usingDatabase }

export interface PostgresOptions extends ConnectionOptions {
  /** Told in words what the operator should know: a row that cannot be read. */
  onProblem?: (message: string) => void
  /** To be filled by {@link PostgresStore.filling}; one that was left half filled is used by nobody else. */
  isToFill?: boolean
  /** Of the server itself, where `url` is a pooler's: news of other processes are heard there. */
  directUrl?: string
}

export interface PostgresStore extends Store {
  /** A secret that all processes share: what the first of them made. */
  secret(name: string, make: () => string): Promise<string>
  /** The names of the kinds of which there is something. */
  kinds(): Promise<string[]>
  /**
   * Has an empty database filled, wholly or not at all: what an earlier try left is removed first.
   * @throws DatabaseUnusable when there is something in it, or it is being filled
   */
  filling<T>(act: () => Promise<T>): Promise<T>
}

/** In the settings, while it is filled. */
const half = 'half-filled'

const oldestServer = 15

/** @throws DatabaseUnusable in words when it cannot be reached or used; the password is in none of them */
export async function createPostgresStore(options: PostgresOptions): Promise<PostgresStore> {
  const onProblem = options.onProblem ?? (() => {})
  const { url, directUrl = url, isToFill = false, mayEndIdle = false } = options
  const database = connect(options)
  let news: News
  try {
    await usingDatabase(url, () => prepare(database, isToFill))
    news = await usingDatabase(directUrl, () => createNews({ database, url: directUrl, mayEndIdle, onProblem }))
  } catch (error) {
    await database.close()
    throw error
  }
  return {
    documents: postgresDocuments({ database, onProblem }),
    streams: postgresStreams(database, news),
    jobs: postgresJobs(database, onProblem),
    bus: sharedBus(news, onProblem),
    leases: postgresLeases(database),
    healthy: () =>
      database.write(async (db) => {
        await sql`insert into last_check (one, at) values (true, now()) on conflict (one) do update set at = now()`.execute(
          db,
        )
      }),
    secret: (name, make) =>
      database.write(async (db) => {
        await db
          .insertInto('settings')
          .values({ name, value: make() })
          .onConflict((conflict) => conflict.doNothing())
          .execute()
        return (await db.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirstOrThrow())
          .value
      }),
    kinds: async () => {
      const { rows } = await database.read((db) =>
        sql<{
          kind: string
        }>`select kind from documents union select kind from streams union select kind from jobs`.execute(db),
      )
      return rows.map(({ kind }) => kind).sort()
    },
    async filling(act) {
      // What goes wrong elsewhere is no matter of this database.
      let foreign: { error: unknown } | undefined
      const acting = () =>
        act().catch((error) => {
          foreign = { error }
          throw error
        })
      return usingDatabase(url, () => fill(database, acting)).catch((error) => {
        throw foreign ? foreign.error : error
      })
    },
    async close() {
      await news.close()
      await database.close()
    },
  }
}

/** Those of this process hear it at once, the others soon. */
function sharedBus(news: News, onProblem: (message: string) => void): Bus {
  const local = localBus((error) => onProblem(`a listener of the bus failed: ${String(error)}`))
  return {
    async publish(topic, text) {
      news.tell(`bus ${topic}`, text)
      await local.publish(topic, text)
    },
    subscribe(topic, told) {
      const stops = [local.subscribe(topic, told), news.listen(`bus ${topic}`, (text) => told(text))]
      return () => {
        for (const stop of stops) stop()
      }
    },
  }
}

/** Any number, the same in all versions. */
const fillLock = 7251914804

function fill<T>(database: Database, act: () => Promise<T>): Promise<T> {
  return database.write((db) =>
    db.transaction().execute(async (holder) => {
      const { rows } = await sql<{
        isFree: boolean
      }>`select pg_try_advisory_xact_lock(${fillLock}) as "isFree"`.execute(holder)
      if (!rows[0]!.isFree) throw new DatabaseUnfit('another copy into it is under way')
      const found = await db.selectFrom('settings').select('name').where('name', '=', half).execute()
      if (found.length > 0) await sql`truncate documents, indexed, streams, events, jobs, settings`.execute(db)
      const content =
        await sql`select 1 from documents union all select 1 from streams union all select 1 from jobs limit 1`.execute(
          db,
        )
      if (content.rows.length > 0) throw new DatabaseUnfit('there is something in it already. Take an empty one')
      await db.insertInto('settings').values({ name: half, value: '' }).execute()
      const result = await act()
      await db.deleteFrom('settings').where('name', '=', half).execute()
      return result
    }),
  )
}

async function prepare(database: Database, isToFill: boolean): Promise<void> {
  const { rows } = await database.read((db) =>
    sql<{ version: number; encoding: string }>`select current_setting('server_version_num')::int as version,
      current_setting('server_encoding') as encoding`.execute(db),
  )
  const { version, encoding } = rows[0]!
  if (version < oldestServer * 10_000)
    throw new DatabaseUnfit(
      `it is PostgreSQL ${Math.floor(version / 10_000)}, and ${oldestServer} is the oldest that will do`,
    )
  if (encoding !== 'UTF8')
    throw new DatabaseUnfit(`its encoding is ${encoding}. Make one with createdb --encoding=UTF8 --template=template0`)
  await database.write(migrate)
  const left = await database.read((db) => db.selectFrom('settings').select('name').where('name', '=', half).execute())
  if (left.length > 0 && !isToFill)
    throw new DatabaseUnfit('a copy into it was not finished. Do it again: npm run storage -- copy')
}
