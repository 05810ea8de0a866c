/** kubectl edit: what an editor was left with becomes patches. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../../sim/index.ts'

function open() {
  const cluster = createCluster({ seed: 'edit', strict: true, shape: { nodes: [{ name: 'node-1' }] } })
  let yaml = ''
  const run = (line: string, after?: string) => {
    const { exit, stdout, stderr } = cluster.execute({
      op: 'kubectl',
      line,
      ...(after === undefined ? {} : { edited: { before: yaml, after } }),
    })
    return { exit, stdout, stderr }
  }
  run('kubectl create configmap a --from-literal=x=1 --from-literal=z=2')
  yaml = run('kubectl get configmap a -o yaml').stdout
  return { run, yaml }
}

test('what was changed and taken out is sent', () => {
  const { run, yaml } = open()
  const edited = yaml.replace('x: "1"', 'x: "5"').replace(/ {2}z: "2"\n/, '')
  assert.deepEqual(run('kubectl edit configmap a', edited), { exit: 0, stdout: 'configmap/a edited\n', stderr: '' })
  assert.equal(run("kubectl get configmap a -o jsonpath='{.data}'").stdout, '{"x":"5"}')
})

for (const [name, change, result] of [
  ['nothing changed', (yaml: string) => yaml, { exit: 0, stdout: '', stderr: 'Edit cancelled, no changes made.\n' }],
  ['only comments', () => '# nothing\n\n', { exit: 0, stdout: '', stderr: 'Edit cancelled, saved file was empty.\n' }],
  [
    'another name',
    (yaml: string) => yaml.replace('name: a', 'name: b'),
    { exit: 1, stdout: '', stderr: 'error: At least one of apiVersion, kind and name was changed\n' },
  ],
] as const)
  test(`an edit with ${name}`, () => {
    const { run, yaml } = open()
    assert.deepEqual(run('kubectl edit configmap a', change(yaml)), result)
  })

test('without a terminal, and without the object, it says so', () => {
  const { run } = open()
  assert.match(run('kubectl edit configmap a').stderr, /^error: unable to launch the editor/)
  assert.match(run('kubectl edit configmap nope', 'a: 1').stderr, /configmaps "nope" not found/)
})
