import assert from 'node:assert/strict'
import { test } from 'node:test'
import { turnOf } from '../../scripts/turn.mjs'
import { trySeed } from './swarm.ts'

/** A run takes so many of nine hundred seeds, others with each commit; `npm run swarm -- 10000` runs any number. */
const seeds = 10
const first = turnOf(90, process.env.SWARM) * seeds + 1

test(`whatever is done to a cluster, its invariants hold at every event and it converges after (seeds ${first} to ${first + seeds - 1})`, () => {
  for (let i = first; i < first + seeds; i++) {
    const failure = trySeed(`swarm-${i}`)
    if (!failure) continue
    const steps = failure.steps.map(({ atMs, command }) => `  ${atMs} ms ${JSON.stringify(command)}`).join('\n')
    assert.fail(`seed ${failure.seed}, event ${failure.event}: ${failure.problem}\n${steps}`)
  }
})
