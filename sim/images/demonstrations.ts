/** Small servers of tutorials: they tell who answered, or say hello. */
import type { HttpRequest } from '../network/types.ts'
import type { Image, Process, Program } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import { linuxFiles } from './base-files.ts'
import { linuxPrograms } from './programs/busybox.ts'
import { createDaemon, stamp } from './programs/daemon.ts'
import { response } from './programs/web-server.ts'
import type { Releases } from './releases.ts'

/** A server of one text a path; `*` is every other path. */
const hello = (
  port: number | ((process: Process) => number),
  ready: (process: Process, port: number) => string,
  answers: Readonly<Record<string, (process: Process, request: HttpRequest) => string>>,
  more: { memoryBytes?: number; cpuMsPerRequest?: number; signals?: Readonly<Record<string, number>> } = {},
): Program => {
  const portOf = (process: Process): number => (typeof port === 'number' ? port : port(process))
  return createDaemon({
    ports: (process) => [portOf(process)],
    memoryBytes: more.memoryBytes ?? 8 * 1024 * 1024,
    cpuMillis: 1,
    logsTo: 'stderr',
    ready: (process) => ready(process, portOf(process)),
    serve: (process) => ({
      http(request, reply) {
        const answer = Object.hasOwn(answers, request.path.split('?')[0])
          ? answers[request.path.split('?')[0]]
          : answers['*']
        const send = (): void =>
          reply(
            answer
              ? response(200, answer(process, request), { 'Content-Type': 'text/plain; charset=utf-8' })
              : response(404, '404 page not found\n'),
          )
        if (more.cpuMsPerRequest) process.work(more.cpuMsPerRequest, send)
        else send()
      },
    }),
    signals: more.signals ?? { SIGTERM: 0, SIGINT: 0 },
  })
}

const goStamp = (process: Process): string => stamp(process, '%Y/%m/%d %H:%M:%S')
const portFromEnv =
  (fallback: number) =>
  ({ env }: Process): number =>
    Number(env.PORT) || Number(env.WHOAMI_PORT_NUMBER) || fallback

const whoami = hello(
  portFromEnv(80),
  (process, port) => `${goStamp(process)} Starting up on port ${port}\n`,
  {
    '/health': () => '',
    '*': (process, request) =>
      `Hostname: ${process.hostname}\nIP: 127.0.0.1\nIP: ${process.network.ip}\nRemoteAddr: ${request.clientIP ?? '127.0.0.1'}:40000\n${request.method} ${request.path} HTTP/1.1\nHost: ${request.host}\n${Object.entries(
        request.headers,
      )
        .map(([name, value]) => `${name}: ${value}\n`)
        .join('')}\n`,
  },
  { signals: { SIGTERM: 2, SIGINT: 2 } },
)

const helloApp = (version: string): Program =>
  hello(
    portFromEnv(8080),
    (process, port) => `${goStamp(process)} Server listening on port ${port}\n`,
    {
      '*': (process) => `Hello, world!\nVersion: ${version}\nHostname: ${process.hostname}\n`,
    },
    { signals: { SIGTERM: 2, SIGINT: 2 } },
  )

/** An nginx that hands each request on to the Service `hello`. It ends at once where there is no such name. */
const helloFrontend: Program = function* (process) {
  if (process.argv.includes('-s')) return process.kill(1, process.argv.includes('quit') ? 'SIGQUIT' : 'SIGTERM') ? 0 : 1
  const addresses = yield* waitFor<readonly string[]>({
    start: (resume) => process.network.resolve('hello', resume),
  })
  if (addresses.length === 0) {
    const why = '[emerg] 1#1: host not found in upstream "hello" in /etc/nginx/conf.d/frontend.conf:2'
    process.stderr.write(`${goStamp(process)} ${why}\nnginx: ${why.replace(' 1#1:', '')}\n`)
    return 1
  }
  return yield* createDaemon({
    ports: [80],
    memoryBytes: 4 * 1024 * 1024,
    cpuMillis: 1,
    ready: '',
    serve: () => ({
      http(request, reply) {
        const upstream = { ...request, host: 'Backend', clientIP: undefined }
        process.network.http({ host: addresses[0], port: 80 }, upstream, 60_000, (result) =>
          reply(result.ok ? result.response : response(502, '<title>502 Bad Gateway</title>\n')),
        )
      },
    }),
    signals: { SIGTERM: 0, SIGINT: 0, SIGQUIT: 0 },
  })(process)
}

const one = (
  repositories: readonly string[],
  tags: readonly string[],
  sizeBytes: number,
  port: number,
  path: string,
  program: Program,
  hasShell = false,
): Image => ({
  repositories,
  tags,
  sizeBytes,
  entrypoint: [path],
  exposedPorts: [port],
  ...(hasShell ? { files: linuxFiles } : {}),
  programs: { ...(hasShell ? linuxPrograms : {}), [path]: program },
})

const podinfoVersions: Releases = {
  '6.9.0': ['latest', '6.9.0'],
  '6.7.0': ['6.7.0'],
  '6.5.0': ['6.5.0'],
  '6.0.0': ['6.0.0'],
}

export const demonstrations: readonly Image[] = [
  one(
    ['traefik/whoami', 'containous/whoami', 'jwilder/whoami'],
    ['latest', 'v1.10', 'v1.11', 'v1.5.0'],
    2_800_000,
    80,
    '/whoami',
    whoami,
  ),
  one(
    ['google-samples/hello-app', 'google-samples/hello-app-v1'],
    ['1.0'],
    6_500_000,
    8080,
    '/hello-app',
    helloApp('1.0.0'),
  ),
  one(
    ['google-samples/hello-app', 'google-samples/hello-app-v2'],
    ['2.0'],
    6_500_000,
    8080,
    '/hello-app',
    helloApp('2.0.0'),
  ),
  one(
    ['google-samples/hello-go-gke'],
    ['1.0'],
    4_300_000,
    80,
    '/usr/local/bin/hello',
    hello(80, () => '', { '*': () => '{"message":"Hello"}\n' }, { signals: { SIGTERM: 2, SIGINT: 2 } }),
  ),
  {
    repositories: ['google-samples/hello-frontend'],
    tags: ['1.0'],
    sizeBytes: 45_000_000,
    cmd: ['nginx', '-g', 'daemon off;'],
    exposedPorts: [80],
    files: linuxFiles,
    programs: { ...linuxPrograms, '/usr/sbin/nginx': helloFrontend },
  },
  // A Node server without a handler for SIGTERM: as PID 1 it ignores it, and is killed after the grace period.
  one(
    ['google-samples/node-hello', 'google-samples/hello-node'],
    ['1.0', 'latest'],
    260_000_000,
    8080,
    '/bin/server',
    hello(
      8080,
      () => '',
      { '*': () => 'Hello Kubernetes!' },
      { memoryBytes: 40 * 1024 * 1024, signals: { SIGUSR2: 0 } },
    ),
    true,
  ),
  ...Object.entries({ 1: ['v1', 'latest'], 2: ['v2'] }).map(([version, tags]) =>
    one(
      ['google-samples/kubernetes-bootcamp', 'kubernetes-bootcamp', 'jocatalin/kubernetes-bootcamp'],
      tags,
      83_000_000,
      8080,
      '/bin/server',
      hello(
        8080,
        () => 'Kubernetes Bootcamp App Started\n',
        {
          '*': (process) => `Hello Kubernetes bootcamp! | Running on: ${process.hostname} | v=${version}\n`,
        },
        { memoryBytes: 40 * 1024 * 1024, signals: { SIGUSR2: 0 } },
      ),
      true,
    ),
  ),
  one(
    ['nginxdemos/hello'],
    ['latest', 'plain-text', '0.3', '0.4'],
    17_000_000,
    80,
    '/bin/hello',
    hello(80, () => '', {
      '*': (process, request) =>
        `Server address: ${process.network.ip}:80\nServer name: ${process.hostname}\nURI: ${request.path}\n`,
    }),
    true,
  ),
  ...Object.entries(podinfoVersions).map(([version, tags]) =>
    one(
      ['stefanprodan/podinfo'],
      tags,
      29_000_000,
      9898,
      '/podinfo',
      hello(9898, () => '{"level":"info","msg":"Starting HTTP Server.","addr":":9898"}\n', {
        '/healthz': () => '{"status": "OK"}',
        '/readyz': () => '{"status": "OK"}',
        '*': (process) =>
          `{\n  "hostname": "${process.hostname}",\n  "version": "${version}",\n  "message": "greetings from podinfo v${version}"\n}`,
      }),
      true,
    ),
  ),
  one(
    ['hpa-example'],
    ['latest'],
    180_000_000,
    80,
    '/usr/sbin/apache2',
    hello(80, () => '', { '*': () => 'OK!' }, { memoryBytes: 12 * 1024 * 1024, cpuMsPerRequest: 60 }),
    true,
  ),
  one(
    ['goproxy', 'google-containers/goproxy'],
    ['0.1'],
    1_700_000,
    8080,
    '/goproxy',
    hello(8080, () => '', { '*': () => '' }, { signals: { SIGTERM: 2, SIGINT: 2 } }),
  ),
  {
    repositories: ['hello-world'],
    tags: ['latest', 'linux'],
    sizeBytes: 3_000,
    cmd: ['/hello'],
    programs: {
      *'/hello'(process) {
        yield* []
        process.stdout.write(
          '\nHello from Docker!\nThis message shows that your installation appears to be working correctly.\n\n',
        )
        return 0
      },
    },
  },
]
