/** Which checks hold what a statement asks. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { challengeOfFiles } from '../../../server/catalog/load.ts'
import type { ChallengeYaml } from '../../../server/catalog/schemas.ts'
import { readStatement } from '../../../server/catalog/statement.ts'

const check = (id: string, more: object = {}) => ({ id, assert: { cel: 'true' }, ...more })
const checks = [
  check('answers'),
  check('all-ready'),
  check('others-alone', { gate: true }),
  check('twice', { hidden: true }),
  check('nothing-else', { gate: true, assert: { bystanders: {} } }),
] as unknown as ChallengeYaml['checks']

const statement = `Get {{app}} to work:

- The Service \`{{app}}\` answers, whatever
  its name is. {answers}
- All {{replicas}} replicas are ready: \`{"a": "b"}\` {all-ready,
  answers}

Leave \`{{other}}\` alone. {others-alone}
`

test('marks are no part of what learners read, and the rest is left as it is', () => {
  const { text, problems } = readStatement(statement, checks)
  assert.deepEqual(problems, [])
  assert.equal(
    text,
    statement.replace(' {answers}', '').replace(' {all-ready,\n  answers}', '').replace(' {others-alone}', ''),
  )
})

for (const [about, change, problem] of [
  [
    'a bullet without a check',
    [' {answers}\n', '\n'],
    /asks for something that no check is named for: “The Service `\{\{app\}\}` answers, whatever its name is\.”/,
  ],
  [
    'a check without a bullet',
    [' {others-alone}', ''],
    /does not ask for what the check others-alone holds: end the line that does with \{others-alone\}/,
  ],
  ['a check that is not there', ['{answers}', '{answers, anwsers}'], /names a check anwsers that is not there/],
] as const)
  test(`told: ${about}`, () => {
    const { problems } = readStatement(statement.replace(change[0], change[1]), checks)
    assert.equal(problems.length, 1, problems.join('\n'))
    assert.match(problems[0]!, problem)
  })

test('a parameter at the end of a bullet is no mark', () => {
  assert.match(readStatement('- Call it {{app}}\n', []).problems[0]!, /no check is named for: “Call it \{\{app\}\}”/)
})

test('numbered lists ask as well', () => {
  assert.equal(readStatement('1. One.\n2. Two. {answers}\n', [checks[0]!]).problems.length, 1)
})

test('a challenge of former days, whose statement named no checks, can still be read', () => {
  const files = {
    'challenge.md': '---\ntitle: A\nsummary: B.\n---\n\n- Do it.\n',
    'challenge.yaml': `{version: 1, style: build, difficulty: 1, minutes: 5, topics: [kubectl], world: {shape: {nodes: 1}, settleSeconds: 1},
      workspace: {maxApplies: 1, maxVirtualSeconds: 9}, checks: [{id: a, title: A, points: 100, when: {mode: settled}, assert: {cel: 'true', message: b}}], observeSeconds: 1}`,
  }
  assert.equal(challengeOfFiles('old', files)!.statement, '- Do it.')
})
