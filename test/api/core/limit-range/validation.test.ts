/** What the server says of a LimitRange. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorsOf, NO_VERSION, updateErrorsOf } from '../../stored.ts'

const limits = (...items: object[]) => ({ spec: { limits: items } })
const AT = 'spec.limits[0]'
const UNKNOWN = 'must be a standard resource type or fully qualified'
const NO_CONTAINER = 'must be a standard resource for containers'
const POD_DEFAULTS = "Forbidden: may not be specified when `type` is 'Pod'"
const QUALIFIED =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

const refused: { name: string; items: object[]; errors: string[] }[] = [
  {
    name: 'of each type, and one of its own',
    items: [
      { type: 'Pod', max: { cpu: '1' } },
      { type: 'Container', max: { cpu: '1' } },
      { type: 'PersistentVolumeClaim', min: { storage: '1' } },
      { type: 'example.com/disk', max: { storage: '1', 'example.com/iops': '5' } },
    ],
    errors: [],
  },
  { name: 'of claims with a maximum', items: [{ type: 'PersistentVolumeClaim', max: { storage: '1' } }], errors: [] },
  {
    name: 'of another type',
    items: [{ type: 'Node' }],
    errors: [`${AT}.type: Invalid value: "Node": must be a standard limit type or fully qualified`],
  },
  { name: 'of no type', items: [{ type: '-' }], errors: [`${AT}.type: Invalid value: "-": ${QUALIFIED}`] },
  {
    name: 'of a type twice',
    items: [{ type: 'Pod' }, { type: 'Container' }, { type: 'Pod' }],
    errors: ['spec.limits[2].type: Duplicate value: "Pod"'],
  },
  {
    name: 'of resources that containers do not have',
    items: [
      {
        type: 'Container',
        max: { pods: '1' },
        min: { pods: '1' },
        default: { pods: '1' },
        defaultRequest: { pods: '1' },
        maxLimitRequestRatio: { pods: '1' },
      },
    ],
    errors: ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'].map(
      (field) => `${AT}.${field}[pods]: Invalid value: "pods": ${NO_CONTAINER}`,
    ),
  },
  {
    name: 'of a resource of Pods that there is not',
    items: [{ type: 'Pod', max: { disk: '1' } }],
    errors: [
      `${AT}.max[disk]: Invalid value: "disk": ${UNKNOWN}`,
      `${AT}.max[disk]: Invalid value: "disk": ${NO_CONTAINER}`,
    ],
  },
  {
    name: 'of a resource of claims that there is not',
    items: [{ type: 'PersistentVolumeClaim', max: { storage: '1', disk: '1' } }],
    errors: [`${AT}.max[disk]: Invalid value: "disk": ${UNKNOWN}`],
  },
  {
    name: 'that gives Pods what only containers have',
    items: [{ type: 'Pod', default: { cpu: '1' }, defaultRequest: { cpu: '2' } }],
    errors: [`${AT}.default: ${POD_DEFAULTS}`, `${AT}.defaultRequest: ${POD_DEFAULTS}`],
  },
  { name: 'that gives Pods nothing', items: [{ type: 'Pod', default: {}, defaultRequest: {} }], errors: [] },
  {
    name: 'of claims of any size',
    items: [{ type: 'PersistentVolumeClaim' }],
    errors: [
      `${AT}.limits: Required value: either minimum or maximum storage value is required, but neither was provided`,
    ],
  },
  {
    name: 'whose values are all the same',
    items: [
      {
        type: 'Container',
        max: { cpu: '1' },
        min: { cpu: '1' },
        default: { cpu: '1' },
        defaultRequest: { cpu: '1' },
        maxLimitRequestRatio: { cpu: '1' },
      },
    ],
    errors: [],
  },
  {
    name: 'whose least is more than its most',
    items: [{ type: 'Pod', min: { cpu: '2', memory: '2Gi' }, max: { cpu: '1', memory: '1Gi' } }],
    errors: [
      `${AT}.min[cpu]: Invalid value: "2": min value 2 is greater than max value 1`,
      `${AT}.min[memory]: Invalid value: "2Gi": min value 2Gi is greater than max value 1Gi`,
    ],
  },
  {
    name: 'whose defaults are below its least',
    items: [{ type: 'Container', min: { cpu: '2' }, default: { cpu: '1' }, defaultRequest: { cpu: '500m' } }],
    errors: [
      `${AT}.defaultRequest[cpu]: Invalid value: "500m": min value 2 is greater than default request value 500m`,
      `${AT}.default[cpu]: Invalid value: "2": min value 2 is greater than default value 1`,
    ],
  },
  {
    name: 'whose defaults are above its most',
    items: [{ type: 'Container', max: { cpu: '1' }, default: { cpu: '3' }, defaultRequest: { cpu: '2' } }],
    errors: [
      `${AT}.defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than max value 1`,
      `${AT}.default[cpu]: Invalid value: "1": default value 3 is greater than max value 1`,
    ],
  },
  {
    name: 'that requests more than it limits',
    items: [{ type: 'Container', default: { cpu: '1' }, defaultRequest: { cpu: '2' } }],
    errors: [
      `${AT}.defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than default limit value 1`,
    ],
  },
  {
    name: 'that requests less of what is not shared than it limits',
    items: [{ type: 'Container', default: { 'example.com/gpu': '2' }, defaultRequest: { 'example.com/gpu': '1' } }],
    errors: [
      `${AT}.defaultRequest[example.com/gpu]: Invalid value: "1": default value 2 must equal to defaultRequest value 1 in example.com/gpu`,
    ],
  },
  {
    name: 'that requests more of what is not shared than it limits',
    items: [{ type: 'Container', default: { 'hugepages-2Mi': '2Mi' }, defaultRequest: { 'hugepages-2Mi': '4Mi' } }],
    errors: [
      `${AT}.defaultRequest[hugepages-2Mi]: Invalid value: "4Mi": default request value 4Mi is greater than default limit value 2Mi`,
      `${AT}.defaultRequest[hugepages-2Mi]: Invalid value: "4Mi": default value 2Mi must equal to defaultRequest value 4Mi in hugepages-2Mi`,
    ],
  },
  {
    name: 'of a ratio below one',
    items: [{ type: 'Container', maxLimitRequestRatio: { cpu: '900m' } }],
    errors: [`${AT}.maxLimitRequestRatio[cpu]: Invalid value: "900m": ratio 900m is less than 1`],
  },
  {
    name: 'of the ratio of its most to its least',
    items: [{ type: 'Container', min: { cpu: '100m' }, max: { cpu: '250m' }, maxLimitRequestRatio: { cpu: '2500m' } }],
    errors: [],
  },
  {
    name: 'of a ratio that its most and its least exclude',
    items: [{ type: 'Pod', min: { cpu: '300m' }, max: { cpu: '1' }, maxLimitRequestRatio: { cpu: '4' } }],
    errors: [`${AT}.maxLimitRequestRatio[cpu]: Invalid value: "4": ratio 4 is greater than max/min = 3.333333`],
  },
  {
    name: 'of a ratio and a most without a least',
    items: [{ type: 'Pod', max: { cpu: '1' }, maxLimitRequestRatio: { cpu: '4' } }],
    errors: [],
  },
]
for (const { name, items, errors } of refused)
  test(`a LimitRange ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(errorsOf('limitranges', limits(...items)), errors))

test('a LimitRange lies in a namespace', () =>
  assert.deepEqual(errorsOf('limitranges', limits(), { namespace: '' }), ['metadata.namespace: Required value']))

test('a LimitRange is looked at again when it changes', () => {
  const before = limits({ type: 'Pod' })
  assert.deepEqual(updateErrorsOf('limitranges', { before, after: limits({ type: 'Pod', max: { cpu: '1' } }) }), [])
  assert.deepEqual(updateErrorsOf('limitranges', { before, after: limits({ type: 'Node' }) }), [
    `${AT}.type: Invalid value: "Node": must be a standard limit type or fully qualified`,
  ])
  assert.deepEqual(
    updateErrorsOf('limitranges', { before, after: before, metadata: NO_VERSION.metadata }),
    NO_VERSION.errors,
  )
})
