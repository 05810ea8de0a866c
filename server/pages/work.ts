/** What a learner has done in their practice, and what they do there. */
import type { Response } from 'express'
import type { NewAct } from '../journal/act.ts'
import type { KnownAct } from '../journal/acts/registry.ts'
import type { Work } from '../journal/journals.ts'
import { contextOf } from '../render/page.ts'
import type { SeatId } from '../seat.ts'
import type { Attempt } from '../storage/types.ts'
import type { AppDeps } from './deps.ts'
import { leftOut } from './unreadable.ts'

/** The page says what it is shown without, if something of it waits for repair. */
export async function workOf({ journals }: AppDeps, res: Response): Promise<Work> {
  const work = await journals.work(contextOf(res).seat)
  for (const error of work.unreadable) leftOut(res)(error)
  return work
}

/** The attempts of somebody in their own practice, the oldest first. */
export async function attemptsOf({ journals }: Pick<AppDeps, 'journals'>, seat: SeatId): Promise<readonly Attempt[]> {
  return (await journals.work(seat)).attempts
}

/**
 * Does to an attempt what is decided on it as it stands.
 * @returns as it is afterwards @throws Error when it is not there
 */
export async function actOn(
  { journals }: Pick<AppDeps, 'journals'>,
  { participantId, sittingId, id }: Pick<Attempt, 'participantId' | 'sittingId' | 'id'>,
  decide: (attempt: Attempt) => readonly NewAct<KnownAct>[],
): Promise<Attempt> {
  const find = ({ attempts }: Work): Attempt => {
    const attempt = attempts.find((one) => one.id === id)
    if (!attempt) throw new Error(`attempt ${id} of participant ${participantId} does not exist`)
    return attempt
  }
  return find(await journals.write({ participantId, sittingId }, (work) => decide(find(work))))
}
