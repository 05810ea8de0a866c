// Image references: how they are written in full, and which are none.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findImage, imageDigest, images } from '../../sim/images/registry.ts'
import { normaliseImage, parseImageReference } from '../../sim/text/image-reference.ts'

const valid = [
  ['nginx', 'docker.io/library/nginx:latest'],
  ['nginx:1.25', 'docker.io/library/nginx:1.25'],
  ['podium/crasher', 'docker.io/podium/crasher:latest'],
  ['registry.k8s.io/pause:3.10', 'registry.k8s.io/pause:3.10'],
  ['localhost:5000/a/b:x', 'localhost:5000/a/b:x'],
  ['docker.io/nginx', 'docker.io/library/nginx:latest'],
  [`nginx@sha256:${'a'.repeat(64)}`, `docker.io/library/nginx@sha256:${'a'.repeat(64)}`],
]
for (const [text, want] of valid) test(`'${text}' is ${want}`, () => assert.equal(normaliseImage(text), want))

for (const text of [
  '',
  'Nginx',
  'nginx:',
  ':1.0',
  'nginx:1 25',
  'nginx::1',
  'a//b',
  'nginx@sha256:12',
  'nginx:-x',
  'UPPER/case:tag',
])
  test(`'${text}' is no image name`, () => {
    const parsed = parseImageReference(text)
    assert.ok(
      typeof parsed !== 'string' ? /[A-Z]/.test(parsed.registry) : parsed.startsWith('invalid reference format'),
    )
  })

test('images are found by name, registry and tag, and what does not exist is not', () => {
  assert.ok(findImage('nginx:1.27-alpine'))
  assert.ok(findImage('docker.io/library/busybox:1.36.1'))
  assert.ok(findImage('registry.k8s.io/pause:3.10'))
  assert.equal(findImage('nginx:9.99'), undefined)
  assert.equal(findImage('quay.io/nginx'), undefined)
  assert.equal(findImage('nope'), undefined)
})

test('a digest names the tag that it was made of', () => {
  const parsed = parseImageReference('nginx:1.27')
  assert.ok(typeof parsed !== 'string')
  assert.equal(findImage(`nginx@${imageDigest(parsed)}`), findImage('nginx:1.27'))
  assert.equal(findImage(`nginx@sha256:${'0'.repeat(64)}`), undefined)
})

test('no two images answer to one name and tag', () => {
  const names = images.flatMap((image) =>
    image.repositories.flatMap((name) => image.tags.map((tag) => `${name}:${tag}`)),
  )
  assert.equal(new Set(names).size, names.length)
})
