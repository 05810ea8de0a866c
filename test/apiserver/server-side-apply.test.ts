import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deployments } from '../../sim/api/apps/deployment.ts'
import { configMaps } from '../../sim/api/core/config-map.ts'
import { refusalOf, startServer } from './server.ts'

const key = { namespace: 'ns', name: 'c' }
const config = (data: Record<string, string>) => ({ metadata: { name: 'c', namespace: 'ns' }, data })

test('a field of another manager is a conflict, which force takes over', () => {
  const { client } = startServer()
  client.apply(configMaps, config({ a: '1', b: '2' }), { fieldManager: 'one' })
  const error = refusalOf(() => client.apply(configMaps, config({ a: '9' }), { fieldManager: 'two' }))
  assert.equal(error.message, 'Apply failed with 1 conflict: conflict with "one": .data.a')
  assert.equal(error.details?.causes?.[0].field, '.data.a')
  const forced = client.apply(configMaps, config({ a: '9' }), { fieldManager: 'two', force: true })
  assert.deepEqual(forced.data, { a: '9', b: '2' })
})

test('what a manager stops applying goes, unless somebody else owns it', () => {
  const { client } = startServer()
  client.apply(configMaps, config({ a: '1', b: '2' }), { fieldManager: 'one' })
  client.apply(configMaps, config({ a: '9' }), { fieldManager: 'two', force: true })
  assert.deepEqual(client.apply(configMaps, config({ b: '2' }), { fieldManager: 'one' }).data, { a: '9', b: '2' })
  assert.deepEqual(client.apply(configMaps, config({ d: '4' }), { fieldManager: 'two' }).data, { b: '2', d: '4' })
})

test('the same value may be applied by two managers', () => {
  const { client } = startServer()
  client.apply(configMaps, config({ a: '1' }), { fieldManager: 'one' })
  client.apply(configMaps, config({ a: '1' }), { fieldManager: 'two' })
  assert.deepEqual(
    client.apply(configMaps, { metadata: { name: 'c', namespace: 'ns' } }, { fieldManager: 'one' }).data,
    { a: '1' },
  )
})

test('managed fields name who set what, by item of keyed lists', () => {
  const { client } = startServer()
  const deployment = {
    metadata: { name: 'c', namespace: 'ns' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'c' } },
      template: { metadata: { labels: { app: 'c' } }, spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] } },
    },
  }
  client.apply(deployments, deployment, { fieldManager: 'one' })
  const scaled = client.patch(deployments, key, 'merge', { spec: { replicas: 3 } }, { fieldManager: 'scaler' })
  const entries = client.managedFields(deployments, scaled)
  assert.deepEqual(
    entries.map((entry) => [entry.manager, entry.operation]),
    [
      ['one', 'Apply'],
      ['scaler', 'Update'],
    ],
  )
  assert.deepEqual(entries[1].fieldsV1, { 'f:spec': { 'f:replicas': {} } })
  const spec = entries[0].fieldsV1['f:spec'] as Record<string, Record<string, Record<string, unknown>>>
  assert.equal('f:replicas' in spec, false)
  assert.deepEqual(spec['f:template']['f:spec'], {
    'f:containers': { 'k:{"name":"web"}': { '.': {}, 'f:image': {}, 'f:name': {} } },
  })
  const error = refusalOf(() => client.apply(deployments, deployment, { fieldManager: 'one' }))
  assert.match(
    error.message,
    /^Apply failed with 1 conflict: conflict with "scaler" using apps\/v1.*: \.spec\.replicas$/,
  )
})

test('conflicts with several managers are told manager by manager, however few each has', () => {
  const { client } = startServer()
  client.apply(configMaps, config({ a: '1' }), { fieldManager: 'two' })
  client.apply(configMaps, config({ b: '1' }), { fieldManager: 'one' })
  const error = refusalOf(() => client.apply(configMaps, config({ a: '9', b: '9' }), { fieldManager: 'three' }))
  assert.equal(
    error.message,
    'Apply failed with 2 conflicts: conflicts with "one":\n- .data.b\nconflicts with "two":\n- .data.a',
  )
})

test('what is not at the address is neither changed nor owned by an apply', () => {
  const { client } = startServer()
  const spec = {
    selector: { matchLabels: { app: 'c' } },
    template: { metadata: { labels: { app: 'c' } }, spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] } },
  }
  const deployment = { metadata: { name: 'c', namespace: 'ns' }, spec, status: { replicas: 7 } }
  const applied = client.apply(deployments, deployment as never, { fieldManager: 'one' })
  assert.equal(applied.status?.replicas, undefined)
  const [{ fieldsV1 }] = client.managedFields(deployments, applied)
  assert.deepEqual(Object.keys(fieldsV1), ['f:spec'])
})
