// Layers: what images that are built on one another have in common.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { layersOfImage, totalBytes } from '../../sim/images/layers.ts'
import { findImage, imageDigest, images } from '../../sim/images/registry.ts'
import { parseImageReference } from '../../sim/text/image-reference.ts'

function layers(text: string) {
  const reference = parseImageReference(text)
  assert.ok(typeof reference !== 'string')
  return layersOfImage(reference)
}
const ids = (text: string): string[] => layers(text).map(({ id }) => id)
const shared = (a: string, b: string): string[] => ids(a).filter((id) => ids(b).includes(id))

test('what an image is built on exists, and is smaller than the image', () => {
  for (const { repositories, tags, base, variants = {} } of images) {
    for (const { base: named } of [{ base }, ...Object.values(variants)])
      if (named) assert.ok(findImage(named), `${repositories[0]} is built on ${named}, which there is not`)
    for (const repository of repositories)
      for (const tag of tags) {
        const registry = findImage(`${repository}:${tag}`) ? '' : 'ghcr.io/'
        for (const { id, bytes } of layers(`${registry}${repository}:${tag}`))
          assert.ok(bytes > 0, `${repository}:${tag} has the layer ${id} of ${bytes} bytes`)
      }
  }
})

const cases = [
  { a: 'nginx:1.27', b: 'httpd:2.4', want: ['library/debian:bookworm-slim'] },
  { a: 'nginx:1.27', b: 'nginx:1.26', want: ['library/debian:bookworm-slim'] },
  { a: 'nginx:1.27', b: 'nginx:1.27-alpine', want: [] },
  { a: 'nginx:1.27-alpine', b: 'alpine:3.22', want: ['library/alpine:3.22'] },
  { a: 'python:3.12-slim', b: 'debian:bookworm-slim', want: ['library/debian:bookworm-slim'] },
  { a: 'wordpress', b: 'php:8.2', want: ['library/debian:bookworm-slim', 'library/php:8.2'] },
  { a: 'python:3.12', b: 'node:22', want: ids('buildpack-deps:bookworm') },
  { a: 'busybox:1.36', b: 'alpine:3.22', want: [] },
]
for (const { a, b, want } of cases)
  test(`${a} and ${b} share ${want.length} layers`, () => assert.deepEqual(shared(a, b), want))

test('an image is as large as its layers, and one by digest is that of the tag', () => {
  assert.equal(totalBytes(layers('nginx:1.27')), findImage('nginx:1.27')?.sizeBytes)
  const reference = parseImageReference('nginx:1.27')
  assert.ok(typeof reference !== 'string')
  assert.deepEqual(ids(`nginx@${imageDigest(reference)}`), ids('nginx:1.27'))
  assert.deepEqual(layers('nginx:9.99'), [])
})
