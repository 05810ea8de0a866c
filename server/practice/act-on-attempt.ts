/** The attempts of a seat as they stand, and what is done to them. */
import type { NewAct } from '../journal/act.ts'
import type { KnownAct } from '../journal/acts/registry.ts'
import type { Work } from '../journal/journals.ts'
import type { SeatId } from '../seat.ts'
import type { Attempt } from '../storage/types.ts'
import type { PracticeDeps } from './deps.ts'

/** The oldest first. */
export async function attemptsOf(
  { journals }: Pick<PracticeDeps, 'journals'>,
  seat: SeatId,
): Promise<readonly Attempt[]> {
  return (await journals.work(seat)).attempts
}

/**
 * Does to an attempt what is decided on it as it stands.
 * @param begunAtMs when it was typed, of what was kept in a browser meanwhile
 * @returns as it is afterwards @throws Error when it is not there
 */
export async function actOn(
  { journals }: Pick<PracticeDeps, 'journals'>,
  { participantId, sittingId, id }: Pick<Attempt, 'participantId' | 'sittingId' | 'id'>,
  decide: (attempt: Attempt) => readonly NewAct<KnownAct>[],
  begunAtMs?: number,
): Promise<Attempt> {
  const find = ({ attempts }: Work): Attempt => {
    const attempt = attempts.find((one) => one.id === id)
    if (!attempt) throw new Error(`attempt ${id} of participant ${participantId} does not exist`)
    return attempt
  }
  return find(await journals.write({ participantId, sittingId }, (work) => decide(find(work)), begunAtMs))
}
