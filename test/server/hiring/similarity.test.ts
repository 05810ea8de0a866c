/** Likeness of behaviour, with how common it is. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { likenessesOf, type Run } from '../../../server/hiring/similarity.ts'

const run = (seat: string, steps: string, isPassed = true): Run => ({ seat, steps: [...steps], isPassed })

test('what all who passed do is told as shared by all of them, and what only two did as rare', () => {
  const others = Array.from({ length: 20 }, (_, n) => run(`other-${n}`, 'abcdefg'))
  const told = likenessesOf('x', [run('x', 'abcdefgQRST'), run('y', 'abcdefgQRST', false), ...others])!
  assert.deepEqual([told.passed, told.isRough, told.others.length], [20, false, 21])
  const [most, next] = told.others
  assert.deepEqual([most!.seat, most!.share, most!.asAlike], ['y', 1, 0])
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
  assert.deepEqual([next!.share, next!.asAlike, next!.rarest[0]!.sharedBy], [5 / 9, 19, 20])
})

test('few who passed, nobody else, and runs too short to say anything', () => {
  assert.equal(likenessesOf('nobody', [run('x', 'abc')]), undefined)
  assert.deepEqual(likenessesOf('x', [run('x', 'abc')]), { passed: 0, isRough: true, others: [] })
  const [short] = likenessesOf('x', [run('x', 'ab'), run('y', 'ab')])!.others
  assert.deepEqual(short, { seat: 'y', share: 0, asAlike: 0, rarest: [] })
  // Doing the same again is no more alike.
  assert.equal(likenessesOf('x', [run('x', 'abcabcabc'), run('y', 'abcabc')])!.others[0]!.share, 1)
})

test('likeness is mutual, between 0 and 1, and its base rates are of those who passed', () => {
  const steps = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 })
  const runs = fc.array(fc.tuple(steps, fc.boolean()), { minLength: 2, maxLength: 12 })
  fc.assert(
    fc.property(runs, (given) => {
      const all = given.map(([text, isPassed], n) => run(`s${n}`, text, isPassed))
      const of = (seat: string) => likenessesOf(seat, all)!
      for (const { seat } of all) {
        const { passed, others } = of(seat)
        for (const other of others) {
          assert.equal(other.share >= 0 && other.share <= 1, true)
          assert.equal(other.asAlike <= passed, true)
          assert.equal(
            other.rarest.every(({ sharedBy }) => sharedBy <= passed),
            true,
          )
          assert.equal(of(other.seat).others.find((one) => one.seat === seat)!.share, other.share)
        }
      }
    }),
  )
})
