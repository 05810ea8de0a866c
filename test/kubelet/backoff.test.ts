import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Backoff, durationText } from '../../sim/kubelet/backoff.ts'

function aBackoff() {
  const clock = { nowMs: 0 }
  return { clock, backoff: new Backoff(10_000, 300_000, () => clock.nowMs) }
}

test('a first failure is not held back, and delays what follows it by ten seconds', () => {
  const { clock, backoff } = aBackoff()
  assert.equal(backoff.isWithinDelaySince('c', 0), false)
  backoff.next('c', 0)
  clock.nowMs = 9_999
  assert.equal(backoff.isWithinDelaySince('c', 0), true)
  clock.nowMs = 10_000
  assert.equal(backoff.isWithinDelaySince('c', 0), false)
})

test('delays double up to five minutes', () => {
  const { clock, backoff } = aBackoff()
  const delays = []
  for (let n = 0; n < 8; n++) {
    backoff.next('c', clock.nowMs)
    delays.push(backoff.delayMs('c') / 1000)
    clock.nowMs += backoff.delayMs('c')
  }
  assert.deepEqual(delays, [10, 20, 40, 80, 160, 300, 300, 300])
})

test('ten minutes of running forgive the failures before', () => {
  const { clock, backoff } = aBackoff()
  backoff.next('c', 0)
  backoff.next('c', 0)
  clock.nowMs = 600_001
  assert.equal(backoff.isWithinDelaySince('c', 600_001), false)
  backoff.next('c', 600_001)
  assert.equal(backoff.delayMs('c'), 10_000)
})

test('keys are told apart, and can be forgotten', () => {
  const { backoff } = aBackoff()
  backoff.next('a', 0)
  assert.equal(backoff.delayMs('b'), 0)
  backoff.forget((key) => key === 'a')
  assert.equal(backoff.delayMs('a'), 0)
})

const durations: [ms: number, text: string][] = [
  [10_000, '10s'],
  [80_000, '1m20s'],
  [160_000, '2m40s'],
  [300_000, '5m0s'],
  [3_600_000, '1h0m0s'],
  [1500, '1.5s'],
  [250, '250ms'],
  [0, '0s'],
]
for (const [ms, text] of durations) test(`${ms} ms are printed as ${text}`, () => assert.equal(durationText(ms), text))
