/** The wall: who takes part, how far each is in each step, and who needs help first. Pure. */
import { t, tn } from '../../i18n/translate.ts'
import type { Participant } from '../../storage/types.ts'
import type { Room } from '../../workshops/room.ts'
import { runningMs, runningSince } from '../../workshops/timed-steps.ts'
import { type Reason, wordsOfReason } from './reasons.ts'
import { type Cell, stateWords } from './seat-status.ts'

/** Of one seat: its cells, in the order of the steps. */
export interface SeatCells {
  person: Participant
  cells: readonly Cell[]
}

/** Somebody who does nothing for so long is shown as idle. */
const awayMs = 5 * 60_000
/** So many answers in vain call for help. */
const manyTries = 3
/** Nobody is stuck before, however quick the others were. */
const fewMinutes = 3
/** The time that a step takes is known when so many are done. */
const fewDone = 3

/** What stands above a step's column. */
export function viewColumn(seats: readonly SeatCells[], at: number) {
  const cells = seats.map(({ cells }) => cells[at]!)
  const done = cells.filter(({ state }) => state === 'done')
  const failing = cells.filter(({ state }) => state === 'failing')
  const causes = new Map<Reason, number>()
  for (const cell of failing) for (const reason of cell.reasons) causes.set(reason, (causes.get(reason) ?? 0) + 1)
  return {
    done: done.length,
    failing: failing.length,
    all: cells.length,
    medianMinutes: medianMinutes(cells),
    causes: [...causes]
      .sort((a, b) => b[1] - a[1])
      .slice(0, 3)
      .map(([reason, count]) => ({ reason, title: wordsOfReason(reason), count })),
  }
}

/** The rows, those who need help first: hands by age, then many tries in vain, then whoever does nothing, then by name. */
export function viewRows(seats: readonly SeatCells[], room: Room, nowMs: number) {
  const medians = room.steps.map((_, n) => {
    const cells = seats.map((seat) => seat.cells[n]!)
    return cells.filter(({ state }) => state === 'done').length < fewDone ? undefined : medianMinutes(cells)
  })
  return seats
    .map((seat, n) => ({ seat, n, need: needOf(seat, room, nowMs, medians) }))
    .sort(
      (a, b) =>
        b.need.rank - a.need.rank ||
        a.need.sinceMs - b.need.sinceMs ||
        a.seat.person.nickname.localeCompare(b.seat.person.nickname),
    )
    .map(({ seat: { person, cells }, n, need }) => ({
      id: person.id,
      /** By which the page knows its row; it stays. */
      n,
      href: `/w/${person.sittingId}/seats/${person.id}`,
      nickname: person.nickname,
      need: need.words,
      tone: need.tone,
      cells: cells.map((cell, n) => ({
        step: room.steps[n]!.id,
        state: cell.state,
        symbol: stateWords[cell.state].symbol,
        word: t(stateWords[cell.state].word),
        minutes: cell.firstMs === undefined ? undefined : minutesOf((cell.lastMs ?? nowMs) - cell.firstMs),
        tries: cell.tries,
      })),
    }))
}

/** @param medians of the minutes that each step took those who are done */
function needOf({ person, cells }: SeatCells, room: Room, nowMs: number, medians: readonly (number | undefined)[]) {
  const hand = room.hands.find(({ seat }) => seat === person.id)
  const last = Math.max(person.joinedAtMs, ...cells.map(({ lastMs }) => lastMs ?? 0))
  if (hand) {
    const minutes = minutesOf(nowMs - hand.atMs)
    const words = hand.taken
      ? t('{name} is with them', { name: hand.taken.name })
      : minutes === 0
        ? t('hand up')
        : tn(minutes, 'hand up for {n} minute', 'hand up for {n} minutes')
    return { rank: hand.taken ? 3 : 4, sinceMs: hand.atMs, words, tone: 'hand' }
  }
  for (const [n, cell] of cells.entries()) {
    const words = stuckWords(cell, room, nowMs, medians[n])
    if (words) return { rank: 2, sinceMs: cell.firstMs ?? 0, words, tone: 'stuck' }
  }
  const current = cells[room.steps.findIndex(({ id }) => id === room.current)]
  // Nobody is idle before there was something to do.
  const openMs = runningMs(room.clock, nowMs) - (room.openedAt.get(room.current ?? '') ?? 0)
  const idleMs = Math.min(runningSince(room.clock, last, nowMs), openMs)
  if (idleMs > awayMs && current && current.state !== 'done' && room.life.state === 'open') {
    const minutes = minutesOf(idleMs)
    return {
      rank: 1,
      sinceMs: last,
      words: tn(minutes, 'idle for {n} minute', 'idle for {n} minutes'),
      tone: 'away',
    }
  }
  return { rank: 0, sinceMs: 0, words: '', tone: 'fine' }
}

/** Why somebody is stuck there: always the same cause, or far longer than the others. @returns nothing for who is not */
function stuckWords(cell: Cell, room: Room, nowMs: number, medianMinutes: number | undefined): string {
  const { state, stuckOn, tries, reasons, firstMs } = cell
  if (state !== 'begun' && state !== 'failing') return ''
  if (state === 'failing' && stuckOn)
    return t('stuck, three times for the same reason: {cause}', { cause: wordsOfReason(stuckOn) })
  // A question has no cause.
  if (state === 'failing' && reasons.length === 0 && tries >= manyTries)
    return tn(tries, '{n} failed attempt', '{n} failed attempts')
  // Nobody gets stuck in a break.
  const minutes = minutesOf(runningSince(room.clock, firstMs ?? nowMs, nowMs))
  if (medianMinutes === undefined || minutes < Math.max(fewMinutes, 2 * medianMinutes)) return ''
  const [reason] = reasons
  return reason
    ? t('stuck for {n} min, others took {median}: {cause}', {
        n: minutes,
        median: medianMinutes,
        cause: wordsOfReason(reason),
      })
    : t('stuck for {n} min, others took {median}', { n: minutes, median: medianMinutes })
}

const medianMinutes = (cells: readonly Cell[]): number | undefined =>
  median(
    cells
      .filter(({ state }) => state === 'done')
      .map(({ firstMs, lastMs }) => ((lastMs ?? 0) - (firstMs ?? 0)) / 60_000),
  )

const minutesOf = (ms: number): number => Math.max(0, Math.floor(ms / 60_000))

export function median(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return Math.round(sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2)
}
