/** Kept clusters: whichever process has which part of a learner's work, the next act sees all of it, and costs a step. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { challengeRuns } from '../../../../server/labs/tasks/runs.ts'
import { Workbench } from '../../../../server/labs/tasks/work.ts'
import type { WorkRequest } from '../../../../server/labs/types.ts'
import { workSpent } from '../../../../sim/engine/work.ts'
import { projectCatalog } from '../../../support/content.ts'

const { challenges } = await projectCatalog()
const { spec, hash } = challenges.get('crash-loop')!
const [solution] = await challengeRuns('content', 'crash-loop', 'solutions')
const log = [
  ...solution!.logFor(spec, 'kept'),
  ...['get pods', 'scale deployment --all --replicas=3', 'get events'].map((line, n) => ({
    atMs: 100_000 + 10_000 * n,
    command: { op: 'kubectl' as const, line: `kubectl ${line}` },
  })),
]
const requestOf = (n: number): WorkRequest => ({
  ...{ spec, contentHash: hash, seed: 'kept', log: log.slice(0, n), clockMs: log[n]!.atMs },
  action: { do: 'command', command: log[n]!.command },
})
const spent = <T>(act: () => T): [T, number] => {
  const before = workSpent()
  return [act(), workSpent() - before]
}

test('acts that come to two processes by turns are as if one had them all, and rebuild nothing', () => {
  const two = [new Workbench(), new Workbench()]
  for (const n of log.keys()) {
    const [kept, cost] = spent(() => two[n % 2]!.work(requestOf(n)))
    const [rebuilt, cost2] = spent(() => new Workbench().work(requestOf(n)))
    assert.deepEqual(kept, rebuilt, `act ${n}`)
    if (n >= 2) assert.ok(cost < cost2 / 2, `act ${n} charged ${cost}, a rebuild ${cost2}`)
  }
})

test('a cluster that went another way, or further, is built again', () => {
  const bench = new Workbench()
  for (const n of [0, 1, 2]) if (log[n]) bench.work(requestOf(n))
  // Undone: the first act once more, on the cluster as it was.
  assert.deepEqual(bench.work(requestOf(0)), new Workbench().work(requestOf(0)))
  const later = { ...requestOf(1), clockMs: log[1]!.atMs + 60_000, action: { do: 'look' as const } }
  bench.work(later)
  assert.deepEqual(bench.work(requestOf(1)), new Workbench().work(requestOf(1)))
})

test('a look at a moment that is over shows the cluster as it was then, and leaves the present as it is', () => {
  const bench = new Workbench()
  const request = requestOf(2)
  const then = { ...request, log: log.slice(0, 1), clockMs: log[1]!.atMs - 1 }
  const was = new Workbench().work({ ...then, action: { do: 'look' } }).view
  const seen = bench.work({ ...request, action: { do: 'look', atMs: then.clockMs } })
  assert.deepEqual(seen.view.pods, was.pods)
  assert.deepEqual(seen.view.tables, was.tables)
  assert.equal(seen.clockMs, request.clockMs)
  assert.deepEqual(bench.work(request), new Workbench().work(request))
})
