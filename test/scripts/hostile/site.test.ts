/** The real site under hostile requests: those of the security review and random ones. `npm run hostile` sends more of them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { corpus } from '../../../scripts/hostile/corpus.ts'
import { drawInput } from '../../../scripts/hostile/grammar.ts'
import { type Finding, runHostile } from '../../../scripts/hostile/runner.ts'

const count = 200

test(`none of ${count} hostile requests ends a thread of others or leads to a mistake of ours`, async (t) => {
  const found: Finding[] = []
  const drawn = Array.from({ length: count - corpus.length }, (_, n) => drawInput('test', n + 1))
  const { tried, slow, slowed, ended, broken } = await runHostile({
    inputs: [...corpus, ...drawn],
    // How long a request takes and others wait is a matter of the machine, and of what else runs on it: told, not demanded.
    confirmations: 0,
    found: (finding) => void found.push(finding),
    suspected: ({ id }, late) =>
      t.diagnostic(`${id}: ${late.map(({ kind, p95Ms }) => `${kind} p95 ${p95Ms} ms`).join(', ')}`),
  })
  t.diagnostic(`${slow} took more than two seconds of the processor, ${slowed} made another learner wait`)
  const told = found.map(
    ({ input, verdicts, cpuMs, notes }) => `${verdicts} ${input.id}, ${cpuMs} ms: ${notes.join('; ')}`,
  )
  for (const text of told) t.diagnostic(text)
  assert.deepEqual({ tried, ended, broken }, { tried: count, ended: 0, broken: 0 }, told.join('\n'))
})
