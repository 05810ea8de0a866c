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

const settings = `apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  mode: fast
`

function openApplied() {
  const cluster = createCluster({ seed: 'edit', strict: true, shape: { nodes: [{ name: 'node-1' }] } })
  cluster.execute({ op: 'apply', manifest: settings })
  const run = (line: string, change?: (yaml: string) => string) => {
    const before = cluster.execute({ op: 'kubectl', line: 'kubectl apply view-last-applied cm/settings' }).stdout
    const edited = change && { edited: { before, after: change(before) } }
    const { exit, stdout, stderr } = cluster.execute({ op: 'kubectl', line, ...edited })
    return { exit, stdout, stderr }
  }
  return run
}

test('what apply remembers is edited, and the object is left as it is', () => {
  const run = openApplied()
  const slower = (yaml: string): string => yaml.replace('fast', 'slow')
  const edited = { exit: 0, stdout: 'configmap/settings edited\n', stderr: '' }
  assert.deepEqual(run('kubectl apply edit-last-applied cm/settings', slower), edited)
  assert.match(run('kubectl apply view-last-applied cm/settings').stdout, /mode: slow/)
  assert.equal(run("kubectl get cm settings -o jsonpath='{.data.mode}'").stdout, 'fast')
})

for (const [name, change, result] of [
  ['nothing changed', (yaml: string) => yaml, { exit: 0, stdout: '', stderr: 'Edit cancelled, no changes made.\n' }],
  ['nothing left', () => '# a\n', { exit: 0, stdout: '', stderr: 'Edit cancelled, saved file was empty.\n' }],
  [
    'another name',
    (yaml: string) => yaml.replace('name: settings', 'name: other'),
    { exit: 1, stdout: '', stderr: 'Error from server (NotFound): configmaps "other" not found\n' },
  ],
] as const)
  test(`an edit of what apply remembers with ${name}`, () => {
    assert.deepEqual(openApplied()('kubectl apply edit-last-applied cm/settings', change), result)
  })

test('without a terminal, and without the object, it says so', () => {
  const { run } = open()
  assert.match(run('kubectl edit configmap a').stderr, /^error: unable to launch the editor/)
  assert.match(run('kubectl apply edit-last-applied configmap a').stderr, /^error: no last-applied-configuration ann/)
  assert.match(run('kubectl edit configmap nope', 'a: 1').stderr, /configmaps "nope" not found/)
})
