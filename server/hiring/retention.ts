/** What candidates did is kept as long as their job says, and then deleted: who they are, their seats and all that they did. Counts are left. */
import type { Journals } from '../journal/journals.ts'
import type { Storage } from '../storage/types.ts'
import { candidatesOf, funnelOf } from './candidates.ts'
import type { Exercises } from './exercises.ts'
import { removeSeat } from './jobs.ts'

export interface RetentionDeps {
  storage: Pick<Storage, 'hiringJobs' | 'participants' | 'candidates'>
  journals: Pick<Journals, 'work' | 'remove'>
  exercises: Exercises
  now(): number
}

const dayMs = 24 * 3_600_000

/** When the work of an exercise that closed then is deleted. */
export const keptUntilMs = (closedAtMs: number, retentionDays: number): number => closedAtMs + retentionDays * dayMs

/** Deletes what is due. Interrupted and done again, it comes to the same. @returns how many exercises */
export async function eraseWhatIsDue(deps: RetentionDeps): Promise<number> {
  let erased = 0
  for (const exercise of await deps.exercises.all()) {
    const { life, scored } = await deps.exercises.course(exercise.id)
    if (life.state !== 'closed' && life.state !== 'archived') continue
    const job = await deps.storage.hiringJobs.find(exercise.exercise.jobId)
    if (!job || deps.now() < keptUntilMs(life.closingAtMs ?? 0, job.retentionDays)) continue
    const { invited, started, handedIn } = funnelOf(await candidatesOf(deps, exercise), scored, deps.now())
    // First of all, since what is counted is gone afterwards; what a breakdown leaves behind goes with the next look.
    await deps.exercises.act(exercise.id, 'site', () => [{ act: 'erased', data: { invited, started, handedIn } }])
    erased++
  }
  for (const exercise of await deps.exercises.all()) {
    if ((await deps.exercises.course(exercise.id)).life.state !== 'erased') continue
    for (const { id } of await deps.storage.participants.listOf(exercise.id))
      await removeSeat(deps.storage, deps.journals, exercise.id, id)
    for (const { id } of await deps.storage.candidates.ofSitting(exercise.id)) await deps.storage.candidates.remove(id)
  }
  return erased
}
