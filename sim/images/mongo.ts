/** MongoDB: listens on 27017 and answers mongosh's ping. Simplified: it keeps no documents. */
import type { Image, Process, Program } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import { debianFiles, debianPrograms } from './distributions.ts'
import { becomes, createDaemon, stamp } from './programs/daemon.ts'
import { connectTo } from './programs/database-client.ts'

const line = (process: Process, component: string, id: number, message: string): string =>
  `${JSON.stringify({ t: { $date: stamp(process, '%Y-%m-%dT%H:%M:%S.%L+00:00') }, s: 'I', c: component, id, ctx: 'initandlisten', msg: message })}\n`

const server = createDaemon({
  ports: (process) => {
    const at = process.argv.indexOf('--port')
    return [at > 0 ? Number(process.argv[at + 1]) : 27017]
  },
  memoryBytes: 170 * 1024 * 1024,
  cpuMillis: 8,
  refuse: ({ env }) =>
    Boolean(env.MONGO_INITDB_ROOT_USERNAME) !== Boolean(env.MONGO_INITDB_ROOT_PASSWORD)
      ? "error: missing 'MONGO_INITDB_ROOT_USERNAME' or 'MONGO_INITDB_ROOT_PASSWORD'\n       both must be specified for a user to be created\n"
      : undefined,
  starting: (process) => line(process, 'CONTROL', 4615611, 'MongoDB starting'),
  startMs: 700,
  startCpuMs: 300,
  ready: (process) => {
    if (process.files.exists('/data/db')) process.files.write('/data/db/WiredTiger', 'WiredTiger\n')
    return `${line(process, 'NETWORK', 23016, 'Waiting for connections')}`
  },
  stopping: (process) => line(process, 'CONTROL', 23377, 'Received signal'),
  stopMs: 200,
  stopped: (process) => line(process, 'CONTROL', 23138, 'Shutting down'),
  serve: () => ({
    tcp: (input, reply) => reply(input === 'ping' ? '{ ok: 1 }' : ''),
    http: (_, reply) =>
      reply({
        status: 200,
        headers: { 'Content-Type': 'text/plain' },
        body: 'It looks like you are trying to access MongoDB over HTTP on the native driver port.\r\n',
      }),
  }),
  signals: { SIGTERM: 0, SIGINT: 0 },
})

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
  else if (/ping|hello|isMaster/.test(script)) process.stdout.write('{ ok: 1 }\n')
  else if (/^\s*(?:show dbs|db\.adminCommand\(.?listDatabases)/.test(script))
    process.stdout.write('admin   40.00 KiB\nconfig  12.00 KiB\nlocal   40.00 KiB\n')
  else if (script.trim()) {
    process.stderr.write('podium: this statement is not simulated\n')
    return 1
  }
  return 0
}

export const mongo: Image = {
  repositories: ['mongo'],
  tags: ['4', '4.0', '4.2', '4.4', '5', '5.0', '6', '6.0', '7', '7.0', '8', '8.0', 'latest', 'noble'],
  sizeBytes: 284_000_000,
  base: 'ubuntu:noble',
  entrypoint: ['docker-entrypoint.sh'],
  cmd: ['mongod'],
  env: { MONGO_VERSION: '8.0.10' },
  exposedPorts: [27017],
  modes: { '/data/db': 0o777 },
  files: { ...debianFiles, '/data/db/': '', '/data/configdb/': '' },
  programs: {
    ...debianPrograms,
    '/usr/local/bin/docker-entrypoint.sh': becomes('mongod'),
    '/usr/bin/mongod': server,
    '/usr/bin/mongosh': shell,
    '/usr/bin/mongo': shell,
  },
}
