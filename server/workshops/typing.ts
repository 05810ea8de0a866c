/** Consent to type in somebody's cluster: asked for with a hand, or offered; given for ten minutes, and taken back at any time. Pure. */
import { type SittingLife, sittingAt } from '../sittings/life.ts'
import { may } from '../sittings/roles.ts'

export interface Typing {
  /** Who may type: a learner's id, and a name to be shown. */
  by: string
  name: string
  untilMs: number
}

export interface TypingOffer {
  by: string
  name: string
  atMs: number
}

/** A consent lasts so long. */
export const typingMs = 10 * 60_000

interface RoomOfTyping {
  life: SittingLife
  typing: ReadonlyMap<string, Typing>
}

/** Who may type in that seat now. It ends by the clock and with the workshop, whoever looks. */
export function typingAt({ life, typing }: RoomOfTyping, seat: string, nowMs: number): Typing | undefined {
  const known = typing.get(seat)
  if (!known || nowMs >= known.untilMs) return undefined
  return may('instructor', 'type-in-cluster', sittingAt(life, nowMs).state, ['consent']) ? known : undefined
}
