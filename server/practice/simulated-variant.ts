/** A variant of a question that the simulator has a part in: it answers a prediction, and judges a fix. */
import type { Question } from '../catalog/types.ts'
import type { DemoRun, Labs } from '../labs/types.ts'
import type { FixQuestion } from '../questions/fix.ts'
import type { PredictQuestion } from '../questions/predict.ts'
import { runnable, type ShortQuestion } from '../questions/short.ts'
import type { Variant } from '../questions/types.ts'
import { variantOf } from '../questions/variant.ts'

/** The variant with what the simulator says of it, for a question that it has to answer. */
export async function simulatedVariant(
  { labs }: { labs: Pick<Labs, 'judgeFix' | 'judgeTyped' | 'predict'> },
  who: string,
  question: Question,
  seed: string,
  given: readonly string[],
): Promise<{ variant: Variant; run?: DemoRun }> {
  const variant = variantOf(question, seed)
  if (question.type === 'fix') {
    const { judged, run } = await labs.judgeFix(who, {
      question: question.data as FixQuestion,
      seed,
      manifest: given[0]!.replaceAll('\r\n', '\n'),
    })
    return { variant: { ...variant, judged }, run }
  }
  if (question.type === 'short') {
    const data = question.data as ShortQuestion
    const typed = runnable(data, given[0] ?? '')
    if (!data.run || typed === undefined) return { variant }
    return { variant: { ...variant, judged: await labs.judgeTyped(who, { run: data.run, seed, typed }) } }
  }
  if (question.type !== 'predict') return { variant }
  const { key, run } = await labs.predict(who, {
    question: question.data as PredictQuestion,
    seed,
    params: { ...variant.params },
  })
  return { variant: { ...variant, key }, run }
}
