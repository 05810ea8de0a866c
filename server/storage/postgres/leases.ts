/** Leases as rows. How long a process lives is told by the clock of the database, which is one for all. */
import { type Kysely, sql } from 'kysely'
import { type Fence, LeaseLost, type Leases, type LivingPeer, type Peer } from '../leases.ts'
import type { Database } from './connection.ts'
import type { Tables } from './migrations.ts'

/** Rows of processes that were ended without a word go so long after. */
const forgottenAfterMinutes = 60

export function postgresLeases(database: Database): Leases {
  return {
    async join({ id, url, engine }, livesMs) {
      await database.write((db) =>
        sql`with gone as (delete from processes where until < now() - make_interval(mins => ${forgottenAfterMinutes})),
          before as (delete from processes where url = ${url} and url <> '' returning id),
          free as (delete from leases where holder in (select id from before))
          insert into processes (id, url, engine, beat_at, until) values (${id}, ${url}, ${engine}, now(), ${later(livesMs)})`.execute(
          db,
        ),
      )
    },
    async beat(process, livesMs) {
      const { rows } = await database.write((db) =>
        sql<{ names: string[] }>`update processes set beat_at = now(), until = ${later(livesMs)} where id = ${process}
          returning array(select name from leases where holder = ${process} order by name) as names`.execute(db),
      )
      return rows[0]?.names
    },
    async peers() {
      const { rows } = await database.read((db) =>
        sql<LivingPeer>`select id, url, engine, (select count(*) from leases where holder = id)::int as held,
          (extract(epoch from now() - beat_at) * 1000)::float8 as "silentMs"
          from processes where until > now() order by id`.execute(db),
      )
      return rows
    },
    async take(name, holder, above, byForce = false) {
      // Whoever has it just now may let it go before it is told who that was.
      for (;;) {
        const { rows } = await database.write((db) =>
          sql<{ epoch: number }>`insert into leases as l (name, holder, epoch) values (${name}, ${holder}, ${above + 1})
            on conflict (name) do update set holder = ${holder}, epoch = greatest(l.epoch, ${above}) + 1
            where l.holder = ${holder} or ${byForce}::boolean
              or not exists (select 1 from processes p where p.id = l.holder and p.until > now())
            returning epoch`.execute(db),
        )
        if (rows[0]) return { name, holder, epoch: rows[0].epoch }
        const heldBy = await holderOf(database, name)
        if (heldBy && heldBy.id !== holder) return { heldBy }
      }
    },
    holder: (name) => holderOf(database, name),
    async release({ name, holder, epoch }) {
      await database.write((db) =>
        db
          .deleteFrom('leases')
          .where('name', '=', name)
          .where('holder', '=', holder)
          .where('epoch', '=', epoch)
          .execute(),
      )
    },
    async end(process) {
      await database.write((db) =>
        sql`with gone as (delete from processes where id = ${process})
          delete from leases where holder = ${process}`.execute(db),
      )
    },
  }
}

const later = (ms: number) => sql`now() + make_interval(secs => ${ms / 1000})`

async function holderOf(database: Database, name: string): Promise<Peer | undefined> {
  const { rows } = await database.read((db) =>
    sql<Peer>`select p.id, p.url, p.engine from leases l join processes p on p.id = l.holder
      where l.name = ${name} and p.until > now()`.execute(db),
  )
  return rows[0]
}

/** For a statement that writes under a lease: a row, which whoever takes the lease over waits for; none where it is another's. */
export const heldBy = ({ name, holder, epoch }: Fence) =>
  sql`select 1 from leases where name = ${name} and holder = ${holder} and epoch = ${epoch} for share`

/** @throws LeaseLost */
export async function checkLease(db: Kysely<Tables>, fence: Fence): Promise<void> {
  const { rows } = await heldBy(fence).execute(db)
  if (rows.length === 0) throw new LeaseLost(fence.name)
}
