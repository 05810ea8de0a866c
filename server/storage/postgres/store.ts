/** The store on a PostgreSQL server: for as many processes as somebody likes. */
import { sql } from 'kysely'
import { localBus } from '../bus.ts'
import type { Store } from '../store.ts'
import { type ConnectionOptions, connect, type Database } from './connection.ts'
import { postgresDocuments } from './documents.ts'
import { postgresJobs } from './jobs.ts'
import { migrate } from './migrations.ts'
import { DatabaseUnfit, nameOf, usingDatabase } from './problem.ts'
import { postgresStreams } from './streams.ts'

export { nameOf, usingDatabase }

export interface PostgresOptions extends ConnectionOptions {
  /** Told in words what the operator should know: a row that cannot be read. */
  onProblem?: (message: string) => void
}

export interface PostgresStore extends Store {
  /** A secret that all processes share: what the first of them made. */
  secret(name: string, make: () => string): Promise<string>
}

const oldestServer = 15

/** @throws DatabaseUnusable in words when it cannot be reached or used; the password is in none of them */
export async function createPostgresStore(options: PostgresOptions): Promise<PostgresStore> {
  const onProblem = options.onProblem ?? (() => {})
  const database = connect(options)
  try {
    await usingDatabase(options.url, () => prepare(database))
  } catch (error) {
    await database.close()
    throw error
  }
  return {
    documents: postgresDocuments({ database, onProblem }),
    streams: postgresStreams(database),
    jobs: postgresJobs(database, onProblem),
    bus: localBus((error) => onProblem(`a listener of the bus failed: ${String(error)}`)),
    healthy: () =>
      database.write(async (db) => {
        await sql`insert into last_check (one, at) values (true, now()) on conflict (one) do update set at = now()`.execute(
          db,
        )
      }),
    secret: (name, make) =>
      database.write(async (db) => {
        await db
          .insertInto('secrets')
          .values({ name, value: make() })
          .onConflict((conflict) => conflict.doNothing())
          .execute()
        return (await db.selectFrom('secrets').select('value').where('name', '=', name).executeTakeFirstOrThrow()).value
      }),
    close: () => database.close(),
  }
}

async function prepare(database: Database): Promise<void> {
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
}
