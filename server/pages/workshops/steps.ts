/** Steps of a workshop with their names: an item's own title, in the language of whoever reads it. */
import type { Catalog } from '../../catalog/types.ts'
import { msg, t } from '../../i18n/translate.ts'
import type { Step } from '../../workshops/room-acts.ts'

export type ItemKind = 'lesson' | 'question' | 'challenge'

const kinds: Readonly<Record<ItemKind, string>> = {
  lesson: msg('Lesson'),
  question: msg('Question'),
  challenge: msg('Challenge'),
}

/** @returns undefined for one that is no item, or of which nothing is known */
export function findItem(catalog: Catalog, item: string | undefined) {
  const [kind = '', id = ''] = (item ?? '').split(':')
  if (!isKind(kind)) return undefined
  const found = catalog[`${kind}s`].get(id)
  return found && { kind, id, title: found.title, locale: found.locale, href: `/${kind}s/${id}` }
}

const isKind = (text: string): text is ItemKind => Object.hasOwn(kinds, text)

function opensInWords({ opens }: Step): string | undefined {
  if (!opens) return undefined
  return opens.by === 'after'
    ? t('opens when the step before is over')
    : t('opens {n} min after the beginning', { n: opens.minute })
}

/** What a step is called, and where it leads within the workshop. */
export function viewStep(catalog: Catalog, workshopId: string, step: Step) {
  const item = findItem(catalog, step.item)
  return {
    id: step.id,
    kind: item?.kind,
    kindTitle: step.poll ? t('Poll') : item ? t(kinds[item.kind]) : t('Together'),
    isPoll: step.poll !== undefined,
    title: item?.title ?? step.title,
    locale: item?.locale,
    minutes: step.minutes,
    /** How it opens by itself, in words. */
    opens: opensInWords(step),
    /** Undefined for a talk, and for an item that is not there any more. */
    href: step.poll ? `/w/${workshopId}/polls/${step.id}` : item && `/w/${workshopId}${item.href}`,
    isGone: step.item !== undefined && !item,
  }
}
