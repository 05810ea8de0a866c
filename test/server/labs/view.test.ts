import assert from 'node:assert/strict'
import { test } from 'node:test'
import { viewCluster } from '../../../server/labs/view.ts'
import type { Cluster } from '../../../sim/index.ts'

const running = { state: { running: {} }, ready: true }
const ended = (exitCode: number) => ({
  state: { terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' } },
  ready: false,
})

function viewOfPod(containerStatuses: object[], phase = 'Running') {
  const pod = {
    metadata: { name: 'p', namespace: 'default', creationTimestamp: '2026-03-02T09:00:00Z' },
    spec: { nodeName: 'node-1', containers: containerStatuses.map((_, n) => ({ name: `c${n}` })) },
    status: { phase, containerStatuses },
  }
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
