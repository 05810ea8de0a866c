/**
 * Streams as rows, one for each entry. Their ends stand in a table of their own: whoever appends moves the end from where they know it to be, and
 * adds the entries in the same statement. Of several who do so at once, in whatever process, one does.
 */
import { type Kysely, sql } from 'kysely'
import { checkKey, type DocumentKind, DocumentUnreadable, EnvelopeError, readEnvelope } from '../documents.ts'
import type { Fence } from '../leases.ts'
import { type Segment, type Sequenced, type StreamKind, StreamMoved, type Streams, segmentKind } from '../streams.ts'
import type { Database } from './connection.ts'
import { sharedFollowers } from './followers.ts'
import { gathered } from './gathered.ts'
import { checkLease, heldBy } from './leases.ts'
import type { Tables } from './migrations.ts'
import type { News } from './news.ts'

interface Row {
  seq: number
  version: number
  text: string
}

export function postgresStreams(database: Database, news: News) {
  const headOf = gathered<{ kind: string; stream: string }, number>(async (wanted) => {
    const { rows } = await database.read((db) => headsOf(db, wanted))
    const found = new Map(rows.map(({ n, seq }) => [n - 1, seq]))
    return wanted.map((_, n) => found.get(n) ?? 0)
  })
  return <E>(kind: StreamKind<E>): Streams<E> => {
    const { name, toleratesGaps } = kind
    const segments = segmentKind(kind)
    const readRows = async (stream: string, after: number): Promise<Row[]> => {
      const { rows } = await database.read((db) =>
        sql<Row>`select seq, schema_version as version, data as text from events
          where kind = ${name} and stream = ${stream} and seq > ${after} order by seq`.execute(db),
      )
      return rows
    }
    const read: Streams<E>['read'] = async (stream, after = 0, onUnreadable) => {
      const found: Sequenced<E>[] = []
      let end = after
      for (const row of await readRows(checkStream(stream), after)) {
        if (row.seq !== end + 1 && !toleratesGaps)
          throw new Error(`${name} ${stream} has ${end} entries where ${row.seq - 1} are due`)
        end = row.seq
        try {
          found.push({ seq: row.seq, entry: parse(segments, stream, row) })
        } catch (error) {
          if (!(error instanceof DocumentUnreadable) || !onUnreadable || !toleratesGaps) throw error
          onUnreadable(error)
        }
      }
      return found
    }
    const followers = sharedFollowers<E>({
      ...{ kind: name, news },
      read: (stream, after) => read(stream, after, () => undefined),
      async headsOf(prefix) {
        const { rows } = await database.read((db) =>
          sql<{ stream: string; seq: number }>`select stream, seq from streams
            where kind = ${name} and (stream = ${prefix} or stream > ${`${prefix}/`} and stream < ${`${prefix}0`})`.execute(
            db,
          ),
        )
        return new Map(rows.map(({ stream, seq }) => [stream, seq]))
      },
    })
    return {
      read,
      async append(stream, expectedSeq, entries, fence) {
        checkStream(stream)
        const texts = entries.map((entry) => JSON.stringify(entry))
        const isMoved =
          texts.length === 0
            ? (await headOf({ kind: name, stream })) !== expectedSeq
            : !(await database.write((db) => append(db, kind, stream, expectedSeq, texts, fence)))
        if (isMoved && fence) await database.read((db) => checkLease(db, fence))
        if (isMoved) throw new StreamMoved(stream, expectedSeq, await headOf({ kind: name, stream }))
        if (texts.length > 0) followers.appended(stream, expectedSeq, entries)
        return expectedSeq + texts.length
      },
      head: async (stream) => headOf({ kind: name, stream: checkStream(stream) }),
      async names(prefix) {
        if (prefix !== undefined) checkStream(prefix)
        const rows = await database.read((db) =>
          db.selectFrom('streams').select('stream').where('kind', '=', name).orderBy('stream').execute(),
        )
        return rows
          .map(({ stream }) => stream)
          .filter((stream) => prefix === undefined || stream === prefix || stream.startsWith(`${prefix}/`))
      },
      async remove(stream) {
        checkStream(stream)
        await database.write((db) =>
          db.transaction().execute(async (transaction) => {
            // First its end: whoever appends waits for that, and does not add to what goes.
            const [end] = await transaction
              .deleteFrom('streams')
              .where('kind', '=', name)
              .where('stream', '=', stream)
              .returning('seq')
              .execute()
            // Without an end there are no entries, but those of whoever begins it now.
            if (!end) return
            await transaction.deleteFrom('events').where('kind', '=', name).where('stream', '=', stream).execute()
          }),
        )
      },
      async redact(stream, change) {
        const rows = (await readRows(checkStream(stream), 0)).flatMap((row) => {
          try {
            return [{ seq: row.seq, text: JSON.stringify(change(parse(segments, stream, row))) }]
          } catch (error) {
            if (error instanceof DocumentUnreadable && toleratesGaps) return []
            throw error
          }
        })
        if (rows.length === 0) return
        await database.write((db) =>
          sql`update events e set data = r.text::json, schema_version = ${kind.version}
            from unnest(${rows.map(({ seq }) => seq)}::bigint[], ${rows.map(({ text }) => text)}::text[]) as r(seq, text)
            where e.kind = ${name} and e.stream = ${stream} and e.seq = r.seq`.execute(db),
        )
      },
      follow: followers.follow,
    }
  }
}

/** @returns false when its end is elsewhere, or the lease another's */
async function append(
  db: Kysely<Tables>,
  { name, version }: Pick<StreamKind<unknown>, 'name' | 'version'>,
  stream: string,
  expectedSeq: number,
  texts: readonly string[],
  fence?: Fence,
): Promise<boolean> {
  const end = expectedSeq + texts.length
  const held = fence ? heldBy(fence) : sql`select 1`
  const moved =
    expectedSeq === 0
      ? sql`insert into streams (kind, stream, seq) select ${name}, ${stream}, ${end}::bigint from held
          on conflict (kind, stream) do nothing returning seq`
      : sql`update streams set seq = ${end} from held
          where kind = ${name} and stream = ${stream} and seq = ${expectedSeq} returning seq`
  const { rows } = await sql`with held as materialized (${held}), moved as (${moved}),
    added as (insert into events (kind, stream, seq, schema_version, data)
      select ${name}, ${stream}, ${expectedSeq}::bigint + n, ${version}::integer, text::json
      from unnest(${texts}::text[]) with ordinality as t(text, n), moved)
    select seq from moved`.execute(db)
  return rows.length > 0
}

function headsOf(db: Kysely<Tables>, wanted: readonly { kind: string; stream: string }[]) {
  return sql<{ n: number; seq: number }>`select w.n, s.seq
    from unnest(${wanted.map(({ kind }) => kind)}::text[], ${wanted.map(({ stream }) => stream)}::text[])
      with ordinality as w(kind, stream, n)
    join streams s on s.kind = w.kind and s.stream = w.stream`.execute(db)
}

function parse<E>(segments: DocumentKind<Segment<E>>, stream: string, { seq, version, text }: Row): E {
  try {
    // An older form is upgraded as a segment of one entry.
    const data = { first: seq - 1, entries: [JSON.parse(text)] }
    return readEnvelope(segments, { schemaVersion: version, data }).entries[0]!
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error
    const key = `${stream}/${seq}`
    throw new DocumentUnreadable(segments.name, key, `${segments.name} ${key} in the database: ${error.message}`)
  }
}

/** @throws Error for what is not the name of a stream */
function checkStream(stream: string): string {
  if (stream.split('/').length > 2)
    throw new Error(`"${stream}" is not the name of a stream: one or two names joined by "/"`)
  return checkKey(stream)
}
