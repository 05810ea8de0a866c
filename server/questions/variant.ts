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
  return { seed, params: drawParams(specsOf(question), seed) }
}

const specsOf = ({ type, data }: Asked): ParamSpecs =>
  (type === 'predict' ? (data as PredictQuestion).params : {}) as ParamSpecs

/** The same text for variants that ask the same: seeds may differ only in the order of the options, or not at all. */
export function variantKey(question: Asked, seed: string): string {
  return Object.keys(specsOf(question)).length > 0 ? JSON.stringify(variantOf(question, seed).params) : '{}'
}
