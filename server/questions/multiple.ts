/** Several right options; in practice each option counts by itself, in exams a wrong pick cancels a right one. */

import { msg, t } from '../i18n/translate.ts'
import {
  checkOptions,
  feedbackOn,
  fixedOptions,
  type Option,
  type OptionsQuestion,
  optionsField,
  viewOptions,
} from './options.ts'
import { practiceRules, type QuestionType } from './types.ts'

export const multiple: QuestionType<OptionsQuestion> = {
  title: msg('Several right answers'),
  blank: msg('Choose at least one option.'),
  fields: { options: optionsField },
  texts: ['options.*.text', 'options.*.why'],
  check: ({ options }) => [
    ...checkOptions(options),
    ...(options.filter(({ correct }) => correct).length >= 2
      ? []
      : ([['options', 'a multiple choice has two or more correct options']] as [string, string][])),
  ],
  view: ({ options }, _variant, chance, { wrongPicksCancel } = practiceRules) => ({
    control: 'checkbox',
    choices: viewOptions(options, chance),
    rule: wrongPicksCancel
      ? t(
          'Choose all that are right. Each wrong one that is ticked cancels a right one; the score never falls below 0.',
        )
      : t(
          'Choose all that are right. Each of the {n} options counts by itself: a right one ticked or a wrong one left earns 1/{n}.',
          { n: options.length },
        ),
  }),
  isBlank: ({ options }, given) =>
    given.length === 0 ||
    given.length !== new Set(given).size ||
    !given.every((id) => options.some((option) => option.id === id)),
  options: fixedOptions,
  vote: { barsOf: (_question, given) => [...given] },
  grade: ({ options }, _variant, given, { wrongPicksCancel } = practiceRules) => {
    const score = wrongPicksCancel ? cancelled(options, given) : eachByItself(options, given)
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

function eachByItself(options: readonly Option[], given: readonly string[]): number {
  return options.filter(({ id, correct }) => given.includes(id) === correct).length / options.length
}

function cancelled(options: readonly Option[], given: readonly string[]): number {
  const picked = options.filter(({ id }) => given.includes(id))
  const right = picked.filter(({ correct }) => correct).length
  return Math.max(0, 2 * right - picked.length) / options.filter(({ correct }) => correct).length
}
