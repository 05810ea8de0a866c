import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { gradeChallenge, judgeNow, openChallenge } from '../../sim/scenario/grade.ts'
import type { ChallengeSpec, LoggedCommand } from '../../sim/scenario/types.ts'

const deployment = (replicas: number, more = ''): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: 'nginx:1.27'${more}}]}
`
const service = (port: number): string => `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: ${port}}]}
`

const spec: ChallengeSpec = {
  id: 'serve',
  title: 'Serve',
  version: 1,
  style: 'build',
  difficulty: 1,
  minutes: 5,
  topics: [],
  params: { replicas: { oneOf: [2, 3] } },
  world: {
    shape: { nodes: [{ name: 'node-1' }] },
    setup: [{ op: 'kubectl', line: 'kubectl create configmap precious --from-literal=a=1' }],
    settleSeconds: 5,
  },
  workspace: { files: {}, allowKubectl: true, maxApplies: 5, maxVirtualSeconds: 600 },
  checks: [
    {
      id: 'runs',
      title: 'Replicas are ready',
      points: 40,
      when: { mode: 'eventually', withinSeconds: 60 },
      assert: { object: { kind: 'Deployment', metadata: { name: 'web' }, status: { readyReplicas: '{{replicas}}' } } },
    },
    {
      id: 'answers',
      title: 'The Service answers',
      points: 60,
      when: { mode: 'settled' },
      dependsOn: ['runs'],
      criteria: [
        {
          id: 'inside',
          title: 'inside',
          points: 40,
          assert: { probe: { from: 'new-pod', protocol: 'http', target: 'http://web/', expect: { status: 200 } } },
        },
        {
          id: 'spread',
          title: 'by all',
          points: 20,
          assert: {
            probe: {
              from: 'new-pod',
              protocol: 'http',
              target: 'http://web/',
              attempts: 20,
              expect: { status: 200, servers: 2 },
            },
          },
        },
      ],
    },
    {
      id: 'precious',
      title: 'The ConfigMap stays',
      points: 30,
      gate: true,
      when: { mode: 'always' },
      assert: { cel: "configmaps.exists(c, c.metadata.name == 'precious')" },
    },
  ],
  hints: [],
  observeSeconds: 60,
}

const apply = (manifest: string, atMs = 0): LoggedCommand => ({ atMs, command: { op: 'apply', manifest } })
const kubectl = (line: string, atMs: number): LoggedCommand => ({ atMs, command: { op: 'kubectl', line } })
const replicasOf = (seed: string): number => Number(openChallenge(spec, seed).params.replicas)
const grade = (log: LoggedCommand[], seed = 's') => gradeChallenge(spec, { log }, seed, 'hash')

test('doing nothing scores nothing, and the checks say what is missing', () => {
  const result = grade([])
  assert.equal(result.gradable, true)
  assert.equal(result.score, 0)
  assert.equal(result.tests[0].actual, 'there is no Deployment/web')
  assert.equal(result.tests[1].status, 'skipped')
  assert.match(result.tests[1].message, /Replicas are ready/)
})

test('a manifest that behaves right scores all, on every variant', () => {
  for (const seed of ['a', 'b', 'c', 'd']) {
    const result = grade([apply(deployment(replicasOf(seed))), apply(service(80), 2000)], seed)
    assert.equal(result.score, 100, JSON.stringify(result.tests))
    assert.equal(result.passed, true)
  }
})

test('a failed check tells what was seen, what was expected, and the chain of causes', () => {
  const result = grade([apply(deployment(replicasOf('s'))), apply(service(8080), 2000)])
  assert.equal(result.score, 40)
  const [, answers] = result.tests
  assert.equal(answers.status, 'fail')
  assert.match(answers.actual ?? '', /connection refused/)
  assert.match(answers.expected ?? '', /status 200/)
  assert.match(answers.cause.join(' '), /sends them to port 8080 of its Pods, and web-\S+ listens on 80/)
  assert.deepEqual(answers.causes, ['target-port-not-listening'])
})

test('a program that is bound to the loopback address is found, for a Service and for a probe', () => {
  const bound = (probe = '') => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: ${replicasOf('s')}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: web, image: "python:3.12", command: [python, -m, http.server, "80", --bind, 127.0.0.1]${probe}}
`
  const [, answers] = grade([apply(bound()), apply(service(80), 2000)]).tests
  assert.match(answers.cause.join(' '), /to port 80 of its Pods, and web-\S+ listens on it at 127\.0\.0\.1 alone/)
  assert.deepEqual(answers.causes, ['target-port-not-listening'])
  const [runs] = grade([apply(bound(', readinessProbe: {httpGet: {port: 80}}')), apply(service(80), 2000)]).tests
  assert.match(runs.cause.join(' '), /listens on port 80 at 127\.0\.0\.1 alone, and the probe comes from outside/)
  assert.ok(runs.causes?.includes('readiness-fails'), String(runs.causes))
})

test('what a check makes is not what a learner has prepared under that name', () => {
  const line = 'kubectl create configmap witness --from-literal=seen=yes'
  const asking = (list: string): ChallengeSpec => ({
    ...spec,
    checks: [
      {
        id: 'writes',
        title: 'It is stored',
        points: 100,
        when: { mode: 'settled' },
        afterwards: [{ op: 'kubectl', line }],
        assert: { cel: `${list}.configmaps.exists(c, c.metadata.name == 'witness' && c.data['seen'] == 'yes')` },
      },
    ],
  })
  const scoreOf = (list: string, log: LoggedCommand[]): number =>
    gradeChallenge(asking(list), { log }, 's', 'hash').score
  assert.equal(scoreOf('made', []), 100)
  assert.equal(scoreOf('made', [kubectl(line, 1000)]), 0)
  assert.equal(scoreOf('everywhere', [kubectl(line, 1000)]), 100)
})

test('an expression is never told, neither by a check without words of its own nor by one that waits for a hidden one', () => {
  const cel = "configmaps.exists(c, c.metadata.name == 'never')"
  const when = { mode: 'settled' as const }
  const worldless: ChallengeSpec = {
    ...spec,
    checks: [
      { id: 'bare', title: 'There is a map', points: 50, when, assert: { cel } },
      { id: 'trap', title: 'HIDDEN', points: 10, when, assert: { cel }, hidden: true },
      { id: 'last', title: 'Last', points: 40, when, dependsOn: ['trap'], assert: { cel } },
      { id: 'alone', title: 'Left alone', points: 10, when, assert: { cel }, gate: true },
    ],
  }
  const { tests, gates } = gradeChallenge(worldless, { log: [] }, 's', 'hash')
  assert.deepEqual([tests[0]!.expected, gates[0]!.expected], ['There is a map', 'Left alone'])
  assert.match(tests[2]!.message, /first make this pass: a check that is not shown/)
  assert.ok(!JSON.stringify([tests, gates]).includes('exists('))
})

test('criteria carry points of their own', () => {
  const slow = ", readinessProbe: {exec: {command: [sh, -c, 'test $(hostname) != x']}}"
  const result = grade([
    apply(deployment(replicasOf('s'), slow)),
    apply(service(80), 2000),
    kubectl('kubectl scale deploy/web --replicas=1', 50_000),
  ])
  assert.deepEqual(
    result.tests[1].criteria.map((criterion) => [criterion.id, criterion.points]),
    [
      ['inside', 40],
      ['spread', 0],
    ],
  )
})

test('a violated gate costs its points, and never more than there are', () => {
  const good = [apply(deployment(replicasOf('s'))), apply(service(80), 2000)]
  const result = grade([...good, kubectl('kubectl delete configmap precious', 10_000)])
  assert.equal(result.score, 70)
  assert.equal(result.passed, false)
  assert.equal(grade([kubectl('kubectl delete configmap precious', 0)]).score, 0)
})

test('how checks stand is told of a cluster that goes on, without disturbing it', () => {
  const { spec: variant, cluster } = openChallenge(spec, 's')
  const standing = () => judgeNow(variant, cluster, 0).map(({ status }) => status)
  assert.deepEqual(standing(), ['fail', 'unknown', 'pass'])
  cluster.execute({ op: 'apply', manifest: deployment(replicasOf('s')) })
  cluster.advance(20_000)
  const before = [cluster.nowMs, cluster.stateHash()]
  assert.deepEqual(standing(), ['pass', 'unknown', 'pass'])
  assert.deepEqual([cluster.nowMs, cluster.stateHash()], before)
  cluster.execute({ op: 'kubectl', line: 'kubectl delete configmap precious' })
  cluster.advance(1000)
  assert.deepEqual(standing(), ['pass', 'unknown', 'fail'])
})

test('a grade can be recomputed by anybody from its log', () => {
  const log = [apply(deployment(3)), apply(service(80), 2000)]
  const { wallMs: _a, ...first } = grade(log)
  const { wallMs: _b, ...second } = grade(log)
  assert.deepEqual(first, second)
})

const refused: { name: string; log: LoggedCommand[]; problem: RegExp }[] = [
  {
    name: 'too many applies',
    log: Array.from({ length: 6 }, (_, i) => apply(service(80), i)),
    problem: /6 applies, and at most 5/,
  },
  { name: 'a command after the end', log: [apply(service(80), 601_000)], problem: /lasts 600 s/ },
  {
    name: 'commands out of order',
    log: [apply(service(80), 1000), apply(service(80), 0)],
    problem: /command 2 comes before/,
  },
  { name: 'a manifest of 10 MB', log: [apply('x'.repeat(10_000_000))], problem: /10000000 characters long/ },
  {
    name: 'a fault',
    log: [{ atMs: 0, command: { op: 'fault', fault: { kind: 'registry', state: 'down' } } }],
    problem: /not the learner's to give/,
  },
  { name: '100,000 replicas', log: [apply(deployment(100_000))], problem: /may hold 2500 objects/ },
]
for (const { name, log, problem } of refused)
  test(`${name} is refused with a reason and uses no attempt`, () => {
    const result = grade(log)
    assert.equal(result.gradable, false)
    assert.match(result.problem ?? '', problem)
  })

test('whoever looked around on a node, or from outside, is graded as everybody', () => {
  const looks: LoggedCommand[] = [
    { atMs: 0, command: { op: 'node', node: 'node-1', line: 'crictl ps' } },
    { atMs: 0, command: { op: 'outside', line: 'dig example.com' } },
    { atMs: 0, command: { op: 'node', node: 'nowhere', line: 'ls' } },
  ]
  const [plain, withLooks] = [grade([apply(service(80))]), grade([...looks, apply(service(80))])]
  assert.deepEqual([withLooks.gradable, withLooks.problem, withLooks.score], [true, undefined, plain.score])
  assert.equal(withLooks.commands.length, 4)
})

test('what is no manifest is an error of the command, not of the grade', () => {
  for (const manifest of ['a: [', '['.repeat(3000), 'just words', 'a: &a [1]\nb: [*a,', '']) {
    const result = grade([apply(manifest)])
    assert.equal(result.gradable, true)
    assert.notEqual(result.commands[0].exit, 0)
    assert.ok(result.commands[0].stderr.startsWith('error'), result.commands[0].stderr)
  }
})

test('any text that a learner may send is graded or refused, and never an error of ours', () => {
  const words = fc.constantFrom(
    'kubectl',
    'get',
    'apply',
    '-f',
    '-',
    'pods',
    '--',
    '-o',
    'jsonpath={.',
    '"',
    "'",
    '\\',
    '{}',
    '-l',
    'a=b',
    '\u0000',
    '--replicas=-1',
    'scale',
    'deploy/web',
    'exec',
    'web',
    'sh',
    '-c',
    '$(',
    '|',
  )
  fc.assert(
    fc.property(fc.array(words, { maxLength: 8 }), fc.string({ maxLength: 60 }), (line, manifest) => {
      const result = grade([kubectl(line.join(' '), 0), apply(manifest, 1000)])
      assert.equal(result.gradable, true, result.problem)
      assert.equal(result.commands.length, 2)
    }),
    { seed: 3, numRuns: 40 },
  )
})

test('a quota that leaves no room for the asking Pod fails the check, not the grade', () => {
  const replicas = replicasOf('s')
  const result = grade([
    apply(deployment(replicas)),
    apply(service(80), 2000),
    kubectl(`kubectl create quota full --hard=pods=${replicas}`, 20_000),
  ])
  assert.equal(result.gradable, true)
  const answers = result.tests.find((check) => check.status === 'fail')
  assert.match(answers?.actual ?? '', /a Pod to ask from was refused: pods "podium-check" is forbidden: exceeded quota/)
})

test('who deletes at last what had to be there earns nothing for it', () => {
  const ready = (log: LoggedCommand[]) => grade(log).tests.find(({ id }) => id === 'runs')
  const made = apply(deployment(replicasOf('s')))
  const gone = ready([made, kubectl('kubectl delete deployment web', 30_000)])
  assert.equal(ready([made])!.points, 40)
  assert.equal(gone!.points, 0)
  assert.equal(gone!.message, 'there is no Deployment/web; it did not hold within 60 s of the last command')
})

test('in a world that could not be set up nobody is graded, and it cannot be opened', () => {
  const broken: ChallengeSpec = {
    ...spec,
    world: { ...spec.world, setup: [{ op: 'kubectl', line: 'kubectl create configmap --nothing' }] },
  }
  const result = gradeChallenge(broken, { log: [] }, 'seed', '')
  assert.equal(result.gradable, false)
  assert.match(
    result.problem!,
    /^Not graded: challenge serve: its world can't be set up: error: unknown flag: --nothing/,
  )
  assert.throws(() => openChallenge(broken, 'seed'), /can't be set up/)
})

test('access that was given and taken away again is seen by a check of all the time', () => {
  const check = (mode: 'always' | 'settled') => ({
    id: 'no-new-rights',
    title: 'Nobody gains',
    points: 10,
    when: { mode },
    assert: { access: { nobodyGainsBut: [] } },
  })
  const rights: ChallengeSpec = { ...spec, checks: [check('always'), { ...check('settled'), id: 'in-the-end' }] }
  const verdicts = (log: LoggedCommand[]) =>
    gradeChallenge(rights, { log }, 's', 'hash').tests.map(({ id, status }) => [id, status])
  const line = (atSeconds: number, text: string): LoggedCommand => ({
    atMs: atSeconds * 1000,
    command: { op: 'kubectl', line: `kubectl ${text}` },
  })
  const given = line(5, 'create rolebinding try --clusterrole=admin --serviceaccount=default:default')
  assert.deepEqual(verdicts([given, line(30, 'delete rolebinding try')]), [
    ['no-new-rights', 'fail'],
    ['in-the-end', 'pass'],
  ])
  assert.deepEqual(verdicts([line(5, 'create configmap a')]), [
    ['no-new-rights', 'pass'],
    ['in-the-end', 'pass'],
  ])
})

/** Behind web-1 and web-2: each listens so many seconds after its container has begun. */
const lateServers = (seconds: readonly number[]): LoggedCommand[] =>
  seconds.map((second, at) => {
    const command = `, command: [sh, -c, 'sleep ${second}; exec nginx -g "daemon off;"']`
    const manifest = `${deployment(1, command)}---\n${service(80)}`.replaceAll('web', `web-${at + 1}`)
    return { atMs: 0, command: { op: 'apply', manifest } }
  })

const asksFor = (n: number) => ({
  id: `asks-${n}`,
  title: `web-${n}`,
  points: 50,
  assert: { probe: { from: 'new-pod', protocol: 'http', target: `http://web-${n}/`, expect: { status: 200 } } },
})
const inTime = (observeSeconds: number, check: object) =>
  ({
    ...spec,
    params: {},
    checks: [
      {
        ...{ id: 'in-time', title: 'Both answer in time', points: 100, ...check },
        when: { mode: 'eventually', withinSeconds: 60 },
        criteria: [asksFor(1), asksFor(2)],
      },
    ],
    observeSeconds,
  }) as unknown as ChallengeSpec

test('what has to come within a minute of a fault does so, also where a check asks for several things', () => {
  const given = [1, 2].map((n) => ({ kind: 'pod', selector: `app=web-${n}`, act: 'delete' }))
  const scoreOf = (...seconds: number[]): number =>
    gradeChallenge(inTime(150, { given }), { log: lateServers(seconds) }, 'one', 'hash').score
  assert.equal(scoreOf(45, 30), 100)
  assert.equal(scoreOf(45, 80), 50)
  assert.equal(scoreOf(80, 80), 0)
})

test('what may come in time without a fault has the same time for everything that a check asks for', () => {
  const scoreOf = (...seconds: number[]): number =>
    gradeChallenge(inTime(10, {}), { log: lateServers(seconds) }, 'one', 'hash').score
  assert.equal(scoreOf(45, 30), 100)
  assert.equal(scoreOf(45, 110), 50)
})
