/** What stands beside a list: what to do next of it, and how far somebody is with each of its sections. */
import type { Section } from '../catalog/types.ts'
import type { Locale } from '../i18n/locale.ts'
import type { FilterModel } from './filters.ts'
import { sectionChoices } from './sections.ts'

export interface NextOfList {
  href: string
  title: string
  locale?: Locale
  about: string
  /** Both are what an author wrote. */
  isOfContent?: boolean
  /** What its button says. */
  action: string
  difficulty?: number
  minutes?: number
}

/** @param path of the list, whose filter is called `section` @returns none for a section that has nothing */
export function besideSections(
  path: string,
  { fields }: Pick<FilterModel, 'fields'>,
  countOf: (section: Section) => { done: number; all: number },
) {
  const shown = fields.find(({ name }) => name === 'section')?.value
  return sectionChoices().flatMap(([id, title]) => {
    const count = countOf(id)
    return count.all === 0 ? [] : [{ id, title, href: `${path}?section=${id}`, isShown: shown === id, ...count }]
  })
}
