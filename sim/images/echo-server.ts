/** Servers that answer with a text, or with what they were asked. */
import type { HttpRequest } from '../network/types.ts'
import type { Image, Process, Program } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import { linuxFiles } from './base-files.ts'
import { linuxPrograms } from './programs/busybox.ts'
import { formatDate } from './programs/date-format.ts'
import { listenAddress, listenOrComplain, response, untilSignal } from './programs/web-server.ts'

/** Value of a Go-style flag: `-text=x`, `--text x`. */
function flag(process: Process, name: string): string | undefined {
  for (const [index, arg] of process.argv.entries()) {
    const match = new RegExp(`^--?${name}(?:=([\\s\\S]*))?$`).exec(arg)
    if (match) return match[1] ?? process.argv[index + 1]
  }
  return undefined
}

/** Serves one port until SIGTERM or SIGINT. */
function* serve(
  process: Process,
  { port, isLocal = false }: { port: number; isLocal?: boolean },
  answer: (request: HttpRequest) => { status: number; body: string; type: string },
) {
  process.useMemory(4 * 1024 * 1024)
  process.useCpu(1)
  const close = listenOrComplain(
    process,
    port,
    (request, reply) => {
      const { status, body, type } = answer(request)
      process.stdout.write(
        `${formatDate(process.nowEpochMs(), '%Y/%m/%d %H:%M:%S')} ${request.host} ${request.clientIP ?? ''} "${request.method} ${request.path} HTTP/1.1" ${status} ${body.length}\n`,
      )
      reply(
        response(status, body, {
          'Content-Type': type,
          Date: formatDate(process.nowEpochMs(), '%a, %d %b %Y %H:%M:%S GMT'),
        }),
      )
    },
    (why) => process.stderr.write(`listen tcp :${port}: bind: ${why}\n`),
    isLocal,
  )
  if (!close) return 1
  yield* waitFor(untilSignal(process, ['SIGTERM', 'SIGINT']))
  close()
  return 0
}

const httpEcho: Program = function* (process) {
  const text = flag(process, 'text') ?? process.env.ECHO_TEXT
  if (text === undefined) {
    process.stderr.write('Missing -text option!\n')
    return 127
  }
  const listen = flag(process, 'listen') ?? ':5678'
  const status = Number(flag(process, 'status-code') ?? 200)
  process.stdout.write(
    `${formatDate(process.nowEpochMs(), '%Y/%m/%d %H:%M:%S')} [INFO] server is listening on ${listen}\n`,
  )
  return yield* serve(process, listenAddress(listen), (request) =>
    request.path === '/health'
      ? { status: 200, body: '{"status":"ok"}\n', type: 'application/json' }
      : { status, body: `${text}\n`, type: 'text/plain; charset=utf-8' },
  )
}

/** Tells the request back, with the Pod that answered. */
const describe: Program = function* (process) {
  const port = Number(process.env.PORT ?? (process.argv[0].includes('ealen') ? 80 : 8080))
  process.stdout.write(`Listening on port ${port}.\n`)
  return yield* serve(process, { port }, (request) => {
    const [path, query = ''] = request.path.split('?')
    const wanted = /(?:^|&)echo_code=(\d{3})/.exec(query)
    const headers = Object.entries(request.headers)
      .map(([name, value]) => `\t${name.toLowerCase()}=${value}\n`)
      .join('')
    return {
      status: wanted ? Number(wanted[1]) : 200,
      body: `\n\nHostname: ${process.hostname}\n\nPod Information:\n\tpod IP:\t${process.network.ip}\n\nRequest Information:\n\tclient_address=${request.clientIP ?? ''}\n\tmethod=${request.method}\n\treal path=${path}\n\tquery=${query}\n\trequest_scheme=${request.scheme}\n\trequest_uri=${request.scheme}://${request.host}${request.path}\n\nRequest Headers:\n${headers}\nRequest Body:\n\t${request.body ?? '-no body in request-'}\n\n`,
      type: 'text/plain',
    }
  })
}

/** Tells each request back, and its log, as JSON: what is sent to a webhook can be read there. Source: github.com/mendhak/docker-http-https-echo */
const logging: Program = function* (process) {
  const port = Number(process.env.HTTP_PORT ?? 8080)
  process.stdout.write(`Listening on ports ${port} for http, and 8443 for https.\n`)
  process.useMemory(30 * 1024 * 1024)
  const close = listenOrComplain(
    process,
    port,
    (request, reply) => {
      const [path, query = ''] = request.path.split('?')
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
      )
      const told = {
        ...{ path, headers: { host: request.host, ...headers }, method: request.method, body: request.body ?? '' },
        ...{ hostname: request.host.replace(/:\d+$/, ''), ip: request.clientIP ?? '', protocol: request.scheme },
        query: Object.fromEntries(new URLSearchParams(query)),
        os: { hostname: process.hostname },
        ...jsonOf(request.body),
      }
      process.stdout.write(`${JSON.stringify(told)}\n`)
      reply(response(200, `${JSON.stringify(told, null, 2)}\n`, { 'Content-Type': 'application/json' }))
    },
    (why) => process.stderr.write(`listen EADDRINUSE: ${why} :::${port}\n`),
  )
  if (!close) return 1
  yield* waitFor(untilSignal(process, ['SIGTERM', 'SIGINT']))
  close()
  return 0
}

/** A body that is JSON is told as such, too. */
function jsonOf(body: string | undefined): { json?: unknown } {
  try {
    return body ? { json: JSON.parse(body) } : {}
  } catch {
    return {}
  }
}

const files = linuxFiles

export const echoServers: readonly Image[] = [
  {
    repositories: ['hashicorp/http-echo'],
    tags: ['latest', '1.0', '1.0.0', '0.2.3', 'alpine'],
    sizeBytes: 4_100_000,
    entrypoint: ['/http-echo'],
    exposedPorts: [5678],
    // Built from scratch: it has no shell.
    programs: { '/http-echo': httpEcho },
  },
  {
    repositories: ['ealen/echo-server'],
    tags: ['latest', '0.9.2', '0.7.0', '0.5.1'],
    sizeBytes: 32_000_000,
    base: 'alpine:3.22',
    cmd: ['/bin/ealen-echo'],
    exposedPorts: [80],
    files,
    programs: { ...linuxPrograms, '/bin/ealen-echo': describe },
  },
  {
    repositories: ['echoserver', 'google_containers/echoserver', 'google-containers/echoserver', 'kicbase/echo-server'],
    tags: ['latest', '1.4', '1.10', '1.0'],
    sizeBytes: 46_000_000,
    cmd: ['/bin/echoserver'],
    exposedPorts: [8080],
    files,
    programs: { ...linuxPrograms, '/bin/echoserver': describe },
  },
  {
    repositories: ['mendhak/http-https-echo'],
    tags: ['latest', '37', '36'],
    sizeBytes: 58_000_000,
    base: 'alpine:3.22',
    cmd: ['/bin/http-https-echo'],
    exposedPorts: [8080, 8443],
    files,
    programs: { ...linuxPrograms, '/bin/http-https-echo': logging },
  },
]
