/** What questions with a text field have in common. */
import type { OptionFeedback } from './types.ts'

/** No answer in a field of one line is longer; what is, was not typed into the form. */
const maxLength = 200

export const isTooLong = (text: string): boolean => text.trim().length > maxLength

/** What was given, when it is wrong, and what is right. @param given HTML */
export function feedbackOnText(
  given: string,
  isRight: boolean,
  why: string | undefined,
  right: { text: string; why: string },
): OptionFeedback[] {
  const key: OptionFeedback = { id: 'key', ...right, chosen: isRight, correct: true }
  return isRight ? [key] : [{ id: 'given', text: given, why: why ?? '', chosen: true, correct: false }, key]
}
