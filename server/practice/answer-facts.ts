/** Answers with what tells their variants apart, as the functions of `server/progress` want them. */
import type { Catalog } from '../catalog/types.ts'
import { tn } from '../i18n/translate.ts'
import type { AnswerFact } from '../progress/progress.ts'
import type { ReviewAnswer } from '../progress/review.ts'
import { variantKey } from '../questions/variant.ts'
import type { Answer } from '../storage/types.ts'

export type AnswerFacts = AnswerFact & ReviewAnswer

/** Graded by this server. Of others anybody may have written the verdict: they stay to be looked at, and count for nothing. */
export const isCounted = ({ origin }: Answer): boolean => origin?.from !== 'elsewhere'

/** How each question was answered last, by its id; of the answers that count. */
export function latestVerdicts(answers: readonly Answer[]): Map<string, Answer['verdict']> {
  return new Map(answers.filter(isCounted).map(({ questionId, verdict }) => [questionId, verdict]))
}

/** How many do not count, in words; undefined when all do. */
export function uncountedTold(answers: readonly Answer[]): string | undefined {
  const count = answers.filter((answer) => !isCounted(answer)).length
  return count === 0
    ? undefined
    : tn(
        count,
        '{n} answer comes from a file that this server did not make; it is not counted.',
        '{n} answers come from a file that this server did not make; they are not counted.',
      )
}

export function factsOf(answers: readonly Answer[], catalog: Catalog): AnswerFacts[] {
  const variantOf = variantKeys(catalog)
  return answers.map((answer) => {
    const { questionId, score, verdict, confidence, topics, tookMs, atMs } = answer
    return { questionId, variant: variantOf(answer), score, verdict, confidence, topics, tookMs, atMs }
  })
}

/** Draws each variant once: thousands of answers are of a few hundred questions. */
function variantKeys({ questions }: Catalog): (answer: Pick<Answer, 'questionId' | 'seed'>) => string {
  const known = new Map<string, Map<string, string>>()
  return ({ questionId, seed }) => {
    const question = questions.get(questionId)
    if (!question) return seed
    const own = known.get(questionId) ?? new Map<string, string>()
    known.set(questionId, own)
    const key = own.get(seed) ?? variantKey(question, seed)
    own.set(seed, key)
    return key
  }
}
