/** Steps that open by themselves: what is due is worked out of the moment at which somebody looks, so that no restart loses it. Pure. */
import type { SittingEvent } from '../sittings/life.ts'
import type { Step } from './room-acts.ts'

/** The time that a workshop goes on: its pauses do not count. */
export interface RoomClock {
  beganMs: number | undefined
  /** Those that are over, in order. */
  pauses: readonly { fromMs: number; toMs: number }[]
  /** Since when it stands, in a pause or for good. */
  stoppedMs: number | undefined
}

export const newClock: RoomClock = { beganMs: undefined, pauses: [], stoppedMs: undefined }

/** How long it has gone on by then. */
export const runningMs = (clock: RoomClock, nowMs: number): number =>
  clock.beganMs === undefined ? 0 : runningSince(clock, clock.beganMs, nowMs)

/** Of the time from one moment to another, how long it went on. */
export function runningSince({ pauses, stoppedMs }: RoomClock, fromMs: number, nowMs: number): number {
  const toMs = stoppedMs ?? nowMs
  const paused = pauses.map((one) => Math.max(0, Math.min(one.toMs, toMs) - Math.max(one.fromMs, fromMs)))
  return Math.max(0, toMs - fromMs - paused.reduce((sum, ms) => sum + ms, 0))
}

/** The clock after something happened to the workshop itself. */
export function afterEvent(clock: RoomClock, event: SittingEvent['event'], atMs: number): RoomClock {
  switch (event) {
    case 'open':
      return { ...clock, beganMs: clock.beganMs ?? atMs }
    case 'resume':
      return {
        ...clock,
        pauses:
          clock.stoppedMs === undefined ? clock.pauses : [...clock.pauses, { fromMs: clock.stoppedMs, toMs: atMs }],
        stoppedMs: undefined,
      }
    case 'pause':
    case 'close':
      return { ...clock, stoppedMs: clock.stoppedMs ?? atMs }
    default:
      return clock
  }
}

/** What it needs to know of a room. */
interface Timed {
  clock: RoomClock
  steps: readonly Step[]
  open: ReadonlyMap<string, number>
  /** Of steps that are open: for how long the workshop had gone on then. */
  openedAt: ReadonlyMap<string, number>
  /** Steps that somebody has held: they open by hand alone. */
  held: ReadonlySet<string>
  current: string | undefined
}

/** For how long the workshop will have gone on when that step opens; undefined while nothing says so. */
export function dueOf({ steps, open, openedAt, held }: Timed, at: number): number | undefined {
  const [before, step] = [steps[at - 1], steps[at]]
  if (!step?.opens || open.has(step.id) || held.has(step.id)) return undefined
  if (step.opens.by === 'time') return step.opens.minute * minuteMs
  // What is held is not over: somebody decides how it goes on.
  const begun = before && open.has(before.id) ? openedAt.get(before.id) : undefined
  return begun === undefined ? undefined : begun + before!.minutes * minuteMs
}

const minuteMs = 60_000

/** The room with all steps open that are due by then; the same one when none is. */
export function withDue<R extends Timed>(room: R, nowMs: number): R {
  if (room.clock.beganMs === undefined) return room
  const elapsed = runningMs(room.clock, nowMs)
  const next = firstDue(room)
  if (!next || next.dueMs > elapsed) return room
  const wallMs = (room.clock.stoppedMs ?? nowMs) - (elapsed - next.dueMs)
  const opened = {
    ...room,
    open: new Map(room.open).set(next.id, wallMs),
    openedAt: new Map(room.openedAt).set(next.id, next.dueMs),
    current: next.id,
  }
  // One that is open may make the next one due.
  return withDue(opened, nowMs)
}

/** In so many milliseconds something opens by itself, unless something else is done. */
export function untilDue(room: Timed, nowMs: number): number | undefined {
  if (room.clock.beganMs === undefined || room.clock.stoppedMs !== undefined) return undefined
  const next = firstDue(room)
  return next && Math.max(0, next.dueMs - runningMs(room.clock, nowMs))
}

/** Of those that are due at the same moment, the one that comes first in the plan. */
function firstDue(room: Timed): { id: string; dueMs: number } | undefined {
  let first: { id: string; dueMs: number } | undefined
  for (const [at, { id }] of room.steps.entries()) {
    const dueMs = dueOf(room, at)
    if (dueMs !== undefined && (!first || dueMs < first.dueMs)) first = { id, dueMs }
  }
  return first
}

/** Minutes that are left of a step that is open; fewer than 0 when it takes longer. */
export function minutesLeft({ clock, openedAt }: Timed, step: Step, nowMs: number): number {
  const passedMs = runningMs(clock, nowMs) - (openedAt.get(step.id) ?? 0)
  return Math.ceil(step.minutes - passedMs / minuteMs)
}
