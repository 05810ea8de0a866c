/** How the checks of a challenge stood at many moments of one person's work, each with the run that it had then. */
import type { LoggedCommand } from '../../../sim/index.ts'
import type { LiveCheck, StandingsRequest } from '../types.ts'
import { type Bench, challengeLimits, continueTo, type Limits, liveChecks, rebuild } from './work.ts'

/** @returns for each point, in order. A run that goes on from the one before costs only what was added; one that was taken back is rebuilt */
export function standings(
  { spec, seed, points, withHidden }: StandingsRequest,
  limits: Limits = challengeLimits,
): LiveCheck[][] {
  let bench: Bench | undefined
  let log: LoggedCommand[] = []
  return points.map(({ keeps, added, clockMs }) => {
    log = [...log.slice(0, keeps), ...added]
    if (!bench || !continueTo(bench, { log, clockMs })) bench = rebuild({ spec, seed, log, clockMs }, limits)
    return liveChecks(bench, withHidden)
  })
}
