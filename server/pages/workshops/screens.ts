/** What a workshop can have on its projector: each kind of screen with what its view shows. Nobody is named on any of them. */
import type { Room } from '../../workshops/room.ts'
import type { Workshop } from '../../workshops/rooms.ts'
import type { AppDeps } from '../deps.ts'
import { viewStep } from './steps.ts'

/** The model of `views/workshops/screen-<what>.eta`. */
export async function viewScreen(deps: AppDeps, workshop: Workshop, room: Room) {
  switch (room.screen.what) {
    case 'step':
      return viewCurrentStep(deps, workshop, room)
  }
}

/** The step that everybody is at, with the minutes that are left of it, and the one that follows. */
function viewCurrentStep(deps: AppDeps, workshop: Workshop, room: Room) {
  const nowMs = deps.now()
  const at = room.steps.findIndex(({ id }) => id === room.current)
  const [step, next] = [room.steps[at], room.steps[at + 1]]
  const passedMs = nowMs - (room.open.get(room.current ?? '') ?? nowMs)
  return {
    what: 'step' as const,
    step: step && viewStep(deps.catalog(), workshop.id, step),
    leftMinutes: step && Math.ceil(step.minutes - passedMs / 60_000),
    next: next && viewStep(deps.catalog(), workshop.id, next),
  }
}
