/** The room of a workshop as it stands: folded of the acts of its stream. Pure. */
import { newSitting, onSitting, type SittingEvent, type SittingLife } from '../sittings/life.ts'
import { type FaultOrder, type Missed, missedKey } from './orders.ts'
import { afterPollAct, closed, type Poll } from './polls.ts'
import type { RoomAct, RoomActName, Screen, Step } from './room-acts.ts'
import { afterEvent, newClock, type RoomClock, runningMs, withDue } from './timed-steps.ts'
import { type Typing, type TypingOffer, typingMs } from './typing.ts'

export interface Hand {
  seat: string
  /** At which step; undefined on no step. */
  step: string | undefined
  says: string
  /** Who takes it may type in their cluster. */
  mayType: boolean
  atMs: number
  /** Who is with them: a learner's id and a name to be shown. */
  taken: { by: string; name: string; atMs: number } | undefined
}

/** Clusters of a step that were put back, all at once. */
export interface Rewind {
  id: string
  step: string
  /** The fault before which they stand; null for their start. */
  order: string | null
  clusters: number
  name: string
  atMs: number
  isUndone: boolean
}

/** Somebody who has come in. */
export interface Member {
  nickname: string
  /** The learner who did. */
  by: string
  atMs: number
}

export type Pace = 'slower' | 'fine' | 'faster'

export interface Room {
  life: SittingLife
  title: string
  steps: readonly Step[]
  /** Steps that everybody may go to, and when each was opened. */
  open: ReadonlyMap<string, number>
  /** For how long the workshop had gone on when each of them was opened. */
  openedAt: ReadonlyMap<string, number>
  /** Steps that were held: none of them opens by itself. */
  held: ReadonlySet<string>
  clock: RoomClock
  /** Of the steps that are open, the one that was opened last. */
  current: string | undefined
  banner: string
  /** By seat. */
  members: ReadonlyMap<string, Member>
  /** Seats that were taken out. */
  removed: ReadonlySet<string>
  /** Nobody new comes in. */
  isJoiningStopped: boolean
  /** What the projector shows. */
  screen: Screen
  /** Seats that keep their clusters off the projector. */
  offScreen: ReadonlySet<string>
  /** Faults that were ordered, the oldest first. */
  orders: readonly FaultOrder[]
  /** What was put back, the oldest first. */
  rewinds: readonly Rewind[]
  /** Why a seat was not given one: by `order seat`. */
  missed: ReadonlyMap<string, Missed>
  /** The oldest first. */
  hands: readonly Hand[]
  /** Who may type in a seat's cluster, until when: `typingAt` tells whether it is so still. */
  typing: ReadonlyMap<string, Typing>
  /** Who has offered a seat to type, and has no answer yet. */
  offers: ReadonlyMap<string, TypingOffer>
  /** The last hint that a seat was sent at a step: by `seat step`. */
  hints: ReadonlyMap<string, string>
  /** Who looked at a seat's work last, and when. */
  looks: ReadonlyMap<string, { by: string; name: string; atMs: number }>
  /** Of steps that were voted on. */
  polls: ReadonlyMap<string, Poll>
  /** Of a seat. */
  pace: ReadonlyMap<string, Pace>
  /** How much somebody has done, and when last: by learner, in an anonymous poll by its mark. */
  doings: ReadonlyMap<string, { count: number; lastMs: number }>
}

/** Somebody who takes part does so many things in one room: nobody does more by hand. */
export const mostDoings = 2000

export const newRoom: Room = {
  life: newSitting,
  title: '',
  steps: [],
  open: new Map(),
  openedAt: new Map(),
  held: new Set(),
  clock: newClock,
  current: undefined,
  banner: '',
  members: new Map(),
  removed: new Set(),
  isJoiningStopped: false,
  screen: { what: 'step' },
  offScreen: new Set(),
  orders: [],
  rewinds: [],
  missed: new Map(),
  hands: [],
  typing: new Map(),
  offers: new Map(),
  hints: new Map(),
  looks: new Map(),
  polls: new Map(),
  pace: new Map(),
  doings: new Map(),
}

const lifeEvents: Partial<Record<RoomActName, SittingEvent>> = {
  opened: { event: 'open' },
  paused: { event: 'pause' },
  resumed: { event: 'resume' },
  closed: { event: 'close' },
  archived: { event: 'archive' },
}

/** The room after one more act. What cannot follow leaves it as it is. */
export function afterAct(before: Room, act: RoomAct): Room {
  const room = effectOf(before, act)
  if (act.act === 'looked') return room
  const who = act.act === 'voted' ? act.data.voter : act.data.by
  const count = (room.doings.get(who)?.count ?? 0) + 1
  return { ...room, doings: new Map(room.doings).set(who, { count, lastMs: act.atMs }) }
}

function effectOf(before: Room, { act, data, atMs }: RoomAct): Room {
  // What opened by itself until then.
  const room = withDue(before, atMs)
  const event = lifeEvents[act]
  if (event) {
    const life = onSitting(room.life, event, atMs)
    if ('impossible' in life) return room
    const clock = afterEvent(room.clock, event.event, atMs)
    if (act !== 'closed') return withDue({ ...room, life, clock }, atMs)
    // Who waits when it ends waits for nobody.
    const polls = new Map([...room.polls].map(([id, poll]) => [id, closed(poll)]))
    // Nobody could take a cluster off any more.
    const screen: Screen = seatsOn(room.screen).length > 0 ? { what: 'step' } : room.screen
    return { ...room, life, clock, screen, hands: [], typing: new Map(), offers: new Map(), polls }
  }
  switch (act) {
    case 'planned': {
      const kept = new Map([...room.open].filter(([id]) => data.steps.some((step) => step.id === id)))
      return { ...room, title: data.title, steps: data.steps, open: kept, current: lastOpened(kept) }
    }
    case 'step-opened': {
      if (!room.steps.some(({ id }) => id === data.step) || room.open.has(data.step)) return room
      const open = new Map(room.open).set(data.step, atMs)
      const openedAt = new Map(room.openedAt).set(data.step, runningMs(room.clock, atMs))
      const held = new Set([...room.held].filter((id) => id !== data.step))
      // A poll that is over makes room for what comes next.
      return {
        ...room,
        open,
        openedAt,
        held,
        current: data.step,
        screen: room.screen.what === 'poll' || room.screen.what === 'run' ? { what: 'step' } : room.screen,
      }
    }
    case 'step-held': {
      const open = new Map(room.open)
      open.delete(data.step)
      return { ...room, open, held: new Set(room.held).add(data.step), current: lastOpened(open) }
    }
    case 'announced':
      return { ...room, banner: data.text }
    case 'joined':
      return { ...room, members: new Map(room.members).set(data.seat, { nickname: data.nickname, by: data.by, atMs }) }
    case 'left': {
      const members = new Map(room.members)
      members.delete(data.seat)
      const removed = new Set([...room.removed].filter((seat) => seat !== data.seat))
      return { ...withoutPerson(room, data.seat), members, removed }
    }
    case 'joining-stopped':
    case 'joining-resumed':
      return { ...room, isJoiningStopped: act === 'joining-stopped' }
    case 'removed':
      return { ...withoutPerson(room, data.seat), removed: new Set(room.removed).add(data.seat) }
    case 'readmitted':
      return { ...room, removed: new Set([...room.removed].filter((seat) => seat !== data.seat)) }
    case 'screen-set':
      // Who has said no meanwhile is not shown.
      return seatsOn(data.screen).some((seat) => room.offScreen.has(seat)) ? room : { ...room, screen: data.screen }
    case 'screen-refused': {
      const offScreen = new Set(room.offScreen)
      if (!data.isOff) {
        offScreen.delete(data.seat)
        return { ...room, offScreen }
      }
      offScreen.add(data.seat)
      return { ...room, offScreen, screen: withoutSeat(room.screen, data.seat) }
    }
    case 'fault-ordered': {
      if (room.orders.some(({ id }) => id === data.id)) return room
      return { ...room, orders: [...room.orders, { ...data, orderedAtMs: atMs, isUndone: false }] }
    }
    case 'fault-missed': {
      const missed = new Map(room.missed)
      for (const { seat, why } of data.missed) missed.set(missedKey(data.id, seat), why)
      return { ...room, missed }
    }
    case 'fault-undone':
      return { ...room, orders: room.orders.map((one) => (one.id === data.id ? { ...one, isUndone: true } : one)) }
    case 'rewound':
      return { ...room, rewinds: [...room.rewinds, { ...data, atMs, isUndone: false }] }
    case 'rewind-undone':
      return { ...room, rewinds: room.rewinds.map((one) => (one.id === data.id ? { ...one, isUndone: true } : one)) }
    case 'hand-raised': {
      if (room.hands.some(({ seat }) => seat === data.seat)) return room
      return {
        ...room,
        hands: [...room.hands, { ...data, step: data.step, mayType: data.mayType ?? false, atMs, taken: undefined }],
      }
    }
    case 'hand-taken': {
      const hand = room.hands.find(({ seat }) => seat === data.seat)
      // The first who takes it has it.
      if (!hand || hand.taken) return room
      const taken = withHand(room, data.seat, (one) => ({ ...one, taken: { by: data.by, name: data.name, atMs } }))
      return hand.mayType ? allowing(taken, data.seat, data.by, data.name, atMs) : taken
    }
    case 'hand-left':
      return withHand(notTyping(room, data.seat), data.seat, (hand) => ({ ...hand, taken: undefined }))
    case 'hand-lowered':
      return { ...notTyping(room, data.seat), hands: room.hands.filter(({ seat }) => seat !== data.seat) }
    case 'typing-offered':
      return { ...room, offers: new Map(room.offers).set(data.seat, { by: data.by, name: data.name, atMs }) }
    case 'typing-allowed':
      return allowing(room, data.seat, data.to, data.name, atMs)
    case 'typing-ended':
      return notTyping(room, data.seat)
    case 'hint-sent': {
      const hints = new Map(room.hints)
      for (const seat of data.seats) hints.set(hintKey(seat, data.step), data.text)
      return { ...room, hints }
    }
    case 'hint-withdrawn': {
      const hints = new Map(room.hints)
      for (const seat of data.seats)
        if (hintFor(room, seat, data.step) === data.text) hints.delete(hintKey(seat, data.step))
      return { ...room, hints }
    }
    case 'looked':
      return { ...room, looks: new Map(room.looks).set(data.seat, { by: data.by, name: data.name, atMs }) }
    case 'poll-opened':
    case 'poll-closed':
    case 'poll-reopened':
    case 'poll-revealed':
    case 'voted': {
      const before = room.polls.get(data.step)
      const poll = afterPollAct(before, { act, data } as Parameters<typeof afterPollAct>[1])
      return poll === before || !poll ? room : { ...room, polls: new Map(room.polls).set(data.step, poll) }
    }
    case 'paced':
      return { ...room, pace: new Map(room.pace).set(data.seat, data.pace) }
    default:
      return room
  }
}

function allowing(room: Room, seat: string, by: string, name: string, atMs: number): Room {
  const { offers, typing } = notTyping(room, seat)
  return { ...room, offers, typing: new Map(typing).set(seat, { by, name, untilMs: atMs + typingMs }) }
}

/** Nothing of theirs waits for anybody, and nothing of it is shown. */
function withoutPerson(before: Room, seat: string): Room {
  const room = notTyping(before, seat)
  const [pace, looks] = [new Map(room.pace), new Map(room.looks)]
  pace.delete(seat)
  looks.delete(seat)
  const hands = room.hands.filter((hand) => hand.seat !== seat)
  return { ...room, pace, looks, hands, screen: withoutSeat(room.screen, seat) }
}

/** Neither allowed nor offered. */
function notTyping(room: Room, seat: string): Room {
  const [typing, offers] = [new Map(room.typing), new Map(room.offers)]
  typing.delete(seat)
  offers.delete(seat)
  return { ...room, typing, offers }
}

const hintKey = (seat: string, step: string): string => `${seat} ${step}`

/** What a seat was told at a step. */
export const hintFor = (room: Room, seat: string, step: string): string | undefined =>
  room.hints.get(hintKey(seat, step))

/** Whose clusters a screen shows. */
export const seatsOn = (screen: Screen): readonly string[] =>
  screen.what === 'cluster' ? [screen.seat] : screen.what === 'compare' ? screen.seats : []

/** Those that are left go on being shown, as long as there are two to compare. */
function withoutSeat(screen: Screen, seat: string): Screen {
  if (!seatsOn(screen).includes(seat)) return screen
  const seats = seatsOn(screen).filter((one) => one !== seat)
  return screen.what === 'compare' && seats.length > 1 ? { ...screen, seats } : { what: 'step' }
}

const withHand = (room: Room, seat: string, change: (hand: Hand) => Hand): Room => ({
  ...room,
  hands: room.hands.map((hand) => (hand.seat === seat ? change(hand) : hand)),
})

/** A later opening comes later in the map. */
const lastOpened = (open: ReadonlyMap<string, number>): string | undefined => [...open.keys()].at(-1)
