/** What the server says of the parts that Deployments, ReplicaSets, StatefulSets and DaemonSets share. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorsOf, type Refusal, statusErrorsOf } from '../../stored.ts'

const labels = { a: 'b' }
const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } }
const spec = (part: object = {}) => ({ spec: { selector: { matchLabels: labels }, template, ...part } })
const pods = (part: object) => ({ metadata: { labels }, spec: { ...template.spec, ...part } })
const MISMATCH = 'spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`'
const BAD_LABEL =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

const replicaSets: Refusal[] = [
  { name: 'with no replicas and no delay', part: spec({ replicas: 0, minReadySeconds: 0 }), errors: [] },
  {
    name: 'with negative numbers',
    part: spec({ replicas: -1, minReadySeconds: -2 }),
    errors: [
      'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      'spec.minReadySeconds: Invalid value: -2: must be greater than or equal to 0',
    ],
  },
  {
    name: 'without a selector, which selects nothing',
    part: spec({ selector: undefined }),
    errors: ['spec.selector: Required value', MISMATCH],
  },
  {
    name: 'with an empty selector, which selects all',
    part: spec({ selector: {} }),
    errors: ['spec.selector: Invalid value: {}: empty selector is invalid for deployment'],
  },
  {
    name: 'with a selector of expressions alone',
    part: spec({ selector: { matchExpressions: [{ key: 'a', operator: 'Exists' }] } }),
    errors: [],
  },
  {
    name: 'with a selector that the template does not match',
    part: spec({ selector: { matchLabels: { a: 'c' } } }),
    errors: [MISMATCH],
  },
  {
    name: 'with a selector that cannot be read, whose template is not looked at then',
    part: spec({ selector: { matchLabels: { a: '-' } }, template: pods({ restartPolicy: 'Never' }) }),
    errors: [
      `spec.selector.matchLabels: Invalid value: "-": ${BAD_LABEL}`,
      'spec.selector: Invalid value: {"matchLabels":{"a":"-"}}: invalid label selector',
    ],
  },
  {
    name: 'with Pods that end',
    part: spec({ template: pods({ restartPolicy: 'OnFailure', activeDeadlineSeconds: 5 }) }),
    errors: [
      'spec.template.spec.restartPolicy: Unsupported value: "OnFailure": supported values: "Always"',
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported',
    ],
  },
  {
    name: 'with Pods that are not valid',
    part: spec({ template: { metadata: { labels: { a: 'b', c: '-' } }, spec: { containers: [{ name: 'c' }] } } }),
    errors: [
      `spec.template.labels: Invalid value: "-": ${BAD_LABEL}`,
      'spec.template.spec.containers[0].image: Required value',
    ],
  },
  {
    name: 'whose name is no name',
    part: spec(),
    metadata: { name: 'a'.repeat(254) },
    errors: [`metadata.name: Invalid value: "${'a'.repeat(254)}": must be no more than 253 characters`],
  },
  {
    name: 'without a namespace',
    part: spec(),
    metadata: { namespace: '' },
    errors: ['metadata.namespace: Required value'],
  },
]
for (const { name, part, metadata, errors } of replicaSets)
  test(`a ReplicaSet ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(errorsOf('replicasets', part, metadata), errors))

const unavailable = (maxUnavailable: unknown, maxSurge: unknown = 1) =>
  spec({ strategy: { rollingUpdate: { maxUnavailable, maxSurge } } })
const AT = 'spec.strategy.rollingUpdate.maxUnavailable'
const SURGE = 'spec.strategy.rollingUpdate.maxSurge'
const PERCENT =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"
const counts: Refusal[] = [
  { name: 'a hundred per cent', part: unavailable('100%'), errors: [] },
  { name: 'a count above a hundred', part: unavailable(101), errors: [] },
  {
    name: 'more than a hundred per cent',
    part: unavailable('101%'),
    errors: [`${AT}: Invalid value: "101%": must not be greater than 100%`],
  },
  { name: 'a surge of more than a hundred per cent', part: unavailable(0, '250%'), errors: [] },
  {
    name: 'a negative count',
    part: unavailable(-1, -2),
    errors: [
      `${AT}: Invalid value: -1: must be greater than or equal to 0`,
      `${SURGE}: Invalid value: -2: must be greater than or equal to 0`,
    ],
  },
  { name: 'text', part: unavailable('one'), errors: [`${AT}: Invalid value: "one": ${PERCENT}`] },
  {
    name: 'a count with more behind it',
    part: unavailable('1%!'),
    errors: [`${AT}: Invalid value: "1%!": ${PERCENT}`],
  },
  { name: 'a sign', part: unavailable('+120%'), errors: [`${AT}: Invalid value: "+120%": ${PERCENT}`] },
  { name: 'no Pod above and one per cent below', part: unavailable('1%', 0), errors: [] },
  {
    name: 'no Pod above and none below',
    part: unavailable(0, '0%'),
    errors: [`${AT}: Invalid value: 0: may not be 0 when \`maxSurge\` is 0`],
  },
  {
    name: 'text, which is read as none',
    part: unavailable('x', 0),
    errors: [`${AT}: Invalid value: "x": ${PERCENT}`, `${AT}: Invalid value: "x": may not be 0 when \`maxSurge\` is 0`],
  },
]
for (const { name, part, errors } of counts)
  test(`a rolling update with ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(errorsOf('deployments', part), errors))

const OF_WHOLE = 'cannot be greater than status.replicas'
const statuses: { kind: string; now: Record<string, number>; before?: Record<string, number>; errors: string[] }[] = [
  {
    kind: 'replicasets',
    now: { replicas: 2, fullyLabeledReplicas: 2, readyReplicas: 2, availableReplicas: 2, terminatingReplicas: 3 },
    errors: [],
  },
  {
    kind: 'replicasets',
    now: { replicas: 1, fullyLabeledReplicas: 2, readyReplicas: 3, availableReplicas: 4 },
    errors: [
      `status.fullyLabeledReplicas: Invalid value: 2: ${OF_WHOLE}`,
      `status.readyReplicas: Invalid value: 3: ${OF_WHOLE}`,
      `status.availableReplicas: Invalid value: 4: ${OF_WHOLE}`,
      'status.availableReplicas: Invalid value: 4: cannot be greater than readyReplicas',
    ],
  },
  {
    kind: 'replicasets',
    now: { fullyLabeledReplicas: 1 },
    errors: [`status.fullyLabeledReplicas: Invalid value: 1: ${OF_WHOLE}`],
  },
  {
    kind: 'deployments',
    now: { replicas: 1, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2, unavailableReplicas: 9 },
    errors: [
      `status.updatedReplicas: Invalid value: 2: ${OF_WHOLE}`,
      `status.readyReplicas: Invalid value: 2: ${OF_WHOLE}`,
      `status.availableReplicas: Invalid value: 2: ${OF_WHOLE}`,
    ],
  },
  {
    kind: 'deployments',
    now: { replicas: 1, availableReplicas: 1 },
    errors: ['status.availableReplicas: Invalid value: 1: cannot be greater than readyReplicas'],
  },
  { kind: 'deployments', now: {}, before: {}, errors: [] },
  { kind: 'deployments', now: { collisionCount: 0 }, before: {}, errors: [] },
  { kind: 'deployments', now: { collisionCount: 2 }, before: { collisionCount: 2 }, errors: [] },
  {
    kind: 'deployments',
    now: { collisionCount: 1 },
    before: { collisionCount: 2 },
    errors: ['status.collisionCount: Invalid value: 1: cannot be decremented'],
  },
  {
    kind: 'deployments',
    now: {},
    before: { collisionCount: 0 },
    errors: ['status.collisionCount: Invalid value: 0: cannot be decremented'],
  },
  {
    kind: 'statefulsets',
    now: { replicas: 1, readyReplicas: 2, currentReplicas: 3, updatedReplicas: 4, availableReplicas: 5 },
    errors: [
      `status.readyReplicas: Invalid value: 2: ${OF_WHOLE}`,
      `status.currentReplicas: Invalid value: 3: ${OF_WHOLE}`,
      `status.updatedReplicas: Invalid value: 4: ${OF_WHOLE}`,
      `status.availableReplicas: Invalid value: 5: ${OF_WHOLE}`,
      'status.availableReplicas: Invalid value: 5: cannot be greater than status.readyReplicas',
    ],
  },
]
for (const { kind, now, before = {}, errors } of statuses)
  test(`a status of ${kind} with ${JSON.stringify(now)} after ${JSON.stringify(before)} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(statusErrorsOf(kind, { before: { ...spec(), status: before }, after: { status: now } }), errors))

for (const { kind, fields } of [
  {
    kind: 'replicasets',
    fields: [
      'replicas',
      'fullyLabeledReplicas',
      'readyReplicas',
      'availableReplicas',
      'observedGeneration',
      'terminatingReplicas',
    ],
  },
  {
    kind: 'deployments',
    fields: [
      'observedGeneration',
      'replicas',
      'updatedReplicas',
      'readyReplicas',
      'availableReplicas',
      'unavailableReplicas',
      'terminatingReplicas',
      'collisionCount',
    ],
  },
  {
    kind: 'statefulsets',
    fields: [
      'replicas',
      'readyReplicas',
      'currentReplicas',
      'updatedReplicas',
      'availableReplicas',
      'observedGeneration',
      'collisionCount',
    ],
  },
  {
    kind: 'daemonsets',
    fields: [
      'currentNumberScheduled',
      'numberMisscheduled',
      'desiredNumberScheduled',
      'numberReady',
      'observedGeneration',
      'updatedNumberScheduled',
      'numberAvailable',
      'numberUnavailable',
      'collisionCount',
    ],
  },
  {
    kind: 'replicationcontrollers',
    fields: ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration'],
  },
])
  test(`no count in the status of ${kind} may be negative`, () => {
    const status = Object.fromEntries(fields.map((field) => [field, -1]))
    const before = kind === 'replicationcontrollers' ? { spec: { template } } : spec()
    assert.deepEqual(
      statusErrorsOf(kind, { before, after: { status } }),
      fields.map((field) => `status.${field}: Invalid value: -1: must be greater than or equal to 0`),
    )
  })
