/** agnhost, the image of Kubernetes' own tests: netexec, liveness, serve-hostname, pause and their kin. Source: kubernetes/test/images/agnhost */
import type { HttpRequest, HttpResponse } from '../network/types.ts'
import { createOutput } from '../runtime/pipe.ts'
import type { Image, Process, Program } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import { webhook } from './agnhost-webhook.ts'
import { linuxFiles } from './base-files.ts'
import { linuxPrograms } from './programs/busybox.ts'
import { signalWithin, stamp } from './programs/daemon.ts'
import { curl } from './programs/network.ts'
import { parseDuration, type Run } from './programs/support.ts'
import { listenOrComplain, response, untilSignal } from './programs/web-server.ts'

const log = (process: Process, text: string): void =>
  process.stderr.write(`${stamp(process, '%Y/%m/%d %H:%M:%S')} ${text}\n`)

/** Value of `--name=value` or `--name value`. */
function flag(process: Process, name: string): string | undefined {
  for (const [index, arg] of process.argv.entries()) {
    if (arg.startsWith(`--${name}=`)) return arg.slice(name.length + 3)
    if (arg === `--${name}`) return process.argv[index + 1]
  }
  return undefined
}

function parameters(request: HttpRequest): { path: string; get: (name: string) => string } {
  const [path, query = ''] = request.path.split('?')
  const values = new Map<string, string>()
  for (const pair of query.split('&')) {
    const [name, value = ''] = pair.split('=')
    try {
      values.set(name, decodeURIComponent(value.replaceAll('+', ' ')))
    } catch {
      values.set(name, value)
    }
  }
  return { path, get: (name) => values.get(name) ?? '' }
}

/** A Go program without a handler of its own: the runtime tries to die of the signal, which PID 1 can't, and exits 2. */
const goSignals = ['SIGTERM', 'SIGINT'] as const
const text = (status: number, body: string): HttpResponse =>
  response(status, body, { 'Content-Type': 'text/plain; charset=utf-8' })

/** A moment as Go prints it: without zeros at the end, and with the time since the program's start. Source: time.Time.String */
function goTime(process: Process, startedMs: number): string {
  const [now, fraction] = stamp(process, '%Y-%m-%d %H:%M:%S %L').split(/ (?=\d+$)/)
  const kept = fraction.replace(/0+$/, '')
  const sinceMs = Math.floor(process.nowEpochMs() - startedMs)
  return `${now}${kept && `.${kept}`} +0000 UTC m=+${(sinceMs / 1000).toFixed(3)}000000`
}

function* netexec(process: Process): Run {
  const startedMs = process.nowEpochMs()
  const port = Number(flag(process, 'http-port') ?? 8080)
  let exit: ((code: number) => void) | undefined
  const shellRequests: { command: string; reply: (answer: HttpResponse) => void }[] = []
  let wake: (() => void) | undefined
  const answer = (request: HttpRequest, reply: (answer: HttpResponse) => void): void => {
    const { path, get } = parameters(request)
    const paths: Record<string, () => HttpResponse | undefined> = {
      '/': () => text(200, `NOW: ${goTime(process, startedMs)}`),
      '/clientip': () => text(200, `${request.clientIP ?? '127.0.0.1'}:40000`),
      '/echo': () => text(Number(get('code')) || 200, get('msg')),
      '/healthz': () => text(200, ''),
      '/hostname': () => text(200, process.hostname),
      '/hostName': () => text(200, process.hostname),
      '/header': () => text(200, request.headers[get('key')] ?? ''),
      '/redirect': () => ({ ...text(Number(get('code')) || 302, ''), headers: { Location: get('location') } }),
      '/exit': () => {
        const waitMs = parseDuration(get('wait') || '0') ?? 0
        log(
          process,
          `Will begin shutdown in ${get('wait') || '0s'}, allowing ${get('timeout') || '0s'} for connections to close, then will exit with ${get('code') || 0}`,
        )
        process.sleep(waitMs).start(() => exit?.(Number(get('code')) || 0))
        return undefined
      },
      '/shutdown': () => {
        exit?.(0)
        return undefined
      },
      '/shell': () => {
        shellRequests.push({ command: get('shellCommand') || get('cmd'), reply })
        wake?.()
        return undefined
      },
    }
    log(process, `GET ${request.path}`)
    const found = Object.hasOwn(paths, path)
      ? paths[path]()
      : text(200, `NOW: ${stamp(process, '%Y-%m-%d %H:%M:%S +0000 UTC')}`)
    if (found) reply(found)
  }
  const close = listenOrComplain(process, port, answer, (why) => log(process, `listen tcp :${port}: bind: ${why}`))
  if (!close) return 1
  log(process, `Started HTTP server on port ${port}`)
  const udpPort = Number(flag(process, 'udp-port') ?? 8081)
  if (udpPort > 0) {
    const datagrams = process.network.listen(udpPort, { udp: answerDatagram(process) }, 'UDP')
    if (!('error' in datagrams)) log(process, `Started UDP server on port  ${udpPort}`)
  }
  const delayMs = Number(flag(process, 'delay-shutdown') ?? 0) * 1000
  for (;;) {
    const outcome = yield* waitFor<number | 'shell' | 'signal'>({
      start(resume) {
        exit = resume
        wake = () => resume('shell')
        for (const signal of goSignals) process.onSignal(signal, () => resume('signal'))
        if (shellRequests.length) resume('shell')
        return () => {}
      },
    })
    if (outcome === 'signal') {
      if (delayMs > 0) {
        log(process, `Sleeping ${delayMs / 1000} seconds before terminating...`)
        yield* waitFor(process.sleep(delayMs))
      }
      close()
      return delayMs > 0 ? 0 : 2
    }
    if (typeof outcome === 'number') {
      close()
      return outcome
    }
    const { command, reply } = shellRequests.shift()!
    let output = ''
    const sink = createOutput((part) => {
      output += part
    })
    const started = process.spawn({ argv: ['/bin/sh', '-c', command], stdout: sink, stderr: sink })
    const ended = 'error' in started ? undefined : yield* waitFor(process.waitChild(started.pid))
    reply(
      text(
        200,
        JSON.stringify({
          ...(ended?.exitCode ? { error: `exit status ${ended.exitCode}` } : {}),
          ...(output ? { output } : {}),
        }),
      ),
    )
  }
}

/** `hostname`, `echo TEXT` and `clientip`, as datagrams. */
const answerDatagram =
  (process: Process) =>
  (input: string, reply: (output: string) => void, clientIP: string): void => {
    const [command = '', ...rest] = input.trim().split(' ')
    const answers: Record<string, string> = {
      hostname: process.hostname,
      echo: rest.join(' '),
      clientip: `${clientIP}:40000`,
    }
    if (Object.hasOwn(answers, command.toLowerCase())) reply(answers[command.toLowerCase()])
    else if (input !== '') log(process, `Unknown udp command received from ${clientIP}:40000: ${input}`)
  }

/** Healthy for ten seconds, then never again. */
function* liveness(process: Process): Run {
  const startedMs = process.nowEpochMs()
  const close = listenOrComplain(
    process,
    8080,
    (request, reply) => {
      const seconds = (process.nowEpochMs() - startedMs) / 1000
      const { path, get } = parameters(request)
      if (path === '/started') reply(text(200, `${seconds}s`))
      else if (path === '/healthz') reply(seconds > 10 ? text(500, `error: ${seconds}`) : text(200, 'ok'))
      else if (path === '/redirect') reply({ ...text(302, ''), headers: { Location: get('loc') } })
      else if (path === '/sleep-headers')
        process
          .sleep((Number(get('time')) || 0) * 1000)
          .start(() => reply(text(Number(get('code')) || 500, `Slept for ${Number(get('time')) || 0} secs\n`)))
      else reply(text(404, '404 page not found\n'))
    },
    (why) => log(process, `listen tcp :8080: bind: ${why}`),
  )
  if (!close) return 1
  yield* waitFor(untilSignal(process, goSignals))
  close()
  return 2
}

/** Serves its host name, and on SIGTERM waits to be removed: it does not end before it is killed. */
function* serveHostname(process: Process): Run {
  const port = Number(flag(process, 'port') ?? 9376)
  const listening = process.network.listen(port, {
    http(request, reply) {
      log(process, `HTTP request from ${request.clientIP ?? '127.0.0.1'}:40000`)
      reply(text(200, process.hostname))
    },
    tcp: (_, reply) => reply(process.hostname),
  })
  if ('error' in listening) {
    log(process, `listen tcp :${port}: bind: ${listening.error}`)
    return 1
  }
  log(process, `Serving on port ${port}.`)
  yield* waitFor(untilSignal(process, ['SIGTERM']))
  log(process, 'Shutting down after receiving signal: terminated.')
  log(process, 'Awaiting pod deletion.')
  yield* waitFor(process.sleep(60_000))
  return 0
}

function* pause(process: Process): Run {
  process.stdout.write('Paused\n')
  const signal = yield* waitFor(untilSignal(process, ['SIGINT', 'SIGTERM']))
  process.stdout.write(`exiting ${signal === 'SIGINT' ? 1 : 2}\n`)
  return signal === 'SIGINT' ? 1 : 2
}

/** Prints log lines at a rate. */
function* logsGenerator(process: Process): Run {
  const total = Number(flag(process, 'log-lines-total') ?? 0)
  const durationMs = parseDuration((flag(process, 'run-duration') ?? '60s').replace(/^(\d+)ms$/, '0')) ?? 0
  if (!total || !durationMs) {
    log(process, `Log lines total should be a positive integer`)
    return 255
  }
  for (let number = 0; number < total; number++) {
    process.stderr.write(
      `I${stamp(process, '%m%d %H:%M:%S.%L000')} ${process.pid} logs_generator.go:76] ${number} PUT /api/v1/namespaces/default/pods/p${number} 200\n`,
    )
    if (yield* waitFor(signalWithin(process, goSignals, durationMs / total))) return 2
  }
  return 0
}

function* printArguments(process: Process): Run {
  process.stdout.write(`[${process.argv.join(' ')}]\n`)
  yield* waitFor(process.sleep(0))
  return 0
}

function* grpcHealthChecking(process: Process): Run {
  const port = Number(flag(process, 'port') ?? 5000)
  const delayMs = Number(flag(process, 'delay-unhealthy-sec') ?? -1) * 1000
  const startedMs = process.nowEpochMs()
  const listening = process.network.listen(port, {
    grpcHealth: (service) =>
      service !== '' && service !== (flag(process, 'service') ?? '')
        ? 'UNKNOWN_SERVICE'
        : delayMs >= 0 && process.nowEpochMs() - startedMs >= delayMs
          ? 'NOT_SERVING'
          : 'SERVING',
  })
  if ('error' in listening) return 1
  log(process, `Http server starting to listen on :8080`)
  log(process, `gRPC server starting to listen on :${port}`)
  yield* waitFor(untilSignal(process, goSignals))
  return 2
}

/**
 * Serves on each port that a variable `SERVE_PORT_80` names what the variable holds, with `--json-response` beside the method.
 * Simplified: neither TLS nor SCTP. Source: kubernetes/test/images/agnhost/porter/porter.go
 */
function* porter(process: Process): Run {
  const isJson = process.argv.includes('--json-response') || flag(process, 'json-response') === 'true'
  for (const [name, value] of Object.entries(process.env)) {
    const [, protocol = 'TCP', number] = /^SERVE_(?:(TCP|UDP|TLS|SCTP)_)?PORT_(\d+)$/.exec(name) ?? []
    if (number === undefined) continue
    const port = Number(number)
    if (protocol === 'UDP') {
      process.network.listen(port, { udp: (_, reply) => reply(value) }, 'UDP')
      log(process, `Started UDP server on port ${port}`)
    } else if (protocol === 'TCP')
      listenOrComplain(
        process,
        port,
        ({ method }, reply) =>
          reply(
            isJson
              ? response(200, JSON.stringify({ Method: method, Body: value }), { 'Content-Type': 'application/json' })
              : text(200, value),
          ),
        (why) => log(process, `server on port "${port}" failed: listen tcp 0.0.0.0:${port}: bind: ${why}`),
      )
    else process.stderr.write(`podium: ${name}: ${protocol} is not simulated\n`)
  }
  yield* waitFor(untilSignal(process, goSignals))
  return 2
}

const commands: Readonly<Record<string, (process: Process) => Run>> = {
  netexec,
  liveness,
  'serve-hostname': serveHostname,
  pause,
  'logs-generator': logsGenerator,
  'entrypoint-tester': printArguments,
  'grpc-health-checking': grpcHealthChecking,
  porter,
  webhook: (process) => webhook(process, (name) => flag(process, name)),
  'test-webserver': function* (process) {
    ;(process as { argv: readonly string[] }).argv = ['httpd', '-f', '-p', flag(process, 'port') ?? '80', '-h', '/']
    return yield* linuxPrograms['/bin/httpd'](process)
  },
}

const agnhostProgram: Program = function* (process) {
  const command = process.argv[1] ?? ''
  process.useMemory(9 * 1024 * 1024)
  process.useCpu(1)
  if (Object.hasOwn(commands, command)) return yield* commands[command](process)
  if (command === '' || command === '--help') {
    process.stdout.write(
      `Usage:\n  app [command]\n\nAvailable Commands:\n${Object.keys(commands)
        .map((name) => `  ${name}\n`)
        .join('')}`,
    )
    return 0
  }
  process.stderr.write(`Error: unknown command "${command}" for "app"\nRun 'app --help' for usage.\n`)
  return 1
}

const always = (command: string): Program =>
  function* (process) {
    process.useMemory(5 * 1024 * 1024)
    return yield* commands[command](process)
  }

export const agnhostImages: readonly Image[] = [
  {
    repositories: ['e2e-test-images/agnhost'],
    tags: [
      '2.9',
      '2.20',
      '2.21',
      '2.26',
      '2.32',
      '2.33',
      '2.36',
      '2.39',
      '2.40',
      '2.43',
      '2.45',
      '2.47',
      '2.52',
      '2.53',
      '2.56',
    ],
    sizeBytes: 52_000_000,
    base: 'alpine:3.22',
    entrypoint: ['/agnhost'],
    cmd: ['pause'],
    exposedPorts: [80, 8080, 8081, 9376, 5000],
    files: linuxFiles,
    programs: { ...linuxPrograms, '/agnhost': agnhostProgram, '/usr/bin/curl': curl },
  },
  {
    repositories: ['liveness', 'google_containers/liveness'],
    tags: ['latest'],
    sizeBytes: 4_400_000,
    cmd: ['/server'],
    exposedPorts: [8080],
    programs: { '/server': always('liveness') },
  },
  {
    repositories: ['serve_hostname', 'e2e-test-images/serve-hostname', 'google_containers/serve_hostname'],
    tags: ['latest', 'v1.4', '1.1', '1.4'],
    sizeBytes: 6_200_000,
    cmd: ['/serve_hostname'],
    exposedPorts: [9376],
    programs: { '/serve_hostname': always('serve-hostname') },
  },
]
