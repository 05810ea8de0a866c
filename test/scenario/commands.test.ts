// Each kind of command: its form, its words, its step in a scenario file.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  authoredCommandSchema,
  commandFamilies,
  commandSchema,
  loggedCommandSchema,
  wordsOfCommand,
} from '../../sim/scenario/commands/registry.ts'
import { stepCommand, stepOf } from '../../sim/scenario/scenario-file.ts'
import type { Command } from '../../sim/scenario/types.ts'

const admin = { name: 'admin', groups: ['system:masters'] }
const screen = { columns: 80, rows: 24 }

/** Of each kind the plainest, and one with all that it can have. */
const samples: { readonly [O in Command['op']]: readonly Extract<Command, { op: O }>[] } = {
  apply: [
    { op: 'apply', manifest: 'kind: Pod' },
    { op: 'apply', manifest: 'kind: Pod', args: '--server-side' },
    { op: 'apply', manifest: 'kind: Pod', file: 'web.yaml' },
  ],
  create: [
    { op: 'create', manifest: 'kind: Pod' },
    { op: 'create', manifest: 'kind: Pod', args: '--dry-run=server' },
  ],
  kubectl: [
    { op: 'kubectl', line: 'kubectl get pods' },
    { op: 'kubectl', line: 'kubectl apply -f -', stdin: 'kind: Pod' },
    {
      op: 'kubectl',
      line: 'kubectl apply -f a.yaml',
      workplace: { directory: '/', environment: { HOME: '/root' }, files: { '/a.yaml': 'kind: Pod' } },
    },
    { op: 'kubectl', line: 'kubectl exec -it web -- sh', keyboard: screen },
    { op: 'kubectl', line: 'kubectl edit deploy web', edited: { before: 'a', after: 'b' } },
  ],
  helm: [
    { op: 'helm', line: 'helm list' },
    { op: 'helm', line: 'helm template web -f -', stdin: 'a: 1' },
    {
      op: 'helm',
      line: 'helm install web ./web',
      workplace: { directory: '/', environment: { HOME: '/root' }, files: { '/web/Chart.yaml': 'name: web' } },
    },
  ],
  fault: [
    { op: 'fault', fault: { kind: 'node', node: 'node-1', state: 'down' } },
    { op: 'fault', fault: { kind: 'join', node: { name: 'node-9', cpu: '4' } } },
    { op: 'fault', fault: { kind: 'partition', node: 'node-1', state: 'from-all' } },
    { op: 'fault', fault: { kind: 'runtime', node: 'node-1', state: 'stopped' } },
    { op: 'fault', fault: { kind: 'cni', node: 'node-1', state: 'failing' } },
    { op: 'fault', fault: { kind: 'disk', node: 'node-1', state: 'low' } },
    { op: 'fault', fault: { kind: 'memory', node: 'node-1', state: 'low' } },
    { op: 'fault', fault: { kind: 'pids', node: 'node-1', state: 'low' } },
    { op: 'fault', fault: { kind: 'kubelet', node: 'node-1', state: 'stopped' } },
    { op: 'fault', fault: { kind: 'registry', state: 'slow' } },
    { op: 'fault', fault: { kind: 'pod', selector: 'app=web', act: 'kill' } },
    { op: 'fault', fault: { kind: 'component', component: 'kube-scheduler', state: 'stopped' } },
  ],
  answer: [{ op: 'answer', file: 'pods.txt', text: 'web-1' }],
  evict: [{ op: 'evict', selector: 'app=web', first: 'ready' }],
  staticPod: [{ op: 'staticPod', node: 'node-1', file: 'web.yaml', manifest: 'kind: Pod' }],
  hostFile: [{ op: 'hostFile', node: 'node-1', path: '/etc/hosts' }],
  node: [
    { op: 'node', node: 'node-1', line: 'crictl ps' },
    { op: 'node', node: 'node-1', line: 'top', session: 's', keyboard: screen },
  ],
  outside: [{ op: 'outside', line: 'curl -s node-1:30080', stdin: '' }],
  traffic: [
    {
      op: 'traffic',
      traffic: { name: 't', from: 'outside', url: 'http://web', perSecond: 2, seconds: 30, timeoutMs: 9 },
    },
  ],
  request: [
    { op: 'request', method: 'POST', url: '/api/v1/namespaces', headers: {}, body: '{}' },
    { op: 'request', method: 'POST', url: '/api/v1/namespaces', headers: {}, body: 'e30=', isBase64: true },
  ],
  openSession: [
    {
      op: 'openSession',
      session: {
        ...{ user: admin, namespace: 'default', pod: 'web' },
        ...{ kind: 'exec', container: 'c', command: ['sh'], stdin: true, tty: true },
      },
    },
    { op: 'openSession', session: { user: admin, namespace: 'default', pod: 'web', kind: 'port-forward' } },
  ],
  session: [{ op: 'session', number: 0, input: { act: 'connect', port: 80 } }],
  input: [{ op: 'input', number: 3, input: { act: 'write', data: { base64: 'AA==' } } }],
  interrupt: [{ op: 'interrupt', number: 3 }],
}
const all: readonly Command[] = Object.values(samples).flat()

/** As JSON has it: what is undefined is not there. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

test('each kind of command has a family, and each family a sample', () => {
  assert.deepEqual(commandFamilies.map(({ op }) => op).sort(), Object.keys(samples).sort())
})

test('what a log holds is read as it is, and nothing beside it', () => {
  for (const command of all) {
    assert.deepEqual(commandSchema.parse(command), command)
    assert.equal(commandSchema.safeParse({ ...command, more: 1 }).success, false, `${command.op} takes any field`)
    assert.deepEqual(loggedCommandSchema.parse({ atMs: 1.5, command }), { atMs: 1.5, command })
  }
  assert.equal(commandSchema.safeParse({ op: 'reboot' }).success, false)
  assert.equal(loggedCommandSchema.safeParse({ atMs: -1, command: all[0] }).success, false)
})

test('an applied file has a name, and nothing that a shell or kubectl would take for more', () => {
  const isName = (file: string): boolean => commandSchema.safeParse({ ...samples.apply[0], file }).success
  for (const name of ['web.yaml', 'base/web_1.yaml', '0.json']) assert.ok(isName(name), name)
  for (const name of ['', '-', '-k', 'a b', 'a;b', '$x', '/etc/passwd', 'a\nb', 'x'.repeat(201)])
    assert.ok(!isName(name), name)
})

test('a number of requests is a parameter in content alone', () => {
  const [{ traffic }] = samples.traffic
  const drawn = { op: 'traffic', traffic: { ...traffic, perSecond: '{{rate}}' } }
  assert.equal(commandSchema.safeParse(drawn).success, false)
  assert.equal(authoredCommandSchema.safeParse(drawn).success, true)
  assert.equal(commandSchema.safeParse({ op: 'traffic', traffic: { ...traffic, seconds: -1 } }).success, false)
})

test('authors write what makes a world, and no key of a terminal', () => {
  const isAuthored = (command: Command): boolean => authoredCommandSchema.safeParse(command).success
  const written = new Set(all.filter(isAuthored).map(({ op }) => op))
  assert.deepEqual([...written].sort(), [
    'apply',
    'create',
    'evict',
    'fault',
    'helm',
    'hostFile',
    'kubectl',
    'node',
    'staticPod',
    'traffic',
  ])
  assert.equal(isAuthored(samples.kubectl[3]!), false)
})

test('a step of a scenario file says the same command again', () => {
  for (const command of all) {
    const step = stepOf({ atMs: 1500, command, isBegun: true })
    assert.deepEqual([step.at, step.begun], [1.5, true])
    assert.deepEqual(plain(stepCommand(plain(step) as object)), plain(command), command.op)
  }
  assert.throws(() => stepCommand({ at: 1 }), /step without a kind/)
  assert.deepEqual(stepCommand({ at: 1, fault: { node: 'node-1', state: 'down' } }), samples.fault[0])
})

test('what somebody types is shown as it was typed, the rest as what it does', () => {
  const typed = (command: Command): string | undefined => {
    const words = wordsOfCommand(command)
    return 'typed' in words ? words.typed : undefined
  }
  assert.deepEqual(samples.kubectl.map(typed)[0], 'kubectl get pods')
  assert.deepEqual(samples.apply.map(typed), [
    'kubectl apply -f -',
    'kubectl apply -f - --server-side',
    'kubectl apply -f web.yaml',
  ])
  assert.deepEqual(samples.node.map(typed)[0], 'ssh node-1 crictl ps')
  assert.deepEqual(samples.outside.map(typed), ['curl -s node-1:30080'])
  assert.deepEqual(samples.openSession.map(typed)[0], 'kubectl exec web')
  for (const command of all) {
    const words = wordsOfCommand(command)
    if ('typed' in words) continue
    const values = words.told.values ?? {}
    const named = [...words.told.text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)
    assert.deepEqual(named.sort(), Object.keys(values).sort(), words.told.text)
  }
})
