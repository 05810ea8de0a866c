// Which images a kubelet deletes, when, and what it tells of it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Engine } from '../../sim/engine/engine.ts'
import { createRandom } from '../../sim/engine/random.ts'
import { layersOfImage } from '../../sim/images/layers.ts'
import { findImage, imageDigest } from '../../sim/images/registry.ts'
import type { RuntimeContainer } from '../../sim/kubelet/container-runtime.ts'
import { ImageGarbageCollector, type ImageGarbagePolicy } from '../../sim/kubelet/image-garbage.ts'
import { ImageStore, listed, pulledImage } from '../../sim/kubelet/image-store.ts'
import { Disk } from '../../sim/runtime/file-tree.ts'
import { parseImageReference } from '../../sim/text/image-reference.ts'

const minute = 60_000
const capacity = 1_000_000_000

function pulled(text: string) {
  const reference = parseImageReference(text)
  const image = findImage(text)
  assert.ok(image && typeof reference !== 'string')
  return pulledImage(reference, image, { digest: imageDigest, layers: layersOfImage })
}

/** A node of nothing but images; `present` are there from the start. */
function aNode(policy: ImageGarbagePolicy = {}, present: readonly string[] = []) {
  const engine = new Engine({ seed: 'images', startEpochMs: 0 })
  const disk = new Disk(capacity)
  const first = present.map(pulled)
  const byName = new Map(first.map((image) => [image.reference.canonical, image]))
  const images = new ImageStore({ byName, listing: listed(first) }, disk)
  const used = new Map<string, number>()
  const told: string[] = []
  const runtime: ConstructorParameters<typeof ImageGarbageCollector>[0]['runtime'] = {
    disk,
    images,
    imagesInUse: () => new Set(used.keys()),
    onDiscard: undefined,
  }
  const collector = new ImageGarbageCollector({
    engine,
    runtime,
    recorder: { event: (_object, _type, reason, message) => told.push(`${reason}: ${message}`) },
    startedMs: 0,
    policy,
    node: () => ({ metadata: { name: 'node-1' } }) as never,
    onRemoved: () => undefined,
  })
  const full = (text: string): string => pulled(text).reference.canonical
  return {
    engine,
    disk,
    collector,
    told,
    at: (ms: number) => engine.runUntil(ms),
    pull: (text: string) => images.add(pulled(text), engine.nowMs),
    use: (text: string) => used.set(full(text), engine.nowMs),
    free(text: string) {
      const createdMs = used.get(full(text))!
      used.delete(full(text))
      runtime.onDiscard?.({
        spec: { reference: pulled(text).reference },
        status: { createdMs },
      } as unknown as RuntimeContainer)
    },
    /** Other files fill the disk until that many bytes are in use. */
    fillTo: (bytes: number) => disk.take(bytes - disk.usedBytes),
    has: (text: string) => images.find(full(text)) !== undefined,
  }
}

test('nothing goes below the high threshold, and from it on the longest unused until the low one would be reached', () => {
  for (const { usedBytes, left } of [
    { usedBytes: 0.8399 * capacity, left: ['httpd:2.4', 'memcached:1.6', 'redis:7'] },
    // 45 MB more than at 80 %: the sizes of the first and the second add up to that.
    { usedBytes: 0.845 * capacity, left: ['redis:7'] },
  ]) {
    const node = aNode()
    for (const image of ['redis:7', 'memcached:1.6', 'httpd:2.4']) {
      node.pull(image)
      node.use(image)
    }
    // A look each five minutes: memcached was seen in use last at 5, httpd at 10, redis at 15.
    node.at(6 * minute)
    node.free('memcached:1.6')
    node.at(11 * minute)
    node.free('httpd:2.4')
    node.at(16 * minute)
    node.free('redis:7')
    node.fillTo(usedBytes)
    node.at(19.9 * minute)
    assert.ok(node.has('memcached:1.6'), 'between two looks nothing happens')
    node.at(20 * minute)
    assert.deepEqual(
      ['httpd:2.4', 'memcached:1.6', 'redis:7'].filter((image) => node.has(image)),
      left,
    )
    assert.deepEqual(node.told, [])
  }
})

test('an image that was in use between two looks alone counts as never used, and goes first', () => {
  const node = aNode()
  node.pull('httpd:2.4')
  node.use('httpd:2.4')
  node.at(6 * minute)
  node.pull('redis:7')
  node.use('redis:7')
  node.at(9 * minute)
  node.free('redis:7')
  node.at(11 * minute)
  node.free('httpd:2.4')
  node.fillTo(0.842 * capacity)
  node.at(15 * minute)
  assert.deepEqual([node.has('redis:7'), node.has('httpd:2.4')], [false, true])
})

test('what is in use or has just come stays, which is told, and as a failure of the collection the second time', () => {
  const node = aNode()
  node.pull('redis:7')
  node.use('redis:7')
  node.at(4 * minute)
  node.pull('httpd:2.4')
  node.fillTo(0.9 * capacity)
  const message =
    'Failed to garbage collect required amount of images. Attempted to free 100000000 bytes, but only found 0 bytes eligible to free.'
  node.at(5 * minute)
  assert.ok(node.has('redis:7') && node.has('httpd:2.4'), 'found by this look, it is not two minutes old')
  assert.deepEqual(node.told, [`FreeDiskSpaceFailed: ${message}`])
  node.at(10 * minute)
  assert.ok(node.has('redis:7') && !node.has('httpd:2.4'))
  const second = message.replace('found 0', 'found 45000000')
  assert.deepEqual(node.told.slice(1), [`FreeDiskSpaceFailed: ${second}`, `ImageGCFailed: ${second}`])
  node.disk.give(0.5 * capacity)
  node.at(15 * minute)
  node.fillTo(0.9 * capacity)
  node.at(20 * minute)
  assert.equal(node.told.length, 4, 'a success in between: the next failure is the first again')
})

test('images of the start stay when room is needed, and go when all unused ones are to go', () => {
  const node = aNode({}, ['nginx:1.27', 'busybox:1.36'])
  node.use('busybox:1.36')
  node.fillTo(0.845 * capacity)
  node.at(10 * minute)
  assert.ok(node.has('nginx:1.27'))
  node.collector.removeUnused()
  assert.deepEqual([node.has('nginx:1.27'), node.has('busybox:1.36')], [false, true])
})

test('thresholds and the greatest age are those of the kubelet', () => {
  const early = aNode({ imageGCHighThresholdPercent: 50, imageGCLowThresholdPercent: 40 })
  early.pull('httpd:2.4')
  early.fillTo(0.44 * capacity)
  early.disk.take(0.07 * capacity)
  early.at(10 * minute)
  assert.equal(early.has('httpd:2.4'), false)

  const never = aNode({ imageGCHighThresholdPercent: 100 })
  never.fillTo(capacity)
  never.at(10 * minute)
  assert.deepEqual(never.told, [])

  const aged = aNode({ imageMaximumGCAgeSeconds: 1800 })
  for (const image of ['httpd:2.4', 'redis:7', 'memcached:1.6']) aged.pull(image)
  aged.use('httpd:2.4')
  aged.use('redis:7')
  aged.at(6 * minute)
  aged.free('redis:7')
  aged.at(30 * minute)
  assert.ok(aged.has('memcached:1.6'), 'the kubelet itself is not older than that yet')
  aged.at(35 * minute)
  assert.deepEqual(
    ['httpd:2.4', 'redis:7', 'memcached:1.6'].map((image) => aged.has(image)),
    [true, true, false],
  )
  aged.at(40 * minute)
  assert.deepEqual([aged.has('httpd:2.4'), aged.has('redis:7')], [true, false])
})

test('whatever happens, images in use stay, and the disk holds what the images left have', () => {
  const names = ['redis:7', 'httpd:2.4', 'memcached:1.6', 'nginx:1.27', 'nginx:1.26', 'nginx:1.27-alpine', 'debian:12']
  for (let seed = 0; seed < 40; seed++) {
    const random = createRandom(String(seed), 'images')
    const node = aNode()
    const inUse = new Set<string>()
    let others = 0
    for (let step = 0; step < 60; step++) {
      const name = names[Math.floor(random.next() * names.length)]!
      const act = random.next()
      if (act < 0.3 && node.disk.availableBytes > 200_000_000) node.pull(name)
      else if (act < 0.5 && node.has(name) && !inUse.has(name)) {
        node.use(name)
        inUse.add(name)
      } else if (act < 0.7 && inUse.has(name)) {
        node.free(name)
        inUse.delete(name)
      } else if (act < 0.8) {
        node.disk.give(others)
        others = Math.floor(random.next() * node.disk.availableBytes)
        node.disk.take(others)
      } else node.at(node.engine.nowMs + Math.floor(random.next() * 4 * minute))
      for (const used of inUse) assert.ok(node.has(used), `seed ${seed}: ${used} is in use`)
    }
    const layers = new Map(
      names.filter(node.has).flatMap((name) => pulled(name).layers.map(({ id, bytes }) => [id, bytes])),
    )
    assert.equal(
      node.disk.usedBytes - others,
      [...layers.values()].reduce((sum, bytes) => sum + bytes, 0),
      `seed ${seed}`,
    )
  }
})
