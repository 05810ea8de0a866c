/** One right option of several. */

import { msg, t } from '../i18n/translate.ts'
import { checkOptions, feedbackOn, fixedOptions, type OptionsQuestion, optionsField, viewOptions } from './options.ts'
import type { QuestionType } from './types.ts'

export const single: QuestionType<OptionsQuestion> = {
  title: msg('One right answer'),
  blank: msg('Choose one option.'),
  fields: { options: optionsField },
  texts: ['options.*.text', 'options.*.why'],
  check: ({ options }) => [
    ...checkOptions(options),
    ...(options.filter(({ correct }) => correct).length === 1
      ? []
      : ([['options', 'a single choice has exactly one correct option']] as [string, string][])),
  ],
  view: ({ options }, _variant, chance) => ({
    control: 'radio',
    choices: viewOptions(options, chance),
    rule: t('One option is right.'),
  }),
  isBlank: ({ options }, given) => given.length !== 1 || !options.some(({ id }) => id === given[0]),
  options: fixedOptions,
  vote: { barsOf: (_question, given) => [...given] },
  grade: ({ options }, _variant, given) => {
    const right = options.find(({ correct }) => correct)!
    const isRight = given[0] === right.id
    return {
      verdict: isRight ? 'right' : 'wrong',
      score: isRight ? 1 : 0,
      feedback: feedbackOn(options, given),
      answer: right.text,
    }
  },
}
