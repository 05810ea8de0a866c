import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assignAddresses } from '../../sim/addons/gateway/addresses.ts'
import { mergeConditions } from '../../sim/addons/gateway/conditions.ts'
import { isGranted } from '../../sim/addons/gateway/references.ts'
import type { Condition, GatewayAddress, ReferenceGrant } from '../../sim/addons/gateway/types.ts'

const group = 'gateway.networking.k8s.io'
const aGrant = (spec: Partial<ReferenceGrant['spec']>, namespace = 'web'): ReferenceGrant =>
  ({
    metadata: { name: 'grant', namespace },
    spec: {
      from: [{ group, kind: 'HTTPRoute', namespace: 'infra' }],
      to: [{ group: '', kind: 'Service' }],
      ...spec,
    },
  }) as unknown as ReferenceGrant
const from = { kind: 'HTTPRoute', namespace: 'infra' } as const
const to = { group: '', kind: 'Service', namespace: 'web', name: 'app' }

// Sources: conformance/tests/{httproute-invalid-reference-grant,gateway-secret-*}.yaml
for (const { name, grants, want } of [
  { name: 'without a grant', grants: [], want: false },
  { name: 'by a grant for all Services', grants: [aGrant({})], want: true },
  {
    name: 'by a grant for the Service',
    grants: [aGrant({ to: [{ group: '', kind: 'Service', name: 'app' }] })],
    want: true,
  },
  {
    name: 'by a grant for another Service',
    grants: [aGrant({ to: [{ group: '', kind: 'Service', name: 'b' }] })],
    want: false,
  },
  { name: 'by a grant in another namespace', grants: [aGrant({}, 'infra')], want: false },
  {
    name: 'by a grant from another namespace',
    grants: [aGrant({ from: [{ group, kind: 'HTTPRoute', namespace: 'web' }] })],
    want: false,
  },
  {
    name: 'by a grant from another kind',
    grants: [aGrant({ from: [{ group, kind: 'Gateway', namespace: 'infra' }] })],
    want: false,
  },
  {
    name: 'by a grant from another group',
    grants: [aGrant({ from: [{ group: '', kind: 'HTTPRoute', namespace: 'infra' }] })],
    want: false,
  },
  { name: 'by a grant to another group', grants: [aGrant({ to: [{ group: 'apps', kind: 'Service' }] })], want: false },
  { name: 'by the second of two grants', grants: [aGrant({ to: [] }), aGrant({})], want: true },
])
  test(`a Service of another namespace is ${want ? '' : 'not '}referred to ${name}`, () => {
    assert.equal(isGranted(grants, { from, to }), want)
  })

test('a reference within a namespace needs no grant', () => {
  assert.equal(isGranted([], { from, to: { ...to, namespace: 'infra' } }), true)
})

const found = { type: 'Accepted', status: 'True', reason: 'Accepted', message: '' } as const
const before: Condition = { ...found, observedGeneration: 1, lastTransitionTime: 'then' }
const at = { generation: 2, timestamp: 'now' }
for (const { name, old, want } of [
  { name: 'is new', old: [], want: [{ ...found, observedGeneration: 2, lastTransitionTime: 'now' }] },
  { name: 'keeps its time', old: [before], want: [{ ...before, observedGeneration: 2 }] },
  {
    name: 'turns',
    old: [{ ...before, status: 'False' as const }],
    want: [{ ...before, observedGeneration: 2, lastTransitionTime: 'now' }],
  },
  {
    name: 'stands beside those of others',
    old: [
      { ...before, type: 'example.com/Checked' },
      { ...before, type: 'PartiallyInvalid' },
    ],
    want: [
      { ...found, observedGeneration: 2, lastTransitionTime: 'now' },
      { ...before, type: 'example.com/Checked' },
    ],
  },
])
  test(`a condition that ${name}`, () => {
    assert.deepEqual(mergeConditions(old, [found], ['Accepted', 'PartiallyInvalid'], at), want)
  })

const asks = (uid: string, ...addresses: GatewayAddress[]) => ({ uid, addresses })
for (const { name, requests, had = {}, want } of [
  {
    name: 'the first free ones',
    requests: [asks('a'), asks('b')],
    want: { a: ['203.0.113.100'], b: ['203.0.113.101'] },
  },
  {
    name: 'what they had',
    requests: [asks('b'), asks('a')],
    had: { a: ['203.0.113.100'] },
    want: { a: ['203.0.113.100'], b: ['203.0.113.101'] },
  },
  {
    name: 'what they ask for, before others choose',
    requests: [asks('a'), asks('b', { type: 'IPAddress', value: '203.0.113.100' })],
    want: { a: ['203.0.113.101'], b: ['203.0.113.100'] },
  },
  {
    name: 'any for an empty value',
    requests: [asks('a', { type: 'IPAddress' }, {})],
    want: { a: ['203.0.113.100', '203.0.113.101'] },
  },
  { name: 'none outside of the range', requests: [asks('a', { value: '10.0.0.1' })], want: { a: 'AddressNotUsable' } },
  {
    name: 'none of another type',
    requests: [asks('a', { type: 'Hostname', value: 'a.com' })],
    want: { a: 'UnsupportedAddress' },
  },
  {
    name: 'none that another has',
    requests: [asks('a', { value: '203.0.113.150' }), asks('b', { value: '203.0.113.150' })],
    want: { a: ['203.0.113.150'], b: 'AddressNotUsable' },
  },
  {
    name: 'another one when they ask for it',
    requests: [asks('a', { value: '203.0.113.150' }), asks('b')],
    had: { a: ['203.0.113.100'] },
    want: { a: ['203.0.113.150'], b: ['203.0.113.100'] },
  },
] as const)
  test(`Gateways get ${name}`, () => {
    const assigned = assignAddresses(requests, new Map(Object.entries(had)))
    const told = [...assigned].map(([uid, one]) => [uid, 'ips' in one ? one.ips : one.reason])
    assert.deepEqual(Object.fromEntries(told), want)
  })

test('when the range is used up, the last one gets none', () => {
  const assigned = assignAddresses(
    Array.from({ length: 151 }, (_, n) => asks(`g${n}`)),
    new Map(),
  )
  const last = assigned.get('g150')
  assert.equal(last && 'reason' in last && last.reason, 'AddressNotAssigned')
})
