/**
 * What is said of fields that do not exist, and of fields that stand twice.
 * Sources: kubernetes/test/e2e/apimachinery/field_validation.go, kubernetes/test/integration/apiserver/field_validation_test.go
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, smallCluster } from '../ask.ts'

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments'

const json = (name: string) => `{
  "apiVersion": "apps/v1",
  "kind": "Deployment",
  "metadata": {"name": "${name}", "labels": {"app": "nginx", "app": "nginx"}},
  "spec": {
    "unknown1": "val1",
    "unknownDupe": "valDupe",
    "unknownDupe": {"a": 1, "a": 2},
    "paused": true,
    "paused": false,
    "selector": {"matchLabels": {"app": "nginx"}},
    "template": {
      "metadata": {"labels": {"app": "nginx"}},
      "spec": {
        "containers": [{
          "name": "nginx",
          "image": "nginx:latest",
          "unknownNested": "val1",
          "imagePullPolicy": "Always",
          "imagePullPolicy": "Never"
        }]
      }
    }
  }
}`

const IN_ORDER = [
  'duplicate field "metadata.labels.app"',
  'unknown field "spec.unknown1"',
  'unknown field "spec.unknownDupe"',
  'duplicate field "spec.paused"',
  'unknown field "spec.template.spec.containers[0].unknownNested"',
  'duplicate field "spec.template.spec.containers[0].imagePullPolicy"',
]

const yaml = (name: string) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  paused: true
  paused: false
  selector:
    matchLabels: {app: nginx}
  template:
    metadata:
      labels: {app: nginx}
    spec:
      containers:
      - name: nginx
        image: nginx:latest
        imagePullPolicy: Always
        imagePullPolicy: Never
`

const REPEATED = `yaml: unmarshal errors:
  line 7: key "paused" already set in map
  line 18: key "imagePullPolicy" already set in map`

const warnings = (header: string | undefined): string[] =>
  [...(header ?? '').matchAll(/299 - ("(?:[^"\\]|\\.)*")/g)].map(([, text]) => JSON.parse(text))

test('a create tells in the order of the text, by how strict it is', () => {
  const cluster = smallCluster()
  const post = (validation: string) =>
    ask(cluster, 'POST', `${DEPLOYMENTS}?fieldValidation=${validation}`, json(`d-${validation.toLowerCase()}`))
  const strict = post('Strict')
  assert.equal(strict.status, 400)
  assert.equal(
    strict.body.message,
    `Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: ${IN_ORDER.join(', ')}`,
  )
  const warned = post('Warn')
  assert.equal(warned.status, 201)
  assert.deepEqual(warnings(warned.headers.warning), IN_ORDER)
  assert.equal(warned.body.spec.template.spec.containers[0].imagePullPolicy, 'Never', 'the last one counts')
  const ignored = post('Ignore')
  assert.deepEqual([ignored.status, ignored.headers.warning], [201, undefined])
})

test('an update tells the same', () => {
  const cluster = smallCluster()
  ask(cluster, 'POST', `${DEPLOYMENTS}?fieldValidation=Ignore`, json('d'))
  const { status, body } = ask(cluster, 'PUT', `${DEPLOYMENTS}/d?fieldValidation=Strict`, json('d'))
  assert.equal(status, 400)
  assert.ok(body.message.endsWith(`strict decoding error: ${IN_ORDER.join(', ')}`), body.message)
})

test('a patch tells what stands twice in it, then what the object has too much', () => {
  const cluster = smallCluster()
  ask(cluster, 'POST', `${DEPLOYMENTS}?fieldValidation=Ignore`, json('d'))
  const patch = '{"spec": {"foo": 1, "paused": true, "paused": false, "bar": 2, "bar": 3}}'
  for (const type of ['merge', 'strategic-merge']) {
    const headers = { 'content-type': `application/${type}-patch+json` }
    const strict = ask(cluster, 'PATCH', `${DEPLOYMENTS}/d?fieldValidation=Strict`, patch, headers)
    assert.equal(strict.status, 422)
    assert.ok(
      strict.body.message.endsWith(
        'strict decoding error: duplicate field "spec.paused", duplicate field "spec.bar", unknown field "spec.bar", unknown field "spec.foo"',
      ),
      strict.body.message,
    )
    const warned = ask(cluster, 'PATCH', `${DEPLOYMENTS}/d`, patch, headers)
    assert.deepEqual(warnings(warned.headers.warning), [
      'duplicate field "spec.paused"',
      'duplicate field "spec.bar"',
      'unknown field "spec.bar"',
      'unknown field "spec.foo"',
    ])
  }
})

test('an applied configuration names the lines of keys that stand twice', () => {
  const cluster = smallCluster()
  const apply = (validation: string, body: string) =>
    ask(cluster, 'PATCH', `${DEPLOYMENTS}/d?fieldManager=m&fieldValidation=${validation}`, body, {
      'content-type': 'application/apply-patch+yaml',
    })
  const strict = apply('Strict', yaml('d'))
  assert.equal(strict.status, 400)
  assert.equal(strict.body.message, `error strict decoding YAML: error converting YAML to JSON: ${REPEATED}`)
  const asJson = apply('Strict', '{"apiVersion": "apps/v1",\n"kind": "Deployment",\n"kind": "Deployment"}')
  assert.match(asJson.body.message, /\n {2}line 3: key "kind" already set in map$/)
  assert.equal(apply('Ignore', yaml('d')).headers.warning, undefined)
  assert.equal(apply('Warn', yaml('d')).status, 200)
  assert.deepEqual(warnings(apply('Warn', yaml('d')).headers.warning), [
    'line 7: key "paused" already set in map',
    'line 18: key "imagePullPolicy" already set in map',
  ])
})

test('of a text with very many faults a hundred are told', () => {
  const cluster = smallCluster()
  const unknown = Object.fromEntries(Array.from({ length: 30_000 }, (_, at) => [`field${at}`, 1]))
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'many' }, ...unknown }
  const { status, headers } = ask(cluster, 'POST', '/api/v1/namespaces/default/configmaps', body)
  assert.equal(status, 201)
  const told = warnings(headers.warning)
  assert.deepEqual([told.length, told[0], told[99]], [100, 'unknown field "field0"', 'unknown field "field99"'])
})

test('of warnings that are longer than a header may be, the beginning of each is told until it is enough', () => {
  const cluster = smallCluster()
  const told = (name: string, lengths: readonly number[], type = 'application/json') => {
    const unknown = Object.fromEntries(lengths.map((length, at) => [`${at + 1000}${'x'.repeat(length - 20)}`, 1]))
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, ...unknown })
    const { headers } = ask(cluster, 'POST', '/api/v1/namespaces/default/configmaps', body, { 'content-type': type })
    return warnings(headers.warning).map(({ length }) => length)
  }
  assert.deepEqual(told('fit', [2000, 2096]), [2000, 2096])
  assert.deepEqual(told('long', [2000, 2097]), [256, 256])
  assert.deepEqual(told('many', Array(60).fill(300)), Array(16).fill(256))
  assert.deepEqual(told('yaml', Array(1000).fill(60), 'application/yaml'), Array(69).fill(60))
})

test('a warning is quoted as a header, whatever its letters', () => {
  const cluster = smallCluster()
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'letters' }, 'größe"': 1, 'a\tb': 1 }
  const { headers } = ask(cluster, 'POST', '/api/v1/namespaces/default/configmaps', body)
  assert.equal(headers.warning, String.raw`299 - "unknown field \"größe\\\"\"", 299 - "unknown field \"a\\tb\""`)
})

test('numbers that stand twice as keys are told as numbers, and merged maps are not', () => {
  const cluster = smallCluster()
  const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata: &m {name: d}\ndata: {1: a, 1: b}\n<<: *m\n<<: *m\n'
  const headers = { 'content-type': 'application/yaml' }
  const { body } = ask(cluster, 'POST', '/api/v1/namespaces/default/configmaps?fieldValidation=Strict', text, headers)
  assert.match(body.message, /unmarshal errors:\n {2}line 4: key 1 already set in map/)
  assert.doesNotMatch(body.message, /<</)
})

test('a created object in YAML names them too', () => {
  const cluster = smallCluster()
  const { status, body } = ask(cluster, 'POST', `${DEPLOYMENTS}?fieldValidation=Strict`, yaml('d'), {
    'content-type': 'application/yaml',
  })
  assert.equal(status, 400)
  assert.equal(
    body.message,
    `Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: ${REPEATED}`,
  )
})
