/** What the server says of a Deployment; what it shares with other workloads stands with those. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorsOf, NO_VERSION, type Refusal, type RefusedChange, statusErrorsOf, updateErrorsOf } from '../../stored.ts'

const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
const deployment = (part: object = {}) => ({ spec: { selector: { matchLabels: { a: 'b' } }, template, ...part } })

const refused: Refusal[] = [
  {
    name: 'whose deadline is a second after minReadySeconds',
    part: deployment({ minReadySeconds: 4, progressDeadlineSeconds: 5 }),
    errors: [],
  },
  {
    name: 'whose deadline is minReadySeconds',
    part: deployment({ minReadySeconds: 5, progressDeadlineSeconds: 5 }),
    errors: ['spec.progressDeadlineSeconds: Invalid value: 5: must be greater than minReadySeconds'],
  },
  {
    name: 'with a deadline of no time',
    part: deployment({ progressDeadlineSeconds: 0 }),
    errors: ['spec.progressDeadlineSeconds: Invalid value: 0: must be greater than minReadySeconds'],
  },
  {
    name: 'with negative numbers, told in the order of the fields',
    part: deployment({ replicas: -1, minReadySeconds: -3, revisionHistoryLimit: -1, progressDeadlineSeconds: -2 }),
    errors: [
      'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      'spec.minReadySeconds: Invalid value: -3: must be greater than or equal to 0',
      'spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
      'spec.progressDeadlineSeconds: Invalid value: -2: must be greater than or equal to 0',
    ],
  },
  { name: 'that keeps no old ReplicaSet', part: deployment({ revisionHistoryLimit: 0 }), errors: [] },
  { name: 'that recreates its Pods', part: deployment({ strategy: { type: 'Recreate' } }), errors: [] },
  {
    name: 'that recreates its Pods with parameters of a rolling update',
    part: deployment({ strategy: { type: 'Recreate', rollingUpdate: {} } }),
    errors: ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
  },
  {
    name: 'with a strategy that there is not',
    part: deployment({ strategy: { type: 'BlueGreen' } }),
    errors: [
      'spec.strategy: Unsupported value: {"Type":"BlueGreen","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"',
    ],
  },
  {
    name: 'with parameters of a strategy that there is not',
    part: deployment({ strategy: { type: 'Canary', rollingUpdate: { maxSurge: '10%' } } }),
    errors: [
      'spec.strategy: Unsupported value: {"Type":"Canary","RollingUpdate":{"MaxUnavailable":0,"MaxSurge":"10%"}}: supported values: "Recreate", "RollingUpdate"',
    ],
  },
  {
    name: 'without a selector',
    part: deployment({ selector: undefined }),
    errors: [
      'spec.selector: Required value',
      'spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`',
    ],
  },
  {
    name: 'without a namespace',
    part: deployment(),
    metadata: { namespace: '' },
    errors: ['metadata.namespace: Required value'],
  },
]
for (const { name, part, metadata, errors } of refused)
  test(`a Deployment ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(errorsOf('deployments', part, metadata), errors))

const relabeled = {
  selector: { matchLabels: { a: 'c' } },
  template: { ...template, metadata: { labels: { a: 'c' } } },
}
const changes: RefusedChange[] = [
  {
    name: 'another selector',
    before: deployment(),
    after: deployment(relabeled),
    errors: ['spec.selector: Invalid value: {"matchLabels":{"a":"c"}}: field is immutable'],
  },
  {
    name: 'a negative number of Pods',
    before: deployment(),
    after: deployment({ replicas: -1 }),
    errors: ['spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
  },
  { name: 'no version', before: deployment(), after: deployment(), ...NO_VERSION },
]
for (const { name, errors, ...change } of changes)
  test(`an update of a Deployment with ${name} is refused`, () =>
    assert.deepEqual(updateErrorsOf('deployments', change), errors))

test('an update of the status of a Deployment names the version that it replaces', () =>
  assert.deepEqual(
    statusErrorsOf('deployments', { before: deployment(), after: {}, metadata: NO_VERSION.metadata }),
    NO_VERSION.errors,
  ))
