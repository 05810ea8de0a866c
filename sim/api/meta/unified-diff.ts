/**
 * How two texts differ, as `diff -u` lays it out: the longest stretch of lines that both have stays, then the longest before and behind it, and so on.
 * Lines that stand in a long text many times (`}`) begin no stretch. Source: util/diff, which asks go-difflib
 */
import { charge, chargeText } from '../../engine/work.ts'

/** So many lines stay around a change. */
const CONTEXT = 3
/** In a text of so many lines a line counts as common that makes more than a hundredth of it. */
const LONG = 200

interface Match {
  a: number
  b: number
  size: number
}

/** `@@ -1,6 +1,6 @@` and the lines below, each with what it is; '' when the texts are the same. */
export function unifiedDiff(before: string, after: string): string {
  chargeText(before.length + after.length)
  const a = before.split('\n')
  const b = after.split('\n')
  // Each line is looked up, compared and written a few times.
  charge(8 * (a.length + b.length))
  return groupsOf(changesOf(a, b))
    .map((group) => hunk(group, a, b))
    .join('')
}

interface Change {
  isEqual: boolean
  a: readonly [number, number]
  b: readonly [number, number]
}

function changesOf(a: readonly string[], b: readonly string[]): Change[] {
  const changes: Change[] = []
  let [i, j] = [0, 0]
  for (const match of [...matchesOf(a, b), { a: a.length, b: b.length, size: 0 }]) {
    if (i < match.a || j < match.b) changes.push({ isEqual: false, a: [i, match.a], b: [j, match.b] })
    i = match.a + match.size
    j = match.b + match.size
    if (match.size > 0) changes.push({ isEqual: true, a: [match.a, i], b: [match.b, j] })
  }
  return changes
}

function matchesOf(a: readonly string[], b: readonly string[]): Match[] {
  const places = placesOf(b)
  const matches: Match[] = []
  const visit = (aFrom: number, aTo: number, bFrom: number, bTo: number): void => {
    const match = longestMatch(a, b, places, [aFrom, aTo], [bFrom, bTo])
    if (match.size === 0) return
    visit(aFrom, match.a, bFrom, match.b)
    const last = matches.at(-1)
    if (last && last.a + last.size === match.a && last.b + last.size === match.b) last.size += match.size
    else matches.push({ ...match })
    visit(match.a + match.size, aTo, match.b + match.size, bTo)
  }
  visit(0, a.length, 0, b.length)
  return matches
}

/** Where each line stands, but for common ones. */
function placesOf(lines: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>()
  for (const [index, line] of lines.entries()) {
    const known = places.get(line)
    if (known) known.push(index)
    else places.set(line, [index])
  }
  const most = Math.trunc(lines.length / 100) + 1
  if (lines.length >= LONG) for (const [line, indices] of places) if (indices.length > most) places.delete(line)
  return places
}

function longestMatch(
  a: readonly string[],
  b: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  [aFrom, aTo]: readonly [number, number],
  [bFrom, bTo]: readonly [number, number],
): Match {
  let best: Match = { a: aFrom, b: bFrom, size: 0 }
  let lengths = new Map<number, number>()
  for (let i = aFrom; i < aTo; i++) {
    const next = new Map<number, number>()
    const indices = places.get(a[i]) ?? []
    charge(1 + indices.length)
    for (const j of indices) {
      if (j < bFrom || j >= bTo) continue
      const size = (lengths.get(j - 1) ?? 0) + 1
      next.set(j, size)
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size }
    }
    lengths = next
  }
  // Common lines beside it belong to it.
  while (best.a > aFrom && best.b > bFrom && a[best.a - 1] === b[best.b - 1])
    best = { a: best.a - 1, b: best.b - 1, size: best.size + 1 }
  while (best.a + best.size < aTo && best.b + best.size < bTo && a[best.a + best.size] === b[best.b + best.size])
    best = { ...best, size: best.size + 1 }
  return best
}

/** The changes with the lines around them; those that are near each other together. */
function groupsOf(changes: readonly Change[]): Change[][] {
  const groups: Change[][] = []
  let group: Change[] = []
  for (const [index, change] of changes.entries()) {
    if (!change.isEqual) {
      group.push(change)
      continue
    }
    const [isFirst, isLast] = [index === 0, index === changes.length - 1]
    const lines = change.a[1] - change.a[0]
    if (!isFirst && !isLast && lines <= 2 * CONTEXT) {
      group.push(change)
      continue
    }
    if (!isFirst) {
      group.push(part(change, 0, Math.min(lines, CONTEXT)))
      groups.push(group)
      group = []
    }
    if (!isLast) group.push(part(change, Math.max(0, lines - CONTEXT), lines))
  }
  if (group.some(({ isEqual }) => !isEqual)) groups.push(group)
  return groups
}

const part = ({ a, b }: Change, from: number, to: number): Change => ({
  isEqual: true,
  a: [a[0] + from, a[0] + to],
  b: [b[0] + from, b[0] + to],
})

function hunk(group: readonly Change[], a: readonly string[], b: readonly string[]): string {
  const first = group[0]
  const last = group[group.length - 1]
  const lines = [`@@ -${range(first.a[0], last.a[1])} +${range(first.b[0], last.b[1])} @@`]
  // One by one: a call cannot be given as many arguments as a text has lines.
  const add = (mark: string, all: readonly string[], [from, to]: readonly [number, number]): void => {
    for (let at = from; at < to; at++) lines.push(mark + all[at])
  }
  for (const change of group) {
    add(change.isEqual ? ' ' : '-', a, change.a)
    if (!change.isEqual) add('+', b, change.b)
  }
  return `${lines.join('\n')}\n`
}

function range(from: number, to: number): string {
  const length = to - from
  if (length === 1) return String(from + 1)
  return `${length === 0 ? from : from + 1},${length}`
}
