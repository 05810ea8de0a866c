/** Runs of simulated clusters, counted by what is asked and what came of it. */
import { Counter, Histogram, type Registry } from 'prom-client'
import { aroundRuns } from '../labs/around-runs.ts'
import { outcomeOf } from '../labs/outcome.ts'
import type { Labs } from '../labs/types.ts'

/** A run may take twenty seconds of computing, and wait for thirty. */
const buckets = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30]

export function countedLabs(labs: Labs, register: Registry): Labs {
  const registers = [register]
  const total = new Counter({
    ...{
      name: 'podium_simulations_total',
      help: 'Runs of simulated clusters, by what came of them; "grade" are gradings.',
    },
    ...{ labelNames: ['kind', 'outcome'] as const, registers },
  })
  const seconds = new Histogram({
    ...{ name: 'podium_simulation_seconds', help: 'From the question to the answer, waiting included.' },
    ...{ labelNames: ['kind'] as const, buckets, registers },
  })
  return aroundRuns(labs, async (kind, run) => {
    const stop = seconds.startTimer({ kind })
    let outcome = 'done'
    try {
      return await run()
    } catch (error) {
      outcome = outcomeOf(error)
      throw error
    } finally {
      stop()
      total.inc({ kind, outcome })
    }
  })
}
