/** A statement that holds or does not, with the reason for either. */
import { z } from 'zod'
import { msg, t } from '../i18n/translate.ts'
import { renderInline } from '../render/markdown.ts'
import type { QuestionType } from './types.ts'

export interface TrueFalseQuestion {
  answer: boolean
  /** What is said of each choice. */
  why: { true: string; false: string }
}

const choices = [
  { id: 'true', text: msg('True') },
  { id: 'false', text: msg('False') },
] as const

export const trueFalse: QuestionType<TrueFalseQuestion> = {
  title: msg('True or false'),
  blank: msg('Choose true or false.'),
  fields: {
    answer: z.boolean(),
    why: z.strictObject({ true: z.string().min(1), false: z.string().min(1) }),
  },
  texts: ['why.true', 'why.false'],
  check: () => [],
  view: () => ({
    control: 'radio',
    choices: choices.map(({ id, text }) => ({ id, text: t(text) })),
    rule: t('Does the statement hold?'),
  }),
  isBlank: (_question, given) => given.length !== 1 || !choices.some(({ id }) => id === given[0]),
  options: ({ answer }) => choices.map(({ id }) => ({ id, isRight: id === String(answer) })),
  vote: { barsOf: (_question, given) => [...given] },
  grade: ({ answer, why }, _variant, given) => {
    const isRight = given[0] === String(answer)
    return {
      verdict: isRight ? 'right' : 'wrong',
      score: isRight ? 1 : 0,
      feedback: choices.map(({ id, text }) => ({
        id,
        text: t(text),
        why: renderInline(why[id]),
        chosen: given[0] === id,
        correct: id === String(answer),
      })),
      answer: answer ? t('True') : t('False'),
    }
  },
}
