/** What a learner's answers and gradings say about what they know. Pure; only first tries of a variant count. */

export interface AnswerFact {
  questionId: string
  /** The same for answers to the same variant. */
  variant: string
  score: number
  verdict: 'right' | 'partly' | 'wrong'
  confidence: 'sure' | 'fairly' | 'guess' | null
  topics: readonly string[]
  atMs: number
}

export interface CalibrationRow {
  confidence: 'sure' | 'fairly' | 'guess'
  answers: number
  /** Share of them that was right, 0 to 1. */
  right: number
}

/** @param answers in the order they were given. @returns of each variant the first */
export function firstTries<T extends Pick<AnswerFact, 'questionId' | 'variant'>>(answers: readonly T[]): T[] {
  const seen = new Map<string, Set<string>>()
  return answers.filter(({ questionId, variant }) => {
    const variants = seen.get(questionId) ?? new Set()
    seen.set(questionId, variants)
    return !variants.has(variant) && variants.add(variant)
  })
}

/** How right somebody was when they said how sure they were; the surest first, and only what was said at all. */
export function calibration(answers: readonly AnswerFact[]): CalibrationRow[] {
  const tries = firstTries(answers)
  return (['sure', 'fairly', 'guess'] as const)
    .map((confidence) => {
      const own = tries.filter((answer) => answer.confidence === confidence)
      const right = own.filter(({ verdict }) => verdict === 'right').length
      return { confidence, answers: own.length, right: own.length > 0 ? right / own.length : 0 }
    })
    .filter(({ answers: count }) => count > 0)
}
