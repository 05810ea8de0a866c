/** What the server says of a StatefulSet; the counts of its status stand with the other workloads. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorsOf, NO_VERSION, type Refusal, type RefusedChange, statusErrorsOf, updateErrorsOf } from '../../stored.ts'

const labels = { a: 'b' }
const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } }
const set = (part: object = {}) => ({ spec: { selector: { matchLabels: labels }, template, ...part } })
const pods = (part: object) => set({ template: { ...template, spec: { ...template.spec, ...part } } })
const rolling = (rollingUpdate: object) => set({ updateStrategy: { type: 'RollingUpdate', rollingUpdate } })

const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const BAD_VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
const BAD_KEY =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const RETENTION = 'spec.persistentVolumeClaimRetentionPolicy'
const AT = 'spec.updateStrategy.rollingUpdate'
const claim = (name: string, part: object = {}) => ({
  metadata: { name },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...part },
})
const mounting = (name: string) => ({
  containers: [{ name: 'c', image: 'i', volumeMounts: [{ name, mountPath: '/data' }] }],
})

const refused: Refusal[] = [
  { name: 'that starts all Pods at once', part: set({ podManagementPolicy: 'Parallel' }), errors: [] },
  {
    name: 'with another order of its Pods',
    part: set({ podManagementPolicy: 'Reverse' }),
    errors: [`spec.podManagementPolicy: Invalid value: "Reverse": must be 'OrderedReady' or 'Parallel'`],
  },
  {
    name: 'that is updated when its Pods are deleted',
    part: set({ updateStrategy: { type: 'OnDelete' } }),
    errors: [],
  },
  {
    name: 'of a rolling update without parameters',
    part: set({ updateStrategy: { type: 'RollingUpdate' } }),
    errors: [],
  },
  {
    name: 'with a strategy that there is not',
    part: set({ updateStrategy: { type: 'Recreate' } }),
    errors: [
      `spec.updateStrategy: Invalid value: {"Type":"Recreate","RollingUpdate":null}: must be 'RollingUpdate' or 'OnDelete'`,
    ],
  },
  {
    name: 'with parameters of a strategy that there is not',
    part: set({ updateStrategy: { type: 'Recreate', rollingUpdate: { maxUnavailable: 2 } } }),
    errors: [
      `spec.updateStrategy: Invalid value: {"Type":"Recreate","RollingUpdate":{"Partition":0,"MaxUnavailable":null}}: must be 'RollingUpdate' or 'OnDelete'`,
    ],
  },
  {
    name: 'with parameters of the other strategy',
    part: set({ updateStrategy: { type: 'OnDelete', rollingUpdate: { partition: 1 } } }),
    errors: [
      `${AT}: Invalid value: {"Partition":1,"MaxUnavailable":null}: only allowed for updateStrategy 'RollingUpdate'`,
    ],
  },
  {
    name: 'with a negative partition',
    part: rolling({ partition: -1 }),
    errors: [`${AT}.partition: Invalid value: -1: must be greater than or equal to 0`],
  },
  { name: 'with a field whose gate is off, whatever it says', part: rolling({ maxUnavailable: 'x' }), errors: [] },
  {
    name: 'that deletes its claims',
    part: set({ persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Delete' } }),
    errors: [],
  },
  {
    name: 'that does something else with its claims',
    part: set({ persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Keep', whenScaled: 'Drop' } }),
    errors: [
      `${RETENTION}.whenDeleted: Unsupported value: "Keep": supported values: "Retain", "Delete"`,
      `${RETENTION}.whenScaled: Unsupported value: "Drop": supported values: "Retain", "Delete"`,
    ],
  },
  {
    name: 'with negative numbers',
    part: set({ replicas: -1, minReadySeconds: -2, ordinals: { start: -3 } }),
    errors: [
      'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      'spec.minReadySeconds: Invalid value: -2: must be greater than or equal to 0',
      'spec.ordinals.start: Invalid value: -3: must be greater than or equal to 0',
    ],
  },
  {
    name: 'whose Service cannot exist',
    part: set({ serviceName: 'my_db' }),
    errors: [`spec.serviceName: Invalid value: "my_db": ${LABEL}`],
  },
  {
    name: 'without a selector',
    part: set({ selector: undefined }),
    errors: [
      'spec.selector: Required value',
      'spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`',
    ],
  },
  {
    name: 'with an empty selector',
    part: set({ selector: {} }),
    errors: ['spec.selector: Invalid value: {}: empty selector is invalid for statefulset'],
  },
  {
    name: 'with a selector that cannot be read',
    part: set({ selector: { matchLabels: { a: '-' } } }),
    errors: [
      `spec.selector.matchLabels: Invalid value: "-": ${BAD_VALUE}`,
      'spec.selector: Invalid value: {"matchLabels":{"a":"-"}}',
    ],
  },
  {
    name: 'with Pods that end',
    part: pods({ restartPolicy: 'Never', activeDeadlineSeconds: 9 }),
    errors: [
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not Supported',
    ],
  },
  {
    name: 'with Pods that are not valid',
    part: pods({ containers: [{ name: 'c' }] }),
    errors: ['spec.template.spec.containers[0].image: Required value'],
  },
  {
    name: 'with labels and annotations of Pods that are not valid, each told twice',
    part: set({ template: { ...template, metadata: { labels: { ...labels, c: '-' }, annotations: { '-': '' } } } }),
    errors: ['', ''].flatMap(() => [
      `spec.template.labels: Invalid value: "-": ${BAD_VALUE}`,
      `spec.template.annotations: Invalid value: "-": ${BAD_KEY}`,
    ]),
  },
  {
    name: 'with names of Pods that the controller sets',
    part: pods({ hostname: 'Not_A_Name', subdomain: 'Not_A_Name' }),
    errors: [],
  },
  {
    name: 'that mounts what it claims',
    part: { spec: { ...pods(mounting('data')).spec, volumeClaimTemplates: [claim('data')] } },
    errors: [],
  },
  {
    name: 'whose claim takes the place of a volume',
    part: {
      spec: {
        ...pods({ ...mounting('data'), volumes: [{ name: 'data', configMap: {} }] }).spec,
        volumeClaimTemplates: [claim('data')],
      },
    },
    errors: [],
  },
  {
    name: 'that mounts another volume beside its claim',
    part: {
      spec: {
        ...pods({ ...mounting('other'), volumes: [{ name: 'other', emptyDir: {} }] }).spec,
        volumeClaimTemplates: [claim('data')],
      },
    },
    errors: [],
  },
  {
    name: 'that mounts what nobody gives',
    part: pods(mounting('data')),
    errors: ['spec.template.spec.containers[0].volumeMounts[0].name: Not found: "data"'],
  },
  {
    name: 'with a claim that asks for nothing',
    part: set({ volumeClaimTemplates: [claim('a'), claim('b', { resources: {} })] }),
    errors: ['spec.volumeClaimTemplates[1].spec.resources[storage]: Required value'],
  },
  {
    name: 'with a dot in its name, which would stand in the host names of its Pods',
    part: set(),
    metadata: { name: 'a.b' },
    errors: ['metadata.name: Invalid value: "a.b": must not contain dots'],
  },
  {
    name: 'without a namespace',
    part: set(),
    metadata: { namespace: '' },
    errors: ['metadata.namespace: Required value'],
  },
]
for (const { name, part, metadata, errors } of refused)
  test(`a StatefulSet ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(errorsOf('statefulsets', part, metadata), errors))

const FORBIDDEN =
  "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
const changes: RefusedChange[] = [
  {
    name: 'other replicas, ordinals, Pods, strategy, history, claims and delay',
    before: set(),
    after: {
      spec: {
        ...pods({ priority: 1 }).spec,
        replicas: 3,
        ordinals: { start: 1 },
        updateStrategy: { type: 'OnDelete' },
        revisionHistoryLimit: 1,
        persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' },
        minReadySeconds: 4,
      },
    },
    errors: [],
  },
  { name: 'another Service', before: set(), after: set({ serviceName: 'other' }), errors: [FORBIDDEN] },
  {
    name: 'another Service that cannot exist',
    before: set(),
    after: set({ serviceName: 'my_db' }),
    errors: [FORBIDDEN],
  },
  {
    name: 'another claim, which is not looked at',
    before: set(),
    after: set({ volumeClaimTemplates: [claim('a', { resources: {} })] }),
    errors: [FORBIDDEN],
  },
  {
    name: 'Pods that are not valid any more',
    before: set(),
    after: pods({ containers: [{ name: 'c' }] }),
    errors: ['spec.template.spec.containers[0].image: Required value'],
  },
  {
    name: 'Pods that were not valid before',
    before: pods({ containers: [{ name: 'c' }] }),
    after: { spec: { ...pods({ containers: [{ name: 'c' }] }).spec, replicas: 2 } },
    errors: [],
  },
  {
    name: 'a negative number of Pods',
    before: set(),
    after: set({ replicas: -1 }),
    errors: ['spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
  },
  { name: 'no version', before: set(), after: set(), ...NO_VERSION },
]
for (const { name, errors, ...change } of changes)
  test(`an update of a StatefulSet with ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(updateErrorsOf('statefulsets', change), errors))

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
  test(`a status of a StatefulSet with ${name} is refused`, () =>
    assert.deepEqual(statusErrorsOf('statefulsets', change), errors))
