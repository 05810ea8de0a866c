/** What a workshop can have on its projector: each kind of screen with what its view shows. Nobody is named on any of them. */
import type { Room } from '../../workshops/room.ts'
import type { Workshop } from '../../workshops/rooms.ts'
import type { AppDeps } from '../deps.ts'
import { viewPoll } from './poll-view.ts'
import { viewStep } from './steps.ts'

/** The model of `views/workshops/screen-<what>.eta`. */
export async function viewScreen(deps: AppDeps, workshop: Workshop, room: Room) {
  switch (room.screen.what) {
    case 'step':
      return viewCurrentStep(deps, workshop, room)
    case 'poll':
      return viewPollScreen(deps, workshop, room, room.screen.step)
  }
}

/** The question, and how many have voted; how they did once the vote is closed. */
function viewPollScreen(deps: AppDeps, workshop: Workshop, room: Room, id: string) {
  const step = room.steps.find((one) => one.id === id)
  const poll = step && viewPoll(deps.catalog(), workshop, room, step, deps.now())
  // It was taken out of the plan.
  return poll ? { what: 'poll' as const, poll } : viewCurrentStep(deps, workshop, room)
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
