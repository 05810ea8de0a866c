/** MongoDB: listens on 27017 and answers mongosh's ping. Simplified: it keeps no documents. */
import type { Image, Process, Program } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import { debianFiles, debianPrograms } from './distributions.ts'
import { becomes, createDaemon, stamp } from './programs/daemon.ts'
import { connectTo } from './programs/database-client.ts'
import { eachRelease, isAtLeast, minorOf, type Releases } from './releases.ts'

/** A line of the log: an object each since 4.4, words before. */
const line = (
  process: Process,
  version: string,
  {
    component,
    id,
    text,
    attr,
    old = text,
  }: { component: string; id: number; text: string; attr?: object; old?: string },
): string =>
  isAtLeast(version, '4.4')
    ? `${JSON.stringify({ t: { $date: stamp(process, '%Y-%m-%dT%H:%M:%S.%L+00:00') }, s: 'I', c: component, id, ctx: 'initandlisten', msg: text, attr })}\n`
    : `${stamp(process, '%Y-%m-%dT%H:%M:%S.%L+0000')} I ${component.padEnd(8)} [initandlisten] ${old}\n`

const server = (version: string): Program =>
  createDaemon({
    ports: (process) => [portOf(process)],
    address: addressesOf,
    memoryBytes: 170 * 1024 * 1024,
    cpuMillis: 8,
    refuse: ({ env }) =>
      Boolean(env.MONGO_INITDB_ROOT_USERNAME) !== Boolean(env.MONGO_INITDB_ROOT_PASSWORD)
        ? "error: missing 'MONGO_INITDB_ROOT_USERNAME' or 'MONGO_INITDB_ROOT_PASSWORD'\n       both must be specified for a user to be created\n"
        : undefined,
    starting: (process) =>
      line(process, version, {
        component: 'CONTROL',
        id: 4615611,
        text: 'MongoDB starting',
        attr: {
          pid: process.pid,
          port: portOf(process),
          dbPath: '/data/db',
          architecture: '64-bit',
          host: process.hostname,
        },
        old: `MongoDB starting : pid=${process.pid} port=${portOf(process)} dbpath=/data/db 64-bit host=${process.hostname}`,
      }) +
      line(process, version, {
        component: 'CONTROL',
        id: 23403,
        text: 'Build Info',
        attr: { buildInfo: { version } },
        old: `db version v${version}`,
      }),
    startMs: 700,
    startCpuMs: 300,
    ready: (process) => {
      if (process.files.exists('/data/db')) process.files.write('/data/db/WiredTiger', 'WiredTiger\n')
      return line(process, version, {
        component: 'NETWORK',
        id: 23016,
        text: 'Waiting for connections',
        attr: { port: portOf(process), ssl: 'off' },
        old: `waiting for connections on port ${portOf(process)}`,
      })
    },
    stopping: (process) =>
      line(process, version, {
        component: 'CONTROL',
        id: 23377,
        text: 'Received signal',
        attr: { signal: 15, error: 'Terminated' },
        old: 'got signal 15 (Terminated), will terminate after current cmd ends',
      }),
    stopMs: 200,
    stopped: (process) =>
      line(process, version, {
        component: 'CONTROL',
        id: 23138,
        text: 'Shutting down',
        attr: { exitCode: 0 },
        old: 'shutting down with code:0',
      }),
    serve: () => ({
      tcp: (input, reply) => reply(input === 'ping' ? `{ ok: 1, version: '${version}' }` : ''),
      http: (_, reply) =>
        reply({
          status: 200,
          headers: { 'Content-Type': 'text/plain' },
          body: 'It looks like you are trying to access MongoDB over HTTP on the native driver port.\r\n',
        }),
    }),
    signals: { SIGTERM: 0, SIGINT: 0 },
  })

const portOf = (process: Process): number => {
  const at = process.argv.indexOf('--port')
  return at > 0 ? Number(process.argv[at + 1]) : 27017
}

const addressesOf = ({ argv }: Process): string | undefined => {
  const at = argv.indexOf('--bind_ip')
  return at > 0 ? argv[at + 1] : argv.find((arg) => arg.startsWith('--bind_ip='))?.slice('--bind_ip='.length)
}

/** The server, or the version when that is asked for. */
const mongod = (version: string): Program =>
  function* (process) {
    if (!process.argv.includes('--version')) return yield* server(version)(process)
    process.stdout.write(`db version v${version}\n`)
    return 0
  }

const shell: Program = function* (process) {
  const args = process.argv.slice(1)
  const address = args.find((arg) => /^mongodb:\/\/|^[\w.-]+(?::\d+)?(?:\/\w*)?$/.test(arg) && !arg.startsWith('-'))
  const match =
    /^(?:mongodb:\/\/(?:[^@/]*@)?)?([\w.-]+):(\d+)/.exec(address ?? '') ??
    /^mongodb:\/\/(?:[^@/]*@)?([\w.-]+)/.exec(address ?? '')
  const host = args.includes('--host') ? args[args.indexOf('--host') + 1] : (match?.[1] ?? '127.0.0.1')
  const port = Number(args.includes('--port') ? args[args.indexOf('--port') + 1] : (match?.[2] ?? 27017))
  const at = args.indexOf('--eval')
  const script = at >= 0 ? args[at + 1] : yield* waitFor(process.stdin.readAll())
  const result = yield* waitFor(connectTo(process, host, port, 'ping', 30_000))
  if (!result.ok) {
    process.stderr.write(
      result.error === 'unknown-host'
        ? `MongoNetworkError: getaddrinfo ENOTFOUND ${host}\n`
        : `MongoNetworkError: connect ${result.error === 'refused' ? 'ECONNREFUSED' : 'ETIMEDOUT'} ${host}:${port}\n`,
    )
    return 1
  }
  if (/\.ok\b/.test(script) && /ping/.test(script)) process.stdout.write('1\n')
  else if (/^\s*(?:print(?:js)?\()?db\.version\(\)/.test(script))
    process.stdout.write(`${/version: '([^']*)'/.exec(result.output ?? '')?.[1] ?? ''}\n`)
  else if (/ping|hello|isMaster/.test(script)) process.stdout.write('{ ok: 1 }\n')
  else if (/^\s*(?:show dbs|db\.adminCommand\(.?listDatabases)/.test(script))
    process.stdout.write('admin   40.00 KiB\nconfig  12.00 KiB\nlocal   40.00 KiB\n')
  else if (script.trim()) {
    process.stderr.write('podium: this statement is not simulated\n')
    return 1
  }
  return 0
}

const releases: Releases = {
  '8.0.12': ['latest', '8', '8.0', '8.0.12', 'noble'],
  '7.0.22': ['7', '7.0', '7.0.22'],
  '6.0.25': ['6', '6.0', '6.0.25'],
  '5.0.31': ['5', '5.0', '5.0.31'],
  '4.4.29': ['4', '4.4', '4.4.29'],
  '4.2.24': ['4.2', '4.2.24'],
  '4.0.28': ['4.0', '4.0.28'],
}

/** The shell `mongo` was replaced by `mongosh`; only 5.0 has both. */
const shells = (version: string): Readonly<Record<string, Program>> => ({
  ...(isAtLeast(version, '5.0') && { '/usr/bin/mongosh': shell }),
  ...(!isAtLeast(version, '6.0') && { '/usr/bin/mongo': shell }),
})

export const mongoReleases: readonly Image[] = eachRelease(releases, [], (version) => ({
  repositories: ['mongo'],
  sizeBytes: 284_000_000,
  base: 'ubuntu:noble',
  entrypoint: ['docker-entrypoint.sh'],
  cmd: ['mongod'],
  env: { MONGO_MAJOR: minorOf(version), MONGO_VERSION: version },
  exposedPorts: [27017],
  modes: { '/data/db': 0o777 },
  files: { ...debianFiles, '/data/db/': '', '/data/configdb/': '' },
  programs: {
    ...debianPrograms,
    '/usr/local/bin/docker-entrypoint.sh': becomes('mongod'),
    '/usr/bin/mongod': mongod(version),
    ...shells(version),
  },
}))
