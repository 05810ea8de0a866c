import assert from 'node:assert/strict'
import test from 'node:test'
import { pods } from '../../../../sim/api/core/pod.ts'
import { messageOf } from '../../../../sim/api/meta/field-error.ts'
import { podErrors, storedPod, updateErrors } from './pod-fixture.ts'

const container = (part: Record<string, unknown>) => ({ containers: [{ name: 'c', image: 'i:1', ...part }] })
/** Its only container mounts its only volume. */
const mounted = (part: Record<string, unknown>) => ({
  ...container({ volumeMounts: [{ name: 'v', mountPath: '/v', ...part }] }),
  volumes: [{ name: 'v', emptyDir: {} }],
})
const LABEL_1123 =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"

/** Of the only volume, and what the server says of it. */
const refusedVolumes: { source: Record<string, unknown>; errors: string[] }[] = [
  {
    source: { csi: { driver: '' } },
    errors: ['csi.driver: Required value'],
  },
  {
    source: { csi: { driver: 'a.b', nodePublishSecretRef: {} } },
    errors: ['csi.nodePublishSecretRef.name: Required value'],
  },
  {
    source: { image: { pullPolicy: 'Foo' } },
    errors: [
      'image.reference: Required value',
      'image.pullPolicy: Unsupported value: "Foo": supported values: "Always", "IfNotPresent", "Never"',
    ],
  },
  { source: { image: { reference: 'a:1' } }, errors: [] },
  { source: { ephemeral: {} }, errors: ['ephemeral.volumeClaimTemplate: Required value'] },
  {
    source: { ephemeral: { volumeClaimTemplate: { spec: {} } } },
    errors: [
      'ephemeral.volumeClaimTemplate.spec.accessModes: Required value: at least 1 access mode is required',
      'ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value',
    ],
  },
  {
    source: { iscsi: { iqn: 'bad', lun: 300 } },
    errors: [
      'iscsi.targetPortal: Required value',
      'iscsi.iqn: Invalid value: "bad": must be valid format starting with iqn, eui, or naa',
      'iscsi.lun: Invalid value: 300: must be between 0 and 255, inclusive',
    ],
  },
  {
    source: { fc: {} },
    errors: ['fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not both'],
  },
  { source: { gcePersistentDisk: {} }, errors: ['persistentDisk.pdName: Required value'] },
  {
    source: { flexVolume: { driver: 'a/b', options: { 'x.kubernetes.io/y': 'z' } } },
    errors: [
      'flexVolume.options[x.kubernetes.io/y]: Invalid value: "x.kubernetes.io/y": kubernetes.io and k8s.io namespaces are reserved',
    ],
  },
  {
    source: { gitRepo: { directory: '/x' } },
    errors: ['gitRepo.repository: Required value', 'gitRepo.directory: Invalid value: "/x": must be a relative path'],
  },
  {
    source: {
      projected: {
        sources: [
          { secret: { name: 's', items: [{ key: 'k', path: 'p' }] } },
          { configMap: { name: 'm', items: [{ key: 'k', path: 'p' }] } },
          { serviceAccountToken: { path: '', expirationSeconds: 2 ** 33 } },
        ],
      },
    },
    errors: [
      'projected: Invalid value: "m": conflicting duplicate paths',
      'projected.sources[2].serviceAccountToken.expirationSeconds: Invalid value: 8589934592: may not specify a duration larger than 2^32 seconds',
      'projected.path: Required value',
    ],
  },
  { source: { emptyDir: {}, cephfs: {} }, errors: ['cephFS: Forbidden: may not specify more than 1 volume type'] },
  { source: { configMap: { name: 'c', items: [{ path: 'p' }] } }, errors: ['configMap.items[0].key: Required value'] },
  {
    source: {
      projected: {
        sources: [
          { secret: { items: [{ key: 'k', path: 'p' }] } },
          { configMap: { name: 'c', items: [{ key: 'k', path: 'p' }] } },
        ],
      },
    },
    errors: [
      'projected.sources[0].secret.name: Required value',
      'projected: Invalid value: "c": conflicting duplicate paths',
    ],
  },
  {
    source: { projected: { sources: [1, 2].map(() => ({ secret: { items: [{ key: 'k', path: 'p' }] } })) } },
    errors: [
      'projected.sources[0].secret.name: Required value',
      'projected.sources[1].secret.name: Required value',
      'projected: Invalid value: "": conflicting duplicate paths',
    ],
  },
]
for (const { source, errors } of refusedVolumes)
  test(`a volume of ${JSON.stringify(source)} is refused for what is wrong`, () => {
    const spec = { ...container({}), serviceAccountName: 'a', volumes: [{ name: 'v', ...source }] }
    assert.deepEqual(
      podErrors(spec).map((error) => error.replace(/^spec\.volumes\[0\]\.?/, '')),
      errors,
    )
  })

const refusedBySystem: { spec: Record<string, unknown>; errors: string[] }[] = [
  {
    spec: { os: { name: 'windows' }, hostPID: true, securityContext: { runAsUser: 5, sysctls: [] } },
    errors: [
      'spec.hostPID: Forbidden: cannot be set for a windows pod',
      'spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod',
    ],
  },
  {
    spec: { os: { name: 'windows' }, ...container({ securityContext: { privileged: false } }) },
    errors: ['spec.containers[0].securityContext.privileged: Forbidden: cannot be set for a windows pod'],
  },
  {
    spec: { os: { name: 'linux' }, ...container({ securityContext: { windowsOptions: { runAsUserName: '' } } }) },
    errors: [
      'spec.containers[0].securityContext.windowsOptions.runAsUserName: Invalid value: "": runAsUserName cannot be an empty string',
      'spec.containers[0].securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod',
    ],
  },
  { spec: { os: {} }, errors: ['spec.os.name: Required value'] },
  {
    spec: container({ securityContext: { windowsOptions: { hostProcess: true, runAsUserName: 'a\\\\b' } } }),
    errors: [
      'spec.containers[0].securityContext.windowsOptions.runAsUserName: Invalid value: "a\\\\\\\\b": runAsUserName cannot contain more than one backslash',
      'spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers',
    ],
  },
]
for (const { spec, errors } of refusedBySystem)
  test(`a Pod of one operating system with ${JSON.stringify(spec)} is refused what is of another`, () =>
    assert.deepEqual(podErrors(spec), errors))

const envOf = (valueFrom: Record<string, unknown>) => container({ env: [{ name: 'A', valueFrom }] })
const AT = 'spec.containers[0].env[0].valueFrom'
const refusedSources: { spec: Record<string, unknown>; errors: string[] }[] = [
  {
    spec: envOf({ fieldRef: { apiVersion: 'v2', fieldPath: 'metadata.name' } }),
    errors: [
      `${AT}.fieldRef.fieldPath: Invalid value: "metadata.name": error converting fieldPath: unsupported pod version: v2`,
    ],
  },
  {
    spec: envOf({ fieldRef: { fieldPath: "metadata.name['a']" } }),
    errors: [
      `${AT}.fieldRef.fieldPath: Invalid value: "metadata.name['a']": error converting fieldPath: field label does not support subscript: metadata.name['a']`,
    ],
  },
  {
    spec: envOf({ fileKeyRef: { volumeName: 'v', path: 'a/../b' } }),
    errors: [
      `${AT}.fileKeyRef.key: Required value`,
      `${AT}.fileKeyRef.path: Invalid value: "a/../b": must not contain '..'`,
      `${AT}.fileKeyRef.volumeName: Not found: "v"`,
    ],
  },
  {
    spec: {
      ...envOf({ fileKeyRef: { volumeName: 'v', path: 'a', key: 'k' } }),
      volumes: [{ name: 'v', hostPath: { path: '/x' } }],
    },
    errors: [`${AT}.fileKeyRef.volumeName: Invalid value: "v": referenced volume must be of type emptyDir`],
  },
]
for (const { spec, errors } of refusedSources)
  test(`a variable of ${JSON.stringify(spec.containers)} is refused`, () => assert.deepEqual(podErrors(spec), errors))

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
    spec: mounted({ subPath: '../x' }),
    error: 'spec.containers[0].volumeMounts.subPath: Invalid value: "../x": must not contain \'..\'',
  },
  {
    spec: mounted({ subPath: 'x', subPathExpr: '$(Y)' }),
    error:
      'spec.containers[0].volumeMounts[0].subPathExpr: Invalid value: "$(Y)": subPathExpr and subPath are mutually exclusive',
  },
  {
    spec: mounted({ recursiveReadOnly: 'Enabled', readOnly: true, mountPropagation: 'HostToContainer' }),
    error:
      'spec.containers[0].volumeMounts.recursiveReadOnly: Forbidden: may only be specified when mountPropagation is None or not specified',
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
      'spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
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
      'spec.containers[0].securityContext: Invalid value: {"Capabilities":null,"Privileged":true,"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
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
      '@@ -35,7 +35,7 @@',
      '   }',
      '  ],',
      '  "EphemeralContainers": null,',
      '- "RestartPolicy": "Always",',
      '+ "RestartPolicy": "Never",',
      '  "TerminationGracePeriodSeconds": 30,',
      '  "ActiveDeadlineSeconds": null,',
      '  "DNSPolicy": "ClusterFirst",',
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
  ])
})

const exactly: {
  name: string
  spec?: Record<string, unknown>
  metadata?: Record<string, unknown>
  errors: string[]
}[] = [
  ...['0', '-0', '5', '-2147483648', '2147483647'].map((cost) => ({
    name: `a cost of deletion of ${cost}`,
    metadata: { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } },
    errors: [],
  })),
  ...['', '+1', '05', '1.5', '2147483648', '-2147483649'].map((cost) => ({
    name: `a cost of deletion of ${JSON.stringify(cost)}`,
    metadata: { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } },
    errors: [
      `metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: ${JSON.stringify(cost)}: must be a 32bit integer`,
    ],
  })),
  {
    name: 'ephemeral containers',
    spec: {
      ephemeralContainers: [{ name: 'e', image: 'i', terminationMessagePolicy: 'File', imagePullPolicy: 'Always' }],
    },
    errors: ['spec.ephemeralContainers: Forbidden: cannot be set on create'],
  },
  {
    name: 'a share of nobody and of nothing, told twice as the API server does',
    spec: { volumes: [{ name: 'v', nfs: { server: '', path: '' } }] },
    errors: [
      'spec.volumes[0].nfs.server: Required value',
      'spec.volumes[0].nfs.path: Required value',
      'spec.volumes[0].nfs.path: Invalid value: "": must be an absolute path',
    ],
  },
  { name: 'a node and no gate', spec: { nodeName: 'n', schedulingGates: [] }, errors: [] },
  {
    name: 'a node and a gate',
    spec: { nodeName: 'n', schedulingGates: [{ name: 'a/b' }] },
    errors: ['spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared'],
  },
  {
    name: 'a token of no account',
    spec: {
      volumes: [
        { name: 'v', emptyDir: {} },
        { name: 'w', projected: { sources: [{ configMap: { name: 'm' } }, { serviceAccountToken: { path: 't' } }] } },
      ],
    },
    errors: [
      'spec.volumes[1].projected.sources[1].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set',
    ],
  },
  {
    name: 'a token of its account',
    spec: {
      serviceAccountName: 'a',
      volumes: [{ name: 'w', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }],
    },
    errors: [],
  },
  {
    name: 'images with spaces around them',
    spec: { containers: [{ name: 'c', image: ' i' }], initContainers: [{ name: 'd', image: 'i ' }] },
    errors: [
      'spec.containers[0].image: Invalid value: " i": must not have leading or trailing whitespace',
      'spec.initContainers[0].image: Invalid value: "i ": must not have leading or trailing whitespace',
    ],
  },
  { name: 'no namespace', metadata: { namespace: '' }, errors: ['metadata.namespace: Required value'] },
]
for (const { name, spec = {}, metadata = {}, errors } of exactly)
  test(`a new Pod with ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(podErrors(spec, metadata), errors))

type Change = (pod: ReturnType<typeof storedPod>) => void
const FIELDS =
  'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'
const DEADLINE = 'spec.activeDeadlineSeconds: '
const AFFINITY = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms'
const gated = (part: Record<string, unknown> = {}) => ({ schedulingGates: [{ name: 'a/b' }], ...part })
const inZone = (...zones: string[]) => ({
  matchExpressions: zones.map((zone) => ({ key: 'zone', operator: 'In', values: [zone] })),
})
const onField = { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n'] }] }
const onNodes = (...nodeSelectorTerms: object[]) => ({
  nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
})
const narrowed =
  (affinity: object | undefined): Change =>
  (pod) => {
    if (affinity) Object.assign(pod.spec, { affinity })
    else delete pod.spec.affinity
  }
const tolerating = (...tolerations: object[]) => ({ tolerations })
/** Only the first line: what changed follows. */
const updates: { name: string; spec?: Record<string, unknown>; change: Change; errors: string[] }[] = [
  { name: 'nothing', change: () => {}, errors: [] },
  {
    name: 'the images of all containers',
    spec: { initContainers: [{ name: 'd', image: 'i' }] },
    change: ({ spec }) => {
      spec.containers[0].image = 'a'
      spec.initContainers![0].image = 'b'
    },
    errors: [],
  },
  {
    name: 'images to none and to one with spaces',
    spec: { initContainers: [{ name: 'd', image: 'i' }] },
    change: ({ spec }) => {
      spec.containers[0].image = ''
      spec.initContainers![0].image = 'i '
    },
    errors: [
      'spec.containers[0].image: Required value',
      'spec.initContainers[0].image: Invalid value: "i ": must not have leading or trailing whitespace',
      'spec.containers[0].image: Required value',
      'spec.initContainers[0].image: Invalid value: "i ": must not have leading or trailing whitespace',
    ],
  },
  {
    name: 'the number of init containers',
    change: ({ spec }) => {
      spec.initContainers = [{ ...spec.containers[0], name: 'd' }]
    },
    errors: ['spec.initContainers: Forbidden: pod updates may not add or remove containers'],
  },
  {
    name: 'the command of a container',
    change: ({ spec }) => {
      spec.containers[0].command = ['a']
    },
    errors: [FIELDS],
  },
  {
    name: 'its deadline, to one',
    change: ({ spec }) => void Object.assign(spec, { activeDeadlineSeconds: 5 }),
    errors: [],
  },
  {
    name: 'its deadline, to the same',
    spec: { activeDeadlineSeconds: 5 },
    change: ({ spec }) => void Object.assign(spec, { activeDeadlineSeconds: 5 }),
    errors: [],
  },
  {
    name: 'its deadline, to none',
    spec: { activeDeadlineSeconds: 5 },
    change: ({ spec }) => void delete spec.activeDeadlineSeconds,
    errors: [`${DEADLINE}Invalid value: null: must not update from a positive integer to nil value`],
  },
  ...[-1, 2147483648].map((activeDeadlineSeconds) => ({
    name: `its deadline, to ${activeDeadlineSeconds}`,
    change: ({ spec }: ReturnType<typeof storedPod>) => void Object.assign(spec, { activeDeadlineSeconds }),
    errors: [
      `${DEADLINE}Invalid value: ${activeDeadlineSeconds}: must be between 1 and 2147483647, inclusive`,
      `${DEADLINE}Invalid value: ${activeDeadlineSeconds}: must be between 0 and 2147483647, inclusive`,
    ],
  })),
  {
    name: 'for how long it tolerates a taint',
    spec: tolerating({ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }),
    change: ({ spec }) => void Object.assign(spec.tolerations![0], { tolerationSeconds: 9 }),
    errors: [],
  },
  {
    name: 'what it tolerates',
    spec: tolerating({ key: 'a', operator: 'Exists' }, { key: 'b', operator: 'Exists' }),
    change: ({ spec }) => {
      spec.tolerations = [{ key: 'c', operator: 'Exists' }]
    },
    errors: ['spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds'],
  },
  {
    name: 'what it tolerates, to what cannot be',
    change: ({ spec }) => {
      spec.tolerations = [{ operator: 'Equal' }]
    },
    errors: ['', ''].map(
      () =>
        'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
    ),
  },
  {
    name: 'a gate less',
    spec: { schedulingGates: [{ name: 'a/b' }, { name: 'c/d' }] },
    change: ({ spec }) => void spec.schedulingGates!.shift(),
    errors: [],
  },
  {
    name: 'a gate more',
    spec: gated(),
    change: ({ spec }) => void spec.schedulingGates!.push({ name: 'c/d' }),
    errors: ["spec.schedulingGates[1].name: Forbidden: only deletion is allowed, but found new scheduling gate 'c/d'"],
  },
  {
    name: 'the time to end, from a negative one to a second',
    spec: { terminationGracePeriodSeconds: -1 },
    change: ({ spec }) => void Object.assign(spec, { terminationGracePeriodSeconds: 1 }),
    errors: [],
  },
  {
    name: 'the time to end, from a negative one to two seconds',
    spec: { terminationGracePeriodSeconds: -1 },
    change: ({ spec }) => void Object.assign(spec, { terminationGracePeriodSeconds: 2 }),
    errors: [FIELDS],
  },
  {
    name: 'the time to end, from none to a second',
    spec: { terminationGracePeriodSeconds: 0 },
    change: ({ spec }) => void Object.assign(spec, { terminationGracePeriodSeconds: 1 }),
    errors: [FIELDS],
  },
  {
    name: 'its nodes',
    spec: { nodeSelector: { a: 'b' } },
    change: ({ spec }) => void Object.assign(spec, { nodeSelector: { a: 'b', c: 'd' } }),
    errors: [FIELDS],
  },
  {
    name: 'its nodes to fewer, behind a gate',
    spec: gated({ nodeSelector: { a: 'b' } }),
    change: ({ spec }) => void Object.assign(spec, { nodeSelector: { a: 'b', c: 'd' } }),
    errors: [],
  },
  {
    name: 'its nodes to others, behind a gate',
    spec: gated({ nodeSelector: { a: 'b', c: 'd' } }),
    change: ({ spec }) => void Object.assign(spec, { nodeSelector: { a: 'b', c: 'e' } }),
    errors: [
      'spec.nodeSelector: Invalid value: {"a":"b","c":"e"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
    ],
  },
  { name: 'its zone, behind a gate, from any', spec: gated(), change: narrowed(onNodes(inZone('a'))), errors: [] },
  {
    name: 'its zone, behind a gate, with more to ask for',
    spec: gated({ affinity: onNodes(inZone('a'), onField) }),
    change: narrowed(onNodes({ ...inZone('a', 'b'), ...onField }, { ...onField, ...inZone('c') })),
    errors: [],
  },
  {
    name: 'its zone, behind a gate, with less to ask for',
    spec: gated({ affinity: onNodes(inZone('a', 'b'), { ...onField, ...inZone('c') }) }),
    change: narrowed(onNodes(inZone('a'), inZone('c'))),
    errors: [
      `${AFFINITY}[0]: Invalid value: {"MatchExpressions":[{"Key":"zone","Operator":"In","Values":["a"]}],"MatchFields":null}: only additions are allowed (no mutations or deletions)`,
      `${AFFINITY}[1]: Invalid value: {"MatchExpressions":[{"Key":"zone","Operator":"In","Values":["c"]}],"MatchFields":null}: only additions are allowed (no mutations or deletions)`,
    ],
  },
  {
    name: 'its zone, behind a gate, from a term that selects nothing',
    spec: gated({ affinity: onNodes({}) }),
    change: narrowed(onNodes(inZone('a'))),
    errors: [
      `${AFFINITY}[0]: Invalid value: {"MatchExpressions":[{"Key":"zone","Operator":"In","Values":["a"]}],"MatchFields":null}: only additions are allowed (no mutations or deletions)`,
    ],
  },
  {
    name: 'its zone, behind a gate, to any',
    spec: gated({ affinity: onNodes(inZone('a')) }),
    change: narrowed(undefined),
    errors: [`${AFFINITY}: Invalid value: []: no additions/deletions to non-empty NodeSelectorTerms list are allowed`],
  },
  {
    name: 'its zone, which no gate holds back',
    change: narrowed(onNodes(inZone('a'))),
    errors: [FIELDS],
  },
  {
    name: 'its neighbours, behind a gate',
    spec: gated({ affinity: onNodes(inZone('a')) }),
    change: narrowed({
      ...onNodes(inZone('a')),
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: 'zone', labelSelector: { matchLabels: { a: 'b' } } },
        ],
      },
    }),
    errors: [FIELDS],
  },
]
for (const { name, spec, change, errors } of updates)
  test(`an update of a Pod that changes ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(
      updateErrors(change, spec).map((error) => error.split('\n')[0]),
      errors,
    ))

const ended = (exitCode: number, name = 'c') => ({ name, state: { terminated: { exitCode } } })
const running = (name = 'c') => ({ name, state: { running: {} } })
const BACK = 'Forbidden: may not be transitioned to non-terminated state'
const QUALIFIED =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const restarting = (part: Record<string, unknown>) => ({ containers: [{ name: 'c', image: 'i', ...part }] })
const rule = (operator: string) => ({
  restartPolicy: 'Never',
  restartPolicyRules: [{ action: 'Restart', exitCodes: { operator, values: [3] } }],
})
const statuses: {
  name: string
  spec?: Record<string, unknown>
  before?: Record<string, unknown>
  now: Record<string, unknown>
  change?: Change
  errors: string[]
}[] = [
  {
    name: 'conditions of its own, and one without a name',
    now: { conditions: ['PodScheduled', 'Ready', 'Initialized', 'example.com/a', '-'].map((type) => ({ type })) },
    errors: [`status.conditions[4].Type: Invalid value: "-": ${QUALIFIED}`],
  },
  {
    name: 'another node',
    now: {},
    change: ({ spec }) => void Object.assign(spec, { nodeName: 'n' }),
    errors: ['status.nodeName: Forbidden: may not be changed directly'],
  },
  { name: 'a node to be freed for it', now: { nominatedNodeName: 'n' }, errors: [] },
  {
    name: 'a node to be freed for it that is none',
    now: { nominatedNodeName: 'N' },
    errors: [`status.nominatedNodeName: Invalid value: "N": ${SUBDOMAIN}`],
  },
  {
    name: 'a node to be freed for it, that was one before',
    before: { nominatedNodeName: 'N' },
    now: { nominatedNodeName: 'N' },
    errors: [],
  },
  {
    name: 'a node to be freed for it while it is on another',
    spec: { nodeName: 'm' },
    now: { nominatedNodeName: 'n' },
    errors: ['status.nominatedNodeName: Forbidden: may not be set on pods that are already bound to a node'],
  },
  {
    name: 'no node to be freed for it any more',
    spec: { nodeName: 'm' },
    before: { nominatedNodeName: 'n' },
    now: { nominatedNodeName: '' },
    errors: [],
  },
  {
    name: 'another class of service',
    before: { qosClass: 'BestEffort' },
    now: { qosClass: 'Guaranteed' },
    errors: ['status.qosClass: Invalid value: "Guaranteed": field is immutable'],
  },
  { name: 'an address of each family', now: { podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] }, errors: [] },
  {
    name: 'addresses that are none',
    now: { podIPs: [{ ip: '10.0.0' }] },
    errors: [
      'status.podIPs[0]: Invalid value: "10.0.0": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
  },
  ...[
    ['10.0.0.1', '10.0.0.2'],
    ['fd00::1', 'fd00::2'],
    ['10.0.0.1', 'fd00::1', '10.0.0.2'],
  ].map((ips) => ({
    name: `the addresses ${ips.join(' and ')}`,
    now: { podIPs: ips.map((ip) => ({ ip })) },
    errors: [
      `status.podIPs: Invalid value: ${JSON.stringify(ips.map((IP) => ({ IP })))}: may specify no more than one IP for each IP family`,
    ],
  })),
  {
    name: 'a container that runs again, as it always does',
    spec: { restartPolicy: 'Always' },
    before: { containerStatuses: [ended(0)] },
    now: { containerStatuses: [running()] },
    errors: [],
  },
  {
    name: 'a container that runs again after it failed, as it is to',
    spec: { restartPolicy: 'OnFailure' },
    before: { containerStatuses: [ended(1)] },
    now: { containerStatuses: [running()] },
    errors: [],
  },
  {
    name: 'a container that runs again after it succeeded',
    spec: { restartPolicy: 'OnFailure' },
    before: { containerStatuses: [running('a'), ended(0)] },
    now: { containerStatuses: [running('a'), running()] },
    errors: [`status.containerStatuses[1].state: ${BACK}`],
  },
  {
    name: 'a container that runs again and is not to',
    spec: { restartPolicy: 'Never' },
    before: { containerStatuses: [ended(1)] },
    now: { containerStatuses: [{ name: 'c' }] },
    errors: [`status.containerStatuses[0].state: ${BACK}`],
  },
  {
    name: 'a container that is ended as before',
    spec: { restartPolicy: 'Never' },
    before: { containerStatuses: [ended(1)] },
    now: { containerStatuses: [ended(1), running('d')] },
    errors: [],
  },
  {
    name: 'a container that says otherwise than its Pod',
    spec: { restartPolicy: 'Never', ...restarting({ restartPolicy: 'Always' }) },
    before: { containerStatuses: [ended(0)] },
    now: { containerStatuses: [running()] },
    errors: [],
  },
  {
    name: 'a container that runs again after the exit code that its rule names',
    spec: { restartPolicy: 'Never', ...restarting(rule('In')) },
    before: { containerStatuses: [ended(3)] },
    now: { containerStatuses: [running()] },
    errors: [],
  },
  {
    name: 'a container that runs again after the exit code that its rule leaves out',
    spec: { restartPolicy: 'Never', ...restarting(rule('NotIn')) },
    before: { containerStatuses: [ended(3)] },
    now: { containerStatuses: [running()] },
    errors: [`status.containerStatuses[0].state: ${BACK}`],
  },
  {
    name: 'a sidecar that runs again, and an init container that is not to',
    spec: {
      restartPolicy: 'Never',
      initContainers: [
        { name: 's', image: 'i', restartPolicy: 'Always' },
        { name: 'd', image: 'i' },
      ],
    },
    before: { initContainerStatuses: [ended(0, 's'), ended(0, 'd')] },
    now: { initContainerStatuses: [running('s'), running('d')] },
    errors: [`status.initContainerStatuses[1].state: ${BACK}`],
  },
]
for (const { name, spec, before = {}, now, change, errors } of statuses)
  test(`a status of a Pod with ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () => {
    const old = storedPod(spec)
    Object.assign(old.status, before)
    const pod = structuredClone(old)
    Object.assign(pod.status, now)
    change?.(pod)
    assert.deepEqual(pods.validateStatusUpdate?.(pod, old).map(messageOf), errors)
  })
