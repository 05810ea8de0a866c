/** What checks are told of objects that have been deleted. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gradeChallenge } from '../../sim/scenario/grade.ts'
import type { ChallengeSpec, CheckSpec, Command, LoggedCommand } from '../../sim/scenario/types.ts'

const line = (text: string): Command => ({ op: 'kubectl', line: `kubectl ${text}` })

const graded = (cel: string, when: CheckSpec['when'], ...log: LoggedCommand[]) => {
  const spec: ChallengeSpec = {
    ...{ id: 'x', title: 'x', version: 1, style: 'operate', difficulty: 1, minutes: 5, topics: [], params: {} },
    world: {
      shape: { nodes: [{ name: 'node-1' }] },
      setup: [line('create deployment web --image=nginx:1.27'), line('run old --image=nginx:1.27')],
      settleSeconds: 20,
    },
    workspace: { files: {}, allowKubectl: true, maxApplies: 5, maxVirtualSeconds: 600 },
    checks: [{ id: 'told', title: 'It is told', points: 100, when, assert: { cel } }],
    hints: [],
    observeSeconds: 60,
  }
  return gradeChallenge(spec, { log }, 's', 'hash').tests[0]!.status
}
const at = (seconds: number, text: string): LoggedCommand => ({ atMs: seconds * 1000, command: line(text) })
const settled: CheckSpec['when'] = { mode: 'settled' }

test('what was deleted is told as it last was, and what is there is not', () => {
  assert.equal(graded('gone.pods.size() == 0', settled, at(5, 'get pods')), 'pass')
  assert.equal(graded("gone.pods.map(p, p.metadata.name) == ['old']", settled, at(5, 'delete pod old')), 'pass')
  assert.equal(graded('gone.pods.size() == 0', settled, at(5, 'delete pod old')), 'fail')
})

test('a Pod that ended was last seen with its containers terminated, and one that was deleted by force with them running', () => {
  const ended = 'gone.pods.size() > 0 && gone.pods.all(p, p.status.containerStatuses.all(c, has(c.state.terminated)))'
  const ways: [line: string, status: string][] = [
    ['delete pod old', 'pass'],
    ['delete pod -l app=web', 'pass'],
    ['delete pod old --grace-period=1', 'pass'],
    ['delete pod old --force', 'fail'],
    ['delete pod old --force --grace-period=0', 'fail'],
    ['delete pod old --now', 'pass'],
  ]
  for (const [text, status] of ways) assert.equal(graded(ended, settled, at(5, text)), status, text)
})

test('at every moment: what was deleted before the first that is looked at is not told', () => {
  const none = 'gone.pods.size() == 0'
  const log = [at(5, 'delete pod old --force')]
  assert.equal(graded(none, { mode: 'always', fromSeconds: 0 }, ...log), 'fail')
  assert.equal(graded(none, { mode: 'always', fromSeconds: 30 }, ...log), 'pass')
  assert.equal(graded(none, { mode: 'always', fromSeconds: 30 }, at(40, 'delete pod old --force')), 'fail')
})
