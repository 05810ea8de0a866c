import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileCel } from '../../sim/scenario/cel.ts'
import { findMismatch } from '../../sim/scenario/checks/partial-object.ts'
import { judge, type Span } from '../../sim/scenario/checks/time-modes.ts'
import type { CheckWhen } from '../../sim/scenario/types.ts'
import { drawParams, fillText, fillValue, variantCount } from '../../sim/scenario/variant.ts'

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

const partial: { name: string; expected: unknown; actual: unknown; path?: string }[] = [
  {
    name: 'what is named is there',
    expected: { spec: { replicas: 3 } },
    actual: { spec: { replicas: 3, paused: true } },
  },
  {
    name: 'another value',
    expected: { spec: { replicas: 3 } },
    actual: { spec: { replicas: 2 } },
    path: 'spec.replicas',
  },
  { name: 'a missing branch', expected: { status: { phase: 'Running' } }, actual: {}, path: 'status' },
  {
    name: 'items in another order',
    expected: { env: [{ name: 'B' }, { name: 'A' }] },
    actual: { env: [{ name: 'A' }, { name: 'B', value: '1' }] },
  },
  {
    name: 'an item too few',
    expected: { env: [{ name: 'A' }, { name: 'A' }] },
    actual: { env: [{ name: 'A' }] },
    path: 'env[1]',
  },
  {
    name: 'the difference inside the only item',
    expected: { c: [{ image: 'x' }] },
    actual: { c: [{ image: 'y' }] },
    path: 'c[0].image',
  },
  { name: 'a number for a text', expected: { port: 80 }, actual: { port: '80' }, path: 'port' },
]
for (const { name, expected, actual, path } of partial)
  test(`partial objects: ${name}`, () => assert.equal(findMismatch(expected, actual)?.path, path))

const expressions: { text: string; value?: unknown; error?: RegExp }[] = [
  { text: 'pods.size() + 1', value: 2 },
  { text: "pods.exists(p, p.spec.replicas == 3 && p.metadata.name.startsWith('a'))", value: true },
  { text: 'pods.map(p, p.metadata.name)', value: ['a'] },
  { text: 'pods[0].status.nothing', error: /nothing/ },
  { text: 'unknown.size()', error: /unresolved/ },
]
for (const { text, value, error } of expressions)
  test(`CEL ${text} gives ${error ?? JSON.stringify(value)}`, () => {
    const outcome = compileCel(text).evaluate({
      pods: [{ metadata: { name: 'a' }, spec: { replicas: 3 }, status: {} }],
    })
    if (error) assert.match('error' in outcome ? outcome.error : '', error)
    else assert.deepEqual(outcome, { value })
  })

test('what is no CEL is refused with its text', () => {
  assert.throws(() => compileCel('pods.filter(p,'), /not a CEL expression: pods\.filter\(p,/)
})

test('parameters are decided by seed and specification, and rejected combinations are not drawn', () => {
  const specs = { app: { oneOf: ['web', 'api'] }, replicas: { int: { min: 2, max: 6, step: 2 } } }
  assert.deepEqual(drawParams(specs, 's'), drawParams(specs, 's'))
  const drawn = Array.from({ length: 60 }, (_, i) => drawParams(specs, `s${i}`, ["app == 'web' && replicas == 6"]))
  assert.ok(drawn.every(({ app, replicas }) => !(app === 'web' && replicas === 6)))
  assert.equal(new Set(drawn.map((params) => JSON.stringify(params))).size, 5)
  assert.equal(variantCount(specs), 6)
  assert.throws(() => drawParams(specs, 's', ['true']), /no variant is left/)
})

test('texts are filled with parameters, and a text that is one parameter becomes its value', () => {
  assert.deepEqual(fillValue({ 'a-{{n}}': ['{{n}}', 'x{{n}}'] }, { n: 3 }), { 'a-3': [3, 'x3'] })
  assert.throws(() => fillText('{{nope}}', { n: 3 }), /\{\{nope\}\} is no parameter; there are n/)
})

test('a check that waits longer than the run was observed says how long it was watched', () => {
  const { why } = judge({ mode: 'eventually', withinSeconds: 3600 }, spans([0, false]), 5000, 65_000)
  assert.equal(why, 'it did not hold within 60 s of the last command')
  const inTime = judge({ mode: 'eventually', withinSeconds: 10 }, spans([0, false]), 5000, 65_000)
  assert.equal(inTime.why, 'it did not hold within 10 s of the last command')
})
