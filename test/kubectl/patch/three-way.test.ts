import assert from 'node:assert/strict'
import { test } from 'node:test'
import { strategicMergePatch } from '../../../sim/api/patch/strategic-merge-patch.ts'
import { threeWayPatch } from '../../../sim/kubectl/patch/three-way.ts'

const DEPLOYMENT = 'io.k8s.api.apps.v1.Deployment'
const CONFIG_MAP = 'io.k8s.api.core.v1.ConfigMap'
const SERVICE = 'io.k8s.api.core.v1.Service'
const POD = 'io.k8s.api.core.v1.Pod'

const containers = (...list: object[]) => ({ spec: { containers: list } })

const cases = [
  {
    name: 'is empty when nothing changed',
    schema: CONFIG_MAP,
    original: { data: { a: '1' } },
    modified: { data: { a: '1' } },
    current: { data: { a: '1' } },
    want: {},
  },
  {
    name: 'sets what differs',
    schema: CONFIG_MAP,
    original: { data: { a: '1' } },
    modified: { data: { a: '2' } },
    current: { data: { a: '1' } },
    want: { data: { a: '2' } },
  },
  {
    name: 'removes what the last manifest had',
    schema: CONFIG_MAP,
    original: { data: { a: '1', b: '2' } },
    modified: { data: { a: '1' } },
    current: { data: { a: '1', b: '2' } },
    want: { data: { b: null } },
  },
  {
    name: 'leaves alone what others added',
    schema: CONFIG_MAP,
    original: { data: { a: '1' } },
    modified: { data: { a: '1' } },
    current: { data: { a: '1', c: '3' } },
    want: {},
  },
  {
    name: 'takes back what others changed',
    schema: CONFIG_MAP,
    original: { data: { a: '1' } },
    modified: { data: { a: '1' } },
    current: { data: { a: '9' } },
    want: { data: { a: '1' } },
  },
  {
    name: 'does not remove what is gone already',
    schema: CONFIG_MAP,
    original: { data: { a: '1' } },
    modified: { data: {} },
    current: { data: {} },
    want: {},
  },
  {
    name: 'finds containers by name',
    schema: POD,
    original: containers({ name: 'a', image: 'x:1' }, { name: 'b', image: 'y:1' }),
    modified: containers({ name: 'a', image: 'x:2' }, { name: 'b', image: 'y:1' }),
    current: containers({ name: 'a', image: 'x:1', imagePullPolicy: 'Always' }, { name: 'b', image: 'y:1' }),
    want: {
      spec: {
        containers: [{ name: 'a', image: 'x:2' }],
        '$setElementOrder/containers': [{ name: 'a' }, { name: 'b' }],
      },
    },
  },
  {
    name: 'deletes a container that the manifest dropped and keeps one that was injected',
    schema: POD,
    original: containers({ name: 'a' }, { name: 'b' }),
    modified: containers({ name: 'a' }),
    current: containers({ name: 'a' }, { name: 'b' }, { name: 'injected' }),
    want: { spec: { containers: [{ $patch: 'delete', name: 'b' }], '$setElementOrder/containers': [{ name: 'a' }] } },
  },
  {
    name: 'finds ports of a Service by number',
    schema: SERVICE,
    original: undefined,
    modified: { spec: { ports: [{ port: 80, targetPort: 8080 }] } },
    current: { spec: { ports: [{ port: 80, targetPort: 80, protocol: 'TCP', nodePort: 30080 }] } },
    want: { spec: { ports: [{ port: 80, targetPort: 8080 }], '$setElementOrder/ports': [{ port: 80 }] } },
  },
  {
    name: 'replaces a list that has no key',
    schema: POD,
    original: containers({ name: 'a', command: ['x'] }),
    modified: containers({ name: 'a', command: ['x', 'y'] }),
    current: containers({ name: 'a', command: ['x'] }),
    want: {
      spec: { containers: [{ name: 'a', command: ['x', 'y'] }], '$setElementOrder/containers': [{ name: 'a' }] },
    },
  },
  {
    name: 'merges finalizers as a set',
    schema: CONFIG_MAP,
    original: { metadata: { finalizers: ['a', 'b'] } },
    modified: { metadata: { finalizers: ['a', 'c'] } },
    current: { metadata: { finalizers: ['a', 'b', 'other'] } },
    want: {
      metadata: {
        finalizers: ['c'],
        '$deleteFromPrimitiveList/finalizers': ['b'],
        '$setElementOrder/finalizers': ['a', 'c'],
      },
    },
  },
  {
    name: 'names the fields of a strategy that stay',
    schema: DEPLOYMENT,
    original: { spec: { strategy: { type: 'RollingUpdate' } } },
    modified: { spec: { strategy: { type: 'Recreate' } } },
    current: { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%' } } } },
    want: { spec: { strategy: { type: 'Recreate', $retainKeys: ['type'] } } },
  },
]
for (const { name, schema, original, modified, current, want } of cases) {
  test(`threeWayPatch ${name}`, () => assert.deepEqual(threeWayPatch(schema, original, modified, current), want))
}

const outcomes = [
  {
    at: cases[6],
    want: containers({ name: 'a', image: 'x:2', imagePullPolicy: 'Always' }, { name: 'b', image: 'y:1' }),
  },
  { at: cases[7], want: containers({ name: 'a' }, { name: 'injected' }) },
  { at: cases[11], want: { spec: { strategy: { type: 'Recreate' } } } },
]
for (const { at, want } of outcomes) {
  test(`a patch that ${at.name} does so on the server`, () => {
    const patch = threeWayPatch(at.schema, at.original, at.modified, at.current)
    assert.deepEqual(strategicMergePatch(at.schema, at.current, patch), want)
  })
}

test('items of one key are compared in their order: an image is set beside a port of both protocols', () => {
  const ports = [
    { containerPort: 53, name: 'dns', protocol: 'UDP' },
    { containerPort: 53, name: 'dns-tcp', protocol: 'TCP' },
  ]
  const before = containers({ name: 'c', image: 'x:1', ports })
  const after = containers({ name: 'c', image: 'x:2', ports })
  const patch = threeWayPatch(POD, before, after, before)
  assert.deepEqual(patch, {
    spec: { containers: [{ name: 'c', image: 'x:2' }], '$setElementOrder/containers': [{ name: 'c' }] },
  })
  assert.deepEqual(strategicMergePatch(POD, before, patch), after)
})
