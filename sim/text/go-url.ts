/** URLs as Go reads them, and why it does not. Source: net/url of Go's library */
import { goQuote } from './go-quote.ts'

export interface GoUrl {
  scheme: string
  /** With its port. */
  host: string
  path: string
  /** As it was written. */
  rawPath: string
  rawQuery: string
}

class UrlFault extends Error {}

/**
 * What Go's `ParseRequestURI` takes: a URL, or an absolute path.
 * @throws Error `parse "…": invalid URI for request`
 */
export const parseRequestUri = (text: string): GoUrl => parsedOrFail(text, text, true)

/** The same without the part behind `#`, as Go's `Parse` has it. @throws Error */
export const parseUrl = (text: string): GoUrl => parsedOrFail(text, text.split('#', 1)[0]!, false)

/** @param read the part of the text that is read */
function parsedOrFail(text: string, read: string, isRequest: boolean): GoUrl {
  try {
    return parsed(read, isRequest)
  } catch (error) {
    if (!(error instanceof UrlFault)) throw error
    throw new Error(`parse ${goQuote(text)}: ${error.message}`)
  }
}

function parsed(text: string, isRequest: boolean): GoUrl {
  const refuse = (why: string): never => {
    throw new UrlFault(why)
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\x00-\x1f\x7f]/.test(text)) refuse('net/url: invalid control character in URL')
  if (text === '' && isRequest) refuse('empty url')
  const empty: GoUrl = { scheme: '', host: '', path: '', rawPath: '', rawQuery: '' }
  if (text === '*') return { ...empty, path: '*', rawPath: '*' }
  const { scheme, rest: afterScheme } = schemeOf(text, refuse)
  const mark = afterScheme.indexOf('?')
  const [rest, rawQuery] = mark < 0 ? [afterScheme, ''] : [afterScheme.slice(0, mark), afterScheme.slice(mark + 1)]
  const url = { ...empty, scheme, rawQuery }
  if (!rest.startsWith('/')) {
    if (scheme !== '') return url
    if (isRequest) refuse('invalid URI for request')
    if (rest.split('/', 1)[0]!.includes(':')) refuse('first path segment in URL cannot contain colon')
  }
  let path = rest
  const hasAuthority = (scheme !== '' || (!isRequest && !rest.startsWith('///'))) && rest.startsWith('//')
  if (hasAuthority) {
    const end = rest.indexOf('/', 2)
    const authority = end < 0 ? rest.slice(2) : rest.slice(2, end)
    path = end < 0 ? '' : rest.slice(end)
    url.host = hostOf(authority, refuse)
  }
  return { ...url, path: unescaped(path, 'path', refuse), rawPath: path }
}

type Refuse = (why: string) => never

function schemeOf(text: string, refuse: Refuse): { scheme: string; rest: string } {
  const [scheme] = /^[a-zA-Z][a-zA-Z0-9+.-]*(?=:)/.exec(text) ?? []
  if (scheme !== undefined) return { scheme: scheme.toLowerCase(), rest: text.slice(scheme.length + 1) }
  return text.startsWith(':') ? refuse('missing protocol scheme') : { scheme: '', rest: text }
}

function hostOf(authority: string, refuse: Refuse): string {
  const at = authority.lastIndexOf('@')
  if (at >= 0) {
    const user = authority.slice(0, at)
    if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) refuse('net/url: invalid userinfo')
    unescaped(user, 'userinfo', refuse)
  }
  const host = authority.slice(at + 1)
  if (host.startsWith('[')) {
    const end = host.lastIndexOf(']')
    if (end < 0) refuse("missing ']' in host")
    checkPort(host.slice(end + 1), refuse)
    return host
  }
  const colon = host.lastIndexOf(':')
  if (colon >= 0) checkPort(host.slice(colon), refuse)
  return unescaped(host, 'host', refuse)
}

function checkPort(port: string, refuse: Refuse): void {
  if (port !== '' && !/^:\d*$/.test(port)) refuse(`invalid port ${goQuote(port)} after host`)
}

type Part = 'path' | 'host' | 'userinfo' | 'query'

/** With `%41` and the like read. */
function unescaped(text: string, part: Part, refuse: Refuse): string {
  const bytes: number[] = []
  const encoded = new TextEncoder().encode(text)
  for (let n = 0; n < encoded.length; n++) {
    const byte = encoded[n]!
    if (byte === 0x25) {
      const digits = String.fromCharCode(...encoded.subarray(n + 1, n + 3))
      if (!/^[0-9a-fA-F]{2}$/.test(digits)) refuse(`invalid URL escape ${goQuote(`%${digits}`)}`)
      if (part === 'host' && Number.parseInt(digits, 16) < 0x80) refuse(`invalid URL escape ${goQuote(`%${digits}`)}`)
      bytes.push(Number.parseInt(digits, 16))
      n += 2
    } else if (byte === 0x2b && part === 'query') bytes.push(0x20)
    else {
      if (part === 'host' && byte < 0x80 && !/[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]/.test(String.fromCharCode(byte)))
        refuse(`invalid character ${goQuote(String.fromCharCode(byte))} in host name`)
      bytes.push(byte)
    }
  }
  return new TextDecoder().decode(Uint8Array.from(bytes))
}

/** Without port and brackets. */
export function hostnameOf({ host }: GoUrl): string {
  const bracketed = /^\[(.*)\](?::\d*)?$/.exec(host)
  return bracketed ? bracketed[1]! : host.replace(/:\d*$/, '')
}

export const portOf = ({ host }: GoUrl): string => /:(\d+)$/.exec(host.replace(/^\[.*\]/, ''))?.[1] ?? ''

const PATH_CHARACTERS = /[A-Za-z0-9\-_.~$&+,/:;=@]/

/** As it was written, where that is a way to write it; else as Go writes it. */
export function escapedPathOf({ path, rawPath }: GoUrl): string {
  if (rawPath !== '' && /^[A-Za-z0-9\-_.~!$&'()*+,;=:@/[\]%]*$/.test(rawPath)) return rawPath
  if (path === '*') return '*'
  return [...new TextEncoder().encode(path)]
    .map((byte) => {
      const char = String.fromCharCode(byte)
      return byte < 0x80 && PATH_CHARACTERS.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
}

/** The values of each key, in their order; what cannot be read is left out. */
export function queryOf({ rawQuery }: GoUrl): Map<string, string[]> {
  const query = new Map<string, string[]>()
  for (const pair of rawQuery.split('&')) {
    if (pair === '' || pair.includes(';')) continue
    const equals = pair.indexOf('=')
    try {
      const read = (text: string): string =>
        unescaped(text, 'query', (why) => {
          throw new UrlFault(why)
        })
      const key = read(equals < 0 ? pair : pair.slice(0, equals))
      query.set(key, [...(query.get(key) ?? []), read(equals < 0 ? '' : pair.slice(equals + 1))])
    } catch (error) {
      if (!(error instanceof UrlFault)) throw error
    }
  }
  return query
}
