import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { thin, viewMoments } from '../../../../server/labs/views/moments.ts'
import { viewCluster } from '../../../../server/labs/views/view.ts'
import { createCluster } from '../../../../sim/index.ts'

test('so many moments stay at most, the first and the last among them, in order', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(100_000), { minLength: 2, maxLength: 80 }),
      fc.integer({ min: 2, max: 20 }),
      (given, most) => {
        const times = given.toSorted((a, b) => a - b)
        const kept = thin(times, most)
        assert.ok(kept.length <= most && kept.length >= 2)
        assert.deepEqual([kept[0], kept.at(-1)], [times[0], times.at(-1)])
        assert.ok(kept.every((ms, n) => times.includes(ms) && (n === 0 || ms > kept[n - 1]!)))
      },
    ),
  )
})

test('of moments that are close together the later one stays, which shows both', () => {
  assert.deepEqual(thin([0, 5000, 5100, 9000, 30_000], 4), [0, 5100, 9000, 30_000])
  assert.deepEqual(thin([0, 1, 2, 3, 1000], 5), [0, 3, 1000])
})

test('a run has a moment for each turn of its Pods, from an empty cluster to its end', () => {
  const cluster = createCluster({ seed: 'moments', shape: { nodes: [{ name: 'node-1' }, { name: 'node-2' }] } })
  cluster.advance(2000)
  cluster.execute({ op: 'kubectl', line: 'kubectl create deployment web --image=nginx:1.27 --replicas=2' })
  cluster.advance(20_000)
  const moments = viewMoments(cluster, [2000])
  assert.deepEqual([moments[0]!.atMs, moments[0]!.pods.length, moments.at(-1)!.atMs], [0, 0, cluster.nowMs])
  const { pods, nodes, services, tables } = viewCluster(cluster, 0)
  const { atMs: _at, unscheduled: _none, ...end } = moments.at(-1)!
  assert.deepEqual(end, { pods, nodes, services, tables })
  const ready = moments.map((moment) => moment.pods.filter(({ tone }) => tone === 'ready').length)
  assert.ok(moments.length > 3 && moments.length <= 16)
  assert.deepEqual(ready, ready.toSorted())
  assert.ok(moments.some(({ pods: shown }) => shown.some(({ tone }) => tone === 'waiting')))
})

test('a node with a member of etcd says whom it follows, at each moment, and its turns are moments', () => {
  const cluster = createCluster({
    seed: 'etcd',
    shape: { nodes: [{ name: 'node-1' }], controlPlane: { members: 3 } },
  })
  cluster.advance(5000)
  cluster.execute({ op: 'fault', fault: { kind: 'etcd', node: 'control-plane-1', state: 'stopped' } })
  cluster.advance(5000)
  const moments = viewMoments(cluster, [])
  const of = (at: number) =>
    moments.at(at)!.nodes.flatMap(({ name, etcd }) => (etcd ? [`${name} ${etcd.word} ${etcd.tone}`] : []))
  assert.equal(of(0).filter((text) => / leader ready$/.test(text)).length, 1)
  assert.equal(of(0).length, 3)
  assert.ok(of(-1).includes('control-plane-1 stopped failing'), of(-1).join())
  assert.equal(of(-1).filter((text) => / leader ready$/.test(text)).length, 1)
  assert.ok(moments.some(({ atMs }) => atMs === 5000))
})
