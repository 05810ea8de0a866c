import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FairQueue } from '../../../../server/labs/tasks/fair-queue.ts'
import { LabRefusal } from '../../../../server/labs/types.ts'

const limits = { together: 1, spare: 1, waiting: { learner: 5, address: 50, all: 60 }, waitMs: 2000 }

/** Runs that go on until they are let go, and the order in which they began. */
function stage(over: Partial<typeof limits> = {}) {
  const queue = new FairQueue({ ...limits, ...over })
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  const done: Promise<unknown>[] = []
  return {
    begun,
    done,
    add(name: string, address: string, learner: string, isQuarantined = false, mayUseSpare = false) {
      const run = queue.run(
        { address, learner },
        () => {
          begun.push(name)
          return new Promise<string>((end) => ends.set(name, () => end(name)))
        },
        { isQuarantined, mayUseSpare },
      )
      run.catch(() => undefined)
      done.push(run)
      return run
    },
    async end(name: string) {
      ends.get(name)!()
      await new Promise((go) => setImmediate(go))
    },
    settle: () => new Promise((go) => setImmediate(go)),
  }
}

test('forty learners of one address do not go before one of another', async () => {
  const { add, begun, end, settle } = stage()
  for (let n = 0; n < 40; n++) add(`many-${n}`, 'a', `learner-${n}`)
  await settle()
  add('other', 'b', 'somebody')
  await end('many-0')
  assert.deepEqual(begun, ['many-0', 'other'])
  await end('other')
  assert.equal(begun[2], 'many-1')
})

test('within an address, the learner who has had less goes first', async () => {
  const { add, begun, end, settle } = stage()
  add('first-1', 'a', 'first')
  add('first-2', 'a', 'first')
  add('second-1', 'a', 'second')
  await settle()
  await end('first-1')
  assert.deepEqual(begun, ['first-1', 'second-1'])
})

test('a learner has one run at a time, in order, however many places there are', async () => {
  const { add, begun, end, settle } = stage({ together: 3 })
  add('one', 'a', 'me')
  add('two', 'a', 'me')
  add('other', 'a', 'you')
  await settle()
  assert.deepEqual(begun, ['one', 'other'])
  await end('one')
  assert.deepEqual(begun, ['one', 'other', 'two'])
})

test('who is in quarantine has a place of their own, and takes none of the others', async () => {
  const { add, begun, end, settle } = stage()
  add('usual', 'a', 'one')
  add('held-1', 'b', 'two', true)
  add('held-2', 'b', 'three', true)
  await settle()
  assert.deepEqual(begun, ['usual', 'held-1'])
  await end('usual')
  assert.deepEqual(begun, ['usual', 'held-1'])
  await end('held-1')
  assert.deepEqual(begun, ['usual', 'held-1', 'held-2'])
})

test('a failed run makes way like any other', async () => {
  const queue = new FairQueue(limits)
  await assert.rejects(
    queue.run({ address: 'a', learner: 'me' }, () => Promise.reject(new Error('broken'))),
    /broken/,
  )
  assert.equal(await queue.run({ address: 'a', learner: 'me' }, async () => 'next'), 'next')
})

for (const { name, over, of, status } of [
  { name: 'one learner', over: { learner: 2, address: 50, all: 60 }, of: () => 'me', status: 429 },
  { name: 'one address', over: { learner: 5, address: 2, all: 60 }, of: String, status: 503 },
  { name: 'all', over: { learner: 5, address: 50, all: 2 }, of: String, status: 503 },
])
  test(`more waiting runs of ${name} than there may be are refused, and those that wait stay`, async () => {
    const { add, begun, end, settle } = stage({ waiting: over })
    add('running', 'a', of(0))
    await settle()
    add('waiting-1', 'a', of(1))
    add('waiting-2', 'a', of(2))
    await assert.rejects(
      add('refused', 'a', of(3)),
      (error: unknown) => error instanceof LabRefusal && error.status === status,
    )
    await end('running')
    await end('waiting-1')
    assert.deepEqual(begun, ['running', 'waiting-1', 'waiting-2'])
  })

test('a grading takes the place of those in quarantine while they leave it free, and waits for its turn otherwise', async () => {
  const { add, begun, end, settle } = stage()
  const grade = (name: string) => add(name, 'a', name, false, true)
  add('run', 'a', 'one')
  grade('grade-1')
  grade('grade-2')
  add('apart', 'b', 'two', true)
  add('run-2', 'c', 'three')
  await settle()
  assert.deepEqual(begun, ['run', 'grade-1'])
  // Whoever is in quarantine has nothing but this place.
  await end('grade-1')
  assert.deepEqual(begun.slice(2), ['apart'])
  await end('run')
  assert.deepEqual(begun.slice(3), ['run-2'])
  await end('apart')
  assert.deepEqual(begun.slice(4), ['grade-2'])
})

test('a run that waits for too long is refused, and the next goes on', async () => {
  const { add, begun, end } = stage({ waitMs: 20 })
  add('long', 'a', 'one')
  await assert.rejects(add('late', 'a', 'two'), (error: unknown) => error instanceof LabRefusal && error.status === 503)
  await end('long')
  add('next', 'a', 'three')
  await new Promise((go) => setImmediate(go))
  assert.deepEqual(begun, ['long', 'next'])
})
