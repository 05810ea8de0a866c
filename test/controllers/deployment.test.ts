/** Deployments as they roll out through the controllers, on hollow nodes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deployments } from '../../sim/api/apps/deployment.ts'
import { replicaSets } from '../../sim/api/apps/replica-set.ts'
import { pods } from '../../sim/api/core/pod.ts'
import { findCondition } from '../../sim/api/meta/object.ts'
import { createDeployment, getDeployment, setImage, setSizes, startControlled } from './cluster.ts'

test('a new Deployment makes one ReplicaSet with all replicas, and reports itself complete', () => {
  const cluster = startControlled()
  createDeployment(cluster.client, 'web', 3)
  cluster.runFor(5000)
  const { status, metadata } = getDeployment(cluster.client, 'web')
  assert.deepEqual(setSizes(cluster.client), ['nginx:1.25 3/3/3/3'])
  assert.equal(metadata.annotations?.['deployment.kubernetes.io/revision'], '1')
  const { conditions, ...counts } = status
  assert.deepEqual(counts, {
    observedGeneration: 1,
    replicas: 3,
    updatedReplicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    terminatingReplicas: 0,
  })
  const [set] = cluster.client.list(replicaSets, { namespace: 'ns' }).items
  assert.match(set.metadata.name, /^web-[bcdfghjklmnpqrstvwxz2456789]{8,10}$/)
  assert.deepEqual(
    conditions?.map(({ type, status: state, reason, message }) => [type, state, reason, message]),
    [
      ['Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.'],
      [
        'Progressing',
        'True',
        'NewReplicaSetAvailable',
        `ReplicaSet "${set.metadata.name}" has successfully progressed.`,
      ],
    ],
  )
  assert.deepEqual(cluster.eventTexts('web'), [
    `Normal ScalingReplicaSet Scaled up replica set ${set.metadata.name} from 0 to 3`,
  ])
})

test('a rolling update keeps enough Pods available and ends with the old ReplicaSet empty', () => {
  const cluster = startControlled()
  createDeployment(cluster.client, 'web', 4)
  cluster.runFor(5000)
  setImage(cluster.client, 'web', 'nginx:1.26')
  let fewest = Number.POSITIVE_INFINITY
  let most = 0
  for (let i = 0; i < 200; i++) {
    cluster.runFor(100)
    const live = cluster.client.list(pods, { namespace: 'ns' }).items.filter((pod) => !pod.metadata.deletionTimestamp)
    most = Math.max(most, live.length)
    fewest = Math.min(
      fewest,
      live.filter((pod) => findCondition(pod.status.conditions, 'Ready')?.status === 'True').length,
    )
  }
  assert.deepEqual({ fewest, most }, { fewest: 3, most: 5 })
  assert.deepEqual(setSizes(cluster.client), ['nginx:1.25 0/0/0/0', 'nginx:1.26 4/4/4/4'])
})

test('scaling in the middle of a stuck rollout shares the new replicas in proportion', () => {
  const cluster = startControlled()
  cluster.brokenImages.add('nginx:9.99')
  createDeployment(cluster.client, 'web', 4)
  cluster.runFor(5000)
  setImage(cluster.client, 'web', 'nginx:9.99')
  cluster.runFor(5000)
  assert.deepEqual(setSizes(cluster.client), ['nginx:1.25 3/3/3/3', 'nginx:9.99 2/2/0/0'])
  cluster.client.patch(deployments, { namespace: 'ns', name: 'web' }, 'merge', { spec: { replicas: 8 } })
  cluster.runFor(5000)
  assert.deepEqual(setSizes(cluster.client), ['nginx:1.25 6/6/6/6', 'nginx:9.99 4/4/0/0'])
})

test('a second change during a rollout drops the ReplicaSet in the middle first', () => {
  const cluster = startControlled()
  createDeployment(cluster.client, 'web', 3, { minReadySeconds: 3 })
  cluster.runFor(9000)
  setImage(cluster.client, 'web', 'nginx:1.26')
  cluster.runFor(3000)
  setImage(cluster.client, 'web', 'nginx:1.27')
  cluster.runFor(500)
  assert.deepEqual(setSizes(cluster.client), ['nginx:1.25 3/3/3/3', 'nginx:1.26 0/0/0/0', 'nginx:1.27 1/1/0/0'])
  cluster.runFor(30_000)
  assert.deepEqual(setSizes(cluster.client), ['nginx:1.25 0/0/0/0', 'nginx:1.26 0/0/0/0', 'nginx:1.27 3/3/3/3'])
})

test('going back to a former template reuses its ReplicaSet under a new revision', () => {
  const cluster = startControlled()
  createDeployment(cluster.client, 'web', 1)
  cluster.runFor(3000)
  setImage(cluster.client, 'web', 'nginx:1.26')
  cluster.runFor(5000)
  setImage(cluster.client, 'web', 'nginx:1.25')
  cluster.runFor(5000)
  assert.deepEqual(setSizes(cluster.client), ['nginx:1.26 0/0/0/0', 'nginx:1.25 1/1/1/1'])
  const newest = cluster.client.list(replicaSets, { namespace: 'ns' }).items.find((set) => set.spec.replicas === 1)
  assert.equal(newest?.metadata.annotations?.['deployment.kubernetes.io/revision'], '3')
  assert.equal(newest?.metadata.annotations?.['deployment.kubernetes.io/revision-history'], '1')
})

test('Recreate removes every old Pod before it makes a new one', () => {
  const cluster = startControlled()
  createDeployment(cluster.client, 'web', 2, { strategy: { type: 'Recreate' } })
  cluster.runFor(3000)
  setImage(cluster.client, 'web', 'nginx:1.26')
  for (let i = 0; i < 100; i++) {
    cluster.runFor(100)
    const images = new Set(
      cluster.client.list(pods, { namespace: 'ns' }).items.map((pod) => pod.spec.containers[0].image),
    )
    assert.ok(images.size <= 1, `both images at once: ${[...images]}`)
  }
  assert.deepEqual(setSizes(cluster.client), ['nginx:1.25 0/0/0/0', 'nginx:1.26 2/2/2/2'])
})

test('a paused Deployment scales but does not roll out until it is resumed', () => {
  const cluster = startControlled()
  const patch = (spec: unknown) =>
    cluster.client.patch(deployments, { namespace: 'ns', name: 'web' }, 'merge', { spec })
  createDeployment(cluster.client, 'web', 1)
  cluster.runFor(3000)
  patch({ paused: true })
  cluster.runFor(1000)
  setImage(cluster.client, 'web', 'nginx:1.26')
  patch({ replicas: 2 })
  cluster.runFor(3000)
  assert.deepEqual(setSizes(cluster.client), ['nginx:1.25 2/2/2/2'])
  assert.equal(
    findCondition(getDeployment(cluster.client, 'web').status.conditions, 'Progressing')?.reason,
    'DeploymentPaused',
  )
  patch({ paused: null })
  cluster.runFor(8000)
  assert.deepEqual(setSizes(cluster.client), ['nginx:1.25 0/0/0/0', 'nginx:1.26 2/2/2/2'])
})

test('a rollout without progress is reported once its deadline has passed', () => {
  const cluster = startControlled()
  cluster.brokenImages.add('nginx:9.99')
  createDeployment(cluster.client, 'web', 1, { progressDeadlineSeconds: 10 })
  cluster.runFor(3000)
  setImage(cluster.client, 'web', 'nginx:9.99')
  cluster.runFor(9000)
  const progressing = () => findCondition(getDeployment(cluster.client, 'web').status.conditions, 'Progressing')
  assert.equal(progressing()?.reason, 'ReplicaSetUpdated')
  cluster.runFor(6000)
  assert.equal(progressing()?.reason, 'ProgressDeadlineExceeded')
  assert.equal(progressing()?.status, 'False')
  assert.match(progressing()?.message ?? '', /^ReplicaSet "web-[a-z0-9]+" has timed out progressing\.$/)
})

test('a rollout that is over leaves nothing due', () => {
  const cluster = startControlled()
  createDeployment(cluster.client, 'web', 2)
  cluster.runFor(3000)
  setImage(cluster.client, 'web', 'nginx:1.26')
  cluster.runFor(10_000)
  assert.ok(cluster.engine.isSettled)
})

test('old ReplicaSets beyond the history limit are deleted', () => {
  const cluster = startControlled()
  createDeployment(cluster.client, 'web', 1, { revisionHistoryLimit: 1 })
  for (const image of ['nginx:1.26', 'nginx:1.27', 'nginx:1.28']) {
    cluster.runFor(5000)
    setImage(cluster.client, 'web', image)
  }
  cluster.runFor(8000)
  assert.deepEqual(setSizes(cluster.client), ['nginx:1.27 0/0/0/0', 'nginx:1.28 1/1/1/1'])
})

for (const stopAfterMs of [10, 60, 500, 1100, 2100]) {
  test(`controllers that stop ${stopAfterMs} ms into a rollout and start again bring it to the same end`, () => {
    const cluster = startControlled()
    createDeployment(cluster.client, 'web', 4)
    cluster.runFor(5000)
    setImage(cluster.client, 'web', 'nginx:1.26')
    cluster.runFor(stopAfterMs)
    cluster.stop()
    cluster.runFor(3000)
    cluster.start()
    cluster.runFor(20_000)
    assert.deepEqual(setSizes(cluster.client), ['nginx:1.25 0/0/0/0', 'nginx:1.26 4/4/4/4'])
    const { updatedReplicas, availableReplicas, replicas } = getDeployment(cluster.client, 'web').status
    assert.deepEqual([updatedReplicas, availableReplicas, replicas], [4, 4, 4])
    assert.equal(cluster.client.list(pods, { namespace: 'ns' }).items.length, 4)
  })
}
