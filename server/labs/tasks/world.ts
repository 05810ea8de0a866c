/** The cluster of a challenge's variant, for whoever goes on with it in a sandbox: same seed, same history. */
import { defaultStartEpochMs, prepareChallenge } from '../../../sim/index.ts'
import type { World, WorldRequest } from '../types.ts'

export function worldOf({ spec, seed }: WorldRequest): World {
  const { options } = prepareChallenge(spec, seed)
  const { commands, settleMs } = options.setup!
  return {
    seed: options.seed,
    shape: options.shape,
    startEpochMs: options.startEpochMs ?? defaultStartEpochMs,
    setup: { commands: [...commands], settleMs },
    log: (options.traffic ?? []).map((traffic) => ({ atMs: 0, command: { op: 'traffic', traffic } })),
  }
}
