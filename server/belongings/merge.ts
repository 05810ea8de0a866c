/**
 * What two have made, as one. Whoever comes first, and however often: nothing that was answered, graded or written is lost, and it
 * comes out the same. Pure.
 */
import { chosen } from '../journal/folds/answers.ts'
import { canonical } from '../storage/canonical.ts'
import { withEarlier } from '../storage/earlier-drafts.ts'
import { gradedLog } from '../storage/evidence.ts'
import { type Choose, later } from '../storage/later.ts'
import type { Origin } from '../storage/origin.ts'
import type { Answer, Attempt, Grading, Mock, MockItem, StudyBook } from '../storage/types.ts'
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

/** Of one attempt as it was at two moments, or at two places: the work that was saved last, and every grading of both. */
export function mergeAttempts(a: Attempt, b: Attempt): Attempt {
  if (canonical(a) === canonical(b)) return a
  const work = ({ gradings, hintsOpened, earlierDrafts, state, createdAtMs, origin, ...rest }: Attempt) => rest
  const latest = later<ReturnType<typeof work>>(({ updatedAtMs, log }) => [updatedAtMs, log.length])(work(a), work(b))
  // Each grading brings its own commands: those of the later work may be others.
  const whole = (attempt: Attempt) => attempt.gradings.map((one) => ({ ...one, log: gradedLog(attempt, one) }))
  return {
    ...latest,
    gradings: mergeGradings(whole(a), whole(b)).map(({ log, ...grading }) =>
      canonical(log) === canonical(latest.log.slice(0, grading.commands)) ? grading : { ...grading, log },
    ),
    earlierDrafts: withEarlier(a.earlierDrafts, b.earlierDrafts),
    hintsOpened: [...new Set([...a.hintsOpened, ...b.hintsOpened])].sort(),
    state: a.state === 'closed' ? a.state : b.state,
    createdAtMs: Math.min(a.createdAtMs, b.createdAtMs),
    ...mergeOrigins(a, b),
  }
}

/** What is also somebody's own is their own; what was read in twice came when it came first. */
function mergeOrigins(a: { origin?: Origin }, b: { origin?: Origin }): { origin?: Origin } {
  return a.origin && b.origin ? { origin: later<Origin>(({ atMs }) => [-atMs])(a.origin, b.origin) } : {}
}

/** What was graded here stays. An exported one lacks the tests that are hidden: the fuller one stays. */
const mergeGradings = (a: readonly Grading[], b: readonly Grading[]): Grading[] =>
  joined(
    a,
    b,
    ({ atMs, commands }) => `${atMs}/${commands}`,
    later<Grading>((grading) => [grading.origin ? 0 : 1, -(grading.origin?.atMs ?? 0), canonical(grading).length]),
    ({ atMs }) => atMs,
  )

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

/** Each once, in the order of their moments, then of their keys. */
function joined<T>(
  a: readonly T[],
  b: readonly T[],
  keyOf: (value: T) => string,
  merge: Choose<T>,
  momentOf: (value: T) => number,
): T[] {
  const all = new Map<string, T>()
  for (const value of [...a, ...b]) {
    const known = all.get(keyOf(value))
    all.set(keyOf(value), known === undefined ? value : merge(known, value))
  }
  return [...all]
    .sort(([left, one], [right, other]) => momentOf(one) - momentOf(other) || (left < right ? -1 : 1))
    .map(([, value]) => value)
}
