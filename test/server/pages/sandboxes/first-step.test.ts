import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SandboxView } from '../../../../server/labs/sandboxes/types.ts'
import type { PodView } from '../../../../server/labs/types.ts'
import { firstStepOf } from '../../../../server/pages/sandboxes/first-step.ts'

type Look = Parameters<typeof firstStepOf>[0]

const pod = { name: 'web-1', namespace: 'default' } as PodView
const typed = (line: string) => ({ atMs: 1000, words: { typed: line } })
const told = { atMs: 2500.4, words: { told: { text: 'node {node} goes down', values: { node: 'node-1' } } } }
function look(marks: SandboxView['marks'], podsOf: Record<string, number>, failing: readonly string[] = []): Look {
  const nodes = Object.entries(podsOf).map(([name, count]) => ({
    name,
    tone: failing.includes(name) ? 'failing' : 'ready',
    pods: Array.from({ length: count }, () => pod),
  }))
  return { marks, view: { nodes, pods: nodes.flatMap(({ pods }) => pods) } as unknown as Look['view'] }
}

/** The same with a node that holds the control plane's Pods. */
function withControlPlane({ marks, view }: Look): Look {
  const pods = ['etcd', 'kube-apiserver', 'kube-scheduler'].map(
    (name) => ({ name, namespace: 'kube-system' }) as PodView,
  )
  const node = { name: 'control-plane', tone: 'ready', pods }
  return { marks, view: { ...view, nodes: [node, ...view.nodes], pods: [...pods, ...view.pods] } as Look['view'] }
}

const cases: { name: string; look: Look; title: string | undefined; value?: string; field?: string }[] = [
  {
    name: 'an empty cluster: Pods are made',
    look: look([], { 'node-1': 0, 'node-2': 0 }),
    title: 'Begin here',
    value: 'kubectl',
    field: 'kubectl create deployment web --image=nginx:1.27 --replicas=3',
  },
  {
    name: 'who has only looked has not begun',
    look: look([typed('kubectl get nodes')], { 'node-1': 0 }),
    title: 'Begin here',
    value: 'kubectl',
    field: 'kubectl create deployment web --image=nginx:1.27 --replicas=3',
  },
  {
    name: 'Pods run: the node with most of them is broken',
    look: look([typed('kubectl create …')], { 'node-1': 1, 'node-2': 2 }),
    title: 'Now break something',
    value: 'fault:node:down',
    field: 'node-2',
  },
  {
    name: 'the control plane has Pods, and nobody else: Pods are made',
    look: withControlPlane(look([], { 'node-1': 0 })),
    title: 'Begin here',
    value: 'kubectl',
    field: 'kubectl create deployment web --image=nginx:1.27 --replicas=3',
  },
  {
    name: 'the node of the control plane is not the one to break',
    look: withControlPlane(look([typed('kubectl create …')], { 'node-1': 1 })),
    title: 'Now break something',
    value: 'fault:node:down',
    field: 'node-1',
  },
  {
    name: 'no node is ready: none can be broken',
    look: look([typed('kubectl create …')], { 'node-1': 1 }, ['node-1']),
    title: undefined,
  },
  {
    name: 'something was broken',
    look: look([typed('kubectl create …'), told], { 'node-1': 1 }),
    title: 'Now look back',
  },
  {
    name: 'who has done much needs no telling',
    look: look(
      Array.from({ length: 9 }, () => typed('kubectl get pods')),
      { 'node-1': 0 },
    ),
    title: undefined,
  },
]
for (const { name, look: seen, title, value, field } of cases)
  test(name, () => {
    const step = firstStepOf(seen)
    assert.equal(step?.title, title)
    assert.equal(step?.button?.value, value)
    assert.equal(step?.button?.fields[0]?.value, field)
  })

test('the look back is to the moment before what was broken', () => {
  const step = firstStepOf(look([told], { 'node-1': 1 }))
  assert.deepEqual(step?.link, { atMs: 2500, label: 'The cluster at 0:02.5, just before' })
})
