/** What a learner has marked and written beside the content: of the acts on one item the last one done holds, whenever it came in. */
import type { StudyBook } from '../../storage/types.ts'
import type { KnownAct } from '../acts/registry.ts'
import { digestOf } from '../digest.ts'
import type { Fold } from './fold.ts'

interface State {
  /** Of each lesson, when it was read first. */
  read: Map<string, number>
  /** Since when they are there, and when one was put on or taken away last. */
  bookmarks: Map<string, { sinceMs: number | null; lastMs: number }>
  /** An empty text is a note that was taken away. */
  notes: Map<string, { atMs: number; text: string }>
}

export const studyBook: Fold<State, StudyBook> = {
  begin: () => ({ read: new Map(), bookmarks: new Map(), notes: new Map() }),
  apply({ read, bookmarks, notes }, act) {
    const { item, atMs } = act
    if (item === undefined) return false
    switch (act.act) {
      case 'read':
        read.set(item, Math.min(atMs, read.get(item) ?? atMs))
        return true
      case 'bookmarked':
        return toggle(bookmarks, item, act.data.isOn, atMs)
      case 'noted':
        return keepLater(notes, item, { atMs, text: act.data.text })
      default:
        return false
    }
  },
  view: ({ read, bookmarks, notes }) => ({
    read: [...read].map(([item, atMs]) => ({ item, atMs })).sort(byMoment),
    bookmarks: [...bookmarks]
      .flatMap(([item, { sinceMs }]) => (sinceMs === null ? [] : [{ item, atMs: sinceMs }]))
      .sort(byMoment),
    notes: [...notes]
      .filter(([, { text }]) => text !== '')
      .map(([item, { text, atMs }]) => ({ item, text, atMs }))
      .sort(byMoment),
  }),
}

function toggle(bookmarks: State['bookmarks'], item: string, isOn: boolean, atMs: number): boolean {
  const { sinceMs, lastMs } = bookmarks.get(item) ?? { sinceMs: null, lastMs: Number.NEGATIVE_INFINITY }
  // Of two that were put on, the earlier moment counts, unless it was taken away in between.
  const isLast = atMs >= lastMs
  const since = isOn ? (sinceMs === null ? (isLast ? atMs : null) : Math.min(sinceMs, atMs)) : isLast ? null : sinceMs
  bookmarks.delete(item)
  bookmarks.set(item, { sinceMs: since, lastMs: Math.max(lastMs, atMs) })
  return since !== sinceMs
}

/** Of acts of one moment the one that came in last. */
function keepLater<T extends { atMs: number }>(kept: Map<string, T>, item: string, value: T): boolean {
  const known = kept.get(item)
  if (known && value.atMs < known.atMs) return false
  // Behind the others of its moment, as it came in.
  kept.delete(item)
  kept.set(item, value)
  return true
}

/** Those of one moment in the order in which they came in. */
const byMoment = (a: { atMs: number }, b: { atMs: number }): number => a.atMs - b.atMs

/** The acts that make this book; always the same for the same one. */
export function actsOfBook({ read, bookmarks, notes }: StudyBook): KnownAct[] {
  const acts: KnownAct[] = [
    ...read.map(({ item, atMs }): KnownAct => ({ act: 'read', item, atMs, data: {}, id: '' })),
    ...bookmarks.map(({ item, atMs }): KnownAct => ({ act: 'bookmarked', item, atMs, data: { isOn: true }, id: '' })),
    ...notes.map(({ item, atMs, text }): KnownAct => ({ act: 'noted', item, atMs, data: { text }, id: '' })),
  ]
  return acts.map((act) => ({ ...act, id: digestOf(act) }))
}
