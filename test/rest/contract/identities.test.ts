/**
 * Who asks, and what tokens are bound to; events by the rules of events.k8s.io.
 * Sources: kubernetes/test/e2e/auth, test/e2e/instrumentation/events.go, pkg/registry/core/serviceaccount/storage/token.go
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, smallCluster } from '../ask.ts'

const REVIEWS = '/apis/authentication.k8s.io/v1'
const CORE = '/api/v1/namespaces/default'
const TOKEN = `${CORE}/serviceaccounts/default/token`
const EVENTS = '/apis/events.k8s.io/v1/namespaces/default/events'
const MERGE = { 'content-type': 'application/merge-patch+json' }

const whoAmI = (cluster: ReturnType<typeof smallCluster>, headers: Record<string, string>) =>
  ask(cluster, 'POST', `${REVIEWS}/selfsubjectreviews`, { kind: 'SelfSubjectReview' }, headers)

test('somebody else is acted as with all that is said of them', () => {
  const cluster = smallCluster()
  const { body } = whoAmI(cluster, {
    'impersonate-user': 'jane',
    'impersonate-uid': 'u-1',
    'impersonate-group': 'staff',
    'impersonate-extra-team': 'red, blue',
    'impersonate-extra-acme.com%2fproject': 'x',
  })
  assert.deepEqual(body.status.userInfo, {
    username: 'jane',
    uid: 'u-1',
    groups: ['staff', 'system:authenticated'],
    extra: { team: ['red', 'blue'], 'acme.com/project': ['x'] },
  })
  assert.equal(whoAmI(cluster, { 'impersonate-extra-team': 'red' }).status, 400)
})

test('each value takes a permission of its own', () => {
  const cluster = smallCluster()
  const rbac = '/apis/rbac.authorization.k8s.io/v1'
  const rules = [{ verbs: ['impersonate'], apiGroups: [''], resources: ['users'] }]
  ask(cluster, 'POST', `${rbac}/clusterroles`, { metadata: { name: 'acts' }, rules })
  ask(cluster, 'POST', `${rbac}/clusterrolebindings`, {
    metadata: { name: 'acts' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'acts' },
    subjects: [{ kind: 'ServiceAccount', namespace: 'default', name: 'default' }],
  })
  const { token } = ask(cluster, 'POST', TOKEN, { spec: {} }).body.status
  const as = { authorization: `Bearer ${token}`, 'impersonate-user': 'jane' }
  assert.equal(whoAmI(cluster, as).status, 201)
  const refused = whoAmI(cluster, { ...as, 'impersonate-extra-team': 'red' })
  assert.equal(refused.status, 403)
  assert.match(
    refused.body.message,
    /cannot impersonate resource "userextras\/team" in API group "authentication\.k8s\.io" at the cluster scope/,
  )
})

const review = (cluster: ReturnType<typeof smallCluster>, token: string) =>
  ask(cluster, 'POST', `${REVIEWS}/tokenreviews`, { kind: 'TokenReview', spec: { token } }).body.status

test('a token that is bound to a Secret holds as long as the Secret', () => {
  const cluster = smallCluster()
  const { metadata } = ask(cluster, 'POST', `${CORE}/secrets`, { metadata: { name: 's' } }).body
  const boundObjectRef = { apiVersion: 'v1', kind: 'Secret', name: 's', uid: metadata.uid }
  const { token } = ask(cluster, 'POST', TOKEN, { spec: { boundObjectRef } }).body.status
  assert.equal(review(cluster, token).authenticated, true)
  ask(cluster, 'DELETE', `${CORE}/secrets/s`)
  assert.equal(review(cluster, token).authenticated, undefined)
})

test('a token that is bound to a Node names it', () => {
  const cluster = smallCluster()
  const { uid } = ask(cluster, 'GET', '/api/v1/nodes/node-1').body.metadata
  const boundObjectRef = { apiVersion: 'v1', kind: 'Node', name: 'node-1' }
  const { token } = ask(cluster, 'POST', TOKEN, { spec: { boundObjectRef } }).body.status
  const { extra } = review(cluster, token).user
  assert.deepEqual(extra['authentication.kubernetes.io/node-name'], ['node-1'])
  assert.deepEqual(extra['authentication.kubernetes.io/node-uid'], [uid])
  assert.match(extra['authentication.kubernetes.io/credential-id'][0], /^JTI=[0-9a-f-]{36}$/)
})

const BINDINGS = [
  { ref: { apiVersion: 'v1', kind: 'Secret', name: 'none' }, status: 404, message: /secrets "none" not found/ },
  {
    ref: { apiVersion: 'v1', kind: 'Node', name: 'node-1', uid: 'other' },
    status: 409,
    message: /on Node "node-1": the UID in the bound object reference \(other\) does not match the UID in record/,
  },
  {
    ref: { apiVersion: 'v1', kind: 'ConfigMap', name: 'kube-root-ca.crt' },
    status: 400,
    message: /^cannot bind token to object of type \/v1, Kind=ConfigMap$/,
  },
  {
    ref: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
    status: 400,
    message: /^cannot bind token to object of type apps\/v1, Kind=Deployment$/,
  },
]
for (const { ref, status, message } of BINDINGS)
  test(`a token is not bound to ${ref.kind} ${ref.name}`, () => {
    const refused = ask(smallCluster(), 'POST', TOKEN, { spec: { boundObjectRef: ref } })
    assert.equal(refused.status, status)
    assert.match(refused.body.message, message)
  })

const event = {
  metadata: { name: 'e' },
  regarding: { kind: 'Pod', namespace: 'default', name: 'p' },
  eventTime: '2026-11-20T19:00:00.000000Z',
  reportingController: 'test-controller',
  reportingInstance: 'test-1',
  action: 'Do',
  reason: 'Test',
  type: 'Normal',
}

const REFUSED = [
  { name: 'no time', part: { eventTime: undefined }, message: /eventTime: Required value/ },
  { name: 'another type', part: { type: 'Odd' }, message: /type: Invalid value: "": has invalid value: Odd/ },
  { name: 'an old count', part: { deprecatedCount: 3 }, message: /count: Invalid value: "": needs to be unset/ },
  {
    name: 'an old source',
    part: { deprecatedSource: { component: 'c' } },
    message: /source: Invalid value: "": needs to be unset/,
  },
  {
    name: 'a series of one',
    part: { series: { count: 1, lastObservedTime: '2026-11-20T19:00:00.000000Z' } },
    message: /series\.count: Invalid value: "": should be at least 2/,
  },
]
for (const { name, part, message } of REFUSED)
  test(`an event of events.k8s.io with ${name} is refused, and one of the core group is not`, () => {
    const cluster = smallCluster()
    const refused = ask(cluster, 'POST', EVENTS, { ...event, ...part })
    assert.equal(refused.status, 422)
    assert.match(refused.body.message, /^Event\.events\.k8s\.io "e" is invalid: /)
    assert.match(refused.body.message, message)
    const involvedObject = { kind: 'Pod', namespace: 'default', name: 'p' }
    assert.equal(ask(cluster, 'POST', `${CORE}/events`, { metadata: { name: 'e' }, involvedObject }).status, 201)
  })

test('of an event of events.k8s.io nothing changes but its series', () => {
  const cluster = smallCluster()
  assert.equal(ask(cluster, 'POST', EVENTS, event).status, 201)
  const series = { count: 2, lastObservedTime: '2026-11-20T19:01:00.000000Z' }
  assert.equal(ask(cluster, 'PATCH', `${EVENTS}/e`, { series }, MERGE).body.series.count, 2)
  const refused = ask(cluster, 'PATCH', `${EVENTS}/e`, { note: 'other' }, MERGE)
  assert.equal(refused.status, 422)
  assert.match(refused.body.message, /message: Invalid value: "other": field is immutable/)
  const { body } = ask(cluster, 'GET', `${EVENTS}/e`)
  assert.equal(ask(cluster, 'PUT', `${EVENTS}/e`, body).status, 200)
  assert.equal(ask(cluster, 'PATCH', `${CORE}/events/e`, { message: 'other' }, MERGE).status, 200)
})
