/** Redis and Valkey: listen on 6379, answer their clients, and keep their keys in /data/dump.rdb over a graceful stop. */
import type { PortServer } from '../network/types.ts'
import type { Image, Process, Program } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import { debianFiles, debianPrograms } from './distributions.ts'
import { becomes, createDaemon, stamp } from './programs/daemon.ts'
import { connectTo } from './programs/database-client.ts'
import { eachRelease, isAtLeast, type Releases } from './releases.ts'

interface Server {
  name: 'Redis' | 'Valkey'
  version: string
  /** Of the files that it writes; it reads that one and older ones. */
  dumpVersion: number
  /** The Redis that it has the commands of. */
  redisVersion: string
}

/**
 * The format of dump files by release.
 * Source: https://github.com/redis/redis/blob/unstable/src/rdb.h (RDB_VERSION in each release's branch)
 */
const dumpVersionOf = (redisVersion: string): number =>
  isAtLeast(redisVersion, '7.4') ? 12 : isAtLeast(redisVersion, '7.2') ? 11 : isAtLeast(redisVersion, '7.0') ? 10 : 9

const redisServer = (version: string): Server => ({
  name: 'Redis',
  version,
  dumpVersion: dumpVersionOf(version),
  redisVersion: version,
})
/** Valkey went its own way after Redis 7.2.4, and says so to clients that ask for the version of Redis. */
const valkeyServer = (version: string): Server => ({
  name: 'Valkey',
  version,
  dumpVersion: dumpVersionOf('7.2.4'),
  redisVersion: '7.2.4',
})

const line = (process: Process, sign: string, text: string): string =>
  `${process.pid}:${masterOf(process) ? 'S' : 'M'} ${stamp(process, '%d %b %Y %H:%M:%S.%L')} ${sign} ${text}\n`

/** Value of a directive: an option (`--requirepass x`) wins over the configuration file. */
function directive(process: Process, name: string): string | undefined {
  const args = process.argv.slice(1)
  const at = args.indexOf(`--${name}`)
  if (at >= 0) {
    const words = args.slice(at + 1)
    const end = words.findIndex((word) => word.startsWith('--'))
    return words.slice(0, end < 0 ? undefined : Math.max(end, 1)).join(' ')
  }
  const file = args[0] && !args[0].startsWith('-') ? args[0] : undefined
  if (!file || !process.files.exists(file)) return undefined
  for (const text of process.files.read(file).split('\n')) {
    const [key, ...words] = text.trim().split(/\s+/)
    if (key.toLowerCase() === name) return words.join(' ').replace(/^"(.*)"$/, '$1')
  }
  return undefined
}

const dumpHeader = /^REDIS(\d{4})/

/** The version of the dump file's format, if there is one. */
function foundDumpVersion(process: Process): number | undefined {
  const path = dumpPath(process)
  const header = process.files.exists(path) ? dumpHeader.exec(process.files.read(path)) : null
  return header ? Number(header[1]) : undefined
}

const dumpPath = (process: Process): string => `${directive(process, 'dir') ?? '/data'}/dump.rdb`

/** The keys of a server. They live as long as its process; a file carries them over. */
class Keys {
  readonly values = new Map<string, string>()
  private readonly server: Server

  constructor(server: Server) {
    this.server = server
  }

  load(process: Process): void {
    const path = dumpPath(process)
    if (!process.files.exists(path)) return
    try {
      const saved: unknown = JSON.parse(process.files.read(path).replace(dumpHeader, ''))
      if (typeof saved === 'object' && saved !== null)
        for (const [key, value] of Object.entries(saved)) this.values.set(key, String(value))
    } catch {
      // A file that is none is ignored; the real server would refuse to start.
    }
  }

  save(process: Process): boolean {
    try {
      process.files.write(
        dumpPath(process),
        `REDIS${String(this.server.dumpVersion).padStart(4, '0')}${JSON.stringify(Object.fromEntries(this.values))}`,
      )
      return true
    } catch {
      return false
    }
  }

  /** Answers one command as the wire protocol does. */
  answer(process: Process, words: readonly string[]): string {
    const [name = '', key = '', value = ''] = words
    const master = masterOf(process)
    const bulk = (text: string | undefined): string =>
      text === undefined ? '$-1\r\n' : `$${text.length}\r\n${text}\r\n`
    const known: Record<string, () => string> = {
      ping: () => (key ? bulk(key) : '+PONG\r\n'),
      echo: () => bulk(key),
      set: () => {
        this.values.set(key, value)
        return '+OK\r\n'
      },
      get: () => bulk(this.values.get(key)),
      del: () => `:${words.slice(1).filter((each) => this.values.delete(each)).length}\r\n`,
      exists: () => `:${words.slice(1).filter((each) => this.values.has(each)).length}\r\n`,
      incr: () => {
        const next = Number(this.values.get(key) ?? 0) + 1
        if (Number.isNaN(next)) return '-ERR value is not an integer or out of range\r\n'
        this.values.set(key, String(next))
        return `:${next}\r\n`
      },
      keys: () => `*${this.values.size}\r\n${[...this.values.keys()].sort().map(bulk).join('')}`,
      dbsize: () => `:${this.values.size}\r\n`,
      flushall: () => {
        this.values.clear()
        return '+OK\r\n'
      },
      save: () => (this.save(process) ? '+OK\r\n' : '-ERR\r\n'),
      bgsave: () => (this.save(process) ? '+Background saving started\r\n' : '-ERR\r\n'),
      select: () => '+OK\r\n',
      config: () =>
        key.toLowerCase() === 'get'
          ? `*2\r\n${bulk(value)}${bulk(directive(process, value) ?? (value === 'maxmemory' ? '0' : ''))}`
          : '+OK\r\n',
      info: () =>
        bulk(
          `# Server\r\nredis_version:${this.server.redisVersion}\r\n${this.server.name === 'Valkey' ? `server_name:valkey\r\nvalkey_version:${this.server.version}\r\n` : ''}redis_mode:standalone\r\ntcp_port:6379\r\n# Replication\r\n${master ? `role:slave\r\nmaster_host:${master.host}\r\nmaster_port:${master.port}` : 'role:master'}\r\nconnected_slaves:0\r\n# Keyspace\r\n${this.values.size ? `db0:keys=${this.values.size},expires=0,avg_ttl=0\r\n` : ''}`,
        ),
    }
    return Object.hasOwn(known, name.toLowerCase())
      ? known[name.toLowerCase()]()
      : `-ERR unknown command '${name}', with args beginning with: ${words
          .slice(1)
          .map((word) => `'${word}' `)
          .join('')}\r\n`
  }
}

/** Whom a replica copies; `slaveof` is what it was called before 5.0. */
function masterOf(process: Process): { host: string; port: number } | undefined {
  const [host, port] = (directive(process, 'replicaof') ?? directive(process, 'slaveof') ?? '').split(/\s+/)
  return host && port && `${host} ${port}` !== 'no one' ? { host, port: Number(port) } : undefined
}

/** Commands that read keys, and that write them. */
const reads: ReadonlySet<string> = new Set(['get', 'exists', 'keys', 'dbsize'])
const writes: ReadonlySet<string> = new Set(['set', 'del', 'incr', 'flushall'])

const portOf = (process: Process): number => Number(directive(process, 'port') ?? 6379)

const serverProgram = (server: Server): Program =>
  function* (process) {
    const command = server.name.toLowerCase()
    if (process.argv.some((word) => word === '--version' || word === '-v')) {
      process.stdout.write(
        `${server.name} server v=${server.version} sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=0\n`,
      )
      return 0
    }
    const keys = new Keys(server)
    const password = directive(process, 'requirepass')
    const master = masterOf(process)
    const answerTo = (input: string): string => {
      let isTrusted = !password
      let output = ''
      for (const text of input.split(/\r?\n/).filter(Boolean)) {
        const words = [...text.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map((match) => match[1] ?? match[2])
        if (words[0]?.toLowerCase() === 'auth') {
          isTrusted = words.at(-1) === password
          output += isTrusted ? '+OK\r\n' : '-WRONGPASS invalid username-password pair or user is disabled.\r\n'
        } else if (!isTrusted) output += '-NOAUTH Authentication required.\r\n'
        else if (master && writes.has(words[0]?.toLowerCase() ?? ''))
          output += "-READONLY You can't write against a read only replica.\r\n"
        else output += keys.answer(process, words)
      }
      return output
    }
    // What was a warning until 7.0 is a notice since.
    const notice = isAtLeast(server.redisVersion, '7.2') ? '*' : '#'
    const say = (sign: string, text: string) => line(process, sign, text)
    const sayFirst = (sign: string, text: string) => say(sign, text).replace(/:[MS]/, ':C')
    const greeting = () =>
      sayFirst(notice, `oO0OoO0OoO0Oo ${server.name} is starting oO0OoO0OoO0Oo`) +
      sayFirst(
        notice,
        `${server.name} version=${server.version}, bits=64, commit=00000000, modified=0, pid=${process.pid}, just started`,
      ) +
      (process.argv.length > 1
        ? ''
        : sayFirst(
            '#',
            `Warning: no config file specified, using the default config. In order to specify a config file use ${command}-server /path/to/${command}.conf`,
          ))
    const initialized = () =>
      say('*', `Running mode=standalone, port=${portOf(process)}.`) + say(notice, 'Server initialized')
    return yield* createDaemon({
      ports: () => [portOf(process)],
      address: () => directive(process, 'bind'),
      memoryBytes: 9 * 1024 * 1024,
      cpuMillis: 3,
      startMs: 30,
      // A file of a later release: who goes back to an older one loses the way to the data.
      refuse: () => {
        const found = foundDumpVersion(process)
        if (found === undefined || found <= server.dumpVersion) return undefined
        const why = isAtLeast(server.redisVersion, '7.0')
          ? 'Fatal error loading the DB, check server logs. Exiting.'
          : 'Fatal error loading the DB: Invalid argument. Exiting.'
        process.stdout.write(
          greeting() + initialized() + say('#', `Can't handle RDB format version ${found}`) + say('#', why),
        )
        return { text: '', exitCode: 1 }
      },
      starting: () => {
        keys.load(process)
        return greeting()
      },
      ready: () =>
        initialized() +
        say('*', `Ready to accept connections${isAtLeast(server.redisVersion, '7.2') ? ' tcp' : ''}`) +
        (master
          ? say('*', `Connecting to MASTER ${master.host}:${master.port}`) + say('*', 'MASTER <-> REPLICA sync started')
          : ''),
      // Simplified: a replica asks its master for what it is asked, and has no keys while that is away.
      serve: (): PortServer => ({
        tcp(input, reply) {
          const isRead = input
            .split(/\r?\n/)
            .filter(Boolean)
            .every((text) => reads.has(text.trim().split(/\s/)[0].toLowerCase()))
          if (!master || !input || !isRead || password) return reply(input ? answerTo(input) : '')
          connectTo(process, master.host, master.port, input, 5000).start((result) =>
            reply(result.ok ? (result.output ?? '') : answerTo(input)),
          )
        },
      }),
      stopping: () =>
        `${process.pid}:signal-handler (${Math.floor(process.nowEpochMs() / 1000)}) Received SIGTERM scheduling shutdown...\n${say('*', 'User requested shutdown...')}`,
      stopMs: 100,
      onStop: () => {
        if (directive(process, 'save') === '' || directive(process, 'save') === '""') return
        process.stdout.write(say('*', 'Saving the final RDB snapshot before exiting.'))
        if (keys.save(process)) process.stdout.write(say('*', 'DB saved on disk'))
      },
      stopped: () => say('#', `${server.name} is now ready to exit, bye bye...`),
      signals: { SIGTERM: 0, SIGINT: 0 },
    })(process)
  }

const clientProgram = (server: Server): Program =>
  function* (process) {
    const args = process.argv.slice(1)
    let host = '127.0.0.1'
    let port = 6379
    let password: string | undefined = process.env.REDISCLI_AUTH
    while (args[0]?.startsWith('-')) {
      const option = args.shift()!
      if (option === '-h') host = args.shift() ?? host
      else if (option === '-p') port = Number(args.shift())
      else if (option === '-a' || option === '--pass') password = args.shift()
      else if (option === '-n') args.shift()
      else if (option === '-v' || option === '--version') {
        process.stdout.write(`${server.name.toLowerCase()}-cli ${server.version}\n`)
        return 0
      }
    }
    const commands = args.length
      ? [args.map((word) => (/[\s"]/.test(word) || word === '' ? JSON.stringify(word) : word)).join(' ')]
      : (yield* waitFor(process.stdin.readAll())).split('\n').filter(Boolean)
    if (commands.length === 0) return 0
    const result = yield* waitFor(
      connectTo(process, host, port, [...(password ? [`AUTH ${password}`] : []), ...commands].join('\r\n')),
    )
    if (!result.ok) {
      const why = {
        refused: 'Connection refused',
        timeout: 'Connection timed out',
        'no-route': 'No route to host',
        reset: 'Connection reset by peer',
        'unknown-host': 'Name or service not known',
        'not-tls': 'Protocol error',
        untrusted: 'Protocol error',
      }[result.error]
      process.stderr.write(`Could not connect to ${server.name} at ${host}:${port}: ${why}\n`)
      return 1
    }
    if (password)
      process.stderr.write(
        "Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.\n",
      )
    const output = password ? (result.output ?? '').replace(/^\+OK\r\n/, '') : (result.output ?? '')
    process.stdout.write(readable(output))
    // An error in the answer is no failure of the client: probes that only look at the exit code pass.
    return 0
  }

/** What redis-cli prints of an answer when it does not write to a terminal. */
const readable = (wire: string): string =>
  wire
    .replace(/\$-1\r\n/g, '\n')
    .replace(/\$\d+\r\n([\s\S]*?)\r\n(?=[$*:+-]|$)/g, '$1\n')
    .replace(/^\*\d+\r\n/gm, '')
    .replace(/^[+:-](.*)\r\n/gm, '$1\n')
    .replace(/\r\n/g, '\n')

const redisVersions: Releases = {
  '8.2.1': ['latest', '8', '8.2', '8.2.1'],
  '8.0.3': ['8.0', '8.0.3'],
  '8.0.2': ['8.0.2'],
  '7.4.5': ['7', '7.4', '7.4.5'],
  '7.2.10': ['7.2', '7.2.10'],
  '7.0.15': ['7.0', '7.0.15'],
  '7.0.10': ['7.0.10'],
  '6.2.19': ['6', '6.2', '6.2.19'],
  '6.0.20': ['6.0', '6.0.20'],
  '6.0.5': ['6.0.5'],
  '5.0.14': ['5', '5.0', '5.0.14'],
  '5.0.4': ['5.0.4'],
}

/** Simplified: Valkey has no tags before 7.2 and no 7.4; those stand for the release beside them. */
const valkeyVersions: Releases = {
  '8.1.3': ['latest', '8', '8.1', '8.1.3', '8.2'],
  '8.0.4': ['8.0', '8.0.4'],
  '7.2.10': ['7', '7.2', '7.2.10', '7.4', '7.0', '7.0.10', '6', '6.0', '6.0.5', '6.2', '5', '5.0.4'],
}

const passwd = (name: string, group: number): string =>
  `${debianFiles['/etc/passwd']}${name}:x:999:${group}::/home/${name}:/bin/sh\n`

const build = (server: Server, repositories: readonly string[], commands: readonly string[]): Omit<Image, 'tags'> => ({
  repositories,
  sizeBytes: 49_800_000,
  base: 'debian:bookworm-slim',
  variants: {
    alpine: { base: 'alpine:3.22', sizeBytes: 17_200_000, files: { '/etc/passwd': passwd(commands[0], 1000) } },
  },
  entrypoint: ['docker-entrypoint.sh'],
  cmd: [`${commands[0]}-server`],
  env: { [`${server.name.toUpperCase()}_VERSION`]: server.version },
  workingDir: '/data',
  exposedPorts: [6379],
  modes: { '/data': 0o777 },
  files: {
    ...debianFiles,
    '/data/': '',
    '/etc/passwd': passwd(commands[0], 999),
  },
  programs: {
    ...debianPrograms,
    '/usr/local/bin/docker-entrypoint.sh': becomes(`${commands[0]}-server`),
    ...Object.fromEntries(
      commands.flatMap((command) => [
        [`/usr/local/bin/${command}-server`, serverProgram(server)],
        [`/usr/local/bin/${command}-cli`, clientProgram(server)],
      ]),
    ),
  },
})

export const redisReleases: readonly Image[] = [
  ...eachRelease(redisVersions, ['alpine', 'bookworm'], (version) =>
    build(redisServer(version), ['redis', 'redis/redis-stack-server'], ['redis']),
  ),
  // Valkey's image has its programs under their names in Redis as well.
  ...eachRelease(valkeyVersions, ['alpine', 'bookworm'], (version) =>
    build(valkeyServer(version), ['valkey/valkey'], ['valkey', 'redis']),
  ),
]
