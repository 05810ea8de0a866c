import assert from 'node:assert/strict'
import { test } from 'node:test'
import { viewScheduling } from '../../../../server/labs/views/scheduling-view.ts'
import { viewCluster, viewTimeline } from '../../../../server/labs/views/view.ts'
import { type Cluster, createCluster } from '../../../../sim/index.ts'

const running = { state: { running: {} }, ready: true }
const ended = (exitCode: number) => ({
  state: { terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' } },
  ready: false,
})

const aPod = (containerStatuses: object[], phase: string) => ({
  metadata: { name: 'p', namespace: 'default', creationTimestamp: '2026-03-02T09:00:00Z' },
  spec: { nodeName: 'node-1', containers: containerStatuses.map((_, n) => ({ name: `c${n}` })) },
  status: { phase, containerStatuses },
})

function viewOfPod(containerStatuses: object[], phase = 'Running') {
  const pod = aPod(containerStatuses, phase)
  const cluster = {
    nowMs: 30_000,
    epochMs: Date.UTC(2026, 2, 2, 9, 0, 30),
    isSettled: true,
    notSimulated: new Set<string>(),
    schedulingAttempts: () => [],
    objects: (resource: string) => (resource === 'pods' ? [pod] : []),
  }
  const { word, tone, message } = viewCluster(cluster as unknown as Cluster, 0).pods[0]!
  return { word, tone, message }
}

test('a Pod whose only container ended with 0 and will be started again is Completed, as kubectl prints it', () => {
  assert.deepEqual(viewOfPod([ended(0)]), { word: 'Completed', tone: 'waiting', message: 'exit code 0' })
})

test('a Pod of which one container ended with 0 while another one runs is NotReady, as kubectl prints it', () => {
  assert.equal(viewOfPod([ended(0), running]).word, 'NotReady')
})

test('a Pod that runs and is not ready yet is Running', () => {
  assert.deepEqual(viewOfPod([{ state: { running: {} }, ready: false }]), {
    word: 'Running',
    tone: 'waiting',
    message: 'not ready',
  })
})

test('a Pod that has ended well is Completed for good', () => {
  assert.deepEqual(viewOfPod([ended(0)], 'Succeeded'), { word: 'Completed', tone: 'done', message: '' })
})

test('a timeline tells an end for good from one before the next start', () => {
  const changes = [
    { atMs: 1000, type: 'MODIFIED', object: aPod([ended(0)], 'Running') },
    { atMs: 2000, type: 'MODIFIED', object: aPod([ended(0)], 'Succeeded') },
  ]
  const cluster = { nowMs: 5000, changes: () => changes } as unknown as Cluster
  assert.deepEqual(
    viewTimeline(cluster, 0)[0]!.spans.map(({ tone, fromSeconds, toSeconds }) => [tone, fromSeconds, toSeconds]),
    [
      ['waiting', 1, 2],
      ['done', 2, 5],
    ],
  )
})

test('scheduling shows the last attempt of each Pod outside the system, its scores beside the nodes', () => {
  const nodes = ['node-1', 'node-2'].map((name) => ({ name, cpu: '2', memory: '4Gi' }))
  const cluster = createCluster({ seed: 'view', shape: { nodes } })
  const run = (line: string) => cluster.execute({ op: 'kubectl', line })
  run('kubectl taint nodes node-2 a=b:PreferNoSchedule')
  run('kubectl run one --image=nginx:1.27')
  cluster.advance(2000)
  run('kubectl cordon node-2')
  run('kubectl run two --image=nginx:1.27')
  cluster.advance(2000)
  const [two, one, ...others] = viewScheduling(cluster, 1000)
  assert.deepEqual(others, [])
  assert.deepEqual([two.pod, two.isPlaced, two.node, two.feasible], ['two', true, 'node-1', 1])
  assert.deepEqual(two.refusals, [
    { plugin: 'NodeUnschedulable', reason: 'node(s) were unschedulable', nodes: ['node-2'] },
  ])
  assert.deepEqual(two.filters.slice(0, 2), [
    { name: 'NodeUnschedulable', verdicts: ['passed', 'refused'] },
    { name: 'TaintToleration', verdicts: ['passed', 'not asked'] },
  ])
  assert.deepEqual(one.nodes, [
    { name: 'node-1', isChosen: true },
    { name: 'node-2', isChosen: false },
  ])
  const taints = one.scores.find(({ name }) => name === 'TaintToleration')
  assert.deepEqual(taints?.cells, [
    { raw: 0, scaled: 100, weighted: 300 },
    { raw: 1, scaled: 0, weighted: 0 },
  ])
  assert.ok(one.atSeconds < 0)
})
