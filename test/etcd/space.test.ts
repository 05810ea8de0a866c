import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DatabaseSpace, databaseBytes, NO_SPACE, sizeProblem } from '../../sim/etcd/space.ts'

const [a, b] = [
  { name: 'a', id: '1' },
  { name: 'b', id: '2' },
]

test('a file keeps the size of the most that it ever held, until it is defragmented, each by itself', () => {
  let used = 1_000_000
  const space = new DatabaseSpace(() => used)
  space.noteWrite([])
  used = 100_000
  assert.deepEqual([space.inUseBytes, space.sizeOf('a')], [databaseBytes(100_000), databaseBytes(1_000_000)])
  space.defragment('a', ['a', 'b'])
  assert.deepEqual([space.sizeOf('a'), space.sizeOf('b')], [databaseBytes(100_000), databaseBytes(1_000_000)])
  used = 400_000
  space.noteWrite([])
  used = 200_000
  assert.deepEqual([space.sizeOf('a'), space.sizeOf('b')], [databaseBytes(400_000), databaseBytes(1_000_000)])
  space.defragment('b', ['a', 'b'])
  assert.deepEqual([space.sizeOf('a'), space.sizeOf('b')], [databaseBytes(400_000), databaseBytes(200_000)])
})

test('who has no room raises the alarm, and nobody takes anything until it is disarmed, though there were room again', () => {
  let used = 900_000
  const space = new DatabaseSpace(() => used)
  let told = 0
  space.onAlarm(() => told++)
  space.setQuota('a', 1_000_000)
  assert.deepEqual([space.isAmple(10), space.refusal(a, 10), space.isFull], [true, undefined, false])
  assert.deepEqual([space.isAmple(200_000), space.refusal(a, 200_000), space.alarms], [false, NO_SPACE, ['1']])
  used = 0
  space.defragment('a', ['a'])
  assert.deepEqual([space.isAmple(1), space.refusal(b, 1)], [false, NO_SPACE])
  assert.deepEqual([space.disarm(), space.refusal(a, 1), told], [['1'], undefined, 2])
  assert.deepEqual([space.disarm(), told], [[], 2])
})

test('a write that one member has room for raises the alarm of another one that has none', () => {
  let used = 100
  const space = new DatabaseSpace(() => used)
  space.setQuota('a', -1)
  space.setQuota('b', 500_000)
  assert.equal(space.refusal(a, 600_000), undefined)
  used = 600_100
  assert.equal(space.isAmple(0), false)
  space.noteWrite([a, b])
  assert.deepEqual([space.alarms, space.refusal(a, 1)], [['2'], NO_SPACE])
})

test('a quota of 0 is that of 2 GiB; a request of more than one and a half MiB is too large', () => {
  const space = new DatabaseSpace(() => 0)
  space.setQuota('a', 0)
  assert.equal(space.quotaOf('a'), 2_147_483_648)
  assert.equal(sizeProblem(1_572_864), undefined)
  assert.equal(sizeProblem(1_572_865), 'etcdserver: request is too large')
  assert.match(sizeProblem(2_097_153) ?? '', /larger than max \(2097153 vs\. 2097152\)/)
})
