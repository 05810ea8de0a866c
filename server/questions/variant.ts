/** A variant of a question: what a seed makes of it. */
import { drawParams, type ParamSpecs } from './params.ts'
import type { PredictQuestion } from './predict.ts'
import type { Variant } from './types.ts'

/** What there is to know of a question for its variants. */
interface Asked {
  type: string
  data: unknown
}

export function variantOf(question: Asked, seed: string): Variant {
  const specs = question.type === 'predict' ? (question.data as PredictQuestion).params : {}
  return { seed, params: drawParams(specs as ParamSpecs, seed) }
}

/** The same text for variants that ask the same: seeds may differ only in the order of the options, or not at all. */
export function variantKey(question: Asked, seed: string): string {
  return JSON.stringify(variantOf(question, seed).params)
}
