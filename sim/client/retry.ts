/** Trying again later what the API server did not answer. */
import type { Engine } from '../engine/engine.ts'
import type { Client } from './client.ts'

export interface Retry {
  cancel(): void
}

/**
 * Calls `run` after the delay. While the way to the API server is cut, nothing comes of trying, so that a cluster counts as
 * settled meanwhile; once it is open again the same moment is one to wait for.
 */
export function retryAfter(engine: Engine, client: Client, delayMs: number, label: string, run: () => void): Retry {
  const { link } = client
  const dueMs = engine.nowMs + delayMs
  const fire = (): void => {
    leave?.()
    run()
  }
  let timer = engine.at(dueMs, label, fire, { background: link?.failure !== undefined })
  const leave =
    link?.failure === undefined
      ? undefined
      : link.onChange(() => {
          engine.cancel(timer)
          timer = engine.at(dueMs, label, fire, { background: link.failure !== undefined })
        })
  return {
    cancel() {
      leave?.()
      engine.cancel(timer)
    },
  }
}
