/** The seat of a candidate, folded of what happened: no order of events gives time, ends or writes that there are not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { afterAct, type Course, newCourse } from '../../../server/hiring/exercise.ts'
import type { ExerciseAct, ExerciseActName } from '../../../server/hiring/exercise-acts.ts'
import type { NewAct } from '../../../server/journal/act.ts'
import type { KnownAct } from '../../../server/journal/acts/registry.ts'
import { candidacy } from '../../../server/journal/folds/candidacy.ts'
import { type Done, mayAct, seatOf } from '../../../server/journal/may-act.ts'
import type { SeatChange } from '../../../server/seats/candidate-life.ts'
import { seatOfCandidate } from '../../../server/seats/candidate-life.ts'
import { seatAt, timeLeftMs } from '../../../server/seats/life.ts'
import { rulesOfPractice, type Standing } from '../../../server/seats/standing.ts'
import { allowedMs, usedMs } from '../../../server/sittings/watch.ts'

const hourMs = 60 * 60_000
const hour = { baseMs: hourMs, multiplier: 1, creditsMs: 0 }
const course = (...acts: [ExerciseActName, number][]): Course =>
  acts.reduce((so, [act, atMs]) => afterAct(so, done(act, atMs)), newCourse)
const done = (act: ExerciseActName, atMs: number) => ({ id: 'x', act, atMs, data: { by: 'ann' } }) as ExerciseAct
const change = (event: SeatChange['event']['event'], atMs: number): SeatChange =>
  ({ event: { event }, atMs }) as SeatChange

test('pauses of the exercise stop the clock of who is at work, and of who comes back meanwhile', () => {
  const { pauses } = course(['opened', 0], ['paused', 10], ['resumed', 30], ['paused', 50])
  assert.deepEqual(pauses, [
    { fromMs: 10, toMs: 30 },
    { fromMs: 50, toMs: null },
  ])
  const left = (changes: SeatChange[], nowMs: number) => {
    const life = seatOfCandidate({ ...hour, baseMs: 100 }, changes, pauses)
    return timeLeftMs({ ...course(['opened', 0]).life }, life, nowMs)
  }
  assert.equal(left([change('start', 0)], 1000), 100 - 10 - 20)
  assert.equal(left([change('start', 0), change('break', 5), change('return', 20)], 1000), 100 - 5 - 20)
  assert.equal(left([change('start', 40)], 1000), 90)
})

test('a clock that is set back gives no time back, and a break that seems to end before it began ends', () => {
  const life = seatOfCandidate(
    hour,
    [change('start', 1000), change('break', 5000), change('return', 3000), change('submit', 4000)],
    [],
  )
  assert.equal(life.state, 'submitted')
  assert.equal(life.watch?.usedMs, 4000 + 1000)
})

test('a pause ends with the exercise', () => {
  const closed = course(['opened', 0], ['paused', 10], ['closed', 30])
  assert.deepEqual([closed.life.state, closed.pauses], ['closing', [{ fromMs: 10, toMs: 30 }]])
  // What cannot follow changes nothing.
  assert.deepEqual(course(['opened', 0], ['resumed', 5], ['opened', 7]), course(['opened', 0]))
})

const act = fc.oneof(
  fc.constantFrom<NewAct<KnownAct>>(
    { act: 'consented', data: { purposes: ['grading'] } },
    { act: 'declined', data: {} },
    { act: 'practised', data: {} },
    { act: 'started', data: {} },
    { act: 'on-break', data: {} },
    { act: 'back', data: {} },
    { act: 'handed-in', data: {} },
    { act: 'time-asked', data: { says: 'more time' } },
    { act: 'read', item: 'lesson:pod/life', data: {} },
    { act: 'read', item: 'lesson:pod/life', data: {} },
  ),
  fc.integer({ min: 0, max: 400 }).map((ms): NewAct<KnownAct> => ({ act: 'credited', data: { ms, why: 'given' } })),
  fc.constantFrom(1, 1.5, 3).map((by): NewAct<KnownAct> => ({ act: 'multiplied', data: { by } })),
)
const step = fc.record({
  act: fc.oneof(
    { weight: 5, arbitrary: act },
    {
      weight: 1,
      arbitrary: fc.constantFrom<ExerciseActName>('paused', 'paused', 'resumed', 'resumed', 'resumed', 'closed'),
    },
  ),
  passedMs: fc.integer({ min: 0, max: 200 }),
})

const beginning = [
  { act: { act: 'consented', data: { purposes: ['grading'] } } as NewAct<KnownAct>, passedMs: 5 },
  { act: { act: 'started', data: {} } as NewAct<KnownAct>, passedMs: 5 },
]

test('no order of events gives negative time, two ends, or a write that is accepted after the end', () => {
  let [taken, ended] = [0, 0]
  fc.assert(
    fc.property(fc.boolean(), fc.array(step, { minLength: 10, maxLength: 40, size: 'max' }), (isBegun, then) => {
      const steps = [...(isBegun ? beginning : []), ...then]
      let nowMs = 1000
      let so = afterAct(newCourse, done('opened', nowMs))
      const fold = candidacy.begin({ sittingId: 's', participantId: 'p' })
      let endMs: number | null = null
      for (const [n, { act, passedMs }] of steps.entries()) {
        nowMs += passedMs
        const standing = (): Standing => ({
          sitting: so.life,
          seat: seatOfCandidate(null, [], []),
          rules: rulesOfPractice,
          candidate: { allowance: { baseMs: 1000, multiplier: 1, creditsMs: 0 }, pauses: so.pauses },
        })
        const soFar = (): Done => ({ mocks: [], attempts: [], candidacy: candidacy.view(fold) })
        if (typeof act === 'string') so = afterAct(so, done(act, nowMs))
        else {
          const before = seatAt(seatOf(standing(), soFar()), nowMs)
          const why = mayAct(standing(), soFar(), act, nowMs)
          if (act.act === 'read') {
            assert.equal(why === undefined, so.life.state === 'open' && before.state === 'started', before.state)
            taken += Number(why === undefined)
          }
          if (why === undefined)
            candidacy.apply(fold, { ...act, id: String(n), atMs: nowMs } as KnownAct, (name) => name)
        }
        const life = seatAt(seatOf(standing(), soFar()), nowMs)
        const left = timeLeftMs(so.life, life, nowMs)
        assert.ok(left === null || left >= 0, `${left}`)
        // Whose time is over may be given another multiplier afterwards.
        if (life.watch && life.allowance && life.endedAtMs === null)
          assert.ok(usedMs(life.watch, nowMs) <= allowedMs(life.allowance))
        // An end stays, unless time was given to who had none left.
        const isGiven = typeof act !== 'string' && (act.act === 'credited' || act.act === 'multiplied')
        if (endMs !== null && !isGiven) assert.equal(life.endedAtMs, endMs)
        endMs = life.endedAtMs
        ended += Number(endMs !== null)
      }
    }),
    { numRuns: 1500 },
  )
  assert.ok(taken > 300 && ended > 2000, `${taken} writes taken, ${ended} looks at a seat that had ended`)
})
