/** A database written by `pg_dump` and read by `pg_restore`: one consistent moment of it, whoever writes meanwhile. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import pg from 'pg'
import { BackupUnusable } from './archive.ts'

/** The password stands in the environment: arguments are shown to everybody on the machine. */
function environmentOf(url: string): NodeJS.ProcessEnv {
  const { host, port, user, password, database, ssl } = new pg.Client({ connectionString: url }) as pg.Client & {
    ssl: unknown
  }
  const sslmode = /[?&]sslmode=([a-z-]+)/.exec(url)?.[1]
  return {
    ...{ PATH: process.env.PATH, HOME: process.env.HOME, LC_ALL: 'C.UTF-8' },
    ...{ PGHOST: host, PGPORT: String(port), PGDATABASE: database ?? '' },
    ...(user ? { PGUSER: user } : {}),
    ...(password ? { PGPASSWORD: password } : {}),
    ...(sslmode ? { PGSSLMODE: sslmode } : ssl ? { PGSSLMODE: 'require' } : {}),
  }
}

/** Of the database as it is now. */
export function dumpDatabase(url: string): Readable {
  const child = spawn('pg_dump', ['--format=custom', '--no-owner', '--no-privileges'], {
    env: environmentOf(url),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = endOf('pg_dump', child)
  // It is not over before it has ended well: half a dump is none.
  async function* output() {
    try {
      yield* child.stdout
    } finally {
      await ended
    }
  }
  ended.catch(() => child.stdout.destroy())
  return Readable.from(output())
}

/** @throws BackupUnusable when there is something in the database, or it cannot be read back */
export async function restoreDatabase(url: string, dump: Readable): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ count: number }>(
      "select count(*)::int as count from pg_catalog.pg_class where relnamespace = 'public'::regnamespace",
    )
    if (rows[0]!.count > 0)
      throw new BackupUnusable(
        'There is something in the database already. Take an empty one: a restore overwrites nothing.',
      )
  } finally {
    await client.end()
  }
  const child = spawn(
    'pg_restore',
    ['--no-owner', '--no-privileges', '--single-transaction', '--exit-on-error', '--dbname', ''],
    {
      env: environmentOf(url),
      stdio: ['pipe', 'ignore', 'pipe'],
    },
  )
  child.stdin.on('error', () => undefined)
  dump.pipe(child.stdin)
  await endOf('pg_restore', child)
}

async function endOf(program: string, child: ReturnType<typeof spawn>): Promise<void> {
  let said = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000)
  })
  try {
    const [code] = await once(child, 'close')
    if (code !== 0) throw new BackupUnusable(`${program} failed: ${said.trim() || `code ${code}`}`)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new BackupUnusable(`${program} is not there: install the client programs of PostgreSQL.`)
  }
}
