/**
 * Two journals as one. Acts that are not there yet are added; where both have gone on with the same attempt, exam or note, both are
 * kept, and what they come to is decided by the folds. Whoever comes first, and however often: it comes out the same. Pure.
 */
import type { KnownAct } from '../journal/acts/registry.ts'
import { actOfAnswer, chosen } from '../journal/folds/answers.ts'
import { actOfAttempt } from '../journal/folds/attempts.ts'
import { actOfDaily, mergeDailies } from '../journal/folds/dailies.ts'
import { actOfMock } from '../journal/folds/mocks.ts'
import { actsOfBook } from '../journal/folds/study-book.ts'
import { mergeAttempts } from '../journal/merge-attempts.ts'
import { mergeMocks } from '../journal/merge-mocks.ts'
import type { Choose } from '../journal/merging.ts'
import { type FoldedWork, workOfActs } from '../journal/work.ts'
import type { Seat } from '../seat.ts'
import { canonical } from '../storage/canonical.ts'
import type { StudyBook } from '../storage/types.ts'

export interface Given {
  acts: readonly KnownAct[]
  /** They were read from a file: exams that are here already stay as they are, with their clocks. */
  isFile: boolean
}

/** What the union is made in: a journal as it stands. */
export interface Present {
  owner: Seat
  work: FoldedWork
  /** Whether the journal has an act of that id. */
  isKnown(id: string): boolean
  newId(): string
}

/** The acts to add to a journal, so that it has what the given ones come to as well. */
export function actsToAdd(present: Present, { acts, isFile }: Given): KnownAct[] {
  const { owner, work, isKnown, newId } = present
  const given = workOfActs(owner, acts)
  /** Attempts, exams and answers that are not here, and whose acts are taken as they are. */
  const whole = new Set<string>()
  const added: KnownAct[] = []
  const answers = byId(work.answers)
  for (const answer of given.answers) {
    const there = answers.get(answer.id)
    if (!there) whole.add(`answer ${answer.id}`)
    else if (isNews(there, answer, chosen)) added.push(actOfAnswer(answer, true))
  }
  const attempts = byId(work.attempts)
  for (const attempt of given.attempts) {
    const there = attempts.get(attempt.id)
    if (!there) whole.add(`attempt ${attempt.id}`)
    else if (isNews(there, attempt, mergeAttempts)) added.push(actOfAttempt(attempt))
  }
  const wasHere = new Set(acts.filter(({ id }) => isKnown(id)).map(subjectOf))
  const mocks = byId(work.mocks)
  for (const mock of given.mocks) {
    const there = mocks.get(mock.id)
    const subject = `mock ${mock.id}`
    if (!there && !wasHere.has(subject)) whole.add(subject)
    // It was here before, under the ids of these very acts: it is brought by another one.
    else if (!there || (!isFile && isNews(there, mock, mergeMocks))) added.push({ ...actOfMock(mock), id: newId() })
  }
  const subjects = acts.filter((act) => {
    const subject = subjectOf(act)
    return subject !== undefined && whole.has(subject)
  })
  return [
    ...subjects,
    ...added,
    ...bookActs(work.studyBook, given.studyBook, newId),
    ...lastTrack(acts),
    ...dailyActs(work, given),
  ]
}

/** The track that was chosen, or left, last: whichever journal it was in, it holds. */
function lastTrack(acts: readonly KnownAct[]): KnownAct[] {
  const tracks = acts.filter(({ act }) => act === 'followed')
  const last = tracks.reduce<KnownAct | undefined>((so, act) => (so && act.atMs < so.atMs ? so : act), undefined)
  return last ? [last] : []
}

/** Of each day what it comes to with both: the act of the same content has the same id, so twice is once. */
function dailyActs(own: FoldedWork, given: FoldedWork): KnownAct[] {
  const there = new Map((own.dailies ?? []).map((daily) => [daily.day, daily]))
  return (given.dailies ?? []).flatMap((daily) => {
    const known = there.get(daily.day)
    return !known || isNews(known, daily, mergeDailies) ? [actOfDaily(daily)] : []
  })
}

const byId = <T extends { id: string }>(list: readonly T[]): Map<string, T> => new Map(list.map((one) => [one.id, one]))

/** Whether what is there is another thing with the given one. */
const isNews = <T>(there: T, given: T, merge: Choose<T>): boolean => {
  const merged = merge(there, given)
  return merged !== there && canonical(merged) !== canonical(there)
}

/** The attempt, mock or answer that an act is of, such as `attempt ID`: an id of one kind may be forged as that of another. */
export function subjectOf(act: KnownAct): string | undefined {
  const { data } = act
  const idOf = (named: string | { id: string }): string => (typeof named === 'string' ? named : named.id)
  if (act.act === 'answered') return `answer ${act.data.answer}`
  if ('attempt' in data) return `attempt ${idOf(data.attempt)}`
  return 'mock' in data ? `mock ${idOf(data.mock)}` : undefined
}

/** Read and bookmarked is what was so in either, since the earlier moment; of two notes on one item nothing is lost. */
function bookActs(own: StudyBook, given: StudyBook, newId: () => string): KnownAct[] {
  const sinceOf = (marks: readonly { item: string; atMs: number }[]) => {
    const since = new Map(marks.map(({ item, atMs }) => [item, atMs]))
    return ({ item, atMs }: { item: string; atMs: number }): boolean => atMs < (since.get(item) ?? Infinity)
  }
  const noteOf = new Map(own.notes.map((note) => [note.item, note]))
  const notes = given.notes.filter(({ item }) => !noteOf.has(item))
  const merged = given.notes.flatMap((note): KnownAct[] => {
    const there = noteOf.get(note.item)
    const both = there && mergeNotes(there, note)
    if (!both || (both.text === there.text && both.atMs === there.atMs)) return []
    return [{ act: 'noted', item: both.item, atMs: both.atMs, data: { text: both.text }, id: newId() }]
  })
  const marks = {
    read: given.read.filter(sinceOf(own.read)),
    bookmarks: given.bookmarks.filter(sinceOf(own.bookmarks)),
  }
  return [...actsOfBook({ ...marks, notes }), ...merged]
}

/** Stands between notes on the same item that say different things. */
const noteRule = '\n\n---\n\n'

type Note = StudyBook['notes'][number]

/** Each part of either once. */
export function mergeNotes(a: Note, b: Note): Note {
  const texts = new Set([...a.text.split(noteRule), ...b.text.split(noteRule)])
  return {
    item: a.item,
    text: a.text === b.text ? a.text : [...texts].sort().join(noteRule),
    atMs: Math.max(a.atMs, b.atMs),
  }
}
