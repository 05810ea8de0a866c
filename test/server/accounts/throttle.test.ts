import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Throttle } from '../../../server/accounts/throttle.ts'

test('so many tries are counted for each key, and then it waits until the while is over', () => {
  let nowMs = 0
  const throttle = new Throttle({ most: 2, windowMs: 100, now: () => nowMs })
  assert.deepEqual([throttle.take('a'), throttle.take('a'), throttle.take('a'), throttle.take('b')], [0, 0, 100, 0])
  nowMs = 60
  assert.equal(throttle.take('a'), 40)
  nowMs = 100
  assert.deepEqual([throttle.take('a'), throttle.take('a'), throttle.take('a')], [0, 0, 100])
})

test('a try that is given back or forgotten does not count', () => {
  const throttle = new Throttle({ most: 1, windowMs: 100, now: () => 0 })
  throttle.take('a')
  throttle.giveBack('a')
  assert.equal(throttle.take('a'), 0)
  assert.equal(throttle.take('a'), 100)
  throttle.forget('a')
  assert.equal(throttle.take('a'), 0)
})

test('no more keys are kept than there is room for, the oldest go first', () => {
  const throttle = new Throttle({ most: 1, windowMs: 100, now: () => 0, keys: 2 })
  for (const key of ['a', 'b', 'c']) throttle.take(key)
  assert.deepEqual([throttle.take('b'), throttle.take('c'), throttle.take('a')], [100, 100, 0])
})

test('how long to wait can be asked without a try', () => {
  let nowMs = 0
  const throttle = new Throttle({ most: 1, windowMs: 100, now: () => nowMs })
  assert.equal(throttle.waitMs('a'), 0)
  throttle.take('a')
  nowMs = 30
  assert.deepEqual([throttle.waitMs('a'), throttle.waitMs('b')], [70, 0])
  nowMs = 130
  assert.deepEqual([throttle.waitMs('a'), throttle.take('a')], [0, 0])
})
