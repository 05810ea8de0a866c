/**
 * How alike two candidates went about the same task, by what they did and not by what they typed. Most of what is alike is so since the task asks
 * for it: so each likeness is told with how many of those who passed share it. Information for a conversation, never a reason. Pure.
 */
import { fewestPeople } from '../statistics/thresholds.ts'

/** What somebody did, as `behaviourOf` tells it. */
export interface Run {
  seat: string
  steps: readonly string[]
  isPassed: boolean
}

/** Steps in a row. */
export interface SharedSequence {
  steps: readonly string[]
  /** Of those who passed, besides the one who is compared. */
  sharedBy: number
}

export interface Likeness {
  seat: string
  /** Of all sequences of either, the share that both have: 0 to 1. */
  share: number
  /** Of the others who passed, those who are at least as alike to the one who is compared. */
  asAlike: number
  /** What both did and fewest others, the rarest first. */
  rarest: readonly SharedSequence[]
}

export interface Likenesses {
  /** How many others passed: what `sharedBy` and `asAlike` are of. */
  passed: number
  /** With so few the shares say little. */
  isRough: boolean
  /** The most alike first. */
  others: readonly Likeness[]
}

/** So many steps in a row make a sequence. */
const inARow = 3
const mostTold = 5

/** @param runs of one task; of the one who is compared as well */
export function likenessesOf(seat: string, runs: readonly Run[]): Likenesses | undefined {
  const own = runs.find((run) => run.seat === seat)
  if (!own) return undefined
  const mine = sequencesOf(own.steps)
  const others = runs
    .filter((run) => run.seat !== seat)
    .map((run) => ({ seat: run.seat, isPassed: run.isPassed, sequences: sequencesOf(run.steps) }))
  const passed = others.filter(({ isPassed }) => isPassed)
  const sharedBy = new Map([...mine].map(([key]) => [key, passed.filter(({ sequences }) => sequences.has(key)).length]))
  const shares = new Map(others.map((other) => [other.seat, shareOf(mine, other.sequences)]))
  return {
    passed: passed.length,
    isRough: passed.length < fewestPeople,
    others: others
      .map(({ seat: other, sequences }): Likeness => {
        const share = shares.get(other)!
        return {
          seat: other,
          share,
          asAlike: passed.filter((one) => one.seat !== other && shares.get(one.seat)! >= share).length,
          rarest: [...mine]
            .filter(([key]) => sequences.has(key))
            .map(([key, steps]) => ({ steps, sharedBy: sharedBy.get(key)! }))
            .sort((a, b) => a.sharedBy - b.sharedBy)
            .slice(0, mostTold),
        }
      })
      .sort((a, b) => b.share - a.share || (a.seat < b.seat ? -1 : 1)),
  }
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

/** Jaccard's index. */
function shareOf(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): number {
  const both = [...a.keys()].filter((key) => b.has(key)).length
  const either = a.size + b.size - both
  return either === 0 ? 0 : both / either
}
