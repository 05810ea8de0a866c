/** What the bank of questions as a whole gives away: statistics by which somebody who knows nothing could guess. Pure. */
import type { OptionsQuestion } from '../questions/options.ts'
import type { TrueFalseQuestion } from '../questions/true-false.ts'
import type { Catalog, Question } from './types.ts'

export interface BankStatistics {
  single: {
    count: number
    /** How often the right option is the shortest, the second, … the longest: a part of all, by rank among as many options. */
    rightByLength: Record<string, number>
    /** How often the longest option is the right one, and how often it would be by chance. */
    longestIsRight: { found: number; byChance: number }
  }
  multiple: {
    count: number
    /** `3 of 6`: how many questions have so many right options. */
    rightOfOptions: Record<string, number>
  }
  trueFalse: { true: number; false: number }
}

const ofType = <T>({ questions }: Catalog, type: Question['type']): T[] =>
  [...questions.values()].flatMap((question) => (question.type === type ? [question.data as T] : []))

/** How many of the items have each key. */
export function countBy<T>(items: Iterable<T>, keyOf: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1
  return counts
}

const isRight = ({ correct }: { correct: boolean }): boolean => correct

/** Options as long as another one share its rank with it: the earlier in the file is taken for the shorter. */
export function bankStatistics(catalog: Catalog): BankStatistics {
  const singles = ofType<OptionsQuestion>(catalog, 'single').map(({ options }) => {
    const byLength = [...options].sort((a, b) => a.text.length - b.text.length)
    return { rank: byLength.findIndex(isRight) + 1, of: options.length }
  })
  const multiples = ofType<OptionsQuestion>(catalog, 'multiple')
  const statements = ofType<TrueFalseQuestion>(catalog, 'true-false')
  const byChance = singles.reduce((sum, { of }) => sum + 1 / of, 0)
  return {
    single: {
      count: singles.length,
      rightByLength: countBy(singles, ({ rank, of }) => `${rank} of ${of}`),
      longestIsRight: {
        found: singles.filter(({ rank, of }) => rank === of).length,
        byChance: Math.round(byChance * 10) / 10,
      },
    },
    multiple: {
      count: multiples.length,
      rightOfOptions: countBy(multiples, ({ options }) => `${options.filter(isRight).length} of ${options.length}`),
    },
    trueFalse: {
      true: statements.filter(({ answer }) => answer).length,
      false: statements.filter(({ answer }) => !answer).length,
    },
  }
}

/** From so many of a kind on a share says something. */
const fewest = 20

/**
 * What somebody who knows nothing could guess by, in words: a rank by length that is right much more often than others, a usual number of right
 * options, a claim that is usually true. Of few questions nothing is told.
 */
export function guessable({ single, multiple, trueFalse }: BankStatistics): string[] {
  const told: string[] = []
  const unevenly = (
    counts: Record<string, number>,
    what: (key: string, count: number, of: number) => string,
    most: number,
    least: number,
  ) => {
    const byOptions = new Map<string, [string, number][]>()
    for (const [key, count] of Object.entries(counts)) {
      const options = key.split(' of ')[1]!
      byOptions.set(options, [...(byOptions.get(options) ?? []), [key, count]])
    }
    for (const [options, ranks] of byOptions) {
      const all = ranks.reduce((sum, [, count]) => sum + count, 0)
      const even = all / Number(options)
      if (all < fewest) continue
      for (const [key, count] of ranks)
        if (count > most * even || count < least * even) told.push(what(key, count, all))
    }
  }
  unevenly(
    single.rightByLength,
    (key, count, of) => `of ${of} single choices the option whose length is ${key} is right in ${count}`,
    1.6,
    0.5,
  )
  unevenly(
    multiple.rightOfOptions,
    (key, count, of) => `of ${of} multiple choices ${count} have ${key} right options`,
    3,
    0,
  )
  const statements = trueFalse.true + trueFalse.false
  if (statements >= fewest && Math.abs(trueFalse.true / statements - 0.5) > 0.15)
    told.push(`of ${statements} claims ${trueFalse.true} are true`)
  return told
}
