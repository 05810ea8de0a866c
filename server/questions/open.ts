/** An interview question: one's own words first, then the model answer, and a rubric by which one marks oneself. */
import { z } from 'zod'
import { msg, t } from '../i18n/translate.ts'
import { renderInline, renderMarkdown } from '../render/markdown.ts'
import type { QuestionType } from './types.ts'

export interface OpenQuestion {
  rubric: { id: string; text: string; points: number }[]
  /** Markdown. */
  model: string
  /** What an interviewer asks next, in Markdown; it is not marked. */
  follow: { ask: string; model: string }[]
}

/** Characters of an answer in one's own words. */
const maxAnswer = 10_000

export const open: QuestionType<OpenQuestion> = {
  title: msg('Interview question'),
  words: { right: msg('Well covered'), partly: msg('Partly covered'), wrong: msg('Much was left out') },
  blank: msg('Write an answer, or say it aloud and show the model answer.'),
  fields: {
    rubric: z
      .array(
        z.strictObject({
          id: z.string().regex(/^[a-z0-9-]+$/, 'must be lower-case letters, digits and "-"'),
          text: z.string().min(1),
          points: z.int().min(1).default(1),
        }),
      )
      .min(3),
    model: z.string().min(1),
    follow: z
      .array(z.strictObject({ ask: z.string().min(1).max(300), model: z.string().min(1) }))
      .min(1)
      .max(3),
  },
  texts: ['rubric.*.text', 'model', 'follow.*.ask', 'follow.*.model'],
  check: ({ rubric }) =>
    new Set(rubric.map(({ id }) => id)).size === rubric.length ? [] : [['rubric', 'rubric ids must differ']],
  view: () => ({
    control: 'open',
    rule: t('Answer as you would in an interview, in two minutes. You mark yourself by the rubric afterwards.'),
  }),
  /** The text, then the ids of what it said. */
  isBlank: ({ rubric }, [text, ...ticked]) =>
    text === undefined || text.length > maxAnswer || !ticked.every((id) => rubric.some((item) => item.id === id)),
  reveal: ({ rubric, model, follow }) => ({
    model: renderMarkdown(model),
    rubric: rubric.map(({ id, text, points }) => ({ id, text: renderInline(text), points })),
    follow: follow.map(({ ask, model }) => ({ ask: renderInline(ask), model: renderMarkdown(model) })),
  }),
  grade: ({ rubric, model }, _variant, [, ...ticked]) => {
    const sum = (items: OpenQuestion['rubric']) => items.reduce((total, { points }) => total + points, 0)
    const score = sum(rubric.filter(({ id }) => ticked.includes(id))) / sum(rubric)
    return {
      verdict: score >= 0.8 ? 'right' : score >= 0.4 ? 'partly' : 'wrong',
      score,
      feedback: rubric.map(({ id, text }) => ({
        id,
        text: renderInline(text),
        why: '',
        chosen: ticked.includes(id),
        correct: ticked.includes(id),
        word: ticked.includes(id) ? t('said') : t('left out'),
      })),
      answer: model,
    }
  },
}
