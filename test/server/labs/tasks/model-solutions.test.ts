/**
 * Model solutions are graded as a learner's are: by the server's processes, within the budgets of one learner. A run takes each forty-eighth
 * challenge, others with each commit, and all of them with SOLUTIONS=all; `content:check` proves each on its own.
 */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { isTurn } from '../../../../scripts/turn.mjs'
import { createWorkerLabs } from '../../../../server/labs/tasks/pool.ts'
import { challengeRuns } from '../../../../server/labs/tasks/runs.ts'
import { projectCatalog } from '../../../support/content.ts'

const processes = 2
const labs = createWorkerLabs({ processes, memoryMb: 768, timeoutMs: 60_000 })
after(() => labs.close())
const { challenges } = await projectCatalog()

for (const [place, { id, hash, spec }] of [...challenges.values()].entries())
  if (isTurn(place, 48, process.env.SOLUTIONS))
    test(`the model solutions of ${id} pass with full points`, async () => {
      const runs = await challengeRuns('content', id, 'solutions')
      assert.ok(runs.length > 0)
      const grade = async ({ path, logFor }: (typeof runs)[number], n: number) => {
        const seed = `model-${n}`
        const { gradable, problem, passed, score, maxScore } = await labs.grade(`${id}-${n}`, {
          ...{ spec, seed, contentHash: hash },
          log: logFor(spec, seed),
        })
        return { path, gradable, problem, passed, isFull: score === maxScore }
      }
      // As many at a time as there are processes: nobody waits in a queue, however long each takes.
      for (let n = 0; n < runs.length; n += processes)
        for (const result of await Promise.all(runs.slice(n, n + processes).map((run, k) => grade(run, n + k))))
          assert.deepEqual(result, {
            path: result.path,
            gradable: true,
            problem: undefined,
            passed: true,
            isFull: true,
          })
    })
