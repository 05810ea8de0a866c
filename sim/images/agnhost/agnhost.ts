/** agnhost, the image of Kubernetes' own tests: netexec, liveness, serve-hostname, pause and their kin. Source: kubernetes/test/images/agnhost */

import { uncharged } from '../../engine/work.ts'
import type { HttpRequest, Reply } from '../../network/types.ts'
import { issueCertificate, writeName } from '../../pki/issue.ts'
import { pkcs8Pem, rsaKey } from '../../pki/rsa-key.ts'
import { FileError } from '../../runtime/files.ts'
import type { Image, Process, Program } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { sh } from '../../runtime/shell/sh.ts'
import { alpineOsRelease } from '../alpine.ts'
import { linuxFiles } from '../base-files.ts'
import { linuxPrograms } from '../programs/busybox.ts'
import { signalWithin, stamp } from '../programs/daemon.ts'
import { dig } from '../programs/dig.ts'
import { getent } from '../programs/getent.ts'
import { curl, openBsdNc } from '../programs/network.ts'
import { bindNslookup } from '../programs/nslookup-bind.ts'
import { parseDuration, type Run } from '../programs/support.ts'
import { findDocument, listenOrComplain, response, untilSignal } from '../programs/web-server.ts'
import { conversionWebhook } from './conversion-webhook.ts'
import { guestbook } from './guestbook.ts'
import { mounttest } from './mounttest.ts'
import { netexec } from './netexec.ts'
import { nettest } from './nettest.ts'
import { flag, goSignals, log, parameters, text } from './support.ts'
import { webhook } from './webhook.ts'

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
  process.stdout.write('Paused\nSignals registered\n')
  const signal = yield* waitFor(untilSignal(process, ['SIGINT', 'SIGTERM']))
  const message = `exiting because of signal "${signal === 'SIGINT' ? 'interrupt' : 'terminated'}"\n`
  try {
    process.files.write(process.env.TERMINATION_MESSAGE_PATH || '/dev/termination-log', message)
  } catch (error) {
    if (!(error instanceof FileError)) throw error
  }
  process.stdout.write(message)
  return signal === 'SIGINT' ? 1 : 2
}

const letters = 'bcdfghjklmnpqrstvwxz2456789'

/** Source: kubernetes/test/images/agnhost/logs-generator generateLogLine */
function madeUpRequest(process: Process): string {
  const below = (most: number): number => Math.floor(process.random() * most)
  const method = ['GET', 'POST', 'PUT'][below(3)]
  const namespace = ['kube-system', 'default', 'ns'][below(3)]
  const name = Array.from({ length: 3 + below(2) }, () => letters[below(letters.length)]).join('')
  return `${method} /api/v1/namespaces/${namespace}/pods/${name} ${200 + below(400)}`
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
      `I${stamp(process, '%m%d %H:%M:%S.%L000')} ${process.pid} logs_generator.go:76] ${number} ${madeUpRequest(process)}\n`,
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
 * Simplified: without SCTP. Source: kubernetes/test/images/agnhost/porter/porter.go
 */
function* porter(process: Process): Run {
  const isJson = process.argv.includes('--json-response') || flag(process, 'json-response') === 'true'
  for (const [name, value] of Object.entries(process.env)) {
    const [, protocol = 'TCP', number] = /^SERVE_(?:(TCP|UDP|TLS|SCTP)_)?PORT_(\d+)$/.exec(name) ?? []
    if (number === undefined) continue
    const port = Number(number)
    const answer = ({ method }: HttpRequest, reply: Reply): void =>
      reply(
        isJson
          ? response(200, JSON.stringify({ Method: method, Body: value }), { 'Content-Type': 'application/json' })
          : response(200, value, {
              'Content-Type': `text/${/^\s*<(?:!doctype html|html|a|h1|p|body|div)\b/i.test(value) ? 'html' : 'plain'}; charset=utf-8`,
            }),
      )
    if (protocol === 'UDP') {
      process.network.listen(port, { udp: (_, reply) => reply(value) }, 'UDP')
      log(process, `Started UDP server on port ${port}`)
    } else if (protocol === 'TCP' || protocol === 'TLS') {
      const tls = { tls: true, certificate: { pem: localhost().certificate } }
      const listening = process.network.listen(port, { http: answer, ...(protocol === 'TLS' ? tls : {}) })
      if ('error' in listening)
        log(process, `server on port "${port}" failed: listen tcp 0.0.0.0:${port}: bind: ${listening.error}`)
    } else process.stderr.write(`podium: ${name}: ${protocol} is not simulated\n`)
  }
  yield* waitFor(untilSignal(process, goSignals))
  return 2
}

/** Of the node's resolver: the names that it adds, its servers. Source: kubernetes/test/images/agnhost/dns */
function* tellResolver(process: Process, word: string): Run {
  const lines = process.files.read('/etc/resolv.conf').split('\n')
  const values = lines.map((line) => line.trim().split(/\s+/)).filter(([first]) => first === word)
  process.stdout.write(`${values.flatMap(([, ...rest]) => rest).join(',')}\n`)
  yield* waitFor(process.sleep(0))
  return 0
}

function* etcHosts(process: Process): Run {
  process.stdout.write(`${process.files.read('/etc/hosts')}\n`)
  yield* waitFor(process.sleep(0))
  return 0
}

function* testWebserver(process: Process): Run {
  const port = Number(flag(process, 'port') ?? 80)
  const close = listenOrComplain(
    process,
    port,
    ({ path }, reply) => {
      const at = path.split('?')[0] ?? '/'
      const found = findDocument(process, '', path)
      if (found.kind === 'file') reply(text(200, found.body))
      else if (at.endsWith('/') && process.files.exists(at === '/' ? '/' : at.slice(0, -1))) {
        const names = process.files.list(at === '/' ? '/' : at.slice(0, -1))
        reply(text(200, `<pre>\n${names.map((name) => `<a href="${name}">${name}</a>\n`).join('')}</pre>\n`))
      } else reply(text(404, '404 page not found\n'))
    },
    (why) => log(process, `listen tcp :${port}: bind: ${why}`),
  )
  if (!close) return 1
  yield* waitFor(untilSignal(process, goSignals))
  close()
  return 2
}

/** Who it runs as. Simplified: the set-user-ID bit of its file is not looked at. */
export function* nonewprivs(process: Process): Run {
  process.stdout.write(`Effective uid: ${process.uid}\n`)
  yield* waitFor(process.sleep(0))
  return 0
}

const commands: Readonly<Record<string, (process: Process) => Run>> = {
  netexec,
  nettest,
  guestbook,
  liveness,
  'serve-hostname': serveHostname,
  pause,
  'logs-generator': logsGenerator,
  'entrypoint-tester': printArguments,
  'grpc-health-checking': grpcHealthChecking,
  porter,
  webhook: (process) => webhook(process, (name) => flag(process, name)),
  'crd-conversion-webhook': (process) => conversionWebhook(process, (name) => flag(process, name)),
  'test-webserver': testWebserver,
  mounttest,
  nonewprivs,
  'dns-suffix': (process) => tellResolver(process, 'search'),
  'dns-server-list': (process) => tellResolver(process, 'nameserver'),
  'etc-hosts': etcHosts,
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

/** What the image's servers show over TLS: made when somebody looks for it. */
let made: { certificate: string; key: string } | undefined
function localhost(): { certificate: string; key: string } {
  made ??= uncharged(issueLocalhost)
  return made
}
function issueLocalhost(): { certificate: string; key: string } {
  const key = rsaKey('agnhost')
  const certificate = issueCertificate({
    subject: writeName('', ['Acme Co']),
    publicKey: key.publicKey,
    usages: ['digital signature', 'key encipherment', 'cert sign', 'server auth'],
    dnsNames: ['example.com'],
    addresses: ['127.0.0.1', '::1'],
    isAuthority: true,
    notBeforeMs: 0,
    notAfterMs: Date.UTC(2084, 0, 29, 16),
    seed: 'agnhost',
    serialBytes: 16,
  })
  return { certificate, key: pkcs8Pem(key) }
}

const agnhostPrograms: Readonly<Record<string, Program>> = {
  ...linuxPrograms,
  '/agnhost': agnhostProgram,
  '/agnhost-2': agnhostProgram,
  '/bin/nc': openBsdNc,
  '/usr/bin/getent': getent,
  '/usr/bin/curl': curl,
  '/usr/bin/dig': dig,
  '/usr/bin/nslookup': bindNslookup,
  '/bin/bash': sh,
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
      '2.55',
      '2.56',
      '2.63.0',
    ],
    sizeBytes: 52_000_000,
    base: 'alpine:3.22',
    entrypoint: ['/agnhost'],
    cmd: ['pause'],
    exposedPorts: [80, 8080, 8081, 9376, 5000],
    files: {
      ...linuxFiles,
      '/uploads/': '',
      '/etc/passwd': `${linuxFiles['/etc/passwd']}user-defined-in-image:x:1000:1000::/home/user-defined-in-image:/bin/sh\n`,
      '/etc/group': `${linuxFiles['/etc/group']}user-defined-in-image:x:1000:\ngroup-defined-in-image:x:50000:user-defined-in-image\n`,
      get '/localhost.crt'() {
        return localhost().certificate
      },
      get '/localhost.key'() {
        return localhost().key
      },
    },
    programs: agnhostPrograms,
  },
  ...['kitten', 'nautilus'].map((name) => ({
    repositories: [`e2e-test-images/${name}`],
    tags: ['1.5', '1.6', '1.7', '1.8'],
    sizeBytes: 52_000_000,
    base: 'alpine:3.22',
    entrypoint: ['/agnhost'],
    cmd: ['test-webserver'],
    exposedPorts: [80],
    files: {
      ...linuxFiles,
      '/etc/os-release': alpineOsRelease('3.22.0'),
      '/data.json': `{"image": "${name}.jpg"}\n`,
    },
    programs: agnhostPrograms,
  })),
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
