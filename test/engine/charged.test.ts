/**
 * Loops over lists that a manifest or a line can make long count their steps: about what they cost, before or while they run.
 * Each input here is small; ones that are too much are in test/rest/hostile.test.ts.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { missingRules } from '../../sim/apiserver/authorization/rules.ts'
import { workSpent } from '../../sim/engine/work.ts'
import { ruleRows } from '../../sim/kubectl/rules.ts'

const some = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n))

const aRule = (size: number, prefix = '') => ({
  apiGroups: some(size, (n) => `${prefix}g${n}`),
  resources: some(size, (n) => `r${n}`),
  verbs: some(size, (n) => `v${n}`),
  resourceNames: some(size, (n) => `n${n}`),
})

const cases: { name: string; act: () => void; atLeast: number }[] = [
  {
    name: 'a rule that multiplies out to 10,000, of which none is held',
    act: () => missingRules([], [aRule(10)]),
    atLeast: 10_000,
  },
  {
    name: 'a hundred rules against a hundred that are held',
    act: () =>
      missingRules(
        some(100, () => aRule(2)),
        some(100, () => aRule(3)),
      ),
    atLeast: 100 * 81 * 100,
  },
  { name: 'a rule of 10,000 permissions in rows', act: () => ruleRows([aRule(10)]), atLeast: 10_000 },
]

for (const { name, act, atLeast } of cases)
  test(`${name}: at least ${atLeast} steps`, () => {
    const before = workSpent()
    act()
    const steps = workSpent() - before
    assert.ok(steps >= atLeast, `${steps} steps`)
  })

test('a rule of any size that is held as it is costs no more than its lists', () => {
  const before = workSpent()
  assert.deepEqual(missingRules([aRule(60)], [aRule(60)]), [])
  assert.ok(workSpent() - before < 10_000)
})
