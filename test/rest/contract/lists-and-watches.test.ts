/** What the API promises of lists, pages and watches, and of PUT. Sources: kubernetes/test/e2e/apimachinery, and those at each test. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, smallCluster, watch } from '../ask.ts'

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'
const MINUTE = 60_000
const configMap = (name: string, labels: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels },
  data: { a: '1' },
})
const names = (list: { items: { metadata: { name: string } }[] }): string[] =>
  list.items.map((item) => item.metadata.name)

// Source: test/e2e/apimachinery/chunking.go, k8s.io/apiserver/pkg/storage/etcd3/errors.go
test('a page whose revision was compacted is refused, and the token of the refusal goes on from there', () => {
  const cluster = smallCluster()
  for (const n of [0, 1, 2, 3, 4, 5]) ask(cluster, 'POST', CONFIG_MAPS, configMap(`page-${n}`, { in: 'page' }))
  const page = (token = '') =>
    ask(cluster, 'GET', `${CONFIG_MAPS}?labelSelector=in%3Dpage&limit=2${token && `&continue=${token}`}`)
  const first = page()
  assert.deepEqual(names(first.body), ['page-0', 'page-1'])
  const token = first.body.metadata.continue
  const { v, rv, start } = JSON.parse(Buffer.from(token, 'base64url').toString())
  assert.deepEqual([v, String(rv), start], ['meta.k8s.io/v1', first.body.metadata.resourceVersion, 'page-1\0'])

  ask(cluster, 'DELETE', `${CONFIG_MAPS}/page-2`)
  assert.deepEqual(names(page(token).body), ['page-2', 'page-3'], 'of the revision of the first page')

  cluster.advance(11 * MINUTE)
  const refused = page(token)
  assert.equal(refused.status, 410)
  assert.equal(refused.body.reason, 'Expired')
  assert.match(
    refused.body.message,
    /^The provided continue parameter is too old to display a consistent list result\./,
  )
  const next = page(refused.body.metadata.continue)
  assert.deepEqual(names(next.body), ['page-3', 'page-4'], 'of now')
  assert.notEqual(next.body.metadata.resourceVersion, first.body.metadata.resourceVersion)
  const last = page(next.body.metadata.continue)
  assert.deepEqual(names(last.body), ['page-5'])
  assert.equal(last.body.metadata.resourceVersion, next.body.metadata.resourceVersion)
})

test('pages of all namespaces go on in the next one', () => {
  const cluster = smallCluster()
  ask(cluster, 'POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } })
  for (const namespace of ['default', 'other'])
    for (const n of [0, 1])
      ask(cluster, 'POST', `/api/v1/namespaces/${namespace}/configmaps`, configMap(`m-${n}`, { in: 'page' }))
  const seen: string[] = []
  let token = ''
  do {
    const { body } = ask(cluster, 'GET', `/api/v1/configmaps?labelSelector=in%3Dpage&limit=1&continue=${token}`)
    seen.push(
      ...body.items.map(
        (item: { metadata: { namespace: string; name: string } }) => `${item.metadata.namespace}/${item.metadata.name}`,
      ),
    )
    token = body.metadata.continue ?? ''
  } while (token)
  assert.deepEqual(seen, ['default/m-0', 'default/m-1', 'other/m-0', 'other/m-1'])
})

test('a watch and a list from a revision that was compacted are told that it is too old', () => {
  const cluster = smallCluster()
  const { resourceVersion } = ask(cluster, 'POST', CONFIG_MAPS, configMap('old')).body.metadata
  cluster.advance(11 * MINUTE)
  const { events, state } = watch(cluster, `${CONFIG_MAPS}?watch=true&resourceVersion=${resourceVersion}`)
  assert.equal(events.length, 1)
  assert.equal(events[0].type, 'ERROR')
  assert.equal(events[0].object.code, 410)
  assert.match(events[0].object.message, /^too old resource version: \d+ \(\d+\)$/)
  assert.equal(state.isOver, true)
  const list = ask(cluster, 'GET', `${CONFIG_MAPS}?resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`)
  assert.equal(list.status, 410)
  assert.equal(list.body.message, 'The resourceVersion for the provided list is too old.')
})

const BAD_TOKENS: readonly [string, string][] = [
  ['%%%', 'invalid continue token: continue key is not valid: illegal base64 data at input byte 0'],
  [
    Buffer.from('garbage').toString('base64url'),
    "invalid continue token: continue key is not valid: invalid character 'g' looking for beginning of value",
  ],
  [
    Buffer.from('[1]').toString('base64url'),
    'invalid continue token: continue key is not valid: json: cannot unmarshal array into Go value of type storage.continueToken',
  ],
  [
    Buffer.from('{"v":"meta.k8s.io/v1","rv":"1","start":"a"}').toString('base64url'),
    'invalid continue token: continue key is not valid: json: cannot unmarshal string into Go struct field continueToken.rv of type int64',
  ],
  [
    Buffer.from('{"v":"meta.k8s.io/v1","rv":1.5,"start":"a"}').toString('base64url'),
    'invalid continue token: continue key is not valid: json: cannot unmarshal number 1.5 into Go struct field continueToken.rv of type int64',
  ],
  [
    Buffer.from('{"v":"meta.k8s.io/v1","rv":-1,"start":"../../secrets"}').toString('base64url'),
    'invalid continue token: continue key is not valid: ../../secrets',
  ],
  [
    Buffer.from('null').toString('base64url'),
    'invalid continue token: continue key is not valid: server does not recognize this encoded version ',
  ],
  [
    Buffer.from('{"v":"x","rv":1,"start":"a"}').toString('base64url'),
    'invalid continue token: continue key is not valid: server does not recognize this encoded version x',
  ],
  [
    Buffer.from('{"v":"meta.k8s.io/v1","start":"a"}').toString('base64url'),
    'invalid continue token: continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)',
  ],
  [
    Buffer.from('{"v":"meta.k8s.io/v1","rv":1}').toString('base64url'),
    'invalid continue token: continue key is not valid: encoded start key empty (version meta.k8s.io/v1)',
  ],
]

test('tokens that the server did not write are refused', () => {
  const cluster = smallCluster()
  for (const [token, message] of BAD_TOKENS) {
    const { status, body } = ask(cluster, 'GET', `${CONFIG_MAPS}?limit=1&continue=${encodeURIComponent(token)}`)
    assert.deepEqual([status, body.reason, body.message], [400, 'BadRequest', message])
  }
})

test('a token of a revision that nobody can have seen is refused, and gives no empty list', () => {
  const cluster = smallCluster()
  const page = (fields: object) => {
    const token = Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', ...fields })).toString('base64url')
    return ask(cluster, 'GET', `${CONFIG_MAPS}?limit=1&continue=${token}`)
  }
  const first = page({ rv: 1, start: 'a' })
  assert.deepEqual([first.status, first.body.reason], [410, 'Expired'])
  assert.match(first.body.message, /^The provided continue parameter is too old to display a consistent list result\./)
  assert.equal(ask(cluster, 'GET', `${CONFIG_MAPS}?continue=${first.body.metadata.continue}`).status, 200)
  const next = page({ rv: 99_999_999, start: 'a' })
  assert.deepEqual([next.status, next.body.reason], [504, 'Timeout'])
  assert.match(next.body.message, /^Timeout: Too large resource version: 99999999, current: \d+$/)
})

// Source: k8s.io/apimachinery/pkg/apis/meta/internalversion/types.go; etcd pages for a limit above 0 only
test('a limit of nothing or less is none, and one that is no number is refused', () => {
  const cluster = smallCluster()
  const ofLimit = (limit: string) => ask(cluster, 'GET', `/api/v1/nodes?limit=${limit}`)
  for (const limit of ['0', '-1', '-9223372036854775808', ''])
    assert.deepEqual([ofLimit(limit).body.items.length, ofLimit(limit).body.metadata.continue], [2, undefined], limit)
  for (const limit of ['x', '1.5', '0x1']) {
    const { status, body } = ofLimit(limit)
    assert.deepEqual([status, body.message], [400, `strconv.ParseInt: parsing "${limit}": invalid syntax`])
  }
  for (const limit of ['9223372036854775808', '-9223372036854775809']) {
    const { status, body } = ofLimit(limit)
    assert.deepEqual([status, body.message], [400, `strconv.ParseInt: parsing "${limit}": value out of range`])
  }
})

// Source: test/e2e/apimachinery/watch.go
test('an object that leaves a selection is told as it last was in it, at the revision at which it left', () => {
  const cluster = smallCluster()
  ask(cluster, 'POST', CONFIG_MAPS, configMap('moving', { in: 'a' }))
  const { events } = watch(cluster, `${CONFIG_MAPS}?watch=true&labelSelector=in%3Da`)
  const left = ask(
    cluster,
    'PATCH',
    `${CONFIG_MAPS}/moving`,
    { metadata: { labels: { in: 'b' } }, data: { a: '2' } },
    { 'content-type': 'application/merge-patch+json' },
  ).body
  const back = ask(
    cluster,
    'PATCH',
    `${CONFIG_MAPS}/moving`,
    { metadata: { labels: { in: 'a' } } },
    { 'content-type': 'application/merge-patch+json' },
  ).body
  assert.deepEqual(
    events.map(({ type, object }) => [type, object.data.a, object.metadata.labels.in]),
    [
      ['ADDED', '1', 'a'],
      ['DELETED', '1', 'a'],
      ['ADDED', '2', 'a'],
    ],
  )
  assert.equal(events[1].object.metadata.resourceVersion, left.metadata.resourceVersion)
  assert.equal(events[2].object.metadata.resourceVersion, back.metadata.resourceVersion)
})

test('watches from any revision see the same changes in the same order', () => {
  const cluster = smallCluster()
  const whole = watch(
    cluster,
    `${CONFIG_MAPS}?watch=true&resourceVersion=${ask(cluster, 'GET', CONFIG_MAPS).body.metadata.resourceVersion}`,
  )
  for (const n of [0, 1, 2]) {
    ask(cluster, 'POST', CONFIG_MAPS, configMap(`order-${n}`))
    ask(cluster, 'PUT', `${CONFIG_MAPS}/order-${n}`, { ...configMap(`order-${n}`), data: { a: '2' } })
    ask(cluster, 'DELETE', `${CONFIG_MAPS}/order-${n}`)
  }
  const told = whole.events.map(({ type, object }) => [type, object.metadata.name, object.metadata.resourceVersion])
  assert.equal(told.length, 9)
  for (const [place, [, , revision]] of told.entries()) {
    const later = watch(cluster, `${CONFIG_MAPS}?watch=true&resourceVersion=${revision}`)
    assert.deepEqual(
      later.events.map(({ type, object }) => [type, object.metadata.name, object.metadata.resourceVersion]),
      told.slice(place + 1),
    )
  }
})

// Source: AllowCreateOnUpdate of the strategies in kubernetes/pkg/registry
const CREATED_BY_PUT: readonly [string, object][] = [
  [
    '/apis/coordination.k8s.io/v1/namespaces/default/leases',
    { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', spec: { holderIdentity: 'me' } },
  ],
  ['/api/v1/namespaces/default/limitranges', { apiVersion: 'v1', kind: 'LimitRange', spec: { limits: [] } }],
  ['/api/v1/namespaces/default/endpoints', { apiVersion: 'v1', kind: 'Endpoints', subsets: [] }],
  ['/api/v1/namespaces/default/services', { apiVersion: 'v1', kind: 'Service', spec: { ports: [{ port: 80 }] } }],
  [
    '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles',
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', rules: [] },
  ],
  [
    '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', rules: [] },
  ],
  ['/apis/node.k8s.io/v1/runtimeclasses', { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', handler: 'runc' }],
]

test('PUT makes what is not there, for the kinds that allow it', () => {
  const cluster = smallCluster()
  for (const [path, object] of CREATED_BY_PUT) {
    const put = (metadata: object) =>
      ask(cluster, 'PUT', `${path}/by-put`, { ...object, metadata: { name: 'by-put', ...metadata } })
    const stale = put({ uid: '3f1d6ad6-5d3b-4d0e-8f27-1a0b7c3c9b11' })
    assert.deepEqual([stale.status, stale.body.reason], [409, 'Conflict'], path)
    const made = put({})
    assert.equal(made.status, 201, JSON.stringify(made.body))
    assert.ok(made.body.metadata.uid)
    const again = put({ labels: { a: 'b' }, resourceVersion: made.body.metadata.resourceVersion })
    assert.equal(again.status, 200, JSON.stringify(again.body))
    assert.equal(again.body.metadata.uid, made.body.metadata.uid)
  }
  assert.equal(ask(cluster, 'PUT', `${CONFIG_MAPS}/by-put`, configMap('by-put')).status, 404)
})

test('who may only update does not create by PUT', () => {
  const cluster = smallCluster()
  const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default'
  ask(cluster, 'POST', `${rbac}/roles`, {
    metadata: { name: 'updater' },
    rules: [{ apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['update'] }],
  })
  ask(cluster, 'POST', `${rbac}/rolebindings`, {
    metadata: { name: 'updater' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'updater' },
    subjects: [{ kind: 'User', name: 'jane', apiGroup: 'rbac.authorization.k8s.io' }],
  })
  const [path, object] = CREATED_BY_PUT[0]
  const answer = ask(
    cluster,
    'PUT',
    `${path}/by-put`,
    { ...object, metadata: { name: 'by-put' } },
    { 'impersonate-user': 'jane' },
  )
  assert.equal(answer.status, 403)
  assert.match(answer.body.message, /User "jane" cannot create resource "leases"/)
})

// Source: AllowUnconditionalUpdate of the strategies, k8s.io/apiserver/pkg/registry/generic/registry/store.go Update
test('PUT has to say which version it replaces, for the kinds that want it', () => {
  const cluster = smallCluster()
  const path = '/apis/policy/v1/namespaces/default/poddisruptionbudgets'
  const budget = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'b' },
    spec: { minAvailable: 1 },
  }
  const { resourceVersion } = ask(cluster, 'POST', path, budget).body.metadata
  const refused = ask(cluster, 'PUT', `${path}/b`, budget)
  assert.equal(refused.status, 422)
  assert.equal(
    refused.body.message,
    'poddisruptionbudgets.policy "b" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
  )
  assert.equal(ask(cluster, 'PUT', `${path}/b`, { ...budget, metadata: { name: 'b', resourceVersion } }).status, 200)
})

// Source: test/e2e/apimachinery/table_conversion.go
test('what cannot be a table is refused as one', () => {
  const cluster = smallCluster()
  const review = { spec: { nonResourceAttributes: { path: '/', verb: 'get' } } }
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
  const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }
  assert.equal(ask(cluster, 'POST', path, review, table).status, 406)
  assert.equal(
    ask(cluster, 'POST', path, review, { accept: `${table.accept},application/json` }).body.kind,
    'SelfSubjectAccessReview',
  )
})

test('an object is read at a revision that there is', () => {
  const cluster = smallCluster()
  const path = '/api/v1/namespaces/default'
  for (const [revision, status] of [
    ['0', 200],
    ['1', 200],
    ['999999', 504],
    ['x', 400],
  ] as const)
    assert.equal(ask(cluster, 'GET', `${path}?resourceVersion=${revision}`).status, status, revision)
})

// Source: the group of the path is what authorizers are asked for
test('events of events.k8s.io are allowed and refused by that group', () => {
  const cluster = smallCluster()
  const rbac = '/apis/rbac.authorization.k8s.io/v1'
  ask(cluster, 'POST', `${rbac}/clusterroles`, {
    metadata: { name: 'new-events' },
    rules: [{ apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['list'] }],
  })
  ask(cluster, 'POST', `${rbac}/clusterrolebindings`, {
    metadata: { name: 'new-events' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'new-events' },
    subjects: [{ kind: 'User', name: 'jane', apiGroup: 'rbac.authorization.k8s.io' }],
  })
  const jane = { 'impersonate-user': 'jane' }
  assert.equal(ask(cluster, 'GET', '/apis/events.k8s.io/v1/events', undefined, jane).status, 200)
  const core = ask(cluster, 'GET', '/api/v1/events', undefined, jane)
  assert.equal(core.status, 403)
  assert.match(core.body.message, /resource "events" in API group ""/)
  const one = ask(cluster, 'DELETE', '/apis/events.k8s.io/v1/namespaces/default/events/x', undefined, jane)
  assert.match(one.body.message, /^events\.events\.k8s\.io "x" is forbidden: .* in API group "events\.k8s\.io"/)
})

// Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#alternate-representations-of-resources
test('YAML is answered to who asks for it first', () => {
  const cluster = smallCluster()
  ask(cluster, 'POST', CONFIG_MAPS, configMap('y'))
  const yaml = ask(cluster, 'GET', `${CONFIG_MAPS}/y`, undefined, { accept: 'application/yaml' })
  assert.equal(yaml.headers['content-type'], 'application/yaml')
  assert.match(yaml.body, /^apiVersion: v1\ndata:\n {2}a: "1"\nkind: ConfigMap\nmetadata:\n/)
  const refused = ask(cluster, 'GET', `${CONFIG_MAPS}/none`, undefined, { accept: 'application/yaml' })
  assert.match(refused.body, /^apiVersion: v1\ncode: 404\n/)
  for (const accept of [
    'application/json, application/yaml',
    '*/*',
    'application/vnd.kubernetes.protobuf,application/json',
  ])
    assert.equal(ask(cluster, 'GET', `${CONFIG_MAPS}/y`, undefined, { accept }).body.kind, 'ConfigMap', accept)
})
