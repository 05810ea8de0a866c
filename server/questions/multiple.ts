/** Several right options; in practice each option counts by itself. */
import { checkOptions, feedbackOn, type OptionsQuestion, optionsField, viewOptions } from './options.ts'
import type { QuestionType } from './types.ts'

export const multiple: QuestionType<OptionsQuestion> = {
  title: 'Several right answers',
  blank: 'Choose at least one option.',
  fields: { options: optionsField },
  check: ({ options }) => [
    ...checkOptions(options),
    ...(options.filter(({ correct }) => correct).length >= 2
      ? []
      : ([['options', 'a multiple choice has two or more correct options']] as [string, string][])),
  ],
  view: ({ options }, _variant, chance) => ({
    control: 'checkbox',
    choices: viewOptions(options, chance),
    rule: `Choose all that are right. Each of the ${options.length} options counts by itself: a right one ticked or a wrong one left earns 1/${options.length}.`,
  }),
  isBlank: ({ options }, given) =>
    given.length === 0 ||
    given.length !== new Set(given).size ||
    !given.every((id) => options.some((option) => option.id === id)),
  grade: ({ options }, _variant, given) => {
    const judged = options.filter(({ id, correct }) => given.includes(id) === correct).length
    const score = judged / options.length
    return {
      verdict: score === 1 ? 'right' : score >= 0.5 ? 'partly' : 'wrong',
      score,
      feedback: feedbackOn(options, given),
      answer: options
        .filter(({ correct }) => correct)
        .map(({ text }) => text)
        .join('; '),
    }
  },
}
