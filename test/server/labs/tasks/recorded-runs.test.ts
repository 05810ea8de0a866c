/**
 * Fifty recorded runs of candidates: what is replayed of each is the run that was graded, known by its state hash, and no other one is. A run of the
 * tests takes each sixth of them, others with each commit, and all of them with RECORDED=all.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isTurn } from '../../../../scripts/turn.mjs'
import { fromStored } from '../../../../server/journal/stored.ts'
import { Replays } from '../../../../server/labs/tasks/replays.ts'
import { challengeRuns } from '../../../../server/labs/tasks/runs.ts'
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

for (const [place, { id, hash, spec }] of all
  .filter((_, n) => n % every === 0)
  .slice(0, wanted)
  .entries()) {
  if (!isTurn(place, 6, process.env.RECORDED)) continue
  // Every fifth candidate ran out of time.
  const isBrokenOff = place % 5 === 2
  test(`the recorded run of ${id}${isBrokenOff ? ', broken off,' : ''} replays to the hash that it was graded by`, async () => {
    const [solution] = await challengeRuns('content', id, 'solutions')
    const seed = `recorded/${id}`
    const whole = solution!.logFor(spec, seed)
    const log = isBrokenOff ? whole.slice(0, Math.ceil(whole.length / 2)) : whole
    const { stateHash, gradable } = grade({ spec, seed, contentHash: hash, log })
    assert.equal(gradable, true)
    const replays = new Replays(challengeLimits)
    const isGradedRun = (of: readonly LoggedCommand[]): boolean =>
      replays.moment({ spec, seed, contentHash: hash, log: [...of], stateHash }).isGradedRun
    assert.equal(isGradedRun(log.map(recorded)), true)
    // One command less is told from it.
    if (place % 4 === 0) assert.equal(isGradedRun(log.slice(0, -1)), false)
  })
}
