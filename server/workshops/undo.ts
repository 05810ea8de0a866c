/** What takes back something that was done in a room: further acts, so that both stay in the record. Pure. */
import { isDeepStrictEqual } from 'node:util'
import { afterAct, hintFor, newRoom, type Room } from './room.ts'
import type { NewRoomAct, RoomAct, RoomActName } from './room-acts.ts'

/** Acts that can be taken back here. Faults, rewinds and what else has a page of its own are taken back there. */
const undoable = [
  ...(['planned', 'step-opened', 'step-held', 'announced', 'screen-set'] as const),
  ...(['paused', 'resumed', 'hint-sent', 'hand-taken', 'hand-lowered'] as const),
  ...(['joining-stopped', 'joining-resumed', 'removed', 'readmitted'] as const),
] as const satisfies readonly RoomActName[]
type Undoable = Extract<RoomAct, { act: (typeof undoable)[number] }>

const isUndoable = (act: RoomAct): act is Undoable => (undoable as readonly string[]).includes(act.act)

/**
 * @param acts of the room, in order: they are folded once, however many are asked for
 * @param ids of those that are taken back
 * @returns what takes each of them back, by its id; none for what cannot be taken back, or has been overtaken by something that was done since
 */
export function undoings(acts: readonly RoomAct[], ids: ReadonlySet<string>): Map<string, NewRoomAct> {
  const wanted: { act: Undoable; at: number; before: Room }[] = []
  let now = newRoom
  for (const [at, act] of acts.entries()) {
    if (ids.has(act.id) && isUndoable(act)) wanted.push({ act, at, before: now })
    now = afterAct(now, act)
  }
  return new Map(
    wanted.flatMap(({ act, at, before }): [string, NewRoomAct][] => {
      const inverted = inverse(act, before, now, acts.slice(at + 1))
      return inverted ? [[act.id, inverted]] : []
    }),
  )
}

/** Of one. */
export const undoing = (acts: readonly RoomAct[], id: string): NewRoomAct | undefined =>
  undoings(acts, new Set([id])).get(id)

function inverse(act: Undoable, before: Room, now: Room, since: readonly RoomAct[]): NewRoomAct | undefined {
  switch (act.act) {
    case 'planned': {
      const isSo = now.title === act.data.title && isDeepStrictEqual(now.steps, act.data.steps)
      // What people have before them does not go.
      const isInUse = now.steps.some(({ id }) => now.open.has(id) && !before.steps.some((step) => step.id === id))
      // There is nothing to go back to before the first plan.
      const isFirst = before.title === '' && before.steps.length === 0
      return isSo && !isInUse && !isFirst
        ? { act: 'planned', data: { title: before.title, steps: [...before.steps] } }
        : undefined
    }
    case 'step-opened': {
      const { step } = act.data
      return now.open.has(step) && !before.open.has(step) ? { act: 'step-held', data: { step } } : undefined
    }
    case 'step-held': {
      const { step } = act.data
      const isThere = now.steps.some(({ id }) => id === step)
      return before.open.has(step) && !now.open.has(step) && isThere
        ? { act: 'step-opened', data: { step } }
        : undefined
    }
    case 'announced':
      return now.banner === act.data.text && before.banner !== now.banner
        ? { act: 'announced', data: { text: before.banner } }
        : undefined
    case 'screen-set':
      return isDeepStrictEqual(now.screen, act.data.screen) && !isDeepStrictEqual(before.screen, now.screen)
        ? { act: 'screen-set', data: { screen: before.screen } }
        : undefined
    case 'paused':
    case 'resumed': {
      const wasIt = act.act === 'paused' ? before.life.state === 'open' : before.life.state === 'paused'
      const isLast = !since.some(({ act: later }) => later === 'paused' || later === 'resumed' || later === 'closed')
      return wasIt && isLast ? { act: act.act === 'paused' ? 'resumed' : 'paused', data: {} } : undefined
    }
    case 'joining-stopped':
    case 'joining-resumed': {
      const isStopped = act.act === 'joining-stopped'
      const isSo = now.isJoiningStopped === isStopped && before.isJoiningStopped !== isStopped
      return isSo ? { act: isStopped ? 'joining-resumed' : 'joining-stopped', data: {} } : undefined
    }
    case 'removed':
    case 'readmitted': {
      const { seat } = act.data
      const isOut = act.act === 'removed'
      const isSo = now.removed.has(seat) === isOut && before.removed.has(seat) !== isOut && now.members.has(seat)
      return isSo ? { act: isOut ? 'readmitted' : 'removed', data: { seat } } : undefined
    }
    case 'hint-sent': {
      const { step, text, seats } = act.data
      return seats.some((seat) => hintFor(now, seat, step) === text)
        ? { act: 'hint-withdrawn', data: { step, text, seats } }
        : undefined
    }
    case 'hand-taken': {
      const { seat, by } = act.data
      const hand = now.hands.find((one) => one.seat === seat)
      return hand?.taken?.by === by ? { act: 'hand-left', data: { seat } } : undefined
    }
    case 'hand-lowered': {
      const { seat } = act.data
      const hand = before.hands.find((one) => one.seat === seat)
      if (!hand || now.hands.some((one) => one.seat === seat) || now.life.state === 'closing') return undefined
      const { step, says } = hand
      return { act: 'hand-raised', data: { seat, says, ...(step === undefined ? {} : { step }) } }
    }
  }
}
