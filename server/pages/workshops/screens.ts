/** What a workshop can have on its projector: each kind of screen with what its view shows. Nobody is named on any of them. */
import type { Room } from '../../workshops/room.ts'
import type { Screen } from '../../workshops/room-acts.ts'
import type { Workshop } from '../../workshops/rooms.ts'
import type { AppDeps } from '../deps.ts'
import { compare } from './comparison.ts'
import { openWorkAt, picture } from './shown-cluster.ts'
import { viewStep } from './steps.ts'

/** The model of `views/workshops/screen-<what>.eta`. */
export async function viewScreen(deps: AppDeps, workshop: Workshop, room: Room) {
  switch (room.screen.what) {
    case 'step':
      return viewCurrentStep(deps, workshop, room)
    case 'cluster':
      return (await viewCluster(deps, workshop, room, room.screen)) ?? viewCurrentStep(deps, workshop, room)
    case 'compare':
      return (await viewCompared(deps, workshop, room, room.screen)) ?? viewCurrentStep(deps, workshop, room)
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

/** One seat's cluster. @returns undefined when there is nothing of it any more */
async function viewCluster(
  deps: AppDeps,
  workshop: Workshop,
  room: Room,
  { seat, step: stepId, past, lines }: Screen & { what: 'cluster' },
) {
  const step = room.steps.find(({ id }) => id === stepId)
  const people = await deps.storage.participants.listOf(workshop.id)
  const person = people.find(({ id }) => id === seat)
  const open = person && (await openWorkAt(deps, workshop, person, step, past))
  if (!step || !open) return undefined
  const shown = await picture(
    deps,
    workshop.ownerLearnerId,
    people.map(({ nickname }) => nickname),
    open,
    past?.atMs,
  )
  return {
    what: 'cluster' as const,
    step: viewStep(deps.catalog(), workshop.id, step),
    isLive: past === undefined,
    cluster: { ...shown, lines: lines ? shown.lines : [] },
  }
}

/** Clusters side by side. @returns undefined when there are no two of them any more */
async function viewCompared(
  deps: AppDeps,
  workshop: Workshop,
  room: Room,
  { seats, step: stepId }: Screen & { what: 'compare' },
) {
  const step = room.steps.find(({ id }) => id === stepId)
  const compared = step && (await compare(deps, workshop.ownerLearnerId, workshop, step, seats))
  if (!step || !compared || compared.clusters.length < 2) return undefined
  const clusters = compared.clusters.map(({ nickname: _, seat: __, ...cluster }) => ({ ...cluster, lines: [] }))
  return { what: 'compare' as const, step: viewStep(deps.catalog(), workshop.id, step), ...compared, clusters }
}
