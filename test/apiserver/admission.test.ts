import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pods } from '../../sim/api/core/pod.ts'
import type { Pod, ResourceRequirements } from '../../sim/api/core/pod-types.ts'
import type { LimitRange, LimitRangeItem, ResourceQuota, ScopeRequirement } from '../../sim/api/core/policy-types.ts'
import { evaluatorOf, multiplyQuantity } from '../../sim/api/core/resource-quota/usage.ts'
import { services } from '../../sim/api/core/service.ts'
import type { Service } from '../../sim/api/core/types.ts'
import type { Kind } from '../../sim/api/meta/kind.ts'
import type { KubeObject, ResourceList } from '../../sim/api/meta/object.ts'
import { applyDefaults, podRefusals } from '../../sim/apiserver/admission/limit-ranger.ts'
import { planCharges } from '../../sim/apiserver/admission/resource-quota.ts'

const aPod = (resources: ResourceRequirements = {}, spec: Partial<Pod['spec']> = {}): Pod =>
  ({
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'ns' },
    spec: { containers: [{ name: 'main', resources }], ...spec },
    status: {},
  }) as unknown as Pod

const aService = (spec: Partial<Service['spec']>): Service =>
  ({
    kind: 'Service',
    metadata: { name: 's', namespace: 'ns' },
    spec: { ports: [{ port: 80 }], ...spec },
  }) as unknown as Service

const aQuota = (
  hard: ResourceList,
  used: ResourceList,
  { scopes, selector }: { scopes?: string[]; selector?: ScopeRequirement } = {},
): ResourceQuota =>
  ({
    metadata: { name: 'q', namespace: 'ns' },
    spec: { hard, scopes, ...(selector ? { scopeSelector: { matchExpressions: [selector] } } : {}) },
    status: { hard, used },
  }) as ResourceQuota

const charge = (quota: ResourceQuota, kind: Kind, object: KubeObject, old?: KubeObject): unknown => {
  const plan = planCharges([quota], evaluatorOf(kind), object, old, 0)
  return 'refusal' in plan ? plan.refusal : plan.charges.map(({ used }) => used)
}

const small = { requests: { cpu: '100m' } }
const podCases: { name: string; quota: ResourceQuota; pod: Pod; want: unknown }[] = [
  { name: 'charges what fits', quota: aQuota({ pods: '2' }, { pods: '1' }), pod: aPod(), want: [{ pods: '2' }] },
  {
    name: 'refuses one Pod too many',
    quota: aQuota({ pods: '2' }, { pods: '2' }),
    pod: aPod(),
    want: 'exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2',
  },
  {
    name: 'names only what is exceeded, sorted',
    quota: aQuota(
      { 'requests.cpu': '150m', memory: '1Gi', pods: '5' },
      { 'requests.cpu': '100m', memory: '1Gi', pods: '1' },
    ),
    pod: aPod({ requests: { cpu: '100m', memory: '1Mi' } }),
    want: 'exceeded quota: q, requested: memory=1Mi,requests.cpu=100m, used: memory=1Gi,requests.cpu=100m, limited: memory=1Gi,requests.cpu=150m',
  },
  {
    name: 'asks for what it limits',
    quota: aQuota({ 'limits.memory': '1Gi', 'requests.cpu': '1' }, { 'limits.memory': '0', 'requests.cpu': '0' }),
    pod: aPod(),
    want: 'failed quota: q: must specify limits.memory for: main; requests.cpu for: main',
  },
  {
    name: 'waits for the controller to reckon what is used',
    quota: aQuota({ pods: '2' }, {}),
    pod: aPod(),
    want: 'status unknown for quota: q, resources: pods',
  },
  {
    name: 'with the scope BestEffort leaves Pods with requests alone',
    quota: aQuota({ pods: '0' }, { pods: '0' }, { scopes: ['BestEffort'] }),
    pod: aPod(small),
    want: [],
  },
  {
    name: 'with the scope Terminating counts Pods with a deadline',
    quota: aQuota({ pods: '0' }, { pods: '0' }, { scopes: ['Terminating'] }),
    pod: aPod({}, { activeDeadlineSeconds: 30 }),
    want: 'exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0',
  },
  {
    name: 'of a priority class leaves the others alone',
    quota: aQuota(
      { pods: '0' },
      { pods: '0' },
      { selector: { scopeName: 'PriorityClass', operator: 'In', values: ['high'] } },
    ),
    pod: aPod({}, { priorityClassName: 'low' }),
    want: [],
  },
]
for (const { name, quota, pod, want } of podCases)
  test(`A quota ${name}`, () => assert.deepEqual(charge(quota, pods as unknown as Kind, pod), want))

test('A quota charges the ports of a Service that becomes a NodePort, and nothing when it becomes less', () => {
  const quota = aQuota({ 'services.nodeports': '1', services: '1' }, { 'services.nodeports': '0', services: '1' })
  const [plain, exposed] = [aService({ type: 'ClusterIP' }), aService({ type: 'NodePort' })]
  const kind = services as unknown as Kind
  assert.deepEqual(charge(quota, kind, exposed, plain), [{ 'services.nodeports': '1', services: '1' }])
  assert.deepEqual(charge(quota, kind, plain, exposed), [])
})

test('A quantity is multiplied in its own format', () => {
  assert.equal(multiplyQuantity('128Mi', 5), '640Mi')
  assert.equal(multiplyQuantity('100m', 5000), '500')
  assert.equal(multiplyQuantity('1', 0), '0')
})

const item = (limits: Omit<LimitRangeItem, 'type'>, type = 'Container'): LimitRangeItem => ({ type, ...limits })
const boundCases: { name: string; item: LimitRangeItem; resources: ResourceRequirements; want: string[] }[] = [
  {
    name: 'says nothing of what is within',
    item: item({ max: { cpu: '1' } }),
    resources: { limits: { cpu: '1' } },
    want: [],
  },
  {
    name: 'refuses a limit above the maximum',
    item: item({ max: { cpu: '500m' } }),
    resources: { limits: { cpu: '1' } },
    want: ['maximum cpu usage per Container is 500m, but limit is 1'],
  },
  {
    name: 'refuses no limit where there is a maximum',
    item: item({ max: { memory: '1Gi' } }),
    resources: {},
    want: ['maximum memory usage per Container is 1Gi.  No limit is specified'],
  },
  {
    name: 'refuses a request below the minimum',
    item: item({ min: { cpu: '20m' } }),
    resources: { requests: { cpu: '10m' } },
    want: ['minimum cpu usage per Container is 20m, but request is 10m'],
  },
  {
    name: 'refuses a limit that is too many times the request',
    item: item({ maxLimitRequestRatio: { cpu: '2' } }),
    resources: { requests: { cpu: '100m' }, limits: { cpu: '300m' } },
    want: ['cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000'],
  },
  {
    name: 'adds up the containers of a Pod',
    item: item({ max: { memory: '1Gi' } }, 'Pod'),
    resources: { limits: { memory: '2Gi' } },
    want: ['maximum memory usage per Pod is 1Gi, but limit is 2Gi'],
  },
]
for (const { name, item: bounds, resources, want } of boundCases)
  test(`A LimitRange ${name}`, () => assert.deepEqual(podRefusals(aPod(resources), bounds), want))

test('A LimitRange fills in what a container leaves out, and notes it', () => {
  const pod = aPod({ limits: { cpu: '100m' } })
  const limitRange = {
    spec: { limits: [item({ default: { cpu: '200m', memory: '128Mi' }, defaultRequest: { cpu: '50m' } })] },
  }
  applyDefaults(pod, limitRange as LimitRange)
  assert.deepEqual(pod.spec.containers[0].resources, {
    limits: { cpu: '100m', memory: '128Mi' },
    requests: { cpu: '50m' },
  })
  assert.equal(
    pod.metadata.annotations?.['kubernetes.io/limit-ranger'],
    'LimitRanger plugin set: cpu request for container main; memory limit for container main',
  )
})
