import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ownMsBetween, watchOwnWork } from '../../../scripts/hostile/own-work.ts'

test('what of a wait is the client’s own work is what falls into it, and no more than it computed', () => {
  const stretches = [
    { startMs: 100, endMs: 200, busyMs: 100 },
    { startMs: 300, endMs: 400, busyMs: 10 },
  ]
  assert.equal(ownMsBetween(0, 50, stretches), 0)
  assert.equal(ownMsBetween(150, 250, stretches), 50)
  assert.equal(ownMsBetween(0, 1000, stretches), 110)
  assert.equal(ownMsBetween(350, 1000, stretches), 10)
})

test('a process that computes knows when it did', async () => {
  const { stretches, stop } = watchOwnWork()
  await pause(20)
  const startMs = performance.now()
  const before = process.cpuUsage()
  // By the processor's clock: beside other programs it takes longer.
  while (process.cpuUsage(before).user < 80_000);
  const endMs = performance.now()
  await pause(20)
  stop()
  const own = ownMsBetween(startMs, endMs, stretches())
  assert.ok(own > 20, `${own} of 80 ms`)
  assert.equal(ownMsBetween(startMs - 10_000, startMs - 5000, stretches()), 0)
})
