/** What a claim is to be filled from: both fields in step, and what the server drops without a word. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../../../../sim/cluster.ts'

const snapshot = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'monday' }
const claim = { kind: 'PersistentVolumeClaim', name: 'old' }
const other = { apiGroup: 'example.com', kind: 'Backup', name: 'b' }

interface Sources {
  dataSource?: object
  dataSourceRef?: object
}

function applied(...specs: object[]) {
  const cluster = createCluster({ seed: 'sources', shape: { nodes: [{ name: 'node-1' }] } })
  const base = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: '' }
  let stderr = ''
  for (const spec of specs) {
    const object = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data' },
      spec: { ...base, ...spec },
    }
    stderr = cluster.execute({
      op: 'kubectl',
      line: 'kubectl replace --force=false -f -',
      stdin: JSON.stringify(object),
    }).stderr
    if (stderr.includes('NotFound')) stderr = cluster.execute({ op: 'create', manifest: JSON.stringify(object) }).stderr
  }
  const [object] = cluster.objects('persistentvolumeclaims') as unknown as [{ spec: Sources } | undefined]
  return { source: object?.spec.dataSource, reference: object?.spec.dataSourceRef, stderr }
}

test('each of the two fields is filled in from the other', () => {
  for (const source of [claim, snapshot]) {
    const { source: a, reference: b } = applied({ dataSource: source })
    assert.deepEqual([a, b], [source, source])
  }
  const { source, reference } = applied({ dataSourceRef: other })
  assert.deepEqual([source, reference], [other, other])
})

test('another kind in dataSource alone, and another namespace, are dropped', () => {
  assert.deepEqual(
    { ...applied({ dataSource: other }), stderr: '' },
    { source: undefined, reference: undefined, stderr: '' },
  )
  assert.deepEqual(
    { ...applied({ dataSourceRef: { ...snapshot, namespace: 'elsewhere' } }), stderr: '' },
    { source: undefined, reference: undefined, stderr: '' },
  )
})

for (const [about, spec, why] of [
  [
    'two that differ',
    { dataSource: snapshot, dataSourceRef: claim },
    /spec: Invalid value: {}: must match dataSourceRef/,
  ],
  [
    'no name',
    { dataSourceRef: { kind: 'PersistentVolumeClaim', name: '' } },
    /spec\.dataSourceRef\.name: Required value/,
  ],
  [
    'a kind of no group',
    { dataSourceRef: { kind: 'Backup', name: 'b' } },
    /spec\.dataSourceRef: Invalid value: "Backup": must be 'PersistentVolumeClaim' when referencing the default apiGroup/,
  ],
  [
    'a group that is none',
    { dataSourceRef: { ...other, apiGroup: 'Ex_ample' } },
    /spec\.dataSourceRef\.apiGroup: Invalid value: "Ex_ample"/,
  ],
] as const)
  test(`refused: ${about}`, () => assert.match(applied(spec).stderr, why))

test('who leaves out what was filled in changes nothing', () => {
  const { source, reference, stderr } = applied({ dataSource: claim }, { dataSource: claim })
  assert.deepEqual([source, reference], [claim, claim])
  assert.doesNotMatch(stderr, /immutable/)
})
