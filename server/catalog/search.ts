/** Full-text search over the content: words, their beginnings, and words with a letter amiss; of Chinese, any run of characters. */
import { setImmediate } from 'node:timers/promises'
import MiniSearch from 'minisearch'
import { columnsOf, isWide } from '../i18n/columns.ts'
import type { Locale } from '../i18n/locale.ts'
import type { Catalog, Lesson } from './types.ts'

export interface Found {
  kind: 'lesson' | 'question' | 'challenge' | 'old-note'
  /** Of title and summary. */
  locale: Locale
  title: string
  href: string
  /** What it is about, in a line. */
  about: string
}

interface Document extends Found {
  id: string
  topics: string
  text: string
  /** The title in the language that it was written in, and all else of it, for what is translated. */
  firstTitle?: string
  firstText?: string
}

/** What nobody finds by scrolling. */
const most = 40

/** For how long an index is built without a pause; a document takes a few milliseconds. */
const sliceMs = 10

// A catalog never changes; while developing, another one takes its place.
const indexes = new WeakMap<Catalog, Promise<MiniSearch<Document>>>()

/**
 * The first search of a catalog waits until its index is built; others are answered meanwhile.
 * @param original where `catalog` is a translation: what it was made of, whose words find the same things
 * @returns the best first; of challenges and questions nothing that is told only afterwards is searched
 */
export async function searchCatalog(catalog: Catalog, words: string, original: Catalog = catalog): Promise<Found[]> {
  const index = indexes.get(catalog) ?? build(catalog, original)
  indexes.set(catalog, index)
  return (await index)
    .search(words, { combineWith: 'AND' })
    .slice(0, most)
    .map(({ kind, locale, title, href, about }) => ({ kind, locale, title, href, about }))
}

async function build(catalog: Catalog, original: Catalog): Promise<MiniSearch<Document>> {
  const index = new MiniSearch<Document>({
    fields: ['title', 'firstTitle', 'topics', 'about', 'text', 'firstText'],
    storeFields: ['kind', 'locale', 'title', 'href', 'about'],
    tokenize: (text) => tokenize(text, true),
    searchOptions: {
      tokenize: (text) => tokenize(text, false),
      boost: { title: 4, firstTitle: 4, topics: 3, about: 2 },
      prefix: (term) => term.length > 1,
      fuzzy: (term) => (term.length > 4 ? 0.2 : false),
    },
  })
  const first = new Map<string, Document>()
  if (original !== catalog)
    for await (const document of inSlices(documentsOf(original))) first.set(document.id, document)
  for await (const document of inSlices(documentsOf(catalog))) {
    const before = first.get(document.id)
    if (!before || before.locale === document.locale) index.add(document)
    else {
      const firstText = [before.topics, before.about, before.text].join(' ')
      index.add({ ...document, firstTitle: before.title, firstText })
    }
  }
  return index
}

/** The same, with pauses in which others are answered. */
async function* inSlices<T>(items: Iterable<T>): AsyncGenerator<T> {
  let sliceEndMs = performance.now() + sliceMs
  for (const item of items) {
    if (performance.now() >= sliceEndMs) {
      await setImmediate()
      sliceEndMs = performance.now() + sliceMs
    }
    yield item
  }
}

/**
 * Words as they stand between spaces and punctuation. Chinese sets no spaces between its words, so of a run of its characters each
 * two neighbours are a term; a single one is looked for when nothing but it is asked.
 * @param isContent index the single characters as well
 */
export function tokenize(text: string, isContent: boolean): string[] {
  return (text.match(/\p{Script=Han}+|(?:(?!\p{Script=Han})[^\n\r\p{Z}\p{P}])+/gu) ?? []).flatMap((run) => {
    if (!/^\p{Script=Han}/u.test(run)) return [run]
    const characters = [...run]
    const pairs = characters.slice(1).map((character, n) => characters[n]! + character)
    return isContent || pairs.length === 0 ? [...characters, ...pairs] : pairs
  })
}

/** Each made when it is asked for. */
function* documentsOf(catalog: Catalog): Generator<Document> {
  const titlesOf = (topics: readonly string[]) => topics.map((id) => catalog.topics.get(id)?.title ?? id).join(' ')
  for (const lesson of catalog.lessons.values())
    yield {
      id: `lesson:${lesson.id}`,
      kind: 'lesson',
      locale: lesson.locale,
      title: lesson.title,
      href: `/lessons/${lesson.id}`,
      about: lesson.summary,
      topics: titlesOf(lesson.topics),
      text: textOf(lesson),
    }
  for (const { id, locale, title, prompt, topics } of catalog.questions.values())
    yield {
      id: `question:${id}`,
      kind: 'question',
      locale,
      title,
      href: `/questions/${id}`,
      about: firstLine(prompt),
      topics: titlesOf(topics),
      text: prompt,
    }
  for (const { id, locale, title, summary, statement, spec } of catalog.challenges.values())
    yield {
      id: `challenge:${id}`,
      kind: 'challenge',
      locale,
      title,
      href: `/challenges/${id}`,
      about: summary,
      topics: titlesOf(spec.topics),
      text: statement,
    }
  for (const { id, locale, says, today, items } of catalog.oldNotes)
    yield {
      id: `old-note:${id}`,
      kind: 'old-note',
      locale,
      title: plainOf(says),
      href: `/old-notes#${id}`,
      about: firstLine(today),
      topics: items.flatMap((item) => titlesOf(topicsOf(catalog, item))).join(' '),
      text: today,
    }
}

function topicsOf(catalog: Catalog, item: string): readonly string[] {
  const [kind, id] = item.split(':') as ['lesson' | 'question' | 'challenge', string]
  if (kind === 'challenge') return catalog.challenges.get(id)?.spec.topics ?? []
  return catalog[`${kind}s`].get(id)?.topics ?? []
}

const textOf = ({ parts }: Lesson): string =>
  parts
    .map((part) => ('html' in part ? part.html.replace(/<[^>]+>/g, ' ') : 'demo' in part ? part.demo.title : ''))
    .join(' ')

/** Columns that are shown of a text. */
const widest = 160

/** Without its marks and what the variant puts in. */
const plainOf = (line: string): string => line.replace(/[`*_]/g, '').replace(/\{\{\s*\w+\s*\}\}/g, '…')

/** Cut off where it gets long. */
function firstLine(markdown: string): string {
  const line = markdown.split('\n').find((text) => text.trim() !== '') ?? ''
  const plain = plainOf(line)
  let columns = 0
  const letters = [...plain]
  const end = letters.findIndex((letter) => {
    columns += columnsOf(letter)
    return columns > widest
  })
  if (end < 0) return plain
  // Not within a word, unless it is one of a language without spaces.
  const shown = letters.slice(0, end).join('')
  const cut = isWide(letters[end]!) || isWide(letters[end - 1]!) ? end : `${shown}${letters[end]}`.lastIndexOf(' ')
  return `${shown.slice(0, cut)} …`
}
