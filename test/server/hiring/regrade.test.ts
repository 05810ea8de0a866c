/** Regrading on a fixed check: who moves and why, and that two people approve exactly that. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  afterRegradeAct,
  applyRegrade,
  approveRegrade,
  changesOf,
  hashOfTable,
  isApproved,
  type Move,
  moveOf,
  noRegradings,
  proposeRegrade,
  type RegradeAct,
  type Regradings,
  regradeProblems,
  regradeRefusals,
  regradeTable,
  type StoredWork,
} from '../../../server/hiring/regrade.ts'
import { grade } from '../../../server/labs/tasks/work.ts'
import type { ChallengeSpec, GradeResult, LoggedCommand } from '../../../sim/index.ts'
import { aGrade } from '../fake-labs.ts'
import { aSpec } from '../labs/a-spec.ts'

const line = (atMs: number, text: string): LoggedCommand => ({
  atMs,
  command: { op: 'kubectl', line: `kubectl ${text}` },
})
const logs: Record<string, LoggedCommand[]> = {
  three: [line(1000, 'create deployment web --image=nginx:1.27 --replicas=3')],
  four: [line(1000, 'create deployment web --image=nginx:1.27 --replicas=4')],
  none: [],
}
/** The check as it was asked for three Pods exactly; the task says at least three. And another one was too easy. */
const spec = (ready: string, exists: string): ChallengeSpec => ({
  ...aSpec(),
  checks: [
    { ...aSpec().checks[0]!, points: 60, assert: { cel: `deployments.exists(d, ${ready})` } },
    { ...aSpec().checks[0]!, id: 'made', title: 'It is made', points: 40, assert: { cel: exists } },
  ],
})
const readyPods = 'has(d.status.readyReplicas) && d.status.readyReplicas'
const wrong = spec(`${readyPods} == 3`, 'true')
const fixed = spec(`${readyPods} >= 3`, 'deployments.size() > 0')
const gradeBy = (by: ChallengeSpec, log: LoggedCommand[]) => grade({ spec: by, contentHash: 'h', seed: 's', log })
const works = Object.entries(logs).map(
  ([seat, log]): StoredWork => ({ seat, attempt: 'a', seed: 's', hiddenSeeds: [], log, result: gradeBy(wrong, log) }),
)

test('stored work graded by a fixed check: who is raised, lowered or stays, and by which check', async () => {
  const moves = await regradeTable(works, async ({ log }) => gradeBy(fixed, [...log]))
  assert.deepEqual(
    moves.map(({ seat, goes, before, after, checks }) => [
      ...[seat, goes, before.score, after?.score],
      checks.map(({ id, before: was, after: now }) => [id, was, now]),
    ]),
    [
      ['three', 'nowhere', 100, 100, []],
      ['four', 'up', 40, 100, [['ready', 0, 60]]],
      ['none', 'down', 40, 0, [['made', 40, 0]]],
    ],
  )
  assert.deepEqual(
    changesOf(moves, ' ').map(({ seat }) => seat),
    ['four'],
  )
  assert.deepEqual(
    changesOf(moves, 'Nothing was made.').map(({ seat }) => seat),
    ['four', 'none'],
  )
})

const [work] = works as [StoredWork]

test('what cannot be computed stays as it was, with the reason', () => {
  const of = (result: GradeResult | { refused: string }) => {
    const { goes, after, why } = moveOf(work, result)
    return [goes, after, why?.text]
  }
  const stays = 'not computed'
  assert.deepEqual(of({ refused: 'too much to do' }), [stays, null, regradeProblems.refused])
  assert.deepEqual(of({ ...work.result, gradable: false, problem: 'x' }), [stays, null, regradeProblems.refused])
  assert.deepEqual(of({ ...work.result, engineVersion: '9' }), [stays, null, regradeProblems.otherEngine])
  assert.deepEqual(of({ ...work.result, stateHash: 'f' }), [stays, null, regradeProblems.otherRun])
})

test('who passed and does not any more is lowered, whatever the points; points of another scale are compared by their share', () => {
  const of = (was: Partial<GradeResult>, now: Partial<GradeResult>) =>
    moveOf({ ...work, result: aGrade(was) }, aGrade(now)).goes
  assert.equal(of({ score: 90, passed: true }, { score: 95, passed: false }), 'down')
  assert.equal(of({ score: 90, passed: false }, { score: 90, passed: true }), 'up')
  assert.equal(of({ score: 95, passed: false }, { score: 90, passed: true }), 'down')
  assert.equal(of({ score: 50 }, { score: 100, maxScore: 200 }), 'nowhere')
  assert.equal(of({ score: 50 }, { score: 90, maxScore: 200 }), 'down')
  assert.equal(of({ score: 0, maxScore: 0 }, { score: 0, maxScore: 0 }), 'nowhere')
})

test('a check that was added or taken away stands in the table', () => {
  const one = aGrade()
  const other = aGrade({ tests: [{ ...one.tests[0]!, id: 'new', title: 'New' }] })
  assert.deepEqual(
    moveOf({ ...work, result: one }, other).checks.map(({ id, before, after }) => [id, before, after]),
    [
      [one.tests[0]!.id, one.tests[0]!.points, null],
      ['new', null, one.tests[0]!.points],
    ],
  )
})

const aMove = (seat: string, goes: Move['goes']): Move => ({
  ...{
    seat,
    attempt: 'a',
    logSha256: '0',
    goes,
    before: { score: 1, maxScore: 2, passed: false },
    after: null,
    why: null,
    checks: [],
  },
})
const table = [aMove('s1', 'up'), aMove('s2', 'down'), aMove('s3', 'nowhere')]
const about = { id: 'abc123', item: 'challenge:x', from: 'h1', to: 'h2', reason: '' }
function after(all: Regradings, by: string, decided: ReturnType<typeof proposeRegrade>): Regradings {
  if ('refused' in decided) throw new Error(decided.refused)
  return afterRegradeAct(all, { ...decided, by, atMs: 1 } as RegradeAct)
}
const proposed = after(noRegradings, 'boss', proposeRegrade(table, about))
const approve = (all: Regradings, by: string) => after(all, by, approveRegrade(all, about.id, by, hashOfTable(table)))

test('two different people approve the table that they saw, and nothing else is applied', () => {
  assert.deepEqual(applyRegrade(proposed, about.id, table), { refused: regradeRefusals.notApproved })
  const once = approve(proposed, 'boss')
  assert.deepEqual(approveRegrade(once, about.id, 'boss', hashOfTable(table)), { refused: regradeRefusals.twice })
  assert.deepEqual(applyRegrade(once, about.id, table), { refused: regradeRefusals.notApproved })
  const other = [...table.slice(0, 2), aMove('s3', 'down')]
  assert.deepEqual(approveRegrade(once, about.id, 'ann', hashOfTable(other)), { refused: regradeRefusals.otherTable })
  const twice = approve(once, 'ann')
  assert.deepEqual(applyRegrade(twice, about.id, other), { refused: regradeRefusals.otherTable })
  const applied = after(twice, 'ann', applyRegrade(twice, about.id, table))
  assert.equal(applied.get(about.id)!.state, 'applied')
  assert.deepEqual(applyRegrade(applied, about.id, table), { refused: regradeRefusals.over })
  assert.deepEqual(approveRegrade(applied, about.id, 'eve', hashOfTable(table)), { refused: regradeRefusals.over })
  assert.deepEqual(approveRegrade(applied, 'nothing', 'eve', ''), { refused: regradeRefusals.noSuch })
})

test('with nobody to raise and no reason to lower there is nothing to approve', () => {
  const down = [aMove('s2', 'down')]
  assert.deepEqual(proposeRegrade(down, { ...about, reason: '  ' }), { refused: regradeRefusals.nobodyMoves })
  assert.equal('act' in proposeRegrade(down, { ...about, reason: 'It was never asked for.' }), true)
})

const person = fc.constantFrom('boss', 'ann', 'eve')
const hash = fc.constantFrom(hashOfTable(table), 'f'.repeat(64))
const act: fc.Arbitrary<RegradeAct> = fc.oneof(
  fc
    .record({ by: person, table: hash })
    .map(({ by, table }) => ({ act: 'regrade-approved' as const, by, atMs: 1, data: { id: about.id, table } })),
  person.map((by) => ({ act: 'regrade-applied' as const, by, atMs: 1, data: { id: about.id } })),
  person.map((by) => ({ act: 'regrade-withdrawn' as const, by, atMs: 1, data: { id: about.id } })),
)

test('whatever acts come in whatever order, only what two people approved is applied, and it stays so', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 15 }), (acts) => {
      let all = proposed
      for (const one of acts) {
        const before = all.get(about.id)!
        all = afterRegradeAct(all, one)
        const now = all.get(about.id)!
        if (now.state === 'applied') assert.equal(isApproved(now) && new Set(now.approvedBy).size >= 2, true)
        if (before.state !== 'proposed') assert.deepEqual(now, before)
      }
      assert.equal(all.get(about.id)!.reason, '')
    }),
  )
})
