/**
 * Sprig's functions over regular expressions, paths and addresses.
 * Simplified: of several ways to match from one place the longest counts, where Go takes the first alternative and `+?` the shortest.
 */
import { chargeText } from '../../engine/work.ts'
import { copied, escapeQuery } from '../../go-template/builtins.ts'
import { CallError, goFunction as fn, type GoFunction } from '../../go-template/functions.ts'
import { type GoMap, longestValue, ownValue } from '../../go-template/values.ts'
import { expandGroups } from '../../text/go-regexp.ts'
import { compilePerlRegex } from '../../text/perl-regex.ts'
import { type Regex, RegexError, type RegexMatch } from '../../text/regex.ts'
import { textOf } from './strings.ts'

function compile(pattern: string): Regex {
  try {
    return compilePerlRegex(pattern)
  } catch (error) {
    if (!(error instanceof RegexError)) throw error
    throw new CallError(`error parsing regexp: ${error.message}: \`${pattern}\``)
  }
}

function* matches(pattern: string, text: string, most = Number.POSITIVE_INFINITY): Generator<RegexMatch> {
  let count = 0
  try {
    for (const match of compile(pattern).matches(text)) {
      if (count++ >= most) return
      yield match
    }
  } catch (error) {
    if (!(error instanceof RegexError)) throw error
    throw new CallError(`the expression takes too long: \`${pattern}\``)
  }
}

const most = (count: bigint): number => (count < 0n ? Number.POSITIVE_INFINITY : Number(count))

function replacedAll(pattern: string, text: string, replace: (match: RegexMatch) => string): string {
  let [made, at] = ['', 0]
  for (const match of matches(pattern, text)) {
    made += text.slice(at, match.index) + replace(match)
    at = match.end
    if (made.length > longestValue) throw new CallError('the text with its replacements is too long')
  }
  return copied(made + text.slice(at))
}

const both = (name: string, made: GoFunction): Record<string, GoFunction> => ({
  [name]: made,
  [`must${name[0]!.toUpperCase()}${name.slice(1)}`]: made,
})

export const patternFunctions: Readonly<Record<string, GoFunction>> = {
  ...both(
    'regexMatch',
    fn('string string', (pattern: string, text: string) => !matches(pattern, text, 1).next().done),
  ),
  ...both(
    'regexFind',
    fn('string string', (pattern: string, text: string) => [...matches(pattern, text, 1)][0]?.groups[0] ?? ''),
  ),
  ...both(
    'regexFindAll',
    fn('string string int', (pattern: string, text: string, count: bigint) =>
      [...matches(pattern, text, most(count))].map(({ groups }) => groups[0] ?? ''),
    ),
  ),
  ...both(
    'regexReplaceAll',
    fn('string string string', (pattern: string, text: string, by: string) =>
      replacedAll(pattern, text, ({ groups }) => expandGroups(by, groups)),
    ),
  ),
  ...both(
    'regexReplaceAllLiteral',
    fn('string string string', (pattern: string, text: string, by: string) => replacedAll(pattern, text, () => by)),
  ),
  ...both(
    'regexSplit',
    fn('string string int', (pattern: string, text: string, count: bigint) => {
      if (count === 0n) return []
      const parts: string[] = []
      let at = 0
      for (const match of matches(pattern, text)) {
        if (count > 0n && parts.length >= Number(count) - 1) break
        if (match.end === 0) continue
        parts.push(text.slice(at, match.index))
        at = match.end
      }
      return [...parts, text.slice(at)]
    }),
  ),
  regexQuoteMeta: fn('string', (text: string) => copied(text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&'))),
  base: fn('string', baseName),
  osBase: fn('string', baseName),
  dir: fn('string', dirName),
  osDir: fn('string', dirName),
  clean: fn('string', cleanPath),
  osClean: fn('string', cleanPath),
  ext: fn('string', (path: string) => /\.[^./]*$/.exec(path)?.[0] ?? ''),
  osExt: fn('string', (path: string) => /\.[^./]*$/.exec(path)?.[0] ?? ''),
  isAbs: fn('string', (path: string) => path.startsWith('/')),
  osIsAbs: fn('string', (path: string) => path.startsWith('/')),
  urlParse: fn('string', (text: string) => {
    const found = /^(?:([A-Za-z][\w+.-]*):)?(?:\/\/(?:([^/?#@]*)@)?([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/.exec(
      text,
    )
    if (!found) throw new CallError(`unable to parse url: parse ${JSON.stringify(text)}`)
    const [, scheme = '', userinfo = '', host = '', path = '', query = '', fragment = ''] = found
    const hostname = host.replace(/:\d*$/, '')
    const isOpaque = scheme !== '' && !text.slice(scheme.length + 1).startsWith('/') && host === ''
    return {
      ...{ scheme, userinfo, host, hostname, query, fragment },
      ...(isOpaque ? { opaque: path, path: '' } : { opaque: '', path }),
    }
  }),
  urlJoin: fn('map', (map: GoMap | null) => {
    const part = (key: string): string => textOf(ownValue(map ?? {}, key) ?? '')
    const [scheme, user, host, path] = [part('scheme'), part('userinfo'), part('host'), part('path')]
    const authority = host || user ? `//${user ? `${user}@` : ''}${host}` : ''
    const way = authority && path && !path.startsWith('/') ? `/${path}` : path
    const query = part('query') ? `?${part('query')}` : ''
    const fragment = part('fragment') ? `#${escapeQuery(part('fragment'))}` : ''
    return copied((scheme ? `${scheme}:` : '') + (part('opaque') || authority + way) + query + fragment)
  }),
  getHostByName: fn('string', () => ''),
}

function cleanPath(path: string): string {
  chargeText(path.length)
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (!path.startsWith('/')) parts.push('..')
  }
  return (path.startsWith('/') ? '/' : '') + parts.join('/') || '.'
}

function baseName(path: string): string {
  if (path === '') return '.'
  let end = path.length
  while (path[end - 1] === '/') end--
  return end === 0 ? '/' : path.slice(path.lastIndexOf('/', end - 1) + 1, end)
}

function dirName(path: string): string {
  return cleanPath(path.slice(0, path.lastIndexOf('/') + 1))
}
