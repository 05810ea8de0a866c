/** Kept clusters: whichever process has which part of a learner's work, the next act sees all of it, and costs a step. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type HeapReading, watchHeap } from '../../../../server/labs/tasks/heap.ts'
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

test('a full heap costs as many kept clusters as are too many, the oldest, once for each reading; then there is room again', () => {
  let reading: HeapReading | undefined
  const bench = new Workbench(undefined, undefined, () => reading)
  const look = (seed: number) =>
    bench.work({
      ...{ spec, contentHash: hash, seed: `${seed}`, log: [], clockMs: 0 },
      action: { do: 'look' },
    })
  for (let seed = 1; seed <= 12; seed++) look(seed)
  assert.equal(bench.size, 12)
  reading = { used: 400, limit: 600 }
  look(12)
  assert.equal(bench.size, 9)
  // The same figure says nothing new; who comes in takes the place of the oldest.
  look(13)
  assert.equal(bench.size, 9)
  assert.ok(
    spent(() => look(12))[1] < spent(() => look(1))[1] / 2,
    'the latest are still there, the first was built again',
  )
  reading = { used: 200, limit: 600 }
  for (let seed = 20; seed < 24; seed++) look(seed)
  assert.equal(bench.size, 13)
})

test('what is held shows in a reading of the heap, and what is let go does not', async () => {
  const gauge = watchHeap()
  const collect = async () => {
    const before = gauge()
    setFlagsFromString('--expose-gc')
    runInNewContext('gc')()
    while (gauge() === before) await setImmediate()
    return gauge()!
  }
  const empty = await collect()
  let held: unknown[] | undefined = Array.from({ length: 200_000 }, (_, n) => ({ n }))
  const full = await collect()
  assert.ok(full.used - empty.used > 4_000_000, `${full.used - empty.used} bytes more for ${held.length} objects`)
  assert.ok(full.limit > full.used)
  held = undefined
  const after = await collect()
  assert.ok(full.used - after.used > 4_000_000, `${full.used - after.used} bytes less`)
})
