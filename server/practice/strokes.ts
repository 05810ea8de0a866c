/** How much it took to solve a challenge: commands that change something, and the virtual time until everything held. Pure. */
import type { GradeResult, LoggedCommand } from '../../sim/index.ts'
import { mayChangeCluster } from './changing-command.ts'

/** Looking costs nothing: what counts is what changes the cluster, and what is handed in as an answer. */
export const isStroke = ({ command }: LoggedCommand): boolean => command.op === 'answer' || mayChangeCluster(command)

export const strokesOf = (log: readonly LoggedCommand[]): number => log.filter(isStroke).length

/** When the last check that learners see came to hold for good, since the hand-over; of those tried at the end alone nothing is known. */
export function solvedMs({ tests }: GradeResult): number | undefined {
  const moments = tests
    .filter(({ hidden, course }) => !hidden && !course?.faults?.length && !course?.isChangedByOthers)
    .flatMap(({ course }) => {
      const last = course?.spans.at(-1)
      return last?.holds ? [last.fromMs] : []
    })
  return moments.length > 0 ? Math.max(0, ...moments) : undefined
}
