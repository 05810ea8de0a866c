/** What the model solution of a challenge takes: of those there are, the one with the fewest commands. */
import type { Challenge } from '../catalog/types.ts'
import { LabRefusal, type Solution } from '../labs/types.ts'
import type { PracticeDeps } from './deps.ts'
import { Kept } from './kept.ts'
import { solvedMs, strokesOf } from './strokes.ts'

export interface Reference {
  strokes: number
  /** Virtual time until everything held; undefined where that cannot be told. */
  solvedMs: number | undefined
}

export interface References {
  /** Undefined for a former version of a challenge, which has none any more, and when nobody has time to compute it. */
  of(who: string, challenge: Challenge, seed: string): Promise<Reference | undefined>
}

export function createReferences(deps: PracticeDeps & { config: { contentDirs: string[] } }): References {
  const kept = new Kept<Reference | undefined>(300)
  const compute = async (who: string, { spec, hash }: Challenge, seed: string): Promise<Reference | undefined> => {
    const solutions = await deps.labs.solutions(who, { content: deps.config.contentDirs, spec, seed })
    const best = solutions.reduce<Solution | undefined>(
      (so, one) => (so && strokesOf(so.log) <= strokesOf(one.log) ? so : one),
      undefined,
    )
    if (!best) return undefined
    const result = await deps.labs.grade(who, { spec, contentHash: hash, seed, log: best.log })
    return { strokes: strokesOf(best.log), solvedMs: result.passed ? solvedMs(result) : undefined }
  }
  return {
    of: async (who, challenge, seed) => {
      if (deps.catalog().challenges.get(challenge.id)?.hash !== challenge.hash) return undefined
      try {
        return await kept.get(`${challenge.hash}/${seed}`, () => compute(who, challenge, seed))
      } catch (error) {
        if (!(error instanceof LabRefusal)) throw error
        return undefined
      }
    },
  }
}
