/** What the candidates of an exercise did at each item, with the variant that each of them had. */
import type { Catalog } from '../catalog/types.ts'
import type { Exercise } from '../hiring/exercises.ts'
import { driftOf, isStriking, type ParameterDrift, type ValueDrift, type VariantTry } from '../hiring/variant-drift.ts'
import type { Work } from '../journal/journals.ts'
import { variantOf } from '../questions/variant.ts'
import { type ItemResult, resultsOf, shareOf } from './exercise-results.ts'

type WorkOfItems = Pick<Work, 'attempts' | 'answers'>

/** By item, in the order of the exercise. What was not done, or is not graded, says nothing of its variant. */
function variantTries(
  exercise: Pick<Exercise, 'items'>,
  works: readonly WorkOfItems[],
  catalog: Catalog,
): Map<string, VariantTry[]> {
  const tries = new Map<string, VariantTry[]>(exercise.items.map((item) => [item, []]))
  for (const work of works) {
    const results = resultsOf(exercise, work)
    const total = results.reduce((sum, one) => sum + (shareOf(one) ?? 0), 0)
    for (const result of results) {
      const [score, params] = [shareOf(result), paramsOf(result, catalog)]
      if (score === undefined || !params) continue
      tries.get(result.item)!.push({ params, score, isPassed: isPassed(result), rest: total - score })
    }
  }
  return tries
}

function paramsOf(result: ItemResult, catalog: Catalog): VariantTry['params'] | undefined {
  if (result.state === 'graded') return result.grading.result.params
  if (result.state !== 'answered') return undefined
  const question = catalog.questions.get(result.answer.questionId)
  return question && variantOf(question, result.answer.seed).params
}

const isPassed = (result: ItemResult): boolean =>
  result.state === 'graded' ? result.grading.result.passed : result.state === 'answered' && result.share === 1

export interface ItemDrift {
  item: string
  /** Who did it. */
  n: number
  params: (Omit<ParameterDrift, 'values'> & { values: (ValueDrift & { isStriking: boolean })[] })[]
}

/** @param works of those who have handed in */
export function variantDrifts(
  exercise: Pick<Exercise, 'items'>,
  works: readonly WorkOfItems[],
  catalog: Catalog,
): { items: ItemDrift[]; compared: number } {
  const items = [...variantTries(exercise, works, catalog)].map(([item, tries]) => ({
    ...{ item, n: tries.length, params: driftOf(tries) },
  }))
  const all = items.flatMap(({ params }) => params.flatMap(({ values }) => values))
  const compared = all.filter(({ p }) => p !== undefined).length
  return {
    compared,
    items: items.map((one) => ({
      ...one,
      params: one.params.map((param) => ({
        ...param,
        values: param.values.map((value) => ({ ...value, isStriking: isStriking(value, compared) })),
      })),
    })),
  }
}
