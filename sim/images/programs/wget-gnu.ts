/**
 * wget of GNU, as Debian's images for building have it: its words and exit codes are others than busybox's. What it tells is told as into a
 * file, without a bar that grows. Certificates are believed, as by busybox's. Sources: wget(1), src/exits.h, src/http.c, src/connect.c of 1.21
 */
import type { HttpRequest, HttpResponse } from '../../network/types.ts'
import type { Process, Program, Wait } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { formatDate } from './date-format.ts'
import {
  addressOf,
  connectErrors,
  connectTimeoutMs,
  headerOf,
  isAddress,
  parseUrl,
  request,
  statusTexts,
  type Url,
} from './requests.ts'
import { attempt, type Options, parseOptions, pathOf, type Run, UsageError } from './support.ts'

const exitOf = { other: 1, usage: 2, file: 3, network: 4, server: 8 }
const mostRedirects = 20
const mostTries = 20
const usage = "Usage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n"

const longNames = {
  quiet: 'q',
  'no-verbose': 'n',
  spider: 's',
  'server-response': 'S',
  'no-check-certificate': 'N',
  header: 'H:',
  method: 'm:',
  'post-data': 'd:',
  'body-data': 'd:',
  'output-document': 'O:',
  'directory-prefix': 'P:',
  'user-agent': 'U:',
  timeout: 'T:',
  'connect-timeout': 'T:',
  'read-timeout': 'T:',
  tries: 't:',
  'max-redirect': 'R:',
}

export const gnuWget: Program = function* (process): Run {
  let options: Options
  try {
    options = parseOptions(process.argv.slice(1), 'qvO:ST:U:P:t:', longNames)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`wget: ${error.message}\n${usage}`)
    return exitOf.usage
  }
  const [target] = options.rest
  if (target === undefined) {
    process.stderr.write(`wget: missing URL\n${usage}`)
    return exitOf.other
  }
  const url = parseUrl(target)
  if (!url) {
    process.stderr.write(`${target}: Invalid host name.\n`)
    return exitOf.other
  }
  const asked = Number(options.value('t') ?? mostTries)
  const tries = asked > 0 ? Math.min(asked, mostTries) : mostTries
  for (let tried = 1; ; tried++) {
    const ended = yield* fetchAll(process, options, url)
    if (ended !== 'again') return ended
    if (tried >= tries) {
      tell(process, options, 'Giving up.\n\n')
      return exitOf.network
    }
    tell(process, options, 'Retrying.\n\n')
    // A second longer after each try, ten at most.
    yield* waitFor(process.sleep(Math.min(tried, 10) * 1000))
  }
}

function tell(process: Process, options: Options, text: string): void {
  if (!options.has('q')) process.stderr.write(text)
}

const stamp = (process: Process): string => formatDate(process.nowEpochMs(), '%Y-%m-%d %H:%M:%S')

/** As gettext quotes: with curved marks where the locale has them. */
const quoted = ({ env }: Process, text: string): string =>
  /utf-?8/i.test(env.LC_ALL ?? env.LANG ?? '') ? `‘${text}’` : `'${text}'`

const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status)

/** One try, with all that it is led to. @returns its exit code; `again` when there is reason for another try */
function* fetchAll(process: Process, options: Options, first: Url): Generator<Wait, number | 'again', unknown> {
  const most = Number(options.value('R') ?? mostRedirects)
  let url = first
  for (let redirects = 0; ; redirects++) {
    const answer = yield* ask(process, options, url)
    if (typeof answer !== 'object') return answer
    const reason = statusTexts[answer.status] ?? 'Unknown'
    const location = headerOf(answer, 'Location')
    if (options.has('S')) {
      const lines = Object.entries(answer.headers).map(([name, value]) => `  ${name}: ${value}\n`)
      process.stderr.write(`\n  HTTP/1.1 ${answer.status} ${reason}\n${lines.join('')}`)
    } else tell(process, options, `${answer.status} ${reason}\n`)
    if (!isRedirect(answer.status) || location === undefined) return save(process, options, url, answer, reason)
    tell(process, options, `Location: ${location}${redirects < most ? ' [following]' : ''}\n`)
    if (redirects >= most) {
      tell(process, options, `${most} redirections exceeded.\n`)
      return exitOf.server
    }
    const next = parseUrl(location.startsWith('/') ? `${url.scheme}://${url.authority}${location}` : location)
    if (!next) return exitOf.other
    url = next
  }
}

/** Asks once. @returns the answer, or how it ended without one */
function* ask(process: Process, options: Options, url: Url): Generator<Wait, HttpResponse | number | 'again', unknown> {
  const headers: Record<string, string> = {
    'User-Agent': options.value('U') ?? 'Wget/1.21.3',
    Accept: '*/*',
    'Accept-Encoding': 'identity',
    Connection: 'Keep-Alive',
  }
  for (const header of options.values('H')) {
    const colon = header.indexOf(':')
    if (colon > 0) headers[header.slice(0, colon)] = header.slice(colon + 1).trim()
  }
  const body = options.value('d')
  const usual = options.has('s') ? 'HEAD' : body === undefined ? 'GET' : 'POST'
  const message: HttpRequest = {
    method: options.value('m') ?? usual,
    path: url.path,
    host: headers.Host ?? url.authority,
    headers,
    body,
    scheme: url.scheme,
  }
  tell(process, options, `--${stamp(process)}--  ${url.scheme}://${url.authority}${url.path}\n`)
  const seconds = Number(options.value('T') ?? 0)
  const result = yield* waitFor(request(process.network, url, message, seconds > 0 ? seconds * 1000 : connectTimeoutMs))
  if (!isAddress(url.host)) tell(process, options, `Resolving ${url.host} (${url.host})... `)
  if (!result.ok && result.error === 'unknown-host') {
    tell(process, options, 'failed: Name or service not known.\n')
    tell(process, options, `wget: unable to resolve host address ${quoted(process, url.host)}\n`)
    return exitOf.network
  }
  const address = yield* addressOf(process, url.host, result.server?.ip)
  const place = isAddress(url.host) ? `${url.host}:${url.port}` : `${url.host} (${url.host})|${address}|:${url.port}`
  if (!isAddress(url.host)) tell(process, options, `${address}\n`)
  tell(process, options, `Connecting to ${place}... `)
  if (!result.ok) {
    if (result.error === 'reset') {
      tell(
        process,
        options,
        'connected.\nHTTP request sent, awaiting response... Read error (Connection reset by peer) in headers.\n',
      )
      return 'again'
    }
    tell(process, options, `failed: ${connectErrors[result.error]}.\n`)
    return result.error === 'timeout' ? 'again' : exitOf.network
  }
  tell(process, options, 'connected.\nHTTP request sent, awaiting response... ')
  return result.response
}

function save(
  process: Process,
  options: Options,
  url: Url,
  { status, body, headers }: HttpResponse,
  reason: string,
): number {
  if (options.has('s')) {
    const isThere = status >= 200 && status < 300
    const missing = status === 404 ? 'Remote file does not exist -- broken link!!!\n\n' : ''
    tell(process, options, isThere ? 'Remote file exists.\n\n' : missing)
    return isThere ? 0 : exitOf.server
  }
  if (status < 200 || status >= 300) {
    tell(process, options, `${stamp(process)} ERROR ${status}: ${reason}.\n\n`)
    return exitOf.server
  }
  const type = headerOf({ headers }, 'Content-Type')
  const length = Buffer.byteLength(body)
  tell(process, options, `Length: ${length}${type ? ` [${type.split(';')[0]}]` : ''}\n`)
  const given = options.value('O')
  const name = given ?? (url.path.split('?')[0].split('/').pop() || 'index.html')
  const isStdout = name === '-'
  const path = pathOf(process, options.has('P') && given === undefined ? `${options.value('P')}/${name}` : name)
  let shown = given ?? path.slice(path.lastIndexOf('/') + 1)
  if (isStdout) {
    shown = 'STDOUT'
    process.stdout.write(body)
  } else {
    // Without a name of one's own nothing is overwritten: index.html.1
    let free = path
    for (let n = 1; given === undefined && process.files.exists(free); n++) free = `${path}.${n}`
    if (free !== path) shown = `${shown}${free.slice(path.length)}`
    let why: string | undefined
    attempt(
      () => process.files.write(free, body),
      (error) => {
        why = error.message
      },
    )
    if (why !== undefined) {
      process.stderr.write(`${shown}: ${why}\n`)
      return exitOf.file
    }
  }
  const done = isStdout ? 'written to stdout' : `${quoted(process, shown)} saved`
  tell(
    process,
    options,
    `Saving to: ${quoted(process, shown)}\n\n     0K${' '.repeat(55)}100% 98.4M=0s\n\n${stamp(process)} (98.4 MB/s) - ${done} [${length}/${length}]\n\n`,
  )
  return 0
}
