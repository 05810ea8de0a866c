import assert from 'node:assert/strict'
import test from 'node:test'
import { applyPodSpecDefaults } from '../../../../sim/api/core/pod/defaults.ts'
import { pods } from '../../../../sim/api/core/pod.ts'
import { freezeJson } from '../../../../sim/api/meta/json.ts'
import { imageTag } from '../../../../sim/text/image-reference.ts'
import { draftPod, storedPod } from './pod-fixture.ts'

test('a minimal Pod gets what the server fills in', () => {
  const pod = draftPod()
  pods.applyDefaults(pod)
  assert.deepEqual(pod.spec, {
    containers: [
      {
        name: 'c',
        image: 'nginx:1.27',
        imagePullPolicy: 'IfNotPresent',
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        resources: {},
      },
    ],
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    schedulerName: 'default-scheduler',
    enableServiceLinks: true,
  })
})

for (const { image, tag } of [
  { image: 'nginx', tag: 'latest' },
  { image: 'nginx:latest', tag: 'latest' },
  { image: 'nginx:1.27', tag: '1.27' },
  { image: 'localhost:5000/nginx', tag: 'latest' },
  { image: 'localhost:5000/team/nginx:2', tag: '2' },
  { image: `nginx@sha256:${'a'.repeat(64)}`, tag: '' },
  { image: `nginx:1.27@sha256:${'a'.repeat(64)}`, tag: '1.27' },
  { image: 'Nginx', tag: '' },
  { image: 'nginx:', tag: '' },
])
  test(`the tag of ${image} is "${tag}"`, () => assert.equal(imageTag(image), tag))

test('an image without a tag is always pulled', () => {
  const pod = storedPod({ containers: [{ name: 'c', image: 'nginx' }] })
  assert.equal(pod.spec.containers[0].imagePullPolicy, 'Always')
})

test('a probe gets its times, and an HTTP probe its path and scheme', () => {
  const pod = storedPod({ containers: [{ name: 'c', image: 'i:1', livenessProbe: { httpGet: { port: 80 } } }] })
  assert.deepEqual(pod.spec.containers[0].livenessProbe, {
    httpGet: { port: 80, path: '/', scheme: 'HTTP' },
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  })
})

test('requests follow limits, in a Pod but not in a template', () => {
  const spec = {
    containers: [
      { name: 'c', image: 'i:1', resources: { limits: { cpu: 0.5, memory: '1024Mi' }, requests: { cpu: '250m' } } },
    ],
  }
  assert.deepEqual(storedPod(spec).spec.containers[0].resources, {
    limits: { cpu: '500m', memory: '1Gi' },
    requests: { cpu: '250m', memory: '1Gi' },
  })
  const template = draftPod(spec).spec
  applyPodSpecDefaults(template)
  assert.deepEqual(template.containers[0].resources.requests, { cpu: '250m' })
})

test('fields whose feature gates are off are dropped, and what is left of their holders stays', () => {
  const pod = storedPod({
    schedulingGroup: { podGroupName: 'all' },
    os: { name: 'linux' },
    containers: [
      { name: 'a', image: 'i:1', lifecycle: { stopSignal: 'SIGUSR1' } },
      { name: 'b', image: 'i:1', lifecycle: { stopSignal: 'SIGUSR1', preStop: { sleep: { seconds: 1 } } } },
      { name: 'c', image: 'i:1', lifecycle: {} },
    ],
    volumes: [
      {
        name: 'v',
        projected: { sources: [{ clusterTrustBundle: { path: 'ca' } }, { configMap: { name: 'x' } }] },
      },
    ],
  })
  assert.deepEqual(
    pod.spec.containers.map(({ lifecycle }) => lifecycle),
    [undefined, { preStop: { sleep: { seconds: 1 } } }, {}],
  )
  assert.equal('schedulingGroup' in pod.spec, false)
  assert.deepEqual(pod.spec.volumes?.[0]?.projected?.sources, [{}, { configMap: { name: 'x' } }])
})

test('volumes get their file mode, and one without a source is an emptyDir', () => {
  const pod = storedPod({
    volumes: [
      { name: 'a' },
      { name: 'b', configMap: { name: 'x' } },
      { name: 'c', secret: { secretName: 'x' } },
      { name: 'd', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
      { name: 'e', hostPath: { path: '/x' } },
    ],
  })
  assert.deepEqual(pod.spec.volumes, [
    { name: 'a', emptyDir: {} },
    { name: 'b', configMap: { name: 'x', defaultMode: 0o644 } },
    { name: 'c', secret: { secretName: 'x', defaultMode: 0o644 } },
    {
      name: 'd',
      projected: { sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 3600 } }], defaultMode: 0o644 },
    },
    { name: 'e', hostPath: { path: '/x', type: '' } },
  ])
})

test('references to fields name their version, references to resources their divisor', () => {
  const pod = storedPod({
    containers: [
      {
        name: 'c',
        image: 'i:1',
        env: [
          { name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'B', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
        ],
      },
    ],
  })
  assert.deepEqual(pod.spec.containers[0].env, [
    { name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name', apiVersion: 'v1' } } },
    { name: 'B', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '0' } } },
  ])
})

test('host network takes container ports as host ports', () => {
  const pod = storedPod({
    hostNetwork: true,
    containers: [{ name: 'c', image: 'i:1', ports: [{ containerPort: 80 }] }],
  })
  assert.deepEqual(pod.spec.containers[0].ports, [{ containerPort: 80, protocol: 'TCP', hostPort: 80 }])
})

test('the old name of the service account follows the new one', () => {
  const pod = storedPod({ serviceAccountName: 'builder' })
  assert.equal(pod.spec.serviceAccount, 'builder')
})

const classes = [
  { name: 'BestEffort', resources: {} },
  { name: 'Burstable', resources: { requests: { cpu: '1' } } },
  { name: 'Burstable', resources: { limits: { cpu: '1' } } },
  { name: 'Guaranteed', resources: { limits: { cpu: '1', memory: '1Gi' } } },
  { name: 'Burstable', resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } } },
]
for (const { name, resources } of classes)
  test(`a Pod with ${JSON.stringify(resources)} is ${name}`, () =>
    assert.deepEqual(storedPod({ containers: [{ name: 'c', image: 'i:1', resources }] }).status, {
      phase: 'Pending',
      qosClass: name,
    }))

test('a gated Pod says so from the start', () => {
  const pod = storedPod({ schedulingGates: [{ name: 'example.com/wait' }] })
  assert.equal(pod.status.conditions?.[0].reason, 'SchedulingGated')
})

test('matchLabelKeys become terms of the selector', () => {
  const pod = storedPod(
    {
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'zone',
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: {},
          matchLabelKeys: ['hash'],
        },
      ],
    },
    { labels: { hash: 'abc' } },
  )
  assert.deepEqual(pod.spec.topologySpreadConstraints?.[0].labelSelector, {
    matchExpressions: [{ key: 'hash', operator: 'In', values: ['abc'] }],
  })
})

for (const { name, pod, requested, grace } of [
  { name: 'an unscheduled Pod', pod: storedPod(), requested: undefined, grace: 0 },
  { name: 'a running Pod', pod: storedPod({ nodeName: 'n' }), requested: undefined, grace: 30 },
  { name: 'a running Pod asked to hurry', pod: storedPod({ nodeName: 'n' }), requested: 5, grace: 5 },
  {
    name: 'a Pod with a negative period',
    pod: storedPod({ nodeName: 'n', terminationGracePeriodSeconds: -1 }),
    requested: undefined,
    grace: 1,
  },
])
  test(`${name} is deleted after ${grace} s`, () => assert.equal(pods.gracePeriodSeconds?.(pod, requested), grace))

test('a Pod that has all its defaults is not written to again', () => {
  const pod = storedPod({
    hostNetwork: true,
    serviceAccountName: 'builder',
    resources: { limits: { cpu: '2' } },
    containers: [
      {
        name: 'c',
        image: 'i',
        ports: [{ containerPort: 80 }],
        resources: { limits: { cpu: '1', memory: '1Gi' } },
        env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }],
        readinessProbe: { grpc: { port: 5 } },
      },
    ],
    volumes: [{ name: 'v', emptyDir: { sizeLimit: '1Gi' } }],
  })
  assert.doesNotThrow(() => pods.applyDefaults(freezeJson(pod)))
})
