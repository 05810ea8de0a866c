/** MySQL and MariaDB: demand a root password when the data directory is new, listen on 3306, answer their own clients. */
import type { PortServer } from '../network/types.ts'
import type { Image, Process, Program } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import { debianFiles, debianPrograms } from './distributions.ts'
import { createDaemon, stamp } from './programs/daemon.ts'
import { connectTo } from './programs/database-client.ts'
import { type Databases, databasesOf, readObject, SqlSession, statements, textsOf } from './programs/sql.ts'
import { eachRelease, isAtLeast, minorOf, type Releases } from './releases.ts'

const dataDirectory = '/var/lib/mysql'
const tablesFile = `${dataDirectory}/ibdata1`

interface Flavour {
  product: 'MySQL' | 'MariaDB'
  /** The server's name in its log. */
  daemon: 'mysqld' | 'mariadbd'
  release: string
  /** What the server says that it is. */
  version: string
  /** Of the package that the image installs. */
  packageVersion: string
  /** Name that the entrypoint's lines begin with. */
  label: string
  prefixes: readonly string[]
}

/** Oracle's package for the Linux that the image of a release is built on. */
const mysqlPackage = (release: string): string => {
  if (!isAtLeast(release, '5.7')) return `${release}-1debian9`
  if (!isAtLeast(release, '8.0')) return `${release}-1.el7`
  return `${release}-1.${isAtLeast(release, '8.0.37') ? 'el9' : 'el8'}`
}

const mysqlFlavour = (release: string): Flavour => ({
  product: 'MySQL',
  daemon: 'mysqld',
  release,
  version: release,
  packageVersion: mysqlPackage(release),
  label: `MySQL Server ${mysqlPackage(release)}`,
  prefixes: ['MYSQL'],
})

const mariaFlavour = (release: string): Flavour => {
  const ubuntu = isAtLeast(release, '11.4') ? 'ubu2404' : isAtLeast(release, '10.11') ? 'ubu2204' : 'ubu2004'
  const packageVersion = `1:${release}+maria~${ubuntu}`
  return {
    product: 'MariaDB',
    daemon: isAtLeast(release, '10.6') ? 'mariadbd' : 'mysqld',
    release,
    version: `${release}-MariaDB-${ubuntu}`,
    packageVersion,
    label: `MariaDB Server ${packageVersion}`,
    prefixes: ['MARIADB', 'MYSQL'],
  }
}

const passwordSettings = ['ROOT_PASSWORD', 'ALLOW_EMPTY_PASSWORD', 'RANDOM_ROOT_PASSWORD']

/** Value of a setting, under any of the flavour's prefixes; `NAME_FILE` names a file that holds it. */
function setting(process: Process, flavour: Flavour, name: string): string | undefined {
  for (const prefix of flavour.prefixes) {
    const value = process.env[`${prefix}_${name}`]
    if (value) return value
    const file = process.env[`${prefix}_${name}_FILE`]
    if (file && process.files.exists(file)) return process.files.read(file).trimEnd()
  }
  return undefined
}

const isInitialized = (process: Process): boolean => process.files.exists(`${dataDirectory}/mysql`)

const entrypointLine = (process: Process, kind: string, text: string): string =>
  `${stamp(process, '%Y-%m-%d %H:%M:%S+00:00')} [${kind}] [Entrypoint]: ${text}\n`

/** A line of the server's log: each line of releases has its own form. */
function serverLine(
  process: Process,
  { product, release }: Flavour,
  kind: string,
  code: string,
  text: string,
  part = 'Server',
): string {
  if (product === 'MySQL' && isAtLeast(release, '8.0'))
    return `${stamp(process, '%Y-%m-%dT%H:%M:%S.%L000Z')} 0 [${kind}] [${code}] [${part}] ${text}\n`
  const level = kind === 'System' ? 'Note' : kind
  if (product === 'MySQL' && isAtLeast(release, '5.7'))
    return `${stamp(process, '%Y-%m-%dT%H:%M:%S.%L000Z')} 0 [${level}] ${text}\n`
  return `${stamp(process, '%Y-%m-%d %H:%M:%S')} ${product === 'MySQL' ? process.pid : 0} [${level}] ${text}\n`
}

/** What is kept of a server: its accounts and databases, in one file of the data directory. */
interface Stored {
  /** The release that wrote it last. */
  release: string
  passwords: Record<string, string>
  databases: Databases
}

function load(process: Process): Stored {
  const text = process.files.exists(tablesFile) ? process.files.read(tablesFile) : ''
  const value = readObject(text)
  return {
    release: textsOf(value).release ?? '',
    passwords: textsOf(value?.passwords),
    databases: databasesOf(value?.databases),
  }
}

const save = (process: Process, stored: Stored): void => process.files.write(tablesFile, JSON.stringify(stored))

function initialize(process: Process, flavour: Flavour): void {
  const { files } = process
  files.mkdir(`${dataDirectory}/mysql`, { parents: true })
  const stored: Stored = {
    release: flavour.release,
    passwords: { root: setting(process, flavour, 'ROOT_PASSWORD') ?? '' },
    databases: { information_schema: {}, mysql: {}, performance_schema: {}, sys: {} },
  }
  if (setting(process, flavour, 'RANDOM_ROOT_PASSWORD')) {
    stored.passwords.root = [...Array(24)]
      .map(() => 'abcdefghijklmnopqrstuvwxyz0123456789'[Math.floor(process.random() * 36)])
      .join('')
    process.stdout.write(entrypointLine(process, 'Note', `GENERATED ROOT PASSWORD: ${stored.passwords.root}`))
  }
  const database = setting(process, flavour, 'DATABASE')
  if (database) stored.databases[database] = {}
  const user = setting(process, flavour, 'USER')
  if (user) stored.passwords[user] = setting(process, flavour, 'PASSWORD') ?? ''
  save(process, stored)
}

interface Request {
  user: string
  password: string
  database?: string
  sql?: string
}

function answer(process: Process, flavour: Flavour, input: string): string {
  const request = textsOf(readObject(input))
  // The greeting that any client reads first.
  if (request.user === undefined) return `J\0\0\0\n${flavour.version}\0\n`
  const stored = load(process)
  if (!Object.hasOwn(stored.passwords, request.user) || stored.passwords[request.user] !== request.password)
    return `ERROR 1045 (28000): Access denied for user '${request.user}'@'localhost' (using password: ${request.password ? 'YES' : 'NO'})\n`
  const session = new SqlSession(stored.databases, undefined, {
    version: flavour.version,
    now: stamp(process, '%Y-%m-%d %H:%M:%S'),
    current_user: `${request.user}@%`,
    user: `${request.user}@localhost`,
    hostname: process.hostname,
    max_connections: '151',
  })
  if (request.database) {
    if (!Object.hasOwn(stored.databases, request.database))
      return `ERROR 1049 (42000): Unknown database '${request.database}'\n`
    session.database = request.database
  }
  let output = ''
  for (const [index, sql] of statements(request.sql ?? '').entries()) {
    const result = session.run(sql)
    if (result.kind === 'rows') {
      if (result.rows.length) output += `${[result.columns, ...result.rows].map((row) => row.join('\t')).join('\n')}\n`
    } else if (result.kind === 'error') {
      const words = {
        'unknown-database': `ERROR 1049 (42000) at line ${index + 1}: Unknown database '${result.name}'`,
        'unknown-table': `ERROR 1146 (42S02) at line ${index + 1}: Table '${session.database ?? ''}.${result.name}' doesn't exist`,
        'unknown-column': `ERROR 1054 (42S22) at line ${index + 1}: Unknown column '${result.name}' in 'field list'`,
        exists: `ERROR 1050 (42S01) at line ${index + 1}: '${result.name}' already exists`,
        'no-database': `ERROR 1046 (3D000) at line ${index + 1}: No database selected`,
        'not-simulated': `podium: this statement is not simulated: ${result.name}`,
      }[result.code]
      output += `${words}\n`
      break
    }
  }
  if (session.hasChanged) save(process, stored)
  return output
}

/** `80036` of `8.0.36`. */
const numberOf = (release: string): number => {
  const [major = 0, minor = 0, patch = 0] = release.split('.').map(Number)
  return major * 10_000 + minor * 100 + patch
}

/** Why MySQL does not open what a later release has written: only patches of one line may be taken back. */
function downgradeProblem(process: Process, flavour: Flavour): string | undefined {
  const { release: found } = load(process)
  if (flavour.product !== 'MySQL' || !isAtLeast(flavour.release, '8.0') || found === '') return undefined
  if (isAtLeast(flavour.release, minorOf(found))) return undefined
  const fail = (code: string, text: string, part?: string) => serverLine(process, flavour, 'ERROR', code, text, part)
  return (
    fail(
      'MY-014061',
      `Invalid MySQL server downgrade: Cannot downgrade from ${numberOf(found)} to ${numberOf(flavour.release)}. Downgrade is only permitted between patch releases.`,
      'InnoDB',
    ) +
    fail('MY-010334', 'Failed to initialize DD Storage Engine') +
    fail('MY-010020', 'Data Dictionary initialization failed.') +
    fail('MY-010119', 'Aborting') +
    stoppedLine(process, flavour)
  )
}

const startingLine = (process: Process, flavour: Flavour): string =>
  flavour.product === 'MySQL' && isAtLeast(flavour.release, '8.0')
    ? serverLine(
        process,
        flavour,
        'System',
        'MY-010116',
        `/usr/sbin/mysqld (mysqld ${flavour.version}) starting as process ${process.pid}`,
      )
    : serverLine(
        process,
        flavour,
        'Note',
        '',
        flavour.product === 'MySQL'
          ? `mysqld (mysqld ${flavour.version}) starting as process ${process.pid} ...`
          : `Starting MariaDB ${flavour.version} as process ${process.pid}`,
      )

const readyLine = (process: Process, flavour: Flavour): string =>
  flavour.product === 'MySQL' && isAtLeast(flavour.release, '8.0')
    ? serverLine(
        process,
        flavour,
        'System',
        'MY-010931',
        `/usr/sbin/mysqld: ready for connections. Version: '${flavour.version}'  socket: '/var/run/mysqld/mysqld.sock'  port: 3306  MySQL Community Server - GPL.`,
      )
    : `${serverLine(process, flavour, 'Note', '', `${flavour.daemon}: ready for connections.`)}Version: '${flavour.version}'  socket: '${flavour.product === 'MySQL' ? '/var' : ''}/run/mysqld/mysqld.sock'  port: 3306  ${flavour.product === 'MySQL' ? 'MySQL Community Server (GPL)' : 'mariadb.org binary distribution'}\n`

function stoppingLine(process: Process, flavour: Flavour): string {
  if (flavour.product === 'MariaDB')
    return serverLine(process, flavour, 'Note', '', `${flavour.daemon} (initiated by: unknown): Normal shutdown`)
  return isAtLeast(flavour.release, '8.0')
    ? serverLine(
        process,
        flavour,
        'System',
        'MY-013172',
        `Received SHUTDOWN from user <via user signal>. Shutting down mysqld (Version: ${flavour.version}).`,
      )
    : serverLine(process, flavour, 'Note', '', 'Giving 0 client threads a chance to die gracefully')
}

const stoppedLine = (process: Process, flavour: Flavour): string =>
  flavour.product === 'MySQL' && isAtLeast(flavour.release, '8.0')
    ? serverLine(
        process,
        flavour,
        'System',
        'MY-010910',
        `/usr/sbin/mysqld: Shutdown complete (mysqld ${flavour.version})  MySQL Community Server - GPL.`,
      )
    : serverLine(process, flavour, 'Note', '', `${flavour.daemon}: Shutdown complete`)

const createServer = (flavour: Flavour): Program => {
  const note = (process: Process, text: string): string => entrypointLine(process, 'Note', text)
  return createDaemon({
    ports: (process) => {
      const option = process.argv.find((arg) => arg.startsWith('--port='))
      return [option ? Number(option.slice(7)) : 3306]
    },
    address: ({ argv }) => argv.find((arg) => arg.startsWith('--bind-address='))?.slice('--bind-address='.length),
    memoryBytes: (flavour.product === 'MySQL' ? 380 : 95) * 1024 * 1024,
    cpuMillis: 8,
    refuse: (process) => {
      if (isInitialized(process)) {
        const problem = downgradeProblem(process, flavour)
        if (problem)
          process.stdout.write(
            note(process, `Entrypoint script for ${flavour.label} started.`) + startingLine(process, flavour),
          )
        return problem
      }
      const said =
        note(process, `Entrypoint script for ${flavour.label} started.`) +
        note(process, `Switching to dedicated user 'mysql'`) +
        note(process, `Entrypoint script for ${flavour.label} started.`)
      if (!passwordSettings.some((name) => setting(process, flavour, name))) {
        process.stdout.write(said)
        const prefix = flavour.prefixes[0]
        return `${entrypointLine(process, 'ERROR', 'Database is uninitialized and password option is not specified')}    You need to specify one of the following as an environment variable:\n    - ${prefix}_ROOT_PASSWORD${flavour.product === 'MariaDB' ? `, ${prefix}_ROOT_PASSWORD_HASH` : ''}\n    - ${prefix}_ALLOW_EMPTY_${flavour.product === 'MariaDB' ? 'ROOT_' : ''}PASSWORD\n    - ${prefix}_RANDOM_ROOT_PASSWORD\n`
      }
      if (setting(process, flavour, 'USER') === 'root') {
        process.stdout.write(said)
        const prefix = flavour.prefixes[0]
        return `${entrypointLine(process, 'ERROR', `${prefix}_USER="root", ${prefix}_USER and ${prefix}_PASSWORD are for configuring a regular user and cannot be used for the root user`)}    Remove ${prefix}_USER="root" and use one of the following to control the root user password:\n    - ${prefix}_ROOT_PASSWORD\n    - ${prefix}_ALLOW_EMPTY_PASSWORD\n    - ${prefix}_RANDOM_ROOT_PASSWORD\n`
      }
      const strangers = process.files.exists(dataDirectory) ? process.files.list(dataDirectory) : []
      if (flavour.product === 'MySQL' && strangers.length > 0) {
        process.stdout.write(said)
        return `${serverLine(process, flavour, 'ERROR', 'MY-010457', '--initialize specified but the data directory has files in it. Aborting.')}${serverLine(process, flavour, 'ERROR', 'MY-010119', 'Aborting')}`
      }
      return undefined
    },
    starting: (process) =>
      note(process, `Entrypoint script for ${flavour.label} started.`) +
      (isInitialized(process) ? '' : note(process, 'Initializing database files')),
    startMs: (process) => (isInitialized(process) ? 1200 : 9000),
    startCpuMs: 600,
    ready: (process) => {
      let text = ''
      if (!isInitialized(process)) {
        initialize(process, flavour)
        text += note(process, 'Database files initialized')
        const database = setting(process, flavour, 'DATABASE')
        const user = setting(process, flavour, 'USER')
        if (database) text += note(process, `Creating database ${database}`)
        if (user) text += note(process, `Creating user ${user}`)
        text += note(process, `${flavour.product} init process done. Ready for start up.`)
      }
      text += startingLine(process, flavour)
      const stored = load(process)
      if (stored.release !== flavour.release) {
        const isUpgrade = stored.release !== '' && isAtLeast(flavour.release, stored.release)
        if (flavour.product === 'MySQL' && isAtLeast(flavour.release, '8.0') && isUpgrade)
          for (const step of ['started', 'completed'])
            text += serverLine(
              process,
              flavour,
              'System',
              'MY-013381',
              `Server upgrade from '${numberOf(stored.release)}' to '${numberOf(flavour.release)}' ${step}.`,
            )
        save(process, { ...stored, release: flavour.release })
      }
      return text + readyLine(process, flavour)
    },
    serve: (process): PortServer => ({ tcp: (input, reply) => reply(answer(process, flavour, input)) }),
    stopping: (process) => stoppingLine(process, flavour),
    stopMs: 1500,
    stopped: (process) => stoppedLine(process, flavour),
    signals: { SIGTERM: 0, SIGQUIT: 0 },
  })
}

interface ClientOptions extends Request {
  host: string
  port: number
  rest: string[]
}

/** Options of mysql, mysqladmin and their MariaDB namesakes. */
function clientOptions(process: Process): ClientOptions {
  const found: ClientOptions = {
    host: 'localhost',
    port: 3306,
    user: process.uid === 0 ? 'root' : 'mysql',
    password: process.env.MYSQL_PWD ?? '',
    rest: [],
  }
  const args = process.argv.slice(1)
  while (args.length) {
    const arg = args.shift()!
    const match = /^(?:-([huPDe])([\s\S]*)|--(host|user|port|database|execute)(?:=([\s\S]*))?)$/.exec(arg)
    if (match) {
      const name = match[1] ?? { host: 'h', user: 'u', port: 'P', database: 'D', execute: 'e' }[match[3]] ?? ''
      const given = match[2] || match[4] || args.shift() || ''
      if (name === 'h') found.host = given
      else if (name === 'u') found.user = given
      else if (name === 'P') found.port = Number(given)
      else if (name === 'D') found.database = given
      else found.sql = given
    } else if (/^-p./.test(arg) || arg.startsWith('--password=')) found.password = arg.replace(/^-p|^--password=/, '')
    else if (arg.startsWith('-')) continue
    else found.rest.push(arg)
  }
  return found
}

function* ask(process: Process, options: ClientOptions) {
  const host = options.host === 'localhost' ? '127.0.0.1' : options.host
  const { user, password, database, sql } = options
  const result = yield* waitFor(
    connectTo(process, host, options.port, JSON.stringify({ user, password, database, sql })),
  )
  if (result.ok) return { output: result.output ?? '' }
  if (options.host === 'localhost')
    return {
      problem: "2002 (HY000): Can't connect to local MySQL server through socket '/var/run/mysqld/mysqld.sock' (2)",
    }
  return {
    problem:
      result.error === 'unknown-host'
        ? `2005 (HY000): Unknown MySQL server host '${host}' (-2)`
        : `2003 (HY000): Can't connect to MySQL server on '${host}:${options.port}' (${result.error === 'refused' ? 111 : result.error === 'timeout' ? 110 : 113})`,
  }
}

const warnOfPassword = (process: Process): void => {
  if (process.argv.some((arg) => /^-p.|^--password=/.test(arg)) && /mysql/.test(process.argv[0]))
    process.stderr.write(
      `${process.argv[0].split('/').pop()}: [Warning] Using a password on the command line interface can be insecure.\n`,
    )
}

const client: Program = function* (process) {
  const options = clientOptions(process)
  options.database ??= options.rest[0]
  warnOfPassword(process)
  options.sql ??= yield* waitFor(process.stdin.readAll())
  const { output, problem } = yield* ask(process, options)
  if (problem !== undefined) {
    process.stderr.write(`ERROR ${problem}\n`)
    return 1
  }
  const failure = /^(?:ERROR |podium: )[^\n]*\n$/m.exec(output)
  const rows = failure ? output.slice(0, failure.index) : output
  process.stdout.write(
    /^-[a-zA-Z]*N|--skip-column-names/m.test(process.argv.join('\n')) ? rows.replace(/^[^\n]*\n/, '') : rows,
  )
  if (failure) process.stderr.write(failure[0])
  return failure ? 1 : 0
}

const admin: Program = function* (process) {
  const options = clientOptions(process)
  const name = process.argv[0].split('/').pop() ?? 'mysqladmin'
  const command = options.rest[0]
  warnOfPassword(process)
  const { output, problem } = yield* ask(process, options)
  if (problem !== undefined) {
    process.stderr.write(
      `${name}: connect to server at '${options.host}' failed\nerror: '${problem.replace(/^\d+ \(HY000\): /, '')}'\n`,
    )
    return 1
  }
  const isDenied = output?.startsWith('ERROR 1045') ?? false
  // A server that refuses the password is alive: ping says so.
  if (isDenied)
    process.stderr.write(
      `${name}: connect to server at '${options.host}' failed\nerror: '${output?.replace(/^ERROR 1045 \(28000\): |\n$/g, '')}'\n`,
    )
  if (isDenied && command !== 'ping') return 1
  if (isDenied) return 0
  if (command === 'ping') process.stdout.write('mysqld is alive\n')
  else if (command === 'status') process.stdout.write('Uptime: 60  Threads: 2  Questions: 5  Slow queries: 0\n')
  return 0
}

/** `healthcheck.sh --connect --innodb_initialized` of the MariaDB image. */
const healthCheck: Program = function* (process) {
  const result = yield* waitFor(connectTo(process, '127.0.0.1', 3306, undefined))
  return result.ok ? 0 : 1
}

/** The image's script: options go to the server; another command runs instead. */
const entrypoint = (flavour: Flavour): Program =>
  function* (process) {
    const given = process.argv.slice(1)
    const argv = given.length === 0 || given[0].startsWith('-') ? [flavour.daemon, ...given] : given
    const wait = process.exec({ argv })
    if (!('error' in wait)) return yield* waitFor(wait)
    process.stderr.write(`/usr/local/bin/docker-entrypoint.sh: line 431: exec: ${argv[0]}: not found\n`)
    return 127
  }

const files = {
  ...debianFiles,
  '/var/lib/mysql/': '',
  '/var/run/mysqld/': '',
  '/etc/mysql/conf.d/': '',
  '/docker-entrypoint-initdb.d/': '',
  '/etc/passwd': `${debianFiles['/etc/passwd']}mysql:x:999:999::/var/lib/mysql:/bin/bash\n`,
}
/** What a program says when it is asked for its version; the words were others before MySQL 8 and MariaDB 11. */
function versionText({ product, release, version }: Flavour, name: string): string {
  const isServer = name.endsWith('d')
  if (product === 'MySQL' && isAtLeast(release, '8.0'))
    return `${isServer ? '/usr/sbin/' : ''}${name}  Ver ${version} for Linux on x86_64 (MySQL Community Server - GPL)\n`
  if (isServer)
    return product === 'MySQL'
      ? `${name}  Ver ${version} for Linux on x86_64 (MySQL Community Server (GPL))\n`
      : `${name}  Ver ${version} for debian-linux-gnu on x86_64 (mariadb.org binary distribution)\n`
  if (product === 'MySQL')
    return `${name}  Ver ${name === 'mysql' ? '14.14' : '8.42'} Distrib ${version}, for Linux (x86_64)${name === 'mysql' ? ' using  EditLine wrapper' : ''}\n`
  if (isAtLeast(release, '11'))
    return `${name} from ${release}-MariaDB, client ${name.endsWith('admin') ? '10.0' : '15.2'} for debian-linux-gnu (x86_64)${name.endsWith('admin') ? '' : ' using  EditLine wrapper'}\n`
  return `${name}  Ver ${name.endsWith('admin') ? '9.1' : '15.1'} Distrib ${release}-MariaDB, for debian-linux-gnu (x86_64)${name.endsWith('admin') ? '' : ' using readline 5.2'}\n`
}

/** A program under its names, which says its version when that is asked for. */
const programsOf = (
  flavour: Flavour,
  directory: string,
  names: readonly string[],
  program: Program,
): Readonly<Record<string, Program>> =>
  Object.fromEntries(
    names.map((name): [string, Program] => [
      `${directory}/${name}`,
      function* (process) {
        if (!process.argv.slice(1).some((word) => word === '--version' || word === '-V')) return yield* program(process)
        process.stdout.write(versionText(flavour, name))
        return 0
      },
    ]),
  )

const image = (
  flavour: Flavour,
  names: { servers: readonly string[]; clients: readonly string[]; admins: readonly string[] },
): Pick<Image, 'entrypoint' | 'cmd' | 'modes' | 'files' | 'programs'> => ({
  entrypoint: ['docker-entrypoint.sh'],
  cmd: [flavour.daemon],
  modes: { '/var/lib/mysql': 0o1777, '/var/run/mysqld': 0o1777 },
  files,
  programs: {
    ...debianPrograms,
    '/usr/local/bin/docker-entrypoint.sh': entrypoint(flavour),
    ...programsOf(flavour, '/usr/sbin', names.servers, createServer(flavour)),
    ...programsOf(flavour, '/usr/bin', names.clients, client),
    ...programsOf(flavour, '/usr/bin', names.admins, admin),
  },
})

const mysqlVersions: Releases = {
  '9.3.0': ['latest', '9', '9.3', '9.3.0'],
  '9.0.1': ['9.0', '9.0.1'],
  '8.4.5': ['lts', '8', '8.4', '8.4.5'],
  '8.0.42': ['8.0', '8.0.42', 'debian'],
  '8.0.36': ['8.0.36'],
  '5.7.44': ['5', '5.7', '5.7.44'],
  '5.6.51': ['5.6', '5.6.51'],
}

export const mysqlReleases: readonly Image[] = eachRelease(mysqlVersions, [], (release) => {
  const flavour = mysqlFlavour(release)
  return {
    ...image(flavour, { servers: ['mysqld'], clients: ['mysql'], admins: ['mysqladmin'] }),
    repositories: ['mysql', 'mysql/mysql-server'],
    sizeBytes: 233_000_000,
    env: {
      MYSQL_VERSION: flavour.packageVersion,
      MYSQL_MAJOR: isAtLeast(release, '9') ? 'innovation' : minorOf(release),
    },
    exposedPorts: isAtLeast(release, '5.7') ? [3306, 33060] : [3306],
  }
})

const mariadbVersions: Releases = {
  '11.8.2': ['latest', 'lts', '11', '11.8', '11.8.2', 'noble'],
  '11.4.7': ['11.4', '11.4.7'],
  '10.11.13': ['10', '10.11', '10.11.13'],
  '10.6.22': ['10.6', '10.6.22'],
  '10.4.34': ['10.4', '10.4.34'],
}

export const mariadbReleases: readonly Image[] = eachRelease(mariadbVersions, [], (release) => {
  const flavour = mariaFlavour(release)
  // From 11 on the image has no programs under their names in MySQL.
  const hasOldNames = !isAtLeast(release, '11')
  const { programs, ...rest } = image(flavour, {
    servers: ['mariadbd', 'mysqld'],
    clients: ['mariadb', ...(hasOldNames ? ['mysql'] : [])],
    admins: ['mariadb-admin', ...(hasOldNames ? ['mysqladmin'] : [])],
  })
  return {
    ...rest,
    repositories: ['mariadb'],
    sizeBytes: 128_000_000,
    base: 'ubuntu:noble',
    env: { MARIADB_VERSION: flavour.packageVersion },
    exposedPorts: [3306],
    programs: { ...programs, '/usr/local/bin/healthcheck.sh': healthCheck },
  }
})
