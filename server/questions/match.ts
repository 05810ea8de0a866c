/** Things on the left, each with the one on the right that belongs to it. */
import { z } from 'zod'
import { msg, t } from '../i18n/translate.ts'
import { renderInline } from '../render/markdown.ts'
import type { QuestionType } from './types.ts'

export interface MatchQuestion {
  pairs: { id: string; left: string; right: string; why: string }[]
  /** On the right as well, and belonging to nothing. */
  extra: string[]
  /** Of a translation: what each text on the right is in the original. An answer means the same in every language. */
  originals?: Readonly<Record<string, string>>
}

export const match: QuestionType<MatchQuestion> = {
  title: msg('Match'),
  blank: msg('Choose something for every line.'),
  fields: {
    pairs: z
      .array(
        z.strictObject({
          id: z.string().regex(/^[a-z0-9-]+$/, 'must be lower-case letters, digits and "-"'),
          left: z.string().min(1),
          right: z.string().min(1),
          why: z.string().min(1),
        }),
      )
      .min(3),
    extra: z.array(z.string().min(1)).default([]),
  },
  texts: ['pairs.*.left', 'pairs.*.right', 'pairs.*.why', 'extra.*'],
  afterTranslation: (original, translated) => ({
    ...translated,
    originals: Object.fromEntries([
      ...translated.pairs.map(({ right }, n) => [right, original.pairs[n]!.right]),
      ...translated.extra.map((text, n) => [text, original.extra[n]!]),
    ]),
  }),
  check: ({ pairs, extra, originals }) => {
    const rights = pairs.map(({ right }) => right)
    return [
      ...(new Set(pairs.map(({ id }) => id)).size === pairs.length
        ? []
        : ([['pairs', 'pair ids must differ']] as const)),
      ...(originals && new Set(Object.values(originals)).size !== new Set([...rights, ...extra]).size
        ? ([
            ['pairs', 'texts on the right that are the same in the original are the same here, and others differ'],
          ] as const)
        : []),
      ...extra.filter((text) => rights.includes(text)).map((text) => ['extra', `“${text}” belongs to a pair`] as const),
    ] as [string, string][]
  },
  view: (question, _variant, chance) => ({
    control: 'match',
    rows: question.pairs.map(({ id, left }) => ({ id, text: renderInline(left) })),
    choices: chance
      .shuffle(rightsOf(question))
      .map((text) => ({ id: codeOf(question, text), text: renderInline(text) })),
    rule: isOneToOne(question)
      ? t('Each of the {n} lines counts by itself.', { n: question.pairs.length })
      : t('Each of the {n} lines counts by itself. A choice may fit several lines, or none.', {
          n: question.pairs.length,
        }),
  }),
  isBlank: (question, given) => {
    const chosen = readChosen(given)
    const codes = rightsOf(question).map((text) => codeOf(question, text))
    return (
      given.length !== question.pairs.length || !question.pairs.every(({ id }) => codes.includes(chosen.get(id) ?? ''))
    )
  },
  grade: (question, _variant, given) => {
    const chosen = readChosen(given)
    const feedback = question.pairs.map(({ id, left, right, why }) => {
      const isRight = chosen.get(id) === codeOf(question, right)
      const said = rightsOf(question).find((text) => codeOf(question, text) === chosen.get(id)) ?? ''
      return {
        id,
        text: `${renderInline(left)} → ${renderInline(right)}`,
        why: renderInline(why),
        chosen: true,
        correct: isRight,
        word: isRight ? t('right') : t('you chose “{text}”', { text: said.replace(/[`*]/g, '') }),
      }
    })
    const score = feedback.filter(({ correct }) => correct).length / feedback.length
    return {
      verdict: score === 1 ? 'right' : score >= 0.5 ? 'partly' : 'wrong',
      score,
      feedback,
      answer: question.pairs.map(({ left, right }) => `${left} → ${right}`).join('; '),
    }
  },
}

const rightsOf = ({ pairs, extra }: MatchQuestion): string[] => [
  ...new Set([...pairs.map(({ right }) => right), ...extra]),
]

const isOneToOne = (question: MatchQuestion): boolean => rightsOf(question).length === question.pairs.length

// A place in the file would tell which belongs together.
function codeOf({ pairs, originals }: MatchQuestion, right: string): string {
  let hash = pairs.length
  for (const letter of `${originals?.[right] ?? right}/${pairs[0]!.id}`)
    hash = (hash * 31 + letter.charCodeAt(0)) % 1_000_003
  return `r${hash.toString(36)}`
}

/** `ID=CODE` of each line of the form. */
function readChosen(given: readonly string[]): Map<string, string> {
  return new Map(given.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]))
}
