/** The guestbook of the tutorials: a page in PHP that keeps its messages in Redis, and the followers of that Redis. */
import type { Image, Process } from '../runtime/process.ts'
import { debianFiles, debianPrograms } from './distributions.ts'
import { becomes, createDaemon, stamp } from './programs/daemon.ts'
import { connectTo } from './programs/database-client.ts'
import { response } from './programs/web-server.ts'
import { redisReleases } from './redis.ts'

const page =
  '<html ng-app="redis">\n  <head>\n    <title>Guestbook</title>\n  </head>\n  <body ng-controller="RedisCtrl">\n    <h2>Guestbook</h2>\n  </body>\n</html>\n'

/** Whom the page writes to and reads from: the names of the Services, which were others before version 5. */
interface Stores {
  writesTo: string
  readsFrom: string
}

const hostOf = ({ env }: Process, service: string): string =>
  env.GET_HOSTS_FROM === 'env' ? (env[`${service.replace('-', '_').toUpperCase()}_SERVICE_HOST`] ?? service) : service

/** Simplified: each version says the same PHP in its log. */
const frontendServer = ({ writesTo, readsFrom }: Stores) =>
  createDaemon({
    ports: [80],
    memoryBytes: 14 * 1024 * 1024,
    cpuMillis: 1,
    logsTo: 'stderr',
    startMs: 100,
    starting: (process) =>
      `AH00558: apache2: Could not reliably determine the server's fully qualified domain name, using ${process.network.ip}. Set the 'ServerName' directive globally to suppress this message\n`,
    ready: (process) => {
      const at = stamp(process, '%a %b %d %H:%M:%S.%L000 %Y')
      return `[${at}] [mpm_prefork:notice] [pid ${process.pid}] AH00163: Apache/2.4.10 (Debian) PHP/5.6.20 configured -- resuming normal operations\n[${at}] [core:notice] [pid ${process.pid}] AH00094: Command line: 'apache2 -D FOREGROUND'\n`
    },
    serve: (process) => ({
      http(request, reply) {
        const { pathname, searchParams } = new URL(request.path, 'http://guestbook')
        if (pathname === '/' || pathname === '/index.html')
          return reply(response(200, page, { 'Content-Type': 'text/html' }))
        if (pathname !== '/guestbook.php')
          return reply(response(404, '<title>404 Not Found</title>\n', { 'Content-Type': 'text/html' }))
        const isSet = searchParams.get('cmd') === 'set'
        const key = searchParams.get('key') ?? ''
        const command = isSet ? `SET ${key} ${JSON.stringify(searchParams.get('value') ?? '')}` : `GET ${key}`
        connectTo(process, hostOf(process, isSet ? writesTo : readsFrom), 6379, command, 5000).start((result) => {
          if (!result.ok) return reply(response(500, ''))
          const value = /^\$\d+\r\n([\s\S]*)\r\n$/.exec(result.output ?? '')?.[1] ?? ''
          const body = isSet ? '{"message": "Updated"}' : `{"data": "${value}"}`
          reply(response(200, body, { 'Content-Type': 'application/json' }))
        })
      },
    }),
    stopping: (process) =>
      `[${stamp(process, '%a %b %d %H:%M:%S.%L000 %Y')}] [mpm_prefork:notice] [pid ${process.pid}] AH00170: caught SIGWINCH, shutting down gracefully\n`,
    stopMs: 100,
    signals: { SIGWINCH: 0, SIGTERM: 0 },
  })

const names = (name: string): readonly string[] => [
  `google-samples/containers/gke/${name}`,
  `google-samples/${name}`,
  `google_samples/${name}`,
]

const frontend = (tags: readonly string[], stores: Stores): Image => ({
  repositories: names('gb-frontend'),
  tags,
  sizeBytes: 180_000_000,
  cmd: ['apache2-foreground'],
  workingDir: '/var/www/html',
  exposedPorts: [80],
  stopSignal: 'SIGWINCH',
  files: { ...debianFiles, '/var/www/html/index.html': page, '/var/www/html/guestbook.php': '<?php\n' },
  programs: {
    ...debianPrograms,
    '/usr/local/bin/docker-php-entrypoint': becomes('apache2-foreground'),
    '/usr/local/bin/apache2-foreground': frontendServer(stores),
  },
})

/** Its script is the first process and has no handler: it ends when it is killed. */
const follower = (tags: readonly string[]): Image => {
  const redis = redisReleases.find(
    ({ repositories, tags: known }) => repositories.includes('redis') && known.includes('6.0.5'),
  )!
  return {
    ...redis,
    repositories: names('gb-redis-follower'),
    tags,
    cmd: ['/bin/sh', '-c', '/run.sh'],
    files: {
      ...redis.files,
      '/run.sh': `#!/bin/bash
if [ "\${GET_HOSTS_FROM:-dns}" = env ]; then
  redis-server --slaveof \${REDIS_LEADER_SERVICE_HOST} 6379
else
  redis-server --slaveof redis-leader 6379
fi
`,
    },
  }
}

export const guestbookImages: readonly Image[] = [
  frontend(['v5'], { writesTo: 'redis-leader', readsFrom: 'redis-follower' }),
  frontend(['v3', 'v4'], { writesTo: 'redis-master', readsFrom: 'redis-slave' }),
  follower(['v1', 'v2']),
]
