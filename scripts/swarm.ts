/** Swarm tests beyond those of `npm test`: `npm run swarm -- 10000 [FIRST]`. Prints each failing seed with its event and the steps that are enough. */
import { trySeed } from '../test/swarm/swarm.ts'

const count = Number(process.argv[2] ?? 1000)
const first = Number(process.argv[3] ?? 1)
let failures = 0
const started = performance.now()
for (let i = first; i < first + count; i++) {
  const failure = trySeed(`swarm-${i}`)
  if (!failure) continue
  failures++
  console.log(`seed ${failure.seed}, event ${failure.event}: ${failure.problem}`)
  for (const { atMs, command } of failure.steps) console.log(`  ${atMs} ms ${JSON.stringify(command)}`)
}
console.log(`${count} seeds, ${failures} failure(s), ${((performance.now() - started) / 1000).toFixed(1)} s`)
process.exitCode = failures > 0 ? 1 : 0
