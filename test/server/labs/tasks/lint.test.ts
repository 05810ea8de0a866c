import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lint } from '../../../../server/labs/tasks/lint.ts'

const pod = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: nginx:1.27
`
const of = (text: string) =>
  lint(text, {}).map(({ message, severity, from }) => `${from.line}:${from.column} ${severity}: ${message}`)

test('a manifest that a cluster takes has nothing wrong, and neither has an empty text', () => {
  assert.deepEqual(of(pod), [])
  assert.deepEqual(of(`${pod}---\n${pod}`), [])
  assert.deepEqual(of('\n# nothing\n'), [])
})

test('a manifest is read as kubectl reads it: `yes` is true, and a number with a leading zero is octal', () => {
  assert.deepEqual(of(pod.replace('spec:\n', 'spec:\n  hostNetwork: yes\n')), [])
  assert.deepEqual(of(pod.replace('spec:\n', 'spec:\n  terminationGracePeriodSeconds: 010\n')), [])
})

test('so many aliases that the text is a bomb are told of', () => {
  const bomb = [
    'a: &a [x, x, x, x, x, x, x, x, x]',
    ...['b', 'c', 'd', 'e'].map((name, n) => `${name}: &${name} [${`*${'abcd'[n]},`.repeat(9)}]`),
  ]
  assert.match(of(bomb.join('\n')).join(), /alias/)
})

test('aliases and merges that lead nowhere or round are told of', () => {
  assert.match(of('a: *b\n').join(), /Unresolved alias/)
  assert.match(of('a: 1\n<<: 5\n').join(), /Merge sources must be maps/)
  const round = ['metadata: &m {name: *m}', 'items: &i\n- {apiVersion: v1, kind: List, items: *i}']
  for (const rest of round) assert.match(of(`apiVersion: v1\nkind: List\n${rest}\n`).join(), /inside its own anchor/)
})

const wrong: [string, string, RegExp][] = [
  [
    'an unknown field',
    pod.replace('image:', 'imagee:'),
    /^8:7 error: unknown field "imagee"|^7:5 error: .*image: Required/,
  ],
  ['a field of a wrong type', pod.replace('name: web\nspec', 'name: web\n  labels: {a: 1}\nspec'), /^5:\d+ error: /],
  [
    'a value out of range',
    pod.replace('image:', 'ports: [{ containerPort: 70000 }]\n      image:'),
    /^8:\d+ error: .*must be between 1 and 65535/,
  ],
  [
    'a missing field, at what should hold it',
    pod.replace('    - name: web\n      image', '    - image'),
    /^7:\d+ error: .*Required value/,
  ],
  ['a name that is none', pod.replace('name: web\nspec', 'name: Web_1\nspec'), /^4:3 error: .*RFC 1123/],
  [
    'a kind that is not there',
    pod.replace('kind: Pod', 'kind: Pot'),
    /^2:1 error: There is no kind "Pot" in "v1" here\.$/,
  ],
  [
    'a kind of another group',
    pod.replace('apiVersion: v1', 'apiVersion: apps/v1'),
    /^1:1 error: There is no kind "Pod" in "apps\/v1" here; Pod is in v1/,
  ],
  ['no kind', pod.replace('kind: Pod\n', ''), /^1:1 error: kind is missing/],
  ['no apiVersion', pod.replace('apiVersion: v1\n', ''), /^1:1 error: apiVersion is missing/],
  ['no metadata', 'apiVersion: v1\nkind: Pod\n', /^1:1 error: metadata is missing/],
  ['text', 'hello', /^1:1 error: A document is an object/],
  ['YAML that is none', `${pod}  x: [1, 2\n`, /^\d+:\d+ error: /],
]
for (const [name, text, says] of wrong)
  test(`${name} is told at its place`, () => assert.match(of(text).join('\n'), says))

test('each document is looked at, with its own lines', () => {
  const found = of(`${pod}---\n${pod.replace('Pod', 'Pot')}`)
  assert.deepEqual(found, ['11:1 error: There is no kind "Pot" in "v1" here.'])
})

test('what depends on a cluster is no mistake of the manifest: its namespace, and a name that is taken', () => {
  assert.deepEqual(of(pod.replace('name: web\nspec', 'name: web\n  namespace: shop\nspec')), [])
  assert.deepEqual(of('apiVersion: v1\nkind: Namespace\nmetadata: { name: default }\n'), [])
})

test('the items of a List are looked at', () => {
  const item = pod.replaceAll('\n', '\n    ').replace('kind: Pod', 'kind: Pot')
  assert.match(of(`apiVersion: v1\nkind: List\nitems:\n  - ${item}`).join(), /^5:5 error: There is no kind "Pot"/)
})

test('hostile texts are told of, and nothing breaks', () => {
  for (const text of ['&a [*a]', '__proto__: { x: 1 }', '[[[[[[', '\u0000', `a: ${'['.repeat(2000)}`, '? x', '- 1'])
    assert.ok(Array.isArray(lint(text, {})), text)
})

test('what is nested without an end is told in words of the text, not of the program that reads it', () => {
  assert.match(of('['.repeat(5000)).join('\n'), /^1:\d+ error: It is nested too deeply to be read\.$/)
})
