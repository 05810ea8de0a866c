import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { HostileInput } from '../../../scripts/hostile/input.ts'
import { type Finding, runHostile } from '../../../scripts/hostile/runner.ts'

const program = fileURLToPath(new URL('fake-site.ts', import.meta.url))
const asked = (id: string): HostileInput => ({ id, about: id, steps: [{ do: 'page', method: 'GET', path: `/${id}` }] })

test('what an input does to the server is counted: a hang, a crash, a cut stream, a mistake; and the run goes on', async () => {
  const found: Finding[] = []
  const { slowed: _, ...report } = await runHostile({
    inputs: ['harmless', 'burn', 'mistake', 'crash', 'cut', 'harmless'].map(asked),
    confirmations: 0,
    program,
    // So little that a machine with much else to do is through with it in good time.
    mostCpuMs: 600,
    found: (finding) => void found.push(finding),
  })
  const verdictsOf = (id: string) =>
    found.filter(({ input }) => input.id === id).flatMap(({ verdicts }) => verdicts.filter((one) => one !== 'slowed'))
  assert.deepEqual(report, { tried: 6, slow: 1, ended: 2, broken: 1 })
  assert.deepEqual(verdictsOf('burn'), ['slow'])
  assert.deepEqual(verdictsOf('mistake'), ['broken'])
  assert.deepEqual(verdictsOf('crash'), ['ended'])
  assert.deepEqual(verdictsOf('cut'), ['ended'])
  assert.deepEqual(verdictsOf('harmless'), [])
  const { notes } = found.find(({ input }) => input.id === 'crash')!
  assert.ok(
    notes.some((note) => note.includes('exit 3')),
    notes.join('\n'),
  )
})
