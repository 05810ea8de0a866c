import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../sim/api/core/pod-types.ts'
import { aCluster, apply } from './support.ts'

const writes = `command: [sh, -c, "yes 1234567 | head -n 1000 > /dev/termination-log"]`

for (const [containers, longest] of [
  [1, 4096],
  [3, 4096],
  [6, 2048],
] as const)
  test(`the last message of one of ${containers} containers is cut after ${longest} bytes`, () => {
    const cluster = aCluster()
    const list = Array.from({ length: containers }, (_, i) => `{name: c${i}, image: "busybox:1.36", ${writes}}`)
    apply(
      cluster,
      `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  restartPolicy: Never\n  containers: [${list.join(', ')}]\n`,
    )
    cluster.advance(10_000)
    const [pod] = cluster.objects('pods', { namespace: 'default' }) as Pod[]
    const lengths = pod.status.containerStatuses?.map(({ state }) => state.terminated?.message?.length)
    assert.deepEqual(lengths, Array(containers).fill(longest))
  })
