/** Full-text search over the content: words, their beginnings, and words with a letter amiss. */
import MiniSearch from 'minisearch'
import type { Catalog, Lesson } from './types.ts'

export interface Found {
  kind: 'lesson' | 'question' | 'challenge'
  title: string
  href: string
  /** What it is about, in a line. */
  about: string
}

interface Document extends Found {
  id: string
  topics: string
  text: string
}

/** What nobody finds by scrolling. */
const most = 40

// A catalog never changes; while developing, another one takes its place.
const indexes = new WeakMap<Catalog, MiniSearch<Document>>()

/** @returns the best first; of challenges and questions nothing that is told only afterwards is searched */
export function searchCatalog(catalog: Catalog, words: string): Found[] {
  const index = indexes.get(catalog) ?? build(catalog)
  indexes.set(catalog, index)
  return index
    .search(words, { combineWith: 'AND' })
    .slice(0, most)
    .map(({ kind, title, href, about }) => ({ kind, title, href, about }))
}

function build(catalog: Catalog): MiniSearch<Document> {
  const index = new MiniSearch<Document>({
    fields: ['title', 'topics', 'about', 'text'],
    storeFields: ['kind', 'title', 'href', 'about'],
    searchOptions: {
      boost: { title: 4, topics: 3, about: 2 },
      prefix: (term) => term.length > 1,
      fuzzy: (term) => (term.length > 4 ? 0.2 : false),
    },
  })
  const titlesOf = (topics: readonly string[]) => topics.map((id) => catalog.topics.get(id)?.title ?? id).join(' ')
  index.addAll([
    ...[...catalog.lessons.values()].map(
      (lesson): Document => ({
        id: `lesson:${lesson.id}`,
        kind: 'lesson',
        title: lesson.title,
        href: `/lessons/${lesson.id}`,
        about: lesson.summary,
        topics: titlesOf(lesson.topics),
        text: textOf(lesson),
      }),
    ),
    ...[...catalog.questions.values()].map(
      ({ id, title, prompt, topics }): Document => ({
        id: `question:${id}`,
        kind: 'question',
        title,
        href: `/questions/${id}`,
        about: firstLine(prompt),
        topics: titlesOf(topics),
        text: prompt,
      }),
    ),
    ...[...catalog.challenges.values()].map(
      ({ id, title, summary, statement, spec }): Document => ({
        id: `challenge:${id}`,
        kind: 'challenge',
        title,
        href: `/challenges/${id}`,
        about: summary,
        topics: titlesOf(spec.topics),
        text: statement,
      }),
    ),
  ])
  return index
}

const textOf = ({ parts }: Lesson): string =>
  parts
    .map((part) => ('html' in part ? part.html.replace(/<[^>]+>/g, ' ') : 'demo' in part ? part.demo.title : ''))
    .join(' ')

/** Without its marks and what the variant puts in. */
function firstLine(markdown: string): string {
  const line = markdown.split('\n').find((text) => text.trim() !== '') ?? ''
  const plain = line.replace(/[`*_]/g, '').replace(/\{\{\s*\w+\s*\}\}/g, '…')
  return plain.length > 160 ? `${plain.slice(0, plain.lastIndexOf(' ', 160))} …` : plain
}
