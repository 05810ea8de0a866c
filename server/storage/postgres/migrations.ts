/** The tables, and how those of an older program become the present ones. A migration that was released is never changed. */
import { type Generated, type Kysely, type Migration, Migrator, sql } from 'kysely'

/** Texts of JSON go in and come out as they are. */
export interface Tables {
  documents: {
    kind: string
    key: string
    /** Of each change another one. */
    rev: Generated<number>
    schema_version: number
    /** By which form of the kind's indexes it was entered in `indexed`. */
    indexed: number
    data: string
  }
  indexed: { kind: string; field: string; value: string; key: string }
  streams: { kind: string; stream: string; seq: number }
  events: { kind: string; stream: string; seq: number; schema_version: number; at: Generated<Date>; data: string }
  jobs: {
    kind: string
    key: string
    schema_version: number
    data: string
    created_at_ms: number
    run_at_ms: number
    tries: number
    leased_until_ms: number
    failed: string | null
  }
  processes: { id: string; url: string; engine: string; beat_at: Date; until: Date }
  leases: { name: string; holder: string; epoch: number }
  settings: { name: string; value: string }
  last_check: { one: boolean; at: Date }
  kysely_migration: { name: string; timestamp: string }
}

/** By name, which is also their order. */
const migrations: Record<string, Migration> = {
  '0001-documents-streams-jobs': {
    async up(db: Kysely<unknown>) {
      const run = (text: string) => sql.raw(text).execute(db)
      // Not jsonb: that would keep other characters than were written, and refuse some.
      await run(`create sequence revisions`)
      await run(`create table documents (
        kind text collate "C" not null, key text collate "C" not null,
        rev bigint not null default nextval('revisions'), schema_version integer not null, indexed integer not null,
        data json not null, primary key (kind, key))`)
      await run(`create index documents_to_index on documents (kind, indexed)`)
      await run(`create table indexed (
        kind text collate "C" not null, field text collate "C" not null, value text collate "C" not null,
        key text collate "C" not null, primary key (kind, field, value, key),
        foreign key (kind, key) references documents (kind, key) on delete cascade)`)
      await run(`create index indexed_of_document on indexed (kind, key)`)
      await run(`create table streams (
        kind text collate "C" not null, stream text collate "C" not null, seq bigint not null, primary key (kind, stream))`)
      await run(`create table events (
        kind text collate "C" not null, stream text collate "C" not null, seq bigint not null,
        schema_version integer not null, at timestamptz not null default now(), data json not null,
        primary key (kind, stream, seq))`)
      await run(`create table jobs (
        kind text collate "C" not null, key text collate "C" not null, schema_version integer not null, data json not null,
        created_at_ms double precision not null, run_at_ms double precision not null, tries integer not null,
        leased_until_ms double precision not null, failed json, primary key (kind, key))`)
      await run(`create index jobs_by_age on jobs (kind, created_at_ms, key) where failed is null`)
      await run(`create table long_news (
        id bigint generated always as identity primary key, text text not null, at timestamptz not null default now())`)
      await run(`create table settings (name text primary key, value text not null)`)
      await run(`create table last_check (one boolean primary key check (one), at timestamptz not null)`)
    },
  },
  '0002-leases': {
    async up(db: Kysely<unknown>) {
      const run = (text: string) => sql.raw(text).execute(db)
      await run(`create table processes (
        id text collate "C" primary key, url text not null, beat_at timestamptz not null, until timestamptz not null)`)
      await run(`create table leases (
        name text collate "C" primary key, holder text collate "C" not null, epoch bigint not null)`)
      await run(`create index leases_by_holder on leases (holder)`)
    },
  },
  // A program that knows of no engines goes on beside one that does.
  '0003-engines': {
    async up(db: Kysely<unknown>) {
      const run = (text: string) => sql.raw(text).execute(db)
      await run(`alter table processes add engine text not null default ''`)
      await run(`alter table jobs add engine text`)
    },
  },
}

/** The database was used by a newer program. */
export class DatabaseTooNew extends Error {
  override readonly name = 'DatabaseTooNew'
}

/** Any number, the same in all versions. */
const migrationLock = 7251914803

/** Brings the tables up to date, all or nothing; of several processes that start at once one does. @throws DatabaseTooNew */
export async function migrate(db: Kysely<Tables>): Promise<void> {
  const { error } = await db.transaction().execute(async (holder) => {
    await sql`select pg_advisory_xact_lock(${migrationLock})`.execute(holder)
    return new Migrator({ db, provider: { getMigrations: async () => migrations } }).migrateToLatest()
  })
  if (!error) return
  const known = await db
    .selectFrom('kysely_migration')
    .select('name')
    .orderBy('name')
    .execute()
    .catch(() => [])
  const newer = known.map(({ name }) => name).filter((name) => !Object.hasOwn(migrations, name))
  if (newer.length === 0) throw error
  throw new DatabaseTooNew(
    `it was changed by a newer program (${newer.join(', ')}). Start that one, or take another database`,
  )
}
