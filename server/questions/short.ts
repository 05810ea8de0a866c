/** A word or a line of one's own, held against the forms that are accepted. */
import { z } from 'zod'
import { escapeHtml } from '../escape-html.ts'
import { msg, t } from '../i18n/translate.ts'
import { renderInline } from '../render/markdown.ts'
import { feedbackOnText, isTooLong } from './typed.ts'
import type { QuestionType } from './types.ts'

export interface ShortQuestion {
  accept: string[]
  caseSensitive: boolean
  mistakes: { given: string[]; why: string }[]
  /** Where what was typed can be run: then what it does decides, however it is spelled. */
  run?: ShortRun
}

export interface ShortRun {
  /** How it begins what can be run; anything else is held against the forms that are known. */
  begins: string
  /** Values for `{{…}}` in the scenario and the expression, once for each cluster: whoever types an output instead of a way to it is right in one at most. */
  worlds: Record<string, string | number>[]
  /** `{{given}}` is what was typed. */
  scenario: { steps: object[] } & Record<string, unknown>
  /** True at the end of the run of a right answer. */
  holds: string
}

/** What is none of the answers that are known. */
const otherBar = ''

export const short: QuestionType<ShortQuestion> = {
  title: msg('Short answer'),
  blank: msg('Type an answer.'),
  hasPlainAnswers: true,
  fields: {
    accept: z.array(z.string().min(1)).min(1),
    caseSensitive: z.boolean().default(false),
    mistakes: z.array(z.strictObject({ given: z.array(z.string().min(1)).min(1), why: z.string().min(1) })).default([]),
    run: z
      .strictObject({
        begins: z.string().min(1),
        worlds: z.array(z.record(z.string(), z.union([z.string(), z.number()]))).min(2),
        scenario: z.looseObject({ steps: z.array(z.looseObject({})) }),
        holds: z.string().min(1),
      })
      .optional(),
  },
  texts: ['mistakes.*.why'],
  plainTexts: ['accept.*'],
  check: (question) => {
    const accepted = question.accept.map((form) => normalize(form, question))
    return question.mistakes
      .flatMap(({ given }) => given)
      .filter((form) => accepted.includes(normalize(form, question)))
      .map((form) => ['mistakes', `“${form}” is accepted as well`])
  },
  view: ({ caseSensitive }) => ({
    control: 'text',
    inputMode: 'text',
    label: t('Your answer'),
    unit: '',
    rule: caseSensitive ? t('Capital letters matter, spaces do not.') : t('Capital letters and spaces do not matter.'),
  }),
  isBlank: (question, given) => given.length !== 1 || normalize(given[0]!, question) === '' || isTooLong(given[0]!),
  vote: {
    // What is in the file, and never what was typed: a room reads it.
    barsOf: (question, given) => {
      const said = normalize(given[0]!, question)
      const isSaid = (form: string) => normalize(form, question) === said
      if (question.accept.some(isSaid)) return [question.accept[0]!]
      return [question.mistakes.flatMap(({ given: forms }) => forms).find(isSaid) ?? otherBar]
    },
  },
  grade: (question, { judged }, given) => {
    const said = normalize(given[0]!, question)
    const has = (forms: readonly string[]) => forms.some((form) => normalize(form, question) === said)
    const isRight = has(question.accept) || (judged?.held[0] === true && runnable(question, given[0]!) !== undefined)
    const why = isRight ? undefined : question.mistakes.find((mistake) => has(mistake.given))?.why
    const [first, ...others] = question.accept
    return {
      verdict: isRight ? 'right' : 'wrong',
      score: isRight ? 1 : 0,
      feedback: feedbackOnText(`<code>${escapeHtml(given[0]!.trim())}</code>`, isRight, why && renderInline(why), {
        text: `<code>${escapeHtml(first!)}</code>`,
        why:
          others.length > 0 && !isRight ? t('Also right: {forms}', { forms: others.map(escapeHtml).join(', ') }) : '',
      }),
      answer: first!,
    }
  },
}

/** What was typed as it is run; undefined for what is known as it stands, and for what cannot be run. */
export function runnable(question: ShortQuestion, given: string): string | undefined {
  const typed = bare(given)
  if (!question.run || !typed.startsWith(question.run.begins) || isTooLong(given)) return undefined
  const said = normalize(given, question)
  const known = [...question.accept, ...question.mistakes.flatMap((mistake) => mistake.given)]
  return known.some((form) => normalize(form, question) === said) ? undefined : typed
}

/** Spaces, quotation marks around the whole and, unless told, capital letters make no difference. */
function normalize(text: string, { caseSensitive }: Pick<ShortQuestion, 'caseSensitive'>): string {
  const plain = bare(text)
  return caseSensitive ? plain : plain.toLowerCase()
}

const bare = (text: string): string =>
  text
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/^(["'`“])(.*)(["'`”])$/, '$2')
    .trim()
