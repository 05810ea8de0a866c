/** Steps to be put into their order. */
import { z } from 'zod'
import { msg, t } from '../i18n/translate.ts'
import { renderInline } from '../render/markdown.ts'
import type { Chance, QuestionType } from './types.ts'

export interface OrderQuestion {
  items: { id: string; text: string; why?: string }[]
}

export const order: QuestionType<OrderQuestion> = {
  title: msg('Put in order'),
  blank: msg('Give every step one place.'),
  fields: {
    items: z
      .array(
        z.strictObject({
          id: z.string().regex(/^[a-z0-9-]+$/, 'must be lower-case letters, digits and "-"'),
          text: z.string().min(1),
          why: z.string().optional(),
        }),
      )
      .min(3),
  },
  texts: ['items.*.text', 'items.*.why'],
  check: ({ items }) =>
    new Set(items.map(({ id }) => id)).size === items.length ? [] : [['items', 'item ids must differ']],
  view: ({ items }, _variant, chance) => ({
    control: 'order',
    choices: shuffled(items, chance).map(({ id, text }) => ({ id: codeOf(items, id), text: renderInline(text) })),
    rule: t(
      'Put the steps into order, first at the top. Each pair of steps in the right order earns a share, each pair in the wrong order costs as much; the score never falls below 0.',
    ),
  }),
  untouched: {
    problem: msg('This is the order in which the steps were handed out. Move them first.'),
    is: ({ items }, chance, given) =>
      shuffled(items, chance).every(({ id }, place) => given[place] === codeOf(items, id)),
  },
  isBlank: ({ items }, given) => {
    const ids = items.map(({ id }) => codeOf(items, id))
    return given.length !== ids.length || new Set(given).size !== ids.length || !given.every((id) => ids.includes(id))
  },
  vote: { barsOf: (_question, given) => [given.join(' ')] },
  grade: ({ items }, _variant, given) => {
    const places = items.map(({ id }) => given.indexOf(codeOf(items, id)))
    let pairs = 0
    let inOrder = 0
    for (let a = 0; a < places.length; a++)
      for (let b = a + 1; b < places.length; b++) {
        pairs++
        if (places[a]! < places[b]!) inOrder++
      }
    // An order by chance has half of its pairs right: those that are not take as much away.
    const score = Math.max(0, 2 * inOrder - pairs) / pairs
    return {
      verdict: score === 1 ? 'right' : score >= 0.5 ? 'partly' : 'wrong',
      score,
      feedback: items.map((item, n) => ({
        id: codeOf(items, item.id),
        text: renderInline(item.text),
        why: item.why ? renderInline(item.why) : '',
        chosen: places[n] === n,
        correct: true,
      })),
      answer: items.map(({ text }) => text).join(' → '),
    }
  },
}

/** In the order in which they are shown. */
function shuffled(items: OrderQuestion['items'], chance: Chance): OrderQuestion['items'] {
  const drawn = chance.shuffle(items)
  // A variant that starts solved would ask nothing.
  return drawn.every((item, n) => item === items[n]) ? [...drawn.slice(1), drawn[0]!] : drawn
}

// Ids like `1-apply` would give the order away, so the page gets codes that sort otherwise.
function codeOf(items: OrderQuestion['items'], id: string): string {
  let hash = items.length
  for (const letter of `${id}/${items[0]!.id}`) hash = (hash * 31 + letter.charCodeAt(0)) % 1_000_003
  return `s${hash.toString(36)}`
}
