import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BudgetError, Engine } from '../../sim/engine/engine.ts'

const anEngine = (limits = {}) => new Engine({ seed: 'test', startEpochMs: Date.UTC(2026, 0, 1), limits })

test('events run by moment, then priority, then the order in which they were asked for', () => {
  const engine = anEngine()
  const ran: string[] = []
  engine.after(20, 'x', () => ran.push('late'))
  engine.after(10, 'x', () => ran.push('second'), { priority: 1 })
  engine.after(10, 'x', () => ran.push('first'))
  engine.after(10, 'x', () => ran.push('third'), { priority: 1 })
  engine.runUntil(100)
  assert.deepEqual(ran, ['first', 'second', 'third', 'late'])
  assert.equal(engine.nowMs, 100)
})

test('whatever is scheduled and cancelled, time never goes back and nothing cancelled runs', () => {
  const act = fc.record({
    delay: fc.integer({ min: 0, max: 50 }),
    cancels: fc.boolean(),
    nested: fc.integer({ min: 0, max: 20 }),
  })
  fc.assert(
    fc.property(fc.array(act, { maxLength: 80 }), (acts) => {
      const engine = anEngine()
      let last = 0
      let expected = 0
      let ran = 0
      const look = (): void => {
        assert.ok(engine.nowMs >= last)
        last = engine.nowMs
        ran++
      }
      for (const { delay, cancels, nested } of acts) {
        const timer = engine.after(delay, 'x', () => {
          look()
          engine.after(nested, 'y', look)
        })
        if (cancels) engine.cancel(timer)
        else expected += 2
      }
      engine.runUntil(1000)
      assert.equal(ran, expected)
      assert.equal(engine.isSettled, true)
    }),
    { seed: 7, numRuns: 200 },
  )
})

test('a cluster with nothing but background work due is settled', () => {
  const engine = anEngine()
  const heartbeat = (): void => void engine.after(10, 'beat', heartbeat, { background: true })
  heartbeat()
  assert.equal(engine.isSettled, true)
  engine.after(35, 'work', () => undefined)
  assert.equal(engine.isSettled, false)
  assert.equal(engine.runUntilSettled(1000), true)
  assert.equal(engine.nowMs, 35)
})

test('a cancelled event no longer keeps a cluster from being settled', () => {
  const engine = anEngine()
  const timer = engine.after(10, 'x', () => undefined)
  engine.cancel(timer)
  engine.cancel(timer)
  assert.equal(engine.isSettled, true)
  assert.equal(engine.nextDueMs(), undefined)
})

const budgets: { name: BudgetError['budget']; limits: object; pattern: RegExp }[] = [
  { name: 'events', limits: { events: 100 }, pattern: /budget of 100 events/ },
  { name: 'virtualMs', limits: { virtualMs: 500 }, pattern: /budget of 0.5 s of virtual time/ },
  { name: 'work', limits: { work: 5000 }, pattern: /passed its budget of 5000 steps of computing/ },
  { name: 'work', limits: { work: 5000, workPerSecond: 99_000, mostWork: 5500 }, pattern: /budget of 5500 steps/ },
  { name: 'work', limits: { eventWork: 50 }, pattern: /passed its budget of 50 steps of computing/ },
]
for (const { name, limits, pattern } of budgets)
  test(`a run that passes its budget of ${name} stops with an error that names it: ${JSON.stringify(limits)}`, () => {
    const engine = anEngine(limits)
    const again = (): void => void engine.after(1, 'x', again)
    again()
    assert.throws(
      () => engine.runUntil(10_000),
      (error: unknown) => error instanceof BudgetError && error.budget === name && pattern.test(error.message),
    )
  })

test('random streams depend on seed and name alone, whatever other streams do', () => {
  const draws = (before: number): number[] => {
    const engine = anEngine()
    for (let i = 0; i < before; i++) engine.random('other').next()
    return [1, 2, 3].map(() => engine.random('mine').next())
  }
  assert.deepEqual(draws(0), draws(100))
  assert.notDeepEqual(
    draws(0),
    [1, 2, 3].map(() => anEngine().random('yours').next()),
  )
})

test('random integers cover their range and nothing else', () => {
  const random = anEngine().random('range')
  const seen = new Set(Array.from({ length: 1000 }, () => random.int(3, 7)))
  assert.deepEqual([...seen].sort(), [3, 4, 5, 6, 7])
})

test('what an event causes is chained to it, down to the first cause', () => {
  const engine = anEngine()
  engine.trace.record('you', 'apply')
  engine.after(5, 'x', () => {
    engine.trace.record('controller', 'create')
    engine.after(5, 'y', () => engine.trace.record('kubelet', 'start'))
  })
  engine.trace.current = 0
  engine.runUntil(100)
  const last = engine.trace.records().at(-1)
  assert.deepEqual(
    engine.trace.causesOf(last?.id ?? 0).map((record) => `${record.actor} ${record.action} ${record.atMs}`),
    ['you apply 0', 'controller create 5', 'kubelet start 10'],
  )
})

test('times are written as Kubernetes writes them', () => {
  const engine = anEngine()
  engine.runUntil(61_500)
  assert.equal(engine.timestamp(), '2026-01-01T00:01:01Z')
})
