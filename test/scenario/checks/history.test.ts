/** The run as a sequence of moments. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../../sim/api/meta/object.ts'
import { createCluster, type LiveCluster } from '../../../sim/cluster.ts'
import { kindNamed, type Snapshot, snapshotNow, walkHistory } from '../../../sim/scenario/checks/history.ts'

const object = (name: string, namespace?: string, note = '') =>
  ({ metadata: { name, ...(namespace ? { namespace } : {}), annotations: { note } } }) as unknown as KubeObject

interface Change {
  atMs: number
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  bucket: string
  value: KubeObject
}
const change = (atMs: number, type: Change['type'], bucket: string, value: KubeObject): Change => ({
  atMs,
  type,
  bucket,
  value,
})

/** A run in the namespace `shop` that began five seconds after its engine, and what was there at its beginning. */
function runOf(start: Readonly<Record<string, readonly KubeObject[]>>, changes: readonly Change[]): LiveCluster {
  const history = changes.map(({ atMs, value, ...rest }) => {
    const { namespace, name } = value.metadata
    return { ...rest, atMs: atMs + 5000, value, key: namespace ? `${namespace}/${name}` : name }
  })
  return {
    namespace: 'shop',
    nowMs: 60_000,
    engine: { nowMs: 65_000 },
    objects: (resource: string) => start[resource] ?? [],
    server: { etcd: { history: () => history } },
  } as unknown as LiveCluster
}

const names = (objects: readonly KubeObject[]) =>
  objects.map(({ metadata: { namespace, name } }) => (namespace ? `${namespace}/${name}` : name)).join(' ')

/** Each moment that is visited: when, what changed, and what of these plurals there was. */
function visits(cluster: LiveCluster, fromMs: number, untilMs: number, plurals: readonly string[]) {
  const seen: [atMs: number, changed: string, ...there: string[]][] = []
  walkHistory(cluster, fromMs, untilMs, new Set(plurals), (snapshot, changed) => {
    const there = plurals.map((plural) => names(snapshot.everywhere(plural)))
    seen.push([snapshot.atMs, changed === 'all' ? changed : [...changed].join(' '), ...there])
  })
  return seen
}

const pods = [object('b', 'shop'), object('a', 'shop'), object('z', 'other')]

test('each moment is visited once, with what there was behind it', () => {
  const run = runOf({ pods, nodes: [object('node-1')] }, [
    change(2000, 'ADDED', 'pods', object('c', 'shop')),
    change(3000, 'DELETED', 'pods', object('a', 'shop')),
    change(3000, 'ADDED', 'nodes', object('node-0')),
    change(3001, 'DELETED', 'nodes', object('node-1')),
  ])
  assert.deepEqual(visits(run, 1000, 60_000, ['pods', 'nodes']), [
    [1000, 'all', 'other/z shop/a shop/b', 'node-1'],
    [2000, 'pods', 'other/z shop/a shop/b shop/c', 'node-1'],
    [3000, 'pods nodes', 'other/z shop/b shop/c', 'node-0 node-1'],
    [3001, 'nodes', 'other/z shop/b shop/c', 'node-0'],
  ])
})

test('what was at the beginning or before it is no change, and what comes behind the end is not seen', () => {
  const run = runOf({ pods: [] }, [
    change(999, 'ADDED', 'pods', object('a', 'shop')),
    change(1000, 'ADDED', 'pods', object('b', 'shop')),
    change(1001, 'ADDED', 'pods', object('c', 'shop')),
    change(4000, 'ADDED', 'pods', object('d', 'shop')),
    change(4001, 'ADDED', 'pods', object('e', 'shop')),
  ])
  assert.deepEqual(visits(run, 1000, 4000, ['pods']), [
    [1000, 'all', ''],
    [1001, 'pods', 'shop/c'],
    [4000, 'pods', 'shop/c shop/d'],
  ])
})

test('changes of other kinds are passed over', () => {
  const run = runOf({ pods }, [
    change(2000, 'ADDED', 'services', object('web', 'shop')),
    change(2000, 'ADDED', 'unheard-of', object('web', 'shop')),
  ])
  assert.deepEqual(visits(run, 1000, 60_000, ['pods']), [[1000, 'all', 'other/z shop/a shop/b']])
  walkHistory(run, 1000, 60_000, new Set(['pods']), (snapshot) => assert.deepEqual(snapshot.objects('services'), []))
})

test('a snapshot stays as it was, whatever comes after it and whenever it is asked', () => {
  const snapshots: Snapshot[] = []
  const run = runOf({ pods: [object('a', 'shop', 'old')] }, [
    change(2000, 'MODIFIED', 'pods', object('a', 'shop', 'new')),
  ])
  walkHistory(run, 1000, 60_000, new Set(['pods']), (snapshot) => snapshots.push(snapshot))
  assert.deepEqual(
    snapshots.map((snapshot) => snapshot.objects('pods').map(({ metadata }) => metadata.annotations!.note)),
    [['old'], ['new']],
  )
})

test('a snapshot has the objects of the own namespace, those of all, and those that are in none', () => {
  const seen: string[][] = []
  const run = runOf({ pods, nodes: [object('node-1')] }, [])
  walkHistory(run, 0, 60_000, new Set(['pods', 'nodes']), (snapshot) => {
    for (const resource of ['pods', 'Pod', 'nodes'])
      seen.push([names(snapshot.objects(resource)), names(snapshot.everywhere(resource))])
    assert.equal(snapshot.objects('pods'), snapshot.objects('pods'))
  })
  assert.deepEqual(seen, [
    ['shop/a shop/b', 'other/z shop/a shop/b'],
    ['shop/a shop/b', 'other/z shop/a shop/b'],
    ['node-1', 'node-1'],
  ])
})

test('the run that a cluster kept comes to what is there now', () => {
  const cluster = createCluster({ seed: 'history', shape: { nodes: [{ name: 'node-1' }], namespace: 'shop' } })
  const fromMs = cluster.nowMs
  cluster.advance(1000)
  for (const line of ['create deployment web --image=nginx:1.27 --replicas=2', 'delete pod -l app=web'])
    cluster.execute({ op: 'kubectl', line: `kubectl ${line}` })
  cluster.advance(10_000)
  const moments: Snapshot[] = []
  walkHistory(cluster, fromMs, cluster.nowMs, new Set(['pods', 'deployments']), (snapshot) => moments.push(snapshot))
  const now = snapshotNow(cluster)
  assert.equal(now.atMs, cluster.nowMs)
  for (const resource of ['pods', 'deployments']) {
    assert.deepEqual(moments[0]!.objects(resource), [])
    assert.deepEqual(moments.at(-1)!.objects(resource), now.objects(resource))
    assert.equal(now.objects(resource).length > 0, true)
  }
  assert.deepEqual(
    moments.map(({ atMs }) => atMs),
    [...new Set(moments.map(({ atMs }) => atMs))].sort((a, b) => a - b),
  )
})

test('a kind is found by its name and by that of its resource', () => {
  assert.equal(kindNamed('NetworkPolicy').plural, 'networkpolicies')
  assert.equal(kindNamed('networkpolicies').kind, 'NetworkPolicy')
  assert.throws(() => kindNamed('Nothing'), /^Error: no kind Nothing; there are (\w+, )*Pod, (\w+, )*\w+$/)
})
