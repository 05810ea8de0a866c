/** What fails in an action is told with its name: `INSTALLATION FAILED: …`. */
import { StatusError } from '../../api/meta/status-error.ts'
import type { Wait } from '../../runtime/process.ts'
import { HelmError } from '../errors.ts'

export function* told<T>(action: string, act: () => Generator<Wait, T, unknown>): Generator<Wait, T, unknown> {
  try {
    return yield* act()
  } catch (error) {
    if (error instanceof HelmError || error instanceof StatusError) throw new HelmError(`${action}: ${error.message}`)
    throw error
  }
}
