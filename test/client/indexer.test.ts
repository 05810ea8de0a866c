import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../sim/api/meta/object.ts'
import { createIndexer } from '../../sim/client/indexer.ts'
import { createRandom } from '../../sim/engine/random.ts'

const anObject = (namespace: string, name: string, labels: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace, name, labels, uid: name, resourceVersion: '1', creationTimestamp: '' },
})
const names = (objects: readonly KubeObject[]): string[] =>
  objects.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)

test('lists are sorted by namespace, then name, whatever the order of arrival', () => {
  const indexer = createIndexer()
  for (const [namespace, name] of [
    ['b', 'x'],
    ['a', 'z'],
    ['b', 'a'],
    ['a', 'b'],
  ])
    indexer.put(anObject(namespace, name))
  assert.deepEqual(names(indexer.list()), ['a/b', 'a/z', 'b/a', 'b/x'])
  assert.deepEqual(names(indexer.list('b')), ['b/a', 'b/x'])
  assert.deepEqual(names(indexer.list('c')), [])
})

test('an object whose index value changes moves in the index', () => {
  const indexer = createIndexer()
  indexer.addIndex('app', (object) => [object.metadata.labels?.app ?? ''])
  indexer.put(anObject('a', 'x', { app: 'web' }))
  indexer.put(anObject('a', 'y', { app: 'web' }))
  assert.deepEqual(names(indexer.byIndex('app', 'web')), ['a/x', 'a/y'])
  indexer.put(anObject('a', 'x', { app: 'db' }))
  assert.deepEqual([names(indexer.byIndex('app', 'web')), names(indexer.byIndex('app', 'db'))], [['a/y'], ['a/x']])
  indexer.remove({ namespace: 'a', name: 'y' })
  assert.deepEqual(names(indexer.byIndex('app', 'web')), [])
})

test('an index added late covers what is there already', () => {
  const indexer = createIndexer()
  indexer.put(anObject('a', 'x', { app: 'web' }))
  indexer.addIndex('app', (object) => [object.metadata.labels?.app ?? ''])
  assert.deepEqual(names(indexer.byIndex('app', 'web')), ['a/x'])
})

test('an unknown index is a bug', () => {
  assert.throws(() => createIndexer().byIndex('nope', 'x'), /no index nope/)
})

for (const seed of ['1', '2', '3']) {
  test(`after random changes, read in between, lists are what sorting gives (seed ${seed})`, () => {
    const random = createRandom(seed, 'indexer')
    const indexer = createIndexer()
    const model = new Map<string, KubeObject>()
    for (let i = 0; i < 500; i++) {
      const namespace = `n${random.int(0, 2)}`
      const name = `o${random.int(0, 40)}`
      if (random.next() < 0.4) {
        indexer.remove({ namespace, name })
        model.delete(`${namespace}/${name}`)
      } else {
        const object = anObject(namespace, name)
        indexer.put(object)
        model.set(`${namespace}/${name}`, object)
      }
      if (random.next() < 0.3) assert.deepEqual(names(indexer.list()), [...model.keys()].sort())
    }
    assert.equal(indexer.size, model.size)
    for (const object of indexer.list()) assert.equal(object, model.get(names([object])[0]))
  })
}
