/** Whose attempt is replayed, where, and for whom. */
import type { Challenge } from '../../catalog/types.ts'
import type { SeatId } from '../../seat.ts'

export interface ReplayPlace {
  seat: SeatId
  attempt: string
  /** As it was when the attempt was begun. */
  challenge: Challenge
  /** Of the page. */
  href: string
  /** Under which name they are known here; empty for one's own work. */
  whose: string
  back: { href: string; text: string }
  /** Checks that learners do not see are shown, too. */
  withHidden: boolean
  /** The cluster of a moment can be taken along, as a sandbox of one's own. */
  mayFork: boolean
  /** Copies of it go with the candidate's data. */
  isOfCandidate?: true
  /** The moment can be taken as evidence: where that is sent, and for what. */
  pin?: { action: string; item: string; dimensions: readonly { id: string; title: string }[] }
}
