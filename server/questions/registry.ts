/** The question types, a line each. */
import { type FixQuestion, fix } from './fix.ts'
import { type MatchQuestion, match } from './match.ts'
import { multiple } from './multiple.ts'
import { type NumericQuestion, numeric } from './numeric.ts'
import { type OpenQuestion, open } from './open.ts'
import type { OptionsQuestion } from './options.ts'
import { type OrderQuestion, order } from './order.ts'
import { type PredictQuestion, predict } from './predict.ts'
import { type ShortQuestion, short } from './short.ts'
import { single } from './single.ts'
import { type SpotQuestion, spot } from './spot.ts'
import { type TrueFalseQuestion, trueFalse } from './true-false.ts'
import type { QuestionType } from './types.ts'

export interface TypedQuestions {
  single: OptionsQuestion
  multiple: OptionsQuestion
  'true-false': TrueFalseQuestion
  short: ShortQuestion
  numeric: NumericQuestion
  order: OrderQuestion
  match: MatchQuestion
  spot: SpotQuestion
  fix: FixQuestion
  predict: PredictQuestion
  open: OpenQuestion
}

export type QuestionTypeName = keyof TypedQuestions

const types: { [Name in QuestionTypeName]: QuestionType<TypedQuestions[Name]> } = {
  single,
  multiple,
  'true-false': trueFalse,
  short,
  numeric,
  order,
  match,
  spot,
  fix,
  predict,
  open,
}

export const questionTypeNames = Object.keys(types) as QuestionTypeName[]

/** The type of that name, for questions that were read as that type. */
export function questionType(name: QuestionTypeName): QuestionType<unknown> {
  return types[name] as QuestionType<unknown>
}
