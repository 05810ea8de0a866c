/** Other spellings of a right answer: each means the same, and the cluster takes it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { lineSpellings } from '../../../../server/labs/proofs/spell/lines.ts'
import { manifestSpellings } from '../../../../server/labs/proofs/spell/manifests.ts'
import { spellingsOf } from '../../../../server/labs/proofs/spellings.ts'
import { type ChallengeSpec, createCluster, type LoggedCommand } from '../../../../sim/index.ts'

const manifest = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: main
          image: nginx:1.27
          ports: [{ containerPort: 80 }]
          resources: { requests: { cpu: 500m, memory: 64Mi }, limits: { cpu: 1, memory: 1Gi } }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
`

const spelled = (kind: string, text = manifest): string | undefined =>
  manifestSpellings.find((one) => one.kind === kind)!.spell(text)
const read = (text: string) => parseAllDocuments(text).map((document) => document.toJS())

test('a manifest in JSON, in one list, in another order and in quotes says the same', () => {
  const objects = read(manifest)
  for (const kind of ['json', 'other-order', 'quoted']) {
    const text = spelled(kind)!
    assert.notEqual(text, manifest)
    assert.deepEqual(read(text), objects, kind)
  }
  assert.deepEqual(read(spelled('list')!), [{ apiVersion: 'v1', kind: 'List', items: objects }])
  assert.match(spelled('json')!, /^\{\n {2}"apiVersion": "apps\/v1",/)
  assert.match(spelled('other-order')!, /^spec:/)
  assert.match(spelled('quoted')!, /"replicas": 2/)
})

test('quantities are in another unit, and none of a number is none of a hundred', () => {
  const [container] = read(spelled('quantities')!)[0].spec.template.spec.containers
  assert.deepEqual(container.resources, {
    requests: { cpu: '0.5', memory: '67108864' },
    limits: { cpu: '1000m', memory: '1024Mi' },
  })
  const { rollingUpdate } = read(spelled('none-in-percent')!)[0].spec.strategy
  assert.deepEqual(rollingUpdate, { maxSurge: 1, maxUnavailable: '0%' })
})

test('labels are expressions, but for a selector of Pods that is there', () => {
  const expressions = [{ key: 'app', operator: 'In', values: ['web'] }]
  assert.deepEqual(read(spelled('match-expressions')!)[0].spec.selector, { matchExpressions: expressions })
  const cluster = createCluster({ seed: 'spelled', shape: { nodes: [{ name: 'node-1' }] } })
  cluster.execute({ op: 'apply', manifest })
  const { spell } = manifestSpellings.find(({ kind }) => kind === 'match-expressions')!
  assert.equal(
    spell(manifest, () => [cluster]),
    undefined,
  )
})

test('what is made again keeps its units', () => {
  const [handedOver, then] = [1, 2].map(() =>
    createCluster({ seed: 'spelled', shape: { nodes: [{ name: 'node-1' }] } }),
  )
  handedOver!.execute({ op: 'apply', manifest })
  const { spell } = manifestSpellings.find(({ kind }) => kind === 'quantities')!
  assert.equal(
    spell(manifest, () => [handedOver!, then!]),
    undefined,
  )
  assert.notEqual(
    spell(manifest, () => [handedOver!, handedOver!]),
    undefined,
  )
})

test('what cannot be spelled so is told', () => {
  for (const { kind, spell } of manifestSpellings) {
    assert.equal(spell('no: { object'), undefined, kind)
    assert.equal(spell('just a text'), undefined, kind)
  }
  assert.equal(spelled('quantities', 'kind: ConfigMap\nmetadata: { name: x }\ndata: { cpu: 500m }'), undefined)
})

const lines: [kind: string, line: string, want: string | undefined][] = [
  ['other-flags', 'kubectl get pods -n shop -l app=web', 'kubectl get pods --namespace=shop --selector=app=web'],
  ['other-flags', 'kubectl get pods --namespace shop --output=name', 'kubectl get pods -n shop -o name'],
  ['other-flags', 'kubectl exec web -n shop -- ls -l /srv', 'kubectl exec web --namespace=shop -- ls -l /srv'],
  [
    'other-flags',
    'kubectl expose deployment web --selector=app=web -l tier=front',
    'kubectl expose deployment web --selector=app=web --labels=tier=front',
  ],
  [
    'other-flags',
    'kubectl run web --image=nginx:1.27 --labels=app=web',
    'kubectl run web --image=nginx:1.27 -l app=web',
  ],
  [
    'other-flags',
    'kubectl create pdb web --selector=app=web --namespace=shop',
    'kubectl create pdb web --selector=app=web -n shop',
  ],
  ['other-flags', 'kubectl get pods -A', 'kubectl get pods --all-namespaces'],
  ['namespace-first', 'kubectl delete pod web -n shop --wait=false', 'kubectl -n shop delete pod web --wait=false'],
  ['namespace-first', 'kubectl -n shop delete pod web', undefined],
  ['other-slash', 'kubectl scale deployment web --replicas=3', 'kubectl scale deployment/web --replicas=3'],
  ['other-slash', 'kubectl rollout restart deploy/web -n shop', 'kubectl rollout restart deploy web -n shop'],
  ['other-slash', 'kubectl -n shop label pod web track=one old-', 'kubectl -n shop label pod/web track=one old-'],
  ['other-slash', 'kubectl delete pod one two', 'kubectl delete pod/one pod/two'],
  ['other-slash', 'kubectl get deploy/web svc/web', undefined],
  ['other-slash', 'kubectl create deployment web --image=nginx', undefined],
  ['other-kind-name', `kubectl patch deployment web -p '{"spec": {}}'`, `kubectl patch deploy web -p '{"spec": {}}'`],
  ['other-kind-name', 'kubectl delete svc/web', 'kubectl delete service/web'],
  ['other-kind-name', 'kubectl get pods | grep web', undefined],
  [
    'quantities-of-flags',
    'kubectl set resources deployment web --limits=memory=64Mi,cpu=1 --requests cpu=250m',
    'kubectl set resources deployment web --limits=memory=67108864,cpu=1000m --requests cpu=0.25',
  ],
  ['quantities-of-flags', 'kubectl create quota few --hard=pods=4', undefined],
]
for (const [kind, line, want] of lines)
  test(`${kind}: ${line}`, () => {
    const found = lineSpellings.find((one) => one.kind === kind)!.spell(line)
    assert.equal(found === line ? undefined : found, want)
  })

const spec = {
  world: { shape: { nodes: [{ name: 'node-1' }] }, setup: [], settleSeconds: 0 },
  params: {},
  workspace: { allowKubectl: true, maxApplies: 10, maxVirtualSeconds: 600 },
  checks: [],
  hints: [],
} as unknown as ChallengeSpec

test('a log is spelled as a whole, and by other commands only where they leave the same', () => {
  const log: LoggedCommand[] = [
    { atMs: 0, command: { op: 'apply', manifest } },
    { atMs: 30_000, command: { op: 'apply', manifest: manifest.replace('nginx:1.27', 'nginx:1.28') } },
    { atMs: 60_000, command: { op: 'kubectl', line: 'kubectl scale deployment web --replicas=3' } },
    { atMs: 90_000, command: { op: 'kubectl', line: 'kubectl apply -f -', stdin: manifest } },
  ]
  const logs = new Map(spellingsOf(spec, log, 'one').map(({ kind, log }) => [kind, log.map(({ command }) => command)]))
  const told = (kind: string) =>
    logs.get(kind)?.map((command) => (command.op === 'kubectl' ? command.line.split(' ')[1] : command.op))
  assert.deepEqual(told('by-create'), ['create', 'apply', 'scale', 'apply'])
  assert.deepEqual(told('by-replace'), ['apply', 'replace', 'scale', 'apply'])
  assert.deepEqual(told('one-file-each'), ['apply', 'apply', 'apply', 'apply', 'scale', 'apply'])
  assert.deepEqual(told('from-stdin'), ['apply', 'apply', 'scale', 'apply'])
  assert.deepEqual(logs.get('other-slash')![2], { op: 'kubectl', line: 'kubectl scale deployment/web --replicas=3' })
  const server = logs.get('server-side')!.map((command) => (command.op === 'apply' ? command.args : ''))
  assert.deepEqual(server, ['--server-side --force-conflicts', '--server-side --force-conflicts', '', ''])
  const [, , , list] = logs.get('list')!
  assert.match(list!.op === 'kubectl' ? list!.stdin! : '', /kind: List/)
  // The second command finds an object with what the first one wrote.
  for (const [kind, commands] of logs) {
    const cluster = createCluster({ seed: 'spelled', shape: { nodes: [{ name: 'node-1' }] } })
    for (const command of commands)
      assert.equal(cluster.execute(command).exit, 0, `${kind}: ${JSON.stringify(command)}`)
  }
})

test('a body that goes out as it is stays so: the server takes no YAML there', () => {
  const line = 'kubectl create --raw /api/v1/namespaces/default/pods/web/binding -f -'
  const stdin = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name: 'web' },
    target: { name: 'node-1' },
  })
  const logOf = (line: string): LoggedCommand[] => [{ atMs: 0, command: { op: 'kubectl', line, stdin } }]
  const kinds = (line: string) => spellingsOf(spec, logOf(line), 'one').map(({ kind }) => kind)
  assert.ok(kinds('kubectl create -f -').includes('list'))
  assert.deepEqual(kinds(line), [])
})

test('a part that is applied server-side and says nothing of a selector has none to spell', () => {
  const cluster = createCluster({ seed: 'part', shape: { nodes: [{ name: 'node-1' }] } })
  cluster.execute({ op: 'kubectl', line: 'kubectl create deployment web --image=nginx:1.27' })
  const parts = ['spec: {replicas: 2}\n', 'spec: {paused: true}\n', '']
  const set = manifestSpellings.find(({ kind }) => kind === 'match-expressions')!
  for (const part of parts) {
    const text = `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n${part}`
    assert.equal(
      set.spell(text, () => [cluster]),
      undefined,
      part,
    )
  }
})

test('a default is written out where it is the same, and not where who writes it manages the field from then on', () => {
  const kinds = (args: string) =>
    spellingsOf(spec, [{ atMs: 0, command: { op: 'apply', manifest, ...(args ? { args } : {}) } }], 'one').map(
      ({ kind }) => kind,
    )
  assert.ok(kinds('').includes('defaults'))
  assert.ok(!kinds('--server-side --field-manager=capacity').includes('defaults'))
  assert.ok(kinds('--server-side --field-manager=capacity').includes('json'))
})
