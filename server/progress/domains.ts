/** How much of an exam's questions somebody has answered right, by domain. Pure. */

/** What an exam draws from for a domain. */
interface Domain {
  id: string
  /** Per cent of the exam. */
  weight: number
  ids: readonly string[]
}

export interface DomainProgress {
  id: string
  /** Per cent of the exam. */
  weight: number
  questions: number
  right: number
}

export interface ExamProgress {
  domains: DomainProgress[]
  /** Of the exam, each domain by its weight; 0 to 1. */
  share: number
}

/** @param right ids of the questions that were answered right */
export function examProgress(groups: readonly Domain[], right: ReadonlySet<string>): ExamProgress {
  const domains = groups.map(({ id, weight, ids }) => ({
    id,
    weight,
    questions: ids.length,
    right: ids.filter((questionId) => right.has(questionId)).length,
  }))
  const whole = domains.reduce((sum, { weight }) => sum + weight, 0)
  const earned = domains.reduce((sum, one) => sum + (one.questions ? (one.weight * one.right) / one.questions : 0), 0)
  return { domains, share: whole ? earned / whole : 0 }
}
