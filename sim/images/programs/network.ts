/** Programs on the network: wget, nc, nslookup, curl, and addresses. */

import type { HttpRequest, HttpResponse, NetworkNamespace, TcpResult, TlsAlert } from '../../network/types.ts'
import { keyPairProblem } from '../../pki/key-pair.ts'
import { readFirstCertificate } from '../../pki/x509.ts'
import { createOutput, createTextInput } from '../../runtime/pipe.ts'
import type { Process, Program, Wait } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { nslookup } from './nslookup.ts'
import {
  addressOf,
  connectErrors,
  connectTimeoutMs,
  headerOf,
  parseUrl,
  request,
  statusLine,
  type Url,
} from './requests.ts'
import {
  atOnce,
  attempt,
  complain,
  type Options,
  parseOptions,
  pathOf,
  type Run,
  UsageError,
  withOptions,
} from './support.ts'
import { findDocument, isLoopback, mediaTypes } from './web-server.ts'

const connect = (
  network: NetworkNamespace,
  host: string,
  port: number,
  input: string | undefined,
  timeoutMs: number,
): Wait<TcpResult> => ({
  start: (resume) => network.tcp({ host, port }, input, timeoutMs, resume),
})

const wget = withOptions(
  'qO:ST:c:Y:U:P:t:d:H:B:s',
  function* (process, options) {
    const target = options.rest[0]
    const url = target === undefined ? undefined : parseUrl(target)
    if (target === undefined) {
      process.stderr.write(
        'BusyBox v1.36.1 multi-call binary.\n\nUsage: wget [-cqS] [--spider] [-O FILE] [-o LOGFILE] [--header STR]\n\t[--post-data STR | --post-file FILE] [-Y on/off]\n\t[--no-check-certificate] [-P DIR] [-U AGENT] [-T SEC] URL...\n',
      )
      return 1
    }
    if (!url) {
      complain(process, `not an http or ftp url: ${target}`)
      return 1
    }
    const say = (text: string): void => {
      if (!options.has('q')) process.stderr.write(text)
    }
    const headers: Record<string, string> = { 'User-Agent': options.value('U') ?? 'Wget', Connection: 'close' }
    for (const header of options.values('H'))
      headers[header.split(':')[0]] = header.slice(header.indexOf(':') + 1).trim()
    const body = options.value('d')
    const limitMs = options.has('T') ? Number(options.value('T')) * 1000 : undefined
    let current = url
    for (let redirects = 0; ; redirects++) {
      if (redirects > 5) {
        complain(process, 'too many redirections')
        return 1
      }
      const message: HttpRequest = {
        method: body === undefined ? 'GET' : 'POST',
        path: current.path,
        host: headers.Host ?? current.authority,
        headers,
        body,
        scheme: current.scheme,
      }
      const result = yield* waitFor(request(process.network, current, message, limitMs ?? connectTimeoutMs))
      if (!result.ok && result.error === 'unknown-host') {
        complain(process, `bad address '${current.authority}'`)
        return 1
      }
      const address = yield* addressOf(process, current.host, result.server?.ip)
      say(`Connecting to ${current.authority} (${address}:${current.port})\n`)
      if (!result.ok) {
        if (result.error === 'timeout' && limitMs !== undefined) complain(process, 'download timed out')
        else if (result.error === 'reset') complain(process, 'error getting response: Connection reset by peer')
        else complain(process, `can't connect to remote host (${address}): ${connectErrors[result.error]}`)
        return 1
      }
      const { response } = result
      if (options.has('S')) {
        process.stderr.write(`  ${statusLine(response.status)}\n`)
        for (const [name, value] of Object.entries(response.headers)) process.stderr.write(`  ${name}: ${value}\n`)
      }
      const location = headerOf(response, 'Location')
      if ([301, 302, 303, 307, 308].includes(response.status) && location) {
        const next = parseUrl(
          location.startsWith('/') ? `${current.scheme}://${current.authority}${location}` : location,
        )
        if (!next) return 1
        current = next
        continue
      }
      if (response.status >= 300 || response.status < 200) {
        complain(process, `server returned error: ${statusLine(response.status)}`)
        return 1
      }
      if (options.has('s')) {
        say('remote file exists\n')
        return 0
      }
      return save(process, options, current, response, say)
    }
  },
  {
    longNames: {
      spider: 's',
      header: 'H:',
      'post-data': 'd:',
      'no-check-certificate': 'N',
      quiet: 'q',
      'output-document': 'O:',
      timeout: 'T:',
      'server-response': 'S',
      tries: 't:',
      'user-agent': 'U:',
    },
  },
)

function save(
  process: Process,
  options: Options,
  url: Url,
  response: HttpResponse,
  say: (text: string) => void,
): number {
  const name = options.value('O') ?? (url.path.split('?')[0].split('/').pop() || 'index.html')
  if (name === '-') {
    say('writing to stdout\n')
    process.stdout.write(response.body)
    say(
      `-                    100% |********************************|${String(response.body.length).padStart(6)}  0:00:00 ETA\nwritten to stdout\n`,
    )
    return 0
  }
  const path = pathOf(process, options.has('P') && !options.has('O') ? `${options.value('P')}/${name}` : name)
  if (!options.has('O') && process.files.exists(path)) {
    complain(process, `can't open '${name}': File exists`)
    return 1
  }
  let status = 0
  attempt(
    () => process.files.write(path, response.body),
    (error) => {
      complain(process, `can't open '${name}': ${error.message}`)
      status = 1
    },
  )
  if (status === 0)
    say(
      `saving to '${name}'\n${name.padEnd(20)} 100% |********************************|${String(response.body.length).padStart(6)}  0:00:00 ETA\n'${name}' saved\n`,
    )
  return status
}

/** As OpenSSL words what a server says that does not take the client's certificate. */
const alertOf = (code: string, words: string): string =>
  `OpenSSL SSL_read: OpenSSL/3.5.1: error:${code}:SSL routines::${words}, errno 0`
const alertWords: Readonly<Record<TlsAlert, string>> = {
  'certificate required': alertOf('0A00045C', 'tlsv13 alert certificate required'),
  'certificate expired': alertOf('0A000415', 'ssl/tls alert certificate expired'),
  'unknown ca': alertOf('0A000418', 'tlsv1 alert unknown ca'),
  'bad certificate': alertOf('0A000412', 'ssl/tls alert bad certificate'),
}

/** What --cert and --key name. @param key the file with the certificate may hold it too */
function clientPair(process: Process, path: string, key: string): { certificate: string } | { error: string } {
  const read = (file: string): string | undefined =>
    attempt(
      () => process.files.read(pathOf(process, file)),
      () => undefined,
    )
  const certificate = read(path)
  if (certificate === undefined || !readFirstCertificate(certificate)) {
    const why =
      certificate === undefined
        ? 'error:80000002:system library::No such file or directory'
        : 'error:0480006C:PEM routines::no start line'
    return {
      error: `could not load PEM client certificate from ${path}, OpenSSL error ${why}, (no key found, wrong pass phrase, or wrong file format?)`,
    }
  }
  return keyPairProblem(certificate, read(key) ?? '') === undefined
    ? { certificate }
    : { error: `unable to set private key file: '${key}' type PEM` }
}

const UNTRUSTED =
  'SSL certificate problem: self-signed certificate\nMore details here: https://curl.se/docs/sslcerts.html\n\ncurl failed to verify the legitimacy of the server and therefore could not\nestablish a secure connection to it. To learn more about this situation and\nhow to fix it, please visit the webpage mentioned above.'

/** What is sent of `-d` and `--data-binary`: words, or what is in a file behind `@`. @returns the error of a file that can't be read */
function* curlBody(process: Process, options: Options): Generator<Wait, string | undefined | UsageError, unknown> {
  const parts: string[] = []
  for (const name of ['d', 'data-binary'])
    for (const value of options.values(name)) {
      if (!value.startsWith('@')) {
        parts.push(value)
        continue
      }
      const path = value.slice(1)
      const text =
        path === '-'
          ? yield* waitFor(process.stdin.readAll())
          : attempt(
              () => process.files.read(pathOf(process, path)),
              () => undefined,
            )
      if (text === undefined) return new UsageError(`Failed to open ${path}`)
      parts.push(name === 'd' ? text.replace(/[\r\n]/g, '') : text)
    }
  return parts.length > 0 ? parts.join('&') : undefined
}

/** curl: what tutorials use of it. */
export const curl: Program = function* (process): Run {
  let options: Options
  try {
    options = parseOptions(process.argv.slice(1), 'sSo:w:IifLX:H:d:m:kvOA:u:r:qg4', {
      disable: 'q',
      globoff: 'g',
      ipv4: '4',
      interface: 'interface:',
      silent: 's',
      'show-error': 'S',
      output: 'o:',
      'write-out': 'w:',
      head: 'I',
      include: 'i',
      fail: 'f',
      location: 'L',
      request: 'X:',
      header: 'H:',
      data: 'd:',
      'data-binary': 'data-binary:',
      'max-time': 'm:',
      'connect-timeout': 'connect:',
      insecure: 'k',
      cacert: 'cacert:',
      cert: 'E:',
      key: 'key:',
      verbose: 'v',
      retry: 'retry:',
      'user-agent': 'A:',
    })
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`curl: ${error.message}\ncurl: try 'curl --help' for more information\n`)
    return 2
  }
  const target = options.rest[0]
  const url = target === undefined ? undefined : parseUrl(target)
  if (!url) {
    process.stderr.write(
      target === undefined
        ? 'curl: (2) no URL specified\n'
        : `curl: (3) URL rejected: Malformed input to a URL function\n`,
    )
    return target === undefined ? 2 : 3
  }
  const fail = (code: number, message: string): number => {
    if (!options.has('s') || options.has('S')) process.stderr.write(`curl: (${code}) ${message}\n`)
    writeOut(process, options, undefined)
    return code
  }
  const headers: Record<string, string> = { 'User-Agent': options.value('A') ?? 'curl/8.14.1', Accept: '*/*' }
  for (const header of options.values('H')) headers[header.split(':')[0]] = header.slice(header.indexOf(':') + 1).trim()
  const body = yield* curlBody(process, options)
  if (body instanceof UsageError) return fail(26, body.message)
  const method = options.value('X') ?? (options.has('I') ? 'HEAD' : body === undefined ? 'GET' : 'POST')
  const seconds = Math.min(
    Number(options.value('m') ?? Number.POSITIVE_INFINITY),
    Number(options.value('connect') ?? Number.POSITIVE_INFINITY),
  )
  const bundle = options.value('cacert')
  const authorities =
    bundle &&
    attempt(
      () => process.files.read(pathOf(process, bundle)),
      () => undefined,
    )
  if (bundle && authorities === undefined) return fail(77, `error adding trust anchors from file: ${bundle}`)
  const shown = options.value('E')
  const own = shown === undefined ? undefined : clientPair(process, shown, options.value('key') ?? shown)
  if (own && 'error' in own) return fail(58, own.error)
  let current = url
  for (let redirects = 0; redirects <= 50; redirects++) {
    const message: HttpRequest = {
      method,
      path: current.path,
      host: headers.Host ?? current.authority,
      headers,
      body,
      scheme: current.scheme,
      verifies: !options.has('k'),
      ...(authorities === undefined ? {} : { authorities }),
      ...(own && { certificate: own.certificate }),
    }
    const result = yield* waitFor(
      request(process.network, current, message, Math.min(connectTimeoutMs, seconds * 1000)),
    )
    const tookMs = Math.round(result.tookMs)
    if (!result.ok) {
      if (result.error === 'unknown-host') return fail(6, `Could not resolve host: ${current.host}`)
      if (result.error === 'timeout') return fail(28, `Connection timed out after ${tookMs} milliseconds`)
      if (result.error === 'untrusted') return fail(60, UNTRUSTED)
      if (result.error === 'not-tls')
        return fail(35, 'TLS connect error: error:0A00010B:SSL routines::wrong version number')
      if (result.error === 'reset')
        return fail(56, result.alert ? alertWords[result.alert] : 'Recv failure: Connection reset by peer')
      return fail(
        7,
        `Failed to connect to ${current.host} port ${current.port} after ${tookMs} ms: Could not connect to server`,
      )
    }
    const { response } = result
    const location = headerOf(response, 'Location')
    const redirect = location?.startsWith('/') ? `${current.scheme}://${current.authority}${location}` : location
    const next = redirect ? parseUrl(redirect) : undefined
    if (options.has('L') && response.status >= 300 && response.status < 400 && next) {
      current = next
      continue
    }
    if (options.has('f') && response.status >= 400)
      return fail(22, `The requested URL returned error: ${response.status}`)
    const head = `${statusLine(response.status)}\r\n${Object.entries(response.headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}\r\n`
    if (options.has('v'))
      process.stderr.write(
        `> ${method} ${current.path} HTTP/1.1\r\n> Host: ${message.host}\r\n>\r\n${head.replace(/^/gm, '< ')}`,
      )
    const text = (options.has('I') || options.has('i') ? head : '') + (options.has('I') ? '' : response.body)
    const file = options.value('o') ?? (options.has('O') ? current.path.split('/').pop() : undefined)
    if (file === undefined || file === '-') process.stdout.write(text)
    else if (file !== '/dev/null') process.files.write(pathOf(process, file), text)
    writeOut(process, options, { status: response.status, tookMs, redirect: redirect ?? '' })
    return 0
  }
  return fail(47, 'Maximum (50) redirects followed')
}

function writeOut(
  process: Process,
  options: Options,
  outcome: { status: number; tookMs: number; redirect: string } | undefined,
): void {
  const format = options.value('w')
  if (format === undefined) return
  const values: Record<string, string> = {
    http_code: String(outcome?.status ?? 0).padStart(3, '0'),
    response_code: String(outcome?.status ?? 0).padStart(3, '0'),
    time_total: ((outcome?.tookMs ?? 0) / 1000).toFixed(6),
    redirect_url: outcome?.redirect ?? '',
  }
  process.stdout.write(
    format
      .replace(/%\{(\w+)\}/g, (_, name: string) => values[name] ?? '')
      .replaceAll('\\n', '\n')
      .replaceAll('\\t', '\t'),
  )
}

function* connectOrListen(process: Process, options: Options): Run {
  if (options.has('l')) return yield* serve(process, options)
  const [host, port] = options.rest
  if (host === undefined || port === undefined || !/^\d+$/.test(port)) {
    process.stderr.write(
      'BusyBox v1.36.1 multi-call binary.\n\nUsage: nc [OPTIONS] HOST PORT  - connect\nnc [OPTIONS] -l -p PORT [HOST] [PORT]  - listen\n',
    )
    return 1
  }
  const timeoutMs = options.has('w') ? Number(options.value('w')) * 1000 : connectTimeoutMs
  const input = options.has('z') ? undefined : yield* waitFor(process.stdin.readAll())
  if (options.has('u')) return yield* sendDatagram(process, options, host, Number(port), input ?? '', timeoutMs)
  // A request that looks like HTTP is one.
  const http = /^([A-Z]+) (\S+) HTTP\/1\.[01]\r?\n/.exec(input ?? '')
  const result = http
    ? yield* waitFor(
        request(
          process.network,
          { scheme: 'http', host, port: Number(port), path: http[2], authority: host },
          {
            method: http[1],
            path: http[2],
            host: /^host:\s*(\S+)/im.exec(input!)?.[1] ?? host,
            headers: {},
            scheme: 'http',
          },
          timeoutMs,
        ),
      )
    : yield* waitFor(connect(process.network, host, Number(port), input, timeoutMs))
  if (!result.ok) {
    if (result.error === 'unknown-host') complain(process, `bad address '${host}'`)
    else if (result.error === 'timeout' && options.has('w')) complain(process, 'timed out')
    else if (options.has('v') || !options.has('z')) {
      const address = yield* addressOf(process, host, result.server?.ip)
      complain(process, `${host} (${address}:${port}): ${connectErrors[result.error]}`)
    }
    return 1
  }
  if (options.has('v'))
    process.stderr.write(`${host} (${yield* addressOf(process, host, result.server?.ip)}:${port}) open\n`)
  if ('response' in result) {
    const { response } = result
    process.stdout.write(
      `${statusLine(response.status)}\r\n${Object.entries(response.headers)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')}\r\n${response.body}`,
    )
  } else if (result.output) process.stdout.write(result.output)
  return 0
}

const ncOptions = 'zvw:lp:ukne:i:s:q:'
const nc = withOptions(ncOptions, connectOrListen)

/** Of OpenBSD: -t answers TELNET negotiation. Simplified: it words the rest as the one of busybox. */
export const openBsdNc = withOptions(`${ncOptions}t`, connectOrListen)

/** `nc -u`: there is no connection that could fail; only -z tells, when the port is said to be closed. */
function* sendDatagram(
  process: Process,
  options: Options,
  host: string,
  port: number,
  input: string,
  timeoutMs: number,
): Run {
  const result = yield* waitFor<TcpResult>({
    start: (resume) => process.network.udp({ host, port }, input, options.has('z') ? 1000 : timeoutMs, resume),
  })
  if (!result.ok && result.error === 'unknown-host') {
    complain(process, `bad address '${host}'`)
    return 1
  }
  const isClosed = !result.ok && result.error !== 'timeout'
  if (options.has('z') && isClosed) return 1
  if (options.has('v') && !isClosed)
    process.stderr.write(`${host} (${yield* addressOf(process, host, result.server?.ip)}:${port}) open\n`)
  if (result.ok && result.output) process.stdout.write(result.output)
  return 0
}

/** `nc -l`: one connection, or one after the other with -k; each gets standard input, or what -e's program prints. */
function* serve(process: Process, options: Options): Run {
  const port = Number(options.value('p') ?? options.rest[options.rest.length - 1])
  if (!Number.isInteger(port) || port <= 0) {
    complain(process, 'bad port')
    return 1
  }
  const program = options.has('e') ? [options.value('e')!, ...options.rest] : undefined
  const text = program ? '' : yield* waitFor(process.stdin.readAll())
  const queue: { input: string; reply: (output: string) => void }[] = []
  let wake: (() => void) | undefined
  const accept = (input: string, reply: (output: string) => void): void => {
    queue.push({ input, reply })
    wake?.()
  }
  const datagrams = options.has('u')
  const isLocal = isLoopback(options.value('s'))
  const listening = datagrams
    ? process.network.listen(port, { isLocal, udp: accept }, 'UDP')
    : process.network.listen(port, {
        isLocal,
        tcp: accept,
        http: (message, reply) =>
          accept(
            `${message.method} ${message.path} HTTP/1.1\r\nHost: ${message.host}\r\n\r\n${message.body ?? ''}`,
            (output) => reply(parseResponse(output)),
          ),
      })
  if ('error' in listening) {
    complain(
      process,
      `bind: ${listening.error === 'address already in use' ? 'Address already in use' : listening.error}`,
    )
    return 1
  }
  for (;;) {
    if (queue.length === 0) {
      yield* waitFor<void>({
        start(resume) {
          wake = resume
          return () => {}
        },
      })
      wake = undefined
    }
    const connection = queue.shift()
    if (!connection) continue
    if (program) {
      let output = ''
      const started = process.spawn({
        argv: program,
        stdin: createTextInput(connection.input),
        stdout: createOutput((part) => {
          output += part
        }),
      })
      if ('error' in started) complain(process, `can't execute '${program[0]}': No such file or directory`)
      else yield* waitFor(process.waitChild(started.pid))
      connection.reply(output)
    } else {
      process.stdout.write(connection.input)
      connection.reply(text)
    }
    if (options.has('k')) continue
    listening.close()
    return 0
  }
}

/** An HTTP response written by hand; what is none is a body. */
function parseResponse(text: string): HttpResponse {
  const match = /^HTTP\/1\.[01] (\d{3})[^\n]*\n([\s\S]*?)(?:\r?\n\r?\n|$)([\s\S]*)$/.exec(text)
  if (!match) return { status: 200, headers: {}, body: text }
  const headers: Record<string, string> = {}
  for (const line of match[2].split(/\r?\n/)) {
    const at = line.indexOf(':')
    if (at > 0) headers[line.slice(0, at)] = line.slice(at + 1).trim()
  }
  return { status: Number(match[1]), headers, body: match[3] }
}

/** `httpd -f -p 8080 -h /www`: busybox's own small web server. Without -f it goes on in the background, as a daemon does. */
const httpd = withOptions('fp:h:vu:c:r:i', function* (process, options) {
  const [, address, portText] = /^(?:(.*):)?(.*)$/.exec(options.value('p') ?? '80')!
  const port = Number(portText)
  const root = pathOf(process, options.value('h') ?? '.')
  if (!process.files.exists(root) || process.files.stat(root).type !== 'directory') {
    complain(process, `can't change directory to '${options.value('h') ?? '.'}': No such file or directory`)
    return 1
  }
  const serve: Program = function* (server) {
    const listening = server.network.listen(port, {
      isLocal: isLoopback(address),
      http(message, reply) {
        const found = findDocument(server, root === '/' ? '' : root, message.path)
        const page = (status: number, title: string, text: string): HttpResponse => ({
          status,
          headers: { 'Content-Type': 'text/html' },
          body: `<HTML><HEAD><TITLE>${status} ${title}</TITLE></HEAD>\n<BODY><H1>${status} ${title}</H1>\n${text}\n</BODY></HTML>\n`,
        })
        if (options.has('v')) server.stderr.write(`${message.clientIP ?? '127.0.0.1'}:40000: url:${message.path}\n`)
        if (found.kind === 'file')
          reply({
            status: 200,
            headers: {
              'Content-Type':
                mediaTypes[found.path.slice(found.path.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
              'Content-Length': String(found.body.length),
            },
            body: message.method === 'HEAD' ? '' : found.body,
          })
        else if (found.kind === 'redirect') reply({ ...page(302, 'Found', ''), headers: { Location: found.location } })
        else reply(page(404, 'Not Found', 'The requested URL was not found'))
      },
    })
    if ('error' in listening) {
      complain(server, 'bind: Address already in use')
      return 1
    }
    // It has no handlers: SIGTERM ends it as any process, and as PID 1 not at all.
    yield* waitFor(server.forever())
    return 0
  }
  if (options.has('f')) return yield* serve(process)
  process.fork(serve)
  return 0
})

/** `ip addr`, `ip link`, `ip route`; what changes them needs a privilege that containers lack. */
const ip: Program = function* (process) {
  yield* atOnce
  const [object = 'addr', ...rest] = process.argv.slice(1).filter((arg) => !arg.startsWith('-'))
  if (rest.some((word) => ['add', 'del', 'set', 'delete', 'change', 'replace'].includes(word))) {
    process.stderr.write('ip: RTNETLINK answers: Operation not permitted\n')
    return 2
  }
  const { ip: address } = process.network
  const gateway = address.replace(/\.\d+$/, '.1')
  if (object.startsWith('r'))
    process.stdout.write(
      `default via ${gateway} dev eth0 \n${address.replace(/\.\d+$/, '.0')}/24 dev eth0 scope link  src ${address} \n`,
    )
  else if (object.startsWith('a') || object.startsWith('l')) {
    const lines = [
      '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN qlen 1000',
      '    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00',
      '    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever',
      `2: eth0@if${process.network.linkIndex}: <BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN> mtu 1450 qdisc noqueue state UP qlen 1000`,
      `    link/ether ${hardwareAddress(address)} brd ff:ff:ff:ff:ff:ff`,
      `    inet ${address}/24 brd ${address.replace(/\.\d+$/, '.255')} scope global eth0\n       valid_lft forever preferred_lft forever`,
    ]
    process.stdout.write(`${lines.filter((line) => object.startsWith('a') || !line.includes('inet')).join('\n')}\n`)
  } else {
    process.stderr.write(`ip: invalid argument '${object}' to 'ip'\n`)
    return 1
  }
  return 0
}

/** As most network plugins make it: of the address. */
export const hardwareAddress = (address: string): string =>
  ['0a', '58', ...address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))].join(':')

const ifconfig: Program = function* (process) {
  yield* atOnce
  const { ip: address } = process.network
  process.stdout.write(
    `eth0      Link encap:Ethernet  HWaddr ${hardwareAddress(address).toUpperCase()}  \n          inet addr:${address}  Bcast:${address.replace(/\.\d+$/, '.255')}  Mask:255.255.255.0\n          UP BROADCAST RUNNING MULTICAST  MTU:1450  Metric:1\n\nlo        Link encap:Local Loopback  \n          inet addr:127.0.0.1  Mask:255.0.0.0\n          UP LOOPBACK RUNNING  MTU:65536  Metric:1\n\n`,
  )
  return 0
}

const boundTo = ({ network }: Process, port: number, protocol?: 'UDP'): string =>
  `${network.isLocal(port, protocol) ? '127.0.0.1' : '0.0.0.0'}:${port}`

const netstat: Program = function* (process) {
  yield* atOnce
  process.stdout.write(
    'Active Internet connections (only servers)\nProto Recv-Q Send-Q Local Address           Foreign Address         State       \n',
  )
  const args = process.argv.slice(1).join('')
  const isAll = !args.includes('t') && !args.includes('u')
  for (const port of isAll || args.includes('t') ? process.network.listeningPorts() : [])
    process.stdout.write(
      `tcp        0      0 ${boundTo(process, port).padEnd(23)} ${'0.0.0.0:*'.padEnd(23)} LISTEN      \n`,
    )
  for (const port of isAll || args.includes('u') ? process.network.listeningPorts('UDP') : [])
    process.stdout.write(
      `udp        0      0 ${boundTo(process, port, 'UDP').padEnd(23)} ${'0.0.0.0:*'.padEnd(23)}             \n`,
    )
  return 0
}

const ss: Program = function* (process) {
  yield* atOnce
  process.stdout.write('State      Recv-Q Send-Q Local Address:Port               Peer Address:Port              \n')
  for (const port of process.network.listeningPorts())
    process.stdout.write(`LISTEN     0      128    ${boundTo(process, port).padEnd(32)} ${'0.0.0.0:*'.padEnd(24)} \n`)
  return 0
}

export const networkPrograms: Readonly<Record<string, Program>> = {
  wget,
  nc,
  httpd,
  nslookup,
  ip,
  ifconfig,
  netstat,
  ss,
}
