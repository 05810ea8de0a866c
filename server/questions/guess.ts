/** What somebody earns on average who knows nothing and chooses by chance, 0 to 1. */
import type { MatchQuestion } from './match.ts'
import type { OptionsQuestion } from './options.ts'
import type { PredictQuestion } from './predict.ts'
import type { QuestionTypeName } from './registry.ts'
import type { SpotQuestion } from './spot.ts'

export function guessOf({ type, data }: { type: QuestionTypeName; data: unknown }): number {
  switch (type) {
    case 'single':
      return 1 / (data as OptionsQuestion).options.length
    case 'predict':
      return 1 / ((data as PredictQuestion).ask.choices?.length ?? Number.POSITIVE_INFINITY)
    case 'true-false':
    // Each option is ticked or left, and each pair of steps in order or not.
    case 'multiple':
    case 'order':
      return 1 / 2
    case 'match': {
      const { pairs, extra } = data as MatchQuestion
      return 1 / new Set([...pairs.map(({ right }) => right), ...extra]).size
    }
    case 'spot':
      return (data as SpotQuestion).bug.lines.length / (data as SpotQuestion).code.trimEnd().split('\n').length
    case 'short':
    case 'numeric':
    case 'fix':
    case 'open':
      return 0
  }
}
