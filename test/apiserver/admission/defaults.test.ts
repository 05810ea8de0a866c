/** Plugins that fill in what a writer left out: classes, tolerations, finalizers. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configMaps } from '../../../sim/api/core/config-map.ts'
import { persistentVolumes } from '../../../sim/api/core/persistent-volume.ts'
import { persistentVolumeClaims } from '../../../sim/api/core/persistent-volume-claim.ts'
import { pods } from '../../../sim/api/core/pod.ts'
import { ingresses } from '../../../sim/api/networking/ingress.ts'
import { ingressClasses } from '../../../sim/api/networking/ingress-class.ts'
import { storageClasses } from '../../../sim/api/storage/storage-class.ts'
import { defaultIngressClass } from '../../../sim/apiserver/admission/default-ingress-class.ts'
import { defaultStorageClass } from '../../../sim/apiserver/admission/default-storage-class.ts'
import { defaultTolerationSeconds } from '../../../sim/apiserver/admission/default-toleration-seconds.ts'
import { storageObjectInUseProtection } from '../../../sim/apiserver/admission/storage-object-in-use-protection.ts'
import { ask, OTHER_REQUESTS } from './plugin.ts'

const classOf =
  (annotation: string) =>
  (name: string, seconds: number, isDefault = true) => ({
    metadata: {
      name,
      creationTimestamp: `2026-11-20T08:00:0${seconds}Z`,
      annotations: { [annotation]: String(isDefault) },
    },
  })

const ingressClass = classOf('ingressclass.kubernetes.io/is-default-class')
const anIngress = (spec: object = {}, annotations: object = {}) => ({ metadata: { name: 'i', annotations }, spec })
const chosen = (asked: object, ...classes: object[]) =>
  (ask(defaultIngressClass, ingresses, asked, [[ingressClasses, classes]]).object.spec as Record<string, unknown>)
    .ingressClassName
const three = [ingressClass('a', 1), ingressClass('b', 3), ingressClass('c', 2), ingressClass('d', 9, false)]

test('an Ingress without a class gets the newest default class, and of two as new the first by name', () => {
  assert.equal(chosen({ object: anIngress() }, ...three), 'b')
  assert.equal(chosen({ object: anIngress() }, ...three.toReversed()), 'b')
  assert.equal(chosen({ object: anIngress() }, ingressClass('f', 1), ingressClass('e', 1), ingressClass('g', 1)), 'e')
  assert.equal(chosen({ object: anIngress() }, ingressClass('d', 1, false)), undefined)
})

test('an Ingress that names a class, or is not new, gets none', () => {
  assert.equal(chosen({ object: anIngress({ ingressClassName: '' }) }, ...three), '')
  assert.equal(chosen({ object: anIngress({}, { 'kubernetes.io/ingress.class': '' }) }, ...three), undefined)
  for (const other of OTHER_REQUESTS) assert.equal(chosen({ object: anIngress(), ...other }, ...three), undefined)
  const { object } = ask(defaultIngressClass, configMaps, { object: anIngress() }, [[ingressClasses, three]])
  assert.deepEqual(object.spec, {})
})

test('a claim that says nothing of its class gets the default one', () => {
  const storageClass = classOf('storageclass.kubernetes.io/is-default-class')
  const classes = [[storageClasses, [storageClass('old', 1), storageClass('new', 2)]]] as const
  const classNameOf = (asked: object, kind = persistentVolumeClaims): unknown =>
    (ask(defaultStorageClass, kind, asked, classes).object.spec as Record<string, unknown>).storageClassName
  const object = { metadata: { name: 'c' }, spec: {} }
  assert.equal(classNameOf({ object }), 'new')
  assert.equal(classNameOf({ object: { ...object, spec: { storageClassName: '' } } }), '')
  assert.equal(classNameOf({ object }, configMaps as never), undefined)
  for (const other of OTHER_REQUESTS) assert.equal(classNameOf({ object, ...other }), undefined)
  assert.deepEqual(ask(defaultStorageClass, persistentVolumeClaims, { object }).object.spec, {})
})

const NOT_READY = 'node.kubernetes.io/not-ready'
const UNREACHABLE = 'node.kubernetes.io/unreachable'
const fiveMinutes = (key: string) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 })
const tolerations: { name: string; own?: object[]; want: object[] | undefined }[] = [
  { name: 'nothing', want: [fiveMinutes(NOT_READY), fiveMinutes(UNREACHABLE)] },
  {
    name: 'another taint',
    own: [{ key: 'a', operator: 'Exists' }],
    want: [{ key: 'a', operator: 'Exists' }, fiveMinutes(NOT_READY), fiveMinutes(UNREACHABLE)],
  },
  {
    name: 'one of them, with any effect',
    own: [{ key: NOT_READY, operator: 'Exists' }],
    want: [{ key: NOT_READY, operator: 'Exists' }, fiveMinutes(UNREACHABLE)],
  },
  {
    name: 'one of them, with another effect',
    own: [{ key: UNREACHABLE, operator: 'Exists', effect: 'NoSchedule' }],
    want: [
      { key: UNREACHABLE, operator: 'Exists', effect: 'NoSchedule' },
      fiveMinutes(NOT_READY),
      fiveMinutes(UNREACHABLE),
    ],
  },
  {
    name: 'everything that evicts',
    own: [{ operator: 'Exists', effect: 'NoExecute' }],
    want: [{ operator: 'Exists', effect: 'NoExecute' }],
  },
]
const tolerationsOf = (asked: object, kind = pods): unknown =>
  (ask(defaultTolerationSeconds, kind, asked).object.spec as Record<string, unknown>).tolerations
for (const { name, own, want } of tolerations)
  test(`a Pod that tolerates ${name} stays five minutes on a node that is not ready or unreachable, or as long as it says`, () => {
    const object = { metadata: { name: 'p' }, spec: own ? { tolerations: own } : {} }
    assert.deepEqual(tolerationsOf({ object }), want)
    assert.deepEqual(tolerationsOf({ object, operation: 'UPDATE', old: object }), want)
    for (const other of [{ operation: 'DELETE' }, { subresource: 'status' }])
      assert.deepEqual(tolerationsOf({ object, ...other }), own)
    assert.deepEqual(tolerationsOf({ object }, configMaps as never), own)
  })

for (const { kind, finalizer } of [
  { kind: persistentVolumes, finalizer: 'kubernetes.io/pv-protection' },
  { kind: persistentVolumeClaims, finalizer: 'kubernetes.io/pvc-protection' },
])
  test(`a new ${kind.kind} is kept by ${finalizer} while it is used`, () => {
    const finalizersOf = (asked: object, of: unknown = kind): unknown =>
      (ask(storageObjectInUseProtection, of as typeof pods, asked).object.metadata as Record<string, unknown>)
        .finalizers
    const object = (finalizers?: string[]) => ({ metadata: { name: 'x', finalizers } })
    assert.deepEqual(finalizersOf({ object: object() }), [finalizer])
    assert.deepEqual(finalizersOf({ object: object(['a/b']) }), ['a/b', finalizer])
    assert.deepEqual(finalizersOf({ object: object([finalizer]) }), [finalizer])
    assert.equal(finalizersOf({ object: object() }, pods), undefined)
    for (const other of OTHER_REQUESTS) assert.equal(finalizersOf({ object: object(), ...other }), undefined)
  })
