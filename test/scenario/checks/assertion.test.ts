/** What has to hold at a moment, and how it is told. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileStateAssertion, evaluateTraffic } from '../../../sim/scenario/checks/assertion.ts'
import type { Assertion, TrafficReport } from '../../../sim/scenario/types.ts'
import { snapshotOf, type Written } from './snapshot.ts'

const pod = (name: string, rest: Partial<Written> = {}): Written => ({ kind: 'Pod', metadata: { name }, ...rest })
const evaluate = (assertion: Assertion, ...objects: Written[]) =>
  compileStateAssertion(assertion)!.evaluate(snapshotOf(...objects))

const running = { status: { phase: 'Running' } }
const object = { kind: 'Pod', metadata: { name: 'web' }, ...running }

const objects: { name: string; objects: Written[]; holds: boolean; actual: string; expected: string }[] = [
  {
    name: 'one that is as it should be',
    objects: [pod('other'), pod('web', running)],
    holds: true,
    actual: 'Pod/web is as it should be',
    expected: '{"metadata":{"name":"web"},"status":{"phase":"Running"}}',
  },
  {
    name: 'one that is otherwise, with the field that differs',
    objects: [pod('web', { status: { phase: 'Pending' } })],
    holds: false,
    actual: 'Pod/web: status.phase is "Pending"',
    expected: 'status.phase to be "Running"',
  },
  {
    name: 'a field that nobody set',
    objects: [pod('web', { status: {} })],
    holds: false,
    actual: 'Pod/web: status.phase is not set',
    expected: 'status.phase to be "Running"',
  },
  {
    name: 'one that is not there',
    objects: [pod('other', running)],
    holds: false,
    actual: 'there is no Pod/web',
    expected: 'Pod/web with {"metadata":{"name":"web"},"status":{"phase":"Running"}}',
  },
]
for (const { name, objects: given, ...verdict } of objects)
  test(`an object: ${name}`, () => assert.deepEqual(evaluate({ object }, ...given), verdict))

test('an object without a name is called by its kind, and one match among several is enough', () => {
  const any = { kind: 'Pod', ...running }
  assert.equal(evaluate({ object: any }).actual, 'there is no Pod')
  assert.equal(evaluate({ object: any }, pod('a'), pod('b', running)).holds, true)
  assert.equal(evaluate({ object: any }, pod('a'), pod('b')).actual, 'Pod/a: status is not set')
})

test('an object is looked for in the own namespace, and in another one where that is named', () => {
  const away = pod('web', { ...running, metadata: { name: 'web', namespace: 'other' } })
  assert.equal(evaluate({ object }, away).holds, false)
  const named = (namespace: string) => ({ ...object, metadata: { name: 'web', namespace } })
  assert.equal(evaluate({ object: named('other') }, away).holds, true)
  assert.equal(evaluate({ object: named('third') }, away).actual, 'there is no Pod/web')
})

const counts: [count: number | string, text: string, holdsAt: (n: number) => boolean][] = [
  [2, 'exactly 2', (n) => n === 2],
  ['2', 'exactly 2', (n) => n === 2],
  ['==2', 'exactly 2', (n) => n === 2],
  ['>=2', 'at least 2', (n) => n >= 2],
  ['<=2', 'at most 2', (n) => n <= 2],
  ['> 2', 'more than 2', (n) => n > 2],
  ['<2', 'fewer than 2', (n) => n < 2],
  [0, 'exactly 0', (n) => n === 0],
]
for (const [count, text, holdsAt] of counts)
  test(`a count of ${count} wants ${text} matches`, () => {
    for (const n of [0, 1, 2, 3]) {
      const matching = Array.from({ length: n }, (_, i) => pod(`web-${i}`, running))
      const verdict = evaluate({ object: { kind: 'Pod', ...running }, count }, pod('broken'), ...matching)
      assert.deepEqual(verdict, {
        holds: holdsAt(n),
        actual: n === 1 ? '1 pod matches' : `${n} pods match`,
        expected: `${text} pods matching {"status":{"phase":"Running"}}`,
      })
    }
  })

test('one that is wanted is no plural', () => {
  const expected = (count: string) => evaluate({ object: { kind: 'NetworkPolicy' }, count }).expected
  assert.equal(expected('1'), 'exactly 1 networkpolicy matching {}')
  assert.equal(expected('>=1'), 'at least 1 networkpolicy matching {}')
})

test('a count that is none is a mistake of the author', () => {
  for (const count of ['some', '2-3', '=>2', '-1', ''])
    assert.throws(() => compileStateAssertion({ object, count }), {
      message: `count must be a number, or one after >=, <=, > or <: ${count}`,
    })
})

test('an assertion says which kinds it reads, and one that needs traffic is none about objects', () => {
  const reads = (assertion: Assertion) => [...compileStateAssertion(assertion)!.reads]
  assert.deepEqual(reads({ object }), ['pods'])
  assert.deepEqual(reads({ cel: 'services.size() == pods.size()' }).toSorted(), ['pods', 'services'])
  assert.deepEqual(reads({ unchanged: [{ kind: 'Service', name: 'a' }] }), ['services'])
  assert.equal(compileStateAssertion({ traffic: { name: 'a', cel: 'true' } }), undefined)
  assert.throws(
    () => compileStateAssertion({ object: { kind: 'Nothing' } }),
    /^Error: no kind Nothing; there are .*Pod/,
  )
})

test('an expression holds when it is true, and nothing else is', () => {
  assert.deepEqual(evaluate({ cel: 'pods.size() == 1', message: 'one Pod' }, pod('a')), {
    holds: true,
    actual: 'it holds now',
    expected: 'one Pod',
  })
  assert.equal(evaluate({ cel: 'pods.size() == 1' }, pod('a'), pod('b')).holds, false)
  assert.deepEqual(evaluate({ cel: 'pods.size()' }, pod('a')), { holds: false, actual: 'pods: a', expected: '' })
})

test('an expression sees the objects of the own namespace', () => {
  const away = pod('a', { metadata: { name: 'a', namespace: 'other' } })
  assert.equal(evaluate({ cel: 'pods.size() == 0' }, away).holds, true)
})

test('an expression sees those of all namespaces where it asks for them', () => {
  const away = pod('a', { metadata: { name: 'a', namespace: 'other' } })
  const cel = 'everywhere.pods.size() == 2 && pods.size() == 1'
  assert.equal(evaluate({ cel }, away, pod('b')).holds, true)
  assert.equal(evaluate({ cel }, away).actual, 'pods: a')
  assert.deepEqual([...compileStateAssertion({ cel })!.reads], ['pods'])
  assert.equal(evaluate({ cel: 'mine.size() == 1', let: { mine: 'everywhere.pods' } }, away).holds, true)
})

test('an expression that cannot be evaluated does not hold, and says why', () => {
  const verdict = evaluate({ cel: 'pods[0].status.nothing == 1', message: 'm' }, pod('a', running))
  assert.deepEqual([verdict.holds, verdict.expected], [false, 'm'])
  assert.match(verdict.actual, /^could not be evaluated: .*nothing/)
})

test('a part of an expression may have any name but that of a list of objects', () => {
  const named = (name: string): Assertion => ({ cel: `${name}.size() == 1`, let: { [name]: '[1]' } })
  assert.equal(evaluate(named('ready')).holds, true)
  for (const name of ['pods', 'everywhere'])
    assert.throws(() => compileStateAssertion(named(name)), {
      message: `let.${name}: is the name of a list of objects`,
    })
})

const containers = (...images: string[]) => ({ containers: images.map((image) => ({ image })) })
const scaled = (replicas: number, images: string[]) => ({ replicas, template: { spec: containers(...images) } })
const hints: [what: string, object: Written, told: string][] = [
  ['a Pod', pod('a', { ...running, spec: containers('nginx:1.27') }), 'pods: a (Running, nginx:1.27)'],
  ['a Pod of two containers', pod('a', { spec: containers('nginx', 'busybox') }), 'pods: a (nginx and busybox)'],
  ['a thing without a status', { kind: 'ConfigMap', metadata: { name: 'a' } }, 'configmaps: a'],
  [
    'a Deployment in the middle of a rollout',
    {
      ...{ kind: 'Deployment', metadata: { name: 'web' }, spec: scaled(3, ['nginx']) },
      status: { readyReplicas: 2, updatedReplicas: 1 },
    },
    'deployments: web (2/3 ready, 1 updated, nginx)',
  ],
  [
    'one that is rolled out',
    {
      ...{ kind: 'Deployment', metadata: { name: 'web' }, spec: scaled(3, ['nginx']) },
      status: { readyReplicas: 3, updatedReplicas: 3 },
    },
    'deployments: web (3/3 ready, nginx)',
  ],
  [
    'one of which nothing is ready',
    { kind: 'Deployment', metadata: { name: 'web' }, spec: scaled(3, ['nginx']), status: {} },
    'deployments: web (0/3 ready, nginx)',
  ],
  [
    'an EndpointSlice',
    {
      ...{ kind: 'EndpointSlice', metadata: { name: 'web' } },
      endpoints: [{ conditions: { ready: true } }, { conditions: { ready: false } }, {}],
    },
    'endpointslices: web (1 ready)',
  ],
  [
    'Endpoints',
    { kind: 'Endpoints', metadata: { name: 'web' }, subsets: [{ addresses: [{}, {}] }, { notReadyAddresses: [{}] }] },
    'endpoints: web (2 ready)',
  ],
]
for (const [what, one, told] of hints)
  test(`a false expression tells what there is: ${what}`, () => {
    const plural = told.slice(0, told.indexOf(':'))
    assert.equal(evaluate({ cel: `${plural}.size() == 99` }, one).actual, told)
  })

test('a false expression tells five of a kind, how many more there are, and of which kinds there is nothing', () => {
  const named = (count: number) => Array.from({ length: count }, (_, i) => pod(`p${i}`))
  const told = (cel: string, count: number) => evaluate({ cel }, ...named(count)).actual
  assert.equal(told('pods.size() == 99', 5), 'pods: p0, p1, p2, p3, p4')
  assert.equal(told('pods.size() == 99', 6), 'pods: p0, p1, p2, p3, p4 and 1 more')
  assert.equal(told('pods.size() == 99', 7), 'pods: p0, p1, p2, p3, p4 and 2 more')
  assert.equal(told('pods.size() == 99', 0), 'no pods')
  assert.equal(told('pods.size() + services.size() == 99', 1), 'pods: p0; no services')
  assert.equal(told('1 == 2', 1), 'it is false')
})

const report: TrafficReport = {
  ...{ name: 'visitors', sent: 10, succeeded: 7, failed: 3, byServer: {}, failures: [], losses: [] },
  outcomes: { '200': 7, refused: 3 },
}
test('traffic is told by how many requests were sent and what came of them', () => {
  assert.deepEqual(evaluateTraffic('failed <= 3', report, 'visitors', 'few lost'), {
    holds: true,
    actual: '10 requests sent: 7 × 200, 3 × refused',
    expected: 'few lost',
  })
  assert.equal(evaluateTraffic('failed == 0', report, 'visitors').holds, false)
  assert.equal(evaluateTraffic('failed', report, 'visitors').holds, false)
  assert.equal(
    evaluateTraffic('true', { ...report, sent: 1, outcomes: {} }, 'visitors').actual,
    '1 request sent: none answered',
  )
})

test('traffic that never ran, or a question that it does not answer, does not hold', () => {
  assert.deepEqual(evaluateTraffic('true', undefined, 'visitors', 'all answered'), {
    holds: false,
    actual: 'no traffic named visitors ran',
    expected: 'all answered',
  })
  const { holds, actual, expected } = evaluateTraffic('nothing == 0', report, 'visitors', 'all answered')
  assert.deepEqual([holds, expected], [false, 'all answered'])
  assert.equal(actual, 'could not be evaluated: unresolved attribute')
})
