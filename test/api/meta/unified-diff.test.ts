import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unifiedDiff } from '../../../sim/api/meta/unified-diff.ts'
import { workSpent } from '../../../sim/engine/work.ts'

const lines = (...of: (string | number)[]): string => of.join('\n')
const count = (to: number): number[] => Array.from({ length: to }, (_, i) => i + 1)

for (const { name, before, after, want } of [
  { name: 'texts that are the same', before: lines('a', 'b'), after: lines('a', 'b'), want: '' },
  {
    name: 'a line that is another, with three lines around it',
    before: lines(...count(9)),
    after: lines(1, 2, 3, 4, 'x', 6, 7, 8, 9),
    want: lines('@@ -2,7 +2,7 @@', ' 2', ' 3', ' 4', '-5', '+x', ' 6', ' 7', ' 8', ''),
  },
  {
    name: 'changes that are near each other, in one piece',
    before: lines(...count(9)),
    after: lines(1, 'x', 3, 4, 5, 6, 7, 'y', 9),
    want: lines('@@ -1,9 +1,9 @@', ' 1', '-2', '+x', ' 3', ' 4', ' 5', ' 6', ' 7', '-8', '+y', ' 9', ''),
  },
  {
    name: 'changes that are not, in two',
    before: lines(...count(20)),
    after: lines('x', ...count(20).slice(1, 19), 'y'),
    want: lines(
      '@@ -1,4 +1,4 @@',
      '-1',
      '+x',
      ' 2',
      ' 3',
      ' 4',
      '@@ -17,4 +17,4 @@',
      ' 17',
      ' 18',
      ' 19',
      '-20',
      '+y',
      '',
    ),
  },
  {
    name: 'lines where there were none',
    before: lines('a', 'b'),
    after: lines('a', 'x', 'y', 'b'),
    want: lines('@@ -1,2 +1,4 @@', ' a', '+x', '+y', ' b', ''),
  },
])
  test(`unifiedDiff shows ${name}`, () => assert.equal(unifiedDiff(before, after), want))

test('unifiedDiff shows as many lines as there are: more than a call may have arguments', () => {
  const added = Array.from({ length: 200_000 }, (_, n) => `line ${n}`)
  const told = unifiedDiff('a\nb', `a\n${added.join('\n')}\nb`)
  assert.ok(told.startsWith('@@ -1,2 +1,200002 @@\n a\n+line 0\n+line 1\n'), told.slice(0, 80))
  assert.ok(told.endsWith('+line 199999\n b\n'), told.slice(-80))
})

test('unifiedDiff charges what it does', () => {
  const before = workSpent()
  unifiedDiff('', 'x\n'.repeat(10_000))
  assert.ok(workSpent() - before > 10_000)
})
