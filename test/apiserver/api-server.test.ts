import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deployments } from '../../sim/api/apps/deployment.ts'
import { configMaps } from '../../sim/api/core/config-map.ts'
import { namespaces } from '../../sim/api/core/namespace.ts'
import { nodes } from '../../sim/api/core/node.ts'
import { pods } from '../../sim/api/core/pod.ts'
import { services } from '../../sim/api/core/service.ts'
import { createClient } from '../../sim/apiserver/client.ts'
import { admin, aPod, refusalOf, startServer } from './server.ts'

const key = (name: string) => ({ namespace: 'ns', name })
const aConfigMap = (name: string, data: Record<string, string> = { a: '1' }) => ({
  metadata: { name, namespace: 'ns' },
  data,
})
const aDeployment = (name: string) => ({
  metadata: { name, namespace: 'ns' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] } },
  },
})

test('a created Pod gets what the server sets: uid, times, defaults, a service account with its token', () => {
  const { client } = startServer()
  const pod = client.create(pods, aPod('p'))
  assert.match(pod.metadata.uid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.equal(pod.metadata.creationTimestamp, '2026-01-01T00:00:00Z')
  assert.equal(pod.spec.restartPolicy, 'Always')
  assert.equal(pod.spec.serviceAccountName, 'default')
  assert.equal(pod.spec.containers[0].volumeMounts?.[0].mountPath, '/var/run/secrets/kubernetes.io/serviceaccount')
  assert.equal(pod.spec.tolerations?.length, 2)
  assert.equal(pod.status.phase, 'Pending')
})

test('generateName makes a name of five safe characters', () => {
  const { client } = startServer()
  const made = client.create(configMaps, { metadata: { generateName: 'web-', namespace: 'ns' } })
  assert.match(made.metadata.name, /^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
})

test('every write gets a larger resourceVersion, and one that changes nothing gets none', () => {
  const { client } = startServer()
  const first = client.create(configMaps, aConfigMap('c'))
  const second = client.patch(configMaps, key('c'), 'merge', { data: { a: '2' } })
  const third = client.patch(configMaps, key('c'), 'merge', { data: { a: '2' } })
  assert.ok(Number(second.metadata.resourceVersion) > Number(first.metadata.resourceVersion))
  assert.equal(third.metadata.resourceVersion, second.metadata.resourceVersion)
})

const refusals: {
  name: string
  code: number
  message: string
  call: (server: ReturnType<typeof startServer>) => unknown
}[] = [
  {
    name: 'a missing object',
    code: 404,
    message: 'pods "nope" not found',
    call: ({ client }) => client.get(pods, key('nope')),
  },
  {
    name: 'a missing object of a group',
    code: 404,
    message: 'deployments.apps "nope" not found',
    call: ({ client }) => client.delete(deployments, key('nope')),
  },
  {
    name: 'a name that is taken',
    code: 409,
    message: 'configmaps "c" already exists',
    call: ({ client }) => {
      client.create(configMaps, aConfigMap('c'))
      client.create(configMaps, aConfigMap('c'))
    },
  },
  {
    name: 'a namespace that is not there',
    code: 404,
    message: 'namespaces "none" not found',
    call: ({ client }) => client.create(configMaps, { metadata: { name: 'c', namespace: 'none' } }),
  },
  {
    name: 'an update of an old version',
    code: 409,
    message:
      'Operation cannot be fulfilled on configmaps "c": the object has been modified; please apply your changes to the latest version and try again',
    call: ({ client }) => {
      const old = client.create(configMaps, aConfigMap('c'))
      client.patch(configMaps, key('c'), 'merge', { data: { a: '2' } })
      client.update(configMaps, { ...old, data: { a: '3' } })
    },
  },
  {
    name: 'a service account that is not there',
    code: 403,
    message: 'pods "p" is forbidden: error looking up service account ns/ghost: serviceaccount "ghost" not found',
    call: ({ client }) => client.create(pods, aPod('p', { serviceAccountName: 'ghost' })),
  },
  {
    name: 'deleting a system namespace',
    code: 403,
    message: 'namespaces "kube-system" is forbidden: this namespace may not be deleted',
    call: ({ client }) => client.delete(namespaces, { namespace: '', name: 'kube-system' }),
  },
  {
    name: 'an unknown field, strictly',
    code: 400,
    message: 'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.foo"',
    call: ({ client }) => client.create(pods, aPod('p', { foo: 1 }), { fieldValidation: 'Strict' }),
  },
  {
    name: 'a patch with an unknown field, strictly',
    code: 422,
    message:
      ' "" is invalid: patch: Invalid value: "map[datas:map[a:1]]": strict decoding error: unknown field "datas"',
    call: ({ client }) => {
      const { name, namespace } = client.create(configMaps, aConfigMap('c')).metadata
      client.patch(
        configMaps,
        { name, namespace: namespace ?? '' },
        'strategic',
        { datas: { a: '1' } },
        { fieldValidation: 'Strict' },
      )
    },
  },
  {
    name: 'a patch with a value of another type',
    code: 422,
    message: 'json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
    call: ({ client }) => {
      const { name, namespace } = client.create(configMaps, aConfigMap('c')).metadata
      client.patch(configMaps, { name, namespace: namespace ?? '' }, 'merge', { data: { a: 1 } })
    },
  },
  {
    name: 'a field that cannot be selected by',
    code: 400,
    message: 'field label not supported: spec.foo',
    call: ({ client }) => void client.list(pods, { fieldSelector: 'spec.foo=1' }),
  },
  {
    name: 'a delete whose uid is another',
    code: 409,
    message: 'the UID in the precondition (x) does not match the UID in record (',
    call: ({ client }) => {
      client.create(configMaps, aConfigMap('c'))
      client.delete(configMaps, key('c'), { preconditions: { uid: 'x' } })
    },
  },
  {
    name: 'anonymous requests',
    code: 403,
    message:
      'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" in the namespace "ns"',
    call: ({ server }) =>
      createClient(server, { user: { name: 'system:anonymous', groups: [] }, fieldManager: 'x' }).list(pods, {
        namespace: 'ns',
      }),
  },
  {
    name: 'a field selector by a field that has none',
    code: 400,
    message: 'field label not supported: spec.color',
    call: ({ client }) => client.list(pods, { namespace: 'ns', fieldSelector: 'spec.color=red' }),
  },
]
for (const { name, code, message, call } of refusals)
  test(`the server refuses ${name}`, () => {
    const error = refusalOf(() => call(startServer()))
    assert.equal(error.code, code)
    assert.ok(error.message.includes(message), `${error.message} does not include ${message}`)
  })

test('an unknown field is dropped with a warning unless validation is strict', () => {
  const { client } = startServer()
  const pod = client.create(pods, aPod('p', { foo: 1 }), { fieldValidation: 'Warn' })
  assert.deepEqual(
    client.warnings.filter((warning) => warning.includes('unknown')),
    ['unknown field "spec.foo"'],
  )
  assert.equal('foo' in pod.spec, false)
})

test('a dry run answers as if and stores nothing', () => {
  const { client } = startServer()
  const made = client.create(configMaps, aConfigMap('c'), { dryRun: true })
  assert.equal(made.metadata.name, 'c')
  assert.equal(client.find(configMaps, key('c')), undefined)
})

test('generation grows with spec and not with metadata or status', () => {
  const { client } = startServer()
  assert.equal(client.create(deployments, aDeployment('d')).metadata.generation, 1)
  assert.equal(
    client.patch(deployments, key('d'), 'merge', { metadata: { labels: { x: 'y' } } }).metadata.generation,
    1,
  )
  assert.equal(client.patch(deployments, key('d'), 'merge', { spec: { replicas: 5 } }).metadata.generation, 2)
  const scaled = client.get(deployments, key('d'))
  const after = client.updateStatus(deployments, {
    ...scaled,
    spec: { ...scaled.spec, replicas: 9 },
    status: { replicas: 5 },
  })
  assert.equal(after.metadata.generation, 2)
  assert.equal(after.spec.replicas, 5)
  assert.equal(after.status.replicas, 5)
})

test('status can not be set by an update of the object', () => {
  const { client } = startServer()
  client.create(deployments, aDeployment('d'))
  const patched = client.patch(deployments, key('d'), 'merge', { status: { replicas: 7 } })
  assert.equal(patched.status?.replicas, undefined)
})

test('a strategic merge patch merges containers by name, and a merge patch replaces the list', () => {
  const { client } = startServer()
  client.create(deployments, aDeployment('d'))
  const template = (containers: unknown[]) => ({ spec: { template: { spec: { containers } } } })
  const merged = client.patch(deployments, key('d'), 'strategic', template([{ name: 'side', image: 'busybox:1.36' }]))
  assert.deepEqual(
    merged.spec.template.spec.containers.map((c) => c.name),
    ['side', 'web'],
  )
  const replaced = client.patch(deployments, key('d'), 'merge', template([{ name: 'only', image: 'busybox:1.36' }]))
  assert.deepEqual(
    replaced.spec.template.spec.containers.map((c) => c.name),
    ['only'],
  )
})

test('a JSON patch that can not be carried out is refused and changes nothing', () => {
  const { client } = startServer()
  client.create(configMaps, aConfigMap('c'))
  const error = refusalOf(() => client.patch(configMaps, key('c'), 'json', [{ op: 'remove', path: '/data/zzz' }]))
  assert.equal(error.code, 422)
  assert.deepEqual(client.get(configMaps, key('c')).data, { a: '1' })
})

test('a bound Pod is deleted gracefully, an unbound one at once', () => {
  const { client } = startServer()
  client.create(pods, aPod('waits'))
  client.delete(pods, key('waits'))
  assert.equal(client.find(pods, key('waits')), undefined)
  client.create(pods, aPod('runs'))
  client.createSubresource(pods, key('runs'), 'binding', { target: { name: 'n' } })
  const going = client.delete(pods, key('runs'))
  assert.equal(going.metadata.deletionGracePeriodSeconds, 30)
  assert.equal(going.metadata.deletionTimestamp, '2026-01-01T00:00:30Z')
  client.delete(pods, key('runs'), { gracePeriodSeconds: 0 })
  assert.equal(client.find(pods, key('runs')), undefined)
})

test('a Pod is bound once', () => {
  const { client } = startServer()
  client.create(pods, aPod('p'))
  const bind = () => client.createSubresource(pods, key('p'), 'binding', { target: { name: 'n' } })
  bind()
  assert.match(refusalOf(bind).message, /pod p is already assigned to node "n"/)
})

test('a finalizer keeps a deleted object until it is taken out', () => {
  const { client } = startServer()
  client.create(configMaps, { metadata: { name: 'held', namespace: 'ns', finalizers: ['example.com/hold'] } })
  const going = client.delete(configMaps, key('held'))
  assert.ok(going.metadata.deletionTimestamp)
  assert.ok(client.find(configMaps, key('held')))
  client.patch(configMaps, key('held'), 'merge', { metadata: { finalizers: null } })
  assert.equal(client.find(configMaps, key('held')), undefined)
})

test('a foreground deletion leaves the object to the garbage collector', () => {
  const { client } = startServer()
  client.create(deployments, aDeployment('d'))
  const going = client.delete(deployments, key('d'), { propagationPolicy: 'Foreground' })
  assert.deepEqual(going.metadata.finalizers, ['foregroundDeletion'])
  assert.ok(client.find(deployments, key('d')))
})

test('a deleted namespace is Terminating and takes no new objects', () => {
  const { client } = startServer()
  const going = client.delete(namespaces, { namespace: '', name: 'ns' })
  assert.equal(going.status.phase, 'Terminating')
  const error = refusalOf(() => client.create(configMaps, aConfigMap('late')))
  assert.equal(
    error.message,
    'configmaps "late" is forbidden: unable to create new content in namespace ns because it is being terminated',
  )
})

test('Services get an address each, and give it back', () => {
  const { client } = startServer()
  const a = client.create(services, { metadata: { name: 'a', namespace: 'ns' }, spec: { ports: [{ port: 80 }] } })
  const ip = a.spec.clusterIP ?? ''
  assert.match(ip, /^10\.96\.\d+\.\d+$/)
  const asked = { metadata: { name: 'b', namespace: 'ns' }, spec: { clusterIP: ip, ports: [{ port: 80 }] } }
  assert.match(refusalOf(() => client.create(services, asked)).message, /provided IP is already allocated/)
  client.delete(services, key('a'))
  assert.equal(client.create(services, asked).spec.clusterIP, ip)
})

test('a list in pages gives each object once, at one revision', () => {
  const { client } = startServer()
  for (let i = 0; i < 25; i++) client.create(configMaps, aConfigMap(`c${String(i).padStart(2, '0')}`))
  const first = client.list(configMaps, { namespace: 'ns', limit: 10 })
  client.delete(configMaps, key('c15'))
  assert.equal(first.remainingItemCount, 15)
  const names = first.items.map((c) => c.metadata.name)
  let token = first.continue
  while (token) {
    const page = client.list(configMaps, { namespace: 'ns', limit: 10, continue: token })
    assert.equal(page.resourceVersion, first.resourceVersion)
    names.push(...page.items.map((c) => c.metadata.name))
    token = page.continue
  }
  assert.equal(names.length, 25)
  assert.equal(new Set(names).size, 25)
})

test('a watch tells every change after its revision, in order, later than the write', () => {
  const { client, engine } = startServer()
  client.create(configMaps, aConfigMap('before'))
  const { resourceVersion } = client.list(configMaps, { namespace: 'ns' })
  client.create(configMaps, aConfigMap('missed'))
  const seen: string[] = []
  client.watch(configMaps, { namespace: 'ns', resourceVersion }, (event) =>
    seen.push(`${event.type} ${event.object.metadata.name}`),
  )
  client.patch(configMaps, key('missed'), 'merge', { data: { a: '2' } })
  client.delete(configMaps, key('before'))
  assert.deepEqual(seen, [])
  engine.runUntil(engine.nowMs + 100)
  assert.deepEqual(seen, ['ADDED missed', 'MODIFIED missed', 'DELETED before'])
})

test('to a watch with a selector, an object that comes to match is added and one that stops is deleted', () => {
  const { client, engine } = startServer()
  const seen: string[] = []
  const { resourceVersion } = client.list(pods, { namespace: 'ns' })
  client.watch(pods, { fieldSelector: 'spec.nodeName=n1', resourceVersion }, (event) =>
    seen.push(`${event.type} ${event.object.metadata.name}`),
  )
  client.create(pods, aPod('a'))
  client.create(pods, aPod('b'))
  client.createSubresource(pods, key('a'), 'binding', { target: { name: 'n1' } })
  client.createSubresource(pods, key('b'), 'binding', { target: { name: 'n2' } })
  client.delete(pods, key('a'), { gracePeriodSeconds: 0 })
  engine.runUntil(engine.nowMs + 100)
  assert.deepEqual(seen, ['ADDED a', 'MODIFIED a', 'DELETED a'])
})

test('who watches a Pod sees its grace period end and then the Pod go, whoever ends it, and no date in the past', () => {
  const { client, engine } = startServer()
  const seen: string[] = []
  const { resourceVersion } = client.list(pods, { namespace: 'ns' })
  client.watch(pods, { namespace: 'ns', resourceVersion }, ({ type, object: { metadata } }) =>
    seen.push(
      `${type} ${metadata.name} ${metadata.deletionTimestamp?.slice(17, 19)} ${metadata.deletionGracePeriodSeconds}`,
    ),
  )
  client.create(pods, aPod('waits'))
  client.createSubresource(pods, key('waits'), 'binding', { target: { name: 'n1' } })
  client.create(pods, aPod('nowhere'))
  // It is on no node: nobody has to stop anything.
  client.delete(pods, key('nowhere'))
  client.delete(pods, key('waits'), { gracePeriodSeconds: 5 })
  engine.runUntil(engine.nowMs + 9000)
  // What is left was over long ago: a second, from now.
  assert.equal(client.delete(pods, key('waits'), { gracePeriodSeconds: 2 }).metadata.deletionGracePeriodSeconds, 1)
  client.delete(pods, key('waits'), { gracePeriodSeconds: 0 })
  engine.runUntil(engine.nowMs + 100)
  assert.deepEqual(seen.slice(3), [
    ...['MODIFIED nowhere 00 0', 'DELETED nowhere 00 0'],
    ...['MODIFIED waits 05 5', 'MODIFIED waits 09 1', 'MODIFIED waits 09 0', 'DELETED waits 09 0'],
  ])
})

test('what a finalizer held goes as it was: its end is no change that anybody sees before', () => {
  const { client, engine } = startServer()
  client.create(configMaps, {
    ...aConfigMap('c'),
    metadata: { name: 'c', namespace: 'ns', finalizers: ['example.com/hold'] },
  })
  client.delete(configMaps, key('c'))
  const seen: string[] = []
  const { resourceVersion } = client.list(configMaps, { namespace: 'ns' })
  client.watch(configMaps, { namespace: 'ns', resourceVersion }, ({ type, object }) =>
    seen.push(`${type} ${object.metadata.finalizers}`),
  )
  const last = client.patch(configMaps, key('c'), 'merge', { metadata: { finalizers: null } })
  engine.runUntil(engine.nowMs + 100)
  assert.equal(last.metadata.finalizers, undefined)
  assert.deepEqual(seen, ['DELETED example.com/hold'])
  assert.equal(client.find(configMaps, key('c')), undefined)
})

test('a watch or list from a compacted revision is told that it is too old', () => {
  const { client, engine, server } = startServer(1000)
  const { resourceVersion } = client.list(configMaps, { namespace: 'ns' })
  client.create(configMaps, aConfigMap('c'))
  engine.runUntil(engine.nowMs + 600_000)
  assert.ok(server.etcd.compactRevision >= Number(resourceVersion))
  const seen: { type: string; code?: number }[] = []
  client.watch(configMaps, { resourceVersion: String(Number(resourceVersion) - 1) }, ({ type, object }) =>
    seen.push({ type, code: (object as unknown as { code: number }).code }),
  )
  engine.runUntil(engine.nowMs + 100)
  assert.deepEqual(seen, [{ type: 'ERROR', code: 410 }])
  const error = refusalOf(() =>
    client.list(configMaps, { namespace: 'ns', resourceVersion: '1', resourceVersionMatch: 'Exact' }),
  )
  assert.equal(error.reason, 'Expired')
})

test('stored objects are values: nobody can change one', () => {
  const { client } = startServer()
  const made = client.create(configMaps, aConfigMap('c'))
  assert.throws(() => {
    ;(made.data as Record<string, string>).a = '9'
  }, TypeError)
})

test('cluster-scoped objects need no namespace', () => {
  const { client } = startServer()
  const node = client.create(nodes, { metadata: { name: 'n1' }, spec: {} })
  assert.equal(node.metadata.namespace, undefined)
  assert.equal(client.user, admin)
})
