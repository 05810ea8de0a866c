/** Who acts: somebody in a sitting. */
import type { LoggedCommand } from '../sim/index.ts'

export interface Seat {
  sittingId: string
  participantId: string
  learnerId: string
  /** The variants of what they are asked are drawn from it. */
  seed: string
  /** Of the content that the item of the page has there, whatever became of it since. */
  pinned?: string
  /** What attempts that are begun in it have in their logs from the beginning, and from whom. */
  given?: readonly { by: string; logged: LoggedCommand }[]
}

/** Names what a seat did. */
export type SeatId = Pick<Seat, 'sittingId' | 'participantId'>

/** Whether the seat is its learner's own practice. */
export const isPractice = ({ sittingId, learnerId }: Pick<Seat, 'sittingId' | 'learnerId'>): boolean =>
  sittingId === practiceSeat(learnerId).sittingId

/** In their own practice a learner is the only participant, of the learner's id; there is something stored of it once they act. */
export const practiceSeat = (learnerId: string): Seat => ({
  sittingId: `practice-${learnerId}`,
  participantId: learnerId,
  learnerId,
  seed: learnerId.slice(0, 12),
})
