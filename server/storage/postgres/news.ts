/**
 * News between the processes on one database, by NOTIFY, which is sent outside of what it tells of: a commit that notifies waits for all others that
 * do. It is heard on a connection of its own, which no pooler may share. News is lost while that is broken; whoever cannot do without looks again
 * then, and every few seconds.
 */
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import pg from 'pg'
import type { Database } from './connection.ts'

export interface News {
  /** Tells all other processes that listen to that topic, soon; in order. */
  tell(topic: string, text: string): void
  /** @returns stops it */
  listen(topic: string, told: (text: string) => void): () => void
  /** Looks for what was not heard: when the connection is there again, and every few seconds. @returns stops it */
  lookAgain(look: () => Promise<void>): () => void
  close(): Promise<void>
}

export interface NewsOptions {
  database: Database
  /** Of the server itself, not of a pooler. */
  url: string
  mayEndIdle: boolean
  onProblem(message: string): void
}

const channel = 'podium_news'
/** What comes together is sent together. */
const togetherMs = 20
const lookEveryMs = 5000
const againMs = 1000
/** NOTIFY takes fewer than 8000 bytes: what is longer is stored, and fetched by its number. */
const longestBytes = 7500

type Sent = [process: string, number: number, topic: string, text: string | { id: number }]

export async function createNews({ database, url, mayEndIdle, onProblem }: NewsOptions): Promise<News> {
  const self = randomBytes(9).toString('hex')
  const listeners = new Map<string, Set<(text: string) => void>>()
  const looks = new Set<() => Promise<void>>()
  let waiting: { topic: string; text: string }[] = []
  let sending: Promise<void> | undefined
  let sent = 0
  let isClosed = false
  let client: pg.Client | undefined
  let again: NodeJS.Timeout | undefined
  const failed = (error: unknown): void => onProblem(`news of other processes: ${(error as Error).message}`)

  const send = async (): Promise<void> => {
    while (waiting.length > 0) {
      const news = waiting
      waiting = []
      try {
        // Each has a number: of equal ones in a transaction one would arrive.
        const payloads: string[] = []
        for (const { topic, text } of news) payloads.push(await payloadOf(database, [self, ++sent, topic, text]))
        await database.write((db) =>
          sql`select pg_notify(${channel}, p) from unnest(${payloads}::text[]) as p`.execute(db),
        )
      } catch (error) {
        failed(error)
      }
    }
    sending = undefined
  }
  // One after the other: a long one is fetched first.
  let hearing = Promise.resolve()
  const hear = async (payload: string): Promise<void> => {
    const [from, , topic, given] = JSON.parse(payload) as Sent
    const own = listeners.get(topic)
    if (from === self || !own) return
    const text = typeof given === 'string' ? given : await fetchLong(database, given.id)
    if (text === undefined) return
    for (const told of [...own])
      try {
        told(text)
      } catch (error) {
        onProblem(`a listener of the bus failed: ${String(error)}`)
      }
  }
  const lookNow = (): void => {
    for (const look of [...looks]) void look().catch(failed)
  }
  const listen = async (): Promise<void> => {
    const next = new pg.Client({ connectionString: url, keepAlive: true })
    const lost = (): void => {
      if (client !== next) return
      client = undefined
      void next.end().catch(() => undefined)
      retry()
    }
    next.on('error', lost).on('end', lost)
    next.on('notification', ({ payload = '' }) => {
      hearing = hearing.then(() => hear(payload)).catch(failed)
    })
    await next.connect()
    if (mayEndIdle) (next as pg.Client & { unref(): void }).unref()
    await next.query(`listen ${channel}`)
    client = next
    if (isClosed) await next.end()
  }
  const retry = (): void => {
    if (isClosed) return
    again = setTimeout(() => void listen().then(lookNow, retry), againMs)
    again.unref()
  }
  const timer = setInterval(lookNow, lookEveryMs)
  timer.unref()
  await listen()

  return {
    tell(topic, text) {
      waiting.push({ topic, text })
      sending ??= new Promise((go) => setTimeout(go, togetherMs)).then(send)
    },
    listen(topic, told) {
      const own = listeners.get(topic) ?? new Set()
      listeners.set(topic, own)
      own.add(told)
      return () => {
        own.delete(told)
        if (own.size === 0 && listeners.get(topic) === own) listeners.delete(topic)
      }
    },
    lookAgain(look) {
      looks.add(look)
      return () => looks.delete(look)
    },
    async close() {
      isClosed = true
      clearInterval(timer)
      clearTimeout(again)
      await sending
      await client?.end().catch(() => undefined)
    },
  }
}

async function payloadOf(
  database: Database,
  [process, number, topic, text]: [string, number, string, string],
): Promise<string> {
  const payload = JSON.stringify([process, number, topic, text])
  if (Buffer.byteLength(payload) < longestBytes) return payload
  const { rows } = await database.write((db) =>
    sql<{ id: number }>`with gone as (delete from long_news where at < now() - interval '10 minutes')
      insert into long_news (text) values (${JSON.stringify(text)}) returning id`.execute(db),
  )
  return JSON.stringify([process, number, topic, { id: rows[0]!.id }])
}

async function fetchLong(database: Database, id: number): Promise<string | undefined> {
  const { rows } = await database.read((db) =>
    sql<{ text: string }>`select text from long_news where id = ${id}`.execute(db),
  )
  return rows[0] && JSON.parse(rows[0].text)
}
