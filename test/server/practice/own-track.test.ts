import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Track } from '../../../server/catalog/types.ts'
import type { KnownAct } from '../../../server/journal/acts/registry.ts'
import { workOfActs } from '../../../server/journal/work.ts'
import type { Item } from '../../../server/practice/items.ts'
import { daysLeftOf, daysUntil, type PlannedStep, plan } from '../../../server/practice/own-track.ts'
import { practiceSeat } from '../../../server/seat.ts'

const noon = Date.UTC(2026, 2, 30, 12)
const step = (minutes: number, n = 0): PlannedStep => ({
  item: { id: `s${n}` } as Item,
  minutes,
  isDone: false,
  isTried: false,
})
const minutesOf = (steps: PlannedStep[], days?: number) => plan(steps, days).map((day) => day.minutes)

test('days are counted with today and the last one', () => {
  assert.equal(daysUntil(null, noon), undefined)
  assert.deepEqual(
    ['2026-03-29', '2026-03-30', '2026-03-31', '2026-04-06'].map((until) => daysUntil(until, noon)),
    [0, 1, 2, 8],
  )
  assert.equal(daysUntil('2026-03-30', Date.UTC(2026, 2, 30)), 1)
  assert.equal(daysUntil('2026-03-30', Date.UTC(2026, 2, 31) - 1), 1)
})

test('what is left falls into days of one length, or of an hour', () => {
  assert.deepEqual(minutesOf([30, 30, 30, 30].map(step), 2), [60, 60])
  assert.deepEqual(minutesOf([30, 30, 30, 30].map(step)), [60, 60])
  assert.deepEqual(minutesOf([30, 30, 30, 30].map(step), 1), [120])
  assert.deepEqual(minutesOf([5, 90, 5].map(step), 3), [5, 90, 5])
  assert.deepEqual(minutesOf([10].map(step), 30), [10])
  assert.deepEqual(minutesOf([10].map(step), 0), [10], 'a day that is over leaves all for today')
  assert.deepEqual(minutesOf([], 3), [])
})

test('a track that is written for days has as many of them, and fewer as its steps are done', () => {
  const track = { days: 3 } as Track
  const steps = [30, 60, 30, 60].map(step)
  assert.equal(daysLeftOf(track, steps), 3)
  assert.equal(plan(steps, daysLeftOf(track, steps)).length, 3)
  const after = (count: number) => steps.map((one, n) => ({ ...one, isDone: n < count }))
  assert.deepEqual(
    [1, 2, 3].map((count) => daysLeftOf(track, after(count))),
    [3, 2, 1],
  )
  assert.equal(daysLeftOf(track, after(4)), 1)
  assert.equal(daysLeftOf({} as Track, steps), undefined)
})

test('every step has its day, in order, whatever they take', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 60 }),
      fc.option(fc.integer({ min: -3, max: 366 }), { nil: undefined }),
      (minutes, days) => {
        const steps = minutes.map(step)
        const planned = plan(steps, days)
        assert.deepEqual(
          planned.flatMap((day) => day.steps),
          steps,
        )
        assert.ok(planned.every((day) => day.steps.length > 0))
        if (days !== undefined) assert.ok(planned.length <= Math.max(1, days))
      },
    ),
  )
})

test('the track that was chosen last is one’s own, in whatever order it is told', () => {
  const seat = practiceSeat('learner')
  const made = fc.record({
    act: fc.constant('followed' as const),
    item: fc.constantFrom('track:a', 'track:b'),
    atMs: fc.integer({ min: 1, max: 40 }),
    data: fc.record({ isOn: fc.boolean(), until: fc.constantFrom(null, '2026-05-31') }),
  })
  fc.assert(
    fc.property(
      fc.uniqueArray(made, { minLength: 1, maxLength: 6, selector: ({ atMs }) => atMs }),
      fc.func(fc.integer()),
      (some, order) => {
        const acts: KnownAct[] = some.map((act, n) => ({ ...act, id: `a${n}` }))
        const told = workOfActs(seat, acts).followed
        assert.deepEqual(
          workOfActs(
            seat,
            acts.toSorted((a, b) => order(a.id) - order(b.id)),
          ).followed,
          told,
        )
        const last = acts.toSorted((a, b) => a.atMs - b.atMs).at(-1)!
        assert.ok(last.act === 'followed')
        assert.deepEqual(
          told,
          last.data.isOn ? { item: last.item, until: last.data.until, sinceMs: last.atMs } : undefined,
        )
      },
    ),
  )
})
