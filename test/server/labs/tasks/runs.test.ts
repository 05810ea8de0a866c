/** Files of proofs: what is wrong in one is told, and never read as something shorter. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { challengeRuns } from '../../../../server/labs/tasks/runs.ts'

test('a run that is no YAML is refused with its line: a parameter in a flow mapping has to be in quotes', async () => {
  const content = mkdtempSync(join(tmpdir(), 'content-'))
  const folder = join(content, 'challenges/one/solutions/as-asked')
  mkdirSync(folder, { recursive: true })
  const runs = (step: string) => {
    writeFileSync(join(folder, 'run.yaml'), `steps:\n  - ${step}\n  - { at: 9, run: kubectl get pods }\n`)
    return challengeRuns(content, 'one', 'solutions')
  }
  await assert.rejects(runs('{ at: 1, run: kubectl scale deployment {{app}} --replicas=0 }'), {
    message: /^content\/challenges\/one\/solutions\/as-asked\/run\.yaml: Unexpected flow-map-start .*line 2/s,
  })
  const [run] = await runs("{ at: 1, run: 'kubectl scale deployment {{app}} --replicas=0' }")
  assert.equal(run!.steps.length, 2)
})
