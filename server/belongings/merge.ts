/**
 * What two have made, as one. Whoever comes first, and however often: nothing that was answered, graded or written is lost, and it
 * comes out the same. Pure.
 */
import { chosen } from '../journal/folds/answers.ts'
import { mergeAttempts } from '../journal/merge-attempts.ts'
import { type Choose, joined, later, mergeOrigins } from '../journal/merging.ts'
import { canonical } from '../storage/canonical.ts'
import type { Answer, Mock, MockItem, StudyBook } from '../storage/types.ts'
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

/**
 * Question by question what got furthest; handed in when it was in either, and the earlier end counts. One that was sat here is not
 * changed by one that was not.
 */
export function mergeMocks(a: Mock, b: Mock): Mock {
  if (canonical(a) === canonical(b)) return a
  if (!a.origin !== !b.origin) return a.origin ? b : a
  const frame = ({ items, handedInAtMs, endsAtMs, clock, origin, ...rest }: Mock) => rest
  const questions = (mock: Mock) => mock.items.map(({ questionId, seed }) => `${questionId} ${seed}`).join('\n')
  // Not of one drawing: none is made of both.
  if (questions(a) !== questions(b))
    return later<Mock>((mock) => [mock.items.filter(({ result }) => result !== null).length, mock.items.length])(a, b)
  return {
    ...later<ReturnType<typeof frame>>(({ current }) => [current])(frame(a), frame(b)),
    endsAtMs: earliest(a.endsAtMs, b.endsAtMs),
    handedInAtMs: earliest(a.handedInAtMs, b.handedInAtMs),
    ...furtherClock(a, b),
    ...mergeOrigins(a, b),
    items: a.items.map((item, place) => furthest(item, b.items[place]!)),
  }
}

/** Of two clocks the one by which more time is used. */
function furtherClock({ clock: a }: Mock, { clock: b }: Mock): Pick<Mock, 'clock'> {
  const clock =
    a && b ? later<NonNullable<Mock['clock']>>(({ usedMs, seenAtMs }) => [usedMs, seenAtMs])(a, b) : (a ?? b)
  return clock ? { clock } : {}
}

function earliest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b)
}

const furthest = later<MockItem>(({ result, given, spentMs }) => [
  result === null ? 0 : 1,
  given.length > 0 ? 1 : 0,
  spentMs,
])

const laterSandbox = later<KeptSandbox>(({ lastUsedAtMs, log }) => [lastUsedAtMs, log.length])
