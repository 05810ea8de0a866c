/** Somebody in a sitting. In their own practice a learner has one, of the learner's id. */
export interface Seat {
  sittingId: string
  participantId: string
}
