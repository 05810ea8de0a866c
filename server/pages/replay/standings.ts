/** How the checks stood at each point of a replay: computed once for all who look at it, as long as nothing is done. */
import type { Challenge } from '../../catalog/types.ts'
import { LabRefusal, type LiveCheck } from '../../labs/types.ts'
import { type ReplayPoint, runsOf } from '../../practice/replay.ts'
import type { AppDeps } from '../deps.ts'

const mostKept = 60

export type Standings = readonly (readonly LiveCheck[])[]

/** @returns looks them up; none where the run cannot be computed now */
export function createStandingsOf(deps: Pick<AppDeps, 'labs'>) {
  const kept = new Map<string, Standings>()
  return async (
    who: string,
    challenge: Challenge,
    points: readonly ReplayPoint[],
    withHidden: boolean,
  ): Promise<Standings> => {
    const last = points.at(-1)
    if (!last) return []
    const key = [last.attempt.id, last.act.id, points.length, challenge.hash, withHidden].join(' ')
    const known = kept.get(key)
    if (known) return known
    try {
      const { spec } = challenge
      const found = await deps.labs.standings(who, {
        spec,
        seed: last.attempt.seed,
        points: runsOf(points),
        withHidden,
      })
      kept.set(key, found)
      for (const oldest of kept.keys()) {
        if (kept.size <= mostKept) break
        kept.delete(oldest)
      }
      return found
    } catch (error) {
      if (!(error instanceof LabRefusal)) throw error
      return []
    }
  }
}
