import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { closedAtMs, isClosed, leftMs, rulesOf, standingOfMock, withSeen } from '../../../server/exams/mock.ts'
import type { Mock } from '../../../server/storage/types.ts'
import { aMock } from '../storage/contract.ts'

const startMs = 1_000_000
const allMs = 600
const exam = (): Mock => aMock('ann', 'x', { startedAtMs: startMs, endsAtMs: startMs + allMs })

test('time that goes as it should ends an exam at its end', () => {
  const mock = withSeen(withSeen(exam(), startMs + 100), startMs + 400)
  assert.equal(leftMs(mock, startMs + 500), 100)
  assert.equal(closedAtMs(mock, startMs + 599), null)
  assert.equal(closedAtMs(mock, startMs + 600), startMs + allMs)
})

test('an end that was seen stays the end when the clock is set back', () => {
  const seen = withSeen(exam(), startMs + 7200)
  assert.equal(closedAtMs(seen, startMs + 10), startMs + allMs)
  assert.equal(withSeen(seen, startMs + 20), seen, 'nothing is written again')
})

test('a clock that is set back gives no time back, and what is left goes on from there', () => {
  const seen = withSeen(exam(), startMs + 500)
  assert.equal(leftMs(seen, startMs - 3600), 100)
  const later = withSeen(seen, startMs - 3600)
  assert.equal(leftMs(later, startMs - 3550), 50)
  assert.ok(isClosed(later, startMs - 3500))
})

test('no exam without a clock ends, and what was handed in is as it was', () => {
  const open = aMock('ann', 'x', { endsAtMs: null })
  assert.equal(withSeen(open, 9e9), open)
  assert.equal(closedAtMs(open, 9e9), null)
  const handedIn = { ...exam(), handedInAtMs: startMs + 5 }
  assert.equal(withSeen(handedIn, startMs + 50), handedIn)
  assert.equal(closedAtMs(handedIn, startMs - 50), startMs + 5)
})

test('no order in which a clock goes and jumps gives more time, and an exam that is over stays so', () => {
  const moves = fc.array(
    fc.record({ waitedMs: fc.integer({ min: 0, max: 200 }), jumpMs: fc.integer({ min: -5000, max: 5000 }) }),
    { minLength: 1, maxLength: 40 },
  )
  fc.assert(
    fc.property(moves, (all) => {
      let mock = exam()
      let nowMs = startMs
      let waitedMs = 0
      let wasClosed = false
      for (const move of all) {
        nowMs += move.waitedMs
        waitedMs += move.waitedMs
        mock = withSeen(mock, nowMs)
        const closed = isClosed(mock, nowMs)
        if (waitedMs >= allMs) assert.ok(closed, 'the time was over')
        if (wasClosed) assert.ok(closed, 'it was over before')
        wasClosed = closed
        // What passes unseen between a jump and the next look, no clock can tell.
        nowMs += move.jumpMs
        mock = withSeen(mock, nowMs)
        wasClosed ||= isClosed(mock, nowMs)
      }
    }),
    { numRuns: 2000 },
  )
})

test('it stands as a sitting of one, with no time left once it is over or handed in', () => {
  const stands = standingOfMock(exam())
  assert.equal(stands.sitting.state, 'open')
  assert.deepEqual([stands.seat.state, stands.seat.endedAtMs], ['started', null])
  const over = standingOfMock(withSeen(exam(), startMs + allMs))
  assert.deepEqual([over.seat.state, over.seat.endedAtMs], ['timed-out', startMs + allMs])
  const handedIn = standingOfMock({ ...exam(), handedInAtMs: startMs + 5 })
  assert.deepEqual([handedIn.seat.state, handedIn.seat.endedAtMs], ['submitted', startMs + 5])
  assert.equal(leftMs({ ...exam(), handedInAtMs: startMs + 5 }, startMs + 6), 0)
  assert.equal(leftMs(exam(), startMs + allMs), 0)
  assert.equal(leftMs(aMock('ann', 'x', { endsAtMs: null }), 9e9), Number.POSITIVE_INFINITY)
})

test('only training tells at once what is right and gives hints, only the exam cancels right picks by wrong ones', () => {
  const rules = (['training', 'timed', 'exam'] as const).map((mode) => rulesOf({ mode }))
  assert.deepEqual(
    rules.map(({ showSolutions, wrongPicksCancel, hints }) => [showSolutions, wrongPicksCancel, hints]),
    [
      ['at once', false, true],
      ['after close', false, false],
      ['after close', true, false],
    ],
  )
})
