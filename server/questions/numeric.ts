/** A number, a quantity (`500m` is `0.5`) or a duration (`5m` is `300s`). */
import { z } from 'zod'
import { escapeHtml } from '../escape-html.ts'
import { msg, t } from '../i18n/translate.ts'
import { renderInline } from '../render/markdown.ts'
import { feedbackOnText, isTooLong } from './typed.ts'
import type { QuestionType } from './types.ts'
import { withoutUnit, withUnit } from './unit.ts'

const kinds = ['number', 'quantity', 'duration'] as const

export interface NumericQuestion {
  answer: string | number
  kind: (typeof kinds)[number]
  /** Beside the field; of a duration without a unit of its own, seconds are meant. */
  unit: string
  /** In the same form as the answer. */
  tolerance: string | number
  mistakes: { given: (string | number)[]; why: string }[]
}

const amount = z.union([z.string().min(1), z.number()])

const rules: Record<NumericQuestion['kind'], string> = {
  number: msg('A number.'),
  quantity: msg('A quantity as Kubernetes writes it: 0.5 and 500m are the same, and so are 1Gi and 1024Mi.'),
  duration: msg('A time: 90, 90s and 1m30s are the same.'),
}

export const numeric: QuestionType<NumericQuestion> = {
  title: msg('A number'),
  blank: msg('Write a number in digits, such as 2, in the unit that is asked for.'),
  hasPlainAnswers: true,
  fields: {
    answer: amount,
    kind: z.enum(kinds).default('number'),
    unit: z.string().default(''),
    tolerance: amount.default(0),
    mistakes: z.array(z.strictObject({ given: z.array(amount).min(1), why: z.string().min(1) })).default([]),
  },
  texts: ['unit', 'mistakes.*.why'],
  check: (question) => {
    const { answer, kind, tolerance, mistakes } = question
    const unread = [answer, tolerance, ...mistakes.flatMap(({ given }) => given)].filter(
      (value) => parseAmount(String(value), kind) === undefined,
    )
    if (unread.length > 0) return unread.map((value) => ['answer', `“${value}” is not a ${kind}`])
    return mistakes
      .flatMap(({ given }) => given)
      .filter((value) => isRightAmount(String(value), question))
      .map((value) => ['mistakes', `“${value}” is right as well`])
  },
  view: ({ kind, unit, tolerance }) => ({
    control: 'text',
    inputMode: kind === 'number' ? 'numeric' : 'text',
    label: t('Your answer'),
    unit,
    rule: parseAmount(String(tolerance), kind)
      ? `${t(rules[kind])} ${t('An answer is right within {n} of the value.', { n: tolerance })}`
      : t(rules[kind]),
  }),
  isBlank: (question, given) =>
    given.length !== 1 || isTooLong(given[0]!) || readGiven(given[0]!, question) === undefined,
  vote: {
    barsOf: (question, [given = '']) => [printAmount(readGiven(given, question), question)],
  },
  grade: (question, _variant, given) => {
    const isRight = isRightAmount(given[0]!, question)
    const said = readGiven(given[0]!, question)
    const mistake = question.mistakes.find((one) =>
      one.given.some((value) => parseAmount(String(value), question.kind) === said),
    )
    const answer = withUnit(String(question.answer), question.unit)
    return {
      verdict: isRight ? 'right' : 'wrong',
      score: isRight ? 1 : 0,
      feedback: feedbackOnText(escapeHtml(given[0]!.trim()), isRight, mistake && renderInline(mistake.why), {
        text: escapeHtml(answer),
        why: '',
      }),
      answer,
    }
  },
}

function isRightAmount(text: string, question: NumericQuestion): boolean {
  const given = readGiven(text, question)
  const right = parseAmount(String(question.answer), question.kind)!
  const margin = parseAmount(String(question.tolerance), question.kind)!
  // Differences of decimal fractions are not exact.
  return given !== undefined && Math.abs(given - right) <= margin + Math.abs(right) * 1e-9
}

/** As it was typed: the unit of the question may stand behind the number. */
function readGiven(text: string, { kind, unit }: NumericQuestion): number | undefined {
  return parseAmount(text.trim(), kind) ?? parseAmount(withoutUnit(text, unit), kind)
}

/** One form of each amount: of a time as seconds. */
const printAmount = (amount: number | undefined, { kind }: NumericQuestion): string =>
  `${Number((amount ?? 0).toPrecision(12))}${kind === 'duration' ? 's' : ''}`

const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}
const secondsOf: Readonly<Record<string, number>> = { ms: 1e-3, s: 1, m: 60, h: 3600, d: 86_400 }

/** @returns undefined when it is none. Durations are in seconds. Source of the suffixes: apimachinery's resource.Quantity */
function parseAmount(text: string, kind: NumericQuestion['kind']): number | undefined {
  const plain = text.trim().replace(/^([+-]?\d+),(\d+)/, '$1.$2')
  if (kind === 'quantity') {
    const [, digits, suffix] = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([a-zA-Z]{0,2})$/.exec(plain) ?? []
    return digits === undefined || !Object.hasOwn(suffixes, suffix!) ? undefined : Number(digits) * suffixes[suffix!]!
  }
  if (/^[+-]?\d+(\.\d+)?$/.test(plain)) return Number(plain)
  if (kind === 'number' || !/^(\d+(\.\d+)?(ms|s|m|h|d) ?)+$/.test(plain)) return undefined
  return [...plain.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)].reduce(
    (sum, [, digits, unit]) => sum + Number(digits) * secondsOf[unit!]!,
    0,
  )
}
