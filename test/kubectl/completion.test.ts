/** The wanted words are those that kubectl v1.36 told for a cluster like this one (`kubectl __complete`), and names of objects before it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../../sim/index.ts'

const cluster = createCluster({ seed: 's', shape: { nodes: [{ name: 'node-1' }, { name: 'node-2' }] } })
cluster.execute({ op: 'kubectl', line: 'kubectl run web-1 --image=nginx:1.27' })
cluster.execute({ op: 'kubectl', line: 'kubectl create deployment api --image=nginx:1.27' })
cluster.advance(20_000)

const cases: { line: string; want: string[] }[] = [
  { line: 'ro', want: ['rollout'] },
  { line: 'kubectl rollout ', want: ['history', 'pause', 'restart', 'resume', 'status', 'undo'] },
  { line: 'kubectl rollout status ', want: ['deployment', 'daemonset', 'statefulset'] },
  { line: 'kubectl rollout status deploy ', want: ['api'] },
  { line: 'kubectl get po', want: ['pods', 'podtemplates', 'poddisruptionbudgets.policy'] },
  { line: 'kubectl get pods w', want: ['web-1'] },
  { line: 'kubectl get pods web-1 w', want: [] },
  { line: 'kubectl get pods/w', want: ['pods/web-1'] },
  { line: 'kubectl get deploy/', want: ['deploy/api'] },
  { line: 'kubectl get -n kube-', want: ['kube-node-lease', 'kube-public', 'kube-system'] },
  { line: 'kubectl get --namespace=kube-p', want: ['kube-public'] },
  { line: 'kubectl get -o jsonpath', want: ['jsonpath', 'jsonpath-as-json', 'jsonpath-file'] },
  { line: 'kubectl get --namesp', want: ['--namespace'] },
  { line: 'kubectl -n kube-system get deploy a', want: [] },
  { line: 'kubectl logs web', want: ['web-1'] },
  { line: 'kubectl logs st', want: ['statefulsets/'] },
  { line: 'kubectl exec web-1 -c ', want: ['web-1'] },
  { line: 'kubectl exec web-1 -- l', want: [] },
  { line: 'kubectl describe node ', want: ['node-1', 'node-2'] },
  { line: 'kubectl drain node-1 ', want: ['node-2'] },
  { line: 'kubectl taint ', want: ['node'] },
  { line: 'kubectl nonsense ', want: [] },
]
for (const { line, want } of cases)
  test(`at the end of "${line}" could stand ${want.length === 0 ? 'nothing known' : want.join(', ')}`, () => {
    assert.deepEqual(cluster.complete(line, line.length), want)
  })

test('what stands behind the cursor does not count, and looking changes nothing', () => {
  const before = cluster.stateHash()
  assert.deepEqual(cluster.complete('kubectl ge pods', 'kubectl ge'.length), ['get'])
  cluster.advance(0)
  assert.equal(cluster.stateHash(), before)
})
