/** What is sent and is no answer: it is not graded, and uses no try. */
import type { Question } from '../catalog/types.ts'
import { chanceOf } from '../questions/chance.ts'
import { questionType } from '../questions/registry.ts'

/**
 * Why what was given cannot be graded: nothing that could be judged, or what the page showed before anybody did anything.
 * @param seed of the variant that was shown
 * @returns a text for `t`; undefined for an answer
 */
export function whyNoAnswer(question: Question, seed: string, given: readonly string[]): string | undefined {
  const { blank, isBlank, untouched } = questionType(question.type)
  if (isBlank(question.data, given)) return blank
  return untouched?.is(question.data, chanceOf(seed), given) ? untouched.problem : undefined
}
