/** What an address under a workshop or an invitation asks for, and the seat that is found for it. */
import type { PageContext } from '../render/page.ts'
import type { Seat } from '../seat.ts'

/** What an address asks for behind the place that it stands in. */
export interface Asked {
  /** `challenge:crash-loop`; undefined for what is of no item. */
  item: string | undefined
  /** The address elsewhere. */
  rest: string
  /** Lessons are marked as read: the one page that is of no item. */
  isReadMark: boolean
  /** Something is sent, by a page that saves by itself. */
  isDraft: boolean
  /** When it was typed, of what a browser kept while the server could not be reached. */
  begunAtMs: number | undefined
}

/** The seat and what stands above its pages; or another address, where that is to be looked at. */
export type FoundSeat = { seat: Seat; context: Partial<PageContext> } | { leadsTo: string }

/** @param name of the workshop or invitation, as in the address @throws HttpProblem when there is none */
export type FindSeat = (name: string, asked: Asked, context: Pick<PageContext, 'learnerId'>) => Promise<FoundSeat>
