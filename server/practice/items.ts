/** Things of the content by one name each: `lesson:pod/probes`, `question:pod/probe-facts`, `challenge:crash-loop`. */
import type { Catalog } from '../catalog/types.ts'
import type { Locale } from '../i18n/locale.ts'
import { msg, t } from '../i18n/translate.ts'

export type ItemKind = 'lesson' | 'question' | 'challenge'

export interface Item {
  kind: ItemKind
  /** What it is, in a word. */
  kindTitle: string
  id: string
  /** Of its title. */
  locale: Locale
  title: string
  href: string
}

const kindTitles: Record<ItemKind, string> = {
  lesson: msg('lesson'),
  question: msg('question'),
  challenge: msg('challenge'),
}

/** @returns undefined when the content has none of that name, or not any more */
export function findItem(catalog: Catalog, name: string): Item | undefined {
  const [, kind, id] = /^(lesson|question|challenge):(.+)$/.exec(name) ?? []
  if (kind === undefined || id === undefined) return undefined
  const item = kind as ItemKind
  const found = catalog[`${item}s`].get(id)
  if (!found) return undefined
  const { title, locale } = found
  return { kind: item, kindTitle: t(kindTitles[item]), id, title, locale, href: `/${kind}s/${id}` }
}
