/**
 * A workshop as its leader tries it out: a sitting of its own with the same plan, all steps open, and one seat. Nothing of it is in the
 * workshop, so neither the wall nor a count knows of it.
 */
import type { Storage } from '../storage/types.ts'
import { join, type PeopleDeps, removeSitting, seatOf } from './people.ts'
import type { NewRoomAct, Step } from './room-acts.ts'
import type { Rooms, Workshop } from './rooms.ts'

export interface RehearsalDeps extends PeopleDeps {
  storage: PeopleDeps['storage'] & Pick<Storage, 'participants' | 'sittings' | 'journals'>
  journals: Parameters<typeof removeSitting>[1]
  rooms: Rooms
}

/**
 * The rehearsal of a workshop for one who leads it, by its plan of today.
 * @param who leads it, and the name that their seat has
 * @param title of the rehearsal
 */
export async function rehearse(
  deps: RehearsalDeps,
  workshop: Workshop,
  who: { learnerId: string; nickname: string },
  title: string,
): Promise<Workshop> {
  const { rooms, storage } = deps
  const { learnerId, nickname } = who
  const from = {
    rehearsalOf: workshop.id,
    ...(workshop.room.guide === undefined ? {} : { guide: workshop.room.guide }),
  }
  const rehearsal = (await findAll(deps, workshop, learnerId))[0] ?? (await rooms.create(learnerId, from))
  if (!(await seatOf(storage, rehearsal.id, learnerId))) await join(deps, rehearsal, learnerId, nickname)
  const steps = (await rooms.room(workshop.id)).steps.map(byHand)
  await rooms.act(rehearsal.id, learnerId, (room): NewRoomAct[] => {
    const isSame = JSON.stringify([room.title, room.steps]) === JSON.stringify([title, steps])
    return [
      ...(isSame ? [] : [{ act: 'planned', data: { title, steps } } as const]),
      ...(room.life.state === 'draft' ? [{ act: 'opened', data: {} } as const] : []),
      // The one that was opened last is where everybody is asked to be.
      ...steps
        .filter(({ id }) => !room.open.has(id))
        .map(({ id }) => ({ act: 'step-opened', data: { step: id } }) as const)
        .reverse(),
    ]
  })
  return rehearsal
}

/** Takes the rehearsal away, with all that was done in it. */
export async function forgetRehearsal(deps: RehearsalDeps, workshop: Workshop, learnerId: string): Promise<void> {
  for (const { id } of await findAll(deps, workshop, learnerId)) await removeSitting(deps.storage, deps.journals, id)
}

/** One, unless somebody began twice at the same moment. */
const findAll = async ({ rooms }: RehearsalDeps, { id }: Workshop, learnerId: string): Promise<Workshop[]> =>
  (await rooms.rehearsalsOf(learnerId)).filter(({ room }) => room.rehearsalOf === id)

/** All steps are open: none waits for its time. */
function byHand({ opens: _, ...step }: Step): Step {
  return step
}
