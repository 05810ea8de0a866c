/** Texts of questions of which nothing is seen, in a variant at least, or of which a part is not. Pure. */
import { textsAt } from '../i18n/overlay.ts'
import type { ParamSpecs } from '../questions/params.ts'
import type { QuestionType } from '../questions/types.ts'
import { findUnshownTags, renderMarkdown } from '../render/markdown.ts'

interface Unseen {
  path: (string | number)[]
  message: string
}

/** @param data of a question of that type, in any language */
export function findUnseenTexts(
  { texts, plainTexts = [] }: Pick<QuestionType<unknown>, 'texts' | 'plainTexts'>,
  data: object,
): Unseen[] {
  const specs: ParamSpecs = 'params' in data ? (data.params as ParamSpecs) : {}
  // A field that is left empty says that there is nothing to say; so does a unit.
  const written = textsAt(data, texts).filter(({ text }) => text !== '')
  return [
    ...written.flatMap(({ path, text }) => unseenIn(text, specs, seenOf).map((message) => ({ path, message }))),
    ...textsAt(data, plainTexts).flatMap(({ path, text }) =>
      unseenIn(text, specs, (plain) => plain.replace(named, '').trim()).map((message) => ({ path, message })),
    ),
    ...written.flatMap(({ path, text }) => unshownIn(text).map((message) => ({ path, message }))),
  ]
}

/** What is told of HTML that no page shows. */
export const unshownIn = (markdown: string): string[] =>
  // Most texts have none, which spares reading them as Markdown.
  markdown.includes('<') ? findUnshownTags(markdown).map((tag) => `${tag} is not shown: write it as code`) : []

const named = /\{\{\s*(\w+)\s*\}\}/g

/** What is seen of a text besides its values. */
function seenOf(markdown: string): string {
  if (/^[\p{L}\p{N}][^<{]*$/u.test(markdown)) return markdown
  const nothing = Object.fromEntries([...markdown.matchAll(named)].map(([, name]) => [name!, '']))
  return renderMarkdown(markdown, nothing)
    .replace(/<[^>]*>/g, '')
    .trim()
}

/** Values are text, so that one which is not blank is seen wherever it stands. */
function unseenIn(text: string, specs: ParamSpecs, seen: (text: string) => string): string[] {
  if (seen(text) !== '') return []
  const names = [...new Set([...text.matchAll(named)].map(([, name]) => name!))]
  if (names.length === 0) return ['nothing of it is seen']
  return names.every((name) => canBeBlank(specs[name]))
    ? [`nothing of it is seen where ${names.join(' and ')} is empty`]
    : []
}

const canBeBlank = (spec: ParamSpecs[string] | undefined): boolean =>
  spec !== undefined && 'oneOf' in spec && spec.oneOf.some((value) => String(value).trim() === '')
