/** Fields stand in managedFields in the order in which a server writes them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inOrder } from '../../sim/api/schema/field-set.ts'

test('names are in the order of their letters, items in that of the values of their keys, at every depth', () => {
  const port = (number: number, protocol = 'TCP') => `k:${JSON.stringify({ containerPort: number, protocol })}`
  const set = {
    'f:spec': { 'f:name': {}, '.': {}, [port(443)]: {}, [port(80, 'UDP')]: {}, [port(80)]: {}, 'f:image': {} },
    'f:metadata': { 'f:labels': {} },
  }
  const ordered = inOrder(set)
  assert.deepEqual(ordered, set)
  assert.equal(
    JSON.stringify(ordered),
    JSON.stringify({
      'f:metadata': { 'f:labels': {} },
      'f:spec': { '.': {}, 'f:image': {}, 'f:name': {}, [port(80)]: {}, [port(80, 'UDP')]: {}, [port(443)]: {} },
    }),
  )
})

test('an item whose keys cannot be read has its place all the same', () => {
  assert.equal(
    JSON.stringify(inOrder({ 'k:{': {}, 'k:': {}, 'k:{"a":1}': {} })),
    '{"k:":{},"k:{":{},"k:{\\"a\\":1}":{}}',
  )
})
