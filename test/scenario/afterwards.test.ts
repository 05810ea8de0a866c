/** Checks that are looked at after others have changed something: on a run of their own, at the end of the learner's. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gradeChallenge, judgeNow, openChallenge, replayGraded } from '../../sim/scenario/grade.ts'
import type { ChallengeSpec, CheckSpec, Command, LoggedCommand } from '../../sim/scenario/types.ts'

const lines = (...all: string[]): Command[] => all.map((line) => ({ op: 'kubectl', line: `kubectl ${line}` }))

const grows: CheckSpec = {
  ...{ id: 'grows', title: 'A third Pod gets ready', points: 50 },
  afterwards: lines('scale deployment web --replicas=3'),
  when: { mode: 'eventually', withinSeconds: 60 },
  assert: { cel: 'deployments.all(d, has(d.status.readyReplicas) && d.status.readyReplicas == 3)' },
}

const spec: ChallengeSpec = {
  ...{ id: 'x', title: 'x', version: 1, style: 'operate', difficulty: 1, minutes: 5, topics: [], params: {} },
  world: {
    shape: { nodes: [{ name: 'node-1' }] },
    setup: lines('create deployment web --image=nginx:1.27', 'create quota few --hard=pods=2'),
    settleSeconds: 20,
  },
  workspace: { files: {}, allowKubectl: true, maxApplies: 5, maxVirtualSeconds: 600 },
  checks: [
    {
      ...{ id: 'one', title: 'One replica is wanted', points: 50, when: { mode: 'settled' } },
      assert: { object: { kind: 'Deployment', metadata: { name: 'web' }, spec: { replicas: 1 } } },
    },
    grows,
  ],
  hints: [],
  observeSeconds: 10,
}
const log = (...all: string[]): LoggedCommand[] =>
  lines(...all).map((command, n) => ({ atMs: 5000 * (n + 1), command }))

test('what others change tells a cluster that works the second time from one that does not', () => {
  const grade = (...all: string[]) =>
    gradeChallenge(spec, { log: log(...all) }, 's', 'hash').tests.map(({ id, status }) => `${id} ${status}`)
  assert.deepEqual(grade('get pods'), ['one pass', 'grows fail'])
  assert.deepEqual(grade('delete quota few'), ['one pass', 'grows pass'])
})

test('nothing of it is in the run that the other checks are looked at on, whatever their order', () => {
  const first = { ...spec, checks: [...spec.checks].reverse() }
  const { tests } = gradeChallenge(first, { log: log('delete quota few') }, 's', 'hash')
  assert.deepEqual(
    tests.map(({ id, status }) => `${id} ${status}`),
    ['grows pass', 'one pass'],
  )
})

test('its course begins with the change and says that others made it, and the run can be looked at again', () => {
  const submission = { log: log('delete quota few') }
  const graded = gradeChallenge(spec, submission, 's', 'hash')
  const { course } = graded.tests.find(({ id }) => id === 'grows')!
  assert.equal(course?.isChangedByOthers, true)
  assert.equal(course?.spans[0]?.holds, false)
  assert.ok(course!.spans.at(-1)!.holds)
  const { cluster } = replayGraded(spec, submission, 's', 'grows')
  assert.equal((cluster.objects('deployments.apps')[0] as unknown as { spec: { replicas: number } }).spec.replicas, 3)
})

test('while somebody works, nobody says how such a check stands', () => {
  const { cluster, spec: opened } = openChallenge(spec, 's')
  assert.deepEqual(
    judgeNow(opened, cluster, cluster.nowMs).map(({ check, status }) => `${check.id} ${status}`),
    ['one pass', 'grows unknown'],
  )
})

test('what its commands gave can be asked for, and the objects that they made are not told of', () => {
  const asking = (cel: string): ChallengeSpec => ({
    ...spec,
    checks: [
      {
        ...{ id: 'told', title: 'It is told', points: 100, when: { mode: 'settled' } },
        afterwards: [
          ...lines('create configmap secret-name', 'get quota few -o name', 'get quota none'),
          { op: 'node', node: 'node-1', line: 'echo here; exit 3' },
        ],
        assert: { cel },
      },
    ],
  })
  const judged = (cel: string, ...all: string[]) =>
    gradeChallenge(asking(cel), { log: log(...all) }, 's', 'hash').tests[0]!
  const told = "printed.map(p, [string(p.exit), p.stdout]) == [['0', 'configmap/secret-name created\\n'], "
  assert.equal(judged(`${told}['0', 'resourcequota/few\\n'], ['1', ''], ['3', 'here\\n']]`).status, 'pass')
  assert.equal(judged('printed[1].exit == 0', 'delete quota few').status, 'fail')
  const unmade = judged("made.configmaps.exists(c, c.metadata.name == 'other')", 'create configmap mine')
  assert.equal(unmade.status, 'fail')
  assert.match(unmade.actual ?? '', /mine/)
  assert.doesNotMatch(unmade.actual ?? '', /secret-name/)
})
