/** What a workshop can have on its projector: each kind of screen with what its view shows. Nobody is named on any of them. */

import { unlessDamaged } from '../../storage/documents.ts'
import { nicknamesIn } from '../../workshops/people.ts'
import type { Room } from '../../workshops/room.ts'
import type { Screen } from '../../workshops/room-acts.ts'
import type { Workshop } from '../../workshops/rooms.ts'
import { dueOf, minutesLeft, runningMs } from '../../workshops/timed-steps.ts'
import { viewRun } from '../demo-view.ts'
import type { AppDeps } from '../deps.ts'
import { compare } from './comparison.ts'
import { pollQuestionOf } from './poll-question.ts'
import { letters, viewPoll, viewResult } from './poll-view.ts'
import { predictedRun } from './predicted-run.ts'
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
    case 'poll':
      return viewPollScreen(deps, workshop, room, room.screen.step)
    case 'run':
      return viewRunScreen(deps, workshop, room, room.screen)
  }
}

/** The question, and how many have voted; how they did once the vote is closed. */
function viewPollScreen(deps: AppDeps, workshop: Workshop, room: Room, id: string) {
  const step = room.steps.find((one) => one.id === id)
  const poll = step && viewPoll(deps.catalog(), workshop, room, step, deps.now())
  // It was taken out of the plan.
  return poll ? { what: 'poll' as const, poll } : viewCurrentStep(deps, workshop, room)
}

/** What the simulated cluster does, moment by moment, beside what the room predicted; and what came of it. */
async function viewRunScreen(deps: AppDeps, workshop: Workshop, room: Room, screen: { step: string; take: number }) {
  const step = room.steps.find(({ id }) => id === screen.step)
  const question = step && pollQuestionOf(deps.catalog(), workshop.id, step)
  const poll = step && room.polls.get(step.id)
  if (!question || !poll || !question.isPredicted) return viewPollScreen(deps, workshop, room, screen.step)
  const { key, run } = await predictedRun(deps, workshop.id, question)
  const seconds = run.view.clockSeconds
  const { played } = viewRun(run, ['objects'], seconds, { id: 'prediction' })
  return {
    what: 'run' as const,
    take: `${screen.step}-${screen.take}`,
    heading: question.title,
    locale: question.locale,
    prompt: question.prompt,
    played,
    /** Virtual seconds in a second: a minute long at most, where it is not hours. */
    speed: speeds.find((speed) => seconds / speed <= longestSeconds) ?? speeds.at(-1)!,
    predicted: viewResult(question, { ...poll, isRevealed: false }),
    outcome: viewResult(question, { ...poll, isRevealed: true, key }),
    view: question.view,
    letters,
  }
}

const speeds = [1, 10, 60]
const longestSeconds = 60

/** The step that everybody is at, with the minutes that are left of it, and the one that follows. */
function viewCurrentStep(deps: AppDeps, workshop: Workshop, room: Room) {
  const nowMs = deps.now()
  const at = room.steps.findIndex(({ id }) => id === room.current)
  const [step, next] = [room.steps[at], room.steps[at + 1]]
  const dueMs = dueOf(room, at + 1)
  return {
    what: 'step' as const,
    step: step && viewStep(deps.catalog(), workshop.id, step),
    leftMinutes: step && minutesLeft(room, step, nowMs),
    next: next && viewStep(deps.catalog(), workshop.id, next),
    /** The next one opens by itself. */
    opensInMinutes:
      dueMs === undefined ? undefined : Math.max(1, Math.ceil((dueMs - runningMs(room.clock, nowMs)) / 60_000)),
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
  const person = await unlessDamaged(deps.storage.participants.find(workshop.id, seat), () => undefined)
  const open = person && (await openWorkAt(deps, workshop, person, step, past))
  if (!step || !open) return undefined
  const shown = await picture(deps, workshop.ownerLearnerId, await nicknamesIn(deps, workshop.id), open, past?.atMs)
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
