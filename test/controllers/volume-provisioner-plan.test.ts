import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PersistentVolume, PersistentVolumeClaim } from '../../sim/api/core/storage-types.ts'
import type { Node } from '../../sim/api/core/types.ts'
import type { StorageClass } from '../../sim/api/storage/types.ts'
import { planVolume } from '../../sim/controllers/volume-provisioner/plan.ts'
import type { Provisioner } from '../../sim/controllers/volume-provisioner/provisioners.ts'

const provisionerOf = (reach: Provisioner['reach'], needsNode = false): Provisioner => ({
  name: 'example.com/disks',
  accessModes: ['ReadWriteOnce', 'ReadWriteOncePod'],
  reach,
  needsNode,
  canExpand: false,
  source: (volumeName, { metadata }) => ({
    csi: { driver: 'example.com/disks', volumeHandle: `${volumeName} of ${metadata.name}` },
  }),
})
const aClaim = (spec: object = {}): PersistentVolumeClaim =>
  ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: 'ns', uid: 'u1', resourceVersion: '7' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '2Gi' } },
      volumeMode: 'Filesystem',
      ...spec,
    },
  }) as unknown as PersistentVolumeClaim
const aClass = (more: Partial<StorageClass> = {}): StorageClass =>
  ({ metadata: { name: 'fast' }, ...more }) as unknown as StorageClass
const aNode = (labels: Record<string, string> = {}): Node =>
  ({
    metadata: {
      name: 'n1',
      labels: { 'kubernetes.io/hostname': 'host-1', 'topology.kubernetes.io/zone': 'z1', ...labels },
    },
  }) as unknown as Node

const volumeOf = (...given: Parameters<typeof planVolume>): PersistentVolume => {
  const plan = planVolume(...given)
  assert.ok('volume' in plan)
  return plan.volume as PersistentVolume
}

test('a volume is as large as its claim asks, is bound to it, and is deleted with it by who made it', () => {
  assert.deepEqual(volumeOf(provisionerOf('everywhere'), aClaim(), aClass(), aNode()), {
    metadata: {
      name: 'pvc-u1',
      annotations: { 'pv.kubernetes.io/provisioned-by': 'example.com/disks' },
      finalizers: ['external-provisioner.volume.kubernetes.io/finalizer'],
    },
    spec: {
      capacity: { storage: '2Gi' },
      accessModes: ['ReadWriteOnce'],
      claimRef: {
        kind: 'PersistentVolumeClaim',
        namespace: 'ns',
        name: 'data',
        uid: 'u1',
        apiVersion: 'v1',
        resourceVersion: '7',
      },
      persistentVolumeReclaimPolicy: 'Delete',
      storageClassName: 'fast',
      volumeMode: 'Filesystem',
      csi: { driver: 'example.com/disks', volumeHandle: 'pvc-u1 of data' },
    },
  })
})

test('a volume outlives its claim if its class says Retain', () => {
  const { spec } = volumeOf(provisionerOf('everywhere'), aClaim(), aClass({ reclaimPolicy: 'Retain' }), undefined)
  assert.equal(spec.persistentVolumeReclaimPolicy, 'Retain')
})

const places: {
  reach: Provisioner['reach']
  node: Node | undefined
  want: [key: string, value: string] | undefined
}[] = [
  { reach: 'node', node: aNode(), want: ['kubernetes.io/hostname', 'host-1'] },
  { reach: 'zone', node: aNode(), want: ['topology.kubernetes.io/zone', 'z1'] },
  { reach: 'everywhere', node: aNode(), want: undefined },
  { reach: 'zone', node: undefined, want: undefined },
  { reach: 'zone', node: { metadata: { name: 'n' } } as Node, want: undefined },
]
for (const { reach, node, want } of places)
  test(`a volume that is reached from the ${reach}, made for ${node ? JSON.stringify(node.metadata.labels ?? 'a node without labels') : 'no node'}, ${want ? `can be used where ${want.join(' is ')}` : 'can be used on all nodes'}`, () => {
    const { nodeAffinity } = volumeOf(provisionerOf(reach), aClaim(), aClass(), node).spec
    const expression = want && { key: want[0], operator: 'In', values: [want[1]] }
    assert.deepEqual(
      nodeAffinity,
      expression && { required: { nodeSelectorTerms: [{ matchExpressions: [expression] }] } },
    )
  })

const problemOf = (...given: Parameters<typeof planVolume>): string => {
  const plan = planVolume(...given)
  assert.ok('problem' in plan)
  return plan.problem
}

test('a claim with an access mode that the storage lacks gets no volume, and is told which', () => {
  assert.equal(
    problemOf(provisionerOf('zone'), aClaim({ accessModes: ['ReadWriteOnce', 'ReadWriteMany'] }), aClass(), aNode()),
    'failed to provision volume with StorageClass "fast": access mode ReadWriteMany is not supported by example.com/disks',
  )
})

test('storage of a node makes no volume before a node is chosen', () => {
  assert.equal(
    problemOf(provisionerOf('node', true), aClaim(), aClass(), undefined),
    'failed to provision volume with StorageClass "fast": configuration error, no node was specified',
  )
  assert.equal(volumeOf(provisionerOf('node', true), aClaim(), aClass(), aNode()).metadata.name, 'pvc-u1')
})

test('where no node is in the topologies that a class allows there is no place for its volumes, unless they are everywhere', () => {
  const allowed = aClass({ allowedTopologies: [{ matchLabelExpressions: [] }] as never })
  assert.equal(
    problemOf(provisionerOf('zone'), aClaim(), allowed, undefined),
    'failed to provision volume with StorageClass "fast": no zone matches its allowed topologies',
  )
  for (const [provisioner, storageClass, node] of [
    [provisionerOf('zone'), allowed, aNode()],
    [provisionerOf('everywhere'), allowed, undefined],
    [provisionerOf('zone'), aClass({ allowedTopologies: [] }), undefined],
  ] as const)
    assert.equal(volumeOf(provisioner, aClaim(), storageClass, node).metadata.name, 'pvc-u1')
})

test('a claim that names no access mode and no size gets a volume without', () => {
  const { spec } = volumeOf(
    provisionerOf('everywhere'),
    aClaim({ accessModes: undefined, resources: {} }),
    aClass(),
    undefined,
  )
  assert.deepEqual([spec.accessModes, spec.capacity], [[], { storage: '0' }])
})
