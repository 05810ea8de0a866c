/** A hiring exercise is opened: from then on each item stays as it is, and candidates do not practise on it elsewhere. */
import { isDeepStrictEqual } from 'node:util'
import { pinItems } from '../grading/pinned-items.ts'
import type { Exercise, Exercises } from '../hiring/exercises.ts'
import { type InvitationDeps, invite } from '../hiring/invitations.ts'
import { removeExercise } from '../hiring/jobs.ts'
import type { Sandboxes } from '../labs/sandboxes/types.ts'
import { openedBy } from '../sittings/program.ts'
import type { PracticeDeps } from './deps.ts'

type OpeningDeps = PracticeDeps & { exercises: Exercises }

const dayMs = 24 * 3_600_000

/** Keeps the content of each item, and opens it. Pressed twice it is opened once. @param by the learner who opens it */
export async function openExercise(deps: OpeningDeps, exercise: Exercise, by: string): Promise<void> {
  const { id, exercise: plan } = exercise
  let [pinned, isPinned] = [exercise, false]
  while (!isPinned) {
    const contentVersions = await pinItems(deps, pinned.items)
    const stored = await deps.exercises.update(id, (one) => {
      // Its plan was saved meanwhile: what is opened is what is pinned.
      isPinned = isFixed(one) || isDeepStrictEqual(one.items, pinned.items)
      return isPinned ? openedBy({ ...one, contentVersions: { ...contentVersions, ...one.contentVersions } }) : one
    })
    if (!stored) return
    pinned = stored
  }
  const { items } = pinned
  if (plan.rehearsalOf === undefined)
    await deps.storage.itemLocks.save({ sittingId: id, items, scope: 'participants', untilMs: null })
  await deps.exercises.act(id, by, ({ life }) => (life.state === 'draft' ? [{ act: 'opened', data: {} }] : []))
}

/** Its content is pinned: from then on the plan stays, also while it is being opened. */
export const isFixed = ({ contentVersions }: Pick<Exercise, 'contentVersions'>): boolean =>
  Object.keys(contentVersions).length > 0

/**
 * The exercise as its manager tries it out: a sitting of its own with the same plan, and one seat. Nothing of it counts; the one before goes.
 * @returns the token of its link
 */
export async function rehearseExercise(
  deps: OpeningDeps & InvitationDeps & { sandboxes: Pick<Sandboxes, 'removeCopies'> },
  exercise: Exercise,
  who: { learnerId: string; name: string; language: 'en' | 'zh' },
): Promise<string> {
  for (const { id, ownerLearnerId } of await deps.exercises.rehearsalsOf(exercise))
    if (ownerLearnerId === who.learnerId) await removeExercise(deps, id)
  const { jobId, ...plan } = exercise.exercise
  const rehearsal = await deps.exercises.create(jobId, who.learnerId, {
    ...{ title: exercise.title, minutes: (exercise.clock.durationMs ?? 0) / 60_000 },
    plan: { ...plan, rehearsalOf: exercise.id },
  })
  await openExercise(deps, rehearsal, who.learnerId)
  const terms = { opensAtMs: null, untilMs: deps.now() + 7 * dayMs, multiplier: 1, language: who.language }
  return (await invite(deps, rehearsal, who.learnerId, { name: who.name, mail: '' }, terms))!.token
}
