/** What the server says of a DaemonSet; the counts of its status stand with the other workloads. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorsOf, NO_VERSION, type Refusal, type RefusedChange, statusErrorsOf, updateErrorsOf } from '../../stored.ts'

const labels = { a: 'b' }
const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } }
const set = (part: object = {}) => ({ spec: { selector: { matchLabels: labels }, template, ...part } })
const rolling = (maxUnavailable: unknown, maxSurge: unknown) =>
  set({ updateStrategy: { rollingUpdate: { maxUnavailable, maxSurge } } })

const AT = 'spec.updateStrategy.rollingUpdate'
const PERCENT =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"
const MISMATCH = 'spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`'
const refused: Refusal[] = [
  { name: 'without a selector, which selects nothing', part: set({ selector: undefined }), errors: [MISMATCH] },
  {
    name: 'with a selector that its template does not match',
    part: set({ selector: { matchLabels: { a: 'c' } } }),
    errors: [MISMATCH],
  },
  {
    name: 'with an empty selector',
    part: set({ selector: {} }),
    errors: ['spec.selector: Invalid value: {}: empty selector is invalid for daemonset'],
  },
  {
    name: 'with a selector that cannot be read',
    part: set({ selector: { matchExpressions: [{ key: 'c', operator: 'In' }] } }),
    errors: [
      "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
    ],
  },
  {
    name: 'with Pods that end',
    part: set({
      template: { ...template, spec: { ...template.spec, restartPolicy: 'Never', activeDeadlineSeconds: 1 } },
    }),
    errors: [
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported',
    ],
  },
  {
    name: 'with negative numbers',
    part: set({ minReadySeconds: -1, revisionHistoryLimit: -2 }),
    errors: [
      'spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0',
      'spec.revisionHistoryLimit: Invalid value: -2: must be greater than or equal to 0',
    ],
  },
  {
    name: 'that is updated when its Pods are deleted',
    part: set({ updateStrategy: { type: 'OnDelete' } }),
    errors: [],
  },
  {
    name: 'with a strategy that there is not',
    part: set({ updateStrategy: { type: 'Recreate' } }),
    errors: [
      'spec.updateStrategy: Unsupported value: {"Type":"Recreate","RollingUpdate":null}: supported values: "RollingUpdate", "OnDelete"',
    ],
  },
  { name: 'that may lack all Pods at once', part: rolling('100%', 0), errors: [] },
  { name: 'that may have twice as many Pods', part: rolling('0%', '100%'), errors: [] },
  {
    name: 'with more than all Pods',
    part: rolling('101%', '102%'),
    errors: [
      `${AT}.maxUnavailable: Invalid value: "101%": must not be greater than 100%`,
      `${AT}.maxSurge: Invalid value: "102%": must not be greater than 100%`,
      `${AT}.maxSurge: Invalid value: "102%": may not be set when maxUnavailable is non-zero`,
    ],
  },
  {
    name: 'with neither counts nor percentages',
    part: rolling('a', 'b'),
    errors: [
      `${AT}.maxUnavailable: Invalid value: "a": ${PERCENT}`,
      `${AT}.maxSurge: Invalid value: "b": ${PERCENT}`,
      `${AT}.maxUnavailable: Required value: cannot be 0 when maxSurge is 0`,
    ],
  },
  {
    name: 'without a namespace',
    part: set(),
    metadata: { namespace: '' },
    errors: ['metadata.namespace: Required value'],
  },
]
for (const { name, part, metadata, errors } of refused)
  test(`a DaemonSet ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(errorsOf('daemonsets', part, metadata), errors))

const changes: RefusedChange[] = [
  {
    name: 'another selector, told before what is wrong with the rest',
    before: set(),
    after: set({ selector: { matchLabels: { a: 'c' } } }),
    errors: ['spec.selector: Invalid value: {"matchLabels":{"a":"c"}}: field is immutable', MISMATCH],
  },
  { name: 'no version', before: set(), after: set(), ...NO_VERSION },
]
for (const { name, errors, ...change } of changes)
  test(`an update of a DaemonSet with ${name} is refused`, () =>
    assert.deepEqual(updateErrorsOf('daemonsets', change), errors))

const statuses: RefusedChange[] = [
  {
    name: 'fewer collisions',
    before: { ...set(), status: { collisionCount: 2 } },
    after: { status: { collisionCount: 1 } },
    errors: ['status.collisionCount: Invalid value: 1: cannot be decremented'],
  },
  { name: 'no version', before: set(), after: {}, ...NO_VERSION },
]
for (const { name, errors, ...change } of statuses)
  test(`a status of a DaemonSet with ${name} is refused`, () =>
    assert.deepEqual(statusErrorsOf('daemonsets', change), errors))
