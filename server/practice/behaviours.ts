/** What each candidate did at a task, as steps without names: replayed once, one after the other, while whoever asks waits. */
import { contentOf } from '../grading/content-in-force.ts'
import type { Exercise } from '../hiring/exercises.ts'
import type { Run } from '../hiring/similarity.ts'
import type { Work } from '../journal/journals.ts'
import { LabRefusal } from '../labs/types.ts'
import { gradedRun, hashLog } from '../storage/evidence.ts'
import type { PracticeDeps } from './deps.ts'
import { resultsOf } from './exercise-results.ts'

export type BehavioursDeps = Pick<PracticeDeps, 'storage' | 'labs' | 'catalog'> & { onError(error: unknown): void }

export interface Behaviours {
  /** Those that are known, and how many there will be. Missing ones are looked for meanwhile: ask again. */
  of(exercise: Exercise, challengeId: string, works: readonly SeatWork[]): { runs: Run[]; of: number }
}

interface SeatWork {
  seat: string
  work: Pick<Work, 'attempts' | 'answers'>
}

/** So many runs are kept in memory. */
const mostKept = 5000
/** Whoever plays or grades goes first: what was refused for load is asked again so much later. */
const patienceMs = 2000

/** A run, and the name that it is kept by: the same commands on the same variant are the same run. */
interface Wanted {
  key: string
  seat: string
  contentHash: string
  seed: string
  log: ReturnType<typeof gradedRun>['log']
}

export function createBehaviours(deps: BehavioursDeps): Behaviours {
  /** Undefined for what cannot be replayed. */
  const kept = new Map<string, readonly string[] | undefined>()
  /** Exercises and tasks that are being looked at. */
  const looking = new Set<string>()

  const compute = async (challengeId: string, { key, contentHash, seed, log }: Wanted): Promise<void> => {
    const present = deps.catalog().challenges.get(challengeId)
    const challenge = present && (await contentOf(deps, present, contentHash))
    let steps: readonly string[] | undefined
    while (challenge)
      try {
        steps = await deps.labs.behaviour('similarity', { spec: challenge.spec, seed, log })
        break
      } catch (error) {
        if (!(error instanceof LabRefusal)) deps.onError(error)
        if (!(error instanceof LabRefusal) || (error.status !== 429 && error.status !== 503)) break
        await new Promise<void>((done) => setTimeout(done, patienceMs).unref())
      }
    kept.set(key, steps)
    for (const oldest of kept.keys()) {
      if (kept.size <= mostKept) break
      kept.delete(oldest)
    }
  }

  return {
    of(exercise, challengeId, works) {
      const wanted = works.flatMap(({ seat, work }): Wanted[] => {
        const result = resultsOf(exercise, work).find(({ item }) => item === `challenge:${challengeId}`)
        if (result?.state !== 'graded') return []
        const { seed, log } = gradedRun(result.attempt, result.grading)
        const contentHash = result.grading.proof?.contentHash ?? result.attempt.contentHash
        return [{ key: `${challengeId} ${contentHash} ${seed} ${hashLog(log)}`, seat, contentHash, seed, log }]
      })
      const missing = wanted.filter(({ key }) => !kept.has(key))
      const place = `${exercise.id} ${challengeId}`
      if (missing.length > 0 && !looking.has(place)) {
        looking.add(place)
        const all = async () => {
          for (const one of missing) if (!kept.has(one.key)) await compute(challengeId, one)
        }
        void all()
          .catch(deps.onError)
          .finally(() => looking.delete(place))
      }
      return {
        runs: wanted.flatMap(({ key, seat }) => {
          const steps = kept.get(key)
          return steps ? [{ seat, steps }] : []
        }),
        of: wanted.filter(({ key }) => !kept.has(key) || kept.get(key)).length,
      }
    },
  }
}
