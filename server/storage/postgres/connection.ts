/**
 * Statements on a PostgreSQL server, which may be away for a while: it is waited for, and when it does not come back in time that is told in
 * words. No statement has a name, and nothing is kept in a session, so that a pooler may stand between that gives a connection away after each
 * transaction.
 */
import { Kysely, PostgresAdapter, PostgresDialect, type PostgresPoolClient } from 'kysely'
import pg from 'pg'
import { StoreAway } from '../store.ts'
import type { Tables } from './migrations.ts'

export interface ConnectionOptions {
  url: string
  /** How long a server that is away is waited for. */
  patienceMs?: number
  /** Connections at most. */
  most?: number
  /** A process may end while they are open. */
  mayEndIdle?: boolean
}

export interface Database {
  /** Asked again when the server goes away meanwhile. @throws StoreAway */
  read<T>(ask: (db: Kysely<Tables>) => Promise<T>): Promise<T>
  /**
   * Asked once: whether something was done that nobody heard of is not known.
   * @throws StoreAway, of which `mayBeDone` tells which it is
   */
  write<T>(act: (db: Kysely<Tables>) => Promise<T>): Promise<T>
  close(): Promise<void>
}

const usualPatienceMs = 5000
const usualMost = 10
const againMs = 200
/** The longest that a statement may take. */
const statementMs = 60_000

export function connect(options: ConnectionOptions): Database {
  const { patienceMs = usualPatienceMs, most = usualMost, mayEndIdle = false } = options
  const pool = new pg.Pool({
    connectionString: options.url,
    max: most,
    connectionTimeoutMillis: patienceMs,
    query_timeout: statementMs,
    keepAlive: true,
    allowExitOnIdle: mayEndIdle,
    types: { getTypeParser: parserOf },
  })
  // One that nobody uses was ended by the other side: the next one is made when it is needed.
  pool.on('error', () => undefined)
  // Nobody listens while one is handed out.
  pool.on('connect', (client) => client.on('error', () => undefined))
  const connected = async (): Promise<PostgresPoolClient> => {
    const untilMs = performance.now() + patienceMs
    for (;;)
      try {
        return released(await pool.connect())
      } catch (error) {
        if (!isAway(error)) throw error
        if (performance.now() + againMs > untilMs) throw new StoreAway(false, { cause: error })
        await new Promise((go) => setTimeout(go, againMs))
      }
  }
  const db = new Kysely<Tables>({
    dialect: new Dialect({ pool: { connect: connected, end: () => pool.end() } }),
  })
  return {
    async read(ask) {
      const untilMs = performance.now() + patienceMs
      for (;;)
        try {
          return await ask(db)
        } catch (error) {
          if (!isAway(error)) throw error
          if (performance.now() > untilMs) throw new StoreAway(false, { cause: error })
        }
    },
    async write(act) {
      try {
        return await act(db)
      } catch (error) {
        if (isAway(error)) throw new StoreAway(true, { cause: error })
        throw error
      }
    },
    close: () => db.destroy(),
  }
}

/** JSON stays the text that it is: whoever reads it wants its very characters. Counts are numbers. */
function parserOf(oid: number, format?: 'text' | 'binary'): ReturnType<typeof pg.types.getTypeParser> {
  if (oid === pg.types.builtins.JSON) return (text: string) => text
  if (oid === pg.types.builtins.INT8) return Number
  return pg.types.getTypeParser(oid, format as 'text')
}

/** One that failed is thrown away when it is given back. */
function released(client: pg.PoolClient): PostgresPoolClient {
  let broken: Error | undefined
  const breaks = (error: Error): void => {
    broken = error
  }
  client.on('error', breaks)
  const query = async (text: unknown, values?: unknown) => {
    try {
      return await client.query(text as string, values as unknown[])
    } catch (error) {
      if (isAway(error)) breaks(error as Error)
      throw error
    }
  }
  return {
    query: query as unknown as PostgresPoolClient['query'],
    release: () => {
      client.off('error', breaks)
      client.release(broken)
    },
  }
}

/** Of Node: the server cannot be reached, or is not there any more. */
const awayCodes = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN'],
  ...['ENOTFOUND', 'EAI_AGAIN'],
  // Of PostgreSQL: it ends, has crashed, begins, has no connection left.
  ...['57P01', '57P02', '57P03', '53300'],
])

/** Of `pg`, which gives them no code. */
const awayWords =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered)/

function isAway(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof StoreAway) return false
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? awayCodes.has(code) || code.startsWith('08') : awayWords.test(error.message)
}

class Dialect extends PostgresDialect {
  override createAdapter(): PostgresAdapter {
    return new Adapter()
  }
}

/** Whoever migrates holds a lock: one of the session, as the adapter has it, would stay behind with a pooler. */
class Adapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}
