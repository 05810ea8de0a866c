/** Words that a statement wants written in one place only. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../../../sim/cluster.ts'
import { compileStateAssertion } from '../../../sim/scenario/checks/assertion.ts'
import { snapshotNow } from '../../../sim/scenario/checks/history.ts'
import { snapshotOf, type Written } from './snapshot.ts'

function told(lines: readonly string[], but: string[] = ['Secret']) {
  const cluster = createCluster({ seed: 'words', shape: { nodes: [{ name: 'node-1' }] } })
  for (const line of lines) {
    const { exit, stderr } = cluster.execute({ op: 'kubectl', line: `kubectl ${line}` })
    assert.equal(exit, 0, stderr)
  }
  cluster.advance(2000)
  return compileStateAssertion({ nowhere: { text: 'otter', but } })!.evaluate(snapshotNow(cluster))
}
const kept = 'create secret generic word --from-literal=word=otter'

test('a word that is kept where it should be stands nowhere else', () => {
  assert.deepEqual(told([kept, 'create deployment web --image=nginx:1.27']), {
    holds: true,
    actual: 'it stands nowhere else',
    expected: 'the text in no object but Secret',
  })
})

const places: [what: string, line: string, told: RegExp][] = [
  ['a ConfigMap', 'create configmap words --from-literal=word=xotterx', /^it stands in ConfigMap\/words, data\.word$/],
  ['a name of a key', 'create configmap words --from-literal=otter=1', /^it stands in ConfigMap\/words, data\.otter$/],
  [
    'a variable of a template',
    'create deployment web --image=nginx:1.27 -- sh -c "echo otter"',
    /^it stands in Pod\/web-\S+, spec\.containers\.0\.command\.2$/,
  ],
  ['a label', 'create deployment otter --image=nginx:1.27', /^it stands in \w+\/otter/],
]
for (const [what, line, where] of places)
  test(`the place is told: ${what}`, () => {
    const { holds, actual } = told([kept, line])
    assert.equal(holds, false)
    assert.match(actual, where)
  })

test('an annotation of a template is a place, too, and a Secret is looked at as what it says', () => {
  const annotated = told(['create deployment web --image=nginx:1.27', 'annotate deployment web note=otter'])
  assert.equal(annotated.actual, 'it stands in Deployment/web, metadata.annotations.note')
  assert.equal(told([kept], []).actual, 'it stands in Secret/word, data.word')
})

test('one object may hold it and others of its kind not, nor may one of another namespace', () => {
  const other = 'create secret generic other --from-literal=word=otter'
  assert.equal(told([kept], ['Secret/word']).holds, true)
  assert.equal(told([kept, other], ['Secret/word']).actual, 'it stands in Secret/other, data.word')
  const away = 'create secret generic word --from-literal=word=otter -n kube-public'
  assert.equal(told([kept, away]).actual, 'it stands in Secret/word in the namespace kube-public, data.word')
})

test('a word in base64 is a place: as the bytes of a ConfigMap, and in any text, wherever it begins there', () => {
  const bytes = {
    kind: 'ConfigMap',
    metadata: { name: 'notes', namespace: 'default' },
    binaryData: { word: btoa('otter') },
  }
  assert.equal(among([bytes]).actual, 'it stands in ConfigMap/notes in the namespace default, binaryData.word')
  for (const around of ['', 'a', 'ab', 'abc']) {
    const note = `said: ${btoa(`${around}otters${around}`)}`
    const noted = { kind: 'Pod', metadata: { name: 'web', namespace: 'default', annotations: { note } } }
    assert.match(among([noted], 'otters').actual, /^it stands in Pod\/web.*, metadata\.annotations\.note$/, note)
    assert.equal(among([noted], 'badgers').holds, true)
  }
})

test('a mistake of the author is told: no text, no such kind', () => {
  assert.throws(() => compileStateAssertion({ nowhere: { text: '' } }), /needs a text/)
  assert.throws(() => compileStateAssertion({ nowhere: { text: 'a', but: ['Nothing'] } }), /no kind Nothing/)
})

const among = (objects: Written[], text = 'otter', but?: string[]) =>
  compileStateAssertion({ nowhere: { text, ...(but ? { but } : {}) } })!.evaluate(snapshotOf(...objects))

test('what others tell about what somebody did is no place: Events, Leases, and who wrote which field', () => {
  const managed = { manager: 'kubectl', fieldsV1: { 'f:otter': {} } }
  assert.deepEqual(
    among([
      { kind: 'Event', metadata: { name: 'a' }, message: 'Created pod: otter' },
      { kind: 'Lease', metadata: { name: 'a' }, spec: { holderIdentity: 'otter' } },
      { kind: 'ConfigMap', metadata: { name: 'a', managedFields: [managed] }, data: { word: 'badger' } },
    ]),
    { holds: true, actual: 'it stands nowhere else', expected: 'the text in no object' },
  )
})

const values: [what: string, data: unknown, where: string | undefined][] = [
  ['a text that holds it', { word: 'x31313x' }, 'data.word'],
  ['a number', { port: 31_313 }, 'data.port'],
  ['a number of a list', { ports: [80, 31_313] }, 'data.ports.1'],
  ['the name of a field', { a: { 'the-31313': null } }, 'data.a.the-31313'],
  ['true, null and nothing', { a: true, b: null, c: undefined }, undefined],
]
for (const [what, data, where] of values)
  test(`it is looked for in every field: ${what}`, () => {
    const { holds, actual } = among([{ kind: 'ConfigMap', metadata: { name: 'a' }, data }], '31313')
    assert.equal(holds, where === undefined)
    assert.equal(actual, where ? `it stands in ConfigMap/a, ${where}` : 'it stands nowhere else')
  })

test('the first of several places is told, and what is in no namespace has none', () => {
  const namespace: Written = { kind: 'Namespace', metadata: { name: 'otter' } }
  const away: Written = { kind: 'ConfigMap', metadata: { name: 'a', namespace: 'far' }, data: { word: 'otter' } }
  assert.equal(among([namespace]).actual, 'it stands in Namespace/otter, metadata.name')
  assert.equal(among([away]).actual, 'it stands in ConfigMap/a in the namespace far, data.word')
  assert.equal(among([namespace], 'otter', ['Namespace']).holds, true)
  assert.equal(among([namespace, away], 'otter', ['Namespace']).holds, false)
  assert.equal(among([away], 'otter', ['ConfigMap']).holds, false)
})

test('several may hold it, and are named', () => {
  const map = (name: string): Written => ({ kind: 'ConfigMap', metadata: { name }, data: { word: 'otter' } })
  const but = ['ConfigMap/a', 'ConfigMap/b', 'Secret']
  assert.deepEqual(among([map('a'), map('b')], 'otter', but), {
    holds: true,
    actual: 'it stands nowhere else',
    expected: 'the text in no object but ConfigMap/a, ConfigMap/b, Secret',
  })
  assert.equal(among([map('a'), map('c')], 'otter', but).actual, 'it stands in ConfigMap/c, data.word')
})

test('what a Secret says is what its base64 says, and a Secret without data says nothing', () => {
  const secret = (data?: object): Written => ({ kind: 'Secret', metadata: { name: 's' }, ...(data ? { data } : {}) })
  const base64 = Buffer.from('an otter').toString('base64')
  assert.equal(among([secret({ word: base64 })]).actual, 'it stands in Secret/s, data.word')
  assert.equal(among([secret({ word: 'otter' })]).holds, true)
  assert.equal(among([secret()]).holds, true)
})
