import assert from 'node:assert/strict'
import test from 'node:test'
import { pods } from '../../../../sim/api/core/pod.ts'
import { podErrors, storedPod, updateErrors } from './pod-fixture.ts'

const container = (part: Record<string, unknown>) => ({ containers: [{ name: 'c', image: 'i:1', ...part }] })
const LABEL_1123 =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"

const refused: { spec: Record<string, unknown>; error: string }[] = [
  {
    spec: { restartPolicy: 'Sometimes' },
    error: 'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
  },
  { spec: { containers: [] }, error: 'spec.containers: Required value' },
  { spec: { containers: [{ name: 'c' }] }, error: 'spec.containers[0].image: Required value' },
  {
    spec: { containers: [{ name: 'A_b', image: 'i' }] },
    error: `spec.containers[0].name: Invalid value: "A_b": ${LABEL_1123}`,
  },
  {
    spec: {
      containers: [
        { name: 'a', image: 'i' },
        { name: 'a', image: 'i' },
      ],
    },
    error: 'spec.containers[1].name: Duplicate value: "a"',
  },
  {
    spec: container({ image: ' i:1' }),
    error: 'spec.containers[0].image: Invalid value: " i:1": must not have leading or trailing whitespace',
  },
  {
    spec: container({ ports: [{ containerPort: 70000 }] }),
    error: 'spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
  },
  { spec: container({ ports: [{}] }), error: 'spec.containers[0].ports[0].containerPort: Required value' },
  {
    spec: container({ ports: [{ containerPort: 80, protocol: 'HTTP' }] }),
    error: 'spec.containers[0].ports[0].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"',
  },
  {
    spec: container({
      ports: [
        { name: 'a', containerPort: 80 },
        { name: 'a', containerPort: 81 },
      ],
    }),
    error: 'spec.containers[0].ports[1].name: Duplicate value: "a"',
  },
  {
    spec: container({
      ports: [
        { containerPort: 80, hostPort: 80 },
        { containerPort: 81, hostPort: 80 },
      ],
    }),
    error: 'spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//80"',
  },
  {
    spec: container({ ports: [{ name: '123', containerPort: 80 }] }),
    error: 'spec.containers[0].ports[0].name: Invalid value: "123": must contain at least one letter (a-z)',
  },
  {
    spec: container({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }),
    error: 'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
  },
  {
    spec: container({ resources: { requests: { cpu: '-1' } } }),
    error: 'spec.containers[0].resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0',
  },
  {
    spec: container({ resources: { requests: { 'example.com/gpu': '1' } } }),
    error: 'spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources',
  },
  {
    spec: container({ resources: { requests: { disk: '1' } } }),
    error:
      'spec.containers[0].resources.requests[disk]: Invalid value: "disk": must be a standard resource type or fully qualified',
  },
  {
    spec: container({ livenessProbe: {} }),
    error: 'spec.containers[0].livenessProbe: Required value: must specify a handler type',
  },
  {
    spec: container({ livenessProbe: { tcpSocket: { port: 80 }, successThreshold: 2 } }),
    error: 'spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1',
  },
  {
    spec: container({ readinessProbe: { exec: { command: ['x'] }, tcpSocket: { port: 80 } } }),
    error: 'spec.containers[0].readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type',
  },
  {
    spec: container({ readinessProbe: { exec: {} } }),
    error: 'spec.containers[0].readinessProbe.exec.command: Required value',
  },
  {
    spec: container({ readinessProbe: { httpGet: { port: 'no_port' } } }),
    error:
      'spec.containers[0].readinessProbe.httpGet.port: Invalid value: "no_port": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
  },
  {
    spec: container({ readinessProbe: { tcpSocket: { port: 80 }, terminationGracePeriodSeconds: 5 } }),
    error:
      'spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes',
  },
  {
    spec: container({ lifecycle: { preStop: { sleep: { seconds: 60 } } } }),
    error:
      'spec.containers[0].lifecycle.preStop.sleep: Invalid value: 60: must be non-negative and less than terminationGracePeriodSeconds (30)',
  },
  {
    spec: container({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
    error: 'spec.containers[0].volumeMounts[0].name: Not found: "v"',
  },
  {
    spec: { volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/x' } }] },
    error: 'spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type',
  },
  { spec: { volumes: [{ name: 'v' }, { name: 'v' }] }, error: 'spec.volumes[1].name: Duplicate value: "v"' },
  { spec: { volumes: [{ name: 'v', configMap: {} }] }, error: 'spec.volumes[0].configMap.name: Required value' },
  {
    spec: { volumes: [{ name: 'v', secret: { secretName: 's', defaultMode: 999 } }] },
    error:
      'spec.volumes[0].secret.defaultMode: Invalid value: 999: must be a number between 0 and 0777 (octal), both inclusive',
  },
  {
    spec: container({ imagePullPolicy: 'Sometimes' }),
    error:
      'spec.containers[0].imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"',
  },
  {
    spec: container({ env: [{ name: 'a=b' }] }),
    error:
      'spec.containers[0].env[0].name: Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters other than \'=\'',
  },
  {
    spec: container({ env: [{ name: 'A', value: 'x', valueFrom: { configMapKeyRef: { name: 'm', key: 'k' } } }] }),
    error: 'spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
  },
  {
    spec: container({ env: [{ name: 'A', valueFrom: {} }] }),
    error:
      'spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
  },
  {
    spec: { dnsPolicy: 'Foo' },
    error:
      'spec.dnsPolicy: Unsupported value: "Foo": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
  },
  {
    spec: { dnsPolicy: 'None' },
    error: 'spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None',
  },
  {
    spec: { activeDeadlineSeconds: 0 },
    error: 'spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive',
  },
  {
    spec: { tolerations: [{ key: 'a', operator: 'Exists', value: 'x' }] },
    error: 'spec.tolerations[0].operator: Invalid value: "x": value must be empty when `operator` is \'Exists\'',
  },
  {
    spec: { tolerations: [{ operator: 'Equal' }] },
    error:
      'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
  },
  {
    spec: { tolerations: [{ key: 'a', effect: 'NoSchedule', tolerationSeconds: 5 }] },
    error:
      'spec.tolerations[0].effect: Invalid value: "NoSchedule": effect must be \'NoExecute\' when `tolerationSeconds` is set',
  },
  {
    spec: { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } } },
    error:
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term',
  },
  {
    spec: {
      affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: {} }] } },
    },
    error:
      'spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value: can not be empty',
  },
  {
    spec: { topologySpreadConstraints: [{ topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule' }] },
    error: 'spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
  },
  {
    spec: { initContainers: [{ name: 'i', image: 'i:1', readinessProbe: { tcpSocket: { port: 1 } } }] },
    error:
      'spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
  },
  {
    spec: { initContainers: [{ name: 'c', image: 'i:1' }] },
    error: 'spec.initContainers[0].name: Duplicate value: "c"',
  },
  {
    spec: container({ securityContext: { privileged: true, allowPrivilegeEscalation: false } }),
    error:
      'spec.containers[0].securityContext: Invalid value: {"privileged":true,"allowPrivilegeEscalation":false}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
  },
  {
    spec: { nodeName: 'n', schedulingGates: [{ name: 'a/b' }] },
    error: 'spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared',
  },
]
for (const { spec, error } of refused)
  test(`a Pod is refused: ${error.slice(0, 110)}`, () =>
    assert.ok(podErrors(spec).includes(error), podErrors(spec).join('\n')))

const accepted: { name: string; spec: Record<string, unknown> }[] = [
  {
    name: 'a sidecar with probes',
    spec: {
      initContainers: [{ name: 's', image: 'i:1', restartPolicy: 'Always', startupProbe: { tcpSocket: { port: 1 } } }],
    },
  },
  { name: 'a negative grace period, as a recorded server did', spec: { terminationGracePeriodSeconds: -1 } },
  { name: 'a variable name with a space', spec: container({ env: [{ name: '1 A', value: 'x' }] }) },
  {
    name: 'TCP and UDP on one host port',
    spec: container({
      ports: [
        { containerPort: 53, hostPort: 53 },
        { containerPort: 53, hostPort: 53, protocol: 'UDP' },
      ],
    }),
  },
  {
    name: 'init containers sharing a host port',
    spec: {
      initContainers: ['a', 'b'].map((name) => ({ name, image: 'i', ports: [{ containerPort: 1, hostPort: 1 }] })),
    },
  },
]
for (const { name, spec } of accepted)
  test(`a Pod with ${name} is accepted`, () => assert.deepEqual(podErrors(spec), []))

for (const { metadata, error } of [
  {
    metadata: { name: 'Bad_Name' },
    error:
      "metadata.name: Invalid value: \"Bad_Name\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
  },
  {
    metadata: { annotations: { a: 'x'.repeat(262145) } },
    error: 'metadata.annotations: Too long: may not be more than 262144 bytes',
  },
  {
    metadata: { finalizers: ['orphan', 'foregroundDeletion'] },
    error:
      'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
  },
  {
    metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'n' }] },
    error: 'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
  },
])
  test(`metadata is refused: ${error.slice(0, 80)}`, () => assert.deepEqual(podErrors({}, metadata), [error]))

test('the image, a shorter deadline and more tolerations may change', () =>
  assert.deepEqual(
    updateErrors(
      (pod) => {
        pod.spec.containers[0].image = 'nginx:1.28'
        pod.spec.activeDeadlineSeconds = 50
        pod.spec.tolerations = [{ key: 'a', operator: 'Exists' }]
      },
      { activeDeadlineSeconds: 100 },
    ),
    [],
  ))

test('anything else may not change, and the answer shows what did', () => {
  const [error] = updateErrors((pod) => {
    pod.spec.restartPolicy = 'Never'
  })
  assert.equal(
    error,
    [
      'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
      '  core.PodSpec{',
      '- \tRestartPolicy: "Always",',
      '+ \tRestartPolicy: "Never",',
      '  \t... // 6 identical fields',
      '  }',
      '',
    ].join('\n'),
  )
})

for (const { name, change, error } of [
  {
    name: 'containers',
    change: (pod: ReturnType<typeof storedPod>) => pod.spec.containers.push(pod.spec.containers[0]),
    error: 'spec.containers: Forbidden: pod updates may not add or remove containers',
  },
  {
    name: 'a longer deadline',
    change: (pod: ReturnType<typeof storedPod>) => Object.assign(pod.spec, { activeDeadlineSeconds: 200 }),
    error: 'spec.activeDeadlineSeconds: Invalid value: 200: must be less than or equal to previous value',
  },
  {
    name: 'the uid',
    change: (pod: ReturnType<typeof storedPod>) => Object.assign(pod.metadata, { uid: 'x' }),
    error: 'metadata.uid: Invalid value: "x": field is immutable',
  },
])
  test(`an update of ${name} is refused`, () =>
    assert.ok(updateErrors((pod) => void change(pod), { activeDeadlineSeconds: 100 }).includes(error)))

test('a container that ended for good may not run again', () => {
  const old = storedPod({ restartPolicy: 'Never' })
  const base = { name: 'c', lastState: {}, ready: false, restartCount: 0, image: 'i', imageID: '' }
  old.status.containerStatuses = [{ ...base, state: { terminated: { exitCode: 1 } } }]
  const pod = structuredClone(old)
  pod.status.containerStatuses = [{ ...base, state: { running: { startedAt: '2026-11-20T08:00:00Z' } } }]
  assert.deepEqual(
    pods.validateStatusUpdate?.(pod, old).map((error) => error.body),
    ['Forbidden: may not be transitioned to non-terminated state'],
  )
})

test('what is accepted but surely not meant is warned about', () => {
  const pod = storedPod({
    terminationGracePeriodSeconds: -1,
    containers: [
      {
        name: 'c',
        image: 'i',
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
        resources: { limits: { memory: '128m' } },
      },
    ],
  })
  assert.deepEqual(pods.warnings?.(pod, undefined), [
    'spec.containers[0].resources.limits[memory]: fractional byte value "128m" is invalid, must be an integer',
    'spec.containers[0].resources.requests[memory]: fractional byte value "128m" is invalid, must be an integer',
    'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
    'spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1',
  ])
})
