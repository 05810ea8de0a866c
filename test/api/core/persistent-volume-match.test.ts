import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  bindVolume,
  findBestMatch,
  type MatchOptions,
  mismatch,
} from '../../../sim/api/core/persistent-volume/match.ts'
import type { AccessMode, PersistentVolume, PersistentVolumeClaim } from '../../../sim/api/core/storage-types.ts'
import type { Node } from '../../../sim/api/core/types.ts'

const once: AccessMode[] = ['ReadWriteOnce']

function aVolume(
  name: string,
  storage: string,
  extra: Partial<PersistentVolume['spec']> = {},
  phase = 'Available',
): PersistentVolume {
  const spec = { capacity: { storage }, accessModes: once, storageClassName: 'manual', ...extra }
  return { metadata: { name, labels: { name } }, spec, status: { phase } } as unknown as PersistentVolume
}

function aClaim(storage: string, extra: Partial<PersistentVolumeClaim['spec']> = {}): PersistentVolumeClaim {
  const spec = { accessModes: once, storageClassName: 'manual', resources: { requests: { storage } }, ...extra }
  const metadata = { namespace: 'ns', name: 'c', uid: 'u1', resourceVersion: '7' }
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata,
    spec,
    status: {},
  } as unknown as PersistentVolumeClaim
}

const inZone = (zone: string): Partial<PersistentVolume['spec']> => ({
  nodeAffinity: {
    required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: [zone] }] }] },
  },
})
const aNode = (zone: string): Node =>
  ({ metadata: { name: 'n', labels: { zone } }, spec: {}, status: {} }) as unknown as Node

const reserved = { claimRef: { namespace: 'ns', name: 'c' } }
const cases: {
  name: string
  claim?: PersistentVolumeClaim
  volumes: PersistentVolume[]
  options?: MatchOptions
  want: string | undefined
}[] = [
  {
    name: 'takes the smallest that is large enough',
    volumes: [aVolume('5', '5Gi'), aVolume('2', '2Gi'), aVolume('s', '500Mi')],
    want: '2',
  },
  { name: 'takes the first of equal ones', volumes: [aVolume('a', '1Gi'), aVolume('b', '1Gi')], want: 'a' },
  { name: 'takes none that is too small', volumes: [aVolume('s', '500Mi')], want: undefined },
  {
    name: 'takes none of another class',
    volumes: [aVolume('a', '1Gi', { storageClassName: 'other' })],
    want: undefined,
  },
  {
    name: 'takes none that lacks an access mode',
    claim: aClaim('1Gi', { accessModes: ['ReadWriteMany'] }),
    volumes: [aVolume('a', '1Gi')],
    want: undefined,
  },
  {
    name: 'rather takes one with fewer access modes than a smaller one',
    volumes: [aVolume('many', '1Gi', { accessModes: ['ReadWriteOnce', 'ReadWriteMany'] }), aVolume('once', '5Gi')],
    want: 'once',
  },
  {
    name: 'takes none of another mode',
    claim: aClaim('1Gi', { volumeMode: 'Block' }),
    volumes: [aVolume('a', '1Gi')],
    want: undefined,
  },
  {
    name: 'looks at labels when it has a selector',
    claim: aClaim('1Gi', { selector: { matchLabels: { name: 'b' } } }),
    volumes: [aVolume('a', '1Gi'), aVolume('b', '9Gi')],
    want: 'b',
  },
  { name: 'takes none that is Released', volumes: [aVolume('a', '1Gi', {}, 'Released')], want: undefined },
  {
    name: 'rather takes the one that is kept for it',
    volumes: [aVolume('a', '1Gi'), aVolume('mine', '9Gi', reserved)],
    want: 'mine',
  },
  {
    name: 'leaves one that is kept for another',
    volumes: [aVolume('a', '1Gi', { claimRef: { namespace: 'ns', name: 'x' } })],
    want: undefined,
  },
  {
    name: 'waits for a node when it is to',
    volumes: [aVolume('a', '1Gi')],
    options: { isDelayed: true },
    want: undefined,
  },
  {
    name: 'takes the one it is kept for even while it waits',
    volumes: [aVolume('mine', '1Gi', reserved)],
    options: { isDelayed: true },
    want: 'mine',
  },
  {
    name: 'takes what the node can reach',
    volumes: [aVolume('a', '1Gi', inZone('a')), aVolume('b', '5Gi', inZone('b'))],
    options: { node: aNode('b'), isDelayed: true },
    want: 'b',
  },
  {
    name: 'takes nothing twice for one Pod',
    volumes: [aVolume('a', '1Gi')],
    options: { taken: new Set(['a']) },
    want: undefined,
  },
]
for (const { name, claim = aClaim('1Gi'), volumes, options, want } of cases)
  test(`A claim ${name}`, () => assert.equal(findBestMatch(claim, volumes, options)?.metadata.name, want))

test('A volume that a claim names must satisfy it', () => {
  assert.equal(mismatch(aVolume('a', '500Mi'), aClaim('1Gi')), 'requested PV is too small')
  assert.equal(
    mismatch(aVolume('a', '1Gi', { storageClassName: '' }), aClaim('1Gi')),
    'storageClassName does not match',
  )
  assert.equal(mismatch(aVolume('a', '1Gi'), aClaim('1Gi')), undefined)
})

test('A bound volume names its claim, and is marked only when nobody had kept it', () => {
  const free = bindVolume(aVolume('a', '1Gi'), aClaim('1Gi'))
  assert.equal(free.spec.claimRef?.uid, 'u1')
  assert.equal(free.metadata.annotations?.['pv.kubernetes.io/bound-by-controller'], 'yes')
  const kept = bindVolume(aVolume('a', '1Gi', reserved), aClaim('1Gi'))
  assert.equal(kept.spec.claimRef?.uid, 'u1')
  assert.equal(kept.metadata.annotations, undefined)
  assert.equal(bindVolume(kept, aClaim('1Gi')), kept)
})
