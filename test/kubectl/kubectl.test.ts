import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster, type LiveCluster } from '../../sim/cluster.ts'

const start = (): LiveCluster =>
  createCluster({ seed: 'kubectl', shape: { nodes: [{ name: 'node-1', cpu: '2', memory: '4Gi' }], namespace: 'scn' } })

/** Runs lines one after the other; each must print what stands beside it. `advance 5s` lets time pass. */
function checkTranscript(steps: readonly [line: string, want: string, stdin?: string][]): void {
  const cluster = start()
  for (const [line, want, stdin] of steps) {
    const pause = /^advance (\d+)s$/.exec(line)
    if (pause) {
      cluster.advance(Number(pause[1]) * 1000)
      continue
    }
    const { exit, stdout, stderr } = cluster.execute({ op: 'kubectl', line: `kubectl ${line}`, stdin })
    const got = `${stdout}${stderr}${exit === 0 ? '' : `exit ${exit}\n`}`
    assert.equal(got, want, line)
  }
}

const configMap = (data: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n${data}`

const deployment = (image: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: nginx, image: '${image}'}]}
`

test('apply creates, changes and leaves alone, and removes what the manifest no longer has', () => {
  checkTranscript([
    ['apply -f -', 'configmap/c created\n', configMap('data: {a: "1", b: "2"}')],
    ['apply -f -', 'configmap/c unchanged\n', configMap('data: {a: "1", b: "2"}')],
    ['patch cm c --type=merge -p \'{"data":{"mine":"x"}}\'', 'configmap/c patched\n'],
    ['apply -f -', 'configmap/c configured\n', configMap('data: {a: "3"}')],
    ['get cm c -o jsonpath={.data}', '{"a":"3","mine":"x"}'],
    ['apply -f - --dry-run=server', 'configmap/c configured (server dry run)\n', configMap('data: {a: "4"}')],
    ['get cm c -o jsonpath={.data.a}', '3'],
    ['apply', 'error: must specify one of -f and -k\nexit 1\n'],
    ['apply -f nope.yaml', 'error: the path "nope.yaml" does not exist\nexit 1\n'],
    [
      'apply -f - -n other',
      'error: the namespace from the provided object "scn" does not match the namespace "other". You must pass \'--namespace=scn\' to perform this operation.\nexit 1\n',
      configMap('  namespace: scn'),
    ],
  ])
})

test('apply tells what is wrong with each object and handles the others', () => {
  const manifest = `apiVersion: v1\nkind: Nope\nmetadata: {name: x}\n---\n${configMap('data: {a: "1"}')}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: d}\ndatas: {}\n`
  checkTranscript([
    [
      'apply -f -',
      'configmap/c created\n' +
        'resource mapping not found for name: "x" namespace: "" from "STDIN": no matches for kind "Nope" in version "v1"\nensure CRDs are installed first\n' +
        'Error from server (BadRequest): error when creating "STDIN": ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "datas"\nexit 1\n',
      manifest,
    ],
  ])
})

test('labels that YAML reads as something else than text are refused before the server is asked', () => {
  checkTranscript([
    [
      'apply -f -',
      'error: unable to decode "STDIN": json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.labels of type string\nexit 1\n',
      configMap('  labels: {a: yes}'),
    ],
    [
      'create -f -',
      'error: unable to decode "STDIN": json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string\nexit 1\n',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 1.1}',
    ],
  ])
})

test('server-side apply refuses a field of another manager unless it is forced', () => {
  const cluster = start()
  const apply = (data: string, args: string) =>
    cluster.execute({ op: 'kubectl', line: `kubectl apply -f - --server-side ${args}`, stdin: configMap(data) })
  assert.equal(apply('data: {a: "1"}', '--field-manager=one').stdout, 'configmap/c serverside-applied\n')
  const refused = apply('data: {a: "2"}', '--field-manager=two')
  assert.equal(refused.exit, 1)
  assert.match(
    refused.stderr,
    /^error: Apply failed with 1 conflict: conflict with "one": \.data\.a\nPlease review the fields above/,
  )
  assert.equal(apply('data: {a: "2"}', '--field-manager=two --force-conflicts').exit, 0)
})

test('get shows tables, several types with theirs in front, and nothing politely', () => {
  checkTranscript([
    ['get pods', 'No resources found in scn namespace.\n'],
    ['get pods -A', 'No resources found\n'],
    ['get pod x', 'Error from server (NotFound): pods "x" not found\nexit 1\n'],
    ['get pod x --ignore-not-found', ''],
    ['get foo', 'error: the server doesn\'t have a resource type "foo"\nexit 1\n'],
    ['create cm a --from-literal=k=v', 'configmap/a created\n'],
    ['label cm a tier=front', 'configmap/a labeled\n'],
    ['advance 5s', ''],
    ['get cm a,b', 'Error from server (NotFound): configmaps "a,b" not found\nexit 1\n'],
    ['get cm a -L tier --show-labels', 'NAME   DATA   AGE   TIER    LABELS\na      1      5s    front   tier=front\n'],
    ['get cm -l tier=front --no-headers', 'a     1     5s\n'],
    ['get cm,sa -l tier', 'NAME          DATA   AGE\nconfigmap/a   1      5s\n'],
    ['get cm/a -o name', 'configmap/a\n'],
    ['get cm a -o json -l x', 'error: name cannot be provided when a selector is specified\nexit 1\n'],
    ['get cm -o custom-columns=N:.metadata.name,K:.data.k -l tier', 'N     K\na     v\n'],
    [
      'get cm a sa',
      'NAME   DATA   AGE\na      1      6s\nError from server (NotFound): configmaps "sa" not found\nexit 1\n',
    ],
    [
      'get cm -o wide --sort-by=.metadata.name -A --field-selector metadata.name=a',
      'NAMESPACE   NAME   DATA   AGE\nscn         a      1      6s\n',
    ],
  ])
})

test('get -w goes on with each change until it is interrupted', () => {
  const cluster = start()
  let output = ''
  const driven = cluster.start(
    { op: 'kubectl', line: 'kubectl get cm -w -l watched' },
    () => undefined,
    (_, text) => {
      output += text
    },
  )
  cluster.advance(1000)
  cluster.execute({ op: 'apply', manifest: configMap('  labels: {watched: yes-please}') })
  cluster.advance(4000)
  cluster.execute({ op: 'kubectl', line: 'kubectl delete cm c' })
  cluster.advance(1000)
  driven.interrupt()
  cluster.execute({ op: 'apply', manifest: configMap('  labels: {watched: yes-please}') })
  assert.equal(output, 'NAME   DATA   AGE\nc      0      0s\nc      0      4s\n')
})

test('rollout waits, tells its history, and goes back', () => {
  const cluster = start()
  const run = (line: string, stdin?: string) => cluster.execute({ op: 'kubectl', line: `kubectl ${line}`, stdin })
  run('apply -f -', deployment('nginx:1.25'))
  const status = run('rollout status deploy/web')
  assert.equal(status.exit, 0)
  assert.ok(status.doneMs > status.atMs + 500, 'it took virtual time')
  assert.match(
    status.stdout,
    /Waiting for deployment "web" rollout to finish: 0 of 2 updated replicas are available\.\.\.\n[\s\S]*deployment "web" successfully rolled out\n$/,
  )
  assert.equal(run('set image deploy/web nginx=nginx:1.26').stdout, 'deployment.apps/web image updated\n')
  assert.equal(run('set image deploy/web nope=nginx:1.26').stderr, 'error: unable to find container named "nope"\n')
  assert.match(
    run('set image deploy/web a').stderr,
    /^error: there is no need to specify a resource type as a separate /,
  )
  assert.equal(run('set image deploy/web').stderr, 'error: at least one image update is required\n')
  assert.equal(
    run('set env deploy/web A=1 A-').stderr,
    'error: can not both modify and remove the same environment variable in the same command\n',
  )
  assert.equal(
    run('create role r --verb=get --resource=pods,deployments.apps --resource-name=x').stdout,
    'role.rbac.authorization.k8s.io/r created\n',
  )
  run('rollout status deploy/web')
  assert.equal(
    run('rollout history deploy/web').stdout,
    'deployment.apps/web \nREVISION  CHANGE-CAUSE\n1         <none>\n2         <none>\n\n',
  )
  assert.match(
    run('rollout history deploy/web --revision=2').stdout,
    /^deployment.apps\/web with revision #2\nPod Template:\n {2}Labels:\tapp=web\n\tpod-template-hash=[\s\S]*Image:\tnginx:1.26\n/,
  )
  assert.match(
    run('rollout undo deploy/web --to-revision=9').stderr,
    /^Warning: resource deployments\/web was previously managed with 'kubectl apply'\. .*\nerror: unable to find specified revision 9 in history\n$/,
  )
  assert.equal(run('rollout undo deploy/web').stdout, 'deployment.apps/web rolled back\n')
  assert.equal(run('get deploy web -o jsonpath={.spec.template.spec.containers[0].image}').stdout, 'nginx:1.25')
  assert.equal(run('rollout pause deploy web').stdout, 'deployment.apps/web paused\n')
  assert.equal(run('rollout pause deploy web').stderr, 'error: deployments.apps "web" is already paused\n')
  assert.equal(
    run('rollout restart deploy web').stderr,
    'error: deployments.apps "web" can\'t restart paused deployment (run rollout resume first)\n',
  )
  assert.equal(run('rollout resume deploy web').stdout, 'deployment.apps/web resumed\n')
  assert.equal(
    run('scale deploy web --current-replicas=5 --replicas=1').stderr,
    'error: Expected replicas to be 5, was 2\n',
  )
  assert.equal(run('scale deploy web --replicas=1').stdout, 'deployment.apps/web scaled\n')
  assert.equal(
    run('rollout status deploy/nope').stderr,
    'Error from server (NotFound): deployments.apps "nope" not found\n',
  )
})

test('a rollout that does not end is given up after its timeout', () => {
  const cluster = start()
  cluster.execute({ op: 'apply', manifest: deployment('nginx:9.99') })
  const { exit, stderr, atMs, doneMs } = cluster.execute({
    op: 'kubectl',
    line: 'kubectl rollout status deploy/web --timeout=3s',
  })
  assert.deepEqual({ exit, stderr }, { exit: 1, stderr: 'error: timed out waiting for the condition\n' })
  assert.ok(doneMs - atMs >= 3000 && doneMs - atMs < 3200)
})

test('delete waits until the object is gone, unless it is told not to', () => {
  const cluster = start()
  const run = (line: string) => cluster.execute({ op: 'kubectl', line: `kubectl ${line}` })
  for (const name of ['p', 'q', 'r']) run(`run ${name} --image=busybox:1.36 -- sleep 3600`)
  cluster.advance(3000)
  const quick = run('delete pod p --wait=false')
  assert.equal(quick.stdout, 'pod "p" deleted from scn namespace\n')
  assert.ok(quick.doneMs - quick.atMs < 200)
  const slow = run('delete pod q --timeout=2s')
  assert.equal(slow.stderr, 'error: timed out waiting for the condition on pods/q\n')
  const forced = run('delete pod r --grace-period=0 --force')
  assert.equal(forced.stdout, 'pod "r" force deleted from scn namespace\n')
  assert.match(forced.stderr, /^Warning: Immediate deletion does not wait for confirmation/)
  assert.equal(run('wait --for=delete pod/q --timeout=60s').stdout, 'pod/q condition met\n')
  assert.equal(run('delete pod nope').stderr, 'Error from server (NotFound): pods "nope" not found\n')
  assert.equal(run('delete pod nope --ignore-not-found').exit, 0)
  assert.equal(run('delete pods').stderr, 'error: resource(s) were provided, but no name was specified\n')
  assert.equal(run('delete pods --all').stdout, 'No resources found\n')
})

test('logs, exec and wait speak to a running Pod', () => {
  const cluster = start()
  const run = (line: string) => cluster.execute({ op: 'kubectl', line: `kubectl ${line}` })
  run('run p --image=busybox:1.36 -- sh -c "echo hello; sleep 3600"')
  assert.equal(run('wait --for=condition=Ready pod/p --timeout=20s').stdout, 'pod/p condition met\n')
  assert.equal(run("wait --for=jsonpath='{.status.phase}'=Running pod/p").stdout, 'pod/p condition met\n')
  assert.equal(
    run('wait --for=condition=Nope pod/p --timeout=1s').stderr,
    'error: timed out waiting for the condition on pods/p\n',
  )
  assert.equal(run('logs p').stdout, 'hello\n')
  assert.equal(run('logs p --prefix').stdout, '[pod/p/p] hello\n')
  assert.equal(run('logs p -c nope').stderr, 'error: container nope is not valid for pod p out of: p\n')
  const failed = run('exec p -- sh -c "echo out; exit 3"')
  assert.deepEqual([failed.exit, failed.stdout, failed.stderr], [3, 'out\n', 'command terminated with exit code 3\n'])
  assert.match(
    run('exec p ls').stderr,
    /^error: exec \[POD\] \[COMMAND\] is not supported anymore\. Use exec \[POD\] -- \[COMMAND\] instead\n/,
  )
  assert.equal(run('run once --image=busybox:1.36 --restart=Never --rm -it -q -- echo done').stdout, 'done\n')
})

test('imperative commands change what they name', () => {
  checkTranscript([
    ['run a --image=nginx:1.25', 'pod/a created\n'],
    ['run a --image=nginx:1.25', 'Error from server (AlreadyExists): pods "a" already exists\nexit 1\n'],
    ['label pod a tier=front', 'pod/a labeled\n'],
    ['label pod a tier=back', "error: 'tier' already has a value (front), and --overwrite is false\nexit 1\n"],
    ['label pod a tier=back --overwrite', 'pod/a labeled\n'],
    ['label pod a tier-', 'pod/a unlabeled\n'],
    ['annotate pod a note=hi', 'pod/a annotated\n'],
    ['expose pod a --port=80 --name=a2 --type=NodePort', 'service/a2 exposed\n'],
    ['create service clusterip s1 --tcp=80:8080', 'service/s1 created\n'],
    ['get svc s1 -o jsonpath={.spec.ports[0].targetPort}', '8080'],
    ['create secret generic g --from-literal=a=b', 'secret/g created\n'],
    ['get secret g -o jsonpath={.data.a}', 'Yg=='],
    [
      'create secret tls t --cert=/nope --key=/nope',
      'error: Cannot read file /nope, open /nope: no such file or directory\nexit 1\n',
    ],
    ['create deployment e --image=nginx:1.25 --dry-run=server', 'deployment.apps/e created (server dry run)\n'],
    ['create deployment e', 'error: required flag(s) "image" not set\nexit 1\n'],
    ['create job j --image=x', 'job.batch/j created\n'],
    ['cordon node-1', 'node/node-1 cordoned\n'],
    ['cordon node-1', 'node/node-1 already cordoned\n'],
    ['uncordon node-1', 'node/node-1 uncordoned\n'],
    ['taint nodes node-1 k=v:NoSchedule', 'node/node-1 tainted\n'],
    ['taint nodes node-1 k-', 'node/node-1 untainted\n'],
    ['top pod', 'error: Metrics API not available\nexit 1\n'],
    [
      'patch pod a -p nonsense',
      'Error from server (BadRequest): json: cannot unmarshal string into Go value of type map[string]interface {}\nexit 1\n',
    ],
  ])
})

test('a generator in a dry run of the client prints what it would send', () => {
  checkTranscript([
    [
      'run c --image=nginx:1.25 --port=80 --labels=x=y --env=A=B --dry-run=client -o yaml',
      `apiVersion: v1
kind: Pod
metadata:
  labels:
    x: "y"
  name: c
spec:
  containers:
  - env:
    - name: A
      value: B
    image: nginx:1.25
    name: c
    ports:
    - containerPort: 80
    resources: {}
  dnsPolicy: ClusterFirst
  restartPolicy: Always
status: {}
`,
    ],
  ])
})

test('what kubectl does not know is refused with a hint', () => {
  checkTranscript([
    ['gett pods', 'error: unknown command "gett" for "kubectl"\n\nDid you mean this?\n\tset\n\tget\nexit 1\n'],
    ['get pods --foo', "error: unknown flag: --foo\nSee 'kubectl get --help' for usage.\nexit 1\n"],
    ['rollout foo', 'error: unknown command "foo"\nSee \'kubectl rollout -h\' for help and examples\nexit 1\n'],
    [
      'get pods | wc -l',
      'error: the pipe `|` is not available here: a line is one kubectl command, without a shell around it\nexit 1\n',
    ],
  ])
})

test('describe tells of a Pod and why it is pending', () => {
  const cluster = start()
  cluster.execute({
    op: 'kubectl',
    line: 'kubectl run big --image=nginx:1.25 --overrides=\'{"spec":{"containers":[{"name":"big","image":"nginx:1.25","resources":{"requests":{"cpu":"9"}}}]}}\'',
  })
  cluster.advance(2000)
  const { stdout } = cluster.execute({ op: 'kubectl', line: 'kubectl describe pod big' })
  assert.match(
    stdout,
    /^Name: {13}big\nNamespace: {8}scn\nPriority: {9}0\nService Account: {2}default\nNode: {13}<none>\n/,
  )
  assert.match(stdout, /\n {4}Requests:\n {6}cpu: {8}9\n {4}Environment: {2}<none>\n/)
  assert.match(stdout, /\nConditions:\n {2}Type {11}Status\n {2}PodScheduled {3}False \n/)
  assert.match(
    stdout,
    /\nEvents:\n {2}Type {5}Reason {12}Age {3}From {15}Message\n.*\n {2}Warning {2}FailedScheduling {2}\d+s +default-scheduler {2}0\/1 nodes are available: 1 Insufficient cpu/,
  )
})

test('explain shows fields with their types', () => {
  const cluster = start()
  const { stdout } = cluster.execute({ op: 'kubectl', line: 'kubectl explain pod.spec' })
  assert.match(stdout, /^KIND: {7}Pod\nVERSION: {4}v1\n\nFIELD: spec <PodSpec>\n/)
  assert.match(stdout, /\n {2}containers\t<\[\]Container> -required-\n {4}\S/)
  const unknown = cluster.execute({ op: 'kubectl', line: 'kubectl explain pod.nope' })
  assert.equal(unknown.stderr, 'error: field "nope" does not exist\n')
})

test('drain refuses Pods that nobody would replace, and evicts the others', () => {
  checkTranscript([
    ['run bare --image=nginx:1.25', 'pod/bare created\n'],
    ['advance 3s', ''],
    [
      'drain node-1',
      'node/node-1 cordoned\n' +
        'error: unable to drain node "node-1" due to error: cannot delete Pods that declare no controller (use --force to override): scn/bare, continuing command...\n' +
        'There are pending nodes to be drained:\n node-1\n' +
        'cannot delete Pods that declare no controller (use --force to override): scn/bare\nexit 1\n',
    ],
    [
      'drain node-1 --force',
      'node/node-1 already cordoned\nevicting pod scn/bare\npod/bare evicted\nnode/node-1 drained\n' +
        'Warning: deleting Pods that declare no controller: scn/bare\n',
    ],
    ['get pods', 'No resources found in scn namespace.\n'],
  ])
})

test('replace puts the whole manifest in place of the object, and refuses one that is not there', () => {
  checkTranscript([
    [
      'replace -f -',
      'Error from server (NotFound): error when replacing "STDIN": configmaps "c" not found\nexit 1\n',
      configMap('data: {a: "1"}'),
    ],
    ['create -f -', 'configmap/c created\n', configMap('data: {a: "1"}')],
    ['replace -f -', 'configmap/c replaced\n', configMap('data: {b: "2"}')],
    ['get cm c -o jsonpath={.data}', '{"b":"2"}'],
    [
      'replace --force -f -',
      'configmap "c" deleted from scn namespace\nconfigmap/c replaced\n',
      configMap('data: {c: "3"}'),
    ],
    ['get cm c -o jsonpath={.data}', '{"c":"3"}'],
  ])
})

test('-o jsonpath-as-json prints what was found as a list, and a format without a printer here says so', () => {
  checkTranscript([
    ['create configmap c --from-literal=a=1', 'configmap/c created\n'],
    ["get cm c -o jsonpath-as-json='{.metadata.name}{.data}'", '[\n    "c",\n    {\n        "a": "1"\n    }\n]\n'],
    [
      'get cm c -o nope',
      'error: unable to match a printer suitable for the output format "nope", allowed formats are: custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,wide,yaml\nexit 1\n',
    ],
  ])
})

test('an index out of bounds in a column is told in words', () => {
  checkTranscript([
    ['run p --image=nginx:1.27', 'pod/p created\n'],
    [
      'get pods -o custom-columns=A:.spec.containers[9].name',
      'error: array index out of bounds: index 9, length 1\nexit 1\n',
    ],
  ])
})

test('a deprecated kind is told of once, whatever is asked of it', () => {
  const warning = 'Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice\n'
  const made = (name: string) => `apiVersion: v1\nkind: Endpoints\nmetadata: {name: ${name}}\n`
  checkTranscript([
    ['apply -f -', `endpoints/a created\nendpoints/b created\n${warning}`, `${made('a')}---\n${made('b')}`],
    ['get endpoints a b -o name', `endpoints/a\nendpoints/b\n${warning}`],
    ['get endpointslices', 'No resources found in scn namespace.\n'],
  ])
})

test('set env and set resources reach init containers too', () => {
  const manifest = deployment('nginx:1.27').replace(
    'spec: {containers',
    'spec: {initContainers: [{name: first, image: busybox}], containers',
  )
  checkTranscript([
    ['apply -f -', 'deployment.apps/web created\n', manifest],
    ['set env deploy/web -c first HOST=db', 'deployment.apps/web env updated\n'],
    ['set env deploy/web --list', '# Deployment web, container nginx\n# Deployment web, container first\nHOST=db\n'],
    ['set resources deploy/web --limits=cpu=200m', 'deployment.apps/web resource requirements updated\n'],
    ["get deploy web -o jsonpath='{..limits.cpu}'", '200m 200m'],
  ])
})
