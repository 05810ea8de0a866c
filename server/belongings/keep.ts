/** Adds to what a learner has, moves it to another one, and removes it. */
import { createHash } from 'node:crypto'
import type { NewAct } from '../journal/act.ts'
import type { KnownAct } from '../journal/acts/registry.ts'
import { actOfAnswer, chosen } from '../journal/folds/answers.ts'
import { actOfAttempt } from '../journal/folds/attempts.ts'
import { actOfMock } from '../journal/folds/mocks.ts'
import { actsOfBook } from '../journal/former.ts'
import type { Journals } from '../journal/journals.ts'
import { mergeAttempts } from '../journal/merge-attempts.ts'
import { mergeMocks } from '../journal/merge-mocks.ts'
import type { Choose } from '../journal/merging.ts'
import { LabRefusal } from '../labs/types.ts'
import type { Seat } from '../seat.ts'
import { canonical } from '../storage/canonical.ts'
import type { StudyBook } from '../storage/types.ts'
import {
  type Belongings,
  type Counts,
  countOf,
  gatherWork,
  type KeptSandbox,
  ownedBy,
  type Places,
} from './belongings.ts'
import { mergeBelongings, mergeStudyBooks } from './merge.ts'

/** What adding a file would do. */
export interface Plan {
  adds: Counts
  /** What is there already, and would be brought up to date. */
  updates: Pick<Counts, 'answers' | 'attempts' | 'exams' | 'interviews' | 'notes'>
  sandboxes: {
    add: readonly KeptSandbox[]
    /** They would be more than one may have: those that were used last come first. */
    noRoom: readonly KeptSandbox[]
  }
}

/** @param room for how many more sandboxes */
export function planOf(current: Belongings, given: Belongings, owner: Seat, room: number): Plan {
  const own = new Set(current.sandboxes.map(({ id }) => id))
  // A sandbox that is there is in use, and stays as it is.
  const fresh = given.sandboxes
    .filter(({ id }) => !own.has(id) && !own.has(otherId(owner, id)))
    .toSorted((a, b) => b.lastUsedAtMs - a.lastUsedAtMs || (a.id < b.id ? -1 : 1))
  const add = fresh.slice(0, room)
  const held = new Set(current.mocks.map(({ id }) => id))
  const mocks = given.mocks.filter(({ id }) => !held.has(id))
  const merged = mergeBelongings(current, { ...ownedBy({ ...given, mocks }, owner), sandboxes: add })
  const [before, after] = [countOf(current), countOf(merged)]
  const adds = Object.fromEntries(
    Object.entries(after).map(([what, count]) => [what, count - before[what as keyof Counts]]),
  ) as unknown as Counts
  const mocksOf = ({ mocks }: Belongings, wanted: string) => mocks.filter(({ kind }) => kind === wanted)
  return {
    adds,
    updates: {
      answers: changed(current.answers, merged.answers, ({ id }) => id),
      attempts: changed(current.attempts, merged.attempts, ({ id }) => id),
      exams: changed(mocksOf(current, 'exam'), mocksOf(merged, 'exam'), ({ id }) => id),
      interviews: changed(mocksOf(current, 'interview'), mocksOf(merged, 'interview'), ({ id }) => id),
      notes: changed(current.studyBook.notes, merged.studyBook.notes, ({ item }) => item),
    },
    sandboxes: { add, noRoom: fresh.slice(room) },
  }
}

function changed<T>(before: readonly T[], after: readonly T[], keyOf: (value: T) => string): number {
  const known = new Map(before.map((value) => [keyOf(value), value]))
  return after.filter((value) => {
    const old = known.get(keyOf(value))
    // Mostly it is the very same: thousands need not be written out to be compared.
    return old !== undefined && old !== value && canonical(old) !== canonical(value)
  }).length
}

/**
 * Adds all but the sandboxes. What is added twice is there once.
 * @param isFile it was read from a file: exams that are here already stay as they are, with their clocks
 */
export async function keep(
  { journals }: Pick<Places, 'journals'>,
  given: Omit<Belongings, 'sandboxes'>,
  owner: Seat,
  { isFile = false } = {},
): Promise<void> {
  const { answers, studyBook, attempts, mocks } = ownedBy({ ...given, sandboxes: [] }, owner)
  if (answers.length > 0) await journals.write(owner, (work) => actsOf(work.answers, answers, chosen, actOfAnswer))
  if (Object.values(studyBook).some((marks) => marks.length > 0)) await keepBook(journals, owner, studyBook)
  if (attempts.length > 0)
    await journals.write(owner, (work) => actsOf(work.attempts, attempts, mergeAttempts, actOfAttempt))
  if (mocks.length > 0)
    await journals.write(owner, (work) =>
      actsOf(work.mocks, mocks, isFile ? (there) => there : mergeMocks, (one) => {
        // It may have been there before, and been removed.
        const { id: _, ...act } = actOfMock(one)
        return act
      }),
    )
}

/** Those that are not there, or that change what is. @param merge what both come to: the one that is there, mostly */
function actsOf<T extends { id: string }>(
  known: readonly T[],
  given: readonly T[],
  merge: Choose<T>,
  actOf: (one: T, isOther: boolean) => NewAct<KnownAct>,
): NewAct<KnownAct>[] {
  const byId = new Map(known.map((one) => [one.id, one]))
  return given.flatMap((one) => {
    const there = byId.get(one.id)
    const merged = there ? merge(there, one) : one
    if (there && (merged === there || canonical(merged) === canonical(there))) return []
    byId.set(one.id, merged)
    return [actOf(one, there !== undefined)]
  })
}

/** Of two notes on one item nothing is lost: a third one has both. */
async function keepBook(journals: Journals, owner: Seat, given: StudyBook): Promise<void> {
  const before = (await journals.work(owner)).studyBook
  const isNoted = new Set(before.notes.map(({ item }) => item))
  await journals.add(owner, actsOfBook(given))
  const { notes } = mergeStudyBooks({ ...before, read: [], bookmarks: [] }, { ...given, read: [], bookmarks: [] })
  await journals.write(owner, ({ studyBook }) => {
    const texts = new Map(studyBook.notes.map(({ item, text }) => [item, text]))
    return notes
      .filter(({ item, text }) => isNoted.has(item) && texts.get(item) !== text)
      .map(({ item, text, atMs }) => ({ act: 'noted', item, atMs, data: { text } }))
  })
}

/** @returns those that could not be made, with the reason */
export async function restoreSandboxes(
  { storage, sandboxes }: Places,
  copies: readonly KeptSandbox[],
  owner: Seat,
): Promise<{ name: string; why: string }[]> {
  const failed: { name: string; why: string }[] = []
  for (const { terminal, ...copy } of copies) {
    // An id that is somebody's leads to nothing of theirs: the copy gets another one, always the same.
    const id = (await sandboxes.has(copy.id)) ? otherId(owner, copy.id) : copy.id
    try {
      await sandboxes.restore(owner.learnerId, { ...copy, id })
      if (terminal) await storage.terminals.save(id, terminal)
    } catch (error) {
      if (!(error instanceof LabRefusal)) throw error
      failed.push({ name: copy.name, why: error.message })
    }
  }
  return failed
}

const otherId = ({ learnerId }: Seat, id: string): string =>
  createHash('sha256').update(`${learnerId}/${id}`).digest('hex').slice(0, 18)

/** All of it becomes the other one's, merged with what they have. Interrupted and done again, it comes to the same. */
export async function moveAll(places: Places, from: Seat, to: Seat): Promise<void> {
  const { sandboxes } = places
  await keep(places, await gatherWork(places, from), to)
  for (const { id } of await sandboxes.list(from.learnerId)) await sandboxes.give(id, to.learnerId)
  await removeAll(places, from)
}

export async function removeAll({ storage, journals, sandboxes }: Places, owner: Seat): Promise<void> {
  const { learnerId, participantId, sittingId } = owner
  for (const { id } of await sandboxes.list(learnerId)) await sandboxes.remove(id)
  await journals.remove(owner)
  await storage.participants.remove(sittingId, participantId)
  await storage.sittings.remove(sittingId)
  await storage.learners.remove(learnerId)
}
