/** Requests that no client of good will sends: each is answered, and the cluster goes on. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { ask, smallCluster } from './ask.ts'

const jsonPatch = { 'content-type': 'application/json-patch+json' }
const namespace = '/api/v1/namespaces/default'
const tokenOf = `${namespace}/serviceaccounts/default/token`

const cases = [
  {
    name: 'a JSON patch whose path is no pointer',
    method: 'PATCH',
    url: namespace,
    status: 422,
    headers: jsonPatch,
    body: [{ op: 'add', path: 'x', value: 1 }],
  },
  {
    name: 'a JSON patch from a place that is no text',
    method: 'PATCH',
    url: namespace,
    status: 422,
    headers: jsonPatch,
    body: [{ op: 'move', path: '/metadata/name', from: 5 }],
  },
  {
    name: 'a JSON patch from a place that is no pointer',
    method: 'PATCH',
    url: namespace,
    status: 422,
    headers: jsonPatch,
    body: [{ op: 'copy', path: '/metadata/labels/a', from: 'metadata' }],
  },
  {
    name: 'a PriorityClass without a name',
    method: 'POST',
    url: '/apis/scheduling.k8s.io/v1/priorityclasses',
    status: 422,
    body: { metadata: {}, value: 1 },
  },
  {
    name: 'a token for a time that is no number',
    method: 'POST',
    url: tokenOf,
    status: 400,
    body: { spec: { expirationSeconds: 'long' } },
  },
  {
    name: 'a token for a time that is no whole number',
    method: 'POST',
    url: tokenOf,
    status: 400,
    body: { spec: { expirationSeconds: 700.5 } },
  },
]
for (const { name, method, url, status, headers, body } of cases)
  test(`${name} is refused`, () => {
    const cluster = smallCluster()
    assert.equal(ask(cluster, method, url, body, headers).status, status)
    cluster.advance(1000)
    assert.equal(ask(cluster, 'GET', namespace).status, 200)
  })

test('a token with one letter changed, or more behind it, is not accepted', () => {
  const cluster = smallCluster()
  const { token } = ask(cluster, 'POST', tokenOf, { spec: {} }).body.status
  const statusWith = (bearer: string): number =>
    ask(
      cluster,
      'POST',
      '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      { spec: { nonResourceAttributes: { path: '/', verb: 'get' } } },
      { authorization: `Bearer ${bearer}` },
    ).status
  assert.equal(statusWith(token), 201)
  const [header, payload, signature] = token.split('.')
  assert.equal(signature.length, 342)
  for (const place of [0, 20, 42, 341]) {
    const other = signature[place] === 'A' ? 'B' : 'A'
    assert.equal(
      statusWith(`${header}.${payload}.${signature.slice(0, place)}${other}${signature.slice(place + 1)}`),
      401,
    )
  }
  assert.equal(statusWith(`${token}.${payload}`), 401)
})

test('a token is signed by HMAC-SHA-256 with the seed', () => {
  for (const seed of ['rest', 'x'.repeat(100)]) {
    const cluster = smallCluster(seed)
    const [, payload, signature] = ask(cluster, 'POST', tokenOf, { spec: {} }).body.status.token.split('.')
    const code = createHmac('sha256', seed).update(payload).digest('base64url')
    assert.equal(signature.slice(0, 42), code.slice(0, 42))
  }
})

test('paths that name nothing do not make the metrics longer', () => {
  const cluster = smallCluster()
  const lines = (): number => ask(cluster, 'GET', '/metrics').body.split('\n').length
  const visit = (name: string): void => {
    for (const url of [
      `/${name}`,
      `/api/v1/${name}`,
      `/apis/${name}/v1/pods`,
      `/api/v1/namespaces/default/pods/a/${name}`,
    ])
      assert.equal(ask(cluster, 'GET', url).status, 404)
  }
  lines()
  visit('first')
  const before = lines()
  for (let n = 0; n < 5; n++) visit(`x${n}"`)
  assert.equal(lines(), before)
})

test('a wish for two thousand million Pods costs no more than the Pods that come of it', () => {
  const cluster = smallCluster()
  const made = ask(cluster, 'POST', '/apis/apps/v1/namespaces/default/statefulsets', {
    metadata: { name: 'vast' },
    spec: {
      replicas: 2_000_000_000,
      selector: { matchLabels: { app: 'vast' } },
      template: {
        metadata: { labels: { app: 'vast' } },
        spec: { containers: [{ name: 'c', image: 'nginx:1.27' }] },
      },
    },
  })
  assert.equal(made.status, 201)
  cluster.advance(10_000)
  const { length } = cluster.objects('pods')
  assert.ok(length > 2 && length < 20, `${length} Pods`)
})
