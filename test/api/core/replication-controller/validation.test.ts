/** What the server says of a ReplicationController; the counts of its status stand with the other workloads. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorsOf, NO_VERSION, type Refusal, statusErrorsOf, updateErrorsOf } from '../../stored.ts'

const template = { metadata: { labels: { a: 'b', c: 'd' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
const controller = (part: object = {}) => ({ spec: { selector: { a: 'b' }, template, ...part } })

const refused: Refusal[] = [
  { name: 'that selects some of the labels', part: controller({ replicas: 0, minReadySeconds: 0 }), errors: [] },
  {
    name: 'that selects nothing',
    part: controller({ selector: {}, template: { ...template, metadata: {} } }),
    errors: ['spec.selector: Required value'],
  },
  {
    name: 'that selects a label which its Pods do not have',
    part: controller({ selector: { a: 'b', c: 'x' } }),
    errors: [
      'spec.template.metadata.labels: Invalid value: {"a":"b","c":"d"}: `selector` does not match template `labels`',
    ],
  },
  {
    name: 'whose Pods have no labels',
    part: controller({ template: { ...template, metadata: {} } }),
    errors: ['spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`'],
  },
  {
    name: 'with negative numbers',
    part: controller({ replicas: -1, minReadySeconds: -2 }),
    errors: [
      'spec.minReadySeconds: Invalid value: -2: must be greater than or equal to 0',
      'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    ],
  },
  {
    name: 'with Pods that end',
    part: controller({
      template: { ...template, spec: { ...template.spec, restartPolicy: 'Never', activeDeadlineSeconds: 1 } },
    }),
    errors: [
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not Supported',
    ],
  },
  {
    name: 'without a namespace',
    part: controller(),
    metadata: { namespace: '' },
    errors: ['metadata.namespace: Required value'],
  },
]
for (const { name, part, metadata, errors } of refused)
  test(`a ReplicationController ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(errorsOf('replicationcontrollers', part, metadata), errors))

test('the selector of a ReplicationController may change, as long as the template fits it', () => {
  const errors = (selector: object) =>
    updateErrorsOf('replicationcontrollers', { before: controller(), after: controller({ selector }) })
  assert.deepEqual(errors({ c: 'd' }), [])
  assert.deepEqual(errors({ c: 'x' }), [
    'spec.template.metadata.labels: Invalid value: {"a":"b","c":"d"}: `selector` does not match template `labels`',
  ])
})

test('an update of a ReplicationController or of its status names the version that it replaces', () => {
  const { metadata, errors } = NO_VERSION
  assert.deepEqual(
    updateErrorsOf('replicationcontrollers', { before: controller(), after: controller(), metadata }),
    errors,
  )
  assert.deepEqual(statusErrorsOf('replicationcontrollers', { before: controller(), after: {}, metadata }), errors)
})
