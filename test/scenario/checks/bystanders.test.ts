/** Everything that was handed over and is no part of the work. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../../../sim/cluster.ts'
import { compileStateAssertion } from '../../../sim/scenario/checks/assertion.ts'
import { snapshotNow } from '../../../sim/scenario/checks/history.ts'

const manifest = `
apiVersion: v1
kind: Namespace
metadata: { name: ops, labels: { team: ops } }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings, namespace: ops }
data: { colour: blue, shape: round }
---
apiVersion: v1
kind: Service
metadata: { name: web, labels: { team: shop } }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: client, labels: { app: client } }
spec: { containers: [{ name: client, image: 'nginx:1.27' }] }
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } }, storageClassName: '' }
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: { name: standard }
provisioner: driver.longhorn.io
---
apiVersion: v1
kind: ConfigMap
metadata: { name: going, finalizers: [example.com/never] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 1
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: main, image: 'nginx:1.27', resources: { requests: { cpu: 100m } } }] }
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web }
spec: { scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }, minReplicas: 3, maxReplicas: 5 }
`

function afterLines(lines: readonly string[], but: string[] = []) {
  const cluster = createCluster({ seed: 'by', shape: { nodes: [{ name: 'node-1' }, { name: 'node-2' }] } })
  cluster.execute({ op: 'apply', manifest })
  cluster.execute({ op: 'kubectl', line: 'kubectl delete configmap going --wait=false' })
  const assertion = compileStateAssertion({ bystanders: { but } })!
  const first = assertion.evaluate(snapshotNow(cluster))
  assert.deepEqual(first, {
    holds: true,
    actual: 'as handed over',
    expected: 'everything else as it was handed over',
  })
  cluster.advance(60_000)
  for (const line of lines) {
    const { exit, stderr } = cluster.execute({ op: 'kubectl', line: `kubectl ${line}` })
    assert.equal(exit, 0, stderr)
  }
  cluster.advance(60_000)
  const { holds, actual } = assertion.evaluate(snapshotNow(cluster))
  return holds ? 'as handed over' : actual
}

const harmless: [what: string, lines: string[]][] = [
  ['time, controllers and an autoscaler', []],
  ['a restart, and Pods that come anew', ['rollout restart deployment web', 'delete pod -l app=web']],
  ['the Service of the API server, which it makes again by itself', ['delete service kubernetes']],
  ['annotations', ['annotate deployment web note=1', 'annotate node node-1 note=1']],
  ['labels of a namespace and of a node', ['label namespace ops reviewed=yes', 'label node node-1 place=c']],
  ['what is new', ['create configmap more', 'create deployment other --image=nginx:1.27']],
  ['what was on its way out already', [`patch configmap going --type=merge -p '{"metadata":{"finalizers":null}}'`]],
  ['a node that is cordoned and used again', ['cordon node-2', 'uncordon node-2']],
  ['a claim that gets a volume', [`patch pvc data --type=merge -p '{"metadata":{"annotations":{"a":"b"}}}'`]],
  ['a Pod that was deleted and made again', ['delete pod client', 'run client --image=nginx:1.27 --labels=app=client']],
]
for (const [what, lines] of harmless)
  test(`is no harm: ${what}`, () => assert.equal(afterLines(lines), 'as handed over'))

test('in which order somebody writes is no difference, and neither is the address that a Service gets when it is made again', () => {
  const again = [
    'delete configmap settings -n ops',
    'delete service web',
    'create configmap settings -n ops --from-literal=shape=round --from-literal=colour=blue',
    `create service clusterip web --tcp=80:8080`,
    `patch service web --type=json -p '[{"op":"replace","path":"/metadata/labels","value":{"team":"shop"}},{"op":"replace","path":"/spec/ports","value":[{"targetPort":8080,"protocol":"TCP","port":80}]}]'`,
  ]
  assert.equal(afterLines(again), 'as handed over')
})

const harm: [line: string, told: string][] = [
  ['delete configmap settings -n ops', 'ops/ConfigMap/settings was deleted'],
  [
    'delete namespace ops --wait=false',
    'ops/ConfigMap/settings was deleted; Namespace/ops was deleted; ops/ServiceAccount/default was deleted',
  ],
  ['delete pod client', 'Pod/client was deleted'],
  ['label pod client app=web --overwrite', 'Pod/client was changed: labels.app'],
  ['set image pod/client client=nginx:1.28', 'Pod/client was changed: 0.image'],
  [
    'annotate storageclass standard storageclass.kubernetes.io/is-default-class=true',
    'StorageClass/standard was changed: isDefault',
  ],
  ['cordon node-1', 'Node/node-1 was changed: unschedulable'],
  ['taint node node-1 team=a:NoSchedule', 'Node/node-1 was changed: taints.0.effect'],
  ['delete node node-2', 'Node/node-2 was deleted; Pod/client was deleted'],
  ['label service web team-', 'Service/web was changed: labels.team'],
  ['set image deployment/web main=nginx:1.28', 'Deployment/web was changed: template.spec.containers.0.image'],
  [`patch configmap settings -n ops -p '{"data":{"colour":"red"}}'`, 'ops/ConfigMap/settings was changed: data.colour'],
]
for (const [line, told] of harm) test(`is harm: kubectl ${line}`, () => assert.equal(afterLines([line]), told))

test('what the work is about may change, in each namespace by itself', () => {
  const change = `patch configmap settings -n ops -p '{"data":{"colour":"red"}}'`
  assert.equal(afterLines([change], ['ops/ConfigMap/settings']), 'as handed over')
  assert.equal(afterLines([change], ['ops/*/*']), 'as handed over')
  assert.equal(afterLines([change], ['ConfigMap/settings']), 'ops/ConfigMap/settings was changed: data.colour')
  assert.equal(afterLines(['delete node node-2'], ['Node/*', 'Pod/client']), 'as handed over')
})

test('three are told at most, and a pattern that is none is refused', () => {
  const lines = ['delete service web', 'delete pod client', 'delete node node-2', 'delete pvc data']
  assert.equal(afterLines(lines).split('; ').length, 3)
  assert.throws(() => compileStateAssertion({ bystanders: { but: ['web'] } }), /KIND\/NAME or NAMESPACE\/KIND\/NAME/)
})
