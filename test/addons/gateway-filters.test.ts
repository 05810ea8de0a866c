import assert from 'node:assert/strict'
import { test } from 'node:test'
import { durationMs } from '../../sim/addons/gateway/durations.ts'
import { modifyHeaders, modifyPath, redirectLocation } from '../../sim/addons/gateway/filters.ts'
import type { RequestRedirect } from '../../sim/addons/gateway/types.ts'
import { isInShare, nextByWeight } from '../../sim/addons/gateway/weights.ts'

// The table of HTTPPathModifier in apis/v1/httproute_types.go.
for (const [asked, matched, replacement, want] of [
  ['/foo/bar', '/foo', '/xyz', '/xyz/bar'],
  ['/foo/bar', '/foo', '/xyz/', '/xyz/bar'],
  ['/foo/bar', '/foo/', '/xyz', '/xyz/bar'],
  ['/foo/bar', '/foo/', '/xyz/', '/xyz/bar'],
  ['/foo', '/foo', '/xyz', '/xyz'],
  ['/foo/', '/foo', '/xyz', '/xyz/'],
  ['/foo/bar', '/foo', '', '/bar'],
  ['/foo/', '/foo', '', '/'],
  ['/foo', '/foo', '', '/'],
  ['/foo/', '/foo', '/', '/'],
  ['/foo', '/foo', '/', '/'],
  ['/foo/bar?a=b', '/foo', '/xyz', '/xyz/bar?a=b'],
  ['/bar', '/', '/xyz', '/xyz/bar'],
])
  test(`${asked} with ${replacement || 'nothing'} in the place of ${matched} is ${want}`, () => {
    const prefix = matched.replace(/\/$/, '')
    assert.equal(modifyPath(asked, { type: 'ReplacePrefixMatch', replacePrefixMatch: replacement }, prefix), want)
  })

test('a full path is replaced but for its query', () => {
  assert.equal(modifyPath('/a/b?c=d', { type: 'ReplaceFullPath', replaceFullPath: '/x' }, ''), '/x?c=d')
  assert.equal(modifyPath('/a/b', undefined, ''), '/a/b')
})

// Sources: conformance/tests/httproute-redirect-{scheme,port,port-and-scheme,host-and-status}.go
const redirects: { scheme: string; port: number; redirect: RequestRedirect; want: string }[] = [
  { scheme: 'http', port: 80, redirect: {}, want: 'http://a.com/p' },
  { scheme: 'http', port: 8080, redirect: {}, want: 'http://a.com:8080/p' },
  { scheme: 'http', port: 8080, redirect: { scheme: 'http' }, want: 'http://a.com/p' },
  { scheme: 'http', port: 8080, redirect: { scheme: 'https' }, want: 'https://a.com/p' },
  { scheme: 'https', port: 443, redirect: { hostname: 'b.org' }, want: 'https://b.org/p' },
  { scheme: 'https', port: 443, redirect: { scheme: 'http' }, want: 'http://a.com/p' },
  { scheme: 'https', port: 443, redirect: { port: 8443 }, want: 'https://a.com:8443/p' },
  { scheme: 'http', port: 80, redirect: { port: 80 }, want: 'http://a.com/p' },
  { scheme: 'http', port: 80, redirect: { port: 443, scheme: 'https' }, want: 'https://a.com/p' },
  { scheme: 'http', port: 80, redirect: { port: 443, scheme: 'http' }, want: 'http://a.com:443/p' },
]
for (const { scheme, port, redirect, want } of redirects)
  test(`${scheme} on ${port} by ${JSON.stringify(redirect)} leads to ${want}`, () => {
    assert.equal(redirectLocation(redirect, { scheme, host: 'a.com', port, target: '/p' }, ''), want)
  })

test('headers are set, added to and removed, whatever the case of their names', () => {
  const modified = modifyHeaders(
    { 'X-Set': 'a', 'x-add': 'a', 'X-Gone': 'a', Other: 'a' },
    {
      set: [{ name: 'x-set', value: 'b' }],
      add: [
        { name: 'X-Add', value: 'b' },
        { name: 'X-New', value: 'b' },
      ],
      remove: ['x-gone'],
    },
  )
  assert.deepEqual(modified, { 'x-set': 'b', 'x-add': 'a,b', Other: 'a', 'X-New': 'b' })
})

for (const [text, want] of [
  ['1h30m', 5_400_000],
  ['500ms', 500],
  ['10s', 10_000],
  ['1m1s1ms', 61_001],
  ['0s', undefined],
  [undefined, undefined],
] as const)
  test(`${text ?? 'no duration'} is ${want === undefined ? 'no limit' : `${want} ms`}`, () => {
    assert.equal(durationMs(text), want)
  })

for (const { weights, want } of [
  { weights: [1, 1], want: [5, 5] },
  { weights: [9, 1], want: [9, 1] },
  { weights: [0, 3], want: [0, 10] },
  { weights: [0, 0], want: [0, 0] },
  { weights: [5, 3, 2], want: [5, 3, 2] },
])
  test(`weights ${weights.join(', ')} have ${want.join(', ')} of ten`, () => {
    const current: number[] = []
    const counts = weights.map(() => 0)
    for (let n = 0; n < 10; n++) {
      const chosen = nextByWeight(current, weights)
      if (chosen !== undefined) counts[chosen]++
    }
    assert.deepEqual(counts, want)
  })

test('a share of requests is spread over all of them', () => {
  const mirrored = Array.from({ length: 8 }, (_, n) => isInShare(n, { of: 25, outOf: 100 }))
  assert.deepEqual(mirrored, [false, false, false, true, false, false, false, true])
})
