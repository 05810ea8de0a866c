import assert from 'node:assert/strict'
import { test } from 'node:test'
import { trySeed } from './swarm.ts'

/** `npm run swarm -- 10000` runs any number. */
const seeds = Number(process.env.SWARM_SEEDS ?? 200)

test(`whatever is done to a cluster, its invariants hold at every event and it converges after (${seeds} seeds)`, () => {
  for (let i = 1; i <= seeds; i++) {
    const failure = trySeed(`swarm-${i}`)
    if (!failure) continue
    const steps = failure.steps.map(({ atMs, command }) => `  ${atMs} ms ${JSON.stringify(command)}`).join('\n')
    assert.fail(`seed ${failure.seed}, event ${failure.event}: ${failure.problem}\n${steps}`)
  }
  assert.ok(seeds > 0)
})
