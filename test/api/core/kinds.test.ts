import assert from 'node:assert/strict'
import test from 'node:test'
import { encodeBase64Text } from '../../../sim/api/meta/base64.ts'
import { messageOf } from '../../../sim/api/meta/field-error.ts'
import { freezeJson } from '../../../sim/api/meta/json.ts'
import type { Kind } from '../../../sim/api/meta/kind.ts'
import type { KubeObject } from '../../../sim/api/meta/object.ts'
import { findResource, kinds } from '../../../sim/api/registry.ts'
import { findField } from '../../../sim/api/schema/schema.ts'
import { ofJane } from '../certificates/requests.ts'
import { context } from './pod/pod-fixture.ts'

const NOW = { nowEpochMs: Date.parse('2026-11-20T08:01:30Z') }

const webhook = {
  name: 'pods.example.com',
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
  clientConfig: { service: { namespace: 'default', name: 'hook' } },
  rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
}

/** An object of the kind as the server stores it. */
function stored(
  name: string,
  part: Record<string, unknown>,
  metadata: Record<string, unknown> = {},
): { kind: Kind; object: KubeObject } {
  const kind = findResource(name)!
  const object = structuredClone({
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: {
      name: 'x',
      ...(kind.isNamespaced ? { namespace: 'default' } : {}),
      uid: 'u',
      resourceVersion: '1',
      creationTimestamp: '2026-11-20T08:00:00Z',
      ...metadata,
    },
    ...part,
  }) as KubeObject
  kind.applyDefaults(object)
  kind.prepareForCreate(object, context)
  return { kind, object }
}

const errorsOf = (name: string, part: Record<string, unknown>, metadata: Record<string, unknown> = {}): string[] => {
  const { kind, object } = stored(name, part, metadata)
  return kind.validate(object).map(messageOf)
}

function updateErrors(name: string, before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  const { kind, object: old } = stored(name, before)
  const { object } = stored(name, after)
  kind.prepareForUpdate(object, old, context)
  return kind.validateUpdate(object, old).map(messageOf)
}

const row = (
  name: string,
  part: Record<string, unknown>,
  metadata: Record<string, unknown> = {},
): (string | number | boolean | null)[] => {
  const { kind, object } = stored(name, part, metadata)
  return kind.columns.map((column) => column.cell(object, NOW))
}

const selected = {
  selector: { matchLabels: { a: 'b' } },
  template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
}
const jobSpec = { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } }
const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' }

const minimal: Record<string, Record<string, unknown>> = {
  validatingadmissionpolicies: {
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
      },
      validations: [{ expression: 'true' }],
    },
  },
  mutatingadmissionpolicies: {
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
      },
      mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{}' } }],
      reinvocationPolicy: 'Never',
    },
  },
  deviceclasses: { spec: { selectors: [{ cel: { expression: 'device.driver == "gpu.example.com"' } }] } },
  resourceclaims: { spec: { devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu' } }] } } },
  resourceclaimtemplates: {
    spec: { spec: { devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu' } }] } } },
  },
  resourceslices: {
    spec: {
      driver: 'gpu.example.com',
      nodeName: 'node-1',
      pool: { name: 'node-1', generation: 1, resourceSliceCount: 1 },
    },
  },
  apiservices: { spec: { version: 'v1', group: 'a.b', groupPriorityMinimum: 10, versionPriority: 1 } },
  mutatingwebhookconfigurations: {
    webhooks: [{ ...webhook, reinvocationPolicy: 'Never' }],
  },
  validatingwebhookconfigurations: { webhooks: [webhook] },
  mutatingadmissionpolicybindings: { spec: { policyName: 'sidecar' } },
  validatingadmissionpolicybindings: { spec: { policyName: 'few', validationActions: ['Deny'] } },
  statefulsets: { spec: { ...selected, serviceName: 's' } },
  daemonsets: { spec: selected },
  controllerrevisions: { revision: 1, data: {} },
  replicationcontrollers: { spec: { template: selected.template } },
  jobs: { spec: jobSpec },
  cronjobs: { spec: { schedule: '*/5 * * * *', jobTemplate: { spec: jobSpec } } },
  persistentvolumeclaims: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
  persistentvolumes: {
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/d' } },
  },
  storageclasses: { provisioner: 'example.com/disk' },
  volumeattachments: {
    spec: { attacher: 'ebs.csi.aws.com', nodeName: 'node-1', source: { persistentVolumeName: 'pv' } },
  },
  ingresses: { spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } } },
  ipaddresses: { spec: { parentRef: { resource: 'services', namespace: 'default', name: 's' } } },
  servicecidrs: { spec: { cidrs: ['10.0.0.0/24'] } },
  flowschemas: { spec: { priorityLevelConfiguration: { name: 'global-default' } } },
  prioritylevelconfigurations: {
    spec: { type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: {} } } },
  },
  csidrivers: { spec: {} },
  csistoragecapacities: { storageClassName: 'fast' },
  volumeattributesclasses: { driverName: 'example.com/disk', parameters: { iops: '100' } },
  customresourcedefinitions: {
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'crontabs', kind: 'CronTab' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  },
  ingressclasses: { spec: { controller: 'example.com/ingress' } },
  rolebindings: { roleRef },
  clusterrolebindings: { roleRef },
  certificatesigningrequests: {
    spec: { request: encodeBase64Text(ofJane), signerName: 'example.com/signer', usages: ['client auth'] },
  },
  runtimeclasses: { handler: 'runc' },
  horizontalpodautoscalers: {
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }, maxReplicas: 2 },
  },
  services: { spec: { ports: [{ port: 80 }] } },
  podtemplates: { template: { spec: { containers: [{ name: 'c', image: 'i' }] } } },
  pods: { spec: { containers: [{ name: 'c', image: 'i' }] } },
  deployments: {
    spec: {
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    },
  },
  replicasets: {
    spec: {
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    },
  },
  events: { involvedObject: { kind: 'Pod', namespace: 'default', name: 'p' } },
  endpointslices: { addressType: 'IPv4', endpoints: [{ addresses: ['10.1.0.4'] }] },
}
/** Names that say something. */
const names: Record<string, string> = {
  ipaddresses: '10.0.0.9',
  customresourcedefinitions: 'crontabs.example.com',
  apiservices: 'v1.a.b',
}

for (const kind of kinds) {
  const metadata = { name: names[kind.plural] ?? 'x' }
  test(`a minimal ${kind.kind} is accepted, stored again unchanged, and printed`, () => {
    const { object } = stored(kind.plural, minimal[kind.plural] ?? {}, metadata)
    assert.deepEqual(kind.validate(object).map(messageOf), [])
    const again = structuredClone(object)
    kind.applyDefaults(again)
    kind.prepareForUpdate(again, object, context)
    assert.deepEqual(again, object)
    assert.deepEqual(kind.validateUpdate(again, object).map(messageOf), [])
    for (const column of kind.columns) assert.notEqual(column.cell(object, NOW), undefined)
  })

  test(`a ${kind.kind} that has its defaults is not written to again`, () => {
    const { object } = stored(kind.plural, minimal[kind.plural] ?? {}, metadata)
    assert.doesNotThrow(() => kind.applyDefaults(freezeJson(object)))
  })

  test(`what a ${kind.kind} names as not simulated exists`, () => {
    for (const path of kind.notSimulated ?? [])
      assert.ok(findField(kind.schema, path.replaceAll('[]', '').split('.')), `${kind.kind}: ${path}`)
    assert.ok(findField(kind.schema, ['metadata', 'name']))
  })
}

const template = minimal.deployments.spec as Record<string, unknown>
const deployment = (part: Record<string, unknown>) => ({ spec: { ...template, ...part } })
const refused: {
  name: string
  kind: string
  part: Record<string, unknown>
  metadata?: Record<string, unknown>
  errors: string[]
}[] = [
  {
    name: 'a selector that the template does not match',
    kind: 'deploy',
    part: deployment({ selector: { matchLabels: { a: 'c' } } }),
    errors: ['spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`'],
  },
  {
    name: 'no selector',
    kind: 'deploy',
    part: deployment({ selector: undefined }),
    errors: [
      'spec.selector: Required value',
      'spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`',
    ],
  },
  {
    name: 'an empty selector',
    kind: 'rs',
    part: deployment({ selector: {} }),
    errors: ['spec.selector: Invalid value: {}: empty selector is invalid for deployment'],
  },
  {
    name: 'a rolling update that may not move',
    kind: 'deploy',
    part: deployment({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } } }),
    errors: ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0'],
  },
  {
    name: 'parameters of another strategy',
    kind: 'deploy',
    part: deployment({ strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } }),
    errors: ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
  },
  {
    name: 'a deadline within minReadySeconds',
    kind: 'deploy',
    part: deployment({ minReadySeconds: 600 }),
    errors: ['spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds'],
  },
  {
    name: 'Pods that end',
    kind: 'deploy',
    part: deployment({
      template: {
        metadata: { labels: { a: 'b' } },
        spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] },
      },
    }),
    errors: ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
  },
  {
    name: 'a bad key',
    kind: 'cm',
    part: { data: { 'a/b': 'x' } },
    errors: [
      "data[a/b]: Invalid value: \"a/b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    ],
  },
  {
    name: 'more than a mebibyte',
    kind: 'cm',
    part: { data: { a: 'x'.repeat(1024 * 1024 + 1) } },
    errors: [': Too long: may not be more than 1048576 bytes'],
  },
  {
    name: 'no certificate',
    kind: 'secret',
    part: { type: 'kubernetes.io/tls', data: {} },
    errors: ['data[tls.crt]: Required value', 'data[tls.key]: Required value'],
  },
  {
    name: 'a taint twice',
    kind: 'node',
    part: { spec: { taints: ['a', 'b'].map((value) => ({ key: 'k', value, effect: 'NoSchedule' })) } },
    errors: [
      'metadata.taints[1]: Duplicate value: {"Key":"k","Value":"b","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair',
    ],
  },
  {
    name: 'a name with dots',
    kind: 'ns',
    part: {},
    metadata: { name: 'a.b' },
    errors: ['metadata.name: Invalid value: "a.b": must not contain dots'],
  },
  {
    name: 'another namespace than that of its object',
    kind: 'events',
    part: { involvedObject: { kind: 'Pod', namespace: 'other', name: 'p' } },
    errors: ['involvedObject.namespace: Invalid value: "other": does not match event.namespace'],
  },
  {
    name: 'a loopback address',
    kind: 'endpoints',
    part: { subsets: [{ addresses: [{ ip: '127.0.0.1' }] }] },
    errors: [
      'subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    ],
  },
  {
    name: 'an endpoint without an address',
    kind: 'endpointslices',
    part: { addressType: 'IPv4', endpoints: [{ addresses: [] }] },
    errors: ['endpoints[0].addresses: Required value: must contain at least 1 address'],
  },
  {
    name: 'a term for its nodes that says nothing',
    kind: 'persistentvolumes',
    part: {
      spec: {
        ...(minimal.persistentvolumes.spec as object),
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone' }] }] } },
      },
    },
    errors: [
      'spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].operator: Invalid value: "": not a valid selector operator',
    ],
  },
  {
    name: 'a node affinity without terms',
    kind: 'persistentvolumes',
    part: { spec: { ...(minimal.persistentvolumes.spec as object), nodeAffinity: {} } },
    errors: ['spec.nodeAffinity.required: Required value: must specify required node constraints'],
  },
  {
    name: 'no time to be held',
    kind: 'leases',
    part: { spec: { leaseDurationSeconds: 0 } },
    errors: ['spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0'],
  },
]
for (const { name, kind, part, metadata, errors } of refused)
  test(`${kind} with ${name} is refused`, () => assert.deepEqual(errorsOf(kind, part, metadata), errors))

for (const { name, kind, before, after, errors } of [
  {
    name: 'the selector of a Deployment',
    kind: 'deploy',
    before: deployment({}),
    after: deployment({
      selector: { matchLabels: { a: 'c' } },
      template: { metadata: { labels: { a: 'c' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    }),
    errors: ['spec.selector: Invalid value: {"matchLabels":{"a":"c"}}: field is immutable'],
  },
  {
    name: 'the data of a sealed ConfigMap',
    kind: 'cm',
    before: { immutable: true, data: { a: '1' } },
    after: { immutable: true, data: { a: '2' } },
    errors: ['data: Forbidden: field is immutable when `immutable` is set'],
  },
  {
    name: 'the type of a Secret',
    kind: 'secret',
    before: { type: 'Opaque' },
    after: { type: 'example.com/other' },
    errors: ['type: Invalid value: "example.com/other": field is immutable'],
  },
])
  test(`${name} may not change`, () => assert.deepEqual(updateErrors(kind, before, after), errors))

test('stringData is encoded into data', () => {
  const { object } = stored('secret', { data: { a: 'YQ==' }, stringData: { a: 'new', b: 'ü' } })
  assert.deepEqual(
    { ...object, metadata: undefined },
    { apiVersion: 'v1', kind: 'Secret', metadata: undefined, type: 'Opaque', data: { a: 'bmV3', b: 'w7w=' } },
  )
})

test('a Namespace gets its label, finalizer and phase', () => {
  const { object } = stored('ns', {})
  assert.deepEqual(object.metadata.labels, { 'kubernetes.io/metadata.name': 'x' })
  assert.deepEqual((object as KubeObject & { spec: unknown; status: unknown }).spec, { finalizers: ['kubernetes'] })
  assert.deepEqual((object as KubeObject & { spec: unknown; status: unknown }).status, { phase: 'Active' })
})

test('a Deployment gets the defaults of apps/v1', () => {
  const { spec } = stored('deploy', deployment({})).object as KubeObject & { spec: Record<string, unknown> }
  const { selector: _selector, template: _template, ...rest } = spec
  assert.deepEqual(rest, {
    replicas: 1,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
  })
})

const rows: {
  kind: string
  part: Record<string, unknown>
  metadata?: Record<string, unknown>
  cells: (string | number)[]
}[] = [
  { kind: 'deploy', part: deployment({ replicas: 3 }), cells: ['x', '0/3', 0, 0, '90s', 'c', 'i', 'a=b'] },
  { kind: 'rs', part: deployment({ replicas: 3 }), cells: ['x', 3, 0, 0, '90s', 'c', 'i', 'a=b'] },
  { kind: 'cm', part: { data: { a: '1', b: '2' }, binaryData: { c: 'YQ==' } }, cells: ['x', 3, '90s'] },
  { kind: 'secret', part: { data: { a: 'YQ==' } }, cells: ['x', 'Opaque', 1, '90s'] },
  { kind: 'ns', part: {}, cells: ['x', 'Active', '90s'] },
  {
    kind: 'no',
    part: {
      spec: { unschedulable: true },
      status: {
        conditions: [{ type: 'Ready', status: 'True' }],
        nodeInfo: { kubeletVersion: 'v1.36.0', osImage: 'Debian' },
        addresses: [{ type: 'InternalIP', address: '10.0.0.2' }],
      },
    },
    metadata: { labels: { 'node-role.kubernetes.io/control-plane': '' } },
    cells: [
      'x',
      'Ready,SchedulingDisabled',
      'control-plane',
      '90s',
      'v1.36.0',
      '10.0.0.2',
      '<none>',
      'Debian',
      '<unknown>',
      '<unknown>',
    ],
  },
  {
    kind: 'ep',
    part: { subsets: [{ addresses: [1, 2, 3, 4].map((n) => ({ ip: `10.1.0.${n}` })), ports: [{ port: 80 }] }] },
    cells: ['x', '10.1.0.1:80,10.1.0.2:80,10.1.0.3:80 + 1 more...', '90s'],
  },
  { kind: 'ep', part: {}, cells: ['x', '<none>', '90s'] },
  {
    kind: 'ep',
    part: { subsets: [{ notReadyAddresses: [{ ip: '10.1.0.1' }], ports: [{ port: 80 }] }] },
    cells: ['x', '', '90s'],
  },
  {
    kind: 'endpointslices',
    part: { addressType: 'IPv4', endpoints: [{ addresses: ['10.1.0.4'] }], ports: [{ port: 80 }] },
    cells: ['x', 'IPv4', '80', '10.1.0.4', '90s'],
  },
  { kind: 'endpointslices', part: { addressType: 'IPv6' }, cells: ['x', 'IPv6', '<unset>', '<unset>', '90s'] },
  {
    kind: 'ev',
    part: {
      involvedObject: { kind: 'Pod', namespace: 'default', name: 'p', fieldPath: 'spec.containers{c}' },
      type: 'Warning',
      reason: 'BackOff',
      message: 'Back-off\n',
      count: 3,
      source: { component: 'kubelet', host: 'n1' },
      firstTimestamp: '2026-11-20T08:00:30Z',
      lastTimestamp: '2026-11-20T08:01:20Z',
    },
    cells: ['10s', 'Warning', 'BackOff', 'pod/p', 'spec.containers{c}', 'kubelet, n1', 'Back-off', '60s', 3, 'x'],
  },
  { kind: 'leases', part: { spec: { holderIdentity: 'n1' } }, cells: ['x', 'n1', '90s'] },
  { kind: 'sa', part: {}, cells: ['x', '90s'] },
]
for (const { kind, part, metadata, cells } of rows)
  test(`the row of ${kind} ${JSON.stringify(part).slice(0, 60)} is what kubectl prints`, () =>
    assert.deepEqual(row(kind, part, metadata), cells))

for (const { name, kind } of [
  { name: 'po', kind: 'Pod' },
  { name: 'pods.v1', kind: 'Pod' },
  { name: 'Deployment', kind: 'Deployment' },
  { name: 'deploy.apps', kind: 'Deployment' },
  { name: 'deployments.v1.apps', kind: 'Deployment' },
  { name: 'svc', kind: 'Service' },
  { name: 'endpoints', kind: 'Endpoints' },
  { name: 'deployments.extensions', kind: undefined },
  { name: 'jobs', kind: 'Job' },
  { name: 'widgets', kind: undefined },
])
  test(`the resource ${name} is ${kind ?? 'unknown'}`, () => assert.equal(findResource(name)?.kind, kind))
