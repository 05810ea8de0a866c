import assert from 'node:assert/strict'
import { test } from 'node:test'
import { strategicMergePatch } from '../../../sim/api/patch/strategic-merge-patch.ts'

const POD = 'io.k8s.api.core.v1.Pod'

type Env = { name: string; value?: string; $patch?: string }

const withEnv = (...env: Env[]) => ({ spec: { containers: [{ name: 'c', image: 'nginx', env }] } })

function merged(target: Env[], patch: Env[]): Env[] {
  const change = { spec: { containers: [{ name: 'c', env: patch }] } }
  const result = strategicMergePatch(POD, withEnv(...target), change) as ReturnType<typeof withEnv>
  return result.spec.containers[0]!.env
}

test('an item is merged into the first of its key, taken away wherever it stands, or added', () => {
  const twice = [
    { name: 'A', value: '1' },
    { name: 'B', value: '2' },
    { name: 'A', value: '3' },
  ]
  assert.deepEqual(merged(twice, [{ name: 'A', value: '9' }]), [
    { name: 'A', value: '9' },
    { name: 'A', value: '3' },
    { name: 'B', value: '2' },
  ])
  assert.deepEqual(merged(twice, [{ name: 'A', $patch: 'delete' }]), [{ name: 'B', value: '2' }])
  assert.deepEqual(
    merged(twice, [
      { name: 'A', $patch: 'delete' },
      { name: 'A', value: '7' },
    ]),
    [
      { name: 'A', value: '7' },
      { name: 'B', value: '2' },
    ],
  )
})

test('a list as long as a request may be is merged like any other', () => {
  const names = Array.from({ length: 60_000 }, (_, at) => ({ name: `E${at}`, value: '1' }))
  const changed = merged(
    names,
    names.map(({ name }, at) => (at % 3 === 0 ? { name, $patch: 'delete' } : { name, value: '2' })),
  )
  assert.equal(changed.length, 40_000)
  assert.ok(changed.every(({ value }) => value === '2'))
})

test('plain values are added once, and taken away by what they are', () => {
  const target = { metadata: { finalizers: ['a', 'b', 'c'] } }
  const patch = { metadata: { finalizers: ['b', 'd', 'd'], '$deleteFromPrimitiveList/finalizers': ['a'] } }
  const { metadata } = strategicMergePatch(POD, target, patch) as typeof target
  assert.deepEqual(metadata.finalizers.toSorted(), ['b', 'c', 'd'])
})

for (const [what, patch, message] of [
  [
    'a mapping with a directive that there is not',
    { metadata: { labels: { a: 'b', $patch: 'merge' } } },
    'unknown patch type: merge in map: map[$patch:merge a:b]',
  ],
  [
    'an item that is to be merged',
    { spec: { containers: [{ name: 'c', $patch: 'merge' }] } },
    'merging lists cannot yet be specified in the patch',
  ],
] as const)
  test(`${what} is refused as the server refuses it`, () =>
    assert.throws(() => strategicMergePatch(POD, withEnv(), patch), { code: 500, message }))
