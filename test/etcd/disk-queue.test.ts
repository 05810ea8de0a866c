/** Writes of a disk that are under way. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom } from '../../sim/engine/random.ts'
import { DiskQueue } from '../../sim/etcd/disk-queue.ts'

test('what is there by a moment leaves, the last of it is told once', () => {
  const queue = new DiskQueue<string>()
  assert.equal(queue.lastMs, undefined)
  queue.add(2, 'a')
  queue.add(4, 'b')
  queue.add(6, 'c')
  assert.equal(queue.takeDone(1), undefined)
  assert.equal(queue.takeDone(5), 'b')
  assert.equal(queue.takeDone(5), undefined)
  assert.equal(queue.lastMs, 6)
  queue.clear()
  assert.equal(queue.takeDone(9), undefined)
})

test('what was added and taken since a mark is undone, as a list that is copied each time would have it', () => {
  const random = createRandom('disk queue', 'test')
  const queue = new DiskQueue<number>()
  let plain: { doneMs: number; what: number }[] = []
  let nowMs = 0
  const takePlain = (): number | undefined => {
    const done = plain.findLast(({ doneMs }) => doneMs <= nowMs)
    plain = plain.filter(({ doneMs }) => doneMs > nowMs)
    return done?.what
  }
  for (let round = 0; round < 300; round++) {
    const undo = queue.mark()
    const kept = plain
    const keptMs = nowMs
    for (let n = 0; n < 20; n++) {
      nowMs += random.int(0, 2)
      assert.equal(queue.takeDone(nowMs), takePlain())
      const doneMs = Math.max(nowMs, plain.at(-1)?.doneMs ?? 0) + random.int(0, 4)
      queue.add(doneMs, 20 * round + n)
      plain = [...plain, { doneMs, what: 20 * round + n }]
      assert.equal(queue.lastMs, doneMs > nowMs ? doneMs : queue.lastMs)
    }
    if (random.int(0, 2) > 0) continue
    undo()
    plain = kept
    nowMs = keptMs
  }
})
