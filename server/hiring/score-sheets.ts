/** Reviewers' sheets as they are stored: a stream for each candidate's seat, which goes with the seat. */

import type { SeatId } from '../seat.ts'
import type { NewScoreAct, ScoreAct } from '../storage/scores.ts'
import { StreamMoved, type Streams } from '../storage/streams.ts'
import { afterScoreAct, noScores, type ScoreRefusal, type Scores } from './scores.ts'

export interface ScoreSheets {
  /** @throws DocumentUnreadable when some of them wait for repair: what was sent could be sent again */
  scores(seat: SeatId): Promise<Scores>
  /**
   * Does what is decided on the scores as they stand; nobody else's act comes between. Durable when it resolves.
   * @param decide is pure, since it may be asked again
   * @returns the scores afterwards, or why nothing was done
   */
  act(
    seat: SeatId,
    reviewer: string,
    decide: (scores: Scores) => NewScoreAct | ScoreRefusal,
  ): Promise<Scores | ScoreRefusal>
  /** All that was said of a candidate. */
  remove(seat: SeatId): Promise<void>
}

/** The name of a candidate's stream. */
export const sheetsOf = ({ sittingId, participantId }: SeatId): string => `${sittingId}/${participantId}`

/** @param now milliseconds since 1970 */
export function createScoreSheets(streams: Streams<ScoreAct>, now: () => number): ScoreSheets {
  const read = async (seat: SeatId): Promise<{ seq: number; scores: Scores }> => {
    // First the head: what comes meanwhile makes the append fail, and is read then.
    const seq = await streams.head(sheetsOf(seat))
    const acts = await streams.read(sheetsOf(seat))
    return {
      seq,
      scores: acts.filter((act) => act.seq <= seq).reduce((all, { entry }) => afterScoreAct(all, entry), noScores),
    }
  }
  return {
    scores: async (seat) => (await read(seat)).scores,
    async act(seat, reviewer, decide) {
      for (;;) {
        const { seq, scores } = await read(seat)
        const decided = decide(scores)
        if ('refused' in decided) return decided
        const act: ScoreAct = { ...decided, by: reviewer, atMs: now() }
        try {
          await streams.append(sheetsOf(seat), seq, [act])
        } catch (error) {
          if (!(error instanceof StreamMoved)) throw error
          continue
        }
        return afterScoreAct(scores, act)
      }
    },
    remove: (seat) => streams.remove(sheetsOf(seat)),
  }
}
