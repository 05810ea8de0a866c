/** Objects that are described in part. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findMismatch } from '../../../sim/scenario/checks/partial-object.ts'

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
