/** How the seat of a candidate stands: folded of what happened to it, and of the pauses of the exercise meanwhile. Pure. */
import type { Allowance } from '../sittings/watch.ts'
import { newSeat, onSeat, type SeatEvent, type SeatLife } from './life.ts'

export interface SeatChange {
  event: SeatEvent
  atMs: number
}

/** Of the whole exercise: the clocks of all its candidates stand. */
export interface Pause {
  fromMs: number
  /** Null while it lasts. */
  toMs: number | null
}

/**
 * What cannot follow leaves the seat as it is.
 * @param changes in the order in which they came in; a clock that was set back gives no time back
 */
export function seatOfCandidate(
  allowance: Allowance | null,
  changes: readonly SeatChange[],
  pauses: readonly Pause[],
): SeatLife {
  let life = newSeat(allowance, 'joined')
  let isHeld = false
  const take = (event: SeatEvent, atMs: number): void => {
    const then = onSeat(life, event, atMs)
    if (!('impossible' in then)) life = then
  }
  const ends = pauses.flatMap(({ fromMs, toMs }) => [
    { atMs: fromMs, isHeld: true },
    ...(toMs === null ? [] : [{ atMs: toMs, isHeld: false }]),
  ])
  const passTo = (atMs: number): void => {
    for (let next = ends[0]; next && next.atMs <= atMs; next = ends[0]) {
      ends.shift()
      isHeld = next.isHeld
      take({ event: isHeld ? 'hold' : 'unhold' }, next.atMs)
    }
  }
  for (const { event, atMs } of changes) {
    passTo(atMs)
    take(event, atMs)
    // Who comes back from a break, or is given time again, waits with the others.
    if (isHeld) take({ event: 'hold' }, atMs)
  }
  passTo(Number.POSITIVE_INFINITY)
  return life
}
