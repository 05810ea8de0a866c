/** What of a ReplicaSet may change; what it must be stands with the other workloads. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_VERSION, type RefusedChange, statusErrorsOf, updateErrorsOf } from '../../stored.ts'

const set = (value: string, part: object = {}) => ({
  spec: {
    selector: { matchLabels: { a: value } },
    template: { metadata: { labels: { a: value } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    ...part,
  },
})

const changes: RefusedChange[] = [
  { name: 'another number of Pods', before: set('b'), after: set('b', { replicas: 5 }), errors: [] },
  {
    name: 'a negative number of Pods',
    before: set('b'),
    after: set('b', { replicas: -1 }),
    errors: ['spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
  },
  {
    name: 'another selector',
    before: set('b'),
    after: set('c'),
    errors: ['spec.selector: Invalid value: {"matchLabels":{"a":"c"}}: field is immutable'],
  },
  { name: 'no version', before: set('b'), after: set('b'), ...NO_VERSION },
]
for (const { name, errors, ...change } of changes)
  test(`an update of a ReplicaSet with ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(updateErrorsOf('replicasets', change), errors))

test('an update of the status of a ReplicaSet names the version that it replaces', () =>
  assert.deepEqual(
    statusErrorsOf('replicasets', { before: set('b'), after: {}, metadata: NO_VERSION.metadata }),
    NO_VERSION.errors,
  ))
