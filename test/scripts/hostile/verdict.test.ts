import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isOfCluster, limitOf, type Probe, probeGapMs, slowness, waits } from '../../../scripts/hostile/verdict.ts'

const probes = (...taken: number[]): Probe[] => taken.map((ms, n) => ({ kind: 'pods', startMs: n * 100, ms }))
const idle = new Map([['pods', Array(20).fill(5)]])

test('who waits once for ten seconds waits more often than who is answered at once a few times', () => {
  const taken = waits(probes(10_000))
  assert.ok(taken.length > 200, `${taken.length} waits`)
  assert.equal(Math.max(...taken), 10_000)
  assert.ok(Math.min(...taken) > probeGapMs)
})

const cases = [
  { name: 'no probe', taken: [], isSlow: false },
  { name: 'the usual', taken: Array(50).fill(6), isSlow: false },
  { name: 'one pause that nobody feels', taken: [...Array(60).fill(5), 80], isSlow: false },
  { name: 'one hang', taken: [...Array(50).fill(5), 15_000], isSlow: true },
  { name: 'each a little slower', taken: Array(50).fill(70), isSlow: true },
]
for (const { name, taken, isSlow } of cases)
  test(`${name}: others are ${isSlow ? '' : 'not '}slowed`, () => {
    assert.equal(slowness(probes(...taken), idle).length > 0, isSlow)
  })

test('the limit is twice what is usual, and never less than what is felt', () => {
  assert.equal(limitOf(Array(100).fill(400)), 800)
  assert.equal(limitOf(Array(100).fill(5)), 55)
})

const answers: readonly { name: string; body: string; isOfCluster: boolean }[] = [
  {
    name: 'an error that a real API server makes no Status of',
    body: '{"kind":"Status","apiVersion":"v1","status":"Failure","message":"target.name: Required value","code":500}',
    isOfCluster: true,
  },
  {
    name: 'the same in YAML',
    body: 'apiVersion: v1\ncode: 500\nkind: Status\nmessage: "target.name: Required value"\n',
    isOfCluster: true,
  },
  {
    name: 'an internal error in its own words',
    body: '{"kind":"Status","message":"Internal error occurred: failed to allocate a nodePort","reason":"InternalError","code":500}',
    isOfCluster: true,
  },
  {
    name: 'an exception that nobody caught',
    body: '{"kind":"Status","message":"Internal error occurred","reason":"InternalError","code":500}',
    isOfCluster: false,
  },
  {
    name: 'a process that was lost',
    body: '{"kind":"Status","message":"the sandbox was closed","reason":"InternalError","code":500}',
    isOfCluster: false,
  },
  { name: 'a page', body: '<h1>Something went wrong</h1>', isOfCluster: false },
]
for (const { name, body, isOfCluster: expected } of answers)
  test(`a 500 is the cluster's own or ours: ${name}`, () => assert.equal(isOfCluster(body), expected))
