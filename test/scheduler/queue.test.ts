import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../sim/api/core/pod-types.ts'
import { Engine } from '../../sim/engine/engine.ts'
import { feasibleNodesToFind } from '../../sim/scheduler/cycle.ts'
import { fitMessage } from '../../sim/scheduler/diagnosis.ts'
import type { ClusterEvent, SchedulerPlugin } from '../../sim/scheduler/framework.ts'
import { prioritySort } from '../../sim/scheduler/plugins/priority-sort.ts'
import { createPodInfo, type PodInfo } from '../../sim/scheduler/pod-info.ts'
import { backoffMs, createSchedulingQueue, type SchedulingQueue } from '../../sim/scheduler/queue.ts'
import { createResourceReader } from '../../sim/scheduler/resources.ts'

const reader = createResourceReader()

function aPod(name: string, priority = 0): PodInfo {
  const pod = {
    metadata: { namespace: 'scn', name, uid: name },
    spec: { priority, containers: [{ name: 'main', image: 'x', resources: {} }] },
    status: {},
  }
  return createPodInfo(pod as unknown as Pod, reader)
}

const picky: SchedulerPlugin = { name: 'Picky', wakes: (_info, event) => event.on === 'node' }
const nodeCame = { on: 'node', change: 'add', node: { metadata: { name: 'n' } } } as unknown as ClusterEvent
const podWent: ClusterEvent = { on: 'assigned-pod', change: 'delete', info: aPod('gone') }

const plugins = [picky]
const { isBefore } = prioritySort()

function aQueue(): { engine: Engine; queue: SchedulingQueue } {
  const engine = new Engine({ seed: 'queue', startEpochMs: 0 })
  return { engine, queue: createSchedulingQueue({ engine, pluginsOf: () => plugins, isBefore, onReady: () => {} }) }
}

const popNames = (queue: SchedulingQueue): string[] => {
  const names: string[] = []
  for (let next = queue.pop(); next; next = queue.pop()) names.push(next.info.uid)
  return names
}

test('Pods leave by priority, then in the order they came', () => {
  const { engine, queue } = aQueue()
  for (const [name, priority] of [
    ['a', 0],
    ['b', 0],
    ['c', 100],
    ['d', 0],
    ['e', 100],
  ] as const) {
    queue.add(aPod(name, priority))
    engine.runUntil(engine.nowMs + 1)
  }
  queue.remove('b')
  assert.deepEqual(popNames(queue), ['c', 'e', 'a', 'd'])
})

test('back-off doubles from one second to ten', () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5, 50].map(backoffMs), [0, 1000, 2000, 4000, 8000, 10_000, 10_000])
})

test('an unschedulable Pod waits for an event that its plugin cares for', () => {
  const { engine, queue } = aQueue()
  queue.add(aPod('a'))
  queue.addUnschedulable(queue.pop()!, new Set(['Picky']))
  queue.wake(podWent)
  assert.deepEqual(queue.counts(), { active: 0, backoff: 0, unschedulable: 1, gated: 0 })
  engine.runUntil(5000)
  queue.wake(nodeCame)
  assert.deepEqual(queue.counts(), { active: 1, backoff: 0, unschedulable: 0, gated: 0 })
})

test('one that is woken early goes to the back-off queue, behind Pods that are due', () => {
  const { engine, queue } = aQueue()
  queue.add(aPod('a'))
  queue.addUnschedulable(queue.pop()!, new Set(['Picky']))
  engine.runUntil(500)
  queue.wake(nodeCame)
  assert.deepEqual(queue.counts(), { active: 0, backoff: 1, unschedulable: 0, gated: 0 })
  queue.add(aPod('b'))
  assert.deepEqual(popNames(queue), ['b', 'a'])
})

test('one whose attempt failed for an error waits its back-off out', () => {
  const { engine, queue } = aQueue()
  queue.add(aPod('a'))
  queue.addFailed(queue.pop()!)
  assert.equal(queue.pop(), undefined)
  assert.ok(!queue.hasNext())
  engine.runUntil(999)
  assert.equal(queue.pop(), undefined)
  engine.runUntil(1001)
  assert.equal(queue.pop()?.attempts, 2)
})

test('one that nothing wakes comes back between five minutes and five and a half', () => {
  const { engine, queue } = aQueue()
  queue.add(aPod('a'))
  engine.runUntil(7000)
  queue.addUnschedulable(queue.pop()!, new Set(['Picky']))
  assert.ok(engine.isSettled)
  engine.runUntil(306_000)
  assert.equal(queue.pop(), undefined)
  engine.runUntil(337_000)
  assert.equal(queue.pop()?.info.uid, 'a')
})

test('no Pod is lost or doubled, whatever happens to it', () => {
  const { engine, queue } = aQueue()
  const random = engine.random('test')
  const alive = new Set<string>()
  for (let i = 0; i < 3000; i++) {
    const draw = random.next()
    if (draw < 0.3) {
      queue.add(aPod(`p${i}`, random.int(0, 2)))
      alive.add(`p${i}`)
    } else if (draw < 0.4 && alive.size > 0) {
      const uid = random.pick([...alive])
      queue.remove(uid)
      alive.delete(uid)
    } else if (draw < 0.8) {
      const next = queue.pop()
      if (next) {
        assert.ok(alive.has(next.info.uid), 'what was removed never comes out')
        if (random.next() < 0.4) {
          queue.done(next.info.uid)
          alive.delete(next.info.uid)
        } else if (random.next() < 0.5) queue.addFailed(next)
        else queue.addUnschedulable(next, new Set(['Picky']))
      }
    } else if (draw < 0.9) queue.wake(nodeCame)
    else engine.runUntil(engine.nowMs + random.int(1, 3000))
    const { active, backoff, unschedulable } = queue.counts()
    assert.equal(active + backoff + unschedulable, alive.size)
  }
})

test('small clusters are searched whole, large ones in part', () => {
  assert.deepEqual([1, 99, 100, 300, 1000, 5000, 10_000].map(feasibleNodesToFind), [1, 99, 100, 144, 420, 500, 500])
})

test('reasons are counted over nodes and sorted as text', () => {
  const reasons = [['Insufficient cpu', 'Insufficient memory'], ['Insufficient cpu'], ['node(s) were unschedulable']]
  assert.equal(
    fitMessage(3, { reasons }),
    '0/3 nodes are available: 1 Insufficient memory, 1 node(s) were unschedulable, 2 Insufficient cpu.',
  )
})
