/** Whose work is looked at is told so, and by whom. */
import type { Response } from 'express'
import { contextOf } from '../../render/page.ts'
import { sittingAt } from '../../sittings/life.ts'
import { may } from '../../sittings/roles.ts'
import type { Room } from '../../workshops/room.ts'
import type { NewRoomAct } from '../../workshops/room-acts.ts'
import type { Workshop } from '../../workshops/rooms.ts'
import type { AppDeps } from '../deps.ts'
import { leaderName } from './own-workshop.ts'

/** The same one is told once in so long. */
const toldMs = 60_000

/**
 * Tells those seats who looks, as long as the workshop goes on.
 * @returns the room as it is afterwards
 */
export function look(deps: AppDeps, res: Response, workshop: Workshop, seats: readonly string[]): Promise<Room> {
  const context = contextOf(res)
  const nowMs = deps.now()
  return deps.rooms.act(workshop.id, context.learnerId, ({ life, looks }) => {
    if (!may('instructor', 'run-room', sittingAt(life, nowMs).state)) return []
    return seats
      .filter((seat) => {
        const last = looks.get(seat)
        return last?.by !== context.learnerId || nowMs - last.atMs >= toldMs
      })
      .map((seat): NewRoomAct => ({ act: 'looked', data: { seat, name: leaderName(workshop, context) } }))
  })
}
