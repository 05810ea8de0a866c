/** PostgreSQL: demands a superuser password when its data directory is new, listens on 5432, answers psql and pg_isready. */
import type { PortServer } from '../network/types.ts'
import type { Image, Process, Program } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import { debianFiles, debianPrograms } from './distributions.ts'
import { createDaemon, stamp } from './programs/daemon.ts'
import { connectTo } from './programs/database-client.ts'
import {
  type Databases,
  databasesOf,
  readObject,
  type SqlResult,
  SqlSession,
  statements,
  textsOf,
} from './programs/sql.ts'
import { isLoopback } from './programs/web-server.ts'
import { eachRelease, isAtLeast, type Releases } from './releases.ts'

const majorOf = (version: string): string => version.split('.')[0]
const packageOf = (version: string): string => `${version}-1.pgdg120+1`
const buildOf = (version: string): string => `${version} (Debian ${packageOf(version)})`
const fullVersion = (version: string): string =>
  `PostgreSQL ${buildOf(version)} on x86_64-pc-linux-gnu, compiled by gcc (Debian 12.2.0-14) 12.2.0, 64-bit`

const home = '/var/lib/postgresql'
/** Where a release keeps its data unless it is told: since 18 a place of its own. */
const dataDirectory = (version: string): string =>
  isAtLeast(version, '18') ? `${home}/${majorOf(version)}/docker` : `${home}/data`

const directoryOf = (process: Process): string => process.env.PGDATA || `${home}/data`
const line = (process: Process, text: string, level = 'LOG'): string =>
  `${stamp(process, '%Y-%m-%d %H:%M:%S.%L UTC')} [${process.pid}] ${level}:  ${text}\n`

interface Stored {
  user: string
  password: string
  isTrusting: boolean
  databases: Databases
}

const isInitialized = (process: Process): boolean => process.files.exists(`${directoryOf(process)}/PG_VERSION`)
const tablesFile = (process: Process): string => `${directoryOf(process)}/base/tables`

function setting(process: Process, name: string): string | undefined {
  const file = process.env[`POSTGRES_${name}_FILE`]
  if (file && process.files.exists(file)) return process.files.read(file).trimEnd()
  return process.env[`POSTGRES_${name}`] || undefined
}

function load(process: Process): Stored {
  const text = process.files.exists(tablesFile(process)) ? process.files.read(tablesFile(process)) : ''
  const value = readObject(text)
  const { user = 'postgres', password = '' } = textsOf(value)
  return { user, password, isTrusting: value?.isTrusting === true, databases: databasesOf(value?.databases) }
}

function initialize(process: Process, version: string): void {
  const directory = directoryOf(process)
  const user = setting(process, 'USER') ?? 'postgres'
  process.files.mkdir(`${directory}/base`, { parents: true })
  process.files.write(`${directory}/PG_VERSION`, `${majorOf(version)}\n`)
  const stored: Stored = {
    user,
    password: setting(process, 'PASSWORD') ?? '',
    isTrusting: setting(process, 'HOST_AUTH_METHOD') === 'trust',
    databases: { postgres: {}, template0: {}, template1: {}, [setting(process, 'DB') ?? user]: {} },
  }
  process.files.write(tablesFile(process), JSON.stringify(stored))
}

function aligned(result: SqlResult & { kind: 'rows' }, isBare: boolean): string {
  if (isBare) return result.rows.map((row) => `${row.join('|')}\n`).join('')
  const widths = result.columns.map((name, at) =>
    result.rows.reduce((widest, row) => Math.max(widest, row[at].length), name.length),
  )
  const head = result.columns
    .map((name, at) => ` ${name.padStart(Math.floor((widths[at] + name.length) / 2)).padEnd(widths[at])} `)
    .join('|')
  const cell = (text: string, at: number): string =>
    ` ${/^-?\d+$/.test(text) ? text.padStart(widths[at]) : text.padEnd(widths[at])} `
  return `${head}\n${widths.map((width) => '-'.repeat(width + 2)).join('+')}\n${result.rows
    .map((row) => `${row.map(cell).join('|').trimEnd()}\n`)
    .join('')}(${result.rows.length} row${result.rows.length === 1 ? '' : 's'})\n\n`
}

function answer(process: Process, version: string, input: string): string {
  const given = readObject(input)
  const { user, password = '', database = '', sql: asked = '' } = textsOf(given)
  if (user === undefined) return ''
  const request = {
    user,
    password,
    database,
    sql: asked,
    isLocal: given?.isLocal === true,
    isBare: given?.isBare === true,
  }
  const stored = load(process)
  if (!request.isLocal && !stored.isTrusting && request.password === '')
    return 'FATAL: fe_sendauth: no password supplied\n'
  const isKnown = request.user === stored.user
  if (!isKnown && (request.isLocal || stored.isTrusting)) return `FATAL:  role "${request.user}" does not exist\n`
  if (!request.isLocal && !stored.isTrusting && (!isKnown || request.password !== stored.password)) {
    process.stderr.write(line(process, `password authentication failed for user "${request.user}"`, 'FATAL'))
    return `FATAL:  password authentication failed for user "${request.user}"\n`
  }
  if (!Object.hasOwn(stored.databases, request.database))
    return `FATAL:  database "${request.database}" does not exist\n`
  const session = new SqlSession(stored.databases, request.database, {
    version: fullVersion(version),
    server_version: buildOf(version),
    now: stamp(process, '%Y-%m-%d %H:%M:%S.%L000+00'),
    current_database: request.database,
    current_user: request.user,
    pg_is_in_recovery: 'f',
  })
  let output = ''
  for (const sql of statements(request.sql)) {
    const listing = sql.startsWith('\\l')
      ? 'show databases'
      : sql.startsWith('\\d')
        ? 'show tables'
        : sql.replace(/::\w+/g, '').replace(/^show\s+server_version\b/i, 'select server_version()')
    const result = session.run(listing)
    if (result.kind === 'rows') {
      const columns = result.columns.map((name) => (/^-?\d|^\?/.test(name) ? '?column?' : name.replace(/\(.*\)$/, '')))
      output += aligned(
        { ...result, columns: sql.startsWith('\\l') ? ['Name'] : sql.startsWith('\\d') ? ['Name'] : columns },
        request.isBare,
      )
    } else if (result.kind === 'done') output += `${result.tag}\n`
    else {
      const words = {
        'unknown-database': `ERROR:  database "${result.name}" does not exist`,
        'unknown-table': `ERROR:  relation "${result.name}" does not exist`,
        'unknown-column': `ERROR:  column "${result.name}" does not exist`,
        exists: `ERROR:  "${result.name}" already exists`,
        'no-database': 'ERROR:  no database',
        'not-simulated': `podium: this statement is not simulated: ${result.name}`,
      }[result.code]
      process.stderr.write(line(process, words.replace(/^ERROR: {2}/, ''), 'ERROR'))
      output += `${words}\n`
      break
    }
  }
  if (session.hasChanged) process.files.write(tablesFile(process), JSON.stringify(stored))
  return output
}

/** `-h 127.0.0.1`, or `-c listen_addresses=localhost`. */
const addressesOf = ({ argv }: Process): string | undefined => {
  const at = argv.indexOf('-h')
  const setting = argv.find((arg) => /^(-c)?listen_addresses=/.test(arg))
  return setting?.replace(/^.*?=/, '').replace(/^'(.*)'$/, '$1') ?? (at > 0 ? argv[at + 1] : undefined)
}

const portOf = (process: Process): number => {
  const at = process.argv.indexOf('-p')
  return at > 0 ? Number(process.argv[at + 1]) : 5432
}

/**
 * Data that this release does not find where it keeps its own: of an older image's place, or a volume mounted there.
 * Source: https://github.com/docker-library/postgres/pull/1259
 */
function strayData(process: Process, version: string): string[] {
  if (!isAtLeast(version, '18')) return []
  const { files } = process
  const numbered = files.exists(home) ? files.list(home).map((name) => `${home}/${name}/docker`) : []
  const found = [home, `${home}/data`, ...numbered].filter((directory) => files.exists(`${directory}/PG_VERSION`))
  if (found.length > 0 || !files.read('/proc/mounts').includes(` ${home}/data `)) return found
  return [`${home}/data (unused mount/volume)`]
}

/** Why a release does not take the data of another. */
function incompatible(process: Process, version: string): string | undefined {
  const found = process.files.read(`${directoryOf(process)}/PG_VERSION`).trim()
  if (found === majorOf(version)) return undefined
  const detail = `The data directory was initialized by PostgreSQL version ${found}, which is not compatible with this version ${buildOf(version)}.`
  return `\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n${line(process, 'database files are incompatible with server', 'FATAL')}${line(process, detail, 'DETAIL')}`
}

const server = (version: string): Program =>
  createDaemon({
    ports: (process) => [portOf(process)],
    address: addressesOf,
    memoryBytes: 38 * 1024 * 1024,
    cpuMillis: 2,
    logsTo: 'stderr',
    refuse: (process) => {
      if (isInitialized(process)) return incompatible(process, version)
      const directory = directoryOf(process)
      const stray = strayData(process, version)
      if (stray.length > 0)
        return `Error: in 18+, these Docker images are configured to store database data in a\n       format which is compatible with "pg_ctlcluster" (specifically, using\n       major-version-specific directory names).  This better reflects how\n       PostgreSQL itself works, and how upgrades are to be performed.\n\n       See also https://github.com/docker-library/postgres/pull/1259\n\n       Counter to that, there appears to be PostgreSQL data in:\n${stray.map((place) => `         ${place}\n`).join('')}\n       This is usually the result of upgrading the Docker image without\n       upgrading the underlying database using "pg_upgrade" (which requires both\n       versions).\n\n       The suggested container configuration for 18+ is to place a single mount\n       at /var/lib/postgresql which will then place PostgreSQL data in a\n       subdirectory, allowing usage of "pg_upgrade --link" without mount point\n       boundary issues.\n\n       See https://github.com/docker-library/postgres/issues/37 for a (long)\n       discussion around this process, and suggestions for how to do so.\n`
      if (!setting(process, 'PASSWORD') && setting(process, 'HOST_AUTH_METHOD') !== 'trust')
        return 'Error: Database is uninitialized and superuser password is not specified.\n       You must specify POSTGRES_PASSWORD to a non-empty value for the\n       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".\n\n       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all\n       connections without a password. This is *not* recommended.\n'
      const strangers = process.files.exists(directory) ? process.files.list(directory) : []
      if (strangers.length === 0) return undefined
      return `initdb: error: directory "${directory}" exists but is not empty\n${strangers.includes('lost+found') ? 'initdb: detail: It contains a lost+found directory, perhaps due to it being a mount point.\ninitdb: hint: Using a mount point directly as the data directory is not recommended.\nCreate a subdirectory under the mount point.\n' : `initdb: hint: If you want to create a new database system, either remove or empty the directory "${directory}" or run initdb with an argument other than "${directory}".\n`}`
    },
    starting: (process) =>
      isInitialized(process)
        ? '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
        : `The files belonging to this database system will be owned by user "postgres".\nThis user must also own the server process.\n\nfixing permissions on existing directory ${directoryOf(process)} ... ok\ncreating subdirectories ... ok\n`,
    startMs: (process) => (isInitialized(process) ? 150 : 1800),
    startCpuMs: 100,
    ready: (process) => {
      let text = ''
      if (!isInitialized(process)) {
        initialize(process, version)
        text = '\nPostgreSQL init process complete; ready for start up.\n\n'
      }
      const starting = isAtLeast(version, '12') ? line(process, `starting ${fullVersion(version)}`) : ''
      return `${text}${starting}${line(process, `listening on IPv4 address "${isLoopback(addressesOf(process)) ? '127.0.0.1' : '0.0.0.0'}", port ${portOf(process)}`)}${line(process, 'listening on Unix socket "/var/run/postgresql/.s.PGSQL.5432"')}${line(process, 'database system is ready to accept connections')}`
    },
    serve: (process): PortServer => ({ tcp: (input, reply) => reply(answer(process, version, input)) }),
    stopping: (process) =>
      `${line(process, 'received fast shutdown request')}${line(process, 'aborting any active transactions')}${line(process, 'shutting down')}`,
    stopMs: 200,
    stopped: (process) => line(process, 'database system is shut down'),
  })

interface Client {
  host: string
  port: number
  user?: string
  database?: string
  sql: string[]
  isBare: boolean
}

function clientOptions(process: Process): Client {
  const { env } = process
  const found: Client = {
    host: env.PGHOST ?? '',
    port: Number(env.PGPORT ?? 5432),
    user: env.PGUSER,
    database: env.PGDATABASE,
    sql: [],
    isBare: false,
  }
  const args = process.argv.slice(1)
  const take = (name: string, value: string): void => {
    if (name === 'h') found.host = value
    else if (name === 'p') found.port = Number(value)
    else if (name === 'U') found.user = value
    else if (name === 'd') found.database = value
    else if (name === 'c') found.sql.push(value)
  }
  const long: Record<string, string> = { host: 'h', port: 'p', username: 'U', dbname: 'd', command: 'c' }
  let plain = 0
  while (args.length) {
    const arg = args.shift()!
    const short = /^-([A-Za-z]*?)([hpUdct])([\s\S]*)$/.exec(arg)
    const named = /^--([a-z-]+)(?:=([\s\S]*))?$/.exec(arg)
    const url = /^postgres(?:ql)?:\/\/(?:([^:@/]+)(?::([^@/]*))?@)?([^:/]+)(?::(\d+))?(?:\/(\w+))?/.exec(arg)
    if (named) {
      if (long[named[1]]) take(long[named[1]], named[2] ?? args.shift() ?? '')
      else if (['tuples-only', 'no-align'].includes(named[1])) found.isBare = true
    } else if (short) {
      if (/[tA]/.test(short[1]) || short[2] === 't') found.isBare = true
      if (short[2] === 't') {
        if (short[3].endsWith('c')) found.sql.push(args.shift() ?? '')
      } else if (short[2] !== 't') take(short[2], short[3] || (args.shift() ?? ''))
    } else if (url) {
      if (url[1]) found.user = url[1]
      if (url[2]) env.PGPASSWORD = url[2]
      found.host = url[3]
      if (url[4]) found.port = Number(url[4])
      if (url[5]) found.database = url[5]
    } else if (!arg.startsWith('-')) {
      if (plain++ === 0) found.database = arg
      else found.user = arg
    }
  }
  return found
}

const accountOf = (process: Process): string => process.env.USER ?? (process.uid === 0 ? 'root' : 'postgres')

/** A program, or its version when that is asked for. */
const versioned = (name: string, version: string, program: Program): Program =>
  function* (process) {
    if (!['--version', '-V'].includes(process.argv[1])) return yield* program(process)
    process.stdout.write(`${name} (PostgreSQL) ${buildOf(version)}\n`)
    return 0
  }

const psql: Program = function* (process) {
  const options = clientOptions(process)
  const user = options.user ?? accountOf(process)
  const sql = options.sql.length ? options.sql.join(';') : yield* waitFor(process.stdin.readAll())
  const isLocal = ['', 'localhost', '127.0.0.1'].includes(options.host)
  const result = yield* waitFor(
    connectTo(
      process,
      isLocal ? '127.0.0.1' : options.host,
      options.port,
      JSON.stringify({
        user,
        password: process.env.PGPASSWORD ?? '',
        database: options.database ?? user,
        sql,
        isLocal,
        isBare: options.isBare,
      }),
    ),
  )
  const where =
    isLocal && options.host === ''
      ? 'on socket "/var/run/postgresql/.s.PGSQL.5432"'
      : `at "${options.host}", port ${options.port}`
  if (!result.ok) {
    process.stderr.write(
      result.error === 'unknown-host'
        ? `psql: error: could not translate host name "${options.host}" to address: Name or service not known\n`
        : options.host === ''
          ? `psql: error: connection to server ${where} failed: No such file or directory\n\tIs the server running locally and accepting connections on that socket?\n`
          : `psql: error: connection to server ${where} failed: ${result.error === 'refused' ? 'Connection refused' : 'Connection timed out'}\n\tIs the server running on that host and accepting TCP/IP connections?\n`,
    )
    return 2
  }
  const output = result.output ?? ''
  if (output.startsWith('FATAL:')) {
    process.stderr.write(`psql: error: connection to server ${where} failed: ${output.replace(/^FATAL: fe/, 'fe')}`)
    return 2
  }
  const failure = /^(?:ERROR: |podium: )[^\n]*\n$/m.exec(output)
  process.stdout.write(failure ? output.slice(0, failure.index) : output)
  if (failure) process.stderr.write(failure[0])
  return failure ? 1 : 0
}

const isReady: Program = function* (process) {
  const options = clientOptions(process)
  const host = options.host || '127.0.0.1'
  const result = yield* waitFor(
    connectTo(process, host === 'localhost' ? '127.0.0.1' : host, options.port, undefined, 3000),
  )
  const place = `${options.host || '/var/run/postgresql'}:${options.port}`
  process.stdout.write(`${place} - ${result.ok ? 'accepting connections' : 'no response'}\n`)
  return result.ok ? 0 : 2
}

const entrypoint: Program = function* (process) {
  const given = process.argv.slice(1)
  const argv = given.length === 0 || given[0].startsWith('-') ? ['postgres', ...given] : given
  const wait = process.exec({ argv })
  if (!('error' in wait)) return yield* waitFor(wait)
  process.stderr.write(`/usr/local/bin/docker-entrypoint.sh: line 351: exec: ${argv[0]}: not found\n`)
  return 127
}

const releases: Releases = {
  '18.0': ['latest', '18', '18.0'],
  '17.5': ['17', '17.5'],
  '16.9': ['16', '16.9'],
  '16.2': ['16.2'],
  '15.13': ['15', '15.13'],
  '15.3': ['15.3'],
  '14.18': ['14', '14.18'],
  '14.8': ['14.8'],
  '13.21': ['13', '13.21'],
  '12.22': ['12', '12.22'],
  '11.22': ['11', '11.22'],
}

const passwd = (id: number, shell: string): string =>
  `${debianFiles['/etc/passwd']}postgres:x:${id}:${id}::/var/lib/postgresql:${shell}\n`

export const postgresReleases: readonly Image[] = eachRelease(releases, ['alpine', 'bookworm'], (version) => {
  const binaries = `/usr/lib/postgresql/${majorOf(version)}/bin`
  return {
    repositories: ['postgres'],
    sizeBytes: 155_000_000,
    base: 'debian:bookworm-slim',
    variants: {
      alpine: { base: 'alpine:3.22', sizeBytes: 109_000_000, files: { '/etc/passwd': passwd(70, '/bin/sh') } },
    },
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['postgres'],
    env: {
      PG_MAJOR: majorOf(version),
      PG_VERSION: packageOf(version),
      PGDATA: dataDirectory(version),
      PATH: `/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:${binaries}`,
    },
    exposedPorts: [5432],
    modes: { [isAtLeast(version, '18') ? home : `${home}/data`]: 0o1777, '/var/run/postgresql': 0o1777 },
    stopSignal: 'SIGINT',
    files: {
      ...debianFiles,
      [isAtLeast(version, '18') ? `${home}/` : `${home}/data/`]: '',
      '/var/run/postgresql/': '',
      '/docker-entrypoint-initdb.d/': '',
      '/etc/passwd': passwd(999, '/bin/bash'),
    },
    programs: {
      ...debianPrograms,
      '/usr/local/bin/docker-entrypoint.sh': entrypoint,
      [`${binaries}/postgres`]: versioned('postgres', version, server(version)),
      '/usr/bin/psql': versioned('psql', version, psql),
      '/usr/bin/pg_isready': versioned('pg_isready', version, isReady),
    },
  }
})
