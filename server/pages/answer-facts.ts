/** Answers with what tells their variants apart, as the functions of `server/progress` want them. */
import type { Catalog } from '../catalog/types.ts'
import { variantKey } from '../questions/variant.ts'
import type { Answer } from '../storage/types.ts'

export type AnswerFacts = Answer & { variant: string }

export function factsOf(answers: readonly Answer[], catalog: Catalog): AnswerFacts[] {
  return answers.map((answer) => {
    const question = catalog.questions.get(answer.questionId)
    return { ...answer, variant: question ? variantKey(question, answer.seed) : answer.seed }
  })
}
