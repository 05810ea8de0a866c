/** When a check has to hold. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judge, type Span } from '../../../sim/scenario/checks/time-modes.ts'
import type { CheckWhen } from '../../../sim/scenario/types.ts'

const spans = (...changes: [atSeconds: number, holds: boolean][]): Span[] =>
  changes.map(([at, holds]) => ({ fromMs: at * 1000, holds }))

const modes: {
  name: string
  when: CheckWhen
  spans: Span[]
  lastCommand?: number
  holds: boolean
  failsAt?: number
}[] = [
  { name: 'settled: holds at the end', when: { mode: 'settled' }, spans: spans([0, false], [9, true]), holds: true },
  {
    name: 'settled: held once, and no more',
    when: { mode: 'settled' },
    spans: spans([0, true], [9, false]),
    holds: false,
    failsAt: 9,
  },
  {
    name: 'eventually: in time',
    when: { mode: 'eventually', withinSeconds: 10 },
    spans: spans([0, false], [9, true]),
    holds: true,
  },
  {
    name: 'eventually: too late',
    when: { mode: 'eventually', withinSeconds: 5 },
    spans: spans([0, false], [9, true]),
    holds: false,
  },
  {
    name: 'eventually: counted from the last command',
    when: { mode: 'eventually', withinSeconds: 5 },
    spans: spans([0, false], [9, true]),
    lastCommand: 6,
    holds: true,
  },
  {
    name: 'eventually: only before the last command',
    when: { mode: 'eventually', withinSeconds: 5 },
    spans: spans([0, true], [2, false]),
    lastCommand: 6,
    holds: false,
  },
  { name: 'always: without a break', when: { mode: 'always' }, spans: spans([0, true]), holds: true },
  {
    name: 'always: a break',
    when: { mode: 'always' },
    spans: spans([0, true], [4, false], [4.1, true]),
    holds: false,
    failsAt: 4,
  },
  {
    name: 'always: a break outside the window',
    when: { mode: 'always', fromSeconds: 5, toSeconds: 15 },
    spans: spans([0, false], [4, true], [16, false]),
    holds: true,
  },
  { name: 'never: never', when: { mode: 'never' }, spans: spans([0, false]), holds: true },
  {
    name: 'never: once',
    when: { mode: 'never' },
    spans: spans([0, false], [3, true], [3.5, false]),
    holds: false,
    failsAt: 3,
  },
  {
    name: 'stable: long enough',
    when: { mode: 'stable', forSeconds: 8, withinSeconds: 20 },
    spans: spans([0, false], [3, true], [12, false]),
    holds: true,
  },
  {
    name: 'stable: broken in between',
    when: { mode: 'stable', forSeconds: 8, withinSeconds: 20 },
    spans: spans([0, true], [4, false], [5, true], [11, false]),
    holds: false,
  },
  {
    name: 'once: long enough, before the last command',
    when: { mode: 'once', forSeconds: 5 },
    spans: spans([0, false], [3, true], [8, false]),
    lastCommand: 12,
    holds: true,
  },
  {
    name: 'once: twice, and each time too short',
    when: { mode: 'once', forSeconds: 5 },
    spans: spans([0, true], [4, false], [6, true], [10, false]),
    holds: false,
  },
]
for (const { name, when, spans: given, lastCommand = 0, holds, failsAt } of modes)
  test(`${name} gives ${holds}`, () => {
    const verdict = judge(when, given, lastCommand * 1000, 20_000)
    assert.equal(verdict.holds, holds)
    if (failsAt !== undefined) assert.equal(verdict.firstFailAtMs, failsAt * 1000)
  })

test('a check that waits longer than the run was observed says how long it was watched', () => {
  const { why } = judge({ mode: 'eventually', withinSeconds: 3600 }, spans([0, false]), 5000, 65_000)
  assert.equal(why, 'it did not hold within 60 s of the last command')
  const inTime = judge({ mode: 'eventually', withinSeconds: 10 }, spans([0, false]), 5000, 65_000)
  assert.equal(inTime.why, 'it did not hold within 10 s of the last command')
})
