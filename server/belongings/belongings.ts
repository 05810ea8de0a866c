/** All that a learner has made here, as one value, and how it is read from where it is kept. */
import type { KnownAct } from '../journal/acts/registry.ts'
import type { Journals } from '../journal/journals.ts'
import type { FoldedWork } from '../journal/work.ts'
import type { SandboxCopy, Sandboxes } from '../labs/sandboxes/types.ts'
import type { Seat } from '../seat.ts'
import type { Storage, TerminalRecord } from '../storage/types.ts'

export interface Belongings {
  /** The journal of their own practice. */
  acts: readonly KnownAct[]
  sandboxes: readonly KeptSandbox[]
}

/** With the files and the history of its terminal; null without. */
export type KeptSandbox = SandboxCopy & { terminal: TerminalRecord | null }

/** Where they are kept. */
export interface Places {
  storage: Storage
  journals: Journals
  sandboxes: Sandboxes
  now(): number
}

export const nothing: Belongings = { acts: [], sandboxes: [] }

/** What their acts come to. @throws DocumentUnreadable when some wait for repair: what is taken for all of it must be all of it */
export async function gatherWork({ journals }: Pick<Places, 'journals'>, owner: Seat): Promise<FoldedWork> {
  const { unreadable, ...work } = await journals.work(owner)
  if (unreadable[0]) throw unreadable[0]
  return work
}

/** @throws DocumentUnreadable when some of it waits for repair */
export async function gather(places: Places, owner: Seat): Promise<Belongings> {
  const { storage, sandboxes } = places
  const copies = await Promise.all(
    (await sandboxes.list(owner.learnerId)).map(async ({ id }) => ({
      ...(await sandboxes.copy(id)),
      terminal: (await storage.terminals.find(id)) ?? null,
    })),
  )
  return { acts: await gatherActs(places, owner), sandboxes: copies }
}

/** @throws DocumentUnreadable when some wait for repair */
export async function gatherActs(places: Pick<Places, 'journals'>, owner: Seat): Promise<readonly KnownAct[]> {
  await gatherWork(places, owner)
  return places.journals.acts(owner)
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

export function countOf({ answers, studyBook, attempts, mocks }: FoldedWork, sandboxes = 0): Counts {
  const exams = mocks.filter(({ kind }) => kind !== 'interview').length
  return {
    answers: answers.length,
    attempts: attempts.length,
    gradings: attempts.reduce((sum, { gradings }) => sum + gradings.length, 0),
    exams,
    interviews: mocks.length - exams,
    read: studyBook.read.length,
    bookmarks: studyBook.bookmarks.length,
    notes: studyBook.notes.length,
    sandboxes,
  }
}

export async function countAll(places: Places, owner: Seat): Promise<Counts> {
  const owned = await places.sandboxes.list(owner.learnerId)
  return countOf(await gatherWork(places, owner), owned.length)
}

export const isNothing = (counts: Counts): boolean => Object.values(counts).every((count) => count === 0)
