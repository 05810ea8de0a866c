/**
 * A PostgreSQL for tests: one for all test processes that run at the time, which ends with the last of them (scripts/postgres.mjs), and in it
 * a database for whoever asks. Where none is installed, tests that need one are skipped with a line, but on the machine that proves the project.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import pg from 'pg'

const binaries = '/usr/lib/postgresql'
const isInstalled = existsSync(binaries) && readdirSync(binaries).some((name) => /^\d+$/.test(name))
const patienceMs = 60_000

/** Defines tests that need PostgreSQL, where there is one. */
export function withPostgres(define: () => void): void {
  if (isInstalled) {
    define()
    return
  }
  const lacking = 'there is no PostgreSQL: apt-get install postgresql'
  test('PostgreSQL keeps what the other backends keep', { skip: process.env.CI ? false : lacking }, () =>
    assert.fail(lacking),
  )
}

export interface TestDatabase {
  url: string
  /** As its owner, beside the program. */
  query(text: string, values?: unknown[]): Promise<pg.QueryResult>
  dispose(): Promise<void>
}

let folder: Promise<string> | undefined
/** Of this process, emptied: making one takes ten times as long. */
const spare: string[] = []

/** An empty database of its own. */
export async function freshDatabase(): Promise<TestDatabase> {
  folder ??= sharedServer()
  const server = await folder
  const urlOf = (database: string) => `postgres://postgres@/${database}?host=${server}`
  const name = spare.pop() ?? (await createDatabase(urlOf('postgres')))
  const url = urlOf(name)
  const ask = (text: string, values?: unknown[]) => query(url, text, values)
  return {
    url,
    query: ask,
    async dispose() {
      await ask(`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`)
      await ask('drop schema public cascade')
      await ask('create schema public')
      spare.push(name)
    },
  }
}

async function createDatabase(server: string): Promise<string> {
  const name = `t${randomBytes(8).toString('hex')}`
  await query(server, `create database ${name}`)
  return name
}

async function query(connectionString: string, text: string, values?: unknown[]): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return await client.query(text, values)
  } finally {
    await client.end()
  }
}

/** The folder of its socket. Who connects to the one that runs keeps it running; the kernel ends a connection with its process. */
async function sharedServer(): Promise<string> {
  const name = `podium-postgres-${process.getuid?.()}-${createHash('sha256').update(process.cwd()).digest('hex').slice(0, 12)}`
  const untilMs = Date.now() + patienceMs
  for (let begun: ChildProcess | undefined; Date.now() < untilMs; ) {
    const found = await asked(name)
    if (found) return found
    if (!begun || begun.exitCode !== null) {
      begun = spawn(process.execPath, ['scripts/postgres.mjs', '--shared', name], { detached: true, stdio: 'ignore' })
      begun.unref()
    }
    await new Promise((go) => setTimeout(go, 100))
  }
  throw new Error(`PostgreSQL did not start within ${patienceMs} ms: see node scripts/postgres.mjs`)
}

function asked(name: string): Promise<string | undefined> {
  return new Promise((done) => {
    const client = connect(`\0${name}`)
    let told = ''
    client.setEncoding('utf8').on('data', (part: string) => {
      told += part
      if (!told.endsWith('\n')) return
      client.unref()
      done(told.trim())
    })
    client.on('error', () => done(undefined)).on('close', () => done(undefined))
  })
}

/** A server of a test's own, which it may stop and start again. Its data stays meanwhile. */
export async function ownServer(): Promise<{
  url: string
  stop(): Promise<void>
  start(): Promise<void>
  end(): Promise<void>
}> {
  const child = spawn(process.execPath, ['scripts/postgres.mjs'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  const next = async () => String((await lines.next()).value)
  const url = (await next()).replace('DATABASE_URL=', '')
  const act = async (line: string) => {
    child.stdin!.write(`${line}\n`)
    assert.equal(await next(), `done ${line}`)
  }
  return {
    url,
    stop: () => act('stop'),
    start: () => act('start'),
    end: async () => {
      if (child.exitCode !== null) return
      const isGone = once(child, 'exit')
      child.stdin!.end()
      await isGone
    },
  }
}
