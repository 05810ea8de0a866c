import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configMaps } from '../../../sim/api/core/config-map.ts'
import { persistentVolumeClaims } from '../../../sim/api/core/persistent-volume-claim.ts'
import { storageClasses } from '../../../sim/api/storage/storage-class.ts'
import { persistentVolumeClaimResize } from '../../../sim/apiserver/admission/persistent-volume-claim-resize.ts'
import { ask } from './plugin.ts'

const claim = (storage: string | undefined, storageClassName = 'grows', phase = 'Bound') => ({
  metadata: { name: 'c', namespace: 'ns' },
  spec: { storageClassName, resources: { requests: { storage } } },
  status: { phase },
})
const classes = [
  { metadata: { name: 'grows' }, allowVolumeExpansion: true },
  { metadata: { name: 'stays' }, allowVolumeExpansion: false },
  { metadata: { name: 'silent' } },
]
const refusalOf = (
  object: object,
  old: object | undefined,
  more: object = {},
  kind: unknown = persistentVolumeClaims,
) =>
  ask(persistentVolumeClaimResize, kind as typeof configMaps, { operation: 'UPDATE', object, old, ...more }, [
    [storageClasses, classes],
  ]).refusal
const UNBOUND = 'persistentvolumeclaims "c" is forbidden: Only bound persistent volume claims can be expanded'
const NO_CLASS =
  'persistentvolumeclaims "c" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize'

test('a bound claim grows when its class allows it', () => {
  assert.equal(refusalOf(claim('2Gi'), claim('1Gi')), undefined)
  for (const name of ['stays', 'silent', 'missing', ''])
    assert.equal(refusalOf(claim('2Gi', name), claim('1Gi', name)), NO_CLASS)
})

test('a claim that is not bound does not grow', () => {
  assert.equal(refusalOf(claim('2Gi'), claim('1Gi', 'grows', 'Pending')), UNBOUND)
  assert.equal(refusalOf(claim('2Gi'), { ...claim('1Gi'), status: undefined }), UNBOUND)
  assert.equal(refusalOf(claim('2Gi'), claim(undefined, 'grows', 'Pending')), UNBOUND)
})

test('what does not grow is no matter of the class', () => {
  assert.equal(refusalOf(claim('1024Mi', 'stays'), claim('1Gi', 'stays')), undefined)
  assert.equal(refusalOf(claim('1Gi', 'stays'), claim('2Gi', 'stays')), undefined)
  assert.equal(refusalOf(claim(undefined, 'stays'), claim('2Gi', 'stays')), undefined)
  assert.equal(refusalOf(claim('2Gi', 'stays'), undefined, { operation: 'CREATE' }), undefined)
  assert.equal(refusalOf(claim('2Gi', 'stays'), claim('1Gi', 'stays'), { subresource: 'status' }), undefined)
  assert.equal(refusalOf(claim('2Gi', 'stays'), claim('1Gi', 'stays'), {}, configMaps), undefined)
})
