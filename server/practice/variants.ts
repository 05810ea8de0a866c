/** Which variant of a question somebody gets: numbers in addresses, seeds behind them. Pure. */
import type { Question } from '../catalog/types.ts'
import { variantKey } from '../questions/variant.ts'
import type { Answer } from '../storage/types.ts'

const maxVariant = 9999
/** How many numbers are looked at for a variant that is new to the learner: of ten equally likely ones the last is missed once in 10⁹ times. */
const variantsTried = 200

/** Of the variant with a number. @param seed the learner's */
export function seedOf(seed: string, question: Question, number: number): string {
  return `${seed}/${question.id}/${number}`
}

/** Of the variant with a seed, as `seedOf` made it. */
export function numberOf(seed: string): number {
  return Number(seed.split('/').at(-1)) || 1
}

/** Of an address; 1 when it is none. */
export function readVariant(text: string): number {
  const number = /^\d{1,4}$/.test(text) ? Number(text) : 1
  return number >= 1 && number <= maxVariant ? number : 1
}

/** The number of a variant that asks something else than that of `number` does, and nothing that was answered, if there is one. */
export function nextVariant(question: Question, seed: string, number: number, answers: readonly Answer[]): number {
  const keyOf = (n: number) => variantKey(question, seedOf(seed, question, n))
  const answered = new Set(
    answers.filter(({ questionId }) => questionId === question.id).map((a) => variantKey(question, a.seed)),
  )
  const following = Array.from({ length: variantsTried }, (_, n) => ((number + n) % maxVariant) + 1)
  return (
    following.find((n) => !answered.has(keyOf(n))) ?? following.find((n) => keyOf(n) !== keyOf(number)) ?? following[0]!
  )
}
