/**
 * What two have made, as one. Whoever comes first, and however often: nothing that was answered, graded or written is lost, and it
 * comes out the same. Pure.
 */
import { chosen } from '../journal/folds/answers.ts'
import { mergeAttempts } from '../journal/merge-attempts.ts'
import { mergeMocks } from '../journal/merge-mocks.ts'
import { type Choose, joined, later } from '../journal/merging.ts'
import type { Answer, StudyBook } from '../storage/types.ts'
import type { Belongings, KeptSandbox } from './belongings.ts'

/** Both are of the same owner. */
export function mergeBelongings(a: Belongings, b: Belongings): Belongings {
  return {
    answers: mergeAnswers(a.answers, b.answers),
    studyBook: mergeStudyBooks(a.studyBook, b.studyBook),
    attempts: joined(
      a.attempts,
      b.attempts,
      ({ id }) => id,
      mergeAttempts,
      ({ createdAtMs }) => createdAtMs,
    ),
    mocks: joined(
      a.mocks,
      b.mocks,
      ({ id }) => id,
      mergeMocks,
      ({ startedAtMs }) => startedAtMs,
    ),
    sandboxes: joined(
      a.sandboxes,
      b.sandboxes,
      ({ id }) => id,
      laterSandbox,
      ({ createdAtMs }) => createdAtMs,
    ),
  }
}

function mergeAnswers(a: readonly Answer[], b: readonly Answer[]): Answer[] {
  return joined(
    a,
    b,
    ({ id }) => id,
    chosen,
    ({ atMs }) => atMs,
  )
}

/** Read and bookmarked is what was so in either, since the earlier moment. */
export function mergeStudyBooks(a: StudyBook, b: StudyBook): StudyBook {
  const earlier = <T extends { atMs: number }>(one: T, other: T): T => later<T>(({ atMs }) => [-atMs])(one, other)
  const marks = <T extends { item: string; atMs: number }>(of: (book: StudyBook) => readonly T[], choose: Choose<T>) =>
    joined(
      of(a),
      of(b),
      ({ item }) => item,
      choose,
      ({ atMs }) => atMs,
    )
  return {
    read: marks(({ read }) => read, earlier),
    bookmarks: marks(({ bookmarks }) => bookmarks, earlier),
    notes: marks(({ notes }) => notes, mergeNotes),
  }
}

/** Stands between notes on the same item that say different things. */
const noteRule = '\n\n---\n\n'

function mergeNotes(a: StudyBook['notes'][number], b: StudyBook['notes'][number]): StudyBook['notes'][number] {
  const texts = new Set([...a.text.split(noteRule), ...b.text.split(noteRule)])
  return {
    item: a.item,
    text: a.text === b.text ? a.text : [...texts].sort().join(noteRule),
    atMs: Math.max(a.atMs, b.atMs),
  }
}

const laterSandbox = later<KeptSandbox>(({ lastUsedAtMs, log }) => [lastUsedAtMs, log.length])
