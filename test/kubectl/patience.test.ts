import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../../sim/index.ts'
import { patienceFor } from '../../sim/kubectl/patience.ts'

const cases: { line: string; ms: number; isEndless: boolean }[] = [
  { line: 'kubectl get pods', ms: 900_000, isEndless: false },
  { line: 'kubectl get pods -w', ms: 10_000, isEndless: true },
  { line: 'get pods --watch-only --request-timeout=3s', ms: 3_000, isEndless: true },
  { line: 'kubectl logs -f web', ms: 10_000, isEndless: true },
  { line: 'kubectl exec web -- tail -f /x', ms: 900_000, isEndless: false },
  { line: 'kubectl apply -f -', ms: 900_000, isEndless: false },
  { line: "kubectl get 'pods", ms: 900_000, isEndless: false },
  { line: 'kubectl rollout status deploy/web --request-timeout=20', ms: 20_000, isEndless: false },
  { line: 'kubectl debug -it web --image=busybox', ms: 60_000, isEndless: true },
  { line: 'kubectl debug -i web --image=busybox -- sh', ms: 60_000, isEndless: true },
  { line: 'kubectl debug -it web --image=busybox -- sh -c "sleep 100"', ms: 900_000, isEndless: false },
  { line: 'kubectl debug web --image=busybox', ms: 900_000, isEndless: false },
]
for (const { line, ms, isEndless } of cases)
  test(`${line} may take ${ms / 1000} s`, () => assert.deepEqual(patienceFor(line), { ms, isEndless }))

test('a watch ends after a while with what it has told, as if Ctrl-C had been pressed', () => {
  const cluster = createCluster({ seed: 'p', shape: { nodes: [{ name: 'node-1' }] } })
  cluster.execute({ op: 'kubectl', line: 'kubectl create deployment web --image=nginx:1.27' })
  const { exit, stdout, stderr, atMs, doneMs } = cluster.execute({ op: 'kubectl', line: 'kubectl get deploy -w' })
  assert.equal(exit, 130)
  assert.equal(stderr, '')
  assert.match(stdout, /web +0\/1[\s\S]*web +1\/1/)
  assert.equal(doneMs - atMs, 10_000)
})
