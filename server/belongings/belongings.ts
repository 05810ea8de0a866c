/** All that a learner has made here, as one value, and how it is read from where it is kept. */
import type { Journals } from '../journal/journals.ts'
import type { SandboxCopy, Sandboxes } from '../labs/sandboxes/types.ts'
import type { Seat } from '../seat.ts'
import type { Answer, Attempt, Mock, Storage, StudyBook, TerminalRecord } from '../storage/types.ts'

export interface Belongings {
  answers: readonly Answer[]
  studyBook: StudyBook
  attempts: readonly Attempt[]
  mocks: readonly Mock[]
  sandboxes: readonly KeptSandbox[]
}

/** With the files and the history of its terminal; null without. */
export type KeptSandbox = SandboxCopy & { terminal: TerminalRecord | null }

/** Where they are kept. */
export interface Places {
  storage: Storage
  journals: Journals
  sandboxes: Sandboxes
}

export const nothing: Belongings = {
  answers: [],
  studyBook: { read: [], bookmarks: [], notes: [] },
  attempts: [],
  mocks: [],
  sandboxes: [],
}

/** What is quickly read: all but the sandboxes. */
export async function gatherWork(
  { journals }: Pick<Places, 'journals'>,
  owner: Seat,
): Promise<Omit<Belongings, 'sandboxes'>> {
  const { answers, studyBook, attempts, mocks, unreadable } = await journals.work(owner)
  // What is taken for all of it must be all of it.
  if (unreadable[0]) throw unreadable[0]
  return { answers, studyBook, attempts, mocks }
}

export async function gather(places: Places, owner: Seat): Promise<Belongings> {
  const { storage, sandboxes } = places
  const copies = await Promise.all(
    (await sandboxes.list(owner.learnerId)).map(async ({ id }) => ({
      ...(await sandboxes.copy(id)),
      terminal: (await storage.terminals.find(id)) ?? null,
    })),
  )
  return { ...(await gatherWork(places, owner)), sandboxes: copies }
}

/** The same, in the practice of that learner. */
export function ownedBy(belongings: Belongings, { participantId, sittingId }: Seat): Belongings {
  return {
    ...belongings,
    attempts: belongings.attempts.map((attempt) => ({ ...attempt, participantId, sittingId })),
    mocks: belongings.mocks.map((mock) => ({ ...mock, participantId })),
  }
}

export interface Counts {
  answers: number
  attempts: number
  gradings: number
  exams: number
  interviews: number
  /** Lessons that were read. */
  read: number
  bookmarks: number
  notes: number
  sandboxes: number
}

export function countOf({ answers, studyBook, attempts, mocks, sandboxes }: Belongings): Counts {
  const exams = mocks.filter(({ kind }) => kind === 'exam').length
  return {
    answers: answers.length,
    attempts: attempts.length,
    gradings: attempts.reduce((sum, { gradings }) => sum + gradings.length, 0),
    exams,
    interviews: mocks.length - exams,
    read: studyBook.read.length,
    bookmarks: studyBook.bookmarks.length,
    notes: studyBook.notes.length,
    sandboxes: sandboxes.length,
  }
}

export async function countAll(places: Places, owner: Seat): Promise<Counts> {
  const owned = await places.sandboxes.list(owner.learnerId)
  return { ...countOf({ ...(await gatherWork(places, owner)), sandboxes: [] }), sandboxes: owned.length }
}

export const isNothing = (counts: Counts): boolean => Object.values(counts).every((count) => count === 0)
