import assert from 'node:assert/strict'
import { test } from 'node:test'
import { viewCluster, viewTimeline } from '../../../server/labs/view.ts'
import type { Cluster } from '../../../sim/index.ts'

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
