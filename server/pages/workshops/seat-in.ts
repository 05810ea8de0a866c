/** Somebody's seat in a workshop. */
import { practiceSeat, type Seat } from '../../seat.ts'
import type { Participant } from '../../storage/types.ts'
import type { Workshop } from '../../workshops/rooms.ts'

export const seatIn = (workshop: Pick<Workshop, 'id'>, person: Participant): Seat => ({
  ...practiceSeat(person.learnerId ?? person.id),
  sittingId: workshop.id,
  participantId: person.id,
  seed: person.seed,
})
