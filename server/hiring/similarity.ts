/**
 * How alike two candidates went about the same task, by what they did and not by what they typed. Most of what is alike is so since the task asks
 * for it: so each pair is told with how many of all pairs are as alike. Information for a conversation, never a reason. Pure.
 */
import { fewestPeople } from '../statistics/thresholds.ts'

/** What somebody did, as `behaviourOf` tells it. */
export interface Run {
  seat: string
  steps: readonly string[]
}

/** Steps in a row that both did. */
export interface SharedSequence {
  steps: readonly string[]
  /** Of all others. */
  sharedBy: number
}

export interface Pair {
  seats: readonly [string, string]
  /** Of all sequences of either, the share that both have: 0 to 1. */
  share: number
  /** Of all pairs, this one among them, those that are at least as alike. */
  asAlike: number
  /** Sequences that both have: those that at least half of all others have too, those that hardly any has, and the rest. */
  shared: { usual: number; some: number; rare: number }
  /** Of all pairs, this one among them, those with at least as many rare ones. */
  asRare: number
  /** The rarest first. */
  rarest: readonly SharedSequence[]
}

export interface Pairs {
  runs: number
  pairs: number
  /** What is usual of so few cannot be said: no pair is told. */
  isTooFew: boolean
  /** Shares that half of all pairs reach, and one in a hundred. */
  usual: { median: number; top: number } | undefined
  /** Those that share what is rare, most of it first; then those that are among the most alike 1 in 100. */
  told: readonly Pair[]
}

/** So many steps in a row make a sequence. */
const inARow = 3
const mostRarest = 5
const mostTold = 20
/** Of the others, fewer have what is rare. */
const rareBelow = 0.1
const usualFrom = 0.5

/** @param runs of one task, one of each candidate */
export function pairsOf(runs: readonly Run[]): Pairs {
  const known = runs.map(({ seat, steps }) => ({ seat, sequences: sequencesOf(steps) }))
  const count = new Map<string, number>()
  for (const { sequences } of known) for (const key of sequences.keys()) count.set(key, (count.get(key) ?? 0) + 1)
  const others = runs.length - 2
  const all = known.flatMap((one, at) =>
    known.slice(at + 1).map((other) => {
      const both = [...one.sequences.keys()].filter((key) => other.sequences.has(key))
      const either = one.sequences.size + other.sequences.size - both.length
      const shared = { usual: 0, some: 0, rare: 0 }
      for (const key of both) shared[commonness(count.get(key)! - 2, others)]++
      return { one, other, both, share: either === 0 ? 0 : both.length / either, shared }
    }),
  )
  const pairs = all.length
  if (runs.length < fewestPeople) return { runs: runs.length, pairs, isTooFew: true, usual: undefined, told: [] }
  const shares = all.map(({ share }) => share).sort((a, b) => b - a)
  const rares = all.map(({ shared }) => shared.rare).sort((a, b) => b - a)
  const usual = { median: shares[Math.floor((pairs - 1) / 2)]!, top: shares[Math.ceil(pairs / 100) - 1]! }
  const told = all
    // What is as alike as most are says nothing.
    .filter(({ share, shared }) => shared.rare > 0 || (share >= usual.top && share > usual.median))
    .sort((a, b) => b.shared.rare - a.shared.rare || b.share - a.share || (placeOf(a) < placeOf(b) ? -1 : 1))
    .slice(0, mostTold)
    .map(
      ({ one, other, both, share, shared }): Pair => ({
        ...{ seats: [one.seat, other.seat], share, shared },
        asAlike: countFrom(shares, share),
        asRare: countFrom(rares, shared.rare),
        rarest: both
          .map((key) => ({ steps: one.sequences.get(key)!, sharedBy: count.get(key)! - 2 }))
          .sort((a, b) => a.sharedBy - b.sharedBy)
          .slice(0, mostRarest),
      }),
    )
  return { runs: runs.length, pairs, isTooFew: false, usual, told }
}

const placeOf = ({ one, other }: { one: { seat: string }; other: { seat: string } }): string =>
  `${one.seat} ${other.seat}`

function commonness(sharedBy: number, others: number): keyof Pair['shared'] {
  if (sharedBy >= others * usualFrom) return 'usual'
  return sharedBy < others * rareBelow ? 'rare' : 'some'
}

/** Of values from the highest down, those of at least so much. */
function countFrom(values: readonly number[], least: number): number {
  const below = values.findIndex((value) => value < least)
  return below < 0 ? values.length : below
}

/** Those of a run, each once: who repeats something is not more alike by that. */
function sequencesOf(steps: readonly string[]): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  for (let at = 0; at + inARow <= steps.length; at++) {
    const own = steps.slice(at, at + inARow)
    found.set(own.join('\n'), own)
  }
  return found
}

/** A row of two runs that are laid side by side. */
export interface AlignedStep {
  left: string | undefined
  right: string | undefined
}

/** Two runs side by side: as many steps as can be stand in one row, in the order of both. */
export function alignedSteps(left: readonly string[], right: readonly string[]): AlignedStep[] {
  const lengths = Array.from({ length: left.length + 1 }, () => new Array<number>(right.length + 1).fill(0))
  for (let a = left.length - 1; a >= 0; a--)
    for (let b = right.length - 1; b >= 0; b--)
      lengths[a]![b] =
        left[a] === right[b] ? lengths[a + 1]![b + 1]! + 1 : Math.max(lengths[a + 1]![b]!, lengths[a]![b + 1]!)
  const rows: AlignedStep[] = []
  let [a, b] = [0, 0]
  while (a < left.length || b < right.length) {
    if (a < left.length && b < right.length && left[a] === right[b]) rows.push({ left: left[a++], right: right[b++] })
    else if (b >= right.length || (a < left.length && lengths[a + 1]![b]! >= lengths[a]![b + 1]!))
      rows.push({ left: left[a++], right: undefined })
    else rows.push({ left: undefined, right: right[b++] })
  }
  return rows
}
