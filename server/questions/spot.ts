/** Which line is wrong? */
import { z } from 'zod'
import { escapeHtml } from '../escape-html.ts'
import { msg, t } from '../i18n/translate.ts'
import { renderInline } from '../render/markdown.ts'
import type { OptionFeedback, QuestionType } from './types.ts'

export interface SpotQuestion {
  /** A manifest, a terminal's text or a program. */
  code: string
  /** Numbers from 1; more than one when the mistake can be seen in several. */
  bug: { lines: number[]; why: string }
  /** What is said of lines that look wrong and are not. */
  others: Record<string, string>
}

export const spot: QuestionType<SpotQuestion> = {
  title: msg('Spot the bug'),
  blank: msg('Choose the line that is wrong.'),
  fields: {
    code: z.string().min(1),
    bug: z.strictObject({ lines: z.array(z.int().min(1)).min(1), why: z.string().min(1) }),
    others: z.record(z.string().regex(/^\d+$/, 'must be the number of a line'), z.string().min(1)).default({}),
  },
  texts: ['bug.why', 'others.*'],
  check: (question) => {
    const last = linesOf(question).length
    const named = [...question.bug.lines, ...Object.keys(question.others).map(Number)]
    return [
      ...named.filter((line) => line > last).map((line) => ['code', `there is no line ${line}, the last is ${last}`]),
      ...question.bug.lines
        .filter((line) => String(line) in question.others)
        .map((line) => ['others', `line ${line} is the bug`]),
    ] as [string, string][]
  },
  view: (question) => ({
    control: 'lines',
    choices: linesOf(question).map((text, n) => ({ id: String(n + 1), text: escapeHtml(text) })),
    rule: t('Choose the line that has to change.'),
  }),
  isBlank: (question, given) =>
    given.length !== 1 || !/^\d{1,4}$/.test(given[0]!) || linesOf(question)[Number(given[0]) - 1] === undefined,
  vote: { barsOf: (_question, given) => [...given] },
  grade: (question, _variant, given) => {
    const line = Number(given[0])
    const isRight = question.bug.lines.includes(line)
    const show = (number: number) =>
      t('Line {n}: {code}', {
        n: number,
        code: `<code>${escapeHtml((linesOf(question)[number - 1] ?? '').trim())}</code>`,
      })
    const right = isRight ? line : question.bug.lines[0]!
    const feedback: OptionFeedback[] = [
      { id: String(right), text: show(right), why: renderInline(question.bug.why), chosen: isRight, correct: true },
    ]
    if (!isRight)
      feedback.unshift({
        id: String(line),
        text: show(line),
        why: renderInline(question.others[line] ?? t('There is nothing wrong with this line.')),
        chosen: true,
        correct: false,
      })
    return {
      verdict: isRight ? 'right' : 'wrong',
      score: isRight ? 1 : 0,
      feedback,
      answer: t('line {n}', { n: right }),
    }
  },
}

const linesOf = ({ code }: SpotQuestion): string[] => code.replace(/\n+$/, '').split('\n')
