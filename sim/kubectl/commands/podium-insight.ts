/** What kubectl podium asks of the simulator. */
import type { Invocation } from '../command.ts'
import { KubectlError } from '../errors.ts'

/** @throws KubectlError where kubectl has no simulator behind it */
export function insightOf({ context }: Invocation) {
  if (!context.insight) throw new KubectlError('kubectl podium is available inside Podium only')
  return context.insight
}
