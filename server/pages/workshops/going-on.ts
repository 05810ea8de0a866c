/** What is done in a room is done as long as the workshop goes on. */

import { t } from '../../i18n/translate.ts'
import { HttpProblem } from '../../render/problem.ts'
import { sittingAt } from '../../sittings/life.ts'
import { mostDoings, type Room } from '../../workshops/room.ts'
import type { AppDeps } from '../deps.ts'

/** For what is done in the clusters of its people. @throws HttpProblem 409 */
export async function refuseUnlessOpen(deps: AppDeps, workshopId: string): Promise<void> {
  if (sittingAt(await deps.rooms.lifeOf(workshopId), deps.now()).state !== 'open')
    throw new HttpProblem(409, t('Nobody can work now: the workshop has not begun, is paused, or is over.'))
}

/** @throws HttpProblem 429 for who presses without an end @param who by whom the room counts */
export function refuseTooMuch({ doings }: Room, who: string): void {
  if ((doings.get(who)?.count ?? 0) >= mostDoings)
    throw new HttpProblem(
      429,
      t('You have reached the limit of {n} actions in this workshop. Ask your instructor.', { n: mostDoings }),
    )
}
