import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aCluster, apply, containerNamed, kubeletEvents, log, podNamed, stateWord } from './support.ts'

const aManifest = (command: string, mounts: string, volumes: string, more = ''): string => `
apiVersion: v1
kind: Pod
metadata: {name: p, labels: {app: web}}
spec:
${volumes ? `  volumes:\n${volumes}` : ''}
  containers:
  - name: main
    image: busybox:1.36
    command: [sh, -c, "${command}"]
${mounts ? `    volumeMounts:\n${mounts}` : ''}
${more}
`
const configMap = (value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {k: "${value}"}\n`

test('a ConfigMap is mounted as files, and its changes arrive within two minutes but not in subPath or environment', () => {
  const cluster = aCluster()
  apply(cluster, configMap('v1'))
  apply(
    cluster,
    aManifest(
      'while true; do echo $(cat /c/k) $(cat /one) $K; sleep 5; done',
      '    - {name: c, mountPath: /c}\n    - {name: c, mountPath: /one, subPath: k}',
      '  - {name: c, configMap: {name: c}}',
      '    env: [{name: K, valueFrom: {configMapKeyRef: {name: c, key: k}}}]',
    ),
  )
  cluster.advance(4000)
  assert.equal(log(cluster), 'v1 v1 v1\n')
  apply(cluster, configMap('v2'))
  cluster.advance(30_000)
  assert.equal(log(cluster, 'main', 'p', { tailLines: 1 }), 'v1 v1 v1\n')
  cluster.advance(90_000)
  assert.equal(log(cluster, 'main', 'p', { tailLines: 1 }), 'v2 v1 v1\n')
})

test('a missing Secret holds the Pod in ContainerCreating until it appears', () => {
  const cluster = aCluster()
  apply(cluster, aManifest('sleep 1000', '    - {name: v, mountPath: /v}', '  - {name: v, secret: {secretName: nope}}'))
  cluster.advance(10_000)
  assert.equal(stateWord(cluster), 'ContainerCreating')
  assert.ok(
    kubeletEvents(cluster).includes('FailedMount: MountVolume.SetUp failed for volume "v" : secret "nope" not found'),
  )
  apply(cluster, 'apiVersion: v1\nkind: Secret\nmetadata: {name: nope}\nstringData: {a: b}\n')
  cluster.advance(20_000)
  assert.equal(stateWord(cluster), 'running')
})

test('a Pod that waits for a volume can be deleted', () => {
  const cluster = aCluster()
  apply(cluster, aManifest('sleep 1000', '    - {name: v, mountPath: /v}', '  - {name: v, secret: {secretName: nope}}'))
  cluster.advance(10_000)
  cluster.execute({ op: 'kubectl', line: 'kubectl delete pod p --wait=false' })
  cluster.advance(5000)
  assert.equal(podNamed(cluster), undefined)
})

test('an environment variable from a missing ConfigMap is a configuration error until it appears', () => {
  const cluster = aCluster()
  apply(
    cluster,
    aManifest('sleep 1000', '', '', '    env: [{name: K, valueFrom: {configMapKeyRef: {name: c, key: k}}}]'),
  )
  cluster.advance(5000)
  assert.equal(stateWord(cluster), 'CreateContainerConfigError')
  assert.equal(containerNamed(cluster)?.state.waiting?.message, 'configmap "c" not found')
  apply(cluster, configMap('v1'))
  cluster.advance(30_000)
  assert.equal(stateWord(cluster), 'running')
})

test('containers of a Pod share an emptyDir', () => {
  const cluster = aCluster()
  apply(
    cluster,
    `${aManifest('echo hi > /d/f; sleep 1000', '    - {name: d, mountPath: /d}', '  - {name: d, emptyDir: {}}')}
  - name: other
    image: busybox:1.36
    command: [sh, -c, "sleep 2; cat /d/f; sleep 1000"]
    volumeMounts: [{name: d, mountPath: /d}]`,
  )
  cluster.advance(6000)
  assert.equal(log(cluster, 'other'), 'hi\n')
})

test('every Pod finds its namespace and the cluster certificate in its service account volume', () => {
  const cluster = aCluster()
  apply(
    cluster,
    aManifest(
      'cat /var/run/secrets/kubernetes.io/serviceaccount/namespace; ls /var/run/secrets/kubernetes.io/serviceaccount; sleep 1000',
      '',
      '',
    ),
  )
  cluster.advance(4000)
  assert.equal(log(cluster), 'defaultca.crt\nnamespace\ntoken\n')
})

test('the downward API gives a Pod its own fields', () => {
  const cluster = aCluster()
  apply(
    cluster,
    aManifest(
      'echo $NAME $NODE; cat /d/labels; echo; sleep 1000',
      '    - {name: d, mountPath: /d}',
      '  - {name: d, downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}}',
      '    env: [{name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}, {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]',
    ),
  )
  cluster.advance(4000)
  assert.equal(log(cluster), 'p node-1\napp="web"\n')
})

test('a ConfigMap volume can be read and not written', () => {
  const cluster = aCluster()
  apply(cluster, configMap('v1'))
  apply(
    cluster,
    aManifest('echo x > /c/k; sleep 1000', '    - {name: c, mountPath: /c}', '  - {name: c, configMap: {name: c}}'),
  )
  cluster.advance(4000)
  assert.match(log(cluster), /can't create \/c\/k: Read-only file system/)
})

test('a container status names its mounts and resources', () => {
  const cluster = aCluster()
  apply(
    cluster,
    aManifest(
      'sleep 1000',
      '    - {name: d, mountPath: /d, readOnly: true}',
      '  - {name: d, emptyDir: {}}',
      '    resources: {requests: {cpu: 10m}}',
    ),
  )
  cluster.advance(3000)
  const main = containerNamed(cluster)!
  assert.deepEqual(main.allocatedResources, { cpu: '10m' })
  assert.deepEqual(main.volumeMounts?.[0], {
    name: 'd',
    mountPath: '/d',
    readOnly: true,
    recursiveReadOnly: 'Disabled',
  })
})
