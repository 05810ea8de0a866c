/**
 * Documents as rows. A change is decided on the row as it was read and written if nobody else has changed that since; otherwise it is decided
 * again. What arrives while one is written is decided together and shares the next write.
 */
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import {
  checkKey,
  type DocumentKind,
  type Documents,
  DocumentUnreadable,
  EnvelopeError,
  readEnvelope,
} from '../documents.ts'
import { noIndex } from '../indexed.ts'
import type { Database } from './connection.ts'
import { gathered } from './gathered.ts'

interface Row {
  rev: number
  version: number
  text: string
}

export interface DocumentsOptions {
  database: Database
  onProblem(message: string): void
}

/** Of documents that are entered again at once. */
const enteredTogether = 200

export function postgresDocuments({ database, onProblem }: DocumentsOptions) {
  const findRow = gathered<{ kind: string; key: string }, Row | undefined>(async (wanted) => {
    const { rows } = await database.read((db) =>
      sql<Row & { n: number }>`
        select w.n, d.rev, d.schema_version as version, d.data as text
        from unnest(${wanted.map(({ kind }) => kind)}::text[], ${wanted.map(({ key }) => key)}::text[])
          with ordinality as w(kind, key, n)
        join documents d on d.kind = w.kind and d.key = w.key`.execute(db),
    )
    const found = new Map(rows.map((row) => [row.n - 1, row]))
    return wanted.map((_, n) => found.get(n))
  })
  return <T>(kind: DocumentKind<T>): Documents<T> =>
    new Collection(kind, { database, onProblem, findRow: (key) => findRow({ kind: kind.name, key }) })
}

interface Shared extends DocumentsOptions {
  findRow(key: string): Promise<Row | undefined>
}

interface Change<T> {
  /** Undefined removes the document. */
  change: ((current: T | undefined) => T) | undefined
  done(value: T | undefined): void
  fail(error: unknown): void
}

class Collection<T> implements Documents<T> {
  readonly #kind: DocumentKind<T>
  readonly #shared: Shared
  readonly #fields: readonly [string, (data: T) => readonly string[]][]
  /** Of the indexes: greater when the kind has a newer form or more fields. Rows of older programs are entered again. */
  readonly #form: number
  readonly #waiting = new Map<string, Change<T>[]>()
  readonly #told = new Set<string>()

  constructor(kind: DocumentKind<T>, shared: Shared) {
    this.#kind = kind
    this.#shared = shared
    this.#fields = Object.entries(kind.indexes ?? {})
    this.#form = this.#fields.length === 0 ? 0 : kind.version * 1000 + this.#fields.length
  }

  async find(key: string): Promise<T | undefined> {
    const row = await this.#shared.findRow(checkKey(key))
    return row && this.#parse(key, row)
  }

  update(key: string, change: (current: T | undefined) => T): Promise<T> {
    return this.#enqueue(key, change) as Promise<T>
  }

  async remove(key: string): Promise<void> {
    await this.#enqueue(key, undefined)
  }

  async keys(prefix?: string): Promise<string[]> {
    // What follows `/` in the order of characters ends those that begin so.
    const [from, to] = prefix === undefined ? ['', undefined] : [`${checkKey(prefix)}/`, `${prefix}0`]
    const rows = await this.#shared.database.read((db) => {
      const all = db.selectFrom('documents').select('key').where('kind', '=', this.#kind.name).orderBy('key')
      return (to === undefined ? all : all.where('key', '>', from).where('key', '<', to)).execute()
    })
    return rows.map(({ key }) => key)
  }

  async keysBy(field: string, value: string): Promise<string[]> {
    if (!this.#fields.some(([name]) => name === field)) return noIndex(this.#kind, field)
    for (;;) {
      const { rows } = await this.#shared.database.read((db) =>
        sql<{ key: string; isOld: boolean }>`
          select key, false as "isOld" from indexed
          where kind = ${this.#kind.name} and field = ${field} and value = ${hashOf(value)}
          union all
          (select key, true from documents where kind = ${this.#kind.name} and indexed < ${this.#form}
            limit ${enteredTogether})`.execute(db),
      )
      const old = rows.filter(({ isOld }) => isOld)
      if (old.length === 0) return rows.map(({ key }) => key).sort()
      await Promise.all(old.map(({ key }) => this.#enterAgain(key)))
    }
  }

  #enqueue(key: string, change: Change<T>['change']): Promise<T | undefined> {
    return new Promise((done, fail) => {
      checkKey(key)
      const waiting = this.#waiting.get(key)
      if (waiting) return void waiting.push({ change, done, fail })
      this.#waiting.set(key, [{ change, done, fail }])
      void this.#work(key)
    })
  }

  async #work(key: string): Promise<void> {
    const waiting = this.#waiting.get(key)!
    while (waiting.length > 0) {
      const next = waiting.findIndex(({ change }) => !change)
      const batch = waiting.splice(0, next < 0 ? waiting.length : Math.max(next, 1))
      try {
        if (batch[0]!.change) await this.#changeTogether(key, batch)
        else {
          await this.#shared.database.write((db) =>
            db.deleteFrom('documents').where('kind', '=', this.#kind.name).where('key', '=', key).execute(),
          )
          batch[0]!.done(undefined)
        }
      } catch (error) {
        for (const { fail } of batch) fail(error)
      }
    }
    this.#waiting.delete(key)
  }

  async #changeTogether(key: string, batch: readonly Change<T>[]): Promise<void> {
    for (;;) {
      const row = await this.#shared.findRow(key)
      let now = row && this.#parse(key, row)
      let isChanged = false
      const ends = batch.map(({ change, done, fail }) => {
        try {
          const then = change!(now)
          now = then
          isChanged = true
          return () => done(then)
        } catch (error) {
          return () => fail(error)
        }
      })
      if (isChanged) {
        const text = JSON.stringify(now)
        if (text === undefined) throw new TypeError(`${String(now)} cannot be stored: it is nothing in JSON`)
        const isSame = row?.text === text && row.version === this.#kind.version
        if (!isSame && !(await this.#write(key, row?.rev, this.#kind.version, text, this.#pairsOf(now as T)))) continue
      }
      for (const end of ends) end()
      return
    }
  }

  /** @returns false when somebody else has changed it since */
  async #write(key: string, rev: number | undefined, version: number, text: string, pairs: Pairs): Promise<boolean> {
    const { name } = this.#kind
    const put =
      rev === undefined
        ? sql`insert into documents (kind, key, schema_version, indexed, data)
            values (${name}, ${key}, ${version}, ${this.#form}, ${text}::json)
            on conflict (kind, key) do nothing returning rev`
        : sql`update documents
            set rev = nextval('revisions'), schema_version = ${version}, indexed = ${this.#form}, data = ${text}::json
            where kind = ${name} and key = ${key} and rev = ${rev} returning rev`
    const fields = pairs.map(([field]) => field)
    const values = pairs.map(([, value]) => value)
    const { rows } = await this.#shared.database.write((db) =>
      (this.#fields.length === 0
        ? put
        : sql`with put as (${put}),
          gone as (delete from indexed i using put where i.kind = ${name} and i.key = ${key}
            and (i.field, i.value) not in (select * from unnest(${fields}::text[], ${values}::text[]))),
          entered as (insert into indexed (kind, field, value, key)
            select ${name}, f, v, ${key} from unnest(${fields}::text[], ${values}::text[]) as p(f, v), put
            on conflict do nothing)
          select rev from put`
      ).execute(db),
    )
    return rows.length > 0
  }

  /** Of what waits for repair nothing is entered. */
  async #enterAgain(key: string): Promise<void> {
    const row = await this.#shared.findRow(key)
    if (!row) return
    let pairs: Pairs = []
    try {
      pairs = this.#pairsOf(this.#parse(key, row))
    } catch (error) {
      if (!(error instanceof DocumentUnreadable)) throw error
    }
    await this.#write(key, row.rev, row.version, row.text, pairs)
  }

  #pairsOf(data: T): Pairs {
    return this.#fields.flatMap(([field, of]) => of(data).map((value) => [field, hashOf(value)] as const))
  }

  #parse(key: string, { rev, version, text }: Row): T {
    try {
      return readEnvelope(this.#kind, { schemaVersion: version, data: JSON.parse(text) })
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error
      const message = `${this.#kind.name} ${key} in the database cannot be read: ${error.message}`
      const times = `${key} ${rev}`
      if (!this.#told.has(times)) this.#shared.onProblem(message)
      this.#told.add(times)
      throw new DocumentUnreadable(this.#kind.name, key, message)
    }
  }
}

type Pairs = readonly (readonly [field: string, value: string])[]

/** Values may be longer than an index takes, and hold characters that no text of the database can. */
const hashOf = (value: string): string => createHash('sha256').update(JSON.stringify(value)).digest('base64url')
