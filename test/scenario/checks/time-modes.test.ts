/** When a check has to hold. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allHold, decidingPart, judge, type Span } from '../../../sim/scenario/checks/time-modes.ts'
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
  why?: string | undefined
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
  {
    name: 'settled: nothing was ever looked at',
    when: { mode: 'settled' },
    spans: [],
    holds: false,
    why: undefined,
  },
  {
    name: 'settled: never held',
    when: { mode: 'settled' },
    spans: spans([0, false]),
    holds: false,
    failsAt: 0,
    why: undefined,
  },
  {
    name: 'settled: lost for the second time, which is when it was lost',
    when: { mode: 'settled' },
    spans: spans([0, false], [2, true], [4, false], [6, true], [8.25, false]),
    holds: false,
    failsAt: 8.25,
    why: 'it held until 8.3 s',
  },
  {
    name: 'settled: lost and found again',
    when: { mode: 'settled' },
    spans: spans([0, true], [4, false], [6, true]),
    holds: true,
    failsAt: 4,
    why: undefined,
  },
  {
    name: 'eventually: at the last moment of the limit',
    when: { mode: 'eventually', withinSeconds: 5 },
    spans: spans([0, false], [5, true]),
    holds: true,
  },
  {
    name: 'eventually: a moment behind the limit',
    when: { mode: 'eventually', withinSeconds: 5 },
    spans: spans([0, false], [5.001, true]),
    holds: false,
    why: 'it did not hold within 5 s of the last command',
  },
  {
    name: 'eventually: the last command itself ended it',
    when: { mode: 'eventually', withinSeconds: 5 },
    spans: spans([0, true], [6, false]),
    lastCommand: 6,
    holds: false,
    why: 'it did not hold within 5 s of the last command',
  },
  {
    name: 'eventually: it held a moment longer than the last command',
    when: { mode: 'eventually', withinSeconds: 5 },
    spans: spans([0, true], [6.001, false]),
    lastCommand: 6,
    holds: true,
  },
  {
    name: 'eventually: it holds since the last command, with which the observation ends',
    when: { mode: 'eventually', withinSeconds: 5 },
    spans: spans([0, false], [20, true]),
    lastCommand: 20,
    holds: true,
  },
  {
    name: 'always: broken until the window begins',
    when: { mode: 'always', fromSeconds: 5 },
    spans: spans([0, false], [5, true]),
    holds: true,
  },
  {
    name: 'always: broken a moment longer',
    when: { mode: 'always', fromSeconds: 5 },
    spans: spans([0, false], [5.001, true]),
    holds: false,
    failsAt: 5,
    why: 'it stopped holding at 5.0 s',
  },
  {
    name: 'always: broken as the window ends',
    when: { mode: 'always', toSeconds: 15 },
    spans: spans([0, true], [15, false]),
    holds: true,
  },
  {
    name: 'always: broken a moment before that',
    when: { mode: 'always', toSeconds: 15 },
    spans: spans([0, true], [14.999, false]),
    holds: false,
    failsAt: 14.999,
    why: 'it stopped holding at 15.0 s',
  },
  {
    name: 'always: broken in the first second, from the hand-over on',
    when: { mode: 'always' },
    spans: spans([0, false], [0.5, true]),
    holds: false,
    failsAt: 0,
    why: 'it stopped holding at 0.0 s',
  },
  {
    name: 'always: broken at last',
    when: { mode: 'always' },
    spans: spans([0, true], [19.999, false]),
    holds: false,
    failsAt: 19.999,
  },
  {
    name: 'never: told when it happened',
    when: { mode: 'never', fromSeconds: 2 },
    spans: spans([0, true], [3, false]),
    holds: false,
    failsAt: 2,
    why: 'it happened at 2.0 s',
  },
  {
    name: 'stable: just as long as demanded',
    when: { mode: 'stable', forSeconds: 8, withinSeconds: 20 },
    spans: spans([0, false], [3, true], [11, false]),
    holds: true,
  },
  {
    name: 'stable: a moment too short',
    when: { mode: 'stable', forSeconds: 8, withinSeconds: 20 },
    spans: spans([0, false], [3, true], [10.999, false]),
    holds: false,
    why: 'it never held for 8 s without a break',
  },
  {
    name: 'stable: what was before the last command does not count',
    when: { mode: 'stable', forSeconds: 8, withinSeconds: 20 },
    spans: spans([0, true], [12, false]),
    lastCommand: 5,
    holds: false,
  },
  {
    name: 'stable: begun at the last moment of the limit',
    when: { mode: 'stable', forSeconds: 4, withinSeconds: 10 },
    spans: spans([0, false], [12, true]),
    lastCommand: 2,
    holds: true,
  },
  {
    name: 'stable: begun a moment behind the limit',
    when: { mode: 'stable', forSeconds: 4, withinSeconds: 10 },
    spans: spans([0, false], [12.001, true]),
    lastCommand: 2,
    holds: false,
  },
  {
    name: 'stable: it has to hold, not to fail, for so long',
    when: { mode: 'stable', forSeconds: 8, withinSeconds: 20 },
    spans: spans([0, false]),
    holds: false,
  },
  {
    name: 'once: just as long as demanded, at the end',
    when: { mode: 'once', forSeconds: 5 },
    spans: spans([0, false], [15, true]),
    holds: true,
  },
  {
    name: 'once: a moment too short',
    when: { mode: 'once', forSeconds: 5 },
    spans: spans([0, false], [15.001, true]),
    holds: false,
    why: 'at no time did it hold for 5 s without a break',
  },
]
for (const { name, when, spans: given, lastCommand = 0, holds, failsAt, ...told } of modes)
  test(`${name} gives ${holds}`, () => {
    const verdict = judge(when, given, lastCommand * 1000, 20_000)
    assert.equal(verdict.holds, holds)
    if (failsAt !== undefined) assert.equal(verdict.firstFailAtMs, failsAt * 1000)
    if ('why' in told) assert.equal(verdict.why, told.why)
    else if (holds) assert.equal(verdict.why, undefined)
  })

test('a verdict tells when it first held and when it first did not, whatever it is', () => {
  const held = spans([0, false], [3, true], [7, false], [9, true])
  for (const when of [
    { mode: 'settled' },
    { mode: 'eventually', withinSeconds: 10 },
    { mode: 'always', fromSeconds: 9 },
    { mode: 'stable', forSeconds: 4, withinSeconds: 10 },
    { mode: 'once', forSeconds: 4 },
  ] as const) {
    const { firstPassAtMs, firstFailAtMs } = judge(when, held, 0, 20_000)
    assert.deepEqual([firstPassAtMs, firstFailAtMs], [3000, 0])
  }
})

test('a check that waits longer than the run was observed says how long it was watched', () => {
  const { why } = judge({ mode: 'eventually', withinSeconds: 3600 }, spans([0, false]), 5000, 65_000)
  assert.equal(why, 'it did not hold within 60 s of the last command')
  const inTime = judge({ mode: 'eventually', withinSeconds: 10 }, spans([0, false]), 5000, 65_000)
  assert.equal(inTime.why, 'it did not hold within 10 s of the last command')
})

const run = { fromMs: 1000, lastCommandMs: 5000, endMs: 20_000 }
const parts: [name: string, when: CheckWhen, fromMs: number, toMs: number][] = [
  ['settled: the end', { mode: 'settled' }, 20_000, 20_000],
  ['eventually: from the last command to the limit', { mode: 'eventually', withinSeconds: 6 }, 5000, 11_000],
  ['eventually: to the end at most', { mode: 'eventually', withinSeconds: 60 }, 5000, 20_000],
  ['stable: until it may be over', { mode: 'stable', withinSeconds: 6, forSeconds: 4 }, 5000, 15_000],
  ['always: the whole run', { mode: 'always' }, 1000, 20_000],
  ['always: the window', { mode: 'always', fromSeconds: 3, toSeconds: 9 }, 3000, 9000],
  ['never: to the end at most', { mode: 'never', fromSeconds: 3, toSeconds: 90 }, 3000, 20_000],
  ['once: the whole run', { mode: 'once', forSeconds: 4 }, 1000, 20_000],
]
for (const [name, when, fromMs, toMs] of parts)
  test(`what decides: ${name}`, () => assert.deepEqual(decidingPart(when, run), { fromMs, toMs }))

test('all hold where each does, from the moment at which each was looked at', () => {
  const all = (...courses: Span[][]) => allHold(courses).map(({ fromMs, holds }) => [fromMs / 1000, holds])
  assert.deepEqual(all(spans([0, true], [4, false]), spans([0, true], [2, false], [3, true])), [
    [0, true],
    [2, false],
    [3, true],
    [4, false],
  ])
  assert.deepEqual(all(spans([0, true]), spans([2, true])), [
    [0, false],
    [2, true],
  ])
  assert.deepEqual(all(spans([10, true], [12, false]), spans([9, true])), [
    [9, false],
    [10, true],
    [12, false],
  ])
  assert.deepEqual(all(), [])
})
