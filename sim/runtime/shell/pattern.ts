/** Shell patterns: matching without backtracking blow-up, and pathname expansion. In a pattern a backslash quotes the next character. */

import { charge } from '../../engine/work.ts'
import type { FileSystem } from '../files.ts'

type Token =
  | { kind: 'char'; char: string }
  | { kind: 'any' }
  | { kind: 'star' }
  | { kind: 'set'; isNegated: boolean; test: (char: string) => boolean }

const classes: Record<string, RegExp> = {
  alpha: /[A-Za-z]/,
  digit: /[0-9]/,
  alnum: /[A-Za-z0-9]/,
  upper: /[A-Z]/,
  lower: /[a-z]/,
  space: /[ \t\n\r\f\v]/,
  blank: /[ \t]/,
  punct: /[!-/:-@[-`{-~]/,
  xdigit: /[0-9A-Fa-f]/,
  print: /[ -~]/,
  cntrl: /[\p{Cc}]/u,
  graph: /[!-~]/,
}

/** Quotes every character of a text that a pattern would take for special. */
export const quotePattern = (text: string): string => text.replace(/[\\*?[\]]/g, '\\$&')

/** True when the pattern has an unquoted special character. */
export const hasGlob = (pattern: string): boolean => /(?:^|[^\\])(?:\\\\)*[*?[]/.test(pattern)

/** A pattern's text when nothing in it is special. */
const unquotePattern = (pattern: string): string => pattern.replace(/\\([\s\S])/g, '$1')

function tokenize(pattern: string): Token[] {
  const tokens: Token[] = []
  charge(pattern.length)
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i]
    if (char === '\\' && i + 1 < pattern.length) tokens.push({ kind: 'char', char: pattern[++i] })
    else if (char === '*') {
      if (tokens[tokens.length - 1]?.kind !== 'star') tokens.push({ kind: 'star' })
    } else if (char === '?') tokens.push({ kind: 'any' })
    else if (char === '[') {
      const set = readSet(pattern, i)
      if (!set) tokens.push({ kind: 'char', char })
      else {
        tokens.push(set.token)
        i = set.end
      }
    } else tokens.push({ kind: 'char', char })
  }
  return tokens
}

function readSet(pattern: string, start: number): { token: Token; end: number } | undefined {
  let i = start + 1
  const isNegated = pattern[i] === '!' || pattern[i] === '^'
  if (isNegated) i++
  const tests: ((char: string) => boolean)[] = []
  for (let isFirst = true; i < pattern.length; isFirst = false) {
    if (pattern[i] === ']' && !isFirst) {
      return { token: { kind: 'set', isNegated, test: (char) => tests.some((test) => test(char)) }, end: i }
    }
    const named = /^\[:(\w+):\]/.exec(pattern.slice(i, i + 12))
    if (named) {
      const regex = classes[named[1]]
      tests.push((char) => regex?.test(char) ?? false)
      i += named[0].length
      continue
    }
    if (pattern[i] === '\\' && i + 1 < pattern.length) i++
    const low = pattern[i++]
    if (pattern[i] === '-' && i + 1 < pattern.length && pattern[i + 1] !== ']') {
      i++
      if (pattern[i] === '\\' && i + 1 < pattern.length) i++
      const high = pattern[i++]
      tests.push((char) => char >= low && char <= high)
    } else tests.push((char) => char === low)
  }
  return undefined
}

function accepts(token: Token, char: string): boolean {
  if (token.kind === 'char') return token.char === char
  if (token.kind === 'set') return token.test(char) !== token.isNegated
  return true
}

/** True when the pattern matches the whole text. */
export function matchPattern(pattern: string, text: string): boolean {
  return matchTokens(tokenize(pattern), text)
}

function matchTokens(tokens: readonly Token[], text: string): boolean {
  let t = 0
  let i = 0
  let starAt = -1
  let starText = 0
  charge(1)
  while (i < text.length) {
    charge(1)
    const token = tokens[t]
    if (token?.kind === 'star') {
      starAt = t++
      starText = i
    } else if (token && accepts(token, text[i])) {
      t++
      i++
    } else if (starAt >= 0) {
      t = starAt + 1
      i = ++starText
    } else return false
  }
  while (tokens[t]?.kind === 'star') t++
  return t === tokens.length
}

/** Work that one match may take; no pattern that somebody means comes near it. */
const mostWork = 100_000_000

/**
 * The leftmost match from there on, the longest or shortest of those, by following all ways at once: its time grows with the
 * text, whatever the pattern. With `isAnchored` only a match that begins at `from`. With `isBackwards` the text is read from its end, as are
 * the tokens, and places count from there.
 */
function findMatch(
  tokens: readonly Token[],
  text: string,
  from: number,
  options: { isAnchored: boolean; isShortest?: boolean; isBackwards?: boolean },
): { start: number; end: number } | undefined {
  if (tokens.length * (text.length - from) > mostWork) return undefined
  const last = tokens.length
  /** By token: where the way began that waits for it, or -1. */
  let ways = new Int32Array(last + 1).fill(-1)
  let next = new Int32Array(last + 1).fill(-1)
  let best: { start: number; end: number } | undefined
  const add = (list: Int32Array, token: number, start: number): void => {
    for (let t = token; list[t] < 0 || list[t] > start; t++) {
      list[t] = start
      if (t === last || tokens[t].kind !== 'star') return
    }
  }
  for (let at = from; at <= text.length; at++) {
    charge(1 + (last >> 3))
    if (!best && (!options.isAnchored || at === from)) add(ways, 0, at)
    if (ways[last] >= 0 && (!best || ways[last] <= best.start)) {
      best = { start: ways[last], end: at }
      if (options.isShortest) return best
    }
    if (at === text.length) break
    const char = text[options.isBackwards ? text.length - 1 - at : at]
    let isAlive = false
    next.fill(-1)
    for (let t = 0; t < last; t++) {
      const start = ways[t]
      if (start < 0 || (best && start > best.start)) continue
      if (tokens[t].kind === 'star') add(next, t, start)
      else if (accepts(tokens[t], char)) add(next, t + 1, start)
      else continue
      isAlive = true
    }
    ;[ways, next] = [next, ways]
    if (!isAlive && (best || options.isAnchored)) break
  }
  return best
}

/** What is left of a text after taking off the prefix or suffix that matches: `${x#..}`, `${x##..}`, `${x%..}`, `${x%%..}`. */
export function removeMatch(text: string, pattern: string, side: 'prefix' | 'suffix', isLongest: boolean): string {
  const options = { isAnchored: true, isShortest: !isLongest }
  if (side === 'prefix') {
    const found = findMatch(tokenize(pattern), text, 0, options)
    return found ? text.slice(found.end) : text
  }
  const found = findMatch(tokenize(pattern).reverse(), text, 0, { ...options, isBackwards: true })
  return found ? text.slice(0, text.length - found.end) : text
}

/** `${x/pattern/replacement}` and its kin. */
export function replaceMatch(
  text: string,
  pattern: string,
  replacement: string,
  mode: '/' | '//' | '/#' | '/%',
): string {
  if (pattern === '') return text
  const tokens = tokenize(pattern)
  if (mode === '/%') {
    const found = findMatch(tokens.toReversed(), text, 0, { isAnchored: true, isBackwards: true })
    return found ? text.slice(0, text.length - found.end) + replacement : text
  }
  let result = ''
  let at = 0
  while (at < text.length) {
    const found = findMatch(tokens, text, at, { isAnchored: mode === '/#' })
    if (!found || found.end === found.start) break
    result += text.slice(at, found.start) + replacement
    at = found.end
    if (mode !== '//') break
  }
  return result + text.slice(at)
}

/** Paths that match, sorted; none when nothing does. At most `limit`. */
export function expandPathname(pattern: string, cwd: string, files: FileSystem, limit = 10_000): string[] {
  const isAbsolute = pattern.startsWith('/')
  const names = splitPath(pattern)
  let found: string[] = [isAbsolute ? '/' : '']
  for (const [index, name] of names.entries()) {
    const next: string[] = []
    const isLast = index === names.length - 1
    for (const base of found) {
      const prefix = base === '' || base.endsWith('/') ? base : `${base}/`
      const directory = base === '' ? cwd : base.startsWith('/') ? base : `${cwd === '/' ? '' : cwd}/${base}`
      if (name === '') {
        if (isDirectory(files, directory)) next.push(prefix)
        continue
      }
      if (!hasGlob(name)) {
        const path = prefix + unquotePattern(name)
        const absolute = path.startsWith('/') ? path : `${cwd === '/' ? '' : cwd}/${path}`
        if (isLast ? existsAtAll(files, absolute) : isDirectory(files, absolute)) next.push(path)
        continue
      }
      const tokens = tokenize(name)
      const showsHidden = name.startsWith('.')
      for (const entry of listOrNone(files, directory)) {
        if (entry.startsWith('.') && !showsHidden) continue
        if (!matchTokens(tokens, entry)) continue
        if (!isLast && !isDirectory(files, `${directory === '/' ? '' : directory}/${entry}`)) continue
        next.push(prefix + entry)
        if (next.length >= limit) break
      }
    }
    found = next
  }
  return found.sort()
}

/** Names of a pattern's path; a slash at the end leaves an empty last name. */
function splitPath(pattern: string): string[] {
  const names = pattern.split(/\/+/)
  if (names[0] === '') names.shift()
  return names
}

function listOrNone(files: FileSystem, path: string): string[] {
  try {
    return files.list(path)
  } catch {
    return []
  }
}

function existsAtAll(files: FileSystem, path: string): boolean {
  try {
    files.lstat(path)
    return true
  } catch {
    return false
  }
}

function isDirectory(files: FileSystem, path: string): boolean {
  try {
    return files.stat(path).type === 'directory'
  } catch {
    return false
  }
}
