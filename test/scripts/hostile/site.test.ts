/**
 * The real site under hostile requests: a sixteenth of those of the security review and random ones, others with each commit. `npm run hostile` sends
 * all of them, and any number of the random ones.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { corpus } from '../../../scripts/hostile/corpus.ts'
import { drawInput } from '../../../scripts/hostile/grammar.ts'
import { type Finding, runHostile } from '../../../scripts/hostile/runner.ts'
import { isTurn, turnOf } from '../../../scripts/turn.mjs'

/** Of random inputs a run takes so many of six hundred, others with each commit; of those of the review a sixteenth. */
const drawnCount = 4
const first = turnOf(150, process.env.HOSTILE) * drawnCount + 1
const reviewed = corpus.filter((_, place) => isTurn(place, 16, process.env.HOSTILE))
const count = reviewed.length + drawnCount
/** Three times what `npm run hostile` allows: processor time is the server's own, but a slow machine takes more of it. */
const mostCpuMs = 6000
/** On a machine that runs other tests meanwhile a heavy cluster gets a part of a processor. */
const patienceMs = 5 * 60_000

test(`none of ${count} hostile requests (drawn: ${first} to ${first + drawnCount - 1}) ends a thread of others, takes seconds of the processor or leads to a mistake of ours`, async (t) => {
  const build = spawnSync(process.execPath, ['scripts/build.mjs'], { encoding: 'utf8' })
  assert.equal(build.status, 0, build.stderr)
  const found: Finding[] = []
  const atTheEnd: string[] = []
  const drawn = Array.from({ length: drawnCount }, (_, n) => drawInput('test', first + n))
  const { tried, slow, slowed, ended, broken } = await runHostile({
    inputs: [...reviewed, ...drawn],
    // How long others wait is a matter of what else runs on the machine: told, not demanded.
    confirmations: 0,
    mostCpuMs,
    patienceMs,
    found: (finding) => void found.push(finding),
    say: (line) => {
      t.diagnostic(line)
      if (line.startsWith('broken at the end')) atTheEnd.push(line)
    },
    suspected: ({ id }, late) =>
      t.diagnostic(`${id}: ${late.map(({ kind, p95Ms }) => `${kind} p95 ${p95Ms} ms`).join(', ')}`),
  })
  t.diagnostic(`${slowed} made another learner wait`)
  const told = found.map(
    ({ input, verdicts, cpuMs, notes }) => `${verdicts} ${input.id}, ${cpuMs} ms: ${notes.join('; ')}`,
  )
  for (const text of told) t.diagnostic(text)
  assert.deepEqual(
    { tried, slow, ended, broken },
    { tried: count, slow: 0, ended: 0, broken: 0 },
    [...told, ...atTheEnd].join('\n'),
  )
})
