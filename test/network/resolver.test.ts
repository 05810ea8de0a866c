import assert from 'node:assert/strict'
import { test } from 'node:test'
import { candidateNames, resolverOf } from '../../sim/network/resolver.ts'

const CLUSTER = { searches: ['ns.svc.a', 'svc.a'], ndots: 5 }
const cases: { name: string; asked: string; resolver?: typeof CLUSTER; want: string[] }[] = [
  { name: 'few dots', asked: 'b.c', resolver: CLUSTER, want: ['b.c.ns.svc.a', 'b.c.svc.a', 'b.c'] },
  {
    name: 'as many dots as ndots',
    asked: 'b.c',
    resolver: { ...CLUSTER, ndots: 1 },
    want: ['b.c', 'b.c.ns.svc.a', 'b.c.svc.a'],
  },
  { name: 'a dot at its end', asked: 'b.', resolver: CLUSTER, want: ['b'] },
  { name: 'no search path', asked: 'b', want: ['b'] },
]
for (const { name, asked, resolver, want } of cases)
  test(`a name with ${name} is asked for as ${want.join(', ')}`, () =>
    assert.deepEqual(candidateNames(asked, resolver), want))

test('a Pod of the cluster searches its own namespace first', () => {
  const resolver = resolverOf({ namespace: 'shop' }, '10.96.0.10', 'cluster.local')
  assert.deepEqual(resolver, { searches: ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local'], ndots: 5 })
})
