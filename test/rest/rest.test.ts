/** The verbs of the HTTP API: what each answers, and how it refuses. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { replayCluster } from '../../sim/index.ts'
import { ask, smallCluster, watch } from './ask.ts'

const configMap = (name: string, data: Record<string, string> = {}, labels: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels },
  data,
})
const deployment = (name: string, replicas = 1) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'nginx:1.27' }] } },
  },
})
const maps = '/api/v1/namespaces/default/configmaps'
const deployments = '/apis/apps/v1/namespaces/default/deployments'
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'

test('an object is created, read, replaced, patched and deleted', () => {
  const cluster = smallCluster()
  const created = ask(cluster, 'POST', `${maps}?fieldManager=me`, configMap('a', { x: '1' }))
  assert.equal(created.status, 201)
  assert.equal(created.body.metadata.namespace, 'default')
  assert.equal(created.body.metadata.managedFields[0].manager, 'me')
  const read = ask(cluster, 'GET', `${maps}/a`)
  assert.deepEqual(read.body, created.body)
  const put = ask(cluster, 'PUT', `${maps}/a`, { ...read.body, data: { x: '2' } })
  assert.equal(put.body.data.x, '2')
  const stale = ask(cluster, 'PUT', `${maps}/a`, { ...read.body, data: { x: '3' } })
  assert.equal(stale.status, 409)
  assert.equal(stale.body.reason, 'Conflict')
  const merged = ask(
    cluster,
    'PATCH',
    `${maps}/a`,
    { data: { y: '1' } },
    { 'content-type': 'application/merge-patch+json' },
  )
  assert.deepEqual(merged.body.data, { x: '2', y: '1' })
  const patch = [{ op: 'remove', path: '/data/x' }]
  const jsonPatched = ask(cluster, 'PATCH', `${maps}/a`, patch, { 'content-type': 'application/json-patch+json' })
  assert.deepEqual(jsonPatched.body.data, { y: '1' })
  const deleted = ask(cluster, 'DELETE', `${maps}/a`)
  assert.equal(deleted.status, 200)
  assert.deepEqual(deleted.body.details, { name: 'a', kind: 'configmaps', uid: created.body.metadata.uid })
  const gone = ask(cluster, 'GET', `${maps}/a`)
  assert.equal(gone.status, 404)
  assert.equal(gone.body.message, 'configmaps "a" not found')
})

test('a strategic patch merges lists by key, and a scale is patched by itself', () => {
  const cluster = smallCluster()
  ask(cluster, 'POST', deployments, deployment('web'))
  const strategic = { 'content-type': 'application/strategic-merge-patch+json' }
  const change = { spec: { template: { spec: { containers: [{ name: 'c', image: 'nginx:1.26' }] } } } }
  const patched = ask(cluster, 'PATCH', `${deployments}/web`, change, strategic)
  assert.equal(patched.body.spec.template.spec.containers[0].image, 'nginx:1.26')
  const scale = ask(
    cluster,
    'PATCH',
    `${deployments}/web/scale`,
    { spec: { replicas: 3 } },
    { 'content-type': 'application/merge-patch+json' },
  )
  assert.equal(scale.body.kind, 'Scale')
  assert.equal(scale.body.spec.replicas, 3)
  assert.equal(scale.body.status.selector, 'app=web')
  const put = ask(cluster, 'PUT', `${deployments}/web/scale`, { ...scale.body, spec: { replicas: 2 } })
  assert.equal(put.body.spec.replicas, 2)
  assert.equal(ask(cluster, 'PUT', `${deployments}/web/scale`, { ...scale.body, spec: { replicas: 5 } }).status, 409)
  const odd = ask(
    cluster,
    'PATCH',
    `${deployments}/web/scale`,
    { spec: { replicas: 'x' } },
    { 'content-type': 'application/merge-patch+json' },
  )
  assert.equal(odd.status, 400)
  cluster.advance(30_000)
  assert.equal(ask(cluster, 'GET', `${deployments}/web/status`).body.status.readyReplicas, 2)
})

test('server-side apply creates, owns, and refuses what another owns', () => {
  const cluster = smallCluster()
  const apply = { 'content-type': 'application/apply-patch+yaml' }
  const config = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: s}\ndata: {a: "1"}\n'
  assert.equal(ask(cluster, 'PATCH', `${maps}/s?fieldManager=one`, config, apply).status, 201)
  assert.equal(ask(cluster, 'PATCH', `${maps}/s?fieldManager=one`, config, apply).status, 200)
  const other = config.replace('"1"', '"2"')
  const conflict = ask(cluster, 'PATCH', `${maps}/s?fieldManager=two`, other, apply)
  assert.equal(conflict.status, 409)
  assert.deepEqual(conflict.body.details.causes, [
    { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.a' },
  ])
  const forced = ask(cluster, 'PATCH', `${maps}/s?fieldManager=two&force=true`, other, apply)
  assert.equal(forced.body.data.a, '2')
  const nameless = ask(cluster, 'PATCH', `${maps}/s`, config, apply)
  assert.equal(nameless.status, 422)
  assert.equal(
    nameless.body.message,
    'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
  )
})

test('a list is cut into pages of one revision, whatever is written meanwhile', () => {
  const cluster = smallCluster()
  for (let n = 0; n < 7; n++)
    ask(cluster, 'POST', '/api/v1/namespaces/default/secrets', {
      metadata: { name: `s${n}`, labels: { odd: String(n % 2) } },
    })
  const names: string[] = []
  let page = ask(cluster, 'GET', '/api/v1/namespaces/default/secrets?limit=3')
  assert.equal(page.body.metadata.remainingItemCount, 4)
  ask(cluster, 'DELETE', '/api/v1/namespaces/default/secrets/s5')
  const revision = page.body.metadata.resourceVersion
  for (;;) {
    names.push(...page.body.items.map((item: { metadata: { name: string } }) => item.metadata.name))
    assert.equal(page.body.metadata.resourceVersion, revision)
    if (!page.body.metadata.continue) break
    page = ask(
      cluster,
      'GET',
      `/api/v1/namespaces/default/secrets?limit=3&continue=${encodeURIComponent(page.body.metadata.continue)}`,
    )
  }
  assert.deepEqual(names, ['s0', 's1', 's2', 's3', 's4', 's5', 's6'])
  const selected = ask(cluster, 'GET', '/api/v1/namespaces/default/secrets?limit=2&labelSelector=odd%3D1')
  assert.deepEqual(
    selected.body.items.map((item: { metadata: { name: string } }) => item.metadata.name),
    ['s1', 's3'],
  )
  const then = ask(
    cluster,
    'GET',
    `/api/v1/namespaces/default/secrets?resourceVersion=${revision}&resourceVersionMatch=Exact`,
  )
  assert.equal(then.body.items.length, 7)
  const future = ask(cluster, 'GET', '/api/v1/namespaces/default/secrets?resourceVersion=999999')
  assert.equal(future.status, 504)
  assert.equal(future.body.details.causes[0].reason, 'ResourceVersionTooLarge')
})

test('what is asked wrongly is told', () => {
  const cluster = smallCluster()
  const cases: [string, string, unknown, Record<string, string>, number, RegExp][] = [
    ['GET', '/api/v1/namespaces/default/nopes', undefined, {}, 404, /could not find the requested resource/],
    ['GET', '/apis/none/v1/pods', undefined, {}, 404, /404 page not found/],
    ['GET', '/api/v1/pods/x', undefined, {}, 404, /could not find the requested resource/],
    ['POST', '/api/v1/configmaps', configMap('a'), {}, 405, /does not allow this method/],
    ['PUT', maps, configMap('a'), {}, 405, /does not allow this method/],
    ['POST', maps, '{', {}, 400, /error decoding the body/],
    [
      'POST',
      maps,
      configMap('a'),
      { 'content-type': 'text/html' },
      415,
      /unknown format - accepted media types include/,
    ],
    ['PATCH', `${maps}/a`, {}, { 'content-type': 'application/json' }, 415, /application\/json-patch\+json/],
    [
      'POST',
      `${maps}?dryRun=Some`,
      configMap('a'),
      {},
      422,
      /dryRun: Unsupported value: "Some": supported values: "All"/,
    ],
    [
      'POST',
      maps,
      { ...configMap('a'), metadata: { name: 'a', namespace: 'b' } },
      {},
      400,
      /namespace of the provided object does not match/,
    ],
    [
      'PUT',
      `${maps}/b`,
      configMap('a'),
      {},
      400,
      /the name of the object \(a\) does not match the name on the URL \(b\)/,
    ],
    [
      'GET',
      `${maps}?labelSelector=a+b`,
      undefined,
      {},
      400,
      /^unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt$/,
    ],
    ['GET', `${maps}?fieldSelector=spec.x%3D1`, undefined, {}, 400, /field label not supported: spec.x/],
    [
      'GET',
      `${maps}?resourceVersionMatch=Exact`,
      undefined,
      {},
      422,
      /resourceVersionMatch is forbidden unless resourceVersion is provided/,
    ],
    [
      'GET',
      `${maps}?watch=true&sendInitialEvents=true`,
      undefined,
      {},
      422,
      /sendInitialEvents requires setting resourceVersionMatch to NotOlderThan/,
    ],
    ['GET', `${maps}?continue=zz`, undefined, {}, 400, /continue key is not valid/],
    ['GET', maps, undefined, { accept: 'application/xml' }, 406, /only the following media types are accepted/],
    ['GET', '/api/v1/%zz', undefined, {}, 400, /cannot be decoded/],
    ['GET', maps, undefined, { authorization: 'Bearer nonsense' }, 401, /Unauthorized/],
    ['GET', maps, undefined, { 'impersonate-group': 'a' }, 400, /without impersonating a user/],
    [
      'GET',
      maps,
      undefined,
      { 'impersonate-user': 'jane' },
      403,
      /User "jane" cannot list resource "configmaps" in API group "" in the namespace "default"/,
    ],
    ['GET', '/metrics', undefined, { 'impersonate-user': 'jane' }, 403, /User "jane" cannot get path "\/metrics"/],
    [
      'POST',
      `${maps}?fieldValidation=Strict`,
      { ...configMap('a'), bogus: 1 },
      {},
      400,
      /strict decoding error: unknown field "bogus"/,
    ],
    ['DELETE', '/api/v1/namespaces', undefined, {}, 405, /does not allow this method/],
  ]
  for (const [method, url, body, headers, status, message] of cases) {
    const answer = ask(cluster, method, url, body, headers)
    assert.equal(answer.status, status, `${method} ${url}: ${JSON.stringify(answer.body)}`)
    assert.match(typeof answer.body === 'string' ? answer.body : answer.body.message, message)
  }
})

test('warnings go into headers, and a dry run leaves nothing behind', () => {
  const cluster = smallCluster()
  const warned = ask(cluster, 'POST', `${maps}?dryRun=All`, { ...configMap('a'), bogus: 1 })
  assert.equal(warned.status, 201)
  assert.equal(warned.headers.warning, '299 - "unknown field \\"bogus\\""')
  assert.equal(ask(cluster, 'GET', `${maps}/a`).status, 404)
})

test('a collection is deleted by selector', () => {
  const cluster = smallCluster()
  for (const name of ['a', 'b', 'c']) ask(cluster, 'POST', maps, configMap(name, {}, { keep: String(name === 'b') }))
  const deleted = ask(cluster, 'DELETE', `${maps}?labelSelector=keep%3Dfalse`)
  assert.deepEqual(
    deleted.body.items.map((item: { metadata: { name: string } }) => item.metadata.name),
    ['a', 'c'],
  )
  const left = ask(cluster, 'GET', `${maps}?labelSelector=keep`)
  assert.deepEqual(
    left.body.items.map((item: { metadata: { name: string } }) => item.metadata.name),
    ['b'],
  )
})

test('a watch tells of what changes, from a revision, with selectors, and ends its first state with a bookmark', () => {
  const cluster = smallCluster()
  ask(cluster, 'POST', maps, configMap('before'))
  const from = ask(cluster, 'GET', maps).body.metadata.resourceVersion
  const all = watch(cluster, `${maps}?watch=true&resourceVersion=${from}`)
  const initial = watch(
    cluster,
    `${maps}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&fieldSelector=metadata.name%3Dbefore`,
  )
  const chosen = watch(cluster, `${maps}?watch=true&labelSelector=a%3D1&resourceVersion=${from}`)
  assert.equal(all.events.length, 0)
  assert.deepEqual(
    initial.events.map(({ type }) => type),
    ['ADDED', 'BOOKMARK'],
  )
  assert.equal(initial.events[1].object.metadata.annotations['k8s.io/initial-events-end'], 'true')
  assert.equal(initial.events[1].object.kind, 'ConfigMap')
  ask(cluster, 'POST', maps, configMap('x'))
  ask(
    cluster,
    'PATCH',
    `${maps}/x`,
    { metadata: { labels: { a: '1' } } },
    { 'content-type': 'application/merge-patch+json' },
  )
  ask(
    cluster,
    'PATCH',
    `${maps}/x`,
    { metadata: { labels: { a: '2' } } },
    { 'content-type': 'application/merge-patch+json' },
  )
  ask(cluster, 'DELETE', `${maps}/x`)
  assert.deepEqual(
    all.events.map(({ type }) => type),
    ['ADDED', 'MODIFIED', 'MODIFIED', 'DELETED'],
  )
  assert.deepEqual(
    chosen.events.map(({ type }) => type),
    ['ADDED', 'DELETED'],
  )
  const revisions = all.events.map(({ object }) => Number(object.metadata.resourceVersion))
  assert.deepEqual(
    revisions,
    revisions.toSorted((a, b) => a - b),
  )
  all.close()
  ask(cluster, 'POST', maps, configMap('y'))
  assert.equal(all.events.length, 4)
})

test('a watch ends with a bookmark when its time is over, and with the server', () => {
  const cluster = smallCluster()
  const bookmarked = watch(cluster, `${maps}?watch=true&allowWatchBookmarks=true&resourceVersion=1`)
  bookmarked.close('timeout')
  assert.equal(bookmarked.events.at(-1)?.type, 'BOOKMARK')
  const open = watch(cluster, `${maps}?watch=true`)
  cluster.execute({ op: 'fault', fault: { kind: 'component', component: 'kube-apiserver', state: 'stopped' } })
  assert.equal(open.state.isOver, true)
  assert.equal(cluster.request({ method: 'GET', url: maps, headers: {}, body: new Uint8Array() }).kind, 'no-answer')
})

test('tables and metadata alone, in lists, objects and watches', () => {
  const cluster = smallCluster()
  ask(cluster, 'POST', deployments, deployment('web'))
  const listed = ask(cluster, 'GET', deployments, undefined, { accept: table }).body
  assert.equal(listed.kind, 'Table')
  assert.deepEqual(
    listed.columnDefinitions.slice(0, 2).map(({ name, format }: { name: string; format: string }) => [name, format]),
    [
      ['Name', 'name'],
      ['Ready', ''],
    ],
  )
  assert.equal(listed.rows[0].cells[0], 'web')
  assert.equal(listed.rows[0].object.kind, 'PartialObjectMetadata')
  const whole = ask(cluster, 'GET', `${deployments}?includeObject=Object`, undefined, { accept: table }).body
  assert.equal(whole.rows[0].object.spec.replicas, 1)
  const partial = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io'
  const one = ask(cluster, 'GET', `${deployments}/web`, undefined, { accept: partial }).body
  assert.deepEqual(Object.keys(one), ['kind', 'apiVersion', 'metadata'])
  const partialList = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'
  assert.equal(
    ask(cluster, 'GET', deployments, undefined, { accept: partialList }).body.kind,
    'PartialObjectMetadataList',
  )
  const seen = watch(cluster, `${deployments}?watch=true`, { accept: table })
  ask(cluster, 'POST', deployments, deployment('api'))
  assert.equal(seen.events[0].object.columnDefinitions.length > 3, true)
  assert.equal(seen.events[1].object.columnDefinitions, null)
  const odd = 'application/json;as=Table;v=v1alpha1;g=meta.k8s.io'
  assert.equal(ask(cluster, 'GET', deployments, undefined, { accept: odd }).status, 406)
})

test('parts of a Pod: binding, eviction, status', () => {
  const cluster = smallCluster()
  const pods = '/api/v1/namespaces/default/pods'
  const pod = {
    metadata: { name: 'p' },
    spec: { schedulerName: 'nobody', containers: [{ name: 'c', image: 'nginx:1.27' }] },
  }
  ask(cluster, 'POST', pods, pod)
  const target = { target: { kind: 'Node', name: 'node-2' }, metadata: { name: 'p' } }
  const bound = ask(cluster, 'POST', `${pods}/p/binding`, target)
  assert.equal(bound.status, 201)
  assert.equal(bound.body.kind, 'Status')
  cluster.advance(20_000)
  assert.equal(ask(cluster, 'GET', `${pods}/p`).body.status.phase, 'Running')
  const evicted = ask(cluster, 'POST', `${pods}/p/eviction`, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name: 'p' },
  })
  assert.equal(evicted.status, 201)
  cluster.advance(40_000)
  assert.equal(ask(cluster, 'GET', `${pods}/p`).status, 404)
})

test('a token names its holder until it is over or its account is gone', () => {
  const cluster = smallCluster()
  const accounts = '/api/v1/namespaces/default/serviceaccounts'
  ask(cluster, 'POST', accounts, { metadata: { name: 'robot' } })
  const made = ask(cluster, 'POST', `${accounts}/robot/token`, { spec: { expirationSeconds: 600 } })
  assert.equal(made.status, 201)
  const holder = { authorization: `Bearer ${made.body.status.token}` }
  const whoAmI = (): ReturnType<typeof ask> =>
    ask(cluster, 'POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {}, holder)
  assert.equal(whoAmI().body.status.userInfo.username, 'system:serviceaccount:default:robot')
  assert.equal(ask(cluster, 'GET', maps, undefined, holder).status, 403)
  cluster.advance(601_000)
  assert.equal(whoAmI().status, 401)
  const short = ask(cluster, 'POST', `${accounts}/robot/token`, { spec: { expirationSeconds: 60 } })
  assert.match(short.body.message, /may not specify a duration less than 10 minutes/)
  const again = ask(cluster, 'POST', `${accounts}/robot/token`, {}).body.status.token
  ask(cluster, 'DELETE', `${accounts}/robot`)
  assert.equal(ask(cluster, 'GET', maps, undefined, { authorization: `Bearer ${again}` }).status, 401)
})

test('a replay of the log gives the same cluster, and looking leaves no trace', () => {
  const options = { seed: 'log', strict: true, shape: { nodes: [{ name: 'node-1' }] } }
  const act = (cluster: ReturnType<typeof smallCluster>, looks: boolean) => {
    const open = looks ? watch(cluster, '/api/v1/pods?watch=true') : undefined
    ask(cluster, 'POST', deployments, deployment('web', 2))
    if (looks) ask(cluster, 'GET', deployments)
    cluster.advance(1234)
    ask(
      cluster,
      'PATCH',
      `${deployments}/web/scale`,
      { spec: { replicas: 4 } },
      { 'content-type': 'application/merge-patch+json' },
    )
    cluster.begin({ op: 'kubectl', line: 'kubectl get pods -w' }, () => undefined).interrupt()
    cluster.begin({ op: 'kubectl', line: 'kubectl rollout status deployment/web' }, () => undefined)
    ask(cluster, 'POST', maps, configMap('during'))
    cluster.advance(20_000)
    ask(cluster, 'DELETE', `${deployments}/web`)
    cluster.advance(5000)
    return { hash: cluster.stateHash(), log: cluster.log, seen: open?.events.length ?? 0, nowMs: cluster.nowMs }
  }
  const looked = act(replayCluster(options, [], 0), true)
  const blind = act(replayCluster(options, [], 0), false)
  assert.ok(looked.seen > 10)
  assert.equal(looked.hash, blind.hash)
  const again = replayCluster(options, JSON.parse(JSON.stringify(looked.log)), looked.nowMs)
  assert.equal(again.stateHash(), looked.hash)
})

test('a write whose answer cannot be given is not made, nor in a replay', () => {
  const options = { seed: 'log', strict: true, shape: { nodes: [{ name: 'node-1' }] } }
  const cluster = replayCluster(options, [], 0)
  const accept = 'application/xml'
  assert.equal(ask(cluster, 'POST', maps, configMap('refused'), { accept }).status, 406)
  assert.equal(ask(cluster, 'POST', maps, configMap('made'), { accept: 'application/json, */*' }).status, 201)
  assert.equal(ask(cluster, 'GET', `${maps}/refused`).status, 404)
  cluster.advance(1000)
  const again = replayCluster(options, JSON.parse(JSON.stringify(cluster.log)), cluster.nowMs)
  assert.equal(again.stateHash(), cluster.stateHash())
  assert.deepEqual(
    cluster.log.map(({ command }) => command.op === 'request' && command.headers.accept),
    [accept, undefined],
  )
})

test('autoscaling/v1 and events.k8s.io/v1 show the same objects in their own words', () => {
  const cluster = smallCluster()
  const v1 = '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers'
  const v2 = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers'
  const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }
  const spec = { scaleTargetRef: target, minReplicas: 1, maxReplicas: 4, targetCPUUtilizationPercentage: 60 }
  const made = ask(cluster, 'POST', v1, {
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web' },
    spec,
  })
  assert.equal(made.status, 201)
  assert.equal(made.body.apiVersion, 'autoscaling/v1')
  assert.deepEqual(made.body.spec, spec)
  const stored = ask(cluster, 'GET', `${v2}/web`).body
  assert.equal(stored.spec.metrics[0].resource.target.averageUtilization, 60)
  const merge = { 'content-type': 'application/merge-patch+json' }
  const patched = ask(cluster, 'PATCH', `${v1}/web`, { spec: { targetCPUUtilizationPercentage: 80 } }, merge)
  assert.equal(patched.body.spec.targetCPUUtilizationPercentage, 80)
  assert.equal(ask(cluster, 'GET', v1).body.items[0].spec.targetCPUUtilizationPercentage, 80)
  assert.equal(ask(cluster, 'GET', v1).body.apiVersion, 'autoscaling/v1')
  const group = ask(cluster, 'GET', '/apis/autoscaling').body
  assert.deepEqual(group.preferredVersion, { groupVersion: 'autoscaling/v2', version: 'v2' })
  assert.equal(group.versions.length, 2)

  const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'nginx:1.27' }] } }
  ask(cluster, 'POST', '/api/v1/namespaces/default/pods', pod)
  cluster.advance(10_000)
  const events = ask(
    cluster,
    'GET',
    '/apis/events.k8s.io/v1/namespaces/default/events?fieldSelector=regarding.name%3Dp,reason%3DScheduled',
  ).body
  assert.equal(events.items.length, 1)
  assert.equal(events.items[0].regarding.kind, 'Pod')
  assert.match(events.items[0].note, /Successfully assigned default\/p/)
  assert.equal('involvedObject' in events.items[0], false)
})

test('an Event of events.k8s.io/v1 is held to more than one of the core group', () => {
  const cluster = smallCluster()
  const path = '/apis/events.k8s.io/v1/namespaces/default/events'
  const regarding = { kind: 'Pod', name: 'web', namespace: 'default' }
  const event = { apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata: { generateName: 'web-' }, regarding }
  const { status, body } = ask(cluster, 'POST', path, { ...event, metadata: { name: 'Web' } })
  assert.equal(status, 422)
  assert.deepEqual(
    body.details.causes.map(({ field }: { field: string }) => field),
    ['metadata.name', 'eventTime', 'type'],
  )
  const timed = { ...event, eventTime: '2026-03-02T09:00:00.000000Z', type: 'Warning' }
  const refused = ask(cluster, 'POST', path, { ...timed, reportingController: 'me', note: 'n'.repeat(1025) })
  assert.deepEqual(
    refused.body.details.causes.map(({ field, message }: { field: string; message: string }) => `${field}: ${message}`),
    [
      'reportingInstance: Required value',
      'action: Required value',
      'reason: Required value',
      'message: Invalid value: "": can have at most 1024 characters',
    ],
  )
  const whole = { ...timed, reportingController: 'me', reportingInstance: 'i', action: 'a', reason: 'r' }
  const made = ask(cluster, 'POST', path, whole)
  assert.equal(made.status, 201)
  const changed = ask(cluster, 'PUT', `${path}/${made.body.metadata.name}`, { ...made.body, reportingController: '' })
  assert.deepEqual(
    changed.body.details.causes.map(({ field }: { field: string }) => field),
    ['reportingController', 'reportingController', 'reportingController', 'reportingController'],
  )
})

test('a body of protobuf is read as its JSON would be, and logged as text', async () => {
  const { encodeProtobuf } = await import('../../sim/rest/protobuf/encode.ts')
  const cluster = smallCluster()
  const body = encodeProtobuf({ ...deployment('web', 2), metadata: { name: 'web', namespace: 'default' } })
  assert.ok(body)
  const headers = { 'content-type': 'application/vnd.kubernetes.protobuf', 'user-agent': 'test/1' }
  const outcome = cluster.request({ method: 'POST', url: deployments, headers, body })
  assert.equal(outcome.kind === 'answer' && outcome.status, 201)
  assert.equal(ask(cluster, 'GET', `${deployments}/web`).body.spec.replicas, 2)
  const [logged] = cluster.log
  assert.equal(logged.command.op === 'request' && JSON.parse(logged.command.body).kind, 'Deployment')
  const broken = cluster.request({ method: 'POST', url: deployments, headers, body: body.subarray(0, 20) })
  assert.equal(broken.kind === 'answer' && broken.status, 400)
})

test('what a Pod reads of the metrics does not depend on who looked from outside', () => {
  const told = (looks: number): string => {
    const cluster = smallCluster('metrics')
    for (let n = 0; n < looks; n++) ask(cluster, 'GET', maps)
    const reader = { metadata: { name: 'reader' }, rules: [{ nonResourceURLs: ['/metrics'], verbs: ['get'] }] }
    ask(cluster, 'POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', reader)
    ask(cluster, 'POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
      metadata: { name: 'reader' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'reader' },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'default' }],
    })
    cluster.execute({ op: 'kubectl', line: 'kubectl run p --image=nicolaka/netshoot -- sleep 3600' })
    cluster.advance(20_000)
    const script =
      'curl -sk -H "Authorization: Bearer $(cat /var/run/secrets/kubernetes.io/serviceaccount/token)" https://kubernetes.default/metrics'
    const { stdout } = cluster.execute({ op: 'kubectl', line: `kubectl exec p -- sh -c '${script}'` })
    assert.match(stdout, /apiserver_request_total\{/)
    return stdout
  }
  assert.equal(told(5), told(0))
})

test('a write whose answer cannot be given as asked is not done', () => {
  const cluster = smallCluster()
  ask(cluster, 'POST', maps, configMap('a'))
  const odd = { accept: 'application/xml' }
  assert.equal(ask(cluster, 'POST', maps, configMap('b'), odd).status, 406)
  assert.equal(ask(cluster, 'DELETE', `${maps}/a`, undefined, odd).status, 406)
  assert.equal(ask(cluster, 'DELETE', `${maps}?includeObject=All`, undefined).status, 400)
  const names = ask(cluster, 'GET', maps).body.items.map((item: { metadata: { name: string } }) => item.metadata.name)
  assert.deepEqual(names, ['a', 'kube-root-ca.crt'])
})

test('spaces around a quantity are read over, wherever it stands', () => {
  const cluster = smallCluster()
  const pods = '/api/v1/namespaces/default/pods'
  const pod = (name: string, resources: object) => ({
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name } },
    spec: { containers: [{ name: 'a', image: 'nginx:1.27', resources }] },
  })
  const made = ask(cluster, 'POST', pods, pod('a', { limits: { cpu: ' 1 ' }, requests: { memory: '\t1024Mi' } }))
  assert.equal(made.status, 201)
  assert.deepEqual(made.body.spec.containers[0].resources, {
    limits: { cpu: '1' },
    requests: { cpu: '1', memory: '1Gi' },
  })
  const limits = [{ type: 'Container', default: { memory: ' 1Gi' } }]
  const range = { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'a' }, spec: { limits } }
  assert.equal(ask(cluster, 'POST', '/api/v1/namespaces/default/limitranges', range).status, 201)
  const defaulted = ask(cluster, 'POST', pods, pod('b', {}))
  assert.deepEqual(defaulted.body.spec.containers[0].resources, {
    limits: { memory: '1Gi' },
    requests: { memory: '1Gi' },
  })
  const patch = { spec: { limits: [{ type: 'Container', max: { cpu: ' 2' }, default: { cpu: '1 ' } }] } }
  const type = { 'content-type': 'application/merge-patch+json' }
  const patched = ask(cluster, 'PATCH', '/api/v1/namespaces/default/limitranges/a', patch, type)
  assert.equal(patched.status, 200)
  assert.equal(ask(cluster, 'POST', pods, pod('c', {})).body.spec.containers[0].resources.limits.cpu, '1')
})

test('who comes with a program that people use reads an answer that is laid out', () => {
  const cluster = smallCluster()
  const bodyFor = (url: string, agent: string): string => {
    const outcome = cluster.request({ method: 'GET', url, headers: { 'user-agent': agent }, body: new Uint8Array() })
    return outcome.kind === 'answer' ? String(outcome.body) : ''
  }
  assert.match(bodyFor('/api/v1/namespaces/default', 'curl/8.5.0'), /^\{\n {2}"kind"/)
  assert.match(bodyFor('/api/v1/namespaces/none', 'Wget'), /^\{\n {2}"kind": "Status"/)
  assert.match(bodyFor('/api/v1', 'Mozilla/5.0 (X11)'), /^\{\n {2}"kind": "APIResourceList"/)
  assert.doesNotMatch(bodyFor('/api/v1/namespaces/default?pretty=false', 'curl/8.5.0'), /\n {2}/)
  assert.doesNotMatch(bodyFor('/api/v1/namespaces/default', 'kubectl/v1.36.4'), /\n {2}/)
})
