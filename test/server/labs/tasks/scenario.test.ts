import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readScenario, writeScenario } from '../../../../server/labs/tasks/scenario.ts'
import { LabRefusal } from '../../../../server/labs/types.ts'
import { parseScenarioFile } from '../../../../sim/forms.ts'
import { type Command, createCluster, runScenario } from '../../../../sim/index.ts'

const shape = { nodes: [{ name: 'node-1' }, { name: 'node-2', cpu: '2', memory: '4Gi' }], metricsServer: true }
const manifest = JSON.stringify({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'posted', namespace: 'default' },
  data: { a: '1' },
})

/** A cluster to which everything was done that a sandbox's log may hold. */
function aRun() {
  const cluster = createCluster({ seed: 'mine', shape, startEpochMs: Date.UTC(2026, 2, 2, 9) })
  cluster.execute({ op: 'kubectl', line: 'kubectl create deployment web --image=nginx:1.27 --replicas=3' })
  cluster.advance(5001)
  const watch = cluster.begin({ op: 'kubectl', line: 'kubectl get pods -w' }, () => undefined)
  cluster.advance(1000)
  cluster.request({
    method: 'POST',
    url: '/api/v1/namespaces/default/configmaps',
    headers: { 'content-type': 'application/json' },
    body: new TextEncoder().encode(manifest),
  })
  cluster.advance(137)
  cluster.execute({
    op: 'kubectl',
    line: 'kubectl apply -f web.yaml',
    workplace: { directory: '/home', environment: { HOME: '/home' }, files: { '/home/web.yaml': 'a: b' } },
  })
  const [pod] = cluster.objects('pods', { namespace: 'default' })
  const shell = cluster.request({
    method: 'POST',
    url: `/api/v1/namespaces/default/pods/${pod!.metadata.name}/exec?command=sh&stdin=true&stdout=true`,
    headers: { connection: 'Upgrade', upgrade: 'websocket' },
    body: new Uint8Array(),
  })
  assert.equal(shell.kind, 'exec')
  if (shell.kind === 'exec') {
    const input = shell.open({ stdout: () => undefined, stderr: () => undefined, end: () => undefined })
    cluster.advance(500)
    input.write(new TextEncoder().encode('kill 1\n'))
    cluster.advance(500)
    input.close()
  }
  watch.interrupt()
  cluster.execute({ op: 'fault', fault: { kind: 'node', node: 'node-2', state: 'down' } })
  cluster.advance(60_000)
  return cluster
}

test('the log of a sandbox, written as a scenario and run, makes the same cluster again', () => {
  const cluster = aRun()
  assert.ok(cluster.log.some(({ command }) => command.op === 'request'))
  const text = writeScenario({
    name: 'mine',
    seed: 'mine',
    start: '2026-03-02T09:00:00Z',
    shape,
    log: cluster.log,
    durationMs: cluster.nowMs,
  })
  const run = runScenario(parseScenarioFile(text))
  assert.deepEqual(run.final, cluster.objects('pods', { namespace: 'default' }))
  assert.equal(run.steps.length, cluster.log.length)
  const watched = run.steps[1]!
  assert.equal(watched.exit, 130)
  assert.match(watched.stdout, /^NAME +READY/)
})

test('a scenario is read as the plan that it was written from', () => {
  const cluster = aRun()
  const plan = {
    name: 'mine',
    seed: 'mine',
    start: '2026-03-02T09:00:00Z',
    shape,
    log: cluster.log,
    durationMs: cluster.nowMs,
  }
  assert.deepEqual(JSON.parse(JSON.stringify(readScenario(writeScenario(plan)))), JSON.parse(JSON.stringify(plan)))
})

test('a recording without a shape has the recorded cluster', () => {
  const { shape: recorded } = readScenario('name: r\nnodes: multi\nsteps:\n- {at: 0, run: kubectl get nodes}\n')
  assert.equal(recorded.nodes.length, 5)
})

const aliasBomb = `a: &a [x,x,x,x,x,x,x,x,x]
b: &b [*a,*a,*a,*a,*a,*a,*a,*a]
c: &c [*b,*b,*b,*b,*b,*b,*b]
d: [*c,*c,*c,*c,*c,*c,*c]`
const steps = 'steps: [{at: 0, run: kubectl get nodes}]'
const refused = [
  { text: 'a: [', says: /line 1: / },
  { text: 'name: x', says: /steps must be a list/ },
  { text: 'steps:\n- {at: 0}', says: /line 2: step 0 needs one of/ },
  { text: `shape: {nodes: []}\n${steps}`, says: /line 1: shape needs nodes/ },
  { text: `shape: {nodes: [{name: Node_1}]}\n${steps}`, says: /shape\.nodes\.0\.name: must be a name/ },
  { text: `shape: {nodes: [{name: a, cpu: lots}]}\n${steps}`, says: /shape\.nodes\.0\.cpu: must be a quantity/ },
  { text: `shape: {nodes: [${'{name: a}, '.repeat(11)}]}\n${steps}`, says: /10 nodes, not 11/ },
  { text: `shape: {nodes: [{name: a}], rooms: 3}\n${steps}`, says: /shape: .*rooms/ },
  { text: 'steps: [{at: 0, fault: {kind: fire}}]', says: /step 0/ },
  { text: 'steps: [{at: 5, run: a}, {at: 1, run: b}]', says: /step 1 comes before/ },
  { text: `duration: 100000000\n${steps}`, says: /lasts 100000000 s/ },
  { text: `start: soon\n${steps}`, says: /start: "soon"/ },
  { text: aliasBomb, says: /aliases stand for far more/ },
  { text: `a: *b\n${steps}`, says: /Unresolved alias/ },
  { text: `%YAML 1.1\n---\n<<: 5\n${steps}`, says: /Merge sources must be maps/ },
  { text: '['.repeat(20_000), says: /line 1: nests too deeply/ },
  { text: `name: {toString: 1}\n${steps}`, says: /name must be text/ },
  { text: `seed: {toString: 1}\n${steps}`, says: /seed must be text/ },
  { text: `start: {toString: 1}\n${steps}`, says: /start must be text/ },
  { text: `duration: .nan\n${steps}`, says: /duration must be a number/ },
  { text: 'steps: [{at: .nan, run: a}]', says: /step 0 needs `at`/ },
  { text: 'steps: [{at: 0, apply: {toString: 1}}]', says: /step 0: apply must be text/ },
  { text: 'steps: [{at: 0, fault: 5}]', says: /a fault is a mapping/ },
  { text: 'steps: [{at: 0, fault: {node: {toString: 1}}}]', says: /the node of a fault must be text/ },
]
for (const { text, says } of refused)
  test(`a scenario is refused in words: ${text.slice(0, 50).replace(/\n/g, ' ')}`, () => {
    assert.throws(
      () => readScenario(text),
      (error: unknown) => error instanceof LabRefusal && error.status === 422 && says.test(error.message),
    )
  })

test('what is typed, edited and asked from outside is read as it was written', () => {
  const keyboard = { columns: 80, rows: 24 }
  const edited = { before: 'a: 1\n', after: 'a: 2\n' }
  const commands: Command[] = [
    { op: 'outside', line: 'curl http://node-1:30080', stdin: 'x' },
    { op: 'kubectl', line: 'kubectl exec -it web -- sh', keyboard },
    { op: 'input', number: 1, input: { act: 'write', data: 'exit\n' } },
    { op: 'input', number: 1, input: { act: 'resize', columns: 40, rows: 20 } },
    { op: 'node', node: 'node-1', line: 'crictl exec -it web sh', session: 's', keyboard },
    { op: 'kubectl', line: 'kubectl edit deployment web', edited },
  ]
  const log = commands.map((command, number) => ({ atMs: number * 1000, command }))
  const plan = { name: 'mine', seed: 'mine', start: '2026-03-02T09:00:00Z', shape, log, durationMs: 10_000 }
  assert.deepEqual(
    readScenario(writeScenario(plan)).log.map(({ command }) => command),
    commands,
  )
})
