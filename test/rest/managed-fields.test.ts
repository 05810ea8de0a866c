/** Who owns which field, as clients of the HTTP API say it themselves, and how client-side apply becomes server-side apply. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, smallCluster } from './ask.ts'

const maps = '/api/v1/namespaces/default/configmaps'
const json = { 'content-type': 'application/json-patch+json' }
const merge = { 'content-type': 'application/merge-patch+json' }
const applyType = { 'content-type': 'application/apply-patch+yaml' }
const annotation = 'kubectl.kubernetes.io/last-applied-configuration'
const config = (data: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a' },
  data,
})
const managersOf = (body: { metadata: { managedFields?: { manager: string }[] } }): string[] =>
  (body.metadata.managedFields ?? []).map(({ manager }) => manager)

/** As `kubectl apply` leaves it. */
function withClientSideApplied(data: Record<string, string>) {
  const cluster = smallCluster()
  const object = config(data)
  const metadata = { name: 'a', annotations: { [annotation]: JSON.stringify(object) } }
  ask(cluster, 'POST', `${maps}?fieldManager=kubectl-client-side-apply`, { ...object, metadata })
  return cluster
}

test('kubectl takes over from client-side apply what is still as that wrote it, others do not', () => {
  const cluster = withClientSideApplied({ color: 'blue', size: 'big' })
  const change = config({ color: 'red' })
  const refused = ask(cluster, 'PATCH', `${maps}/a?fieldManager=somebody`, change, applyType)
  assert.equal(refused.status, 409)
  assert.match(refused.body.message, /conflict with "kubectl-client-side-apply" using v1: \.data\.color$/)
  const applied = ask(cluster, 'PATCH', `${maps}/a?fieldManager=kubectl`, change, applyType)
  assert.equal(applied.status, 200)
  assert.deepEqual(applied.body.data, { color: 'red', size: 'big' })
})

test('what somebody changed since client-side apply is a conflict for kubectl as well', () => {
  const cluster = withClientSideApplied({ color: 'blue', size: 'big' })
  ask(cluster, 'PATCH', `${maps}/a?fieldManager=painter`, { data: { color: 'green' } }, merge)
  const refused = ask(
    cluster,
    'PATCH',
    `${maps}/a?fieldManager=kubectl`,
    config({ color: 'red', size: 'small' }),
    applyType,
  )
  assert.equal(refused.status, 409)
  assert.deepEqual(
    refused.body.details.causes.map(({ field }: { field: string }) => field),
    ['.data.color'],
  )
})

test('owners are renamed by a JSON patch, and own what they are given from then on', () => {
  const cluster = smallCluster()
  const { body } = ask(cluster, 'POST', `${maps}?fieldManager=one`, config({ color: 'blue' }))
  const [entry] = body.metadata.managedFields
  const patch = [
    { op: 'replace', path: '/metadata/managedFields', value: [{ ...entry, manager: 'two', operation: 'Apply' }] },
    { op: 'replace', path: '/metadata/resourceVersion', value: body.metadata.resourceVersion },
  ]
  const patched = ask(cluster, 'PATCH', `${maps}/a`, patch, json)
  assert.equal(patched.status, 200)
  assert.deepEqual(managersOf(patched.body), ['two'])
  assert.notEqual(patched.body.metadata.resourceVersion, body.metadata.resourceVersion)
  const applied = ask(cluster, 'PATCH', `${maps}/a?fieldManager=two`, config({}), applyType)
  assert.equal(applied.body.data, undefined, 'two applied it, so two takes it away')
})

test('an empty entry takes all ownership away; what was read and sent back, or cannot be read, changes nothing', () => {
  const cluster = smallCluster()
  const { body } = ask(cluster, 'POST', `${maps}?fieldManager=one`, config({ color: 'blue' }))
  const put = (managedFields: unknown) =>
    ask(cluster, 'PUT', `${maps}/a`, {
      ...body,
      metadata: { ...body.metadata, managedFields, resourceVersion: undefined },
    })
  for (const same of [undefined, null, body.metadata.managedFields, [{ manager: 'x' }]]) {
    const answer = put(same)
    assert.deepEqual(managersOf(answer.body), ['one'])
    assert.equal(answer.body.metadata.resourceVersion, body.metadata.resourceVersion)
  }
  assert.deepEqual(managersOf(put([{}]).body), [])
  ask(cluster, 'PATCH', `${maps}/a?fieldManager=three`, { data: { size: 'big' } }, merge)
  assert.deepEqual(managersOf(ask(cluster, 'GET', `${maps}/a`).body), [])
  const change = config({ color: 'red' })
  const refused = ask(cluster, 'PATCH', `${maps}/a?fieldManager=four`, change, applyType)
  assert.match(refused.body.message, /conflict with "before-first-apply" using v1: \.data\.color$/)
  const forced = ask(cluster, 'PATCH', `${maps}/a?fieldManager=four&force=true`, change, applyType)
  assert.deepEqual(managersOf(forced.body), ['four', 'before-first-apply'])
})

test('what the server adds to an object belongs to nobody', () => {
  const cluster = smallCluster()
  const spec = { ports: [{ port: 80 }] }
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec }
  const { body } = ask(cluster, 'POST', '/api/v1/namespaces/default/services?fieldManager=one', service)
  const [{ fieldsV1 }] = body.metadata.managedFields
  assert.deepEqual(Object.keys(fieldsV1), ['f:spec'])
  assert.deepEqual(Object.keys(fieldsV1['f:spec']).sort(), [
    'f:internalTrafficPolicy',
    'f:ports',
    'f:sessionAffinity',
    'f:type',
  ])
})

test('a struct that is always there is not owned itself, and one that came is', () => {
  const cluster = smallCluster()
  const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'a', image: 'nginx:1.27' }] } }
  const spec = { selector: { matchLabels: { app: 'a' } }, template }
  const path = '/apis/apps/v1/namespaces/default/deployments'
  const made = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' }, spec }
  const { body } = ask(cluster, 'POST', `${path}?fieldManager=one`, made)
  const [{ fieldsV1 }] = body.metadata.managedFields
  assert.equal('f:status' in fieldsV1, false)
  assert.deepEqual(fieldsV1['f:spec']['f:strategy'], {
    'f:rollingUpdate': { '.': {}, 'f:maxSurge': {}, 'f:maxUnavailable': {} },
    'f:type': {},
  })
  assert.deepEqual(Object.keys(fieldsV1['f:spec']['f:template']['f:spec']['f:containers']), ['k:{"name":"a"}'])
})
