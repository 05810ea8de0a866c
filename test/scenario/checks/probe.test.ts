/** Requests that a check sends, and what must come back. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster, type LiveCluster } from '../../../sim/cluster.ts'
import type { HttpRequest, NetworkNamespace, Target } from '../../../sim/network/types.ts'
import { runProbe } from '../../../sim/scenario/checks/probe.ts'
import type { ProbeAssertion } from '../../../sim/scenario/types.ts'

type Reply = Record<string, unknown> & { ok: boolean }

const answered = (status: number, body = '', pod?: string): Reply => ({
  ok: true,
  response: { status, headers: {}, body },
  ...(pod ? { server: { ip: '10.244.1.9', port: 80, pod } } : {}),
})
const failed = (error: string, host?: string): Reply => ({ ok: false, error, ...(host ? { host } : {}) })

/** What was asked for, and for how long at most. */
interface Asked {
  target?: Target
  request?: HttpRequest
  timeoutMs?: number
}

/** A network that gives these replies, one after the other; the last one again and again. */
function networkOf(replies: readonly Reply[]): { cluster: LiveCluster; asked: Asked[] } {
  const asked: Asked[] = []
  const next = () => replies[Math.min(asked.length, replies.length) - 1]
  const outside = {
    http(target: Target, request: HttpRequest, timeoutMs: number, done: (result: unknown) => void) {
      asked.push({ target, request, timeoutMs })
      done(next())
    },
    tcp(target: Target, _: undefined, timeoutMs: number, done: (result: unknown) => void) {
      asked.push({ target, timeoutMs })
      done(next())
    },
    resolve(_: string, done: (addresses: readonly string[]) => void) {
      asked.push({})
      done(next()!.addresses as string[])
    },
  } as unknown as NetworkNamespace
  const cluster = { nowMs: 0, step: () => false, namespace: 'shop', network: { outside } }
  return { cluster: cluster as unknown as LiveCluster, asked }
}

const web = { from: 'outside', protocol: 'http', target: 'http://web/' } as const
const probed = (replies: readonly Reply[], rest: Partial<ProbeAssertion>) =>
  runProbe(networkOf(replies).cluster, { ...web, expect: {}, ...rest })

const verdicts: {
  name: string
  replies: Reply[]
  probe: Partial<ProbeAssertion>
  holds: boolean
  actual: string
  expected: string
}[] = [
  {
    name: 'any answer is one, whatever its status',
    replies: [answered(500)],
    probe: {},
    holds: true,
    actual: 'asking http://web/ from outside: status 500',
    expected: 'http://web/ must give an answer',
  },
  {
    name: 'a status is that one and no other',
    replies: [answered(201)],
    probe: { expect: { status: 200 } },
    holds: false,
    actual: 'asking http://web/ from outside: status 201',
    expected: 'http://web/ must give status 200',
  },
  {
    name: 'a body holds the text',
    replies: [answered(200, 'hello otter')],
    probe: { expect: { status: 200, bodyIncludes: 'otter' } },
    holds: true,
    actual: 'asking http://web/ from outside: status 200 “hello otter”',
    expected: 'http://web/ must give status 200, a body with “otter”',
  },
  {
    name: 'a body that lacks the text is none',
    replies: [answered(200, 'hello badger')],
    probe: { expect: { bodyIncludes: 'otter' } },
    holds: false,
    actual: 'asking http://web/ from outside: status 200 “hello badger”',
    expected: 'http://web/ must give an answer, a body with “otter”',
  },
  {
    name: 'a whole body may have space around it',
    replies: [answered(200, 'otter\n')],
    probe: { expect: { body: 'otter' } },
    holds: true,
    actual: 'asking http://web/ from outside: status 200 “otter”',
    expected: 'http://web/ must give an answer, the body “otter” and nothing else',
  },
  {
    name: 'a whole body has nothing besides',
    replies: [answered(200, 'badger, otter')],
    probe: { expect: { status: 200, body: 'otter' } },
    holds: false,
    actual: 'asking http://web/ from outside: status 200 “badger, otter”',
    expected: 'http://web/ must give status 200, the body “otter” and nothing else',
  },
  {
    name: 'what must fail does',
    replies: [failed('timeout')],
    probe: { expect: { fails: true } },
    holds: true,
    actual: 'asking http://web/ from outside: timeout',
    expected: 'http://web/ must not answer',
  },
  {
    name: 'what must fail and once did not, did not fail',
    replies: [failed('timeout'), answered(200), failed('timeout')],
    probe: { attempts: 3, expect: { fails: true } },
    holds: false,
    actual: 'asking http://web/ from outside: 2 × timeout, 1 × status 200',
    expected: 'http://web/ must not answer',
  },
  {
    name: 'all requests count unless told',
    replies: [answered(200), failed('refused'), answered(200)],
    probe: { attempts: 3 },
    holds: false,
    actual: 'asking http://web/ from outside: 2 × status 200, 1 × connection refused',
    expected: 'http://web/ must give an answer',
  },
  {
    name: 'a share that is just reached is enough',
    replies: [failed('refused'), answered(200)],
    probe: { attempts: 4, expect: { minShare: 0.75 } },
    holds: true,
    actual: 'asking http://web/ from outside: 1 × connection refused, 3 × status 200',
    expected: 'http://web/ must give an answer, for at least 75 % of the requests',
  },
  {
    name: 'a share that is just missed is not',
    replies: [failed('refused'), answered(200)],
    probe: { attempts: 4, expect: { minShare: 0.76 } },
    holds: false,
    actual: 'asking http://web/ from outside: 1 × connection refused, 3 × status 200',
    expected: 'http://web/ must give an answer, for at least 76 % of the requests',
  },
  {
    name: 'several Pods answer',
    replies: [answered(200, '', 'web-1'), answered(200, '', 'web-2')],
    probe: { attempts: 2, expect: { servers: 2 } },
    holds: true,
    actual: 'asking http://web/ from outside: 2 × status 200',
    expected: 'http://web/ must give an answer, answers of at least 2 Pods',
  },
  {
    name: 'one Pod in place of two is named as one',
    replies: [answered(200, '', 'web-1')],
    probe: { attempts: 2, expect: { servers: 2 } },
    holds: false,
    actual: 'asking http://web/ from outside: 2 × status 200, answered by 1 Pod',
    expected: 'http://web/ must give an answer, answers of at least 2 Pods',
  },
  {
    name: 'two Pods in place of three',
    replies: [answered(200, '', 'web-1'), answered(200, '', 'web-2')],
    probe: { attempts: 3, expect: { servers: 3 } },
    holds: false,
    actual: 'asking http://web/ from outside: 3 × status 200, answered by 2 Pods',
    expected: 'http://web/ must give an answer, answers of at least 3 Pods',
  },
  {
    name: 'a Pod that refuses is no server that answered',
    replies: [{ ...failed('refused'), server: { ip: '10.244.1.9', port: 80, pod: 'web-1' } }],
    probe: { attempts: 2, expect: { servers: 1, minShare: 0 } },
    holds: false,
    actual: 'asking http://web/ from outside: 2 × connection refused, answered by 0 Pods',
    expected: 'http://web/ must give an answer, answers of at least 1 Pod, for at least 0 % of the requests',
  },
  {
    name: 'who answers without being known counts as nobody',
    replies: [answered(200)],
    probe: { attempts: 2, expect: { servers: 1 } },
    holds: false,
    actual: 'asking http://web/ from outside: 2 × status 200, answered by 0 Pods',
    expected: 'http://web/ must give an answer, answers of at least 1 Pod',
  },
  {
    name: 'a server that is no Pod counts by its address',
    replies: [
      { ...answered(200), server: { ip: '192.168.0.1', port: 80 } },
      { ...answered(200), server: { ip: '192.168.0.2', port: 80 } },
    ],
    probe: { attempts: 2, expect: { servers: 2 } },
    holds: true,
    actual: 'asking http://web/ from outside: 2 × status 200',
    expected: 'http://web/ must give an answer, answers of at least 2 Pods',
  },
  {
    name: 'a host that does not resolve is named',
    replies: [failed('unknown-host', 'web')],
    probe: {},
    holds: false,
    actual: 'asking http://web/ from outside: web does not resolve',
    expected: 'http://web/ must give an answer',
  },
  {
    name: 'a name that is not told',
    replies: [failed('unknown-host')],
    probe: {},
    holds: false,
    actual: 'asking http://web/ from outside: the name does not resolve',
    expected: 'http://web/ must give an answer',
  },
  {
    name: 'a connection',
    replies: [{ ok: true }],
    probe: { protocol: 'tcp', target: 'db:5432' },
    holds: true,
    actual: 'asking db:5432 from outside: connected',
    expected: 'db:5432 must give an answer',
  },
  {
    name: 'connections to several Pods',
    replies: [
      { ok: true, server: { ip: '10.244.1.2', port: 5432, pod: 'db-0' } },
      { ok: true, server: { ip: '10.244.1.3', port: 5432 } },
    ],
    probe: { protocol: 'tcp', target: 'db:5432', attempts: 2, expect: { servers: 2 } },
    holds: true,
    actual: 'asking db:5432 from outside: 2 × connected',
    expected: 'db:5432 must give an answer, answers of at least 2 Pods',
  },
  {
    name: 'a connection that is refused',
    replies: [failed('refused')],
    probe: { protocol: 'tcp', target: 'db:5432', expect: { fails: true } },
    holds: true,
    actual: 'asking db:5432 from outside: connection refused',
    expected: 'db:5432 must not answer',
  },
  {
    name: 'a name that resolves',
    replies: [{ ok: true, addresses: ['10.96.0.1', '10.96.0.2'] }],
    probe: { protocol: 'dns', target: 'web' },
    holds: true,
    actual: 'resolving web from outside: resolves to 10.96.0.1, 10.96.0.2',
    expected: 'web must give an answer',
  },
  {
    name: 'a name that does not',
    replies: [{ ok: true, addresses: [] }],
    probe: { protocol: 'dns', target: 'web' },
    holds: false,
    actual: 'resolving web from outside: does not resolve',
    expected: 'web must give an answer',
  },
]
for (const { name, replies, probe, ...verdict } of verdicts)
  test(`a probe: ${name}`, () => assert.deepEqual(probed(replies, probe), verdict))

const bodies: [what: string, body: string, told: string][] = [
  ['a page says too little in too many words', '<html>hello</html>', 'status 200'],
  ['nothing but white space is nothing', ' \n ', 'status 200'],
  ['lines become one', '\n hello\n\tthere  \n', 'status 200 “hello there”'],
  ['sixty characters are told', 'x'.repeat(60), `status 200 “${'x'.repeat(60)}”`],
  ['of more, the beginning', `${'x'.repeat(57)}tail`, `status 200 “${'x'.repeat(57)}...”`],
]
for (const [what, body, told] of bodies)
  test(`the body in short: ${what}`, () =>
    assert.equal(probed([answered(200, body)], {}).actual, `asking http://web/ from outside: ${told}`))

const addresses: [target: string, host: string, port: number, path: string, scheme: string][] = [
  ['http://web', 'web', 80, '/', 'http'],
  ['http://web/shop?a=1', 'web', 80, '/shop?a=1', 'http'],
  ['https://web.shop/', 'web.shop', 443, '/', 'https'],
  ['http://node-1:30080/x', 'node-1', 30_080, '/x', 'http'],
  ['https://web:8443', 'web', 8443, '/', 'https'],
]
for (const [target, host, port, path, scheme] of addresses)
  test(`${target} is asked for as it says`, () => {
    const { cluster, asked } = networkOf([answered(200)])
    runProbe(cluster, { ...web, target, expect: {} })
    const headers = { 'User-Agent': 'podium-check' }
    assert.deepEqual(asked, [
      { target: { host, port }, request: { method: 'GET', path, host, headers, scheme }, timeoutMs: 2000 },
    ])
  })

test('a connection is made to the host and port behind the last colon', () => {
  const { cluster, asked } = networkOf([{ ok: true }])
  runProbe(cluster, { from: 'outside', protocol: 'tcp', target: 'db.shop:5432', expect: {} })
  assert.deepEqual(asked, [{ target: { host: 'db.shop', port: 5432 }, timeoutMs: 2000 }])
})

test('so many requests are sent as are told, and one unless told', () => {
  for (const attempts of [undefined, 1, 4]) {
    const { cluster, asked } = networkOf([answered(200)])
    runProbe(cluster, { ...web, ...(attempts ? { attempts } : {}), expect: {} })
    assert.equal(asked.length, attempts ?? 1)
  }
})

test('an address that is none does not hold: it is no proof that nobody answers', () => {
  const actual = (protocol: 'http' | 'tcp', target: string) => {
    const verdict = probed([failed('timeout')], { protocol, target, expect: { fails: true } })
    return verdict.holds ? 'holds' : verdict.actual
  }
  for (const target of ['web', 'ftp://web/', 'http://:80/', 'http://web:http/'])
    assert.equal(actual('http', target), `${target} is no http:// or https:// address`)
  for (const target of ['web', 'web:', ':80', 'web:http'])
    assert.equal(actual('tcp', target), `${target} is no HOST:PORT`)
  assert.equal(actual('http', 'http://web/'), 'holds')
  assert.equal(actual('tcp', 'web:80'), 'holds')
})

/** A cluster with a Service, and lines of kubectl before anybody asks. */
function clusterWith(...lines: string[]) {
  const cluster = createCluster({ seed: 'probe', shape: { nodes: [{ name: 'node-1' }], namespace: 'shop' } })
  for (const line of ['create deployment web --image=nginx:1.27', 'expose deployment web --port=80', ...lines]) {
    const { exit, stderr } = cluster.execute({ op: 'kubectl', line: `kubectl ${line}` })
    assert.equal(exit, 0, stderr)
  }
  cluster.advance(10_000)
  return cluster
}
const ask = (cluster: LiveCluster, from: string, rest: Partial<ProbeAssertion> = {}) =>
  runProbe(cluster, { ...web, from, expect: { status: 200 }, ...rest })

test('requests start where the check says: outside, on a node, in a Pod, in a Pod of its own', () => {
  const cluster = clusterWith('run client --image=busybox:1.36 -- sleep 3600')
  for (const from of ['client', 'new-pod']) assert.equal(ask(cluster, from).holds, true)
  assert.equal(ask(cluster, 'outside').actual, 'asking http://web/ from outside: web does not resolve')
  const services = cluster.objects('services') as unknown as {
    metadata: { name: string }
    spec: { clusterIP: string }
  }[]
  const { clusterIP } = services.find(({ metadata }) => metadata.name === 'web')!.spec
  assert.equal(ask(cluster, 'node/node-1', { target: `http://${clusterIP}/` }).holds, true)
})

test('an answer is of the Pods of whom the check names, and of nobody who says the same', () => {
  const cluster = clusterWith('scale deployment web --replicas=2')
  const expect = { status: 200, by: 'Deployment/web' }
  assert.deepEqual(ask(cluster, 'new-pod', { attempts: 4, expect }), {
    holds: true,
    actual: 'asking http://web/ from new-pod: 4 × status 200',
    expected: 'http://web/ must give status 200, answers of Pods of Deployment/web alone',
  })
  cluster.execute({ op: 'kubectl', line: 'kubectl run stand-in --image=nginx:1.27 --labels=app=web' })
  cluster.advance(10_000)
  const mixed = ask(cluster, 'new-pod', { attempts: 30, expect })
  assert.equal(mixed.holds, false)
  assert.match(mixed.actual, /\d+ × status 200 of somebody else/)
  const tcp = { protocol: 'tcp', target: 'web:80', attempts: 30 } as const
  assert.equal(ask(cluster, 'new-pod', { ...tcp, expect: { by: 'Deployment/web' } }).holds, false)
  assert.equal(ask(cluster, 'new-pod', { expect: { by: 'Deployment/gone' } }).holds, false)
})

test('a program on a node’s own network is nobody’s Pod', () => {
  const cluster = clusterWith()
  cluster.execute({
    op: 'apply',
    manifest: `
apiVersion: v1
kind: Pod
metadata: { name: on-the-node, namespace: shop }
spec: { hostNetwork: true, containers: [{ name: web, image: nginx:1.27 }] }`,
  })
  cluster.advance(10_000)
  const target = 'http://node-1/'
  assert.equal(ask(cluster, 'outside', { target }).holds, true)
  assert.equal(ask(cluster, 'outside', { target, expect: { by: 'Deployment/web' } }).holds, false)
})

test('there is no asking from a Pod that is not there, not even for what must fail', () => {
  const { holds, actual, expected } = ask(clusterWith(), 'client', { expect: { fails: true } })
  assert.deepEqual([holds, expected], [false, 'http://web/ must not answer'])
  assert.equal(actual, 'there is no running Pod client to ask from')
})

const stored = (cluster: LiveCluster) =>
  (cluster.objects('pods') as unknown as { metadata: { name: string; namespace: string }; status: object }[]).filter(
    ({ metadata }) => metadata.name.startsWith('podium-check'),
  )

test('a Pod of the check’s own is made once, in the learner’s namespace', () => {
  const cluster = clusterWith()
  for (let n = 0; n < 2; n++) assert.equal(ask(cluster, 'new-pod').holds, true)
  assert.deepEqual(
    stored(cluster).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
    ['shop/podium-check'],
  )
})

test('a Pod of the check’s own has room in a namespace that enforces the restricted standard', () => {
  const cluster = clusterWith('label namespace shop pod-security.kubernetes.io/enforce=restricted')
  assert.equal(ask(cluster, 'new-pod').holds, true)
})

test('a Pod of the learner’s that is called as the check’s own is not asked from', () => {
  const closed = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: closed, namespace: shop }
spec: { podSelector: { matchLabels: { run: podium-check } }, policyTypes: [Egress] }`
  const cluster = clusterWith('run podium-check --image=busybox:1.36 -- sleep 3600')
  cluster.execute({ op: 'apply', manifest: closed })
  cluster.advance(5000)
  assert.equal(ask(cluster, 'podium-check', { expect: { fails: true } }).holds, true)
  assert.equal(ask(cluster, 'new-pod', { expect: { fails: true } }).holds, false)
  assert.equal(ask(cluster, 'new-pod').holds, true)
  assert.equal(stored(cluster).length, 2)
})

test('a Pod of the check’s own that is refused is told', () => {
  const { holds, actual } = ask(clusterWith('create quota full --hard=pods=1'), 'new-pod', { expect: { fails: true } })
  assert.equal(holds, false)
  assert.match(actual, /^a Pod to ask from was refused: pods "podium-check" is forbidden: exceeded quota: full/)
})

test('a Pod of the check’s own that never starts asks nobody', () => {
  const cluster = clusterWith('cordon node-1')
  const before = cluster.nowMs
  assert.equal(ask(cluster, 'new-pod').actual, 'there is no running Pod podium-check to ask from')
  assert.equal(cluster.nowMs - before >= 60_000, true)
  assert.equal(stored(cluster)[0]!.metadata.name, 'podium-check')
})

test('who does not answer in time has not answered', () => {
  const deaf = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: deaf, namespace: shop }
spec: { podSelector: { matchLabels: { app: web } }, policyTypes: [Ingress] }`
  const cluster = clusterWith('run client --image=busybox:1.36 -- sleep 3600')
  cluster.execute({ op: 'apply', manifest: deaf })
  cluster.advance(5000)
  const before = cluster.nowMs
  assert.equal(ask(cluster, 'client').actual, 'asking http://web/ from client: timeout')
  assert.equal(Math.floor((cluster.nowMs - before) / 1000), 2)
})

test('who never hears back waits three seconds', () => {
  const cluster = {
    nowMs: 0,
    step() {
      this.nowMs += 500
      return true
    },
    network: { outside: { http: () => {} } },
  }
  assert.equal(ask(cluster as unknown as LiveCluster, 'outside').actual, 'asking http://web/ from outside: timeout')
  assert.equal(cluster.nowMs, 3000)
})
