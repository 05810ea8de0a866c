import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configMaps } from '../../../sim/api/core/config-map.ts'
import { namespaces } from '../../../sim/api/core/namespace.ts'
import { pods } from '../../../sim/api/core/pod.ts'
import { serviceAccounts } from '../../../sim/api/core/service-account.ts'
import { serviceAccountAdmission } from '../../../sim/apiserver/admission/service-account.ts'
import { ask, OTHER_REQUESTS } from './plugin.ts'

const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount'
const account = (name: string, part: object = {}) => ({ metadata: { name, namespace: 'ns' }, ...part })
const accounts = [
  account('default'),
  account('silent', { automountServiceAccountToken: false }),
  account('pulls', {
    imagePullSecrets: [{ name: 'a', other: 'x' }, { name: 'b' }],
    automountServiceAccountToken: false,
  }),
]
const container = (name: string, ...volumeMounts: object[]) => ({
  name,
  ...(volumeMounts.length > 0 ? { volumeMounts } : {}),
})
const asked = (spec: object, metadata: object = { name: 'p' }, more: object = {}, kind: unknown = pods) =>
  ask(
    serviceAccountAdmission,
    kind as typeof pods,
    { object: { metadata, spec: { containers: [container('c')], ...spec } }, ...more },
    [[serviceAccounts, accounts]],
  )
const specOf = (...args: Parameters<typeof asked>) => asked(...args).object.spec as Record<string, unknown>
const mount = (name = 'kube-api-access-abcde') => ({ name, readOnly: true, mountPath: MOUNT_PATH })
const tokenVolume = {
  name: 'kube-api-access-abcde',
  projected: {
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      {
        downwardAPI: {
          items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
        },
      },
    ],
    defaultMode: 0o644,
  },
}

test('a Pod without an account gets the default one, and each of its containers a token of it', () =>
  assert.deepEqual(specOf({ initContainers: [container('i')] }), {
    serviceAccountName: 'default',
    serviceAccount: 'default',
    containers: [container('c', mount())],
    initContainers: [container('i', mount())],
    volumes: [tokenVolume],
  }))

test('a container that mounts something there gets no token', () => {
  const own = { name: 'own', mountPath: MOUNT_PATH }
  const other = { name: 'other', mountPath: '/other' }
  const volumes = [{ name: 'own' }, { name: 'other' }]
  const { containers, volumes: all } = specOf({ volumes, containers: [container('a', own), container('b', other)] })
  assert.deepEqual(containers, [container('a', own), container('b', other, mount())])
  assert.deepEqual(all, [...volumes, tokenVolume])
  assert.deepEqual(specOf({ volumes, containers: [container('a', own)] }).volumes, volumes)
})

test('a Pod that has a volume of tokens already mounts that, whatever else it has', () => {
  const volumes = [{}, { name: 'kube-api-access-12345' }]
  const { containers, volumes: all } = specOf({ volumes })
  assert.deepEqual([containers, all], [[container('c', mount('kube-api-access-12345'))], volumes])
})

for (const { name, spec, isMounted } of [
  { name: 'of an account that gives none', spec: { serviceAccountName: 'silent' }, isMounted: false },
  { name: 'that wants none', spec: { automountServiceAccountToken: false }, isMounted: false },
  {
    name: 'that wants one, of an account that gives none',
    spec: { serviceAccountName: 'silent', automountServiceAccountToken: true },
    isMounted: true,
  },
])
  test(`a Pod ${name} gets ${isMounted ? 'a' : 'no'} token`, () =>
    assert.equal(specOf(spec).volumes !== undefined, isMounted))

test('a Pod without secrets for its images gets those of its account', () => {
  assert.deepEqual(specOf({ serviceAccountName: 'pulls' }).imagePullSecrets, [{ name: 'a' }, { name: 'b' }])
  assert.deepEqual(specOf({ serviceAccountName: 'pulls', imagePullSecrets: [] }).imagePullSecrets, [
    { name: 'a' },
    { name: 'b' },
  ])
  assert.deepEqual(specOf({ serviceAccountName: 'pulls', imagePullSecrets: [{ name: 'c' }] }).imagePullSecrets, [
    { name: 'c' },
  ])
  assert.equal(specOf({}).imagePullSecrets, undefined)
})

test('a Pod of an account that there is not is refused', () => {
  const why = 'is forbidden: error looking up service account ns/none: serviceaccount "none" not found'
  assert.equal(asked({ serviceAccountName: 'none' }).refusal, `pods "p" ${why}`)
  assert.equal(asked({ serviceAccountName: 'none' }, { generateName: 'g-' }).refusal, `pods "g-" ${why}`)
  assert.equal(asked({ serviceAccountName: 'none' }, {}).refusal, `pods ${why}`)
})

test('a Pod waits for the default account of a new namespace, and for no other account', () => {
  const inNamespace = (name: string, metadata: object, spec: object = {}) =>
    ask(
      serviceAccountAdmission,
      pods,
      { object: { metadata: { name: 'p' }, spec: { containers: [container('c')], ...spec } }, namespace: name },
      [[namespaces, [{ metadata: { name, ...metadata } }]]],
      { nowEpochMs: () => Date.parse('2026-01-01T00:00:10.500Z') },
    )
  const since = (time: string) => ({ creationTimestamp: `2026-01-01T00:00:${time}Z` })
  const why = 'pods "p" is forbidden: error looking up service account new/'
  const admitted = inNamespace('new', since('10'))
  assert.equal(admitted.refusal, undefined)
  assert.deepEqual((admitted.object.spec as { volumes?: unknown }).volumes, [tokenVolume])
  assert.equal(inNamespace('new', since('08')).refusal, `${why}default: serviceaccount "default" not found`)
  assert.equal(
    inNamespace('new', { ...since('10'), deletionTimestamp: '2026-01-01T00:00:10Z' }).refusal,
    `${why}default: serviceaccount "default" not found`,
  )
  assert.equal(
    inNamespace('new', since('10'), { serviceAccountName: 'own' }).refusal,
    `${why}own: serviceaccount "own" not found`,
  )
})

test('a Pod of a static manifest, one that is there already, and other kinds have no account', () => {
  const plain = { containers: [container('c')] }
  assert.deepEqual(specOf({}, { name: 'p', annotations: { 'kubernetes.io/config.mirror': 'x' } }), plain)
  for (const other of OTHER_REQUESTS) assert.deepEqual(specOf({}, { name: 'p' }, other), plain)
  assert.deepEqual(specOf({}, { name: 'p' }, {}, configMaps), plain)
})
