/** One attempt as two journals tell of it. Pure. */
import { canonical } from '../storage/canonical.ts'
import { withEarlier } from '../storage/earlier-drafts.ts'
import { gradedLog } from '../storage/evidence.ts'
import type { Attempt, Grading } from '../storage/types.ts'
import { joined, later, mergeOrigins } from './merging.ts'

/** Of one attempt as it was at two moments, or at two places: the work that was saved last, and every grading of both. */
export function mergeAttempts(a: Attempt, b: Attempt): Attempt {
  if (canonical(a) === canonical(b)) return a
  const work = ({ gradings, hintsOpened, earlierDrafts, state, createdAtMs, origin, ...rest }: Attempt) => rest
  const latest = later<ReturnType<typeof work>>(({ updatedAtMs, log }) => [updatedAtMs, log.length])(work(a), work(b))
  // Each grading brings its own commands: those of the later work may be others.
  const whole = (attempt: Attempt) => attempt.gradings.map((one) => ({ ...one, log: gradedLog(attempt, one) }))
  return {
    ...latest,
    gradings: mergeGradings(whole(a), whole(b)).map(({ log, ...grading }) =>
      canonical(log) === canonical(latest.log.slice(0, grading.commands)) ? grading : { ...grading, log },
    ),
    earlierDrafts: withEarlier(a.earlierDrafts, b.earlierDrafts),
    hintsOpened: [...new Set([...a.hintsOpened, ...b.hintsOpened])].sort(),
    state: a.state === 'closed' ? a.state : b.state,
    createdAtMs: Math.min(a.createdAtMs, b.createdAtMs),
    ...mergeOrigins(a, b),
  }
}

/** What was graded here stays. An exported one lacks the tests that are hidden: the fuller one stays. */
const mergeGradings = (a: readonly Grading[], b: readonly Grading[]): Grading[] =>
  joined(
    a,
    b,
    ({ atMs, commands }) => `${atMs}/${commands}`,
    later<Grading>((grading) => [grading.origin ? 0 : 1, -(grading.origin?.atMs ?? 0), canonical(grading).length]),
    ({ atMs }) => atMs,
  )
