/** The question types, a line each. */
import { multiple } from './multiple.ts'
import type { OptionsQuestion } from './options.ts'
import { type OrderQuestion, order } from './order.ts'
import { type PredictQuestion, predict } from './predict.ts'
import { single } from './single.ts'
import type { QuestionType } from './types.ts'

export interface TypedQuestions {
  single: OptionsQuestion
  multiple: OptionsQuestion
  order: OrderQuestion
  predict: PredictQuestion
}

export type QuestionTypeName = keyof TypedQuestions

const types: { [Name in QuestionTypeName]: QuestionType<TypedQuestions[Name]> } = { single, multiple, order, predict }

export const questionTypeNames = Object.keys(types) as QuestionTypeName[]

/** The type of that name, for questions that were read as that type. */
export function questionType(name: QuestionTypeName): QuestionType<unknown> {
  return types[name] as QuestionType<unknown>
}
