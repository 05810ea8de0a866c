/** Everything that was handed over and is no part of the work. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../../../sim/cluster.ts'
import { compileStateAssertion } from '../../../sim/scenario/checks/assertion.ts'
import { snapshotNow } from '../../../sim/scenario/checks/history.ts'
import { snapshotOf, type Written } from './snapshot.ts'

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

function afterLines(lines: readonly string[], but: string[] = [], lookOnly = false, adds: string[] = []) {
  const cluster = createCluster({ seed: 'by', shape: { nodes: [{ name: 'node-1' }, { name: 'node-2' }] } })
  cluster.execute({ op: 'apply', manifest })
  cluster.execute({ op: 'kubectl', line: 'kubectl delete configmap going --wait=false' })
  // Until all is there, what controllers make comes anew.
  if (lookOnly) cluster.advance(60_000)
  const assertion = compileStateAssertion({ bystanders: { but, lookOnly, adds } })!
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
  ['a Pod of its own labels', ['run other --image=nginx:1.27', 'create deployment another --image=nginx:1.27']],
  ['a Pod that was deleted and made again', ['delete pod client', 'run client --image=nginx:1.27 --labels=app=client']],
]
for (const [what, lines] of harmless)
  test(`is no harm: ${what}`, () => assert.equal(afterLines(lines), 'as handed over'))

test('what a Service or an autoscaler takes for the Pods of a workload counts also where that workload is the work, and not where it is asked for, in its place, or like it by labels alone', () => {
  const but = ['Deployment/web', 'Service/web', 'HorizontalPodAutoscaler/web']
  const told = (lines: readonly string[], adds: string[] = []) => afterLines(lines, but, false, adds)
  const more = [
    'create deployment web-two --image=nginx:1.27',
    `patch deployment web-two -p '{"spec":{"template":{"metadata":{"labels":{"tier":"front"}}}}}'`,
  ]
  const behind = [...more, `patch service web -p '{"spec":{"selector":{"app":null,"tier":"front"}}}'`]
  const both = [`patch deployment web -p '{"spec":{"template":{"metadata":{"labels":{"tier":"front"}}}}}'`]
  assert.equal(told(['run more --image=nginx:1.27 --labels=app=web']), 'Pod/more was added, which acts on Service/web')
  assert.equal(told(more), 'as handed over')
  // The Service leads elsewhere; the autoscaler goes by the selector of what it scales.
  assert.equal(
    told([
      'run more --image=nginx:1.27 --labels=app=web',
      `patch service web -p '{"spec":{"selector":{"app":"elsewhere"}}}'`,
    ]),
    'Pod/more was added, which acts on Deployment/web',
  )
  assert.equal(
    told([
      'run more --image=nginx:1.27 --labels=app=web',
      `patch service web -p '{"spec":{"selector":{"app":"elsewhere"}}}'`,
      'delete hpa web',
    ]),
    'as handed over',
  )
  assert.equal(told(behind), 'as handed over')
  assert.equal(told([...behind, ...both]), 'Deployment/web-two was added, which acts on Service/web')
  assert.equal(told([...behind, ...both], ['Deployment/web-two']), 'as handed over')
  assert.equal(told([...behind, 'delete deployment web']), 'as handed over')
  assert.equal(told(['run more --image=busybox:1.36 --labels=app=web --restart=Never -- true']), 'as handed over')
})

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
  ['run more --image=nginx:1.27 --labels=app=web', 'Pod/more was added, which acts on Service/web'],
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
  ['annotate service web example.com/weight=0', 'Service/web was changed: annotations.example.com/weight'],
  [
    'create rolebinding more --role=any --serviceaccount=default:default',
    'RoleBinding/more was added, which acts on ServiceAccount/default',
  ],
  [
    'create clusterrolebinding more --clusterrole=view --user=bob',
    'ClusterRoleBinding/more was added, which acts on User/bob',
  ],
  [
    'create clusterrolebinding more --clusterrole=view --user=system:serviceaccount:default:default',
    'ClusterRoleBinding/more was added, which acts on User/system:serviceaccount:default:default',
  ],
  [
    'create clusterrolebinding more --clusterrole=view --group=system:serviceaccounts:default',
    'ClusterRoleBinding/more was added, which acts on Group/system:serviceaccounts:default',
  ],
]
for (const [line, told] of harm) test(`is harm: kubectl ${line}`, () => assert.equal(afterLines([line]), told))

test('rights of an account that came later are no harm, by either of its names', () => {
  const bind = 'create clusterrolebinding more --clusterrole=view'
  for (const subject of ['--serviceaccount=ops:new', '--user=system:serviceaccount:ops:new'])
    assert.equal(afterLines(['create serviceaccount new -n ops', `${bind} ${subject}`]), 'as handed over')
})

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

/** What is said after a Pod with that container has run for two minutes beside what was handed over. */
function besideContainer(container: object, others: readonly object[] = [], volumes: object[] = []): string {
  const cluster = createCluster({ seed: 'by', shape: { nodes: [{ name: 'node-1' }] } })
  const assertion = compileStateAssertion({ bystanders: {} })!
  assertion.evaluate(snapshotNow(cluster))
  const main = {
    name: 'main',
    image: 'busybox:1.36',
    command: ['sh', '-c', 'sleep 50; sleep 50; sleep 50'],
    ...container,
  }
  const spec = {
    restartPolicy: 'Never',
    shareProcessNamespace: others.length > 0,
    volumes,
    containers: [main, ...others],
  }
  const { exit, stderr } = cluster.execute({
    op: 'apply',
    manifest: JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'own' }, spec }),
  })
  assert.equal(exit, 0, stderr)
  cluster.advance(120_000)
  return assertion.evaluate(snapshotNow(cluster)).actual
}

const inShell = (text: string) => ({ exec: { command: ['sh', '-c', text] } })
const otherSleep = 'container main of Pod/own ran another sleep than its image has'
const signalled = 'in container main of Pod/own SIGTERM was sent to sleep, which its command had started'
const disturbed: [what: string, container: object, told: string, others?: object[]][] = [
  [
    'a hook after the start that replaces a program',
    { lifecycle: { postStart: inShell('rm /bin/sleep; cp /bin/true /bin/sleep; sleep 1; pkill sleep') } },
    otherSleep,
  ],
  ['one that removes it', { lifecycle: { postStart: inShell('rm /bin/sleep; killall sleep') } }, otherSleep],
  [
    'one that ends what the command waits for',
    { lifecycle: { postStart: inShell('sleep 1; pkill sleep') } },
    signalled,
  ],
  ['a probe that does so', { livenessProbe: inShell('pkill sleep; true') }, signalled],
  [
    'another container that does so',
    {},
    signalled,
    [
      {
        name: 'side',
        image: 'busybox:1.36',
        command: ['sh', '-c', 'while true; do read -t 10 x; killall sleep; done'],
      },
    ],
  ],
  ['a program of its own before that of the image', { env: [{ name: 'PATH', value: '/own:/bin' }] }, otherSleep],
]
for (const [what, container, told, others] of disturbed)
  test(`what a container runs is what its image and its command say, which is disturbed by ${what}`, () => {
    const own = { name: 'own', emptyDir: {} }
    const makes = { name: 'own', mountPath: '/own' }
    const isOwn = 'env' in container
    const init = isOwn ? { volumeMounts: [makes] } : {}
    const first = inShell('printf "exit 0" > /own/sleep; chmod +x /own/sleep; killall sleep; true')
    const given = isOwn ? { ...container, ...init, lifecycle: { postStart: first } } : container
    assert.ok(
      besideContainer(given, others, isOwn ? [own] : []).includes(told),
      besideContainer(given, others, isOwn ? [own] : []),
    )
  })

const undisturbed: [what: string, container: object][] = [
  ['by itself', {}],
  ['what it ends itself', { command: ['sh', '-c', 'sleep 100 & kill $!; sleep 20; timeout 5 sleep 10; sleep 90'] }],
  [
    'hooks and probes that only look',
    { livenessProbe: inShell('pgrep sleep'), lifecycle: { postStart: inShell('sleep 1; ls /bin') } },
  ],
  ['what a hook starts and ends itself', { lifecycle: { postStart: inShell('sleep 90 & kill $!') } }],
  [
    'a signal that its first process handles',
    {
      command: ['sh', '-c', 'trap "exit 0" TERM; while true; do sleep 1; done'],
      lifecycle: { postStart: inShell('sleep 2; kill 1') },
    },
  ],
  [
    'a program that the image does not have',
    { command: ['sh', '-c', 'printf "echo hello" > /bin/greet; chmod +x /bin/greet; greet; sleep 90'] },
  ],
  [
    'a program of that name called by its own path',
    { command: ['sh', '-c', 'mkdir /w; printf "echo hello" > /w/date; chmod +x /w/date; /w/date; sleep 90'] },
  ],
  [
    'a hook before its end',
    { command: ['sh', '-c', 'trap : TERM; sleep 600 & wait'], lifecycle: { preStop: inShell('killall sleep') } },
  ],
]
for (const [what, container] of undisturbed)
  test(`what a container runs is what its image and its command say, which is not disturbed by ${what}`, () =>
    assert.equal(besideContainer(container), 'as handed over'))

/** Takes half a minute to hand over what it has. */
const handsOver = ['sh', '-c', 'trap "sleep 30; exit 0" TERM; sleep 600 & while true; do wait; done']

/** What is said after a Pod with that hook before its end has been deleted, or a line has run on its node. */
function besideEnd(command: string | undefined, line?: string): string {
  const cluster = createCluster({ seed: 'end', shape: { nodes: [{ name: 'node-1' }] } })
  const assertion = compileStateAssertion({ bystanders: {} })!
  assertion.evaluate(snapshotNow(cluster))
  const lifecycle = command === undefined ? {} : { preStop: inShell(command) }
  const main = { name: 'main', image: 'busybox:1.36', command: handsOver, lifecycle }
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'own' }, spec: { containers: [main] } }
  cluster.execute({ op: 'apply', manifest: JSON.stringify(pod) })
  cluster.advance(10_000)
  cluster.execute(
    line === undefined
      ? { op: 'kubectl', line: 'kubectl delete pod own --wait=false' }
      : { op: 'node', node: 'node-1', line },
  )
  cluster.advance(60_000)
  return assertion.evaluate(snapshotNow(cluster)).actual
}

const cutShort = 'in container main of Pod/own SIGKILL was sent to sleep, which its command had started'
const ends: [what: string, hook: string | undefined, told: string, line?: string][] = [
  [
    'what is left of a hook ends what the command does after SIGTERM',
    '(sleep 5; pkill -9 -x sleep) & read -t 2 x',
    cutShort,
  ],
  ['a hook that sends SIGTERM itself does so', 'kill 1; read -t 2 x; pkill -9 -x sleep; read -t 9 x', cutShort],
  ['a hook ends what the command has started before SIGTERM', 'pkill -9 -x sleep; sleep 2', 'as handed over'],
  ['a hook passes the signal on, and waits', 'sleep 2; kill 1; while kill -0 1; do sleep 1; done', 'as handed over'],
  ['what is left of a hook ends itself', 'sleep 20 & (sleep 4; kill $!) & sleep 1', 'as handed over'],
  [
    'somebody on the node stops the command',
    undefined,
    'container main of Pod/own was stopped: its command sh got SIGSTOP',
    'pkill -STOP -x sh; sleep 5; pkill -CONT -x sh',
  ],
  ['somebody on the node asks it to end', undefined, 'as handed over', 'pkill -TERM -x sh'],
]
for (const [what, hook, told, line] of ends)
  test(`what a container does before it ends is its command's own: ${what}`, () =>
    assert.equal(besideEnd(hook, line), told))

test('who looks into a Pod with kubectl debug, or runs a line in it, may end what runs there', () => {
  const cluster = createCluster({ seed: 'by', shape: { nodes: [{ name: 'node-1' }] } })
  const assertion = compileStateAssertion({ bystanders: {} })!
  const own = { name: 'main', image: 'busybox:1.36', command: ['sh', '-c', 'while true; do sleep 50; done'] }
  const spec = { containers: [own] }
  cluster.execute({
    op: 'apply',
    manifest: JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'own' }, spec }),
  })
  cluster.advance(10_000)
  assertion.evaluate(snapshotNow(cluster))
  for (const line of [
    'exec own -- pkill sleep',
    'debug own --image=busybox:1.36 --target=main -c look -- sh -c "sleep 5; kill $(pgrep sleep | head -1)"',
  ]) {
    assert.equal(cluster.execute({ op: 'kubectl', line: `kubectl ${line}` }).exit, 0)
    cluster.advance(20_000)
  }
  assert.equal(assertion.evaluate(snapshotNow(cluster)).actual, 'as handed over')
  assert.equal(cluster.execute({ op: 'kubectl', line: 'kubectl exec own -- pkill -STOP sleep' }).exit, 0)
  assert.equal(
    assertion.evaluate(snapshotNow(cluster)).actual,
    'container main of Pod/own was stopped: its command sleep got SIGSTOP',
  )
})

test('addresses of a Service by hand, and an Ingress for a host of another, act on what was handed over', () => {
  const ingress = (name: string, host: string) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name },
    spec: {
      rules: [
        {
          host,
          http: {
            paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }],
          },
        },
      ],
    },
  })
  const slice = (name: string, labels: object) => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, labels },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.9.9.9'] }],
    ports: [],
  })
  const after = (object: object): string => {
    const cluster = createCluster({ seed: 'by', shape: { nodes: [{ name: 'node-1' }] } })
    cluster.execute({
      op: 'apply',
      manifest: `${manifest}---\n${JSON.stringify(ingress('front', 'shop.example.com'))}`,
    })
    cluster.advance(30_000)
    const assertion = compileStateAssertion({ bystanders: {} })!
    assertion.evaluate(snapshotNow(cluster))
    assert.equal(cluster.execute({ op: 'apply', manifest: JSON.stringify(object) }).exit, 0)
    cluster.advance(30_000)
    return assertion.evaluate(snapshotNow(cluster)).actual
  }
  assert.equal(
    after(slice('web-more', { 'kubernetes.io/service-name': 'web' })),
    'EndpointSlice/web-more was added, which acts on Service/web',
  )
  assert.equal(after(slice('other', { 'kubernetes.io/service-name': 'other' })), 'as handed over')
  assert.equal(
    after(ingress('mine', 'shop.example.com')),
    'Ingress/mine was added, which acts on requests to shop.example.com',
  )
  assert.equal(after(ingress('mine', 'other.example.com')), 'as handed over')
})

/** What is said when one object, or what there is of it, becomes another. */
function changed(before: Written | Written[], now: Written | Written[] = []) {
  const assertion = compileStateAssertion({ bystanders: {} })!
  assertion.evaluate(snapshotOf(...[before].flat()))
  const { holds, actual } = assertion.evaluate(snapshotOf(...[now].flat()))
  assert.equal(holds, actual === 'as handed over')
  return actual
}
const one = (kind: string, rest: object = {}, metadata: object = {}): Written => ({
  kind,
  metadata: { name: 'a', ...metadata },
  ...rest,
})
const template = (image: string, annotations: object, app = 'a') => ({
  selector: {},
  template: { metadata: { labels: { app }, annotations }, spec: { containers: [{ image }] } },
})

for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'])
  test(`of the template of a ${kind}, a restart is nobody’s decision, and all else is`, () => {
    const note = { note: 'x' }
    const was = one(kind, { spec: template('nginx:1.27', note) })
    const restarted = { ...note, 'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00Z' }
    assert.equal(changed(was, one(kind, { spec: template('nginx:1.27', restarted) })), 'as handed over')
    assert.equal(
      changed(was, one(kind, { spec: template('nginx:1.27', { note: 'y' }) })),
      `${kind}/a was changed: template.annotations.note`,
    )
    assert.equal(
      changed(was, one(kind, { spec: template('nginx:1.28', note) })),
      `${kind}/a was changed: template.spec.containers.0.image`,
    )
    assert.equal(
      changed(was, one(kind, { spec: template('nginx:1.27', note, 'b') })),
      `${kind}/a was changed: template.labels.app`,
    )
  })

const ownLife = [
  ...['Job', 'Event', 'Lease', 'Endpoints', 'EndpointSlice', 'CSINode', 'ControllerRevision', 'VolumeAttachment'],
  ...['IPAddress', 'CertificateSigningRequest'],
]
for (const kind of ownLife)
  test(`comes and goes by itself: ${kind}`, () => assert.equal(changed(one(kind)), 'as handed over'))

const service = (spec: object) => one('Service', { spec: { ports: [{ port: 80 }], ...spec } })
const node = (spec: object) => one('Node', { spec })
const pod = (container: object, rest: object = {}) =>
  one('Pod', { spec: { containers: [{ name: 'main', image: 'nginx:1.27', ...container }], ...rest } })
const turns: [what: string, before: Written, now: Written, told: string][] = [
  [
    'a Service that gets another address',
    service({ clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7'] }),
    service({ clusterIP: '10.96.0.8', clusterIPs: ['10.96.0.8'] }),
    'as handed over',
  ],
  [
    'a Service that has no address any more',
    service({ clusterIP: '10.96.0.7' }),
    service({ clusterIP: 'None' }),
    'Service/a was changed: isHeadless',
  ],
  [
    'what the cluster says of a node by a taint',
    node({}),
    node({ taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }] }),
    'as handed over',
  ],
  [
    'a taint below the cluster’s domain that no component sets',
    node({}),
    node({ taints: [{ key: 'node.kubernetes.io/not-today', effect: 'NoSchedule' }] }),
    'Node/a was changed: taints.0.effect',
  ],
  [
    'one that no component sets with this effect',
    node({}),
    node({ taints: [{ key: 'node.kubernetes.io/memory-pressure', effect: 'NoExecute' }] }),
    'Node/a was changed: taints.0.effect',
  ],
  [
    'a taint that is called nearly so',
    node({}),
    node({ taints: [{ key: 'team/node.kubernetes.io/', effect: 'NoExecute' }] }),
    'Node/a was changed: taints.0.effect',
  ],
  ['a node that says that it is in use', node({}), node({ unschedulable: false, taints: [] }), 'as handed over'],
  ['a Pod on another node', pod({}, { nodeName: 'node-1' }), pod({}, { nodeName: 'node-2' }), 'as handed over'],
  ['the command of a Pod', pod({ command: ['a'] }), pod({ command: ['b'] }), 'Pod/a was changed: 0.command.0'],
  ['the arguments of a Pod', pod({}), pod({ args: ['b'] }), 'Pod/a was changed: 0.args.0'],
  [
    'how long a Pod may run',
    pod({}),
    pod({}, { activeDeadlineSeconds: 60 }),
    'Pod/a was changed: 1.activeDeadlineSeconds',
  ],
  ['the name of a container', pod({}), pod({ name: 'other' }), 'Pod/a was changed: 0.name'],
  [
    'a volume that gets another claim',
    one('PersistentVolume', { spec: { capacity: { storage: '1Gi' }, claimRef: { name: 'x' } } }),
    one('PersistentVolume', { spec: { capacity: { storage: '1Gi' } } }),
    'as handed over',
  ],
  [
    'a volume that grows',
    one('PersistentVolume', { spec: { capacity: { storage: '1Gi' } } }),
    one('PersistentVolume', { spec: { capacity: { storage: '2Gi' } } }),
    'PersistentVolume/a was changed: capacity.storage',
  ],
  [
    'a claim that asks for more',
    one('PersistentVolumeClaim', { spec: { resources: { requests: { storage: '1Gi' } } } }),
    one('PersistentVolumeClaim', { spec: { resources: { requests: { storage: '2Gi' } } } }),
    'PersistentVolumeClaim/a was changed: requests.storage',
  ],
  ['the status of anything', one('ConfigMap', { status: { x: 1 } }), one('ConfigMap', { status: 2 }), 'as handed over'],
  [
    'two fields in another order, in a list as well',
    one('ConfigMap', { data: { x: [{ a: 1, b: 2 }], y: 1 } }),
    one('ConfigMap', { data: { y: 1, x: [{ b: 2, a: 1 }] } }),
    'as handed over',
  ],
  [
    'two items in another order',
    one('ConfigMap', { data: { x: [1, 2] } }),
    one('ConfigMap', { data: { x: [2, 1] } }),
    'ConfigMap/a was changed: data.x.0',
  ],
  [
    'an empty field more',
    one('NetworkPolicy', { spec: { ingress: [] } }),
    one('NetworkPolicy', { spec: { ingress: [{}] } }),
    'NetworkPolicy/a was changed: an empty field',
  ],
]
for (const [what, before, now, told] of turns)
  test(`as it was, or not: ${what}`, () => assert.equal(changed(before, now), told))

const kept: [what: string, object: Written][] = [
  ['with an owner', one('ConfigMap', {}, { ownerReferences: [{ name: 'b' }] })],
  ['of the API server', one('Service', { spec: {} }, { name: 'kubernetes', namespace: 'default' })],
  ['of certificates', one('ConfigMap', {}, { name: 'kube-root-ca.crt' })],
  ['on its way out', one('ConfigMap', {}, { deletionTimestamp: 'x' })],
]
for (const [what, object] of kept)
  test(`the cluster keeps by itself what is ${what}`, () => assert.equal(changed(object), 'as handed over'))

test('one that only looks like it is none of the cluster’s', () => {
  assert.equal(changed(one('ConfigMap', {}, { ownerReferences: [] })), 'ConfigMap/a was deleted')
  assert.equal(changed(one('Service', { spec: {} }, { name: 'kubernetes' })), 'Service/kubernetes was deleted')
  assert.equal(changed(one('Service', { spec: {} }, { namespace: 'default' })), 'default/Service/a was deleted')
})

test('one that is being deleted is told as deleted', () => {
  const going = one('ConfigMap', {}, { deletionTimestamp: 'x' })
  assert.equal(changed(one('ConfigMap'), going), 'ConfigMap/a was deleted')
})

test('only the number of replicas of what is scaled is the autoscaler’s, of that kind and name', () => {
  const deployment = (replicas: number, image = 'x') =>
    one('Deployment', { spec: { replicas, ...template(image, {}) } })
  const scaler = (kind: string, name = 'a') =>
    one('HorizontalPodAutoscaler', { spec: { scaleTargetRef: { kind, name } } })
  const told = (by: Written, now: Written) => changed([by, deployment(1)], [by, now])
  assert.equal(told(scaler('Deployment'), deployment(3)), 'as handed over')
  assert.equal(
    told(scaler('Deployment'), deployment(3, 'y')),
    'Deployment/a was changed: template.spec.containers.0.image',
  )
  assert.equal(told(scaler('StatefulSet'), deployment(3)), 'Deployment/a was changed: replicas')
  assert.equal(told(scaler('Deployment', 'b'), deployment(3)), 'Deployment/a was changed: replicas')
})

test('what a pattern means is the whole of a name, and no letter of it is anything but itself', () => {
  const told = (but: string[], name: string) => {
    const assertion = compileStateAssertion({ bystanders: { but } })!
    assertion.evaluate(snapshotOf(one('ConfigMap', {}, { name })))
    return assertion.evaluate(snapshotOf()).holds
  }
  assert.equal(told(['ConfigMap/a.b'], 'a.b'), true)
  assert.equal(told(['ConfigMap/a.b'], 'axb'), false)
  assert.equal(told(['ConfigMap/a'], 'ab'), false)
  assert.equal(told(['ConfigMap/b'], 'ab'), false)
  assert.equal(told(['ConfigMap/a-*'], 'a-1'), true)
  assert.equal(told(['*/a'], 'a'), true)
  assert.equal(told(['Secret/a', 'ConfigMap/a'], 'a'), true)
  for (const but of ['ConfigMap', 'configmap/a', 'x/y/ConfigMap/a', 'ConfigMap/', '/ConfigMap/a'])
    assert.throws(() => compileStateAssertion({ bystanders: { but: [but] } }), {
      message: `what may change is KIND/NAME or NAMESPACE/KIND/NAME, with * for any; not: ${but}`,
    })
})

const looks: [what: string, lines: string[]][] = [
  ['time, controllers and an autoscaler', []],
  ['a Pod that is gone again', ['run look --image=nginx:1.27', 'delete pod look']],
  ['what may come', ['create configmap more']],
  ['one that is on its way out', ['run look --image=nginx:1.27', 'delete pod look --wait=false']],
]
for (const [what, lines] of looks)
  test(`whoever may only look leaves all as it was: ${what}`, () =>
    assert.equal(afterLines(lines, ['ConfigMap/*'], true), 'as handed over'))

const more: [line: string, told: RegExp][] = [
  ['label pod -l app=web seen=yes', /^Pod\/web-\S+ was changed: labels\.seen$/],
  ['delete pod -l app=web', /^Pod\/web-\S+ was deleted$/],
  ['label node node-1 place=c', /^Node\/node-1 was changed: labels\.place$/],
  ['annotate service web kubernetes.io/change-cause=seen', /^Service\/web was changed: annotations\.kubernetes\.io/],
  ['annotate deployment web deployment.kubernetes.io/note=seen', /^Deployment\/web was changed: annotations\.deploy/],
  ['create configmap more -n ops', /^ops\/ConfigMap\/more was added$/],
  ['run look --image=nginx:1.27', /^Pod\/look was added$/],
  ['create job once --image=busybox:1.36 -- true', /^Pod\/once-\S+ was added; Job\/once was added$/],
]
for (const [line, told] of more)
  test(`whoever may only look loses by kubectl ${line}`, () => assert.match(afterLines([line], [], true), told))

/** What a look says of the cluster after each of the lines, ten seconds apart. */
function looking(lines: readonly string[], text = manifest): string[] {
  const cluster = createCluster({ seed: 'by', shape: { nodes: [{ name: 'node-1' }, { name: 'node-2' }] } })
  cluster.execute({ op: 'apply', manifest: text })
  cluster.advance(60_000)
  const assertion = compileStateAssertion({ bystanders: { lookOnly: true } })!
  assertion.evaluate(snapshotNow(cluster))
  return lines.map((line) => {
    cluster.execute({ op: 'kubectl', line: `kubectl ${line}` })
    cluster.advance(10_000)
    return assertion.evaluate(snapshotNow(cluster)).actual
  })
}

test('whoever may only look leaves the events; those that expire are nobody’s', () => {
  assert.match(looking(['delete events --all']).at(-1)!, /^Event\/\S+ was deleted$/)
  const cluster = createCluster({ seed: 'by', shape: { nodes: [{ name: 'node-1' }] } })
  cluster.execute({ op: 'apply', manifest })
  cluster.advance(60_000)
  const assertion = compileStateAssertion({ bystanders: { lookOnly: true } })!
  assertion.evaluate(snapshotNow(cluster))
  cluster.advance(3_700_000)
  assert.equal(assertion.evaluate(snapshotNow(cluster)).actual, 'as handed over')
})

const undone: [what: string, lines: string[], told: string][] = [
  [
    'a node that is cordoned and used again',
    ['cordon node-1', 'uncordon node-1'],
    'Node/node-1 was changed: unschedulable',
  ],
  [
    'a label that is taken off again',
    ['label service web seen=yes', 'label service web seen-'],
    'Service/web was changed: labels.seen',
  ],
  [
    'an object that is made again',
    [
      'delete configmap settings -n ops',
      'create configmap settings -n ops --from-literal=colour=blue --from-literal=shape=round',
    ],
    'ops/ConfigMap/settings was deleted',
  ],
]
for (const [what, lines, told] of undone)
  test(`whoever may only look loses by what is undone: ${what}`, () => assert.equal(looking(lines).at(-1), told))

test('whoever may only look loses by a label of a Pod that is taken off again, and by one that comes again under its name', () => {
  const text = manifest.slice(0, manifest.indexOf('---\napiVersion: autoscaling'))
  const lines = ['label pod -l app=web seen=yes', 'label pod -l app=web seen-']
  assert.match(looking(lines, text).at(-1)!, /^Pod\/web-\S+ was changed: labels\.seen$/)
  const again = ['delete pod client', 'run client --image=nginx:1.27 --labels=app=client']
  assert.match(looking(again, text).at(-1)!, /^Pod\/client was (?:deleted|made anew)$/)
})

test('whoever may only look leaves no container for debugging in a Pod; elsewhere it is a way to look', () => {
  const line = 'debug client --image=busybox:1.36 -c look -- sleep 900'
  assert.equal(looking([line]).at(-1), 'Pod/client was changed: debuggers.0')
  assert.equal(afterLines([line]), 'as handed over')
})

test('whoever may only look leaves nothing of the kinds that come and go by themselves', () => {
  const before = [one('Lease', {}, { namespace: 'shop' }), one('Job', {}, { name: 'old' })]
  const told = (...now: Written[]) => {
    const assertion = compileStateAssertion({ bystanders: { lookOnly: true, but: ['Job/mine'] } })!
    assertion.evaluate(snapshotOf(...before))
    return assertion.evaluate(snapshotOf(...before, ...now)).actual
  }
  const owner = { ownerReferences: [{ kind: 'CronJob', name: 'night' }] }
  for (const kind of ['Job', 'Lease', 'EndpointSlice'])
    assert.equal(told(one(kind, {}, { name: 'left' })), `${kind}/left was added`)
  assert.equal(told(one('Job', {}, { name: 'left', namespace: 'ops' })), 'ops/Job/left was added')
  assert.equal(
    told(
      one('Job', {}, { name: 'mine' }),
      one('Job', {}, { name: 'run', ...owner }),
      one('Node'),
      one('Lease', {}, { namespace: 'kube-node-lease' }),
      one('Lease', {}, { namespace: 'kube-system', name: 'kube-scheduler' }),
      one('Service', { spec: { selector: { app: 'a' } } }, { name: 'selects' }),
      one('Endpoints', {}, { name: 'selects' }),
      one('CertificateSigningRequest', { spec: { username: 'system:node:node-1' } }),
      one('VolumeAttachment', {}, { name: `csi-${'0f'.repeat(32)}` }),
      one('IPAddress', {}, { labels: { 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' } }),
      one('Event', {}, { name: 'heard' }),
    ).replace(/^Node\/a was added; Service\/selects was added$/, 'as handed over'),
    'as handed over',
  )
  assert.equal(told(), 'as handed over')
})

test('whoever may only look leaves no Event; those of the cluster come all the time', () => {
  const cluster = createCluster({ seed: 'by', shape: { nodes: [{ name: 'node-1' }] } })
  cluster.advance(10_000)
  const assertion = compileStateAssertion({
    bystanders: { lookOnly: true, but: ['Pod/*', 'Deployment/*', 'ReplicaSet/*'] },
  })!
  assertion.evaluate(snapshotNow(cluster))
  cluster.execute({ op: 'kubectl', line: 'kubectl create deployment other --image=nginx:1.27' })
  cluster.advance(30_000)
  assert.ok(cluster.objects('events').length > 4, 'the cluster tells of the Pod')
  assert.equal(assertion.evaluate(snapshotNow(cluster)).actual, 'as handed over')
  const involved = '{ apiVersion: v1, kind: Pod, name: other, namespace: default }'
  const text = `apiVersion: v1\nkind: Event\nmetadata: { name: seen }\ninvolvedObject: ${involved}\nreason: Seen\nmessage: a\ntype: Normal\n`
  cluster.execute({ op: 'apply', manifest: text })
  assert.equal(assertion.evaluate(snapshotNow(cluster)).actual, 'Event/seen was added')
  cluster.execute({ op: 'kubectl', line: 'kubectl delete event seen' })
  assert.equal(assertion.evaluate(snapshotNow(cluster)).actual, 'as handed over')
  // By another name, and as somebody else.
  const as = '--field-manager=kubelet --as=system:node:node-1 --as-group=system:nodes'
  const { stderr } = cluster.execute({ op: 'kubectl', line: `kubectl create ${as} -f -`, stdin: text })
  assert.equal(stderr, '')
  assert.equal(assertion.evaluate(snapshotNow(cluster)).actual, 'Event/seen was added')
})

test('whoever may only look annotates nothing of what comes and goes by itself', () => {
  const cluster = createCluster({ seed: 'by', shape: { nodes: [{ name: 'node-1' }] } })
  cluster.execute({ op: 'kubectl', line: 'kubectl create deployment web --image=nginx:1.27' })
  cluster.advance(60_000)
  const assertion = compileStateAssertion({ bystanders: { lookOnly: true } })!
  assertion.evaluate(snapshotNow(cluster))
  const event = cluster.objects('events')[0]!.metadata.name
  const { stderr } = cluster.execute({ op: 'kubectl', line: `kubectl annotate event ${event} note=seen` })
  assert.equal(stderr, '')
  cluster.advance(60_000)
  assert.equal(assertion.evaluate(snapshotNow(cluster)).actual, `Event/${event} was changed: annotations.note`)
})

test('whoever may only look labels no Lease, holds none, and lets none hold longer; whoever has it renews it', () => {
  const lease = (spec: object, metadata: object = {}) =>
    one('Lease', { spec }, { namespace: 'kube-system', name: 'kube-scheduler', uid: '1', ...metadata })
  const told = (now: Written) => {
    const assertion = compileStateAssertion({ bystanders: { lookOnly: true } })!
    assertion.evaluate(snapshotOf(lease({ holderIdentity: 'a', leaseDurationSeconds: 15, renewTime: '1' })))
    return assertion.evaluate(snapshotOf(now)).actual
  }
  const called = 'kube-system/Lease/kube-scheduler was changed:'
  const spec = { holderIdentity: 'b', leaseDurationSeconds: 15, renewTime: '2' }
  assert.equal(told(lease(spec)), 'as handed over')
  assert.equal(told(lease(spec, { labels: { seen: 'yes' } })), `${called} labels.seen`)
  assert.equal(told(lease(spec, { finalizers: ['example.com/held'] })), `${called} finalizers.0`)
  assert.equal(told(lease({ ...spec, leaseDurationSeconds: 3600 })), `${called} spec.leaseDurationSeconds`)
})

test('whoever may only look ends nothing in a container, from wherever; elsewhere that is a way to try it', () => {
  const text = `apiVersion: v1
kind: Pod
metadata: { name: own }
spec:
  containers:
    - { name: main, image: 'busybox:1.36', command: [sh, -c, "trap 'exit 3' TERM; while true; do sleep 20; done"] }
`
  const told = (line: string, lookOnly = true) => {
    const cluster = createCluster({ seed: 'by', shape: { nodes: [{ name: 'node-1' }] } })
    cluster.execute({ op: 'apply', manifest: text })
    cluster.advance(30_000)
    const assertion = compileStateAssertion({ bystanders: { lookOnly, but: ['Pod/own'] } })!
    assertion.evaluate(snapshotNow(cluster))
    const { exit, stderr } = line.startsWith('kubectl')
      ? cluster.execute({ op: 'kubectl', line })
      : cluster.execute({ op: 'node', node: 'node-1', line })
    assert.equal(exit, 0, stderr)
    cluster.advance(20_000)
    return assertion.evaluate(snapshotNow(cluster)).actual
  }
  const ended = 'somebody sent SIGTERM to sleep in container main of Pod/own'
  assert.equal(told('kubectl exec own -- pkill sleep'), ended)
  assert.equal(told('kubectl exec own -- pkill sleep', false), 'as handed over')
  assert.equal(told('kubectl exec own -- kill 1'), ended.replace('sleep', 'sh'))
  assert.equal(
    told('kubectl debug own --image=busybox:1.36 --target=main -c look -- sh -c "sleep 2; pkill sleep"'),
    ended,
  )
  assert.match(told('pkill -x sleep'), /somebody sent SIGTERM to sleep in container main of Pod\/own/)
  for (const line of [
    'kubectl exec own -- sh -c "sleep 5 & kill $!"',
    'kubectl exec own -- kill -0 1',
    'kubectl exec own -- ps',
  ])
    assert.equal(told(line), 'as handed over')
})

test('a note about a change is none where changes may be made, and one where they may not', () => {
  const line = 'annotate service web kubernetes.io/change-cause=applied'
  assert.equal(afterLines([line]), 'as handed over')
  assert.match(afterLines([line], [], true), /^Service\/web was changed/)
})

test('whoever may only look leaves none that looks like the cluster’s', () => {
  const told = (...now: Written[]) => {
    const assertion = compileStateAssertion({ bystanders: { lookOnly: true } })!
    assertion.evaluate(snapshotOf())
    return assertion.evaluate(snapshotOf(...now)).actual
  }
  for (const left of [
    one('Lease', {}, { namespace: 'kube-node-lease' }),
    one('Lease', {}, { namespace: 'kube-system' }),
    one('Endpoints'),
    one('CertificateSigningRequest', { spec: { username: 'kubernetes-admin' } }),
    one('VolumeAttachment'),
    one('IPAddress'),
    one('ControllerRevision'),
    one('CSINode'),
  ])
    assert.match(told(left), /^(?:[\w-]+\/)?\w+\/a was added$/)
})

test('where Pods have to stay, nodes are as ready as they were', () => {
  const node = (status: string) => one('Node', { spec: {}, status: { conditions: [{ type: 'Ready', status }] } })
  const told = (assertion: object, before: string, now: string) => {
    const compiled = compileStateAssertion({ bystanders: assertion })!
    compiled.evaluate(snapshotOf(node(before)))
    return compiled.evaluate(snapshotOf(node(now))).actual
  }
  assert.equal(told({ keepPods: true }, 'True', 'Unknown'), 'Node/a is not ready')
  assert.equal(told({ keepPods: true }, 'Unknown', 'Unknown'), 'as handed over')
  assert.equal(told({ keepPods: true, but: ['Node/a'] }, 'True', 'Unknown'), 'as handed over')
  assert.equal(told({}, 'True', 'Unknown'), 'as handed over')
})

test('whoever may only look leaves nodes as ready, and leases as they were', () => {
  const node = (status: string) => one('Node', { spec: {}, status: { conditions: [{ type: 'Ready', status }] } })
  const lease = (uid: string) => one('Lease', {}, { namespace: 'kube-system', name: 'kube-scheduler', uid })
  const told = (before: Written, ...now: Written[]) => {
    const assertion = compileStateAssertion({ bystanders: { lookOnly: true } })!
    assertion.evaluate(snapshotOf(before))
    return assertion.evaluate(snapshotOf(...now)).actual
  }
  assert.equal(told(node('True'), node('Unknown')), 'Node/a is not ready')
  assert.equal(told(node('False'), node('Unknown')), 'as handed over')
  assert.equal(told(lease('1'), lease('1')), 'as handed over')
  assert.equal(told(lease('1'), lease('2')), 'kube-system/Lease/kube-scheduler was deleted')
  assert.equal(told(lease('1')), 'kube-system/Lease/kube-scheduler was deleted')
})

test('whoever may only look deletes nothing of what controllers make anew, with what belongs to the work left out', () => {
  const text = manifest.slice(0, manifest.indexOf('---\napiVersion: autoscaling'))
  const told = (line: string, but: string[] = []) => {
    const cluster = createCluster({ seed: 'by', shape: { nodes: [{ name: 'node-1' }, { name: 'node-2' }] } })
    cluster.execute({ op: 'apply', manifest: text })
    cluster.execute({ op: 'kubectl', line: 'kubectl create service clusterip bare --clusterip=None -n ops' })
    cluster.advance(60_000)
    const assertion = compileStateAssertion({ bystanders: { lookOnly: true, but } })!
    assertion.evaluate(snapshotNow(cluster))
    const { exit, stderr } = cluster.execute({ op: 'kubectl', line: `kubectl ${line}` })
    assert.equal(exit, 0, stderr)
    cluster.advance(60_000)
    return assertion.evaluate(snapshotNow(cluster)).actual
  }
  assert.equal(told('get endpoints,endpointslices'), 'as handed over')
  assert.equal(told('delete endpoints web'), 'Endpoints/web was deleted')
  assert.equal(told('delete endpoints bare -n ops'), 'ops/Endpoints/bare was deleted')
  assert.match(told('delete endpointslices -l kubernetes.io/service-name=web'), /^EndpointSlice\/web-\w+ was deleted$/)
  assert.equal(told('delete endpoints web', ['Service/web']), 'as handed over')
  assert.equal(told('delete endpoints web', ['Endpoints/web']), 'as handed over')
  assert.equal(told('delete endpoints kubernetes'), 'as handed over')
})

test('slices and revisions of another owner, and slices that are merged, are nobody’s doing', () => {
  const of = (owner: string) => ({ ownerReferences: [{ kind: 'Service', name: 'web', uid: owner }] })
  const slice = (name: string, owner: string, port: number) =>
    one('EndpointSlice', { addressType: 'IPv4', ports: [{ port }] }, { name, uid: name, ...of(owner) })
  const told = (before: Written[], now: Written[]) => {
    const assertion = compileStateAssertion({ bystanders: { lookOnly: true } })!
    assertion.evaluate(snapshotOf(...before))
    return assertion.evaluate(snapshotOf(...now)).actual
  }
  assert.equal(told([slice('b', '1', 80)], [slice('c', '1', 80)]), 'EndpointSlice/b was deleted')
  assert.equal(told([slice('b', '1', 80)], [slice('c', '2', 80)]), 'as handed over')
  assert.equal(told([slice('b', '1', 80)], [slice('c', '1', 81)]), 'as handed over')
  assert.equal(told([slice('b', '1', 80), slice('c', '1', 80)], [slice('c', '1', 80)]), 'as handed over')
  assert.equal(told([one('EndpointSlice', {}, { name: 'by-hand' })], []), 'EndpointSlice/by-hand was deleted')
  const revision = (uid: string, owner: string) => one('ControllerRevision', {}, { uid, ...of(owner) })
  assert.equal(told([revision('1', 'a')], [revision('2', 'a')]), 'ControllerRevision/a was deleted')
  assert.equal(told([revision('1', 'a')], [revision('2', 'b')]), 'as handed over')
})

/** What is said of something new beside a running Pod, labelled `app: web`, of a Deployment of that name. */
function added(now: Written, adds: string[] = []): string {
  const ready = { conditions: [{ type: 'Ready', status: 'True' }] }
  const there = [
    one('Node', { spec: {}, status: ready }),
    one('Deployment', { spec: template('nginx:1.27', {}) }, { name: 'web' }),
    one(
      'Pod',
      { spec: { nodeName: 'a', containers: [] }, status: { phase: 'Running' } },
      { name: 'web-1', labels: { app: 'web' } },
    ),
  ]
  const assertion = compileStateAssertion({ bystanders: { adds } })!
  assertion.evaluate(snapshotOf(...there))
  return assertion.evaluate(snapshotOf(...there, now)).actual
}

const onOthers: [now: Written, told: string][] = [
  [one('NetworkPolicy', { spec: { podSelector: {} } }), 'NetworkPolicy/a was added, which acts on Pod/web-1'],
  [
    one('NetworkPolicy', { spec: { podSelector: { matchLabels: { app: 'web' } } } }),
    'NetworkPolicy/a was added, which acts on Pod/web-1',
  ],
  [
    one('PodDisruptionBudget', { spec: { selector: { matchLabels: { app: 'web' } } } }),
    'PodDisruptionBudget/a was added, which acts on Pod/web-1',
  ],
  [one('PriorityClass', { globalDefault: true }), 'PriorityClass/a was added, which acts on whatever names no other'],
  ...['StorageClass', 'IngressClass'].map((kind): [Written, string] => [
    one(kind, {}, { annotations: { [`${kind.toLowerCase()}.kubernetes.io/is-default-class`]: 'true' } }),
    `${kind}/a was added, which acts on whatever names no other`,
  ]),
  [one('ResourceQuota', { spec: {} }), 'ResourceQuota/a was added, which acts on every new Pod beside it'],
  [one('LimitRange', { spec: {} }), 'LimitRange/a was added, which acts on every new Pod beside it'],
  [
    one('HorizontalPodAutoscaler', { spec: { scaleTargetRef: { kind: 'Deployment', name: 'web' } } }),
    'HorizontalPodAutoscaler/a was added, which acts on Deployment/web',
  ],
  ...[
    'ValidatingAdmissionPolicyBinding',
    'MutatingAdmissionPolicyBinding',
    'ValidatingWebhookConfiguration',
    'MutatingWebhookConfiguration',
  ].map((kind): [Written, string] => [one(kind), `${kind}/a was added, which acts on requests of everybody`]),
]
for (const [now, told] of onOthers) {
  test(`is harm: a ${now.kind} that acts on others (${JSON.stringify(now.spec)})`, () => assert.equal(added(now), told))
  test(`is no harm where it is part of the work: a ${now.kind} (${JSON.stringify(now.spec)})`, () =>
    assert.equal(added(now, [`${now.kind}/*`]), 'as handed over'))
}

const onNobody: Written[] = [
  one('NetworkPolicy', { spec: { podSelector: { matchLabels: { app: 'mine' } } } }),
  one('NetworkPolicy', { spec: { podSelector: {} } }, { namespace: 'other' }),
  one('PodDisruptionBudget', { spec: { selector: { matchLabels: { app: 'mine' } } } }),
  one('PodDisruptionBudget', { spec: { maxUnavailable: 0 } }),
  one('PriorityClass', { value: 5 }),
  one('StorageClass', { provisioner: 'x' }),
  one('ResourceQuota', { spec: {} }, { namespace: 'other' }),
  one('HorizontalPodAutoscaler', { spec: { scaleTargetRef: { kind: 'Deployment', name: 'mine' } } }),
  one('HorizontalPodAutoscaler', { spec: { scaleTargetRef: { kind: 'StatefulSet', name: 'web' } } }),
  one('ValidatingAdmissionPolicy'),
]
for (const now of onNobody)
  test(`is no harm: a ${now.kind} of one’s own (${JSON.stringify([now.metadata.namespace, now.spec])})`, () =>
    assert.equal(added(now), 'as handed over'))

test('what a node runs from its files belongs to that node, and is no part of the work unless it is named', () => {
  const mirror = (image: string) =>
    one(
      'Pod',
      { spec: { containers: [{ name: 'main', image }] } },
      {
        name: 'scheduler-node-1',
        annotations: { 'kubernetes.io/config.mirror': 'a' },
        ownerReferences: [{ kind: 'Node', name: 'node-1', controller: true }],
      },
    )
  const told = (but: string[], ...now: Written[]) => {
    const assertion = compileStateAssertion({ bystanders: { but } })!
    assertion.evaluate(snapshotOf(mirror('nginx:1.26')))
    return assertion.evaluate(snapshotOf(...now)).actual
  }
  assert.equal(told([], mirror('nginx:1.26')), 'as handed over')
  assert.equal(told([], mirror('nginx:1.27')), 'Pod/scheduler-node-1 was changed: 0.image')
  assert.equal(told([]), 'Pod/scheduler-node-1 was deleted')
  assert.equal(told(['Pod/scheduler-*'], mirror('nginx:1.27')), 'as handed over')
})

test('whoever may only look loses nothing by what comes and goes, and leaves no annotation', () => {
  const looks = [
    'run look --image=nginx:1.27',
    'delete pod look',
    'annotate node node-1 node.alpha.kubernetes.io/ttl=5',
  ]
  assert.equal(looking(looks).at(-1), 'as handed over')
  assert.match(looking(['annotate service web note=1'])[0], /^Service\/web was changed: annotations\.note$/)
  assert.match(looking(['annotate node node-1 kubernetes.io/a=1'])[0], /^Node\/node-1 was changed/)
})

test('nothing is hidden by a label, a name or a domain of the cluster’s, or by being held', () => {
  const told = (...lines: string[]) => looking(lines).at(-1)!
  assert.equal(told('create configmap a', 'label configmap a kubernetes.io/bootstrapping=x'), 'ConfigMap/a was added')
  assert.equal(told('create secret generic kube-root-ca.crt'), 'Secret/kube-root-ca.crt was added')
  assert.equal(
    told('create clusterrolebinding kubernetes --clusterrole=view --user=a'),
    'ClusterRoleBinding/kubernetes was added',
  )
  const held = `patch configmap a --type=merge -p '{"metadata":{"finalizers":["example.com/mine"]}}'`
  assert.equal(told('create configmap a', held, 'delete configmap a --wait=false'), 'ConfigMap/a was added')
  assert.match(told(held.replace('configmap a', 'service web')), /^Service\/web was changed: finalizers/)
  const rule = '{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}'
  const wider = `patch clusterrole system:basic-user --type=json -p '[{"op":"add","path":"/rules/-","value":${rule}}]'`
  assert.match(told(wider), /^ClusterRole\/system:basic-user was changed/)
})

/** Two Pods of a Deployment, one of a StatefulSet, one by itself, one that ends again and again, a Job's and an autoscaler's. */
const working = `${['web', 'api', 'scaled']
  .map(
    (name) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  replicas: 2
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { terminationGracePeriodSeconds: 1, containers: [{ name: main, image: 'nginx:1.27', resources: { requests: { cpu: 10m } } }] }
---
`,
  )
  .join('')}apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db }
spec:
  serviceName: db
  selector: { matchLabels: { app: db } }
  template:
    metadata: { labels: { app: db } }
    spec: { terminationGracePeriodSeconds: 1, containers: [{ name: main, image: 'nginx:1.27' }] }
---
apiVersion: v1
kind: Pod
metadata: { name: client }
spec: { terminationGracePeriodSeconds: 1, containers: [{ name: shell, image: 'busybox:1.36', command: [sleep, '86400'], resources: { requests: { cpu: 10m } } }] }
---
apiVersion: v1
kind: Pod
metadata: { name: loop }
spec: { containers: [{ name: shell, image: 'busybox:1.36', command: ['false'] }] }
---
apiVersion: batch/v1
kind: Job
metadata: { name: once }
spec:
  ttlSecondsAfterFinished: 5
  template:
    spec: { restartPolicy: Never, containers: [{ name: main, image: 'busybox:1.36', command: [sleep, '60'] }] }
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: scaled }
spec: { scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: scaled }, minReplicas: 1, maxReplicas: 2 }
`

function keptAfter(lines: readonly string[], but: string[] = [], manifests: readonly string[] = []) {
  const cluster = createCluster({ seed: 'kept', shape: { nodes: [{ name: 'node-1' }, { name: 'node-2' }] } })
  cluster.execute({ op: 'apply', manifest: working })
  cluster.advance(30_000)
  const assertion = compileStateAssertion({ bystanders: { but, keepPods: true } })!
  assert.equal(assertion.evaluate(snapshotNow(cluster)).holds, true)
  for (const line of lines) {
    const { exit, stderr } = cluster.execute({ op: 'kubectl', line: `kubectl ${line}` })
    assert.equal(exit, 0, stderr)
    cluster.advance(10_000)
  }
  for (const manifest of manifests) cluster.execute({ op: 'apply', manifest })
  cluster.advance(60_000)
  return assertion.evaluate(snapshotNow(cluster)).actual
}

const asHandedOver: [what: string, lines: string[], but?: string[]][] = [
  ['time goes by, a Job ends and is removed, an autoscaler works', []],
  ['more Pods come, and go again before those that were there', ['create deployment more --image=nginx:1.27']],
  [
    'somebody looks from a Pod of his own',
    ['run look --image=busybox:1.36 --restart=Never -- true', 'delete pod look'],
  ],
  ['a Job’s Pod is deleted', ['delete pod -l job-name=once']],
  ['the Pods of what is scaled by an autoscaler are deleted', ['delete pod -l app=scaled']],
  ['the work itself gets other Pods', ['rollout restart deployment web'], ['Deployment/web']],
  ['Pods alone are excepted', ['delete pod -l app=web'], ['Pod/web-*']],
  ['a member of the work is made anew', ['delete pod db-0'], ['StatefulSet/db']],
  [
    'somebody comes in to look, and takes their own files away again',
    [
      `exec db-0 -- cat /usr/share/nginx/html/index.html`,
      `exec db-0 -- sh -c 'mkdir /tmp/a; echo x > /tmp/a/b; echo y >> /tmp/a/b; mv /tmp/a/b /tmp/a/c; rm -r /tmp/a'`,
      `exec db-0 -- sh -c 'ls / > /dev/null; echo out > /dev/stdout; mkdir -p /usr/share /tmp/d/e/f; rm -r /tmp/d'`,
      'exec db-0 -- touch /usr/share/nginx/html/index.html',
    ],
  ],
  ['the files of the work are changed', ['exec db-0 -- rm /usr/share/nginx/html/index.html'], ['StatefulSet/db']],
]
for (const [what, lines, but] of asHandedOver)
  test(`the Pods are those that were handed over, where ${what}`, () =>
    assert.equal(keptAfter(lines, but), 'as handed over'))

test('a controller that is made again takes its Pods back: they are the same', () => {
  const statefulSet = working.split('---\n').find((text) => text.includes('kind: StatefulSet'))!
  const deployment = working.split('---\n').find((text) => text.includes('name: web'))!
  const lines = ['delete statefulset db --cascade=orphan', 'delete deployment web --cascade=orphan']
  assert.equal(keptAfter(lines, [], [statefulSet, deployment]), 'as handed over')
})

const page = '/usr/share/nginx/html/index.html'
const changedFile = (path: string): RegExp =>
  new RegExp(`^somebody changed ${path.replaceAll('.', '\\.')} in container main of Pod/db-0$`)

const otherPods: [lines: string[], told: RegExp, but?: string[]][] = [
  [[`exec db-0 -- rm ${page}`], changedFile(page)],
  [[`exec db-0 -- sh -c 'echo closed > ${page}'`], changedFile(page)],
  [[`exec db-0 -- sh -c 'cd /usr/share/nginx; echo closed >> html/index.html'`], changedFile(page)],
  [[`exec db-0 -- mv ${page} /tmp/old`], changedFile(page)],
  [[`exec db-0 -- sh -c 'echo x > /tmp/new; mv /tmp/new ${page}'`], changedFile(page)],
  [[`exec db-0 -- chmod 000 ${page}`], changedFile(page)],
  [[`exec db-0 -- sh -c 'ln -s /usr/share/nginx/html /tmp/there; rm /tmp/there/index.html'`], changedFile(page)],
  [[`exec db-0 -- sh -c 'ln -s ${page} /tmp/page; echo x > /tmp/page'`], changedFile(page)],
  [['exec db-0 -- rm -r /usr/share/nginx/html'], changedFile('/usr/share/nginx/html')],
  [['delete pod --all'], /^Pod\/api-\S+ was deleted$/],
  [
    [
      `patch pod client --subresource=resize -p '{"spec":{"containers":[{"name":"shell","resources":{"requests":{"cpu":"20m"}}}]}}'`,
    ],
    /^Pod\/client was changed: resources/,
  ],
  [['exec db-0 -- kill 1'], /^Pod\/db-0 has a container that was restarted: main$/],
  [['delete pod -l app=web'], /^Pod\/web-\S+ was deleted$/],
  [['rollout restart deployment web'], /^Pod\/web-\S+ was deleted$/],
  [['rollout restart deployment'], /^Pod\/api-\S+ was deleted$/, ['Deployment/web']],
  [['delete pod db-0'], /^Pod\/db-0 was made anew$/],
  [['delete pod db-0'], /^Pod\/db-0 was made anew$/, ['Deployment/*']],
  [['delete pod loop', 'run loop --image=busybox:1.36 -- false'], /^Pod\/loop was made anew$/],
  [['delete pod client', 'run client --image=busybox:1.36 -- sleep 1d'], /^Pod\/client was made anew$/],
  [['label pod -l app=web app=mine --overwrite'], /^Pod\/web-\S+ was taken from ReplicaSet\/web-\S+$/],
  [['label pod -l app=web seen=yes'], /^Pod\/web-\S+ was changed: labels\.seen$/],
  [[`patch pod client -p '{"spec":{"activeDeadlineSeconds":1}}'`], /^Pod\/client was ended$/],
  [['drain node-1 --ignore-daemonsets --force', 'uncordon node-1'], /Pod\/\S+ was deleted/],
  [['scale deployment web --replicas=1', 'scale deployment web --replicas=2'], /^Pod\/web-\S+ was deleted$/],
  [
    ['delete statefulset db --cascade=orphan', 'label pod db-0 seen=yes'],
    /^Pod\/db-0 was taken from StatefulSet\/db; StatefulSet\/db was deleted$/,
  ],
]
for (const [lines, told, but] of otherPods)
  test(`is no keeping of Pods: kubectl ${lines.join(', ')}${but ? `, but ${but}` : ''}`, () =>
    assert.match(keptAfter(lines, but), told))

test('a Pod is kept that runs on a node which is ready, of a controller that is there', () => {
  const pod = (owner?: object, phase = 'Running'): Written => ({
    kind: 'Pod',
    metadata: { name: 'a', uid: 'x', ...(owner ? { ownerReferences: [{ controller: true, ...owner }] } : {}) },
    spec: { nodeName: 'node-1', containers: [] },
    status: { phase },
  })
  const machine = (status: string): Written => ({
    kind: 'Node',
    metadata: { name: 'node-1' },
    spec: {},
    status: { conditions: [{ type: 'Ready', status }] },
  })
  const told = (was: Written, isReady = 'True') => {
    const assertion = compileStateAssertion({ bystanders: { keepPods: true } })!
    assertion.evaluate(snapshotOf(machine(isReady), was))
    return assertion.evaluate(snapshotOf(machine(isReady))).actual
  }
  assert.equal(told(pod()), 'Pod/a was deleted')
  assert.equal(told(pod({ kind: 'ReplicaSet', name: 'gone', uid: 'y' })), 'as handed over')
  assert.equal(told(pod({ kind: 'Node', name: 'node-1', uid: 'y' })), 'as handed over')
  const owner = { kind: 'ReplicaSet', name: 'b', uid: 'y' }
  const replicaSet: Written = { kind: 'ReplicaSet', metadata: { name: 'b', uid: 'y' }, spec: template('x', {}) }
  const kept = (was: Written, isReady = 'True') => {
    const assertion = compileStateAssertion({ bystanders: { keepPods: true } })!
    assertion.evaluate(snapshotOf(machine(isReady), replicaSet, was))
    return assertion.evaluate(snapshotOf(machine(isReady), replicaSet)).actual
  }
  assert.equal(kept(pod(owner)), 'Pod/a was deleted')
  assert.equal(kept(pod(owner), 'Unknown'), 'as handed over')
  const ends = (restartPolicy: string): string => {
    const assertion = compileStateAssertion({ bystanders: { keepPods: true } })!
    const was = { ...pod(), spec: { nodeName: 'node-1', containers: [], restartPolicy } }
    assertion.evaluate(snapshotOf(machine('True'), was))
    return assertion.evaluate(snapshotOf(machine('True'), { ...was, status: { phase: 'Succeeded' } })).actual
  }
  assert.deepEqual(['Always', 'OnFailure', 'Never'].map(ends), ['Pod/a was ended', 'as handed over', 'as handed over'])
  for (const phase of ['Pending', 'Succeeded', 'Failed']) assert.equal(kept(pod(owner, phase)), 'as handed over')
})

test('a field may change alone, and nothing else of its object', () => {
  const volume = (capacity: string, mode: string, label = 'a'): Written => ({
    kind: 'PersistentVolume',
    metadata: { name: 'pvc-1', labels: { app: label } },
    spec: { capacity: { storage: capacity }, volumeMode: mode },
  })
  const told = (but: string[], now: Written | undefined) => {
    const assertion = compileStateAssertion({ bystanders: { but } })!
    assertion.evaluate(snapshotOf(volume('1Gi', 'Filesystem')))
    return assertion.evaluate(now ? snapshotOf(now) : snapshotOf()).actual
  }
  const capacity = ['PersistentVolume/pvc-* capacity']
  assert.equal(told(capacity, volume('2Gi', 'Filesystem')), 'as handed over')
  assert.equal(told(capacity, volume('2Gi', 'Block')), 'PersistentVolume/pvc-1 was changed: volumeMode')
  assert.equal(told(capacity, volume('1Gi', 'Filesystem', 'b')), 'PersistentVolume/pvc-1 was changed: labels.app')
  assert.equal(told(['PersistentVolume/* labels.app'], volume('1Gi', 'Filesystem', 'b')), 'as handed over')
  assert.equal(told(capacity, undefined), 'PersistentVolume/pvc-1 was deleted')
  assert.equal(told(['PersistentVolume/x capacity'], volume('2Gi', 'Filesystem')).includes('capacity.storage'), true)
  assert.throws(() => compileStateAssertion({ bystanders: { but: ['PersistentVolume/a '] } }), /what may change is/)
})

test('labels of nodes and namespaces count where they are asked for', () => {
  for (const kind of ['Node', 'Namespace'])
    for (const allLabels of [false, true]) {
      const assertion = compileStateAssertion({ bystanders: { allLabels } })!
      assertion.evaluate(snapshotOf(one(kind, { spec: {} }, { labels: { zone: 'a' } })))
      const { actual } = assertion.evaluate(snapshotOf(one(kind, { spec: {} }, { labels: { zone: 'b' } })))
      assert.equal(actual, allLabels ? `${kind}/a was changed: labels.zone` : 'as handed over')
    }
})

test('a Pod of a controller runs what its template says: whoever changes one in place is told, unless it is the work or as it was again', () => {
  const told = (lines: readonly string[], but: string[] = []) =>
    afterLines(lines, but)
      .split(';')[0]!
      .replace(/-[a-z0-9-]+ was/, '-x was')
  const other = 'set image pod -l app=web main=busybox:1.35'
  assert.equal(told([other]), 'Pod/web-x was changed in place: containers.main.image')
  assert.equal(told([other], ['Deployment/web']), 'Pod/web-x was changed in place: containers.main.image')
  assert.equal(told([other], ['Pod/web-*']), 'as handed over')
  assert.equal(told([other, 'set image pod -l app=web main=nginx:1.27']), 'as handed over')
  assert.equal(told([other, 'delete pod -l app=web']), 'as handed over')
  assert.equal(told(['label pod -l app=web seen=yes', 'annotate pod -l app=web note=1']), 'as handed over')
  // By its template it is the workload that is changed.
  assert.equal(told(['set image deployment/web main=nginx:1.28'], ['Deployment/web']), 'as handed over')
})
