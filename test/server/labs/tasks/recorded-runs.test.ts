/** Fifty recorded runs of candidates: what is replayed of each is the run that was graded, known by its state hash, and no other one is. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromStored } from '../../../../server/journal/stored.ts'
import { challengeRuns } from '../../../../server/labs/proofs/runs.ts'
import { Replays } from '../../../../server/labs/tasks/replays.ts'
import { challengeLimits, grade } from '../../../../server/labs/tasks/work.ts'
import type { LoggedCommand } from '../../../../sim/index.ts'
import { projectCatalog } from '../../../support/content.ts'

const wanted = 50
const { challenges } = await projectCatalog()
const all = [...challenges.values()]
const every = Math.floor(all.length / wanted)

/** As a journal keeps it, and gives it back. */
const recorded = (logged: LoggedCommand): LoggedCommand => {
  const act = {
    id: 'a',
    act: 'ran',
    v: 1,
    atMs: 1,
    item: 'challenge:x',
    contentHash: 'h',
    engineVersion: '1',
    virtualMs: 0,
  }
  const stored = JSON.parse(JSON.stringify({ ...act, data: { attempt: 'a', logged, exit: 0 } }))
  const read = fromStored(stored)
  return (read.data as { logged: LoggedCommand }).logged
}

test('fifty recorded runs, whole and broken off, replay to the hash that they were graded by', async () => {
  let [runs, others] = [0, 0]
  for (const { id, hash, spec } of all.filter((_, n) => n % every === 0).slice(0, wanted)) {
    const [solution] = await challengeRuns('content', id, 'solutions')
    const seed = `recorded/${id}`
    const whole = solution!.logFor(spec, seed)
    // Every third candidate ran out of time.
    const log = runs % 3 === 2 ? whole.slice(0, Math.ceil(whole.length / 2)) : whole
    const { stateHash, gradable } = grade({ spec, seed, contentHash: hash, log })
    assert.equal(gradable, true, id)
    const replays = new Replays(challengeLimits)
    const moment = (of: readonly LoggedCommand[]) =>
      replays.moment({ spec, seed, contentHash: hash, log: [...of], stateHash })
    assert.equal(moment(log.map(recorded)).isGradedRun, true, id)
    // One command less is told from it.
    if (runs % 10 === 0) {
      assert.equal(moment(log.slice(0, -1)).isGradedRun, false, id)
      others++
    }
    runs++
  }
  assert.deepEqual([runs, others], [wanted, 5])
})
