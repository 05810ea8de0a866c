/** Objects that are described in part. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../../sim/api/meta/object.ts'
import { candidatesFor, findMismatch, shown } from '../../../sim/scenario/checks/partial-object.ts'
import type { PartialObject } from '../../../sim/scenario/types.ts'

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
  {
    name: 'the difference deep inside the only item',
    expected: { c: [{ env: [{ name: 'A', value: '1' }] }] },
    actual: { c: [{ env: [{ name: 'A', value: '2' }] }] },
    path: 'c[0].env[0].value',
  },
  {
    name: 'of several items the list is told, as none of them is the one that was meant',
    expected: { c: [{ image: 'x' }] },
    actual: { c: [{ image: 'y' }, { image: 'z' }] },
    path: 'c[0]',
  },
  {
    name: 'the second of two items, where there is one',
    expected: { c: [{ name: 'a' }, { image: 'x' }] },
    actual: { c: [{ name: 'a' }] },
    path: 'c[1]',
  },
  {
    name: 'an item that matches two leaves to the other what only that can have',
    expected: { ports: [{ port: 80 }, { port: 80, protocol: 'UDP' }] },
    actual: {
      ports: [
        { port: 80, protocol: 'UDP' },
        { port: 80, protocol: 'TCP' },
      ],
    },
  },
  {
    name: 'a row of items that all have to move',
    expected: [{ a: 1 }, { a: 1, b: 1 }, { a: 1, b: 1, c: 1 }],
    actual: [{ a: 1, b: 1, c: 1 }, { a: 1, b: 1 }, { a: 1 }],
  },
  {
    name: 'two items that only the same one matches',
    expected: [{ a: 1 }, { a: 1, b: 1 }, { b: 1 }],
    actual: [{ a: 1, b: 1 }, { a: 1 }],
    path: '[2]',
  },
  { name: 'an empty list is in any list', expected: { c: [] }, actual: { c: [1] } },
  { name: 'a list is not in what is none', expected: { c: [] }, actual: { c: {} }, path: 'c' },
  { name: 'fields are not in what has none', expected: { c: {} }, actual: { c: 'x' }, path: 'c' },
  { name: 'null is not the same as unset', expected: { c: null }, actual: {}, path: 'c' },
  { name: 'the first difference of two', expected: { a: 1, b: 2 }, actual: { a: 2, b: 1 }, path: 'a' },
  { name: 'a number for a text', expected: { port: 80 }, actual: { port: '80' }, path: 'port' },
]
for (const { name, expected, actual, path } of partial)
  test(`partial objects: ${name}`, () => assert.equal(findMismatch(expected, actual)?.path, path))

test('a difference tells what was expected and what is there', () => {
  assert.deepEqual(findMismatch({ c: [{ image: 'x' }] }, { c: [{ image: 'y' }] }), {
    path: 'c[0].image',
    expected: 'x',
    actual: 'y',
  })
  const actual = [{ image: 'y' }, { image: 'z' }]
  assert.deepEqual(findMismatch([{ image: 'x' }], actual), { path: '[0]', expected: { image: 'x' }, actual })
})

const objects = [
  { metadata: { name: 'web', namespace: 'shop', labels: { app: 'web', tier: 'front' } } },
  { metadata: { name: 'api', namespace: 'shop', labels: { app: 'api' } } },
  { metadata: { name: 'web', namespace: 'far' } },
] as unknown as KubeObject[]
const meant: [what: string, metadata: PartialObject['metadata'], places: number[]][] = [
  ['all, where nothing is named', undefined, [0, 1, 2]],
  ['those of a name', { name: 'web' }, [0, 2]],
  ['those of a namespace', { namespace: 'shop' }, [0, 1]],
  ['those of a name in a namespace', { name: 'web', namespace: 'far' }, [2]],
  ['those with a label', { labels: { app: 'web' } }, [0]],
  ['all, where no labels are asked for', { labels: {} }, [0, 1, 2]],
  ['those with all labels', { labels: { app: 'api', tier: 'front' } }, []],
  ['with other fields of the metadata it is not said which are meant', { annotations: { a: 'b' } }, [0, 1, 2]],
]
for (const [what, metadata, places] of meant)
  test(`objects that are meant: ${what}`, () =>
    assert.deepEqual(
      candidatesFor({ kind: 'Pod', ...(metadata ? { metadata } : {}) }, objects).map((one) => objects.indexOf(one)),
      places,
    ))

test('a value is shown as JSON, and of a long one the beginning', () => {
  assert.equal(shown(undefined), 'not set')
  assert.equal(shown('a'), '"a"')
  assert.equal(shown('x'.repeat(118)), `"${'x'.repeat(118)}"`)
  assert.equal(shown('x'.repeat(119)), `"${'x'.repeat(116)}...`)
})
