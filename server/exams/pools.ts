/** What a mock exam or interview may be drawn from. Pure. */
import { type Exam, exams, type HandsOnPool, handsOnGroups } from '../catalog/exams.ts'
import type { Catalog, Question } from '../catalog/types.ts'

/** A domain of an exam, or a section. */
export interface Group {
  id: string
  /** Relative to the other groups'. */
  weight: number
  /** Of questions or challenges. */
  ids: string[]
}

/** Of mock exams. */
export const examPools = ['cka', 'ckad', 'all'] as const
export type ExamPool = (typeof examPools)[number]

/** An exam's domains by their weights; of `all`, the sections by the number of their questions. */
export function examGroups({ questions }: Catalog, pool: ExamPool): Group[] {
  const asked = [...questions.values()].filter(({ type }) => type !== 'open')
  if (pool === 'all') return bySection(asked)
  return Object.entries(exams[pool].domains).map(([id, { weight }]) => ({
    id,
    weight,
    ids: asked.filter(({ exam }) => exam[pool as Exam] === id).map((question) => question.id),
  }))
}

/** Of a hands-on exam, by their weights. Challenges that the content does not have any more are left out. */
export function taskGroups({ challenges, handsOn }: Catalog, pool: HandsOnPool): Group[] {
  return Object.entries(handsOnGroups[pool]).map(([id, { weight }]) => ({
    id,
    weight,
    ids: (handsOn[pool]?.[id] ?? []).filter((challenge) => challenges.has(challenge)),
  }))
}

/** The interview questions of a section, or of all by the number of their questions. */
export function interviewGroups({ questions }: Catalog, section: string): Group[] {
  const open = [...questions.values()].filter(({ type }) => type === 'open')
  return bySection(open).filter(({ id }) => section === 'all' || id === section)
}

function bySection(questions: readonly Question[]): Group[] {
  return [...new Set(questions.map(({ section }) => section))].map((section) => {
    const own = questions.filter((question) => question.section === section)
    return { id: section, weight: own.length, ids: own.map(({ id }) => id) }
  })
}
