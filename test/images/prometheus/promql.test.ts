/** PromQL: what expressions come to over series that are written down, and how those are refused that are none. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseExposition } from '../../../sim/images/prometheus/exposition.ts'
import { parsePrometheusDuration, printPrometheusDuration } from '../../../sim/images/prometheus/promql/duration.ts'
import { evaluate, printLabels, printValue } from '../../../sim/images/prometheus/promql/evaluate.ts'
import { parsePromql } from '../../../sim/images/prometheus/promql/parse.ts'
import { PromqlError, QueryTimeout } from '../../../sim/images/prometheus/promql/types.ts'
import { SeriesStore } from '../../../sim/images/prometheus/series-store.ts'

const STEP_MS = 60_000

/** A line for each series, with a value for each minute from the beginning on; `_` is none, `x` says that it is gone. */
function load(lines: readonly string[]): SeriesStore {
  const store = new SeriesStore()
  for (const line of lines) {
    const [, series, values] = /^(\S+)\s+(.*)$/.exec(line)!
    const [{ labels }] = parseExposition(`${series} 0\n`)
    for (const [n, text] of values.split(' ').entries())
      if (text !== '_') store.append(labels, n * STEP_MS, text === 'x' ? undefined : Number(text))
  }
  return store
}

const store = load([
  'requests_total{code="200",path="/a"} 0 60 120 180 240 300 360 420 480 540 600',
  'requests_total{code="500",path="/a"} 0 6 12 18 24 30 36 42 48 54 60',
  'requests_total{code="200",path="/b"} 0 30 60 10 40 70 100 130 160 190 220',
  'temperature{room="x"} 1 2 3 4 5 6 7 8 9 10 11',
  'temperature{room="y"} 5 5 5 5 5 5 5 5 5 5 5',
  'gone{room="x"} 1 1 1 1 1 1 1 1 1 1 x',
  'late{room="x"} 1 1 1 1 1 1',
  'limit{room="x"} _ _ _ _ _ _ _ _ _ _ 10',
  'limit{room="y"} _ _ _ _ _ _ _ _ _ _ 20',
  'owner{room="x",who="ann"} _ _ _ _ _ _ _ _ _ _ 1',
  'owner{room="y",who="bob"} _ _ _ _ _ _ _ _ _ _ 1',
  'took_bucket{le="0.1"} _ _ _ _ _ _ _ _ _ _ 10',
  'took_bucket{le="0.5"} _ _ _ _ _ _ _ _ _ _ 30',
  'took_bucket{le="+Inf"} _ _ _ _ _ _ _ _ _ _ 40',
])

/** At the tenth minute, one line for each element. */
function at(text: string, minute = 10): string[] {
  const value = evaluate(parsePromql(text), { source: store, atMs: minute * STEP_MS, intervalMs: STEP_MS })
  if (value.is === 'scalar' || value.is === 'string')
    return [`${value.is} ${value.is === 'scalar' ? printValue(value.value) : value.value}`]
  if (value.is === 'matrix')
    return value.ranges.map(
      ({ labels, points }) => `${printLabels(labels)} ${points.map(({ value: one }) => one).join(' ')}`,
    )
  return value.samples.map(
    (sample) => `${printLabels(sample.labels)} ${printValue(Number(sample.value.toPrecision(10)))}`,
  )
}

const cases: readonly (readonly [expression: string, ...lines: string[]])[] = [
  ['temperature', 'temperature{room="x"} 11', 'temperature{room="y"} 5'],
  ['temperature{room!="x"}', 'temperature{room="y"} 5'],
  ['temperature{room=~"x|z"}', 'temperature{room="x"} 11'],
  ['{__name__=~"temp.*", room!~"y.*"}', 'temperature{room="x"} 11'],
  ['{"temperature", room="x"}', 'temperature{room="x"} 11'],
  ['temperature{room="x"} offset 3m', 'temperature{room="x"} 8'],
  ['temperature{room="x"} @ 120', 'temperature{room="x"} 3'],
  ['temperature{room="x"}[3m]', 'temperature{room="x"} 9 10 11'],
  // What is gone is gone at once; what is not told of any more, after five minutes.
  ['gone'],
  ['gone offset 1m', 'gone{room="x"} 1'],
  ['late'],
  ['rate(requests_total{code="500"}[5m])', '{code="500", path="/a"} 0.1'],
  ['increase(requests_total{code="500"}[5m])', '{code="500", path="/a"} 30'],
  // It began anew in between, and was never below zero.
  ['increase(requests_total{path="/b"}[10m])', '{code="200", path="/b"} 277.7777778'],
  ['irate(requests_total{code="500"}[5m])', '{code="500", path="/a"} 0.1'],
  ['resets(requests_total{path="/b"}[10m])', '{code="200", path="/b"} 1'],
  ['changes(temperature[10m])', '{room="x"} 9', '{room="y"} 0'],
  ['delta(temperature{room="x"}[5m])', '{room="x"} 5'],
  ['deriv(temperature{room="x"}[5m]) * 60', '{room="x"} 1'],
  ['predict_linear(temperature{room="x"}[5m], 600)', '{room="x"} 21'],
  ['avg_over_time(temperature{room="x"}[3m])', '{room="x"} 10'],
  ['max_over_time(temperature{room="x"}[1h:2m])', '{room="x"} 11'],
  ['quantile_over_time(0.5, temperature{room="x"}[3m])', '{room="x"} 10'],
  ['last_over_time(temperature{room="y"}[3m])', 'temperature{room="y"} 5'],
  ['present_over_time(late[20m])', '{room="x"} 1'],
  ['sum(requests_total)', '{} 880'],
  ['sum by (code) (requests_total)', '{code="200"} 820', '{code="500"} 60'],
  ['sum without (code) (requests_total)', '{path="/a"} 660', '{path="/b"} 220'],
  ['count(temperature) by (room)', '{room="x"} 1', '{room="y"} 1'],
  ['avg(temperature)', '{} 8'],
  ['min(temperature) or vector(3)', '{} 5'],
  ['topk(1, requests_total)', 'requests_total{code="200", path="/a"} 600'],
  ['bottomk(1, temperature)', 'temperature{room="y"} 5'],
  ['quantile(0.5, temperature)', '{} 8'],
  ['count_values("value", limit)', '{value="10"} 1', '{value="20"} 1'],
  ['stddev(temperature)', '{} 3'],
  ['temperature > 6', 'temperature{room="x"} 11'],
  ['temperature > bool 6', '{room="x"} 1', '{room="y"} 0'],
  ['6 < temperature', 'temperature{room="x"} 11'],
  ['temperature > limit', 'temperature{room="x"} 11'],
  ['temperature / limit', '{room="x"} 1.1', '{room="y"} 0.25'],
  ['sum(requests_total{code="500"}) / sum(requests_total) * 100', '{} 6.818181818'],
  ['temperature * on(room) group_left(who) owner', '{room="x", who="ann"} 11', '{room="y", who="bob"} 5'],
  ['owner * on(room) group_right(who) temperature', '{room="x", who="ann"} 11', '{room="y", who="bob"} 5'],
  [
    'requests_total / ignoring(code) group_left sum without (code) (requests_total)',
    '{code="200", path="/a"} 0.9090909091',
    '{code="500", path="/a"} 0.09090909091',
    '{code="200", path="/b"} 1',
  ],
  ['temperature and on(room) limit > 15', 'temperature{room="y"} 5'],
  ['temperature unless limit{room="x"}', 'temperature{room="y"} 5'],
  ['limit{room="x"} or temperature', 'limit{room="x"} 10', 'temperature{room="y"} 5'],
  ['absent(nothing{room="z", who=~"a.*"})', '{room="z"} 1'],
  ['absent(temperature)'],
  ['absent_over_time(nothing{room="z"}[5m])', '{room="z"} 1'],
  [
    'label_replace(owner, "name", "$1-$2", "who", "(.)(.*)")',
    'owner{name="a-nn", room="x", who="ann"} 1',
    'owner{name="b-ob", room="y", who="bob"} 1',
  ],
  ['label_join(owner{who="bob"}, "both", "/", "room", "who")', 'owner{both="y/bob", room="y", who="bob"} 1'],
  ['histogram_quantile(0.5, took_bucket)', '{} 0.3'],
  ['histogram_quantile(0.9, took_bucket)', '{} 0.5'],
  ['scalar(limit{room="x"}) + 1', 'scalar 11'],
  ['time() - timestamp(temperature{room="x"})', '{room="x"} 0'],
  ['clamp(temperature, 6, 8)', '{room="x"} 8', '{room="y"} 6'],
  ['round(temperature{room="x"} / 3, 0.5)', '{room="x"} 3.5'],
  ['-temperature{room="y"}', '{room="y"} -5'],
  ['sort_desc(temperature)', 'temperature{room="x"} 11', 'temperature{room="y"} 5'],
  ['temperature{room="x"} - temperature{room="x"} offset 5m > 4', '{room="x"} 5'],
  ['1 + 2 * 3 ^ 2', 'scalar 19'],
  ['-2 ^ 2', 'scalar -4'],
  ['2 ^ 3 ^ 2', 'scalar 512'],
  ['(1 + 2) * 3 % 4', 'scalar 1'],
  ['1h30m', 'scalar 5400'],
  ['1 / 0', 'scalar +Inf'],
  ['"text"', 'string text'],
  ['hour(vector(7200))', '{} 2'],
  ['day_of_week()', '{} 4'],
  ['sum(temperature{room="x"} @ end()) # a comment', '{} 11'],
]

test('expressions come to what the documentation says', () => {
  for (const [text, ...lines] of cases) assert.deepEqual(at(text), lines, text)
})

test('what is no expression is refused where it stops to be one', () => {
  for (const [text, message] of [
    ['sum(up', '1:7: parse error: unexpected end of input in expression, expected ")"'],
    ['up{job="a"', '1:11: parse error: unexpected end of input in label matching, expected "," or "}"'],
    ['up{job=a}', '1:8: parse error: unexpected identifier "a" in label matching, expected string'],
    ['up{job~"a"}', '1:7: parse error: unexpected character: "~"'],
    ['rate(up)', '1:6: parse error: expected type range vector in call to function "rate", got instant vector'],
    ['up[5m] > 1', '1:1: parse error: binary expression must contain only scalar and instant vector types'],
    ['nope(up)', '1:1: parse error: unknown function with name "nope"'],
    ['rate(up[5m], 1)', '1:1: parse error: expected 1 argument(s) in call to "rate", got 2'],
    ['1 > 2', '1:1: parse error: comparisons between scalars must use BOOL modifier'],
    ['{job=""}', '1:1: parse error: vector selector must contain at least one non-empty matcher'],
    ['up{job=~"("}', '1:9: parse error: error parsing regexp: missing closing ): `(`'],
    ['topk(up)', '1:1: parse error: wrong number of arguments for aggregate expression provided, expected 2, got 1'],
    ['up\nand 1', '1:1: parse error: set operator "and" not allowed in binary scalar expression'],
    ['sum(up)[5m]', '1:8: parse error: ranges only allowed for vector selectors'],
    ['up offset 5m[5m]', '1:13: parse error: no offset modifiers allowed before range'],
    ['"a', '1:1: parse error: unterminated quoted string'],
    ['', '1:1: parse error: unexpected end of input'],
    ['a b', '1:3: parse error: unexpected identifier "b"'],
    [`${'('.repeat(200)}1${')'.repeat(200)}`, '1:101: parse error: the expression is nested too deeply'],
  ])
    assert.throws(() => parsePromql(text), { name: 'PromqlError', message }, text)
})

test('two sides that do not belong together one to one say so', () => {
  assert.throws(() => at('temperature * on() limit'), /many-to-many matching not allowed/)
  assert.throws(
    () => at('requests_total * on(path) sum by (path) (requests_total)'),
    /many-to-one matching must be explicit/,
  )
  assert.throws(() => at('label_replace(temperature, "room", "z", "room", ".*")'), /same labelset/)
})

test('a question that takes too long is ended, and a pattern that would take for ever is not tried for ever', () => {
  assert.throws(() => at('count_over_time(temperature[300d:1s])'), QueryTimeout)
  assert.throws(() => at(`${'max_over_time('.repeat(9)}temperature${'[1d:1s])'.repeat(9)}`), QueryTimeout)
  assert.throws(() => at(`${'1'.repeat(200_000)}a`), PromqlError)
  assert.deepEqual(at(`temperature{room=~"(x+x+)+y"}`), [])
})

test('labels that double themselves and series without number come to an end', () => {
  const doubled = (depth: number): string =>
    depth === 0 ? 'temperature' : `label_replace(${doubled(depth - 1)}, "room", "$1$1", "room", "(.*)")`
  assert.deepEqual(at(doubled(3)), [
    `temperature{room="${'x'.repeat(8)}"} 11`,
    `temperature{room="${'y'.repeat(8)}"} 5`,
  ])
  assert.throws(() => at(doubled(40)), /more than 100000 characters/)
  const crowd = new SeriesStore()
  for (let round = 0; round < 30; round++)
    for (let n = 0; n < 21_000; n++) crowd.append({ __name__: 'x', n: String(n) }, round * 1000, n)
  assert.equal(crowd.count, 20_000)
  const kept = crowd
    .select([{ label: '__name__', op: '=', value: 'x' }], 0, 1e9)
    .reduce((sum, { points }) => sum + points.length, 0)
  assert.ok(kept <= 400_000 && kept > 100_000, `${kept} points are kept`)
})

test('durations are read and written with units of descending size', () => {
  assert.deepEqual(['1h30m', '5m', '1d', '0', '90s', '5x', '1m1h', '', '300y'].map(parsePrometheusDuration), [
    5_400_000,
    300_000,
    86_400_000,
    0,
    90_000,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
  assert.deepEqual([5_400_000, 300_000, 15_000, 0, 604_800_000, 1500].map(printPrometheusDuration), [
    '1h30m',
    '5m',
    '15s',
    '0s',
    '1w',
    '1s500ms',
  ])
})
