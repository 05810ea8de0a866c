/** Brings a fault that was ordered into the logs of the clusters that it is for: live or not, they have it when they are looked at next. */
import { ActRefused } from '../../journal/journals.ts'
import type { Participant } from '../../storage/types.ts'
import {
  canWithdraw,
  type FaultOrder,
  giveTo,
  hasFault,
  isFor,
  type Missed,
  missedKey,
} from '../../workshops/orders.ts'
import type { Room } from '../../workshops/room.ts'
import type { Workshop } from '../../workshops/rooms.ts'
import type { AppDeps } from '../deps.ts'
import { seatIn } from './seat-in.ts'

type Deps = Pick<AppDeps, 'rooms' | 'journals' | 'catalog'>

/**
 * What was given, or missed, already is not given again: so it may be begun anew after it was broken off.
 * @param by the learner in whose name the room is told what was missed
 */
export async function deliver(
  deps: Deps,
  by: string,
  workshop: Workshop,
  room: Room,
  order: FaultOrder,
  people: readonly Participant[],
): Promise<void> {
  const step = room.steps.find(({ id }) => id === order.step)
  const challenge = deps.catalog().challenges.get(step?.item?.slice('challenge:'.length) ?? '')
  if (!challenge) return
  const endMs = challenge.spec.workspace.maxVirtualSeconds * 1000
  const missed: { seat: string; why: Missed }[] = []
  for (const person of people) {
    const { id: seat } = person
    if (!isFor(order, room, seat) || room.missed.has(missedKey(order.id, seat))) continue
    let given: ReturnType<typeof giveTo>
    try {
      await deps.journals.write(seatIn(workshop, person), ({ attempts }) => {
        const attempt = attempts.findLast((one) => one.challengeId === challenge.id && one.state === 'open')
        given = giveTo(order, attempt, endMs)
        if (!attempt || !given || typeof given === 'string') return []
        const item = `challenge:${challenge.id}`
        return [{ act: 'faulted', item, by: order.name, data: { attempt: attempt.id, logged: given } }]
      })
    } catch (error) {
      if (!(error instanceof ActRefused)) throw error
      given = 'not-open'
    }
    // Who begins later has it from the beginning, when it comes at a second.
    if (typeof given === 'string' && !(given === 'not-begun' && order.atMs !== null)) missed.push({ seat, why: given })
  }
  if (missed.length > 0)
    await deps.rooms.act(workshop.id, by, () => [{ act: 'fault-missed', data: { id: order.id, missed } }])
}

/** What was ordered for a seat, and has not reached its open cluster at that item because the server was stopped on the way. */
export async function deliverLate(
  deps: Deps,
  workshop: Workshop,
  room: Room,
  orders: readonly FaultOrder[],
  person: Participant,
): Promise<void> {
  if (orders.length === 0) return
  const { attempts } = await deps.journals.work(seatIn(workshop, person))
  const open = attempts.filter(({ state }) => state === 'open')
  for (const order of orders)
    if (open.length > 0 && !open.some((attempt) => hasFault(attempt, order.id)))
      await deliver(deps, workshop.ownerLearnerId, workshop, room, order, [person])
}

/** Takes it out of the logs in which nothing was done since; the others keep it, and so does who may not work any more. */
export async function withdraw(
  deps: Deps,
  workshop: Workshop,
  { id, name }: Pick<FaultOrder, 'id' | 'name'>,
  people: readonly Participant[],
): Promise<void> {
  for (const person of people)
    try {
      await deps.journals.write(seatIn(workshop, person), ({ attempts }) =>
        attempts
          .filter((attempt) => attempt.state === 'open' && canWithdraw(attempt, id))
          .map((attempt) => ({
            ...{ act: 'fault-withdrawn' as const, item: `challenge:${attempt.challengeId}`, by: name },
            data: { attempt: attempt.id, fault: id },
          })),
      )
    } catch (error) {
      if (!(error instanceof ActRefused)) throw error
    }
}
