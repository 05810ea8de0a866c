/** What somebody may do besides a solution, and what a challenge leaves free of it. */
import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { compareFreedoms, freedomsOf } from '../../../../server/labs/proofs/freedoms.ts'
import { contentsOf, manifestOverMutants, overMutantsOf } from '../../../../server/labs/proofs/over-mutants.ts'
import { createCluster } from '../../../../sim/index.ts'

const handedOver = `
apiVersion: v1
kind: Secret
metadata: { name: word }
stringData: { word: heron }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: left-alone }
data: { colour: blue }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: reader, namespace: default }
rules: [{ apiGroups: [''], resources: [pods], verbs: [get] }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: closed }
spec: { podSelector: {}, policyTypes: [Ingress, Egress] }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web, track: one }, ports: [{ name: http, port: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: shelf }
spec:
  replicas: 1
  selector: { matchLabels: { app: shelf } }
  template:
    metadata: { labels: { app: shelf }, annotations: { note: kept } }
    spec:
      containers: [{ name: main, image: 'nginx:1.27', volumeMounts: [{ name: cache, mountPath: /cache }] }]
      volumes: [{ name: cache, emptyDir: {} }]
---
apiVersion: batch/v1
kind: CronJob
metadata: { name: nightly }
spec:
  schedule: 0 3 * * *
  jobTemplate:
    spec: { template: { spec: { restartPolicy: Never, containers: [{ name: main, image: 'busybox:1.36' }] } } }
`
const solution = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 1
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      initContainers: [{ name: wait, image: 'busybox:1.36', command: [sh, -c, 'until true; do sleep 1; done'] }]
      containers:
        - name: main
          image: nginx:1.27
          args: [nginx, -g, 'daemon off;']
          env: [{ name: WORD, valueFrom: { secretKeyRef: { name: word, key: word } } }]
          resources: { limits: { memory: 64Mi } }
          readinessProbe: { tcpSocket: { port: 80 } }
          lifecycle: { preStop: { exec: { command: [sleep, "2"] } } }
`

function afterSolution() {
  const cluster = createCluster({ seed: 'over', shape: { nodes: [{ name: 'node-1' }] } })
  cluster.execute({ op: 'apply', manifest: handedOver })
  const before = contentsOf(cluster)
  assert.equal(cluster.execute({ op: 'apply', manifest: solution }).exit, 0)
  cluster.advance(20_000)
  return { cluster, mutants: overMutantsOf(cluster, 'default', before) }
}

test('more rights, open doors, wider selectors, no limits: each is tried of what is there', () => {
  const told = afterSolution().mutants.map(({ change, of }) => `${change} ${of}`)
  for (const one of [
    'wider-rights Role/reader',
    'open-ingress NetworkPolicy/closed',
    'open-egress NetworkPolicy/closed',
    'policy-gone NetworkPolicy/closed',
    'wider-selector Service/web',
    'no-limits Deployment/web',
    'no-readinessProbe Deployment/web',
    'sleep-for-wait Deployment/web',
    'no-program Deployment/web',
    'literal-for-reference Deployment/web',
    'no-grace Deployment/web',
    'more-replicas Deployment/web',
    'bystander-deleted ConfigMap/left-alone',
    'bystander-changed ConfigMap/left-alone',
    'bystander-deleted Node/node-1',
    'bystander-changed Node/node-1',
  ])
    assert.ok(told.includes(one), `${one} is not among ${told.join(', ')}`)
})

test('of what was handed over, each field that no statement names is changed; what a solution made is its own', () => {
  const beside = afterSolution().mutants.filter(({ change }) => change.startsWith('beside/'))
  const of = (name: string) => beside.filter((one) => one.of === name).map(({ change }) => change.slice(7))
  assert.deepEqual(of('Deployment/shelf'), [
    ...['label', 'finalizer', 'template-annotation', 'container', 'init-container', 'variable', 'grace'],
    ...['read-only-mounts', 'paused', 'history', 'late-availability', 'strategy'],
  ])
  assert.deepEqual(of('CronJob/nightly').slice(-3), ['paused', 'history', 'starting-deadline'])
  assert.deepEqual(of('Service/web').slice(2), [
    ...['session-affinity', 'internal-traffic-policy', 'unready-addresses', 'node-port', 'port'],
  ])
  assert.deepEqual(of('Secret/word').slice(2), ['key', 'immutable'])
  assert.deepEqual(of('Node/node-1'), ['taint'])
  assert.deepEqual(of('Deployment/web'), [])
  const note = beside.find(({ change, of }) => change === 'beside/template-annotation' && of === 'Deployment/shelf')!
  assert.match(note.line, /"note":"kept"/)
})

test('what a solution made is no bystander, and what the cluster or a controller made is not looked at', () => {
  const told = afterSolution().mutants.map(({ change, of }) => `${change} ${of}`)
  assert.deepEqual(
    told
      .filter((one) =>
        /bystander-\w+ Deployment\/web|ReplicaSet|Pod\/web-|kube-root-ca|cluster-admin|kube-system/.test(one),
      )
      .map((one) => one.replace(/-[a-z0-9-]+$/, '')),
    // One of the Pods of a controller, changed in place.
    ['pod-in-place Pod/web'],
  )
})

test('each line is one that the cluster takes, and does what it is called', () => {
  for (const { line } of afterSolution().mutants) {
    const { exit, stderr } = afterSolution().cluster.execute({ op: 'kubectl', line })
    assert.equal(exit, 0, `${line}: ${stderr}`)
  }
  const { cluster, mutants } = afterSolution()
  const literal = mutants.find(({ change }) => change === 'literal-for-reference')!
  cluster.execute({ op: 'kubectl', line: literal.line })
  const { stdout } = cluster.execute({
    op: 'kubectl',
    line: `kubectl get deployment web -o jsonpath='{.spec.template.spec.containers[0].env}'`,
  })
  assert.equal(stdout, '[{"name":"WORD","value":"heron"}]')
})

test('a freedom is by kind of change and by name, filled with the parameters; one that nobody takes is told', () => {
  const survivors = [
    { change: 'no-limits', of: 'Deployment/shop', line: '' },
    { change: 'no-limits', of: 'ops/Deployment/robot', line: '' },
    { change: 'no-grace', of: 'Deployment/shop', line: '' },
    { change: 'beside/port', of: 'Service/shop', line: '' },
    { change: 'beside/port', of: 'Service/other', line: '' },
  ]
  const freedoms = [
    { change: 'no-limits', of: 'Deployment/{{app}}', because: 'so' },
    { change: 'no-limits', of: 'ops/*', because: 'so' },
    { change: 'no-probe', of: 'Deployment/*', because: 'so' },
    { change: 'beside/*', of: 'Service/{{app}}', because: 'so' },
  ]
  const { forbidden, unused } = compareFreedoms(survivors, freedoms, { app: 'shop' })
  assert.deepEqual(
    forbidden.map(({ change, of }) => `${change} ${of}`),
    ['no-grace Deployment/shop', 'beside/port Service/other'],
  )
  assert.deepEqual(unused, [freedoms[2]])
})

test('a list that cannot be read says which', () => {
  const folder = mkdtempSync(join(tmpdir(), 'freedoms-'))
  assert.deepEqual(freedomsOf(folder), [])
  writeFileSync(join(folder, 'freedoms.yaml'), '- { change: no-limits, of: Deployment/web }\n')
  assert.throws(() => freedomsOf(folder), /freedoms\.yaml: .*because/s)
  writeFileSync(join(folder, 'freedoms.yaml'), '- { change: no-limits, of: Deployment {{app}} x }\n')
  assert.throws(() => freedomsOf(folder), /freedoms\.yaml: .*line 1/s)
})

test('of a manifest to fix the same is tried in the text: one change at a time, the rest as it was', () => {
  const text = [
    'kind: Pod',
    'metadata: { name: web }',
    'spec:',
    '  containers:',
    '    - { name: main, image: nginx, args: [a], resources: { limits: { memory: 64Mi } } }',
    '---',
    'kind: Role',
    'metadata: { name: reader }',
    'rules: [{ apiGroups: [""], resources: [pods], verbs: [get] }]',
    '',
  ].join('\n')
  const mutants = manifestOverMutants(text)
  assert.deepEqual(
    mutants.map(({ change, of }) => `${change} ${of}`),
    [
      ...['no-limits Pod/web', 'no-program Pod/web', 'wider-rights Role/reader'],
      ...['more-verbs Role/reader', 'more-verbs Role/reader', 'more-verbs Role/reader'],
      ...['more-resources Role/reader', 'more-resources Role/reader'],
    ],
  )
  const [limits, program, rights] = mutants.map(({ manifest }) => parseAllDocuments(manifest).map((one) => one.toJS()))
  const container = { name: 'main', image: 'nginx', args: ['a'], resources: {} }
  assert.deepEqual(limits![0].spec.containers, [container])
  assert.deepEqual(program![0].spec.containers[0].command, ['sh', '-c', 'sleep 86400'])
  assert.equal('args' in program![0].spec.containers[0], false)
  assert.equal(rights![1].rules.length, 2)
  assert.equal(rights![0].spec.containers[0].args[0], 'a')
})

test('a manifest to fix may have the value that it refers to, and what is made beside it is a document more', () => {
  const cluster = createCluster({ seed: 'over', shape: { nodes: [{ name: 'node-1' }] } })
  cluster.execute({ op: 'apply', manifest: handedOver })
  const text = [
    'kind: Pod',
    'metadata: { name: web }',
    'spec:',
    '  containers: [{ name: main, env: [{ name: WORD, valueFrom: { secretKeyRef: { name: word, key: word } } }] }]',
    '---',
    'kind: RoleBinding',
    'metadata: { name: reader }',
    'roleRef: { kind: Role, name: reader }',
    'subjects: [{ kind: ServiceAccount, name: robot }]',
  ].join('\n')
  const of = (change: string) =>
    manifestOverMutants(text, cluster)
      .filter((mutant) => mutant.change === change)
      .map(({ manifest }) => parseAllDocuments(manifest).map((document) => document.toJS()))
  const [literal] = of('literal-for-reference')
  assert.deepEqual(literal![0].spec.containers[0].env, [{ name: 'WORD', value: 'heron' }])
  assert.deepEqual(
    of('rights-elsewhere').map(([, , { kind, roleRef, subjects }]) => [kind, roleRef.name, subjects[0].namespace]),
    [
      ['ClusterRoleBinding', 'view', 'default'],
      ['RoleBinding', 'edit', 'default'],
    ],
  )
})

/** One object of a kind, and what is tried of it that not all content was tried with. */
const ofKinds: { name: string; manifest: string; want: string[] }[] = [
  {
    name: 'each rule of a role gets another verb, another resource, and any name',
    manifest: `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: x }
rules:
  - { apiGroups: [''], resources: [pods], verbs: [get, list, watch, delete], resourceNames: [one] }
  - { apiGroups: [apps], resources: [deployments], verbs: ['*'] }`,
    want: [
      'more-verbs add /rules/0/verbs/- "update"',
      'more-verbs add /rules/0/verbs/- "*"',
      'more-resources add /rules/0/resources/- "secrets"',
      'more-resources add /rules/0/resources/- "pods/exec"',
      'any-name remove /rules/0/resourceNames',
      'more-resources add /rules/1/resources/- "statefulsets"',
    ],
  },
  {
    name: 'a NetworkPolicy is for more Pods, and lets more in at each door',
    manifest: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: x }
spec:
  podSelector: { matchLabels: { app: web } }
  ingress:
    - from:
        - { podSelector: { matchLabels: { app: a } }, namespaceSelector: { matchLabels: { team: b } } }
        - podSelector: { matchLabels: { app.kubernetes.io/name: c } }
      ports: [{ port: 80 }]`,
    want: [
      'wider-policy remove /spec/podSelector/matchLabels/app',
      'wider-peer remove /spec/ingress/0/from/0/podSelector/matchLabels/app',
      'wider-peer remove /spec/ingress/0/from/0/namespaceSelector/matchLabels/team',
      'wider-peer remove /spec/ingress/0/from/1/podSelector/matchLabels/app.kubernetes.io~1name',
      'wider-peer add /spec/ingress/0/from/1/namespaceSelector {}',
      'more-peers add /spec/ingress/0/from/- {"ipBlock":{"cidr":"0.0.0.0/0"}}',
      'more-peers add /spec/ingress/0/from/- {"podSelector":{}}',
      'more-ports remove /spec/ingress/0/ports',
    ],
  },
  {
    name: 'a budget selects more Pods, or holds none',
    manifest: `
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: x }
spec: { minAvailable: 2, selector: { matchLabels: { app: web } } }`,
    want: ['wider-selector remove /spec/selector/matchLabels/app', 'looser-bound replace /spec/minAvailable 0'],
  },
  {
    name: 'a quota gives ten times as much',
    manifest: `
apiVersion: v1
kind: ResourceQuota
metadata: { name: x }
spec: { hard: { pods: 4, requests.cpu: 500m } }`,
    want: ['looser-bound replace /spec/hard/pods "40", replace /spec/hard/requests.cpu "5000m"'],
  },
  {
    name: 'an autoscaler goes lower, or never scales',
    manifest: `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: x }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }
  minReplicas: 2
  maxReplicas: 5`,
    want: ['less-at-least replace /spec/minReplicas 1', 'more-at-least add /spec/minReplicas 5'],
  },
  {
    name: 'an Ingress takes what no rule takes, from any host',
    manifest: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: x }
spec:
  rules:
    - host: shop.example
      http:
        paths: [{ path: /a, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }]`,
    want: [
      'more-paths add /spec/rules/- {"http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"service":{"name":"web","port":{"number":80}}}}]}}',
      'any-host remove /spec/rules/0/host',
    ],
  },
  {
    name: 'Pods may be anywhere, where they were to be somewhere',
    manifest: `
apiVersion: apps/v1
kind: Deployment
metadata: { name: x }
spec:
  selector: { matchLabels: { app: x } }
  template:
    metadata: { labels: { app: x } }
    spec:
      containers: [{ name: main, image: 'nginx:1.27' }]
      nodeSelector: { disk: fast }
      tolerations: [{ key: team, operator: Exists }]
      topologySpreadConstraints:
        - { maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {} }
      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            - { topologyKey: zone, labelSelector: { matchLabels: { app: x } } }
        nodeAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            nodeSelectorTerms:
              - matchExpressions: [{ key: a, operator: Exists }, { key: b, operator: Exists }]`,
    want: [
      'affinity-gone remove SPEC/affinity/podAntiAffinity',
      'affinity-gone remove SPEC/affinity/nodeAffinity',
      'affinity-preferred replace SPEC/affinity/podAntiAffinity {"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":100,"podAffinityTerm":{"labelSelector":{"matchLabels":{"app":"x"}},"topologyKey":"zone"}}]}',
      'affinity-wider remove SPEC/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0/matchExpressions/0',
      'affinity-wider remove SPEC/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0/matchExpressions/1',
      'spread-gone remove SPEC/topologySpreadConstraints/0',
      'spread-preferred replace SPEC/topologySpreadConstraints/0/whenUnsatisfiable "ScheduleAnyway"',
      'any-node remove SPEC/nodeSelector/disk',
      'tolerates-all add SPEC/tolerations/- {"operator":"Exists"}',
    ],
  },
  {
    name: 'guards of containers go, wherever they are written',
    manifest: `
apiVersion: apps/v1
kind: Deployment
metadata: { name: x }
spec:
  selector: { matchLabels: { app: x } }
  template:
    metadata: { labels: { app: x } }
    spec:
      automountServiceAccountToken: false
      securityContext: { runAsNonRoot: true }
      containers:
        - { name: main, image: 'nginx:1.27', securityContext: { runAsNonRoot: true, allowPrivilegeEscalation: false } }`,
    want: [
      'no-runAsNonRoot remove SPEC/securityContext/runAsNonRoot, remove SPEC/containers/0/securityContext/runAsNonRoot',
      'no-allowPrivilegeEscalation remove SPEC/containers/0/securityContext/allowPrivilegeEscalation',
      'privileged add SPEC/containers/0/securityContext {"runAsNonRoot":true,"privileged":true}',
      'token-mounted remove SPEC/automountServiceAccountToken',
    ],
  },
]
for (const { name, manifest, want } of ofKinds)
  test(`${name}, and the cluster takes it`, () => {
    const cluster = createCluster({ seed: 'over', shape: { nodes: [{ name: 'node-1' }] } })
    const { exit, stderr } = cluster.execute({ op: 'apply', manifest })
    assert.equal(exit, 0, stderr)
    const kinds = new Set(want.map((one) => one.split(' ')[0]))
    const mutants = overMutantsOf(cluster, 'default', new Map()).filter(
      ({ of, change }) => kinds.has(change) && of.endsWith('/x'),
    )
    const told = mutants.map(({ change, line }) => {
      const patch = JSON.parse(/ -p '(.*)'$/.exec(line)![1]!) as { op: string; path: string; value?: unknown }[]
      const operations = patch.map(({ op, path, value }) => [op, path, JSON.stringify(value)].filter(Boolean).join(' '))
      return `${change} ${operations.join(', ')}`.replaceAll('/spec/template/spec', 'SPEC')
    })
    assert.deepEqual(told.toSorted(), want.toSorted())
    for (const { line } of mutants) {
      const done = createCluster({ seed: 'over', shape: { nodes: [{ name: 'node-1' }] } })
      done.execute({ op: 'apply', manifest })
      const { exit, stderr } = done.execute({ op: 'kubectl', line })
      assert.equal(exit, 0, `${line}: ${stderr}`)
    }
  })

test('what those who hold a role may anyway is nothing more', () => {
  const cluster = createCluster({ seed: 'over', shape: { nodes: [{ name: 'node-1' }] } })
  cluster.execute({ op: 'apply', manifest: handedOver })
  const of = (name: string) =>
    overMutantsOf(cluster, 'default', new Map())
      .filter((mutant) => mutant.of === `Role/${name}` && mutant.change.startsWith('more-'))
      .map(({ line }) => /"value":("[^"]*")/.exec(line)![1])
  for (const line of [
    'create role lister --verb=list,watch,delete --resource=pods',
    'create rolebinding reader --role=reader --serviceaccount=default:ada',
    // Without a namespace it is that of the binding.
    `patch rolebinding reader --type=json -p '[{"op":"remove","path":"/subjects/0/namespace"}]'`,
    'create rolebinding lister --role=lister --serviceaccount=default:ada',
  ])
    assert.equal(cluster.execute({ op: 'kubectl', line: `kubectl ${line}` }).exit, 0)
  assert.deepEqual(of('reader'), ['"*"', '"secrets"', '"pods/exec"'])
  assert.deepEqual(of('lister'), ['"*"', '"secrets"'])
})

test('of a Deployment that has no Pods, only more of them are tried', () => {
  const cluster = createCluster({ seed: 'over', shape: { nodes: [{ name: 'node-1' }] } })
  cluster.execute({ op: 'apply', manifest: handedOver })
  const before = contentsOf(cluster)
  cluster.execute({ op: 'apply', manifest: solution })
  cluster.execute({ op: 'kubectl', line: 'kubectl scale deployment web --replicas=0' })
  const tried = overMutantsOf(cluster, 'default', before).filter(({ of }) => of === 'Deployment/web')
  assert.deepEqual(
    tried.map(({ change }) => change),
    ['more-replicas'],
  )
})

test('an object without a specification has no changes of one', () => {
  const text =
    'apiVersion: v1\nkind: Service\nmetadata: {name: web}\n---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\n'
  assert.deepEqual(
    manifestOverMutants(text).filter(({ change }) => change === 'wider-selector' || change === 'looser-bound'),
    [],
  )
})
