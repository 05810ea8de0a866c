/** Words that a statement wants written in one place only. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../../../sim/cluster.ts'
import { compileStateAssertion } from '../../../sim/scenario/checks/assertion.ts'
import { snapshotNow } from '../../../sim/scenario/checks/history.ts'

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

test('a mistake of the author is told: no text, no such kind', () => {
  assert.throws(() => compileStateAssertion({ nowhere: { text: '' } }), /needs a text/)
  assert.throws(() => compileStateAssertion({ nowhere: { text: 'a', but: ['Nothing'] } }), /no kind Nothing/)
})
