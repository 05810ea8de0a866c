import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { KubeObject } from '../../sim/api/meta/object.ts'
import { type Change, CompactedError, Etcd } from '../../sim/etcd/etcd.ts'

const anObject = (name: string, revision: number): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, uid: name, resourceVersion: String(revision), creationTimestamp: '' },
})
const put = (etcd: Etcd, key: string) =>
  etcd.put('configmaps', key, (revision) => anObject(key, revision), { record: 0, bytes: 100 })

test('the past can be read: a key at each revision is what it was', () => {
  const etcd = new Etcd(() => 0)
  put(etcd, 'a')
  const first = etcd.revision
  put(etcd, 'a')
  etcd.delete('configmaps', 'a', (last) => last, 0)
  assert.equal(etcd.get('configmaps', 'a'), undefined)
  assert.equal(etcd.getAt('configmaps', 'a', first)?.metadata.resourceVersion, String(first))
  assert.equal(etcd.getAt('configmaps', 'a', first + 2), undefined)
})

test('compaction forgets old versions, keeps the newest, and says so', () => {
  const etcd = new Etcd(() => 0)
  put(etcd, 'a')
  put(etcd, 'a')
  put(etcd, 'b')
  etcd.compact(etcd.revision)
  assert.throws(() => etcd.getAt('configmaps', 'a', 2), CompactedError)
  assert.throws(() => etcd.changesAfter(1), CompactedError)
  assert.equal(etcd.range('configmaps').items.length, 2)
  assert.equal(etcd.versionsOf('configmaps', 'a').length, 1)
})

test('revisions grow by one a write, and replaying the changes gives the current state', () => {
  const operation = fc.record({
    key: fc.constantFrom('a', 'b', 'c/d', 'c/e'),
    act: fc.constantFrom('put', 'delete', 'compact'),
  })
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
      const etcd = new Etcd(() => 0)
      const changes: Change[] = []
      etcd.onChange = (change) => changes.push(change)
      for (const { key, act } of operations) {
        const before = etcd.revision
        if (act === 'put') put(etcd, key)
        else if (act === 'delete' && etcd.get('configmaps', key)) etcd.delete('configmaps', key, (last) => last, 0)
        else if (act === 'compact') etcd.compact(etcd.revision)
        assert.ok(etcd.revision === before || etcd.revision === before + 1)
      }
      const replayed = new Map<string, KubeObject>()
      for (const change of changes) {
        if (change.type === 'DELETED') replayed.delete(change.key)
        else replayed.set(change.key, change.value)
      }
      const listed = etcd.range('configmaps').items
      assert.deepEqual(
        listed.map((object) => object.metadata.resourceVersion).sort(),
        [...replayed.values()].map((object) => object.metadata.resourceVersion).sort(),
      )
      assert.equal(etcd.size, replayed.size)
    }),
    { seed: 1, numRuns: 200 },
  )
})

test('a list holds the living in order, however many came, went and came back since the last one', () => {
  const key = fc.integer({ min: 0, max: 300 }).map((number) => `${'ab'[number % 2]}/${number}`)
  const act = fc.oneof(fc.array(key, { maxLength: 60 }), fc.constantFrom('list', 'list a/', 'compact'))
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
      const etcd = new Etcd(() => 0)
      const living = new Set<string>()
      for (const step of [...acts, 'list']) {
        if (step === 'compact') etcd.compact(etcd.revision)
        else if (typeof step === 'string') {
          const prefix = step.slice('list '.length)
          const names = etcd.range('configmaps', { prefix }).items.map(({ metadata }) => metadata.name)
          assert.deepEqual(names, [...living].filter((name) => name.startsWith(prefix)).sort())
        } else
          for (const name of step) {
            if (living.delete(name)) etcd.delete('configmaps', name, (last) => last, 0)
            else {
              put(etcd, name)
              living.add(name)
            }
          }
      }
    }),
  )
})
