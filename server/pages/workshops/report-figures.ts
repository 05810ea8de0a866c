/** What a workshop came to: who was there, how long each step took, what was done in it and what failed. Pure. */

import { type ItemFigures, itemFigures } from '../../statistics/items.ts'
import type { Room } from '../../workshops/room.ts'
import type { RoomAct, Step } from '../../workshops/room-acts.ts'
import { runningMs } from '../../workshops/timed-steps.ts'
import type { Cell } from './seat-status.ts'
import { median, type SeatCells, viewColumn } from './wall-view.ts'

export interface StepFigures extends ItemFigures {
  step: Step
  /** From its opening to that of the next one, or the end; undefined where it never opened. */
  tookMs: number | undefined
  begun: number
  done: number
  failing: number
  tries: number
  /** Of those who have done it, from their first act there to their last. */
  medianMinutes: number | undefined
  causes: readonly { title: string; count: number }[]
}

export interface PersonFigures {
  seat: string
  nickname: string
  joinedAtMs: number
  /** The last act of theirs that is known. */
  lastMs: number
  done: number
  tries: number
  hands: number
  cells: readonly Cell[]
}

export interface ReportFigures {
  openedMs: number | undefined
  closedMs: number | undefined
  /** What it was paused in all. */
  pausedMs: number
  steps: StepFigures[]
  people: PersonFigures[]
  hands: {
    count: number
    /** From a hand's going up to somebody's taking it. */
    medianWaitMs: number | undefined
  }
  hints: number
  slower: number
  faster: number
}

/** @param nowMs up to which a workshop that goes on is told */
export function reportOf(
  room: Room,
  acts: readonly RoomAct[],
  seats: readonly SeatCells[],
  nowMs: number,
): ReportFigures {
  const at = (name: RoomAct['act']): number | undefined => acts.find(({ act }) => act === name)?.atMs
  const closedMs = at('closed')
  /** By `seat who`: the last act in a seat of each who did one there; by ` who` the last vote, where votes have names. */
  const lastOwn = new Map<string, number>()
  const raised = new Map<string, number>()
  for (const { act, data, atMs } of acts) {
    if ('seat' in data) lastOwn.set(`${data.seat} ${data.by}`, atMs)
    if (act === 'voted' && data.by !== '') lastOwn.set(` ${data.by}`, atMs)
    if (act === 'hand-raised') raised.set(data.seat, (raised.get(data.seat) ?? 0) + 1)
  }
  const endMs = closedMs ?? nowMs
  const statistics = itemFigures(
    seats.map(({ cells }) =>
      cells.map(({ firstScore }) => (firstScore === undefined ? undefined : { score: firstScore, hints: 0 })),
    ),
    room.steps.map(({ id }) => ({ item: id })),
  )
  return {
    openedMs: at('opened'),
    closedMs,
    pausedMs: pausedMs(acts, endMs),
    steps: room.steps.map((step, n) => {
      const { done, failing, medianMinutes, causes } = viewColumn(seats, n)
      const cells = seats.map((seat) => seat.cells[n]!)
      return {
        step,
        ...statistics[n]!,
        tookMs: tookMs(step.id, room, endMs),
        begun: cells.filter(({ state }) => state !== 'none').length,
        ...{ done, failing, medianMinutes, causes },
        tries: cells.reduce((sum, { tries }) => sum + tries, 0),
      }
    }),
    people: seats
      .map(({ person, cells }) => ({
        seat: person.id,
        nickname: person.nickname,
        joinedAtMs: person.joinedAtMs,
        lastMs: Math.max(
          person.joinedAtMs,
          ...cells.map(({ lastMs }) => lastMs ?? 0),
          lastOwn.get(`${person.id} ${person.learnerId}`) ?? 0,
          lastOwn.get(` ${person.learnerId}`) ?? 0,
        ),
        done: cells.filter(({ state }) => state === 'done').length,
        tries: cells.reduce((sum, { tries }) => sum + tries, 0),
        hands: raised.get(person.id) ?? 0,
        cells,
      }))
      .sort((a, b) => a.nickname.localeCompare(b.nickname)),
    hands: handsOf(acts),
    hints: acts.filter(({ act }) => act === 'hint-sent').length,
    slower: [...room.pace.values()].filter((pace) => pace === 'slower').length,
    faster: [...room.pace.values()].filter((pace) => pace === 'faster').length,
  }
}

/** A step's time is over when the next one opens, by hand or by itself, or the workshop ends. Pauses do not count. */
function tookMs(id: string, { openedAt, clock }: Room, endMs: number): number | undefined {
  const from = openedAt.get(id)
  if (from === undefined || clock.beganMs === undefined) return undefined
  return Math.min(runningMs(clock, endMs), ...[...openedAt.values()].filter((ms) => ms > from)) - from
}

/** What lies between pauses and their ends, up to a moment. */
function pausedMs(acts: readonly RoomAct[], untilMs: number): number {
  let [since, sum] = [undefined as number | undefined, 0]
  for (const { act, atMs } of acts) {
    if (atMs > untilMs) break
    if (act === 'paused') since ??= atMs
    else if ((act === 'resumed' || act === 'closed') && since !== undefined) {
      sum += atMs - since
      since = undefined
    }
  }
  return since === undefined ? sum : sum + untilMs - since
}

function handsOf(acts: readonly RoomAct[]): ReportFigures['hands'] {
  const up = new Map<string, number>()
  const waits: number[] = []
  let count = 0
  for (const { act, data, atMs } of acts) {
    if (act === 'hand-raised') {
      count++
      up.set(data.seat, atMs)
    } else if (act === 'hand-taken') {
      const since = up.get(data.seat)
      if (since !== undefined) waits.push(atMs - since)
      up.delete(data.seat)
    } else if (act === 'hand-lowered') up.delete(data.seat)
  }
  return { count, medianWaitMs: median(waits) }
}
