import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Node } from '../../sim/api/core/types.ts'
import type { Endpoint, EndpointSlice } from '../../sim/api/discovery/types.ts'
import type { SliceContent } from '../../sim/controllers/endpointslice/plan.ts'
import { allocateByZone, cpuRatiosOf, isOverloaded } from '../../sim/controllers/endpointslice/zones.ts'
import { Engine } from '../../sim/engine/engine.ts'

const aNode = (zone: string, cpu: string, more: { ready?: string; labels?: Record<string, string> } = {}): Node =>
  ({
    metadata: {
      name: `${zone}-${cpu}`,
      labels: { ...(zone ? { 'topology.kubernetes.io/zone': zone } : {}), ...more.labels },
    },
    spec: {},
    status: { allocatable: { cpu }, conditions: [{ type: 'Ready', status: more.ready ?? 'True' }] },
  }) as unknown as Node
const anEndpoint = (zone: string | undefined, n: number, ready = true): Endpoint => ({
  addresses: [`10.244.0.${n}`],
  conditions: { ready },
  ...(zone ? { zone } : {}),
})
const contentOf = (...zones: (string | undefined)[]): SliceContent => ({
  ports: [],
  endpoints: zones.map((zone, n) => anEndpoint(zone, n)),
})
const hintsOf = ({ endpoints }: Pick<SliceContent, 'endpoints'>): string =>
  endpoints.map(({ hints }) => hints?.forZones?.map(({ name }) => name).join('+') ?? '-').join(' ')

const ratioCases: { name: string; nodes: Node[]; want: Record<string, number> | undefined }[] = [
  {
    name: 'by the CPU of their nodes',
    nodes: [aNode('a', '2'), aNode('b', '4'), aNode('b', '2')],
    want: { a: 0.25, b: 0.75 },
  },
  {
    name: 'without nodes that are not ready',
    nodes: [aNode('a', '2'), aNode('b', '2'), aNode('c', '2', { ready: 'False' })],
    want: { a: 0.5, b: 0.5 },
  },
  {
    name: 'without the control plane',
    nodes: [
      aNode('a', '2'),
      aNode('b', '2'),
      aNode('', '8', { labels: { 'node-role.kubernetes.io/control-plane': '' } }),
    ],
    want: { a: 0.5, b: 0.5 },
  },
  {
    name: 'not at all when a node has no zone',
    nodes: [aNode('a', '2'), aNode('b', '2'), aNode('', '2')],
    want: undefined,
  },
  { name: 'not at all in one zone', nodes: [aNode('a', '2'), aNode('a', '2')], want: undefined },
]
for (const { name, nodes, want } of ratioCases)
  test(`zones weigh ${name}`, () => {
    const ratios = cpuRatiosOf(nodes)
    assert.deepEqual(ratios && Object.fromEntries(ratios), want)
  })

const even = new Map([
  ['a', 1 / 3],
  ['b', 1 / 3],
  ['c', 1 / 3],
])
const allocationCases: { name: string; zones: (string | undefined)[]; ratios?: Map<string, number>; want: string }[] = [
  { name: 'each its own zone when they are spread evenly', zones: ['a', 'b', 'c'], want: 'a b c' },
  { name: 'some of a full zone to one that has none', zones: ['a', 'a', 'a', 'a', 'b', 'b'], want: 'c c a a b b' },
  {
    name: 'a bigger zone more',
    zones: ['a', 'a', 'b', 'b'],
    ratios: new Map([
      ['a', 0.75],
      ['b', 0.25],
    ]),
    want: 'a a a b',
  },
  {
    name: 'none when there are fewer than zones',
    zones: ['a', 'b'],
    want: 'Insufficient number of endpoints (2 endpoints, 3 zones), addressType: IPv4',
  },
  {
    name: 'none when a zone would be overloaded',
    zones: ['a', 'b', 'c', 'a'],
    want: 'Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (4 endpoints, 3 zones), addressType: IPv4',
  },
  {
    name: 'none when one has no zone',
    zones: ['a', 'b', undefined],
    want: 'One or more endpoints do not have a zone specified, addressType: IPv4',
  },
]
for (const { name, zones, ratios = even, want } of allocationCases)
  test(`endpoints are given: ${name}`, () => {
    const content = contentOf(...zones)
    const plan = allocateByZone([content], [], ratios)
    assert.equal(plan.disabled?.message ?? hintsOf(content), want)
  })

test('a slice whose hints still fit is left alone', () => {
  const content = contentOf('a', 'b', 'c')
  allocateByZone([content], [], even)
  const slice = { ...content, metadata: {}, addressType: 'IPv4' } as unknown as EndpointSlice
  const plan = allocateByZone([], [slice], even)
  assert.ok(!plan.disabled)
  assert.deepEqual(plan.reconsidered, [])
  assert.deepEqual(Object.fromEntries(plan.counts), { a: 1, b: 1, c: 1 })
})

test('whatever the cluster, every ready endpoint has one hint or none has, and the counts are those of the hints', () => {
  const random = new Engine({ seed: 'hints', startEpochMs: 0 }).random('test')
  let enabled = 0
  for (let round = 0; round < 400; round++) {
    const zones = ['a', 'b', 'c', 'd'].slice(0, random.int(2, 4))
    const nodes = zones.map((zone) => aNode(zone, String(random.int(1, 16))))
    const endpoints = Array.from({ length: random.int(0, 30) }, (_, n) =>
      anEndpoint(random.pick(zones), n, random.next() < 0.8),
    )
    const content: SliceContent = { ports: [], endpoints }
    const plan = allocateByZone([content], [], cpuRatiosOf(nodes))
    if (plan.disabled) continue
    enabled++
    const counts = new Map<string, number>()
    for (const { conditions, hints } of content.endpoints) {
      assert.equal(hints?.forZones?.length ?? 0, conditions.ready ? 1 : 0, `round ${round}`)
      for (const { name } of hints?.forZones ?? []) counts.set(name, (counts.get(name) ?? 0) + 1)
    }
    for (const [zone, count] of plan.counts) assert.equal(counts.get(zone) ?? 0, count, `round ${round}, zone ${zone}`)
  }
  assert.ok(enabled > 50, `${enabled}`)
})

test('a Service is overloaded where a zone has less than its share allows', () => {
  const counts = (a: number, b: number) =>
    new Map([
      ['a', a],
      ['b', b],
    ])
  const ratios = new Map([
    ['a', 0.5],
    ['b', 0.5],
  ])
  assert.equal(isOverloaded(counts(5, 5), ratios), false)
  assert.equal(isOverloaded(counts(6, 5), ratios), false)
  assert.equal(isOverloaded(counts(8, 2), ratios), true)
  assert.equal(isOverloaded(new Map([['a', 4]]), ratios), true, 'a zone without any')
  assert.equal(isOverloaded(counts(5, 5), undefined), true, 'nodes tell too little')
})
