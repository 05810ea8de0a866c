/** The bookmark and the note that stand at the end of a lesson, a question and a challenge. Pure. */
import type { StudyBook } from '../storage/types.ts'

export interface Marks {
  item: string
  isMarked: boolean
  note: string
  /** Where to come back to. */
  back: string
  /** What is wrong with the note that was typed; empty when nothing is. */
  noteProblem: string
}

/** @param item as `findItem` names it. @param back a path of this site. @param refused the note that was typed, and why it was not kept */
export function marksOf(
  book: StudyBook,
  item: string,
  back: string,
  refused?: { note: string; problem: string },
): Marks {
  return {
    item,
    isMarked: book.bookmarks.some((bookmark) => bookmark.item === item),
    note: refused?.note ?? book.notes.find((note) => note.item === item)?.text ?? '',
    back,
    noteProblem: refused?.problem ?? '',
  }
}
