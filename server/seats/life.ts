/** The life of a seat: from an invitation to a report. Pure. */
import { graceMs, type Impossible, type SittingLife, sittingAt } from '../sittings/life.ts'
import { type Allowance, allowedMs, leftMs, lookedAt, newWatch, type Watch } from '../sittings/watch.ts'

export type SeatState =
  | 'invited'
  | 'joined'
  | 'consented'
  | 'practising'
  | 'started'
  | 'on-break'
  | 'submitted'
  | 'timed-out'
  | 'graded'
  | 'reviewed'
  | 'released'

export interface SeatLife {
  state: SeatState
  /** Null where nobody has less time than another. */
  allowance: Allowance | null
  /** Runs while its person is at work; null before. */
  watch: Watch | null
  /** When it was handed in, or its time was over; null while there is no end. */
  endedAtMs: number | null
}

export type SeatEvent =
  | {
      event: 'join' | 'consent' | 'practise' | 'start' | 'break' | 'return' | 'submit' | 'grade' | 'review' | 'release'
    }
  /** Time that was lost, or is given. Also to somebody whose time was over: they go on with it. */
  | { event: 'credit'; ms: number }
  /** Of the exercise's time, for this person. */
  | { event: 'multiply'; by: number }
  /** The sitting was paused, and goes on. */
  | { event: 'hold' | 'unhold' }

export const newSeat = (allowance: Allowance | null, state: SeatState = 'invited'): SeatLife => ({
  ...{ state, allowance, watch: null, endedAtMs: null },
})

/** In one's own practice there is no end. */
export const practiceSeatLife: SeatLife = newSeat(null, 'started')

const mostMultiplier = 3

const next: Readonly<Record<SeatState, Partial<Record<SeatEvent['event'], SeatState>>>> = {
  invited: { join: 'joined' },
  joined: { consent: 'consented', start: 'started' },
  consented: { practise: 'practising', start: 'started' },
  practising: { start: 'started' },
  started: { break: 'on-break', submit: 'submitted' },
  'on-break': { return: 'started', submit: 'submitted' },
  submitted: { grade: 'graded' },
  'timed-out': { grade: 'graded' },
  graded: { review: 'reviewed', release: 'released' },
  reviewed: { release: 'released' },
  released: {},
}

/** As it stands at that moment: time that is over has ended it, as of the moment when it was. What has passed is kept. */
export function seatAt(life: SeatLife, nowMs: number): SeatLife {
  const { state, allowance, watch } = life
  if (!watch || (state !== 'started' && state !== 'on-break')) return life
  const seen = lookedAt(watch, nowMs)
  if (!allowance || leftMs(allowance, watch, nowMs) > 0) return { ...life, watch: seen }
  const overMs = seen.usedMs - allowedMs(allowance)
  const watchAtEnd = { isRunning: false, seenAtMs: nowMs, usedMs: allowedMs(allowance) }
  return { ...life, state: 'timed-out', watch: watchAtEnd, endedAtMs: nowMs - overMs }
}

/** What becomes of it. */
export function onSeat(before: SeatLife, given: SeatEvent, nowMs: number): SeatLife | Impossible {
  const life = seatAt(before, nowMs)
  switch (given.event) {
    case 'credit':
      return given.ms >= 0 ? allowed(life, nowMs, ({ creditsMs }) => ({ creditsMs: creditsMs + given.ms })) : wrongTime
    case 'multiply':
      return given.by >= 1 && given.by <= mostMultiplier
        ? allowed(life, nowMs, () => ({ multiplier: given.by }))
        : wrongTime
    case 'hold':
    case 'unhold':
      return life.state === 'started' ? running(life, nowMs, given.event === 'unhold') : life
  }
  const state = next[life.state][given.event]
  if (!state) return { impossible: 'state' }
  switch (given.event) {
    case 'start':
      return { ...life, state, watch: newWatch(nowMs) }
    case 'break':
    case 'return':
      return running({ ...life, state }, nowMs, given.event === 'return')
    case 'submit':
      return { ...running(life, nowMs, false), state, endedAtMs: nowMs }
    default:
      return { ...life, state }
  }
}

const wrongTime: Impossible = { impossible: 'time' }

const running = (life: SeatLife, nowMs: number, isRunning: boolean): SeatLife =>
  life.watch ? { ...life, watch: lookedAt(life.watch, nowMs, isRunning) } : life

/** With another allowance. Who has time again by that, and was not graded yet, goes on. */
function allowed(life: SeatLife, nowMs: number, change: (allowance: Allowance) => Partial<Allowance>): SeatLife {
  if (!life.allowance) return life
  const allowance = { ...life.allowance, ...change(life.allowance) }
  const changed = { ...life, allowance }
  if (life.state !== 'timed-out' || !life.watch || leftMs(allowance, life.watch, nowMs) === 0)
    return seatAt(changed, nowMs)
  return running({ ...changed, state: 'started', endedAtMs: null }, nowMs, true)
}

/** How much time its person has left; infinite where nobody counts, null before the start and after the end. */
export function timeLeftMs(sitting: SittingLife, seat: SeatLife, nowMs: number): number | null {
  const [{ state, closesAtMs }, own] = [sittingAt(sitting, nowMs), seatAt(seat, nowMs)]
  if (own.state !== 'started' && own.state !== 'on-break') return null
  if (state !== 'open' && state !== 'paused') return null
  const ownMs = own.allowance && own.watch ? leftMs(own.allowance, own.watch, nowMs) : Number.POSITIVE_INFINITY
  return closesAtMs === null ? ownMs : Math.min(ownMs, closesAtMs - nowMs)
}

/**
 * Whether work is taken from this seat now.
 * @param begunAtMs when it was typed, by the server's clock as the browser knew it: what was typed before the end is taken a little later, too
 */
export function takesWork(sitting: SittingLife, seat: SeatLife, nowMs: number, begunAtMs?: number): boolean {
  const [{ state, closingAtMs }, { state: own, endedAtMs }] = [sittingAt(sitting, nowMs), seatAt(seat, nowMs)]
  if (state === 'open' && own === 'started') return true
  const endMs = own === 'timed-out' ? endedAtMs : state === 'closing' && own === 'started' ? closingAtMs : null
  const isGoing = state === 'open' || state === 'paused' || state === 'closing'
  return isGoing && endMs !== null && begunAtMs !== undefined && begunAtMs < endMs && nowMs < endMs + graceMs
}
