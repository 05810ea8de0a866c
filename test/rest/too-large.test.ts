import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fieldsOf, lengthOfFields } from '../../sim/api/schema/field-set.ts'
import { ask, smallCluster } from './ask.ts'

const daemonSets = '/apis/apps/v1/namespaces/default/daemonsets'
const withContainers = (count: number) => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'many' },
  spec: {
    selector: { matchLabels: { app: 'many' } },
    template: {
      metadata: { labels: { app: 'many' } },
      spec: { containers: Array.from({ length: count }, (_, n) => ({ name: `c${n}`, image: 'nginx:1.27' })) },
    },
  },
})

test('an object that is too large with its managed fields is refused as etcd refuses it, without a reason', () => {
  const cluster = smallCluster()
  const { status, body } = ask(cluster, 'POST', daemonSets, withContainers(8000))
  assert.equal(status, 500)
  assert.deepEqual(body, {
    ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code: 500 },
    message: 'etcdserver: request is too large',
  })
  assert.equal(ask(cluster, 'GET', `${daemonSets}/many`).status, 404)
  assert.equal(ask(cluster, 'POST', daemonSets, withContainers(500)).status, 201)
})

test('what is larger than a message may be is refused by the client of etcd', () => {
  const { status, body } = ask(smallCluster(), 'POST', daemonSets, withContainers(12_000))
  assert.equal(status, 500)
  assert.match(
    body.message,
    /^rpc error: code = ResourceExhausted desc = trying to send message larger than max \(\d+ vs\. 2097152\)$/,
  )
})

test('the length of managed fields is that of their text', () => {
  const schema = 'io.k8s.api.apps.v1.DaemonSet'
  const { spec } = withContainers(50)
  const length = JSON.stringify(fieldsOf(schema, { spec })).length
  const counted = lengthOfFields(schema, { spec })
  assert.ok(Math.abs(counted - length) < length / 20, `${counted} counted, ${length} in JSON`)
})
