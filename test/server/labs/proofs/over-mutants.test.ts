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
spec: { selector: { app: web, track: one }, ports: [{ port: 80 }] }
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

test('what a solution made is no bystander, and what the cluster or a controller made is not looked at', () => {
  const told = afterSolution().mutants.map(({ change, of }) => `${change} ${of}`)
  assert.deepEqual(
    told
      .filter((one) => /bystander-\w+ Deployment|ReplicaSet|Pod\/web-|kube-root-ca|cluster-admin|kube-system/.test(one))
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
  ]
  const freedoms = [
    { change: 'no-limits', of: 'Deployment/{{app}}', because: 'so' },
    { change: 'no-limits', of: 'ops/*', because: 'so' },
    { change: 'no-probe', of: 'Deployment/*', because: 'so' },
  ]
  const { forbidden, unused } = compareFreedoms(survivors, freedoms, { app: 'shop' })
  assert.deepEqual(
    forbidden.map(({ change, of }) => `${change} ${of}`),
    ['no-grace Deployment/shop'],
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
    ['no-limits Pod/web', 'no-program Pod/web', 'wider-rights Role/reader'],
  )
  const [limits, program, rights] = mutants.map(({ manifest }) => parseAllDocuments(manifest).map((one) => one.toJS()))
  const container = { name: 'main', image: 'nginx', args: ['a'], resources: {} }
  assert.deepEqual(limits![0].spec.containers, [container])
  assert.deepEqual(program![0].spec.containers[0].command, ['sh', '-c', 'sleep 86400'])
  assert.equal('args' in program![0].spec.containers[0], false)
  assert.equal(rights![1].rules.length, 2)
  assert.equal(rights![0].spec.containers[0].args[0], 'a')
})
