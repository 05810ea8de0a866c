/** Faults that those who lead a workshop order for the clusters of a step, and what of them a cluster is given. Pure. */
import type { Fault, LoggedCommand } from '../../sim/index.ts'
import { givenFault } from '../storage/given-faults.ts'
import type { Attempt } from '../storage/types.ts'

export interface FaultOrder {
  id: string
  step: string
  fault: Fault
  /** The virtual moment at which all get it; null for the present one of each cluster. */
  atMs: number | null
  /** Null for everybody; where it comes at a second, whoever joins later included. */
  to: readonly string[] | null
  isSecret: boolean
  /** Who ordered it: a name to be shown. */
  name: string
  orderedAtMs: number
  isUndone: boolean
}

/** Why a cluster was not given it: it was beyond that second, at the end of its clock, not there, or its person had no time left. */
export type Missed = 'past' | 'limit' | 'not-begun' | 'not-open'

export const missedKey = (order: string, seat: string): string => `${order} ${seat}`

/** What of a room says whom an order is for. */
interface Ordered {
  steps: readonly { id: string; item?: string }[]
  members: ReadonlyMap<string, { atMs: number }>
  orders: readonly FaultOrder[]
}

/** Whether it is for that seat: one that strikes at once is for those who were there. */
export function isFor(
  { to, atMs, orderedAtMs }: FaultOrder,
  { members }: Pick<Ordered, 'members'>,
  seat: string,
): boolean {
  if (to) return to.includes(seat)
  return atMs !== null || (members.get(seat)?.atMs ?? 0) <= orderedAtMs
}

/** The orders for a seat at the step of that item, that are in force. */
export function ordersFor(room: Ordered, item: string, seat: string): FaultOrder[] {
  const steps = room.steps.filter((step) => step.item === item).map(({ id }) => id)
  return room.orders.filter((order) => !order.isUndone && steps.includes(order.step) && isFor(order, room, seat))
}

/** As it stands in a log whose clock is at `clockMs`. */
export const entryOf = ({ id, fault, isSecret }: FaultOrder, dueMs: number, clockMs: number): LoggedCommand => ({
  atMs: clockMs,
  command: { op: 'fault', fault, given: { id, dueMs, ...(isSecret ? { isSecret } : {}) } },
})

type Run = Pick<Attempt, 'log' | 'clockMs'>

export const hasFault = ({ log }: Pick<Run, 'log'>, order: string): boolean =>
  log.some((entry) => givenFault(entry)?.id === order)

/** What an order adds to the log of an attempt as it stands. @param endMs of the challenge's clock */
export function giveTo(order: FaultOrder, attempt: Run | undefined, endMs: number): LoggedCommand | Missed | undefined {
  if (!attempt) return 'not-begun'
  if (hasFault(attempt, order.id)) return undefined
  const dueMs = order.atMs ?? attempt.clockMs
  if (dueMs < attempt.clockMs) return 'past'
  return dueMs >= endMs ? 'limit' : entryOf(order, dueMs, attempt.clockMs)
}

/**
 * What an attempt has in its log from its beginning: faults at a second that is to come, and those that the one before it was given. Who starts
 * over does not get around them.
 * @param before other attempts of the seat at the challenge
 */
export function givenAtOpening(
  room: Ordered,
  item: string,
  seat: string,
  before: readonly Attempt[],
): { by: string; logged: LoggedCommand }[] {
  return ordersFor(room, item, seat).flatMap((order) => {
    const known = before.flatMap(({ log }) => log).map(givenFault)
    const dueMs = order.atMs ?? known.find((given) => given?.id === order.id)?.dueMs
    return dueMs === undefined ? [] : [{ by: order.name, logged: entryOf(order, dueMs, 0) }]
  })
}

/** Nothing was done since it came, so it can be taken out of the log without a trace. */
export function canWithdraw({ log }: Pick<Run, 'log'>, order: string): boolean {
  const given = log.map(givenFault).find((one) => one?.id === order)
  return given !== undefined && !log.some((entry) => !givenFault(entry) && entry.atMs >= given.dueMs)
}
