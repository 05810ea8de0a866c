import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conflict } from '../../sim/api/meta/status-error.ts'
import { createWorkQueue, type WorkQueueSettings } from '../../sim/client/work-queue.ts'
import { Engine } from '../../sim/engine/engine.ts'

/** A queue whose reconciles are noted as `key@ms`. */
function aQueue(settings: Partial<WorkQueueSettings> = {}, act: (key: string) => void = () => undefined) {
  const engine = new Engine({ seed: 'test', startEpochMs: 0 })
  const done: string[] = []
  const queue = createWorkQueue(engine, {
    name: 'test',
    ...settings,
    reconcile(key) {
      done.push(`${key}@${engine.nowMs}`)
      act(key)
    },
  })
  return { engine, queue, done }
}

test('a key that is added several times in a moment is reconciled once', () => {
  const { engine, queue, done } = aQueue()
  for (const key of ['a', 'b', 'a']) queue.add(key)
  engine.at(0, 'delivery', () => queue.add('b'))
  engine.runUntil(10)
  assert.deepEqual(done, ['a@0', 'b@0'])
})

test('a key added while in work is taken up again when its calls are over', () => {
  let isFirst = true
  const { engine, queue, done } = aQueue({ takeChargedMs: () => 7 }, (key) => {
    if (isFirst) queue.add(key)
    isFirst = false
  })
  queue.add('a')
  engine.runUntil(100)
  assert.deepEqual(done, ['a@0', 'a@7'])
})

test('as many keys are in work at once as there are workers', () => {
  const { engine, queue, done } = aQueue({ workers: 2, takeChargedMs: () => 5 })
  for (const key of ['a', 'b', 'c']) queue.add(key)
  engine.runUntil(100)
  assert.deepEqual(done, ['a@0', 'b@0', 'c@5'])
})

test('a refused key is tried again after 5, 10, 20 ms, and from the start after a success', () => {
  let failures = 3
  const { engine, queue, done } = aQueue({}, () => {
    if (failures-- > 0) throw conflict('pods', 'p', 'why')
  })
  queue.add('a')
  engine.runUntil(1000)
  assert.deepEqual(done, ['a@0', 'a@5', 'a@15', 'a@35'])
  failures = 1
  queue.add('a')
  engine.runUntil(2000)
  assert.deepEqual(done.slice(4), ['a@1000', 'a@1005'])
})

test('a key that fails too often is dropped', () => {
  const { engine, queue, done } = aQueue({ maxRetries: 2 }, () => {
    throw conflict('pods', 'p', 'why')
  })
  queue.add('a')
  engine.runUntil(10_000)
  assert.equal(done.length, 3)
  assert.ok(engine.isSettled)
})

test('of two delayed additions of a key the earlier one counts', () => {
  const { engine, queue, done } = aQueue()
  queue.addAfter('a', 50)
  queue.addAfter('a', 20)
  queue.addAfter('a', 30)
  engine.runUntil(1000)
  assert.deepEqual(done, ['a@20'])
})

test('a bug goes through to whoever runs the engine', () => {
  const { engine, queue } = aQueue({}, () => {
    throw new Error('bug')
  })
  queue.add('a')
  assert.throws(() => engine.runUntil(10), /bug/)
})

test('a reconcile happens under the cause that added its key', () => {
  const causes: number[] = []
  const { engine, queue } = aQueue({}, () => causes.push(engine.trace.current))
  const cause = engine.trace.record('you', 'apply')
  queue.add('a')
  engine.trace.current = 0
  engine.runUntil(10)
  assert.deepEqual(causes, [cause])
})

test('a stopped queue does nothing more and leaves nothing due', () => {
  const { engine, queue, done } = aQueue()
  queue.add('a')
  queue.addAfter('b', 100)
  queue.stop()
  queue.add('c')
  assert.ok(engine.isSettled)
  engine.runUntil(1000)
  assert.deepEqual(done, [])
})

test('retries of many keys together are held to ten a second after the first hundred', () => {
  const { engine, queue, done } = aQueue({ workers: 1000, maxRetries: 1 }, () => {
    throw conflict('pods', 'p', 'why')
  })
  for (let i = 0; i < 110; i++) queue.add(`k${i}`)
  engine.runUntil(100)
  assert.ok(done.length >= 210 && done.length < 215, `${done.length}`)
  engine.runUntil(2000)
  assert.equal(done.length, 220)
})

test('its figures tell what waits, what was added and what is tried again', () => {
  let isRefused = true
  const { engine, queue } = aQueue({ metricName: 'other', takeChargedMs: () => 5 }, (key) => {
    if (key === 'a' && isRefused) {
      isRefused = false
      throw conflict('pods', 'p', 'why')
    }
  })
  for (const key of ['a', 'a', 'c']) queue.add(key)
  assert.deepEqual(queue.figures, { name: 'other', depth: 2, adds: 2, retries: 0 })
  engine.runUntil(100)
  // Added by hand twice, and once more after its back-off.
  assert.deepEqual(queue.figures, { name: 'other', depth: 0, adds: 3, retries: 1 })
  let isFirst = true
  const again = aQueue({ takeChargedMs: () => 5 }, (key) => {
    if (isFirst) again.queue.add(key)
    isFirst = false
  })
  again.queue.add('b')
  again.engine.runUntil(2)
  // One in work, which is to be taken up again: it waits, and was added twice.
  assert.deepEqual(again.queue.figures, { name: 'test', depth: 1, adds: 2, retries: 0 })
  again.engine.runUntil(100)
  assert.deepEqual(again.queue.figures, { name: 'test', depth: 0, adds: 2, retries: 0 })
})
