/** The order in which items are listed where nothing else orders them: what is easy comes first. */
import type { Challenge, Question } from './types.ts'

/** By level, then by minutes. @returns a new array */
export function challengesByLevel(challenges: Iterable<Challenge>): Challenge[] {
  return [...challenges].sort(
    (a, b) => a.spec.difficulty - b.spec.difficulty || a.spec.minutes - b.spec.minutes || (a.id < b.id ? -1 : 1),
  )
}

/** By level, then by title. @returns a new array */
export function questionsByLevel(questions: Iterable<Question>): Question[] {
  return [...questions].sort((a, b) => a.difficulty - b.difficulty || a.title.localeCompare(b.title))
}
