/** What somebody earns on average who knows nothing and chooses by chance, 0 to 1. */
import type { MatchQuestion } from './match.ts'
import type { OptionsQuestion } from './options.ts'
import type { OrderQuestion } from './order.ts'
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
    // Each option is ticked or left.
    case 'multiple':
      return 1 / 2
    case 'order':
      return guessOfOrder((data as OrderQuestion).items.length)
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

/** The mean over all orders of so many steps, told by how many of their pairs are in the wrong order. */
function guessOfOrder(steps: number): number {
  // A step that is put among n others is in the wrong order with 0 to n of them, each as likely.
  let chances = [1]
  for (let others = 1; others < steps; others++)
    chances = Array.from({ length: chances.length + others }, (_, wrong) =>
      Array.from({ length: others + 1 }, (_, added) => (chances[wrong - added] ?? 0) / (others + 1)).reduce(
        (sum, chance) => sum + chance,
      ),
    )
  const pairs = chances.length - 1
  return chances.reduce((sum, chance, wrong) => sum + (chance * Math.max(0, pairs - 2 * wrong)) / pairs, 0)
}
