/** memcached: says nothing, listens on 11211, and forgets all when it ends. */
import type { Image, Program } from '../runtime/process.ts'
import { debianFiles, debianPrograms } from './distributions.ts'
import { becomes, createDaemon } from './programs/daemon.ts'
import { eachRelease, type Releases } from './releases.ts'

/** The command that prints the version, and else the server. */
const program = (version: string): Program =>
  function* (process) {
    if (!process.argv.some((word) => word === '-V' || word === '--version')) return yield* server(version)(process)
    process.stdout.write(`memcached ${version}\n`)
    return 0
  }

const server = (version: string): Program =>
  createDaemon({
    ports: (process) => {
      const at = process.argv.indexOf('-p')
      return [at > 0 ? Number(process.argv[at + 1]) : 11211]
    },
    memoryBytes: 3 * 1024 * 1024,
    cpuMillis: 1,
    startMs: 10,
    ready: '',
    serve: (process) => {
      const values = new Map<string, string>()
      return {
        tcp(input, reply) {
          const lines = input.split(/\r?\n/)
          let output = ''
          for (let at = 0; at < lines.length; at++) {
            const [command, key] = lines[at].split(' ')
            if (command === 'set' || command === 'add') {
              values.set(key, lines[++at] ?? '')
              output += 'STORED\r\n'
            } else if (command === 'get') {
              const value = values.get(key)
              output += `${value === undefined ? '' : `VALUE ${key} 0 ${value.length}\r\n${value}\r\n`}END\r\n`
            } else if (command === 'delete') output += values.delete(key) ? 'DELETED\r\n' : 'NOT_FOUND\r\n'
            else if (command === 'version') output += `VERSION ${version}\r\n`
            else if (command === 'stats')
              output += `STAT pid ${process.pid}\r\nSTAT version ${version}\r\nSTAT curr_items ${values.size}\r\nEND\r\n`
            else if (command === 'quit') break
            else if (command) output += 'ERROR\r\n'
          }
          reply(output)
        },
      }
    },
    stopping: 'Signal handled: Terminated.\n',
    signals: { SIGTERM: 0, SIGINT: 0 },
  })

const releases: Releases = {
  '1.6.38': ['latest', '1', '1.6', '1.6.38'],
  '1.5.22': ['1.5', '1.5.22'],
}

export const memcachedReleases: readonly Image[] = eachRelease(releases, ['alpine'], (version) => ({
  repositories: ['memcached'],
  sizeBytes: 32_000_000,
  base: 'debian:bookworm-slim',
  variants: { alpine: { base: 'alpine:3.22', sizeBytes: 9_900_000 } },
  entrypoint: ['docker-entrypoint.sh'],
  cmd: ['memcached'],
  env: { MEMCACHED_VERSION: version },
  user: 'memcache',
  exposedPorts: [11211],
  files: {
    ...debianFiles,
    '/etc/passwd': `${debianFiles['/etc/passwd']}memcache:x:11211:11211::/home/memcache:/bin/sh\n`,
  },
  programs: {
    ...debianPrograms,
    '/usr/local/bin/docker-entrypoint.sh': becomes('memcached'),
    '/usr/local/bin/memcached': program(version),
  },
}))
