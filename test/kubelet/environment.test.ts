import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConfigMap, Secret, Service } from '../../sim/api/core/types.ts'
import { type EnvironmentSources, makeEnvironment } from '../../sim/kubelet/environment.ts'
import { aContainer, aPod } from './support.ts'

const metadata = (name: string) => ({ name, namespace: 'scn', uid: name, resourceVersion: '1', creationTimestamp: '' })
const configMap: ConfigMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: metadata('c'),
  data: { k: 'v', other: 'o' },
}
const secret: Secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: metadata('s'),
  type: 'Opaque',
  data: { password: 'cMOkc3M=' },
}
const service: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: metadata('my-db'),
  spec: {
    clusterIP: '10.96.0.7',
    type: 'ClusterIP',
    sessionAffinity: 'None',
    ports: [{ name: 'sql', port: 5432, targetPort: 5432, protocol: 'TCP' }],
  },
  status: { loadBalancer: {} },
}
const sources: EnvironmentSources = {
  findConfigMap: (_, name) => (name === 'c' ? configMap : undefined),
  findSecret: (_, name) => (name === 's' ? secret : undefined),
  readVolumeFile: (volume, path) =>
    volume === 'v' && path === 'env' ? "# of two lines\nA='1'\n B='two\nlines' # more\nC= 'c'\n" : undefined,
  services: [service],
  addresses: { podIP: '10.244.0.5', hostIP: '172.18.0.2' },
  allocatable: { cpu: '2', memory: '4Gi' },
}
const environmentOf = (container: Parameters<typeof aContainer>[1], spec = {}) =>
  makeEnvironment(aPod(spec), aContainer('main', container), sources)

test('values come from literals, ConfigMaps, Secrets, the Pod and its resources', () => {
  const made = environmentOf(
    {
      resources: { limits: { cpu: '500m', memory: '64Mi' } },
      env: [
        { name: 'A', value: 'a' },
        { name: 'B', value: '$(A)/$(MISSING)/$$(A)' },
        { name: 'C', valueFrom: { configMapKeyRef: { name: 'c', key: 'k' } } },
        { name: 'S', valueFrom: { secretKeyRef: { name: 's', key: 'password' } } },
        { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
        { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
        { name: 'MEM', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
      ],
    },
    { enableServiceLinks: false },
  )
  assert.deepEqual(made, {
    env: { A: 'a', B: 'a/$(MISSING)/$(A)', C: 'v', S: 'päss', IP: '10.244.0.5', CPU: '1', MEM: '64' },
  })
})

test('envFrom takes every key, with a prefix, and env overrides it', () => {
  const made = environmentOf(
    { envFrom: [{ prefix: 'X_', configMapRef: { name: 'c' } }], env: [{ name: 'X_k', value: 'mine' }] },
    { enableServiceLinks: false },
  )
  assert.deepEqual(made, { env: { X_k: 'mine', X_other: 'o' } })
})

test('Services of the namespace are told in variables, unless enableServiceLinks is off', () => {
  const made = environmentOf({})
  assert.deepEqual(made, {
    env: {
      MY_DB_SERVICE_HOST: '10.96.0.7',
      MY_DB_SERVICE_PORT: '5432',
      MY_DB_SERVICE_PORT_SQL: '5432',
      MY_DB_PORT: 'tcp://10.96.0.7:5432',
      MY_DB_PORT_5432_TCP: 'tcp://10.96.0.7:5432',
      MY_DB_PORT_5432_TCP_PROTO: 'tcp',
      MY_DB_PORT_5432_TCP_PORT: '5432',
      MY_DB_PORT_5432_TCP_ADDR: '10.96.0.7',
    },
  })
  assert.deepEqual(environmentOf({}, { enableServiceLinks: false }), { env: {} })
})

const refusals: [name: string, container: Parameters<typeof aContainer>[1], error: string][] = [
  [
    'a ConfigMap that does not exist',
    { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'x', key: 'k' } } }] },
    'configmap "x" not found',
  ],
  [
    'a key that the ConfigMap lacks',
    { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'c', key: 'x' } } }] },
    "couldn't find key x in ConfigMap scn/c",
  ],
  [
    'a Secret that does not exist',
    { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'x', key: 'k' } } }] },
    'secret "x" not found',
  ],
  [
    'a key that the Secret lacks',
    { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'x' } } }] },
    "couldn't find key x in Secret scn/s",
  ],
  [
    'a source of envFrom that does not exist',
    { envFrom: [{ configMapRef: { name: 'x' } }] },
    'configmap "x" not found',
  ],
]
for (const [name, container, error] of refusals)
  test(`${name} is refused`, () => assert.deepEqual(environmentOf(container, { enableServiceLinks: false }), { error }))

test('what is optional may be missing', () => {
  const made = environmentOf(
    {
      envFrom: [{ secretRef: { name: 'x', optional: true } }],
      env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'x', key: 'k', optional: true } } }],
    },
    { enableServiceLinks: false },
  )
  assert.deepEqual(made, { env: {} })
})

const files: { key: string; path?: string; optional?: boolean; made: ReturnType<typeof makeEnvironment> }[] = [
  { key: 'A', made: { env: { X: '1' } } },
  { key: 'B', made: { env: { X: 'two\nlines' } } },
  { key: 'C', optional: true, made: { env: {} } },
  {
    key: 'D',
    made: {
      error:
        'environment variable key "D" not found in file "/var/lib/kubelet/pods/u/volumes/kubernetes.io~empty-dir/v/env"',
    },
  },
  { key: 'A', path: 'none', made: { error: "couldn't parse env file" } },
]
for (const { key, path = 'env', optional, made } of files)
  test(`the key ${key} of the file ${path} of a volume${optional ? ', if it is there,' : ''} becomes a variable`, () => {
    const fileKeyRef = { volumeName: 'v', path, key, ...(optional ? { optional } : {}) }
    const container = { env: [{ name: 'X', valueFrom: { fileKeyRef } }] }
    assert.deepEqual(environmentOf(container, { enableServiceLinks: false }), made)
  })
