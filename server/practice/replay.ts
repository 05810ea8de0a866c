/** One attempt as it was worked on: its acts in order, each with the attempt as it was afterwards. Pure. */
import type { Command, LoggedCommand } from '../../sim/index.ts'
import type { KnownAct } from '../journal/acts/registry.ts'
import { attempts } from '../journal/folds/attempts.ts'
import type { SeatId } from '../seat.ts'
import { givenFault } from '../storage/given-faults.ts'
import type { Attempt } from '../storage/types.ts'
import { mayChangeCluster } from './changing-command.ts'

export interface ReplayPoint {
  act: KnownAct
  /** Milliseconds of the wall clock since the attempt was begun. */
  wallMs: number
  /** The same on an axis on which no pause is longer than `longestPauseMs`. */
  axisMs: number
  /** How long nothing was done before it, where that was longer; 0 otherwise. */
  pauseMs: number
  /** Afterwards. */
  attempt: Attempt
}

/** Longer ones are shown as so long. */
export const longestPauseMs = 10_000

/**
 * @param acts of the seat, in the order in which they came in
 * @returns a point for each act of the attempt; none for one that is not there
 */
export function replayOf(seat: SeatId, acts: readonly KnownAct[], attemptId: string): ReplayPoint[] {
  const state = attempts.begin(seat)
  const points: ReplayPoint[] = []
  for (const act of acts) {
    const { attempt: of } = act.data as { attempt?: unknown }
    const id = typeof of === 'object' && of !== null && 'id' in of ? of.id : of
    if (id !== attemptId || !attempts.apply(state, act, (item) => item)) continue
    const [attempt] = attempts.view(state)
    if (!attempt) continue
    const last = points.at(-1)
    // A clock that was set back stands.
    const wallMs = last ? Math.max(last.wallMs, act.atMs - points[0]!.act.atMs) : 0
    const gapMs = last ? wallMs - last.wallMs : 0
    points.push({
      act,
      wallMs,
      // Each has a place of its own.
      axisMs: last ? last.axisMs + Math.max(1, Math.min(gapMs, longestPauseMs)) : 0,
      pauseMs: gapMs > longestPauseMs ? gapMs : 0,
      attempt,
    })
  }
  return points
}

/** What somebody did at a point. `look`: a line that changes nothing. `change`: one that may. */
export type Doing = 'begin' | 'look' | 'change' | 'wait' | 'edit' | 'undo' | 'hint' | 'grade' | 'fault' | 'other'

export function doingOf({ act }: ReplayPoint): Doing {
  switch (act.act) {
    case 'opened':
    case 'attempt-brought':
      return 'begin'
    case 'ran': {
      const { logged } = act.data
      if (!logged) return 'wait'
      const { command } = logged
      if (givenFault(logged)) return 'fault'
      return isLook(command) ? 'look' : 'change'
    }
    case 'edited':
      return 'edit'
    case 'undid':
    case 'rewound':
    case 'returned':
      return 'undo'
    case 'hinted':
      return 'hint'
    case 'graded':
      return 'grade'
    case 'faulted':
      return 'fault'
    default:
      return 'other'
  }
}

/** Lines in a node's shell that only look. */
const nodeLook =
  /^(sudo )?(journalctl|crictl (ps|pods|logs|inspectp?|images|stats)|systemctl (status|cat|is-active)|(cat|less|head|tail|ls|ps|ip|ss|df|dmesg|grep) ?)/

/** Lines of kubectl that look for a cause, and not only at what there is. */
const searching = new Set(['describe', 'logs', 'events', 'top', 'podium', 'debug'])

const isLook = (command: Command): boolean =>
  command.op === 'node' ? nodeLook.test(command.line.trim()) : !mayChangeCluster(command)

/** A line that asks why: what a description, a log, a node's journal or an object's whole text says. */
export function isDiagnosis({ act }: ReplayPoint): boolean {
  const command = act.act === 'ran' ? act.data.logged?.command : undefined
  if (command?.op === 'node') return nodeLook.test(command.line.trim())
  if (command?.op !== 'kubectl') return false
  const [verb = '', what = ''] = command.line
    .replace(/^\s*kubectl\s+/, '')
    .split(/\s+/)
    .filter((word) => !word.startsWith('-'))
  if (verb === 'get') return /^(events?|ev)$/.test(what) || /\s(-o ?|--output[= ])(yaml|json)/.test(command.line)
  return searching.has(verb) || (verb === 'auth' && what === 'can-i')
}

/** How one check stood at a point; `unknown` where only a grade can tell. */
export interface Standing {
  id: string
  state: 'holds' | 'not yet' | 'unknown'
}

/** Where a check began to hold, or ceased to. */
export interface Turn {
  /** Places of the points: at which it is seen, and of the change that was made last before. */
  at: number
  by: number | undefined
  check: string
  holds: boolean
  /** It had held before and was lost. */
  isBack: boolean
}

/** @param standings at each of the points */
export function turnsOf(points: readonly ReplayPoint[], standings: readonly (readonly Standing[])[]): Turn[] {
  const turns: Turn[] = []
  const known = new Map<string, boolean>()
  const held = new Set<string>()
  let by: number | undefined
  for (const [at, point] of points.entries()) {
    const doing = doingOf(point)
    if (doing === 'change' || doing === 'fault' || doing === 'undo') by = at
    for (const { id, state } of standings[at] ?? []) {
      if (state === 'unknown') continue
      const holds = state === 'holds'
      const before = known.get(id)
      if (before !== undefined && before !== holds)
        turns.push({ at, by, check: id, holds, isBack: holds && held.has(id) })
      known.set(id, holds)
      if (holds) held.add(id)
    }
  }
  return turns
}

/** Places of the points that a reviewer goes to first; undefined where there is none. */
export interface Milestones {
  /** The first line that asks why. */
  diagnosis: number | undefined
  /** The first change by which a check began to hold. */
  hypothesis: number | undefined
  /** Where a check that had been lost held again. */
  recovery: number | undefined
}

export const milestonesOf = (points: readonly ReplayPoint[], turns: readonly Turn[]): Milestones => ({
  diagnosis: placeOf(points.findIndex(isDiagnosis)),
  hypothesis: turns.find(({ holds, by }) => holds && by !== undefined)?.by,
  recovery: turns.find(({ isBack }) => isBack)?.at,
})

const placeOf = (index: number): number | undefined => (index < 0 ? undefined : index)

/** The run at each point, as what of the one before it keeps and what it adds. */
export function runsOf(points: readonly ReplayPoint[]): { keeps: number; added: LoggedCommand[]; clockMs: number }[] {
  let before: readonly LoggedCommand[] = []
  return points.map(({ attempt: { log, clockMs } }) => {
    const parted = log.findIndex((entry, n) => entry !== before[n])
    const keeps = parted < 0 ? log.length : parted
    before = log
    return { keeps, added: log.slice(keeps), clockMs }
  })
}
