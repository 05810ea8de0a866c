import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Allowance, budgeted, charge, uncharged, WorkExceeded, workSpent } from '../../sim/engine/work.ts'

const chargeOneByOne = (steps: number): number => {
  for (let n = 0; n < steps; n++) charge(1)
  return steps
}

test('what fits its budget is done, and what does not is stopped at the step that is one too many', () => {
  assert.equal(
    budgeted<unknown>(
      100,
      () => chargeOneByOne(100),
      () => 'exceeded',
    ),
    100,
  )
  const before = workSpent()
  assert.equal(
    budgeted<unknown>(
      100,
      () => chargeOneByOne(1000),
      ({ steps }) => `more than ${steps}`,
    ),
    'more than 100',
  )
  assert.equal(workSpent() - before, 101)
})

test('without a budget anything may be charged, also after one was used up', () => {
  assert.throws(() =>
    budgeted(
      1,
      () => charge(2),
      () => {
        throw new Error('too much')
      },
    ),
  )
  assert.equal(chargeOneByOne(1000), 1000)
})

test('what is kept for everybody is charged to nobody, and the budget around it goes on as it was', () => {
  const before = workSpent()
  const [kept, then] = budgeted<readonly unknown[]>(
    100,
    () => [uncharged(() => chargeOneByOne(1000)), chargeOneByOne(100)],
    () => [],
  )
  assert.deepEqual([kept, then, workSpent() - before], [1000, 100, 100])
  assert.throws(() =>
    uncharged(() => {
      throw new Error('it cannot be worked out')
    }),
  )
  assert.throws(() =>
    budgeted(
      10,
      () => [uncharged(() => chargeOneByOne(5)), chargeOneByOne(11)],
      (error) => {
        throw error
      },
    ),
  )
})

test('a budget inside another one is told of its own end only', () => {
  const told: string[] = []
  const inner = (steps: number) =>
    budgeted<unknown>(
      steps,
      () => chargeOneByOne(500),
      () => told.push('inner'),
    )
  budgeted<unknown>(
    1000,
    () => inner(100),
    () => told.push('outer'),
  )
  assert.deepEqual(told, ['inner'])
  budgeted<unknown>(
    100,
    () => inner(1000),
    () => told.push('outer'),
  )
  assert.deepEqual(told, ['inner', 'outer'])
})

test('code that swallows the error does not get more out of it', () => {
  let turns = 0
  const stubborn = () => {
    for (let n = 0; n < 50; n++) {
      try {
        charge(10)
        turns++
      } catch {
        // as a program that takes every error for one of its own
      }
    }
    charge(1)
  }
  assert.equal(
    budgeted<unknown>(100, stubborn, () => 'exceeded'),
    'exceeded',
  )
  assert.equal(turns, 10)
})

test('other errors pass through a budget, and leave it', () => {
  assert.throws(
    () =>
      budgeted(
        10,
        () => {
          throw new RangeError('other')
        },
        () => undefined,
      ),
    RangeError,
  )
  assert.equal(chargeOneByOne(100), 100)
})

test('an allowance is used a piece at a time, and stays used up', () => {
  const allowance = new Allowance(100)
  const spend = (steps: number) =>
    allowance.spend<unknown>(
      () => chargeOneByOne(steps),
      () => 'exceeded',
    )
  assert.equal(spend(60), 60)
  chargeOneByOne(1000)
  assert.equal(spend(40), 40)
  assert.equal(spend(1), 'exceeded')
  assert.equal(spend(1), 'exceeded')
})

test('the error says how much there was', () => {
  let caught: unknown
  budgeted(
    7,
    () => charge(8),
    (error) => {
      caught = error
    },
  )
  assert.ok(caught instanceof WorkExceeded)
  assert.equal(caught.steps, 7)
})

test('what is refused at once, however much, takes no more than was left', () => {
  const before = workSpent()
  assert.equal(
    budgeted<unknown>(
      100,
      () => charge(1e12),
      () => 'exceeded',
    ),
    'exceeded',
  )
  assert.equal(workSpent() - before, 101)
})
