import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configMaps } from '../../../sim/api/core/config-map.ts'
import { events } from '../../../sim/api/core/event.ts'
import { namespaces } from '../../../sim/api/core/namespace.ts'
import { pods } from '../../../sim/api/core/pod.ts'
import { resourceQuotas } from '../../../sim/api/core/resource-quota.ts'
import { services } from '../../../sim/api/core/service.ts'
import { resourceQuotaAdmission } from '../../../sim/apiserver/admission/resource-quota.ts'
import { type Asked, ask } from './plugin.ts'

const quota = (hard: object, used?: object, name = 'q') => ({
  metadata: { name, namespace: 'ns' },
  spec: { hard },
  status: { hard, used },
})
const pod = (part: object = {}) => ({
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'c', image: 'i', resources: {} }], ...part },
  status: {},
})
const asked = (kind: unknown, more: Asked, ...quotas: object[]) =>
  ask(resourceQuotaAdmission, kind as typeof pods, more, [[resourceQuotas, quotas]])
const usedIn = (written: readonly object[]) => written.map((one) => (one as ReturnType<typeof quota>).status.used)

test('what is created is charged to each quota of its namespace', () => {
  const [first, second] = [
    quota({ pods: '2' }, { pods: '1' }),
    quota({ pods: '5', services: '1' }, { pods: '1', services: '0' }, 'r'),
  ]
  const { refusal, written } = asked(pods, { object: pod() }, first, second)
  assert.deepEqual([refusal, usedIn(written)], [undefined, [{ pods: '2' }, { pods: '2', services: '0' }]])
})

test('what does not fit is refused, and nothing is charged', () => {
  const { refusal, written } = asked(
    pods,
    { object: pod() },
    quota({ pods: '9' }, { pods: '1' }),
    quota({ pods: '1' }, { pods: '1' }, 'r'),
  )
  assert.equal(refusal, 'pods "p" is forbidden: exceeded quota: r, requested: pods=1, used: pods=1, limited: pods=1')
  assert.deepEqual(written, [])
})

test('what is only tried is looked at and not charged', () => {
  assert.deepEqual(asked(pods, { object: pod(), isDryRun: true }, quota({ pods: '2' }, { pods: '1' })).written, [])
  assert.match(
    asked(pods, { object: pod(), isDryRun: true }, quota({ pods: '1' }, { pods: '1' })).refusal ?? '',
    /exceeded quota/,
  )
})

test('an update is charged where it may ask for more', () => {
  const service = (type: string) => ({ metadata: { name: 's' }, spec: { type, ports: [{ port: 80 }] } })
  const limits = quota({ 'services.nodeports': '0' }, { 'services.nodeports': '0' })
  const update = { operation: 'UPDATE', object: service('NodePort'), old: service('ClusterIP') } as const
  assert.equal(
    asked(services, update, limits).refusal,
    'services "s" is forbidden: exceeded quota: q, requested: services.nodeports=1, used: services.nodeports=0, limited: services.nodeports=0',
  )
  const map = { metadata: { name: 'm' } }
  const full = quota({ 'count/configmaps': '0' }, { 'count/configmaps': '0' })
  assert.equal(asked(configMaps, { operation: 'UPDATE', object: map, old: map }, full).refusal, undefined)
  assert.match(asked(configMaps, { object: map }, full).refusal ?? '', /^configmaps "m" is forbidden: exceeded quota/)
})

test('a resize is charged for what it asks for beside what the Pod has, and one that its node can never give is not', () => {
  const sized = (memory: string, status: object = {}) => ({
    ...pod({ containers: [{ name: 'c', image: 'i', resources: { requests: { memory } } }] }),
    status,
  })
  const limits = quota({ 'requests.memory': '128Mi' }, { 'requests.memory': '64Mi' })
  const has = { containerStatuses: [{ name: 'c', resources: { requests: { memory: '64Mi' } } }] }
  const to = (memory: string, status: object = has) =>
    asked(
      pods,
      { operation: 'UPDATE', subresource: 'resize', object: sized(memory, status), old: sized('64Mi', status) },
      limits,
    )
  assert.deepEqual(usedIn(to('96Mi').written), [{ 'requests.memory': '96Mi' }])
  assert.match(
    to('1Gi').refusal ?? '',
    /exceeded quota: q, requested: requests.memory=960Mi, used: requests.memory=64Mi/,
  )
  // It has them still: the controller gives back when the container has its new size.
  assert.deepEqual([to('32Mi').refusal, to('32Mi').written], [undefined, []])
  const infeasible = { ...has, conditions: [{ type: 'PodResizePending', status: 'True', reason: 'Infeasible' }] }
  assert.deepEqual([to('1Gi', infeasible).refusal, to('1Gi', infeasible).written], [undefined, []])
})

test('a Pod that gets a deadline is new to a quota of Pods that end', () => {
  const ending = { ...quota({ pods: '1' }, { pods: '1' }), spec: { hard: { pods: '1' }, scopes: ['Terminating'] } }
  const update = { operation: 'UPDATE', object: pod({ activeDeadlineSeconds: 60 }), old: pod() } as const
  assert.match(asked(pods, update, ending).refusal ?? '', /exceeded quota: q, requested: pods=1, used: pods=1/)
  assert.equal(asked(pods, { ...update, old: update.object }, ending).refusal, undefined)
})

test('what goes, subresources, Events, and what lies in no namespace cost nothing', () => {
  const full = quota(
    { pods: '0', 'count/events': '0', 'count/namespaces': '0' },
    { pods: '0', 'count/events': '0', 'count/namespaces': '0' },
  )
  assert.equal(asked(pods, { operation: 'DELETE', old: pod() }, full).refusal, undefined)
  assert.equal(asked(pods, { operation: 'DELETE', object: pod() }, full).refusal, undefined)
  assert.equal(asked(pods, { object: pod(), subresource: 'status' }, full).refusal, undefined)
  assert.equal(asked(events, { object: { metadata: { name: 'e' } } }, full).refusal, undefined)
  assert.equal(asked(namespaces, { object: { metadata: { name: 'x' } } }, full).refusal, undefined)
  assert.equal(asked(pods, { object: undefined }, full).refusal, undefined)
  assert.equal(asked(pods, { object: pod() }).refusal, undefined)
})

test('a quota that has no status yet limits nothing, and one that is half reckoned says so', () => {
  const { status: _, ...fresh } = quota({ pods: '0' })
  assert.equal(asked(pods, { object: pod() }, fresh).refusal, undefined)
  const half = quota({ pods: '5', 'count/pods': '5' }, {})
  assert.equal(
    asked(pods, { object: pod() }, half).refusal,
    'pods "p" is forbidden: status unknown for quota: q, resources: count/pods,pods',
  )
})
