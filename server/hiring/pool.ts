/** What an exercise can ask: the challenges and questions of the content that grade themselves. Pure. */
import { isAskable, minutesOfItem } from '../catalog/exercises.ts'
import type { Catalog } from '../catalog/types.ts'
import type { Locale } from '../i18n/locale.ts'

export interface PoolItem {
  /** `challenge:crash-loop` */
  item: string
  kind: 'challenge' | 'question'
  id: string
  title: string
  locale: Locale
  /** 1 to 5. */
  difficulty: number
  /** As its author says, or estimated by its type. */
  minutes: number
  topics: string[]
  /** Each candidate gets another variant of it. */
  hasVariants: boolean
}

/** @returns undefined for what is not there or cannot be asked */
export function poolItem(catalog: Catalog, item: string): PoolItem | undefined {
  if (!isAskable(catalog, item)) return undefined
  const [kind, id = ''] = item.split(':') as ['challenge' | 'question', string]
  const minutes = minutesOfItem(catalog, item)
  const topicsOf = (topics: readonly string[]) => topics.map((topic) => catalog.topics.get(topic)?.title ?? topic)
  if (kind === 'challenge') {
    const { title, locale, spec } = catalog.challenges.get(id)!
    const hasVariants = Object.keys(spec.params ?? {}).length > 0
    return {
      item,
      kind,
      id,
      title,
      locale,
      difficulty: spec.difficulty,
      minutes,
      topics: topicsOf(spec.topics),
      hasVariants,
    }
  }
  const { title, locale, difficulty, topics, type } = catalog.questions.get(id)!
  return {
    item,
    kind,
    id,
    title,
    locale,
    difficulty,
    minutes,
    topics: topicsOf(topics),
    hasVariants: type === 'predict',
  }
}

/** So many are shown of what was found. */
const mostFound = 20

/** Items that hold all the words in their names or topics: challenges first, those with the words in their titles before others. */
export function searchPool(catalog: Catalog, words: string): PoolItem[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  if (wanted.length === 0) return []
  const all = [
    ...[...catalog.challenges.keys()].map((id) => `challenge:${id}`),
    ...[...catalog.questions.keys()].map((id) => `question:${id}`),
  ]
  const found = all.flatMap((name) => {
    const one = poolItem(catalog, name)
    if (!one) return []
    const text = `${one.title} ${one.id} ${one.topics.join(' ')}`.toLowerCase()
    return wanted.every((word) => text.includes(word)) ? [one] : []
  })
  const isNamed = ({ title }: PoolItem) => wanted.every((word) => title.toLowerCase().includes(word))
  return [...found.filter(isNamed), ...found.filter((one) => !isNamed(one))].slice(0, mostFound)
}

/** The minutes of all of them together. */
export const minutesOf = (catalog: Catalog, items: readonly string[]): number =>
  items.reduce((sum, item) => sum + minutesOfItem(catalog, item), 0)
