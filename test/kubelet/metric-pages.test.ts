/** The pages of metrics of a kubelet: what its counters keep when containers end. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../../sim/index.ts'

test("a node's counter of CPU keeps what containers took that began and ended between two scrapes", () => {
  const cluster = createCluster({ seed: 'metrics', shape: { nodes: [{ name: 'node-1' }] } })
  const cpuSeconds = (): number => {
    const line = 'kubectl get --raw /api/v1/nodes/node-1/proxy/metrics/resource'
    const { stdout } = cluster.execute({ op: 'kubectl', line })
    return Number(/^node_cpu_usage_seconds_total (\S+)/m.exec(stdout)?.[1])
  }
  cluster.advance(5000)
  const before = cpuSeconds()
  cluster.execute({
    op: 'apply',
    manifest: `{apiVersion: v1, kind: Pod, metadata: {name: short}, spec: {restartPolicy: Never, containers: [
      {name: main, image: "polinux/stress:1.0.4", command: [stress, --cpu, "1", --timeout, 30s]}]}}`,
  })
  cluster.advance(60_000)
  const line = 'kubectl get pod short -o jsonpath={.status.phase}'
  assert.equal(cluster.execute({ op: 'kubectl', line }).stdout, 'Succeeded')
  const ofPod = cpuSeconds() - before
  cluster.execute({ op: 'kubectl', line: 'kubectl delete pod short' })
  cluster.advance(60_000)
  const ofMinute = cpuSeconds() - before - ofPod
  assert.ok(ofMinute > 0, `${ofMinute} s in the minute after the Pod is deleted`)
  assert.equal(Math.round(ofPod - ofMinute), 30)
})
