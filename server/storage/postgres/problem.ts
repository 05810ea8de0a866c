/** Why a database cannot be used, for whoever starts the server: what is wrong, where, and how to get on. No word of it holds the password. */
import { DatabaseUnusable, StoreAway } from '../store.ts'
import { DatabaseTooNew } from './migrations.ts'

/** What is wrong with the database itself. */
export class DatabaseUnfit extends Error {
  override readonly name = 'DatabaseUnfit'
}

/** By the code of PostgreSQL or of the system. */
const reasons: Record<string, (place: Place, error: Error) => string> = {
  '28P01': ({ user }) => `it refuses the password of the user ${user}`,
  '28000': ({ user }) => `it does not let the user ${user} in from here: see its pg_hba.conf`,
  '3D000': ({ database }) => `it has no database ${database}. Make it with createdb`,
  '42501': ({ user, database }) =>
    `the user ${user} may not make tables in it. Make that user its owner: alter database "${database}" owner to "${user}"`,
  '53300': () => 'it has no connection left: raise its max_connections, or put a pooler in front',
  '53100': () => 'no space is left on its disk. Make room there',
  '25006': () => 'it is read-only, as a standby is. Name the one that is written to',
  ENOTFOUND: ({ host }) => `there is no host ${host}`,
  EAI_AGAIN: ({ host }) => `the name of the host ${host} cannot be looked up now`,
  ECONNREFUSED: ({ host }) => `nothing listens at ${host}`,
  ENOENT: ({ host }) => `there is no socket of a server in ${host}`,
  EACCES: ({ host }) => `this process may not use the socket in ${host}`,
}

const otherwise: readonly (readonly [RegExp, (place: Place, error: Error) => string])[] = [
  [/^SASL/, ({ user }) => `it wants a password of the user ${user}, and the address has none`],
  [/SSL|certificate/i, (_place, error) => `no encrypted connection came about (${error.message}). See sslmode`],
  [/timeout|timed out|ETIMEDOUT/i, ({ host }) => `nobody answers at ${host}`],
]

interface Place {
  host: string
  user: string
  database: string
}

/** @throws DatabaseUnusable instead of what `act` throws, as far as somebody can change it */
export async function usingDatabase<T>(url: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    const cause = error instanceof StoreAway && error.cause instanceof Error ? error.cause : (error as Error)
    const place = placeOf(url)
    const { code } = cause as { code?: unknown }
    const reason =
      cause instanceof DatabaseTooNew || cause instanceof DatabaseUnfit
        ? cause.message
        : typeof code === 'string' && Object.hasOwn(reasons, code)
          ? reasons[code]!(place, cause)
          : otherwise.find(([words]) => words.test(cause.message))?.[1](place, cause)
    if (reason === undefined && !(error instanceof StoreAway)) throw error
    throw new DatabaseUnusable(
      `The ${nameOf(url)} cannot be used: ${reason ?? cause.message}. Its address is in DATABASE_URL.`,
      { cause },
    )
  }
}

/** Which it is, without who uses it and their password. */
export function nameOf(url: string): string {
  const { database, host } = placeOf(url)
  return `database ${database} at ${host}`
}

/** @throws Error without the address, which may hold a password */
function placeOf(url: string): Place {
  let read: URL
  try {
    // Over a socket no host stands there.
    read = new URL(url.replace('@/', '@socket/'))
  } catch {
    throw new Error('the address of the database cannot be read')
  }
  const user = decodeURIComponent(read.username) || process.env.USER || 'of this process'
  return {
    host: read.searchParams.get('host') ?? `${read.hostname || 'localhost'}:${read.port || 5432}`,
    user,
    database: decodeURIComponent(read.pathname.slice(1)) || user,
  }
}
