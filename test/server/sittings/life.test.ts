/** Sittings and seats: what may follow what, and that no order of events gives time, ends or writes that there are not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  newSeat,
  onSeat,
  practiceSeatLife,
  type SeatEvent,
  type SeatLife,
  seatAt,
  takesWork,
  timeLeftMs,
} from '../../../server/seats/life.ts'
import {
  graceMs,
  newSitting,
  onSitting,
  practiceLife,
  type SittingEvent,
  type SittingLife,
  sittingAt,
} from '../../../server/sittings/life.ts'
import { allowedMs, usedMs } from '../../../server/sittings/watch.ts'

const minuteMs = 60_000
const hour = { baseMs: 60 * minuteMs, multiplier: 1, creditsMs: 0 }

const sitting = (events: readonly [SittingEvent, number][], from: SittingLife = newSitting): SittingLife =>
  events.reduce((life, [event, atMs]) => {
    const then = onSitting(life, event, atMs)
    assert.ok(!('impossible' in then), `${event.event} at ${atMs} in ${life.state}`)
    return then
  }, from)

const seat = (events: readonly [SeatEvent, number][], from = newSeat(hour)): SeatLife =>
  events.reduce((life, [event, atMs]) => {
    const then = onSeat(life, event, atMs)
    assert.ok(!('impossible' in then), `${event.event} at ${atMs} in ${life.state}`)
    return then
  }, from)

const started: readonly [SeatEvent, number][] = [
  [{ event: 'join' }, 0],
  [{ event: 'consent' }, 0],
  [{ event: 'start' }, 0],
]
const open = sitting([[{ event: 'open' }, 0]])

test('a sitting opens and closes by its clock, as of the moment that was set', () => {
  const planned = sitting([[{ event: 'schedule', opensAtMs: 100, closesAtMs: 500 }, 0]])
  assert.equal(sittingAt(planned, 99).state, 'scheduled')
  assert.equal(sittingAt(planned, 100).state, 'open')
  assert.deepEqual(sittingAt(planned, 900), { ...planned, state: 'closing', closingAtMs: 500 })
  assert.deepEqual(onSitting(planned, { event: 'schedule', opensAtMs: 700, closesAtMs: 600 }, 0), {
    impossible: 'time',
  })
})

test('a sitting is closed when nothing is owed and the last drafts have had their time', () => {
  const closing = sitting([[{ event: 'close' }, 1000]], open)
  assert.deepEqual(onSitting(closing, { event: 'settle', owedGradings: 1 }, 1e6), { impossible: 'owed' })
  assert.deepEqual(onSitting(closing, { event: 'settle', owedGradings: 0 }, 1000 + graceMs - 1), { impossible: 'time' })
  const closed = sitting([[{ event: 'settle', owedGradings: 0 }, 1000 + graceMs]], closing)
  assert.equal(closed.state, 'closed')
  assert.deepEqual(onSitting(closed, { event: 'open' }, 2e6), { impossible: 'state' })
})

test('breaks and pauses stop the clock of a seat, and credits and a multiplier add to it', () => {
  const life = seat([
    ...started,
    [{ event: 'break' }, 10 * minuteMs],
    [{ event: 'return' }, 30 * minuteMs],
    [{ event: 'hold' }, 40 * minuteMs],
    [{ event: 'unhold' }, 45 * minuteMs],
  ])
  assert.equal(timeLeftMs(open, life, 50 * minuteMs), 35 * minuteMs)
  const helped = seat(
    [
      [{ event: 'multiply', by: 1.5 }, 50 * minuteMs],
      [{ event: 'credit', ms: minuteMs }, 51 * minuteMs],
    ],
    life,
  )
  assert.equal(timeLeftMs(open, helped, 55 * minuteMs), 61 * minuteMs)
})

test('time that is over ends a seat as of then; a credit lets its person go on, and an end by hand stays', () => {
  const life = seatAt(seat(started), 70 * minuteMs)
  assert.deepEqual(
    [life.state, life.endedAtMs, timeLeftMs(open, life, 70 * minuteMs)],
    ['timed-out', 60 * minuteMs, null],
  )
  const goesOn = seat([[{ event: 'credit', ms: 5 * minuteMs }, 80 * minuteMs]], life)
  assert.deepEqual(
    [goesOn.state, goesOn.endedAtMs, timeLeftMs(open, goesOn, 82 * minuteMs)],
    ['started', null, 3 * minuteMs],
  )
  const submitted = seat(
    [
      [{ event: 'submit' }, minuteMs],
      [{ event: 'credit', ms: minuteMs }, 2 * minuteMs],
    ],
    seat(started),
  )
  assert.deepEqual([submitted.state, submitted.endedAtMs], ['submitted', minuteMs])
  assert.deepEqual(onSeat(submitted, { event: 'submit' }, 3 * minuteMs), { impossible: 'state' })
})

test('work is taken from who has started, in an open sitting; what was typed before the end for a little longer', () => {
  const life = seat(started)
  const endMs = 60 * minuteMs
  assert.equal(takesWork(open, life, endMs - 1), true)
  assert.equal(takesWork(open, life, endMs), false)
  assert.equal(takesWork(open, life, endMs + graceMs - 1, endMs - 1), true)
  assert.equal(takesWork(open, life, endMs + graceMs, endMs - 1), false)
  assert.equal(takesWork(sitting([[{ event: 'pause' }, 5]], open), life, 10), false)
  const closing = sitting([[{ event: 'close' }, 1000]], open)
  assert.deepEqual([takesWork(closing, life, 1001), takesWork(closing, life, 1001, 999)], [false, true])
  assert.equal(takesWork(open, newSeat(hour, 'consented'), 5), false)
  assert.equal(takesWork(practiceLife, practiceSeatLife, Number.MAX_SAFE_INTEGER), true)
})

test('what may follow what, of a sitting and of a seat', () => {
  const sittingEvents: SittingEvent[] = [
    { event: 'schedule', opensAtMs: 900, closesAtMs: null },
    ...(['open', 'pause', 'resume', 'close', 'archive', 'erase'] as const).map((event) => ({ event })),
    { event: 'settle', owedGradings: 0 },
  ]
  const states = ['draft', 'scheduled', 'open', 'paused', 'closing', 'closed', 'archived', 'erased'] as const
  const told = states.map((state) => {
    const life: SittingLife = { ...newSitting, state, closingAtMs: state === 'closing' ? -graceMs : null }
    const ways = sittingEvents.flatMap((event) => {
      const then = onSitting(life, event, 0)
      return 'impossible' in then ? [] : [`${event.event}>${then.state}`]
    })
    return `${state}: ${ways.join(' ')}`
  })
  assert.deepEqual(told, [
    'draft: schedule>scheduled open>open erase>erased',
    'scheduled: schedule>scheduled open>open erase>erased',
    'open: pause>paused close>closing',
    'paused: resume>open close>closing',
    'closing: settle>closed',
    'closed: archive>archived erase>erased',
    'archived: erase>erased',
    'erased: ',
  ])
  const seatStates = [
    ...(['invited', 'joined', 'consented', 'practising', 'started', 'on-break'] as const),
    ...(['submitted', 'timed-out', 'graded', 'reviewed', 'released'] as const),
  ]
  const plain = [
    'join',
    'consent',
    'practise',
    'start',
    'break',
    'return',
    'submit',
    'grade',
    'review',
    'release',
  ] as const
  const ways = seatStates.map((state) => {
    const all = plain.flatMap((event) => {
      const then = onSeat(newSeat(null, state), { event }, 0)
      return 'impossible' in then ? [] : [`${event}>${then.state}`]
    })
    return `${state}: ${all.join(' ')}`
  })
  assert.deepEqual(ways, [
    'invited: join>joined',
    'joined: consent>consented start>started',
    'consented: practise>practising start>started',
    'practising: start>started',
    'started: break>on-break submit>submitted',
    'on-break: return>started submit>submitted',
    'submitted: grade>graded',
    'timed-out: grade>graded',
    'graded: review>reviewed release>released',
    'reviewed: release>released',
    'released: ',
  ])
})

test('a sitting that is paused closes by its clock too, at the very moment; what was scheduled for a moment ago is open', () => {
  const planned = sitting([
    [{ event: 'schedule', opensAtMs: 0, closesAtMs: 500 }, 0],
    [{ event: 'pause' }, 100],
  ])
  assert.equal(sittingAt(planned, 499).state, 'paused')
  assert.equal(sittingAt(planned, 500).state, 'closing')
  assert.deepEqual(onSitting(planned, { event: 'resume' }, 500), { impossible: 'state' })
  for (const closesAtMs of [100, 200])
    assert.deepEqual(onSitting(newSitting, { event: 'schedule', opensAtMs: 100, closesAtMs }, 200), {
      impossible: 'time',
    })
  assert.equal(graceMs, 15_000)
})

test('what is given or multiplied is refused when it would take time, and changes nothing where nobody counts', () => {
  const life = seat(started)
  const refused = { impossible: 'time' }
  assert.deepEqual(onSeat(life, { event: 'credit', ms: -1 }, 0), refused)
  for (const by of [0.99, 3.01]) assert.deepEqual(onSeat(life, { event: 'multiply', by }, 0), refused)
  for (const by of [1, 3])
    assert.equal(timeLeftMs(open, seat([[{ event: 'multiply', by }, 0]], life), 0), by * hour.baseMs)
  assert.equal(timeLeftMs(open, seat([[{ event: 'credit', ms: 0 }, 0]], life), 0), hour.baseMs)
  const untimed = seat(started, newSeat(null))
  assert.equal(timeLeftMs(open, seat([[{ event: 'credit', ms: 5 }, 0]], untimed), 1e12), Number.POSITIVE_INFINITY)
  // Who waits for the start is held with the others, and nothing runs yet.
  const waiting = newSeat(hour, 'consented')
  assert.deepEqual(onSeat(waiting, { event: 'hold' }, 5), waiting)
  assert.equal(timeLeftMs(open, waiting, 5), null)
})

test('nobody has more time than their sitting, and none before it opens or after it closes', () => {
  const life = seat(started)
  const closesSoon = sitting([[{ event: 'schedule', opensAtMs: 10, closesAtMs: 5 * minuteMs }, 0]])
  assert.equal(timeLeftMs(closesSoon, life, 5), null)
  assert.equal(timeLeftMs(closesSoon, life, minuteMs), 4 * minuteMs)
  assert.equal(timeLeftMs(closesSoon, life, 5 * minuteMs), null)
  assert.equal(timeLeftMs({ ...closesSoon, state: 'paused' }, life, minuteMs), 4 * minuteMs)
  assert.equal(timeLeftMs(open, life, minuteMs), 59 * minuteMs)
})

test('who has handed in adds nothing while the sitting closes', () => {
  const closing = sitting([[{ event: 'close' }, 1000]], open)
  const submitted = seat([[{ event: 'submit' }, 500]], seat(started))
  assert.equal(takesWork(closing, seat(started), 1001, 400), true)
  assert.equal(takesWork(closing, submitted, 1001, 400), false)
})

test('who is on a break loses no time to a pause that ends meanwhile, and work is taken after it', () => {
  const away = seat([
    ...started,
    [{ event: 'break' }, minuteMs],
    [{ event: 'hold' }, 2 * minuteMs],
    [{ event: 'unhold' }, 3 * minuteMs],
  ])
  assert.equal(timeLeftMs(open, away, 30 * minuteMs), 59 * minuteMs)
  assert.equal(takesWork(open, away, 4 * minuteMs), false)
  const back = seat([[{ event: 'return' }, 30 * minuteMs]], away)
  assert.equal(takesWork(open, back, 31 * minuteMs), true)
  assert.equal(timeLeftMs(open, back, 31 * minuteMs), 58 * minuteMs)
})

test('what was typed in time is taken late in an open, paused or closing sitting, and in no other', () => {
  const life = seatAt(seat(started), 60 * minuteMs)
  const late = 60 * minuteMs + 1
  const inState = (state: SittingLife['state']) => takesWork({ ...open, state }, life, late, 59 * minuteMs)
  assert.deepEqual((['open', 'paused', 'closing'] as const).map(inState), [true, true, true])
  assert.deepEqual((['draft', 'scheduled', 'closed', 'archived', 'erased'] as const).map(inState), [
    false,
    false,
    false,
    false,
    false,
  ])
  const submitted = seat([[{ event: 'submit' }, 5]], seat(started))
  assert.equal(takesWork(open, submitted, 6, 4), false)
})

const seatEvents: fc.Arbitrary<SeatEvent> = fc.oneof(
  fc.constantFrom<SeatEvent>(
    ...(['join', 'consent', 'practise', 'start', 'break', 'return', 'submit', 'grade', 'hold', 'unhold'] as const).map(
      (event) => ({ event }),
    ),
  ),
  fc.record({ event: fc.constant('credit' as const), ms: fc.integer({ min: -1000, max: 5000 }) }),
  fc.record({ event: fc.constant('multiply' as const), by: fc.double({ min: 0, max: 4, noNaN: true }) }),
)
const moves = fc.array(
  fc.record({
    given: seatEvents,
    passedMs: fc.integer({ min: 0, max: 4000 }),
    jumpMs: fc.integer({ min: -9000, max: 0 }),
  }),
  { maxLength: 60 },
)
const short = { baseMs: 10_000, multiplier: 1, creditsMs: 0 }

test('no order of events and no clock gives negative time, more time than allowed, two ends, or work after the end', () => {
  fc.assert(
    fc.property(moves, (all) => {
      let life = newSeat(short)
      let nowMs = 1_000_000
      let ends = 0
      for (const { given, passedMs, jumpMs } of all) {
        nowMs += passedMs
        const before = seatAt(life, nowMs)
        if (life.endedAtMs === null && before.endedAtMs !== null) ends++
        // The clock is set back between two requests: nobody gains by it.
        nowMs += jumpMs
        const then = onSeat(before, given, nowMs)
        life = seatAt('impossible' in then ? before : then, nowMs)
        const left = timeLeftMs(open, life, nowMs)
        assert.ok(left === null || left >= 0)
        if (life.watch) {
          assert.ok(
            usedMs(life.watch, nowMs) <= allowedMs(life.allowance!) ||
              life.state === 'submitted' ||
              life.endedAtMs !== null,
          )
          if (before.watch && before.state !== 'timed-out' && given.event !== 'start')
            assert.ok(life.watch.usedMs >= before.watch.usedMs, 'no used time comes back')
        }
        if (before.endedAtMs === null && life.endedAtMs !== null) ends++
        if (before.endedAtMs !== null && life.endedAtMs === null) {
          assert.ok(['credit', 'multiply'].includes(given.event), 'only time that is given takes an end back')
          ends--
        }
        assert.ok(ends === 0 || ends === 1)
        assert.equal(life.endedAtMs !== null, ends === 1)
        assert.equal(takesWork(open, life, nowMs), life.state === 'started')
        if (ends === 1) assert.equal(takesWork(open, life, nowMs, life.endedAtMs!), false, 'begun after the end')
      }
    }),
    { numRuns: 500 },
  )
})

test('no order of events opens a sitting again once it closes, or takes work from then on', () => {
  const events: fc.Arbitrary<SittingEvent> = fc.oneof(
    fc.constantFrom<SittingEvent>(
      ...(['open', 'pause', 'resume', 'close', 'archive', 'erase'] as const).map((event) => ({ event })),
    ),
    fc.record({ event: fc.constant('settle' as const), owedGradings: fc.integer({ min: 0, max: 1 }) }),
    fc.record({
      event: fc.constant('schedule' as const),
      opensAtMs: fc.integer({ min: 0, max: 60_000 }),
      closesAtMs: fc.option(fc.integer({ min: 0, max: 120_000 })),
    }),
  )
  const own = seat(started, newSeat(null))
  fc.assert(
    fc.property(fc.array(fc.tuple(events, fc.integer({ min: 0, max: 20_000 })), { maxLength: 40 }), (all) => {
      let life: SittingLife = newSitting
      let nowMs = 0
      let closedAtMs: number | undefined
      for (const [given, passedMs] of all) {
        nowMs += passedMs
        const then = onSitting(life, given, nowMs)
        life = sittingAt('impossible' in then ? life : then, nowMs)
        if (life.closingAtMs !== null) {
          closedAtMs ??= life.closingAtMs
          assert.equal(life.closingAtMs, closedAtMs, 'one end')
          assert.equal(takesWork(life, own, nowMs), false)
        }
        assert.equal(takesWork(life, own, nowMs), life.state === 'open')
      }
    }),
    { numRuns: 500 },
  )
})
