/** A fold makes of acts, one after the other, what is shown. Nothing but acts goes into it, so it can be made again at any time. */

import type { SeatId } from '../../seat.ts'
import type { KnownAct } from '../acts/registry.ts'

export interface Fold<State, View> {
  begin(seat: SeatId): State
  /**
   * Takes one more act in. Acts may come later than they were done: those of another server are appended when they are read in.
   * @param nameOf the present name of an item. That of the act itself is present.
   * @returns whether what is shown may have changed
   */
  apply(state: State, act: KnownAct, nameOf: (item: string) => string): boolean
  /** As it stands now. Later acts leave it as it is. */
  view(state: State): View
}
