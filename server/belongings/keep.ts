/** Adds to what a learner has, moves it to another one, and removes it. */
import { createHash, randomBytes } from 'node:crypto'
import { moveJobs, removeJobs } from '../hiring/jobs.ts'
import type { ChooseActs } from '../journal/journals.ts'
import type { FoldedWork } from '../journal/work.ts'
import { LabRefusal } from '../labs/types.ts'
import type { Seat } from '../seat.ts'
import { canonical } from '../storage/canonical.ts'
import { moveSeats, removeSeats } from '../workshops/people.ts'
import { type Belongings, type Counts, countOf, gatherActs, type KeptSandbox, type Places } from './belongings.ts'
import { actsToAdd, type Given } from './union.ts'

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
export async function planOf(
  { journals, sandboxes }: Pick<Places, 'journals' | 'sandboxes'>,
  { acts, ...given }: Belongings,
  owner: Seat,
  room: number,
): Promise<Plan> {
  const { before, after } = await journals.preview(owner, unionWith({ acts, isFile: true }, owner))
  const own = new Set((await sandboxes.list(owner.learnerId)).map(({ id }) => id))
  // A sandbox that is there is in use, and stays as it is.
  const fresh = given.sandboxes
    .filter(({ id }) => !own.has(id) && !own.has(otherId(owner, id)))
    .toSorted((a, b) => b.lastUsedAtMs - a.lastUsedAtMs || (a.id < b.id ? -1 : 1))
  const add = fresh.slice(0, room)
  const [had, has] = [countOf(before), countOf(after, add.length)]
  const examsOf = ({ mocks }: FoldedWork) => mocks.filter(({ kind }) => kind !== 'interview')
  const interviewsOf = ({ mocks }: FoldedWork) => mocks.filter(({ kind }) => kind === 'interview')
  const adds = Object.fromEntries(
    Object.entries(has).map(([what, count]) => [what, count - had[what as keyof Counts]]),
  ) as unknown as Counts
  return {
    adds,
    updates: {
      answers: changed(before.answers, after.answers, ({ id }) => id),
      attempts: changed(before.attempts, after.attempts, ({ id }) => id),
      exams: changed(examsOf(before), examsOf(after), ({ id }) => id),
      interviews: changed(interviewsOf(before), interviewsOf(after), ({ id }) => id),
      notes: changed(before.studyBook.notes, after.studyBook.notes, ({ item }) => item),
    },
    sandboxes: { add, noRoom: fresh.slice(room) },
  }
}

function changed<T>(before: readonly T[], after: readonly T[], keyOf: (value: T) => string): number {
  const known = new Map(before.map((value) => [keyOf(value), value]))
  return after.filter((value) => {
    const old = known.get(keyOf(value))
    return old !== undefined && canonical(old) !== canonical(value)
  }).length
}

/** Adds what the acts come to. What is added twice is there once. */
export async function keep({ journals }: Pick<Places, 'journals'>, given: Given, owner: Seat): Promise<void> {
  await journals.add(owner, unionWith(given, owner))
}

const unionWith =
  (given: Given, owner: Seat): ChooseActs =>
  (work, isKnown) =>
    actsToAdd({ owner, work, isKnown, newId: () => randomBytes(9).toString('hex') }, given)

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
  await keep(places, { acts: await gatherActs(places, from), isFile: false }, to)
  for (const { id } of await sandboxes.list(from.learnerId)) await sandboxes.give(id, to.learnerId)
  await moveJobs(places.storage, from.learnerId, to.learnerId)
  await moveSeats(places.storage, from.learnerId, to.learnerId)
  await places.storage.duels.give(from.learnerId, to.learnerId)
  await places.storage.golf.give(from.learnerId, to.learnerId)
  await places.storage.taskTerminals.give(from, to)
  await removeAll(places, from)
}

export async function removeAll(places: Places, owner: Seat): Promise<void> {
  const { storage, journals, sandboxes, now } = places
  const { learnerId, participantId, sittingId } = owner
  for (const { id } of await sandboxes.list(learnerId)) await sandboxes.remove(id)
  await removeJobs(places, learnerId)
  await removeSeats(storage, journals, learnerId, now())
  await storage.duels.leave(learnerId)
  await storage.golf.leave(learnerId)
  await journals.remove(owner)
  await storage.participants.remove(sittingId, participantId)
  await storage.sittings.remove(sittingId)
  await storage.learners.remove(learnerId)
}
