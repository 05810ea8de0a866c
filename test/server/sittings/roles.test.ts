/** The table of who may do what, said once more in words. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Action, actions, type Fact, may, type Role, roles } from '../../../server/sittings/roles.ts'

/** For each action: who may at once, and who when what is so. Everybody else may not, whatever is so. */
const expected: Record<Action, string> = {
  browse: 'learner participant author instructor co-instructor hiring-manager reviewer admin',
  work: 'learner participant author instructor co-instructor hiring-manager reviewer admin',
  export: 'learner participant author instructor co-instructor hiring-manager reviewer admin',
  'delete-own-work': 'learner author instructor co-instructor hiring-manager reviewer admin',
  account: 'learner participant author instructor co-instructor hiring-manager reviewer admin',
  'create-sitting': 'instructor hiring-manager admin',
  'lead-sitting': 'instructor?own hiring-manager?own admin',
  'pause-sitting': 'instructor?own co-instructor hiring-manager?own admin',
  'see-wall': 'instructor co-instructor',
  'see-names': 'participant?self hiring-manager?own reviewer?scored admin?on-record',
  'watch-cluster': 'participant?self instructor co-instructor reviewer?submitted admin?on-record',
  'type-in-cluster': 'participant?self instructor?consent co-instructor?consent',
  'fork-cluster': 'participant?self instructor co-instructor reviewer?submitted',
  'run-room': 'instructor co-instructor',
  'take-part': 'participant?self',
  'ask-time': 'participant?self',
  'give-time': 'instructor co-instructor hiring-manager?own admin',
  'see-solutions': 'learner?due participant?due author instructor co-instructor reviewer',
  score: 'instructor co-instructor reviewer',
  'see-scores': 'instructor co-instructor reviewer?scored',
  'draft-check': 'author instructor hiring-manager?own admin',
  'export-questions': 'author instructor admin',
  'approve-check': 'instructor hiring-manager admin',
  'create-job': 'hiring-manager admin',
  'manage-job': 'hiring-manager?own admin',
  'see-report': 'reviewer?submitted',
  'grant-roles': 'admin',
  'read-audit': 'admin',
  'manage-webhooks': 'admin',
}
const facts: readonly Fact[] = ['own', 'self', 'consent', 'due', 'submitted', 'scored', 'all-scored', 'on-record']

for (const action of actions)
  test(`who may ${action} in an open sitting`, () => {
    const told = roles.flatMap((role: Role) => {
      if (may(role, action)) return [role]
      const by = facts.filter((fact) => may(role, action, 'open', [fact]))
      return by.map((fact) => `${role}?${fact}`)
    })
    assert.equal(told.join(' '), expected[action])
  })

test('who leads a job sees the report of its own candidates who have handed in, and an admin on record', () => {
  const sees = (role: Role, ...so: Fact[]) => may(role, 'see-report', 'open', so)
  assert.deepEqual(
    [sees('hiring-manager', 'own', 'submitted'), sees('hiring-manager', 'submitted'), sees('hiring-manager', 'own')],
    [true, false, false],
  )
  assert.deepEqual([sees('admin', 'on-record', 'submitted'), sees('admin', 'submitted')], [true, false])
})

test('nobody deletes their part of a sitting while it is open, and nobody acts in a room that is closed', () => {
  assert.equal(may('participant', 'delete-own-work', 'open'), false)
  assert.equal(may('participant', 'delete-own-work', 'closed'), true)
  for (const action of ['pause-sitting', 'run-room', 'type-in-cluster', 'ask-time'] as const)
    for (const role of roles) {
      if (role === 'participant' && action === 'type-in-cluster') continue
      assert.equal(may(role, action, 'closed', facts), false, `${role} ${action}`)
    }
})
