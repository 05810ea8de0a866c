import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { placeAt } from '../../static/editor/place.ts'

/** `|` is the cursor. */
const place = (text: string) => placeAt(text.replace('|', ''), text.indexOf('|'))

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  template:
    spec:
      containers:
        - name: web
          image: nginx
          env:
            - name: A
              value: b
          A
      volumes:
      - name: data
        emptyDir: {}
      B
`

const paths: [string, string, string[]][] = [
  ['the top', 'kind: Pod\n|', []],
  ['a field of the spec', 'spec:\n  |', ['spec']],
  ['a word being typed', 'spec:\n  rep|', ['spec']],
  ['a container', deployment.replace('          A\n', '          |\n'), ['spec', 'template', 'spec', 'containers']],
  ['behind a list at its field’s column', deployment.replace('      B\n', '      |\n'), ['spec', 'template', 'spec']],
  ['a new item', 'spec:\n  containers:\n    - |', ['spec', 'containers']],
  ['a new item at its field’s column', 'spec:\n  containers:\n  - |', ['spec', 'containers']],
  ['a second item', 'spec:\n  containers:\n  - name: a\n    image: b\n  - |', ['spec', 'containers']],
  [
    'a list in a list',
    'spec:\n  rules:\n  - http:\n      paths:\n      - path: /\n        backend:\n          |',
    ['spec', 'rules', 'http', 'paths', 'backend'],
  ],
  ['a field of an item with a list above', 'spec:\n  ports:\n  - port: 80\n    |', ['spec', 'ports']],
  ['comments and empty lines between', 'spec:\n  # note\n\n  |', ['spec']],
  ['a value that is no object', 'metadata:\n  name: x\n  |', ['metadata']],
]
for (const [name, text, path] of paths) test(`the path to ${name}`, () => assert.deepEqual(place(text).path, path))

test('the kind is that of the document with the cursor', () => {
  const { apiVersion, kind } = place('apiVersion: v1\nkind: Service\n---\napiVersion: apps/v1\nkind: Deployment\n|')
  assert.deepEqual([apiVersion, kind], ['apps/v1', 'Deployment'])
  assert.equal(place('apiVersion: v1\nkind: Ser|vice\n---\nkind: Deployment\n').kind, 'Service')
})

test('fields that are there already are told, of the same object and no other', () => {
  assert.deepEqual(place('metadata:\n  name: a\n  |\n  labels:\n    x: y\nspec:\n').siblings.sort(), ['labels', 'name'])
  assert.deepEqual(place('spec:\n  containers:\n  - name: a\n    image: b\n  - name: c\n    |\n').siblings, ['name'])
})

test('a value is told from a field', () => {
  assert.deepEqual([place('kind: |').isValue, place('kind: |').key], [true, 'kind'])
  assert.equal(place('ki|nd: Pod').isValue, false)
})

test('any position of any text has a place', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('  ', '- ', 'a: ', 'b', '\n', '---\n', ':', '#', '|', '"'), { maxLength: 40 }),
      fc.nat(80),
      (pieces, offset) => {
        const text = pieces.join('')
        const found = placeAt(text, Math.min(offset, text.length))
        assert.ok(Array.isArray(found.path))
      },
    ),
    { seed: 1, numRuns: 500 },
  )
})
