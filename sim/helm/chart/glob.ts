/** Patterns for paths: `*` and `?` stay within a folder, `**` does not. Source: path/filepath.Match, github.com/gobwas/glob */
import { chargeText } from '../../engine/work.ts'

/** Each pattern is tried in a time that grows with pattern times path. */
export function globTest(pattern: string): (path: string) => boolean {
  const alternatives = expandBraces(pattern)
  return (path) => alternatives.some((one) => matchesGlob(one, path))
}

/** `{a,b}`, one level deep. */
function expandBraces(pattern: string): string[] {
  const found = /^(.*?)\{([^{}]*)\}(.*)$/s.exec(pattern)
  if (!found) return [pattern]
  const [, before = '', inner = '', after = ''] = found
  return inner
    .split(',')
    .slice(0, 50)
    .map((part) => before + part + after.replace(/\{[^{}]*\}/g, '*'))
}

function matchesGlob(pattern: string, path: string): boolean {
  chargeText(16 * pattern.length * (path.length + 1))
  // Which places of the pattern are reached after each character.
  let reached = closure(pattern, new Set([0]))
  for (const char of path) {
    const next = new Set<number>()
    for (const at of reached) {
      const sign = pattern[at]
      if (sign === undefined) continue
      if (sign === '*') {
        if (char !== '/' || pattern[at + 1] === '*') next.add(at)
      } else if (sign === '?') {
        if (char !== '/') next.add(at + 1)
      } else if (sign === '[') {
        const set = /^\[(\^|!)?([^\]]+)\]/.exec(pattern.slice(at))
        if (!set) continue
        if (inSet(set[2]!, char) !== Boolean(set[1])) next.add(at + set[0].length)
      } else if (sign === '\\' ? pattern[at + 1] === char : sign === char) next.add(at + (sign === '\\' ? 2 : 1))
    }
    reached = closure(pattern, next)
    if (reached.size === 0) return false
  }
  return reached.has(pattern.length)
}

/** Stars may stand for nothing. */
function closure(pattern: string, places: Set<number>): Set<number> {
  for (const at of places) {
    if (pattern.startsWith('**', at)) {
      places.add(at + 2)
      if (pattern[at + 2] === '/') places.add(at + 3)
    } else if (pattern[at] === '*') places.add(at + 1)
  }
  return places
}

function inSet(set: string, char: string): boolean {
  for (let at = 0; at < set.length; at++) {
    if (set[at + 1] === '-' && at + 2 < set.length) {
      if (char >= set[at]! && char <= set[at + 2]!) return true
      at += 2
    } else if (set[at] === char) return true
  }
  return false
}
