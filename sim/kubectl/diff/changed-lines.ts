/**
 * Which lines of two texts differ, as GNU diff chooses among the shortest answers: Myers' search from both ends, made without lines that
 * would only confuse it, and each change moved as far down as it can go.
 * Source: E. Myers, "An O(ND) Difference Algorithm and Its Variations"; https://www.gnu.org/software/diffutils/manual/diffutils.html
 */
import { charge } from '../../engine/work.ts'

/** True for each line that the other side has no counterpart of. */
export interface ChangedLines {
  old: readonly boolean[]
  new: readonly boolean[]
}

/** @param horizon equal lines at the beginning and the end that changes may still move over: as many as are shown around a change */
export function changedLines(old: readonly string[], now: readonly string[], horizon: number): ChangedLines {
  const [head, tail] = equalEnds(old, now, horizon)
  const names = new Map<string, number>()
  const sideOf = (lines: readonly string[]): Side => {
    const middle = lines.slice(head, lines.length - tail).map((line) => {
      if (!names.has(line)) names.set(line, names.size)
      return names.get(line)!
    })
    return { lines: middle, changed: middle.map(() => false) }
  }
  const [a, b] = [sideOf(old), sideOf(now)]
  const [restA, restB] = [withoutConfusing(a, b), withoutConfusing(b, a)]
  compare(sequenceOf(a, restA), sequenceOf(b, restB))
  moveRuns(a, b)
  moveRuns(b, a)
  const whole = ({ changed }: Side): boolean[] => [
    ...Array<boolean>(head).fill(false),
    ...changed,
    ...Array<boolean>(tail).fill(false),
  ]
  return { old: whole(a), new: whole(b) }
}

interface Side {
  /** Equal lines have the same number. */
  lines: number[]
  changed: boolean[]
}

/** How many lines at both ends are equal and out of any change's reach. */
function equalEnds(a: readonly string[], b: readonly string[], horizon: number): [number, number] {
  const shorter = Math.min(a.length, b.length)
  let head = 0
  while (head < shorter && a[head] === b[head]) head++
  head = Math.max(0, head - horizon)
  let tail = 0
  while (tail < shorter - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++
  return [head, Math.max(0, tail - horizon)]
}

// ---------- lines that are left out of the search ----------

type Doubt = 'keep' | 'drop' | 'maybe'

/** The places of the lines to search with: without those that the other side lacks, and some among these that it has very often. */
function withoutConfusing({ lines }: Side, other: Side): number[] {
  const counts = new Map<number, number>()
  for (const line of other.lines) counts.set(line, (counts.get(line) ?? 0) + 1)
  const often = 5 * roughRoot(Math.floor(lines.length / 64))
  const doubts = lines.map((line): Doubt => {
    const count = counts.get(line) ?? 0
    return count === 0 ? 'drop' : count > often ? 'maybe' : 'keep'
  })
  for (let at = 0; at < doubts.length; at++) {
    if (doubts[at] === 'maybe') doubts[at] = 'keep'
    if (doubts[at] === 'drop') at = settleRun(doubts, at)
  }
  return [...lines.keys()].filter((at) => doubts[at] === 'keep')
}

/** A power of two near the square root. */
function roughRoot(value: number): number {
  let root = 1
  for (let rest = value >> 2; rest > 0; rest >>= 2) root *= 2
  return root
}

/** Decides on the doubtful lines of the run of unwanted ones that begins there. @returns where to go on from */
function settleRun(doubts: Doubt[], start: number): number {
  let end = start
  while (end < doubts.length && doubts[end] !== 'keep') end++
  while (doubts[end - 1] === 'maybe') doubts[--end] = 'keep'
  const length = end - start
  const places = [...Array(length).keys()].map((n) => start + n)
  const keepAll = (some: readonly number[]): void => {
    for (const at of some) if (doubts[at] === 'maybe') doubts[at] = 'keep'
  }
  if (places.filter((at) => doubts[at] === 'maybe').length * 4 > length) {
    keepAll(places)
    return start
  }
  const tooMany = roughRoot(length >> 2) + 1
  let subrun: number[] = []
  for (const at of [...places, end]) {
    if (at < end && doubts[at] === 'maybe') {
      subrun.push(at)
      continue
    }
    if (subrun.length >= tooMany) keepAll(subrun)
    subrun = []
  }
  keepAll(beforeFirm(doubts, places))
  keepAll(beforeFirm(doubts, places.toReversed()))
  return end - 1
}

/** The places ahead of three unwanted lines in a row, or of the first unwanted one that has eight before it. */
function beforeFirm(doubts: readonly Doubt[], places: readonly number[]): readonly number[] {
  let inRow = 0
  const at = places.findIndex((place, n) => {
    if (n >= 8 && doubts[place] === 'drop') return true
    inRow = doubts[place] === 'drop' ? inRow + 1 : 0
    return inRow === 3
  })
  return at < 0 ? places : places.slice(0, at)
}

// ---------- the search ----------

interface Sequence {
  lines: readonly number[]
  mark(at: number): void
}

/** The lines at the places; all others count as changed. */
function sequenceOf({ lines, changed }: Side, places: readonly number[]): Sequence {
  changed.fill(true)
  for (const at of places) changed[at] = false
  return {
    lines: places.map((at) => lines[at]),
    mark(at) {
      changed[places[at]] = true
    },
  }
}

/** Marks what one has and the other lacks, in the part of both that the box takes. */
function compare(
  a: Sequence,
  b: Sequence,
  box: Box = { top: 0, bottom: a.lines.length, left: 0, right: b.lines.length },
): void {
  let { top, bottom, left, right } = box
  while (top < bottom && left < right && a.lines[top] === b.lines[left]) {
    top++
    left++
  }
  while (top < bottom && left < right && a.lines[bottom - 1] === b.lines[right - 1]) {
    bottom--
    right--
  }
  if (top === bottom) for (let at = left; at < right; at++) b.mark(at)
  else if (left === right) for (let at = top; at < bottom; at++) a.mark(at)
  else {
    const [x, y] = meeting(a.lines, b.lines, { top, bottom, left, right })
    compare(a, b, { top, bottom: x, left, right: y })
    compare(a, b, { top: x, bottom, left: y, right })
  }
}

interface Box {
  top: number
  bottom: number
  left: number
  right: number
}

/**
 * A point on a shortest way from one corner to the other: where the searches from both meet. Diagonals are numbered by the line of the
 * one less that of the other. Simplified: GNU diff gives up on the shortest way where thousands of lines differ.
 */
function meeting(a: readonly number[], b: readonly number[], { top, bottom, left, right }: Box): [number, number] {
  const [lowest, highest] = [top - right, bottom - left]
  const [origin, target] = [top - left, bottom - right]
  const isOdd = ((origin - target) & 1) !== 0
  /** How far each search has come on a diagonal. */
  const ahead = new Map([[origin, top]])
  const back = new Map([[target, bottom]])
  const wave = { ahead: { from: origin, to: origin }, back: { from: target, to: target } }
  for (;;) {
    spread(wave.ahead, lowest, highest, ahead, -1)
    charge(wave.ahead.to - wave.ahead.from + wave.back.to - wave.back.from + 2)
    for (let d = wave.ahead.to; d >= wave.ahead.from; d -= 2) {
      const [below, above] = [ahead.get(d - 1)!, ahead.get(d + 1)!]
      let x = below < above ? above : below + 1
      const before = x
      while (x < bottom && x - d < right && a[x] === b[x - d]) x++
      charge((x - before) >> 3)
      ahead.set(d, x)
      if (isOdd && wave.back.from <= d && d <= wave.back.to && back.get(d)! <= x) return [x, x - d]
    }
    spread(wave.back, lowest, highest, back, Number.POSITIVE_INFINITY)
    for (let d = wave.back.to; d >= wave.back.from; d -= 2) {
      const [below, above] = [back.get(d - 1)!, back.get(d + 1)!]
      let x = below < above ? below : above - 1
      while (x > top && x - d > left && a[x - 1] === b[x - d - 1]) x--
      back.set(d, x)
      if (!isOdd && wave.ahead.from <= d && d <= wave.ahead.to && x <= ahead.get(d)!) return [x, x - d]
    }
  }
}

/** A step more to both sides; at the border of the box, a step less. @param nowhere stands beside the outermost diagonals */
function spread(
  wave: { from: number; to: number },
  lowest: number,
  highest: number,
  reached: Map<number, number>,
  nowhere: number,
): void {
  if (wave.from > lowest) reached.set(--wave.from - 1, nowhere)
  else wave.from++
  if (wave.to < highest) reached.set(++wave.to + 1, nowhere)
  else wave.to--
}

// ---------- changes that could stand elsewhere ----------

/** Moves each run of changed lines up until it meets others, then down as far as it goes, and back to one of the other side's. */
function moveRuns(side: Side, other: Side): void {
  const { lines, changed } = side
  const end = lines.length
  /** The line of the other side that belongs to the line `at`. */
  let partner = 0
  const skipOther = (): void => {
    while (other.changed[partner]) partner++
  }
  const partnerUp = (): void => {
    do partner--
    while (other.changed[partner])
  }
  let at = 0
  for (;;) {
    while (at < end && !changed[at]) {
      skipOther()
      partner++
      at++
    }
    if (at === end) return
    let start = at
    while (at < end && changed[at]) at++
    skipOther()
    let matched: number
    let length: number
    do {
      length = at - start
      while (start > 0 && lines[start - 1] === lines[at - 1]) {
        changed[--start] = true
        changed[--at] = false
        while (start > 0 && changed[start - 1]) start--
        partnerUp()
      }
      matched = partner > 0 && other.changed[partner - 1] ? at : end
      while (at < end && lines[start] === lines[at]) {
        changed[start++] = false
        changed[at++] = true
        while (at < end && changed[at]) at++
        partner++
        while (other.changed[partner]) {
          partner++
          matched = at
        }
      }
    } while (length !== at - start)
    while (matched < at) {
      changed[--start] = true
      changed[--at] = false
      partnerUp()
    }
  }
}
