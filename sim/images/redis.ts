/** Redis: listens on 6379, answers redis-cli, and keeps its keys in /data/dump.rdb over a graceful stop. */
import type { PortServer } from '../network/types.ts'
import type { Image, Process, Program } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import { debianFiles, debianPrograms } from './distributions.ts'
import { becomes, createDaemon, stamp } from './programs/daemon.ts'
import { connectTo } from './programs/database-client.ts'

const version = '8.0.3'
const line = (process: Process, sign: string, text: string): string =>
  `${process.pid}:M ${stamp(process, '%d %b %Y %H:%M:%S.%L')} ${sign} ${text}\n`

/** Value of a directive: an option (`--requirepass x`) wins over the configuration file. */
function directive(process: Process, name: string): string | undefined {
  const args = process.argv.slice(1)
  const at = args.indexOf(`--${name}`)
  if (at >= 0) return args[at + 1]
  const file = args[0] && !args[0].startsWith('-') ? args[0] : undefined
  if (!file || !process.files.exists(file)) return undefined
  for (const text of process.files.read(file).split('\n')) {
    const [key, ...words] = text.trim().split(/\s+/)
    if (key.toLowerCase() === name) return words.join(' ').replace(/^"(.*)"$/, '$1')
  }
  return undefined
}

const dumpPath = (process: Process): string => `${directive(process, 'dir') ?? '/data'}/dump.rdb`

/** The keys of a server. They live as long as its process; a file carries them over. */
class Keys {
  readonly values = new Map<string, string>()

  load(process: Process): void {
    const path = dumpPath(process)
    if (!process.files.exists(path)) return
    try {
      const saved: unknown = JSON.parse(process.files.read(path).replace(/^REDIS0012/, ''))
      if (typeof saved === 'object' && saved !== null)
        for (const [key, value] of Object.entries(saved)) this.values.set(key, String(value))
    } catch {
      // A file that is none is ignored; the real server would refuse to start.
    }
  }

  save(process: Process): boolean {
    try {
      process.files.write(dumpPath(process), `REDIS0012${JSON.stringify(Object.fromEntries(this.values))}`)
      return true
    } catch {
      return false
    }
  }

  /** Answers one command as the wire protocol does. */
  answer(process: Process, words: readonly string[]): string {
    const [name = '', key = '', value = ''] = words
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
          `# Server\r\nredis_version:${version}\r\nredis_mode:standalone\r\ntcp_port:6379\r\n# Replication\r\nrole:master\r\nconnected_slaves:0\r\n# Keyspace\r\n${this.values.size ? `db0:keys=${this.values.size},expires=0,avg_ttl=0\r\n` : ''}`,
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

const portOf = (process: Process): number => Number(directive(process, 'port') ?? 6379)

const server: Program = function* (process) {
  const keys = new Keys()
  const password = directive(process, 'requirepass')
  const answerTo = (input: string): string => {
    let isTrusted = !password
    let output = ''
    for (const text of input.split(/\r?\n/).filter(Boolean)) {
      const words = [...text.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map((match) => match[1] ?? match[2])
      if (words[0]?.toLowerCase() === 'auth') {
        isTrusted = words.at(-1) === password
        output += isTrusted ? '+OK\r\n' : '-WRONGPASS invalid username-password pair or user is disabled.\r\n'
      } else output += isTrusted ? keys.answer(process, words) : '-NOAUTH Authentication required.\r\n'
    }
    return output
  }
  const say = (sign: string, text: string) => line(process, sign, text)
  return yield* createDaemon({
    ports: () => [portOf(process)],
    memoryBytes: 9 * 1024 * 1024,
    cpuMillis: 3,
    startMs: 30,
    starting: () => {
      keys.load(process)
      return (
        line(process, '*', 'oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo').replace(':M', ':C') +
        line(
          process,
          '*',
          `Redis version=${version}, bits=64, commit=00000000, modified=0, pid=${process.pid}, just started`,
        ).replace(':M', ':C') +
        (process.argv.length > 1
          ? ''
          : line(
              process,
              '#',
              'Warning: no config file specified, using the default config. In order to specify a config file use redis-server /path/to/redis.conf',
            ).replace(':M', ':C'))
      )
    },
    ready: () =>
      `${say('*', `Running mode=standalone, port=${portOf(process)}.`)}${say('*', 'Server initialized')}${say('*', 'Ready to accept connections tcp')}`,
    serve: (): PortServer => ({ tcp: (input, reply) => reply(input ? answerTo(input) : '') }),
    stopping: () =>
      `${process.pid}:signal-handler (${Math.floor(process.nowEpochMs() / 1000)}) Received SIGTERM scheduling shutdown...\n${say('*', 'User requested shutdown...')}`,
    stopMs: 100,
    onStop: () => {
      if (directive(process, 'save') === '' || directive(process, 'save') === '""') return
      process.stdout.write(say('*', 'Saving the final RDB snapshot before exiting.'))
      if (keys.save(process)) process.stdout.write(say('*', 'DB saved on disk'))
    },
    stopped: () => say('#', 'Redis is now ready to exit, bye bye...'),
    signals: { SIGTERM: 0, SIGINT: 0 },
  })(process)
}

const cli: Program = function* (process) {
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
      process.stdout.write(`redis-cli ${version}\n`)
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
    process.stderr.write(`Could not connect to Redis at ${host}:${port}: ${why}\n`)
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

const tags = ['5', '6', '6.0', '6.2', '7', '7.0', '7.2', '7.4', '8', '8.0', '8.2']

export const redis: Image = {
  repositories: ['redis', 'valkey/valkey', 'redis/redis-stack-server'],
  tags: ['latest', 'alpine', 'bookworm', '5.0.4', '6.0.5', '7.0.10', ...tags, ...tags.map((tag) => `${tag}-alpine`)],
  sizeBytes: 49_800_000,
  base: 'debian:bookworm-slim',
  variants: { alpine: { base: 'alpine:3.22', sizeBytes: 17_200_000 } },
  entrypoint: ['docker-entrypoint.sh'],
  cmd: ['redis-server'],
  env: { REDIS_VERSION: version },
  workingDir: '/data',
  exposedPorts: [6379],
  modes: { '/data': 0o777 },
  files: {
    ...debianFiles,
    '/data/': '',
    '/etc/passwd': `${debianFiles['/etc/passwd']}redis:x:999:999::/home/redis:/bin/sh\n`,
  },
  programs: {
    ...debianPrograms,
    '/usr/local/bin/docker-entrypoint.sh': becomes('redis-server'),
    '/usr/local/bin/redis-server': server,
    '/usr/local/bin/redis-cli': cli,
  },
}
