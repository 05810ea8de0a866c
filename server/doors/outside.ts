/**
 * Requests to addresses that people have typed. A name is resolved once, each of its addresses is looked at, and the connection goes to one that
 * was: a name that is another address a moment later gains nothing. No redirect is followed, and not much is read of an answer.
 */
import { lookup } from 'node:dns/promises'
import { type RequestOptions, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { BlockList, isIP } from 'node:net'
import { msg } from '../i18n/translate.ts'

/** Why nothing came of a request. A text for `t`. */
export interface Unsent {
  text: string
  values: Record<string, string | number>
}

export interface OutsideRequest {
  method: 'GET' | 'POST' | 'PATCH'
  url: string
  headers: Record<string, string>
  body?: string
}

export type OutsideAnswer = { status: number; text: string; headers: Record<string, string> } | { unsent: Unsent }

export interface OutsideOptions {
  /** For development: plain http to this machine. */
  allowsLoopback: boolean
  /** All addresses of a name; that of the system unless told. */
  resolve?: (name: string) => Promise<readonly { address: string; family: number }[]>
  /** For the whole of a request. */
  limitMs?: number
}

const usualLimitMs = 10_000
/** So much of an answer is read, and the rest is not waited for. */
const mostBytes = 4096
const longestUrl = 2000

const texts = {
  form: msg('This is not an address such as https://example.org/hooks.'),
  long: msg('The address is longer than {n} characters.'),
  scheme: msg('The address has to begin with https://.'),
  login: msg('The address holds a name and a password. Leave them out: the receiver checks the signature.'),
  inside: msg('{host} is an address of an inner network, and nothing is sent there.'),
  unknown: msg('There is no address for the name {host}.'),
  late: msg('No answer came within {n} seconds.'),
  refused: msg('The connection failed ({code}).'),
}

const inner = new BlockList()
for (const [network, bits] of [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
  ] as const),
  ...([
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.88.99.0', 24],
    ['192.168.0.0', 16],
  ] as const),
  ...([
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ] as const),
] as const)
  inner.addSubnet(network, bits, 'ipv4')
// Of IPv6 only what is routed: not the networks that carry an IPv4 address within them, nor those of documentation.
const routed = new BlockList()
routed.addSubnet('2000::', 3, 'ipv6')
for (const [network, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  inner.addSubnet(network, bits, 'ipv6')
const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** Whether an address is one of the internet, and not of this machine, its networks, or a cloud's metadata. */
export function isOfInternet(address: string): boolean {
  if (isIP(address) === 4) return !inner.check(address, 'ipv4')
  return isIP(address) === 6 && routed.check(address, 'ipv6') && !inner.check(address, 'ipv6')
}

const hasControls = (text: string): boolean => [...text].some((letter) => letter <= ' ' || letter === '\u007f')

const isLoopback = (address: string): boolean => loopback.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

/** What is wrong with an address as it was typed; undefined for one that may be asked. Whom its name leads to is looked at with each request. */
export function problemOfUrl(
  typed: string,
  { allowsLoopback }: Pick<OutsideOptions, 'allowsLoopback'>,
): Unsent | undefined {
  if (typed.length > longestUrl) return { text: texts.long, values: { n: longestUrl } }
  // They would be read over, and shown otherwise than they were typed.
  if (hasControls(typed)) return { text: texts.form, values: {} }
  const url = URL.canParse(typed) ? new URL(typed) : undefined
  if (!url || url.hostname === '') return { text: texts.form, values: {} }
  const host = hostOf(url)
  const isLocal = allowsLoopback && (host === 'localhost' || (isIP(host) !== 0 && isLoopback(host)))
  if (url.protocol !== 'https:' && !(isLocal && url.protocol === 'http:')) return { text: texts.scheme, values: {} }
  if (url.username !== '' || url.password !== '') return { text: texts.login, values: {} }
  const isInside = isIP(host) === 0 ? /^(?:.*\.)?localhost\.?$/.test(host) : !isOfInternet(host)
  return isInside && !isLocal ? { text: texts.inside, values: { host } } : undefined
}

/** Sends it once. */
export async function askOutside(request: OutsideRequest, options: OutsideOptions): Promise<OutsideAnswer> {
  const problem = problemOfUrl(request.url, options)
  if (problem) return { unsent: problem }
  const { limitMs = usualLimitMs } = options
  const late = { unsent: { text: texts.late, values: { n: Math.round(limitMs / 1000) } } }
  const abort = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<OutsideAnswer>((done) => {
    timer = setTimeout(() => {
      done(late)
      abort.abort()
    }, limitMs)
  })
  try {
    return await Promise.race([limit, perform(request, options, abort.signal)])
  } finally {
    clearTimeout(timer)
  }
}

async function perform(request: OutsideRequest, options: OutsideOptions, signal: AbortSignal): Promise<OutsideAnswer> {
  const url = new URL(request.url)
  const host = hostOf(url)
  const found = await addressesOf(host, options).catch(() => [])
  const [first] = found
  if (!first || signal.aborted) return { unsent: { text: texts.unknown, values: { host } } }
  // One that leads inside as well leads nowhere: which one is taken would be chance.
  const mayBe = (address: string) => isOfInternet(address) || (options.allowsLoopback && isLoopback(address))
  if (!found.every(({ address }) => mayBe(address))) return { unsent: { text: texts.inside, values: { host } } }
  if (url.protocol === 'http:' && !isLoopback(first.address)) return { unsent: { text: texts.scheme, values: {} } }
  return send(request, url, first, signal)
}

const addressesOf = async (host: string, { resolve = everyAddress }: OutsideOptions) =>
  isIP(host) === 0 ? resolve(host) : [{ address: host, family: isIP(host) }]

const everyAddress = (name: string) => lookup(name, { all: true })

/** Without the brackets of an IPv6 address. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '')

function send(
  { method, headers, body }: OutsideRequest,
  url: URL,
  { address, family }: { address: string; family: number },
  signal: AbortSignal,
): Promise<OutsideAnswer> {
  const options: RequestOptions = {
    method,
    signal,
    // A connection of its own: one that is kept may lead elsewhere than was looked at.
    agent: false,
    // The name stays what the certificate is checked for.
    lookup: (_name, { all }, told) => {
      if (all)
        (told as (error: null, found: { address: string; family: number }[]) => void)(null, [{ address, family }])
      else told(null, address, family)
    },
    headers: {
      'User-Agent': 'Podium',
      ...headers,
      ...(body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
    },
  }
  return new Promise((done) => {
    const asked = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options, (answer) => {
      const pieces: Buffer[] = []
      let bytes = 0
      const end = (): void => {
        const told = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as const)
        done({
          status: answer.statusCode ?? 0,
          text: Buffer.concat(pieces).subarray(0, mostBytes).toString('utf8'),
          headers: Object.fromEntries(told),
        })
      }
      answer.on('data', (piece: Buffer) => {
        pieces.push(piece)
        bytes += piece.length
        if (bytes < mostBytes) return
        end()
        answer.destroy()
      })
      answer.on('end', end)
      answer.on('error', end)
    })
    asked.on('error', (error: NodeJS.ErrnoException) =>
      done({ unsent: { text: texts.refused, values: { code: error.code ?? error.name } } }),
    )
    asked.end(body)
  })
}
