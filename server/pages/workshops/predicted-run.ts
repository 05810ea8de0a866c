/** What a simulated cluster does that the room makes its predictions of. */
import type { Question } from '../../catalog/types.ts'
import type { DemoRun } from '../../labs/types.ts'
import { simulatedVariant } from '../../practice/simulated-variant.ts'
import type { AppDeps } from '../deps.ts'
import type { PollQuestion } from './poll-question.ts'

interface PredictedRun {
  key: string
  run: DemoRun
}

/** A question's variant runs the same each time, and a projector draws it often. */
const kept = new WeakMap<Question, Map<string, Promise<PredictedRun>>>()

/** @throws LabRefusal when there is no time to run it; Error for a question that predicts nothing */
export function predictedRun(
  deps: AppDeps,
  workshopId: string,
  { item, variant, isPredicted }: PollQuestion,
): Promise<PredictedRun> {
  if (!item || !isPredicted) throw new Error('only what is predicted is run')
  const runs = kept.get(item) ?? new Map<string, Promise<PredictedRun>>()
  kept.set(item, runs)
  const known = runs.get(variant.seed)
  if (known) return known
  const begun = simulatedVariant(deps, workshopId, item, variant.seed, ['']).then(({ variant: { key }, run }) => {
    if (key === undefined || !run) throw new Error(`question ${item.id} was not run`)
    return { key, run }
  })
  runs.set(variant.seed, begun)
  begun.catch(() => runs.delete(variant.seed))
  return begun
}
