// What images take of a node's disk: each layer once, as long as an image holds it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { layersOfImage, totalBytes } from '../../sim/images/layers.ts'
import { findImage, imageDigest } from '../../sim/images/registry.ts'
import { ImageStore, listed, pulledImage } from '../../sim/kubelet/image-store.ts'
import { Disk } from '../../sim/runtime/file-tree.ts'
import { parseImageReference } from '../../sim/text/image-reference.ts'

const registry = { digest: imageDigest, layers: layersOfImage }

function pulled(text: string) {
  const reference = parseImageReference(text)
  const image = findImage(text)
  assert.ok(image && typeof reference !== 'string')
  return pulledImage(reference, image, registry)
}

function aStore(first: readonly string[] = []) {
  const images = first.map(pulled)
  const byName = new Map(images.map((image) => [image.reference.canonical, image]))
  const disk = new Disk(10_000_000_000)
  return { disk, store: new ImageStore({ byName, listing: listed(images) }, disk) }
}
const base = totalBytes(pulled('debian:bookworm-slim').layers)
const [nginx, httpd] = [pulled('nginx:1.27'), pulled('httpd:2.4')]

test('a layer of two images lies on the disk once, and goes with the second', () => {
  const { disk, store } = aStore()
  store.add(nginx, 0)
  store.add(httpd, 0)
  assert.equal(disk.usedBytes, nginx.sizeBytes + httpd.sizeBytes - base)
  store.remove(nginx.reference.canonical)
  assert.equal(disk.usedBytes, httpd.sizeBytes)
  store.remove(httpd.reference.canonical)
  assert.equal(disk.usedBytes, 0)
})

test('images of the start take no room, nor do the layers that a pulled one has of them', () => {
  const { disk, store } = aStore(['debian:bookworm-slim'])
  assert.equal(totalBytes(store.missing(nginx)), nginx.sizeBytes - base)
  store.add(nginx, 0)
  assert.equal(disk.usedBytes, nginx.sizeBytes - base)
  store.remove('docker.io/library/debian:bookworm-slim')
  assert.deepEqual(store.missing(httpd).length, 1)
  store.remove(nginx.reference.canonical)
  assert.equal(disk.usedBytes, 0)
  assert.deepEqual(store.list(), [])
})

test('an image that is there already is not taken again', () => {
  const { disk, store } = aStore()
  store.add(nginx, 1)
  store.add(nginx, 2)
  assert.equal(disk.usedBytes, nginx.sizeBytes)
  assert.equal(store.pulledMs(nginx.reference.canonical), 1)
})
