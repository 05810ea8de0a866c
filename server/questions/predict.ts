/** What will the cluster do? The key is computed by running the scenario. */
import { z } from 'zod'
import { escapeHtml } from '../escape-html.ts'
import { msg, t } from '../i18n/translate.ts'
import { renderInline } from '../render/markdown.ts'
import { fillText } from './params.ts'
import type { OptionFeedback, QuestionType, Variant } from './types.ts'
import { withoutUnit, withUnit } from './unit.ts'

export interface PredictQuestion {
  params: Record<string, { oneOf: (string | number)[] } | { int: { min: number; max: number; step?: number } }>
  scenario: Record<string, unknown>
  ask: {
    cel: string
    at?: number
    answer: 'number' | 'text'
    unit?: string
    tolerance?: number
    choices?: (string | number)[]
  }
  distractors?: Distractor[]
}

interface Distractor {
  value: string | number
  why: string
  /** What people believe who choose it, of a choice that no variant makes right. For authors: no page shows it. */
  belief?: string
}

/** No prediction is longer; what is, was not typed into the form. */
const maxLength = 200

export const predict: QuestionType<PredictQuestion> = {
  title: msg('Predict the cluster'),
  blank: msg('Write what you predict: where a number is asked, in digits, such as 2.'),
  hasPlainAnswers: true,
  fields: {
    params: z
      .record(
        z.string(),
        z.union([
          z.strictObject({ oneOf: z.array(z.union([z.string(), z.number()])).min(1) }),
          z.strictObject({ int: z.strictObject({ min: z.int(), max: z.int(), step: z.int().min(1).optional() }) }),
        ]),
      )
      .default({}),
    scenario: z.record(z.string(), z.unknown()),
    ask: z.strictObject({
      cel: z.string().min(1),
      at: z.number().min(0).optional(),
      answer: z.enum(['number', 'text']),
      unit: z.string().optional(),
      tolerance: z.number().min(0).optional(),
      choices: z
        .array(z.union([z.string(), z.number()]))
        .min(2)
        .optional(),
    }),
    distractors: z
      .array(
        z.strictObject({
          value: z.union([z.string(), z.number()]),
          why: z.string().min(1),
          belief: z.string().min(1).optional(),
        }),
      )
      .optional(),
  },
  texts: ['ask.unit', 'distractors.*.why'],
  plainTexts: ['ask.choices.*', 'distractors.*.value'],
  check: ({ ask, distractors = [] }) => [
    ...(ask.choices ?? [])
      .filter((choice) => !distractors.some(({ value }) => String(value) === String(choice)))
      .map((choice): [string, string] => ['ask', `the choice “${choice}” has no why among the distractors`]),
    // Whoever tries again would learn to strike them all out.
    ...(distractors.filter(({ belief }) => belief !== undefined).length > 1
      ? [['distractors', 'one choice at most may be there for a belief and never be right'] as [string, string]]
      : []),
  ],
  view: ({ ask }, variant) =>
    ask.choices
      ? {
          control: 'radio',
          choices: ask.choices.map((choice) => ({
            id: filled(choice, variant),
            text: escapeHtml(filled(choice, variant)),
          })),
          rule: t('One answer is right: it is what the simulated cluster did.'),
        }
      : {
          control: 'text',
          inputMode: ask.answer === 'number' ? 'numeric' : 'text',
          label: t('Your prediction'),
          unit: unitOf(ask, variant),
          rule:
            ask.answer === 'number' && ask.tolerance
              ? t('The right answer is what the simulated cluster did, give or take {n}.', { n: ask.tolerance })
              : t('The right answer is what the simulated cluster did.'),
        },
  isBlank: ({ ask }, given) => {
    const text = (given[0] ?? '').trim()
    if (given.length !== 1 || text === '' || text.length > maxLength) return true
    if (ask.answer === 'number') return parseNumber(withoutUnit(text, ask.unit ?? '')) === undefined
    // A choice with a parameter in it depends on the variant, so it may be anything here.
    return !(ask.choices ?? [text]).some((choice) => /\{\{/.test(String(choice)) || isEqual(text, String(choice), ask))
  },
  vote: {
    barsOf: ({ ask }, [given = '']) => [
      ask.choices ? given.trim() : String(parseNumber(withoutUnit(given, ask.unit ?? '')) ?? given.trim()),
    ],
  },
  grade: ({ ask, distractors }, variant, given) => {
    const key = variant.key
    if (key === undefined) throw new Error('a predict question is graded with the key of its variant')
    const unit = unitOf(ask, variant)
    const text = ask.answer === 'number' ? withoutUnit(given[0]!, unit) : given[0]!.trim()
    const isRight = isEqual(text, key, ask)
    const misled = (value: string): string => {
      const found = distractors?.find((one) => isEqual(value, filled(one.value, variant), { ...ask, tolerance: 0 }))
      return found ? renderInline(found.why, variant.params) : ''
    }
    const tell = (id: string, value: string, chosen: boolean, correct: boolean): OptionFeedback => ({
      id,
      text: escapeHtml(withUnit(value, unit)),
      why: correct ? t('This is what the simulated cluster did.') : misled(value),
      chosen,
      correct,
    })
    const choices = ask.choices?.map((choice) => filled(choice, variant)) ?? []
    const isThere = (value: string): boolean =>
      choices.some((choice) => isEqual(choice, value, { ...ask, tolerance: 0 }))
    const feedback = [
      ...(isRight || isThere(text) ? [] : [tell('given', text, true, false)]),
      ...choices.map((choice) =>
        tell(choice, choice, isEqual(text, choice, { ...ask, tolerance: 0 }), isEqual(choice, key, ask)),
      ),
      ...(isThere(key) ? [] : [tell('key', key, isRight, true)]),
    ]
    return { verdict: isRight ? 'right' : 'wrong', score: isRight ? 1 : 0, feedback, answer: withUnit(key, unit) }
  },
}

function isEqual(text: string, key: string, ask: PredictQuestion['ask']): boolean {
  if (ask.answer === 'text') return text.toLowerCase() === key.trim().toLowerCase()
  const given = parseNumber(text)
  const right = parseNumber(key)
  return given !== undefined && right !== undefined && Math.abs(given - right) <= (ask.tolerance ?? 0)
}

function parseNumber(text: string): number | undefined {
  return /^[+-]?\d+(?:[.,]\d+)?$/.test(text.trim()) ? Number(text.trim().replace(',', '.')) : undefined
}

const unitOf = ({ unit = '' }: PredictQuestion['ask'], variant: Pick<Variant, 'params'>): string =>
  filled(unit, variant)

const filled = (text: string | number, { params }: Pick<Variant, 'params'>): string => fillText(String(text), params)
