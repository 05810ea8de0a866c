import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hiddenSeeds, judgedElsewhere, leastOf } from '../../../../server/labs/tasks/hidden-seeds.ts'
import { type ChallengeSpec, gradeChallenge, type LoggedCommand, prepareChallenge } from '../../../../sim/index.ts'
import { aFailedGrade, aGrade } from '../../fake-labs.ts'

const secret = 'a secret of at least thirty-two characters'

/** The Pod db belongs on the node with the fast disk; which one that is, nobody is told. */
const spec: ChallengeSpec = {
  ...{ id: 'fast-disk', title: 'Fast disk', version: 1, style: 'build', difficulty: 1, minutes: 5, topics: [] },
  params: { app: { oneOf: ['db', 'cache'] }, fast: { oneOf: ['node-1', 'node-2'], hidden: true } },
  world: {
    shape: { nodes: [{ name: 'node-1' }, { name: 'node-2' }] },
    setup: [{ op: 'kubectl', line: 'kubectl label node {{fast}} disk=fast' }],
    settleSeconds: 5,
  },
  workspace: { files: {}, allowKubectl: true, maxApplies: 5, maxVirtualSeconds: 600 },
  checks: [
    {
      ...{ id: 'runs', title: 'The Pod runs', points: 40, when: { mode: 'settled' } },
      assert: { object: { kind: 'Pod', metadata: { name: '{{app}}' }, status: { phase: 'Running' } } },
    },
    {
      ...{ id: 'placed', title: 'It is on the fast disk', points: 60, when: { mode: 'settled' } },
      assert: { object: { kind: 'Pod', metadata: { name: '{{app}}' }, spec: { nodeName: '{{fast}}' } } },
    },
  ],
  hints: [],
  observeSeconds: 60,
}

const pod = (app: string, where: string): LoggedCommand[] => [
  {
    atMs: 0,
    command: {
      op: 'apply',
      manifest: `apiVersion: v1\nkind: Pod\nmetadata: {name: ${app}}\nspec:\n  ${where}\n  containers: [{name: main, image: 'nginx:1.27'}]\n`,
    },
  },
]

function gradeAll(log: LoggedCommand[]) {
  const result = gradeChallenge(spec, { log }, 's', 'hash')
  const seeds = hiddenSeeds(secret, 'attempt', 6)
  const others = seeds.map((seed) => gradeChallenge(spec, { log }, seed, 'hash', {}, result.params))
  return { result, seeds, others, least: leastOf(result, others) }
}

test('what was looked up in the learner’s own cluster is judged there alone', () => {
  const asked: ChallengeSpec = {
    ...spec,
    checks: [
      {
        ...{ id: 'named', title: 'The node is named', points: 60, when: { mode: 'settled' } },
        assert: { answer: { file: 'node.txt', keys: [{ text: '{{fast}}' }] } },
      },
      { ...spec.checks[0]!, dependsOn: ['named'] },
    ],
  }
  const { params } = prepareChallenge(asked, 's')
  const log: LoggedCommand[] = [
    { atMs: 0, command: { op: 'answer', file: 'node.txt', text: String(params.fast) } },
    ...pod(String(params.app), ''),
  ]
  const result = gradeChallenge(asked, { log }, 's', 'hash')
  const others = hiddenSeeds(secret, 'attempt', 6).map((seed) =>
    gradeChallenge(judgedElsewhere(asked), { log }, seed, 'hash', {}, result.params),
  )
  assert.deepEqual([result.score, leastOf(result, others).score, leastOf(result, others).passed], [100, 100, true])
})

test('an answer that holds for the rule holds on each variant; one that wrote down the value of its own loses the check', () => {
  const { params } = prepareChallenge(spec, 's')
  const honest = gradeAll(pod(String(params.app), 'nodeSelector: {disk: fast}'))
  assert.ok(
    honest.others.every((other) => other.params.app === params.app),
    'what is shown stays',
  )
  assert.equal(new Set(honest.others.map((other) => other.params.fast)).size, 2, 'what is hidden is drawn')
  assert.deepEqual([honest.least.score, honest.least.passed, honest.least.otherVariants], [100, true, 6])
  const literal = gradeAll(pod(String(params.app), `nodeName: ${params.fast}`))
  assert.deepEqual([literal.result.score, literal.result.passed], [100, true])
  assert.deepEqual([literal.least.score, literal.least.passed], [40, false])
  const placed = literal.least.tests.find(({ id }) => id === 'placed')!
  assert.deepEqual([placed.status, placed.points, placed.title], ['fail', 0, 'It is on the fast disk'])
  assert.match(placed.message, /another variant/)
})

test('what comes of it tells nothing of the other variants', () => {
  const { params } = prepareChallenge(spec, 's')
  const other = params.fast === 'node-1' ? 'node-2' : 'node-1'
  const { least, seeds } = gradeAll(pod(String(params.app), `nodeName: ${params.fast}`))
  const text = JSON.stringify([least.tests, least.gates, least.seed, least.params])
  for (const seed of seeds) assert.ok(!text.includes(seed))
  assert.ok(!text.includes(other), text)
})

test('seeds are of the secret and the attempt', () => {
  assert.deepEqual(hiddenSeeds(secret, 'a', 2), hiddenSeeds(secret, 'a', 2))
  assert.equal(new Set([...hiddenSeeds(secret, 'a', 2), ...hiddenSeeds(secret, 'b', 2)]).size, 4)
  assert.notDeepEqual(hiddenSeeds('another secret of thirty-two characters', 'a', 1), hiddenSeeds(secret, 'a', 1))
})

test('without others, or with one that could not be run, nobody loses points', () => {
  assert.deepEqual(leastOf(aGrade(), []), aGrade())
  const refused = leastOf(aGrade(), [aGrade({ gradable: false, problem: 'over budget at seed 7' })])
  assert.deepEqual([refused.gradable, refused.problem], [false, 'Not graded: another variant could not be run.'])
})

test('a check that failed where it was worked on is told as it failed there', () => {
  const failed = aFailedGrade()
  assert.deepEqual(leastOf(failed, [failed]).tests, failed.tests)
})
