/** Likeness of behaviour, with how common it is. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { alignedSteps, pairsOf, type Run } from '../../../server/hiring/similarity.ts'

const run = (seat: string, steps: string): Run => ({ seat, steps: [...steps] })
const others = (count: number) => Array.from({ length: count }, (_, n) => run(`other-${n}`, 'abcdefg'))

test('what nearly all do is told as usual, and what only two did as rare, with how many pairs are as alike', () => {
  const told = pairsOf([run('x', 'abcdefgQRST'), run('y', 'abcdefgQRST'), ...others(20)])
  assert.deepEqual([told.runs, told.pairs, told.isTooFew], [22, 231, false])
  const [most] = told.told
  assert.deepEqual([most!.seats, most!.share, most!.shared], [['x', 'y'], 1, { usual: 5, some: 0, rare: 4 }])
  assert.deepEqual(
    most!.rarest.map(({ steps, sharedBy }) => [steps.join(''), sharedBy]),
    [
      ['fgQ', 0],
      ['gQR', 0],
      ['QRS', 0],
      ['RST', 0],
      ['abc', 20],
    ],
  )
  // All that did what the task asks for are as alike as they.
  assert.deepEqual([most!.asAlike, most!.asRare, told.usual], [191, 1, { median: 1, top: 1 }])
  assert.equal(told.told.length, 1, 'what all do is no pair’s')
})

test('of few nothing is told; runs too short to say anything are alike in nothing', () => {
  assert.deepEqual(pairsOf(others(19)), { runs: 19, pairs: 171, isTooFew: true, usual: undefined, told: [] })
  assert.deepEqual(pairsOf([]), { runs: 0, pairs: 0, isTooFew: true, usual: undefined, told: [] })
  assert.deepEqual(pairsOf(Array.from({ length: 20 }, (_, n) => run(`s${n}`, 'ab'))).told, [])
  // Doing the same again is no more alike.
  const again = pairsOf([run('x', 'abcabcabc'), run('y', 'abcabc'), ...others(18).map(({ seat }) => run(seat, 'z'))])
  assert.equal(again.told[0]!.share, 1)
})

test('likeness lies between 0 and 1, counts add up, and nobody’s place in the list changes it', () => {
  const steps = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 })
  fc.assert(
    fc.property(fc.array(steps, { minLength: 20, maxLength: 24 }), (given) => {
      const all = given.map((text, n) => run(`s${String(n).padStart(2, '0')}`, text))
      const { pairs, told } = pairsOf(all)
      for (const { share, asAlike, asRare, shared, rarest } of told) {
        assert.equal(share > 0 && share <= 1, true)
        assert.equal(asAlike >= 1 && asAlike <= pairs && asRare >= 1 && asRare <= pairs, true)
        assert.equal(rarest.length, Math.min(5, shared.usual + shared.some + shared.rare))
        assert.equal(
          rarest.every(({ sharedBy }) => sharedBy >= 0 && sharedBy <= all.length - 2),
          true,
        )
      }
      const shares = (list: typeof told) => list.map(({ share, shared }) => [shared.rare, share])
      assert.deepEqual(shares(pairsOf([...all].reverse()).told), shares(told))
    }),
  )
})

test('two runs side by side keep each step of both in order, and share as many rows as can be', () => {
  assert.deepEqual(alignedSteps([...'abxc'], [...'ayxcd']), [
    { left: 'a', right: 'a' },
    { left: 'b', right: undefined },
    { left: undefined, right: 'y' },
    { left: 'x', right: 'x' },
    { left: 'c', right: 'c' },
    { left: undefined, right: 'd' },
  ])
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 15 })
  fc.assert(
    fc.property(text, text, (left, right) => {
      const rows = alignedSteps([...left], [...right])
      assert.equal(rows.map((row) => row.left ?? '').join(''), left)
      assert.equal(rows.map((row) => row.right ?? '').join(''), right)
      assert.equal(
        rows.every((row) => row.left === undefined || row.right === undefined || row.left === row.right),
        true,
      )
    }),
  )
})
