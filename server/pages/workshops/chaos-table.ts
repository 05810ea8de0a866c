/** What came of each fault that was ordered: who has it, since when, and how long it took until all was well again. */

import { t } from '../../i18n/translate.ts'
import type { KnownAct } from '../../journal/acts/registry.ts'
import { LabRefusal, type Recovery } from '../../labs/types.ts'
import { faultTitle } from '../../labs/views/command-line.ts'
import type { SeatId } from '../../seat.ts'
import { givenFault } from '../../storage/given-faults.ts'
import type { Attempt, Participant } from '../../storage/types.ts'
import { canWithdraw, type FaultOrder, hasFault, isFor, type Missed, missedKey } from '../../workshops/orders.ts'
import type { Room } from '../../workshops/room.ts'
import type { Workshop } from '../../workshops/rooms.ts'
import { printClock } from '../clock.ts'
import type { AppDeps } from '../deps.ts'
import { seatIn } from './seat-in.ts'
import { viewStep } from './steps.ts'

/** So long after it was well again a cluster is done with a fault. */
const wellMs = 120_000
/** Runs whose recoveries are known. */
const mostKept = 400

export interface OrderRow {
  seat: string
  nickname: string
  tone: 'waiting' | 'failing' | 'ready' | 'none'
  word: string
  /** After how much virtual time it was felt, and all was well; after how much of the wall clock. Empty for not yet. */
  felt: string
  recovered: string
  recoveredWall: string
}

export function createChaosTable(deps: AppDeps) {
  const known = new Map<string, Recovery[]>()

  /** By `order attempt`: who was well again for a while costs nothing any more. */
  const over = new Map<string, Recovery>()

  const recoveryOf = async (who: string, attempt: Attempt, order: string): Promise<Recovery | undefined> => {
    const key = `${order} ${attempt.id}`
    const known = over.get(key)
    if (known?.backMs !== undefined && attempt.clockMs >= known.backMs + wellMs) return known
    const found = (await recoveriesOf(who, attempt)).find(({ id }) => id === order)
    if (found?.backMs !== undefined && attempt.clockMs >= found.backMs + wellMs) over.set(key, found)
    return found
  }
  const recoveriesOf = async (who: string, attempt: Attempt): Promise<Recovery[]> => {
    const { id, contentHash, seed, log, clockMs } = attempt
    const key = JSON.stringify([id, contentHash, clockMs, attempt.updatedAtMs, log.length])
    const found = known.get(key)
    if (found) return found
    const challenge = deps.catalog().challenges.get(attempt.challengeId)
    if (!challenge || challenge.hash !== contentHash) return []
    try {
      const recoveries = await deps.labs.recoveries(who, { spec: challenge.spec, seed, log, clockMs })
      known.set(key, recoveries)
      for (const oldest of known.keys()) {
        if (known.size <= mostKept) break
        known.delete(oldest)
      }
      return recoveries
    } catch (error) {
      // Too busy, or too much: then it is not known now.
      if (!(error instanceof LabRefusal)) throw error
      return []
    }
  }

  // A whole journal is read for it: what happened once stays as it was.
  const walls = new Map<string, number | undefined>()
  const wallTimeOf = async (seat: SeatId, attempt: string, order: string, dueMs: number, backMs: number) => {
    const key = [attempt, order, dueMs, backMs].join(' ')
    if (!walls.has(key)) walls.set(key, wallTime(await deps.journals.acts(seat), attempt, order, dueMs, backMs))
    for (const oldest of walls.keys()) {
      if (walls.size <= mostKept) break
      walls.delete(oldest)
    }
    return walls.get(key)
  }

  const rowOf = async (who: string, workshop: Workshop, room: Room, order: FaultOrder, person: Participant) => {
    const seat = seatIn(workshop, person)
    const { attempts } = await deps.journals.work(seat)
    const attempt = attempts.findLast((one) => hasFault(one, order.id))
    const base: OrderRow = {
      ...{ seat: person.id, nickname: person.nickname, tone: 'none', word: '' },
      ...{ felt: '', recovered: '', recoveredWall: '' },
    }
    if (!attempt) {
      const why = room.missed.get(missedKey(order.id, person.id))
      return { ...base, word: order.isUndone ? t('taken back') : why ? missedWords(why, order) : t('not begun yet') }
    }
    const given = attempt.log.map(givenFault).find((one) => one?.id === order.id)!
    const kept = order.isUndone ? (canWithdraw(attempt, order.id) ? '' : ` · ${t('worked on since: it stays')}`) : ''
    if (attempt.clockMs < given.dueMs)
      return {
        ...base,
        tone: 'waiting' as const,
        word: t('comes at {at}, is at {now}', clocks(given.dueMs, attempt)) + kept,
      }
    const recovery = await recoveryOf(who, attempt, order.id)
    const word = t('since {at}', { at: printClock(given.dueMs) }) + kept
    if (!recovery) return { ...base, word }
    const { dueMs, hurtMs, backMs } = recovery
    if (hurtMs === undefined)
      return { ...base, tone: 'ready' as const, word: `${word} · ${t('nothing broken so far')}` }
    const felt = printClock(hurtMs - dueMs)
    if (backMs === undefined) return { ...base, tone: 'failing' as const, word: `${word} · ${t('broken')}`, felt }
    const wallMs = await wallTimeOf(seat, attempt.id, order.id, dueMs, backMs)
    return {
      ...base,
      ...{ tone: 'ready' as const, word: `${word} · ${t('well again')}`, felt, recovered: printClock(backMs - dueMs) },
      recoveredWall: wallMs === undefined ? '' : printClock(wallMs),
    }
  }

  return {
    /** The latest first. @param who looks: it is their patience */
    async view(who: string, workshop: Workshop, room: Room, people: readonly Participant[]) {
      const orders = []
      for (const order of room.orders.toReversed()) {
        const step = room.steps.find(({ id }) => id === order.step)
        const rows: OrderRow[] = []
        for (const person of people)
          if (isFor(order, room, person.id)) rows.push(await rowOf(who, workshop, room, order, person))
        orders.push({
          id: order.id,
          title: faultTitle(order.fault),
          step: step && viewStep(deps.catalog(), workshop.id, step),
          when: order.atMs === null ? t('at each cluster’s own time') : t('at {at}', { at: printClock(order.atMs) }),
          name: order.name,
          isSecret: order.isSecret,
          isUndone: order.isUndone,
          rows: rows.sort((a, b) => ranks[a.tone] - ranks[b.tone]),
        })
      }
      return orders
    },
  }
}

const ranks: Readonly<Record<OrderRow['tone'], number>> = { failing: 0, waiting: 1, ready: 2, none: 3 }

const clocks = (dueMs: number, { clockMs }: Attempt) => ({ at: printClock(dueMs), now: printClock(clockMs) })

const missedWords = (why: Missed, { atMs }: FaultOrder): string =>
  ({
    past: t('refused: already past {at}', { at: printClock(atMs ?? 0) }),
    limit: t('refused: at the end of its clock'),
    'not-begun': t('refused: not begun'),
    'not-open': t('refused: their time is over'),
  })[why]

/** From when it came, as its owner lived it, to the act after which all was well. */
function wallTime(
  acts: readonly KnownAct[],
  attempt: string,
  order: string,
  dueMs: number,
  backMs: number,
): number | undefined {
  const own = acts.filter((act) => 'attempt' in act.data && act.data.attempt === attempt)
  const since = own.slice(own.findIndex((act) => act.act === 'faulted' && givenFault(act.data.logged)?.id === order))
  const given = since[0]
  if (given?.act !== 'faulted') return undefined
  const reaches = (ms: number) => since.find(({ virtualMs }) => virtualMs !== undefined && virtualMs >= ms)?.atMs
  const cameMs = given.data.logged.atMs >= dueMs ? given.atMs : reaches(dueMs)
  const wellMs = reaches(backMs)
  return cameMs === undefined || wellMs === undefined ? undefined : wellMs - cameMs
}
