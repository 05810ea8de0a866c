import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commonHosts, hostRank, intersection, matchesHost } from '../../sim/addons/gateway/hostnames.ts'

for (const [pattern, host, isMatch] of [
  ['', 'any.example.com', true],
  ['shop.example.com', 'shop.example.com', true],
  ['shop.example.com', 'example.com', false],
  ['*.example.com', 'a.example.com', true],
  ['*.example.com', 'a.b.example.com', true],
  ['*.example.com', 'example.com', false],
  ['*.example.com', 'badexample.com', false],
] as const)
  test(`${pattern || 'no name'} ${isMatch ? 'means' : 'does not mean'} ${host}`, () => {
    assert.equal(matchesHost(pattern, host), isMatch)
  })

for (const [a, b, want] of [
  ['', '', ''],
  ['', 'a.com', 'a.com'],
  ['*.com', '', '*.com'],
  ['very.specific.com', '*.specific.com', 'very.specific.com'],
  ['*.wildcard.io', '*.foo.wildcard.io', '*.foo.wildcard.io'],
  ['*.wildcard.io', 'wildcard.io', undefined],
  ['a.com', 'b.com', undefined],
] as const)
  test(`${a || 'any host'} and ${b || 'any host'} have ${want === undefined ? 'none' : want || 'any host'} in common`, () => {
    assert.equal(intersection(a, b), want)
    assert.equal(intersection(b, a), want)
  })

// Source: conformance/tests/httproute-hostname-intersection.yaml
for (const { listener, route, want } of [
  {
    listener: 'very.specific.com',
    route: ['non.matching.com', '*.nonmatchingwildcard.io', 'very.specific.com'],
    want: ['very.specific.com'],
  },
  {
    listener: '*.wildcard.io',
    route: ['non.matching.com', 'wildcard.io', 'foo.wildcard.io', 'bar.wildcard.io'],
    want: ['foo.wildcard.io', 'bar.wildcard.io'],
  },
  { listener: 'very.specific.com', route: ['*.specific.com'], want: ['very.specific.com'] },
  { listener: '*.anotherwildcard.io', route: ['*.anotherwildcard.io'], want: ['*.anotherwildcard.io'] },
  { listener: 'very.specific.com', route: ['specific.but.wrong.com', 'wildcard.io'], want: [] },
  { listener: '', route: ['first.com', '*.first.com'], want: ['first.com', '*.first.com'] },
  { listener: '*.example.com', route: [], want: ['*.example.com'] },
])
  test(`a listener of ${listener || 'any host'} has of ${route.join(', ') || 'any host'}: ${want.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(commonHosts(listener, route), want)
  })

test('exact names stand above wildcards, longer ones above shorter, and any host last', () => {
  const names = ['', '*.com', 'a.io', '*.shop.example.com', 'shop.example.com']
  assert.deepEqual(
    names.toSorted((a, b) => hostRank(b) - hostRank(a)),
    ['shop.example.com', 'a.io', '*.shop.example.com', '*.com', ''],
  )
})
