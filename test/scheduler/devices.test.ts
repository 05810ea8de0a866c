import assert from 'node:assert/strict'
import test from 'node:test'
import type { Node } from '../../sim/api/core/types.ts'
import type { Device, DeviceClass, ResourceClaim, ResourceSlice } from '../../sim/api/resource/types.ts'
import { allocate } from '../../sim/scheduler/devices.ts'

const node = { metadata: { name: 'n', labels: { zone: 'a' } }, spec: {}, status: {} } as unknown as Node
const DRIVER = 'gpu.example.com'

const device = (name: string, model: string, rest: Partial<Device> = {}): Device => ({
  name,
  attributes: { model: { string: model } },
  ...rest,
})
const slice = (devices: Device[], change: object = {}, pool: object = {}): ResourceSlice =>
  ({
    metadata: { name: 's' },
    spec: {
      driver: DRIVER,
      nodeName: 'n',
      pool: { name: 'p', generation: 1, resourceSliceCount: 1, ...pool },
      devices,
      ...change,
    },
  }) as unknown as ResourceSlice
const gpu = (change: object = {}): object => ({
  name: 'r',
  exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1, ...change },
})
const claim = (requests: object[], rest: object = {}): ResourceClaim =>
  ({ metadata: { name: 'c', namespace: 'd' }, spec: { devices: { requests, ...rest } } }) as unknown as ResourceClaim
const model = (name: string) => ({
  selectors: [{ cel: { expression: `device.attributes["${DRIVER}"].model == "${name}"` } }],
})

/** The devices that each request got: `r=a`. */
function devicesOf(claims: ResourceClaim[], slices: ResourceSlice[], taken: string[] = []): string[] | undefined {
  const deviceClass = { metadata: { name: 'gpu' }, spec: {} } as unknown as DeviceClass
  const findClass = (name: string) => (name === 'gpu' ? deviceClass : undefined)
  return allocate(claims, node, { slices, findClass, taken: new Set(taken) })?.flatMap(({ devices }) =>
    (devices?.results ?? []).map((result) => `${result.request}=${result.device}`),
  )
}

const two = slice([device('a', 'X'), device('b', 'Y')])
const cases: readonly [string, ResourceClaim[], ResourceSlice[], string[] | undefined, string[]?][] = [
  ['the first that is there', [claim([gpu()])], [two], ['r=a']],
  ['what a selector says', [claim([gpu(model('Y'))])], [two], ['r=b']],
  ['nothing that somebody has', [claim([gpu()])], [two], ['r=b'], [`${DRIVER}/p/a`]],
  ['each claim its own', [claim([gpu()]), claim([gpu()])], [two], ['r=a', 'r=b']],
  [
    'nothing when one claim of two gets nothing',
    [claim([gpu(model('X'))]), claim([gpu(model('X'))])],
    [two],
    undefined,
  ],
  ['as many as it asks for', [claim([gpu({ count: 2 })])], [two], ['r=a', 'r=b']],
  ['not fewer', [claim([gpu({ count: 3 })])], [two], undefined],
  ['all of them', [claim([gpu({ allocationMode: 'All', count: 0 })])], [two], ['r=a', 'r=b']],
  [
    'not all when one is taken',
    [claim([gpu({ allocationMode: 'All', count: 0 })])],
    [two],
    undefined,
    [`${DRIVER}/p/b`],
  ],
  [
    'another one for the first request when the second needs it',
    [claim([gpu(), { ...gpu(model('X')), name: 'x' }])],
    [two],
    ['r=b', 'x=a'],
  ],
  [
    'the first alternative that can be had',
    [
      claim([
        {
          name: 'r',
          firstAvailable: ['Z', 'Y'].map((name) => ({
            name: name.toLowerCase(),
            deviceClassName: 'gpu',
            allocationMode: 'ExactCount',
            count: 1,
            ...model(name),
          })),
        },
      ]),
    ],
    [two],
    ['r/y=b'],
  ],
  [
    'devices that are alike, when they have to be',
    [claim([gpu({ count: 2 })], { constraints: [{ matchAttribute: `${DRIVER}/model` }] })],
    [slice([device('a', 'X'), device('b', 'Y'), device('c', 'Y')])],
    ['r=b', 'r=c'],
  ],
  [
    'devices that differ, when they have to',
    [claim([gpu({ count: 2 })], { constraints: [{ distinctAttribute: `${DRIVER}/model` }] })],
    [slice([device('a', 'X'), device('b', 'X'), device('c', 'Y')])],
    ['r=a', 'r=c'],
  ],
  ['none of another node', [claim([gpu()])], [slice([device('a', 'X')], { nodeName: 'm' })], undefined],
  [
    'none of a pool that is not whole',
    [claim([gpu()])],
    [slice([device('a', 'X')], {}, { resourceSliceCount: 2 })],
    undefined,
  ],
  [
    'those of the newest generation',
    [claim([gpu()])],
    [slice([device('old', 'X')]), slice([device('new', 'X')], {}, { generation: 2 })],
    ['r=new'],
  ],
  [
    'a tainted one for who tolerates it',
    [claim([gpu({ tolerations: [{ key: 'hot', operator: 'Exists' }] })])],
    [slice([device('a', 'X', { taints: [{ key: 'hot', effect: 'NoSchedule' }] })])],
    ['r=a'],
  ],
  [
    'no tainted one for others',
    [claim([gpu()])],
    [slice([device('a', 'X', { taints: [{ key: 'hot', effect: 'NoSchedule' }] })])],
    undefined,
  ],
]
for (const [name, claims, slices, want, taken] of cases)
  test(`claims get ${name}`, () => assert.deepEqual(devicesOf(claims, slices, taken), want))

test('devices of a zone can be used in that zone alone', () => {
  const terms = { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] }] }
  const slices = [slice([device('a', 'X')], { nodeName: undefined, nodeSelector: terms })]
  const findClass = () => ({ metadata: { name: 'gpu' }, spec: {} }) as unknown as DeviceClass
  const [found] = allocate([claim([gpu()])], node, { slices, findClass, taken: new Set() }) ?? []
  assert.deepEqual(found.nodeSelector, terms)
})

test('a selector that reads what a device lacks is told with its place', () => {
  const wrong = { selectors: [{ cel: { expression: `device.attributes["${DRIVER}"].memory == "1"` } }] }
  assert.throws(() => devicesOf([claim([gpu(wrong)])], [two]), {
    message: 'claim d/c: selector #0: CEL runtime error: no such key: memory',
  })
})
