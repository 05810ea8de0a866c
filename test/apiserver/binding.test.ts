/** Binding a Pod to a node: as the scheduler does it, and as somebody does by hand. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../../sim/index.ts'

const manifest = (object: object): string => JSON.stringify(object)

function unscheduled() {
  const nodes = [{ name: 'n1', labels: { 'topology.kubernetes.io/zone': 'west' } }]
  const cluster = createCluster({ seed: 'binding', shape: { nodes } })
  const run = (line: string, stdin = ''): string => {
    const { stdout, stderr } = cluster.execute({ op: 'kubectl', line, stdin })
    return stdout + stderr
  }
  const spec = { schedulerName: 'nobody', containers: [{ name: 'main', image: 'nginx:1.27' }] }
  run('create -f -', manifest({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec }))
  const bind = (metadata: object, target: object, flags = ''): string =>
    run(
      `create -f - ${flags}`,
      manifest({ apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p', ...metadata }, target }),
    )
  return { run, bind }
}
const toNode = { apiVersion: 'v1', kind: 'Node', name: 'n1' }

test('a Binding gives the Pod its node, with its labels and annotations, and not those of the node', () => {
  const { run, bind } = unscheduled()
  assert.equal(bind({ labels: { by: 'hand' }, annotations: { why: 'a try' } }, toNode), 'status/<unknown> created\n')
  const of = (path: string): string => run(`get pod p -o jsonpath={${path}}`)
  assert.equal(of('.spec.nodeName'), 'n1')
  assert.equal(of('.metadata.labels'), '{"by":"hand"}')
  assert.equal(of('.metadata.annotations'), '{"why":"a try"}')
  assert.match(
    bind({}, toNode),
    /Operation cannot be fulfilled on pods\/binding "p": pod p is already assigned to node "n1"/,
  )
})

test('what is posted to the Pod itself brings the labels of the node that say where it is', () => {
  const { run } = unscheduled()
  const body = manifest({ apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p' }, target: toNode })
  run('create --raw /api/v1/namespaces/default/pods/p/binding -f -', body)
  assert.equal(run('get pod p -o jsonpath={.metadata.labels}'), '{"topology.kubernetes.io/zone":"west"}')
})

test('a dry run binds nothing, and tells what a real one would be refused for', () => {
  const { run, bind } = unscheduled()
  assert.equal(bind({}, toNode, '--dry-run=server'), 'status/<unknown> created (server dry run)\n')
  assert.equal(run('get pod p -o jsonpath={.spec.nodeName}'), '')
  bind({}, toNode)
  assert.match(bind({}, toNode, '--dry-run=server'), /already assigned/)
})

test('a Binding is refused that is for another Pod of the name, for no node, or for none that is there', () => {
  const { run, bind } = unscheduled()
  assert.match(
    bind({ uid: 'former' }, toNode),
    /Precondition failed: UID in precondition: former, UID in object meta: /,
  )
  assert.match(
    bind({}, { kind: 'Pod' }),
    /\[target\.kind: Unsupported value: "Pod": supported values: "Node", "<empty>", target\.name: Required value\]/,
  )
  // kubectl leaves the version out of what it creates.
  const stale = manifest({ kind: 'Binding', metadata: { name: 'p', resourceVersion: '1' }, target: toNode })
  const posted = run('create --raw /api/v1/namespaces/default/pods/p/binding -f -', stale)
  assert.match(posted, /Precondition failed: ResourceVersion in precondition: 1, /)
  assert.match(bind({ name: 'other' }, toNode), /pods "other" not found/)
})

test('one who may not make Bindings is refused, though there is no Pod', () => {
  const { run } = unscheduled()
  const body = manifest({ apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p' }, target: toNode })
  assert.match(run('create -f - --as=ann', body), /User "ann" cannot create resource "bindings" in API group ""/)
})
