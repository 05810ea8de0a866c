import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configMaps } from '../../../sim/api/core/config-map.ts'
import { limitRanges } from '../../../sim/api/core/limit-range.ts'
import { persistentVolumeClaims } from '../../../sim/api/core/persistent-volume-claim.ts'
import { pods } from '../../../sim/api/core/pod.ts'
import { limitRanger } from '../../../sim/apiserver/admission/limit-ranger.ts'
import { type Asked, ask, OTHER_REQUESTS } from './plugin.ts'

const range = (...limits: object[]) => ({ metadata: { name: 'l', namespace: 'ns' }, spec: { limits } })
const container = (resources: object = {}, name = 'c') => ({ name, resources })
const pod = (part: object = {}, metadata: object = {}) => ({
  metadata: { name: 'p', ...metadata },
  spec: { containers: [container()], ...part },
})
const asked = (kind: unknown, object: object, ranges: object[], more: Asked = {}) =>
  ask(limitRanger, kind as typeof pods, { object, ...more }, [[limitRanges, ranges]])

const defaults = {
  type: 'Container',
  default: { memory: '2Gi', cpu: '2' },
  defaultRequest: { memory: '1Gi', cpu: '1' },
}
test('containers get what they leave out, and an annotation says so', () => {
  const given = pod(
    {
      containers: [container()],
      initContainers: [container({ limits: { cpu: '3' }, requests: { memory: '2Gi' } }, 'i')],
    },
    { annotations: { own: 'kept' } },
  )
  const { object } = asked(pods, given, [range({ type: 'Pod', default: { cpu: '9' } }, defaults)])
  assert.deepEqual(object, {
    metadata: {
      name: 'p',
      annotations: {
        own: 'kept',
        'kubernetes.io/limit-ranger':
          'LimitRanger plugin set: cpu, memory request for container c; cpu, memory limit for container c; cpu request for init container i; memory limit for init container i',
      },
    },
    spec: {
      containers: [container({ requests: { memory: '1Gi', cpu: '1' }, limits: { memory: '2Gi', cpu: '2' } })],
      initContainers: [container({ limits: { memory: '2Gi', cpu: '3' }, requests: { memory: '2Gi', cpu: '1' } }, 'i')],
    },
  })
})

test('of two ranges the later fills in what the earlier left out', () => {
  const first = range({ type: 'Container', default: { cpu: '1' } })
  const second = range({ type: 'Container', default: { cpu: '2', memory: '1Gi' } })
  const { object } = asked(pods, pod(), [first, second])
  assert.deepEqual(object.spec, { containers: [container({ limits: { cpu: '1', memory: '1Gi' } })] })
})

test('a Pod that leaves nothing out is left as it is', () => {
  const whole = pod({ containers: [container({ limits: defaults.default, requests: defaults.defaultRequest })] })
  assert.deepEqual(asked(pods, whole, [range(defaults)]).object, whole)
  for (const other of OTHER_REQUESTS) assert.deepEqual(asked(pods, pod(), [range(defaults)], other).object, pod())
  assert.deepEqual(asked(configMaps, pod(), [range(defaults)]).object, pod())
  const elsewhere = { ...range(defaults), metadata: { name: 'l', namespace: 'other' } }
  assert.deepEqual(asked(pods, pod(), [elsewhere]).object, pod())
})

const limited = (requests: object, limits: object) => pod({ containers: [container({ requests, limits })] })
const MIN = 'minimum cpu usage per Container is 1'
const MAX = 'maximum cpu usage per Container is 2'
const RATIO = 'cpu max limit to request ratio per Container is 2'
const bounds: { name: string; item: object; object: object; errors: string[] }[] = [
  { name: 'the least', item: { min: { cpu: '1' } }, object: limited({ cpu: '1' }, { cpu: '1' }), errors: [] },
  {
    name: 'less than the least',
    item: { min: { cpu: '1' } },
    object: limited({ cpu: '999m' }, {}),
    errors: [`${MIN}, but request is 999m`],
  },
  {
    name: 'the least, and a limit below it',
    item: { min: { cpu: '1' } },
    object: limited({ cpu: '1' }, { cpu: '500m' }),
    errors: [`${MIN}, but limit is 500m`],
  },
  {
    name: 'nothing, where there is a least',
    item: { min: { cpu: '1' } },
    object: pod(),
    errors: [`${MIN}.  No request is specified`],
  },
  { name: 'the most', item: { max: { cpu: '2' } }, object: limited({ cpu: '2' }, { cpu: '2' }), errors: [] },
  { name: 'no request, and the most', item: { max: { cpu: '2' } }, object: limited({}, { cpu: '2' }), errors: [] },
  {
    name: 'no limit, where there is a most',
    item: { max: { cpu: '2' } },
    object: pod(),
    errors: [`${MAX}.  No limit is specified`],
  },
  {
    name: 'more than the most',
    item: { max: { cpu: '2' } },
    object: limited({}, { cpu: '2001m' }),
    errors: [`${MAX}, but limit is 2001m`],
  },
  {
    name: 'the most, and a request above it',
    item: { max: { cpu: '2' } },
    object: limited({ cpu: '3' }, { cpu: '2' }),
    errors: [`${MAX}, but request is 3`],
  },
  {
    name: 'twice its request',
    item: { maxLimitRequestRatio: { cpu: '2' } },
    object: limited({ cpu: '1' }, { cpu: '2' }),
    errors: [],
  },
  {
    name: 'more than twice its request',
    item: { maxLimitRequestRatio: { cpu: '2' } },
    object: limited({ cpu: '300m' }, { cpu: '1' }),
    errors: [`${RATIO}, but provided ratio is 3.333333`],
  },
  ...[{}, { cpu: '0' }].map((requests) => ({
    name: `a limit, and of a request ${JSON.stringify(requests)}`,
    item: { maxLimitRequestRatio: { cpu: '2' } },
    object: limited(requests, { cpu: '1' }),
    errors: [`${RATIO}, but no request is specified or request is 0`],
  })),
  ...[{}, { cpu: '0' }].map((limits) => ({
    name: `a request, and of a limit ${JSON.stringify(limits)}`,
    item: { maxLimitRequestRatio: { cpu: '2' } },
    object: limited({ cpu: '1' }, limits),
    errors: [`${RATIO}, but no limit is specified or limit is 0`],
  })),
  {
    name: 'too little and too much in two containers, of which the same is told once',
    item: { min: { cpu: '1' }, max: { memory: '1Gi' } },
    object: pod({
      containers: [
        container({ requests: { cpu: '1m' }, limits: { memory: '2Gi' } }),
        container({ limits: { memory: '1Gi' } }, 'd'),
      ],
      initContainers: [container({ requests: { cpu: '1m' }, limits: { memory: '1Gi' } }, 'i')],
    }),
    errors: [
      `${MIN}, but request is 1m`,
      'maximum memory usage per Container is 1Gi, but limit is 2Gi',
      `${MIN}.  No request is specified`,
    ],
  },
]
for (const { name, item, object, errors } of bounds)
  test(`a container of ${name} is ${errors.length > 0 ? 'refused' : 'let through'}`, () => {
    const why = errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`
    const { refusal } = asked(pods, object, [range({ type: 'Container', ...item })])
    assert.equal(refusal, errors.length > 0 ? `pods "p" is forbidden: ${why}` : undefined)
  })

test('a Pod is held within bounds by the sum of its containers, and without its overhead', () => {
  const of = (cpu: string, part: object = {}) =>
    pod({
      containers: [
        container({ requests: { cpu }, limits: { cpu } }),
        container({ requests: { cpu }, limits: { cpu } }, 'd'),
      ],
      ...part,
    })
  const item = { type: 'Pod', max: { cpu: '2' } }
  assert.equal(asked(pods, of('1', { overhead: { cpu: '1' } }), [range(item)]).refusal, undefined)
  assert.equal(
    asked(pods, of('1500m'), [range(item)]).refusal,
    'pods "p" is forbidden: maximum cpu usage per Pod is 2, but limit is 3',
  )
  assert.equal(asked(pods, of('9'), [range({ ...item, type: 'PersistentVolumeClaim' })]).refusal, undefined)
})

const claim = (requests?: object) => ({ metadata: { name: 'c' }, spec: { resources: requests && { requests } } })
const OF_CLAIMS = 'storage usage per PersistentVolumeClaim is'
for (const { requests, why } of [
  { requests: { storage: '1Gi' }, why: undefined },
  { requests: { storage: '2Gi' }, why: undefined },
  { requests: { storage: '1Mi' }, why: `minimum ${OF_CLAIMS} 1Gi, but request is 1Mi` },
  { requests: { storage: '3Gi' }, why: `maximum ${OF_CLAIMS} 2Gi, but request is 3Gi` },
  {
    requests: undefined,
    why: `[minimum ${OF_CLAIMS} 1Gi.  No request is specified, maximum ${OF_CLAIMS} 2Gi.  No request is specified]`,
  },
])
  test(`a claim of ${JSON.stringify(requests)} between 1Gi and 2Gi is ${why ? 'refused' : 'let through'}, new or changed`, () => {
    const ranges = [range({ type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '2Gi' } })]
    const refusal = (more: Asked) => asked(persistentVolumeClaims, claim(requests), ranges, more).refusal
    for (const operation of ['CREATE', 'UPDATE'] as const)
      assert.equal(refusal({ operation }), why && `persistentvolumeclaims "c" is forbidden: ${why}`)
    assert.equal(refusal({ operation: 'DELETE' }), undefined)
    assert.equal(refusal({ operation: 'UPDATE', subresource: 'status' }), undefined)
    const ofPods = ranges.map(({ metadata, spec }) => ({
      metadata,
      spec: { limits: [{ ...spec.limits[0], type: 'Pod' }] },
    }))
    assert.equal(asked(persistentVolumeClaims, claim(requests), ofPods).refusal, undefined)
    assert.equal(asked(configMaps, claim(requests), ranges).refusal, undefined)
  })

test('a Pod that is there already is not looked at again', () => {
  const ranges = [range({ type: 'Container', max: { cpu: '1' } })]
  assert.equal(asked(pods, pod(), ranges, { operation: 'UPDATE' }).refusal, undefined)
})
