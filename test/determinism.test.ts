/** The same seed and the same commands give the same history, event for event, in another process as well. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { createCluster, replayCluster } from '../sim/index.ts'
import { program } from './support/programs.ts'
import { historyOf, options, story } from './support/story.ts'

function hashesInAnotherProcess(seed: string): string[] {
  const run = spawnSync(process.execPath, [...program('test/support/story-hashes.ts'), seed], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  assert.equal(run.status, 0, run.stderr)
  return run.stdout.trim().split('\n')
}

test('two processes give the same state hash at every event', () => {
  const [first, second] = [hashesInAnotherProcess('a'), hashesInAnotherProcess('a')]
  assert.ok(first.length > 500, `only ${first.length} events`)
  assert.deepEqual(first, second)
})

test('another seed gives another history', () => {
  assert.notDeepEqual(hashesInAnotherProcess('a').at(-1), hashesInAnotherProcess('b').at(-1))
})

test('a run in this process gives what a run in another gives', () => {
  assert.deepEqual(historyOf('a'), hashesInAnotherProcess('a'))
})

test('a replay of the log gives the same objects, names and all', () => {
  const cluster = createCluster(options('a'))
  for (const step of story) {
    if (step.atMs > cluster.nowMs) cluster.advance(step.atMs - cluster.nowMs)
    cluster.execute(step.command)
  }
  cluster.advance(60_000)
  const replayed = replayCluster(options('a'), cluster.log, cluster.nowMs)
  assert.equal(replayed.stateHash(), cluster.stateHash())
  for (const resource of ['pods', 'replicasets.apps', 'events', 'endpointslices.discovery.k8s.io']) {
    assert.deepEqual(replayed.objects(resource), cluster.objects(resource))
  }
})

test('a fork from any moment of the log goes its own way and leaves the past as it was', () => {
  const whole = createCluster(options('a'))
  for (const step of story) {
    if (step.atMs > whole.nowMs) whole.advance(step.atMs - whole.nowMs)
    whole.execute(step.command)
  }
  const atMs = story[2].atMs
  const fork = replayCluster(
    options('a'),
    whole.log.filter((entry) => entry.atMs < atMs),
    atMs,
  )
  assert.deepEqual(fork.objects('pods'), whole.objects('pods', { atMs }))
  fork.execute({ op: 'kubectl', line: 'kubectl scale deploy/web --replicas=1' })
  fork.advance(60_000)
  assert.equal(fork.objects('pods').filter((pod) => pod.metadata.labels?.app === 'web').length, 1)
})

test('what objects were at a moment is read without running anything', () => {
  const cluster = createCluster(options('a'))
  const moments: { atMs: number; pods: unknown }[] = []
  for (const step of story) {
    if (step.atMs > cluster.nowMs) cluster.advance(step.atMs - cluster.nowMs)
    moments.push({ atMs: cluster.nowMs, pods: cluster.objects('pods') })
    cluster.execute(step.command)
  }
  cluster.advance(60_000)
  const events = cluster.eventsProcessed
  for (const { atMs, pods } of moments) assert.deepEqual(cluster.objects('pods', { atMs }), pods)
  assert.equal(cluster.eventsProcessed, events)
})
