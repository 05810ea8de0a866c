/** Steps that open by themselves, at any moment at which somebody looks. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { afterAct, newRoom, type Room } from '../../../server/workshops/room.ts'
import type { NewRoomAct, RoomAct, Step } from '../../../server/workshops/room-acts.ts'
import { minutesLeft, untilDue, withDue } from '../../../server/workshops/timed-steps.ts'

const minute = 60_000
const steps: Step[] = [
  { id: 's1', title: 'One', minutes: 10 },
  { id: 's2', title: 'Two', minutes: 5, opens: { by: 'after' } },
  { id: 's3', title: 'Three', minutes: 5, opens: { by: 'after' } },
  { id: 's4', title: 'Four', minutes: 5, opens: { by: 'time', minute: 60 } },
  { id: 's5', title: 'Five', minutes: 5 },
]
const acts = (...given: [atMinute: number, act: NewRoomAct][]): RoomAct[] =>
  given.map(
    ([at, { act, data }], n) => ({ id: String(n), atMs: at * minute, act, data: { ...data, by: 'x' } }) as RoomAct,
  )
const planned: NewRoomAct = { act: 'planned', data: { title: 'T', steps } }
const opened = (step: string): NewRoomAct => ({ act: 'step-opened', data: { step } })
const held = (step: string): NewRoomAct => ({ act: 'step-held', data: { step } })
const [begun, paused, resumed, closed] = (['opened', 'paused', 'resumed', 'closed'] as const).map(
  (act): NewRoomAct => ({ act, data: {} }),
) as [NewRoomAct, NewRoomAct, NewRoomAct, NewRoomAct]

const folded = (...given: Parameters<typeof acts>): Room => acts(...given).reduce(afterAct, newRoom)
const openAt = (room: Room, at: number): string[] => [...withDue(room, at * minute).open.keys()]

test('one step after the other, each when the one before is over, as of then', () => {
  const room = folded([0, planned], [0, begun], [0, opened('s1')])
  assert.deepEqual(openAt(room, 9.9), ['s1'])
  assert.deepEqual(openAt(room, 10), ['s1', 's2'])
  const late = withDue(room, 70 * minute)
  assert.deepEqual(
    [...late.open],
    [
      ['s1', 0],
      ['s2', 10 * minute],
      ['s3', 15 * minute],
      ['s4', 60 * minute],
    ],
  )
  assert.equal(late.current, 's4')
  assert.equal(minutesLeft(late, steps[3]!, 62 * minute), 3)
})

test('before the beginning nothing opens, and pauses do not count', () => {
  assert.deepEqual(openAt(folded([0, planned], [0, opened('s1')]), 500), ['s1'])
  const room = folded([0, planned], [0, begun], [0, opened('s1')], [4, paused], [34, resumed])
  assert.deepEqual(openAt(room, 39), ['s1'])
  assert.deepEqual(openAt(room, 40), ['s1', 's2'])
  assert.equal(withDue(room, 41 * minute).open.get('s2'), 40 * minute)
  const waiting = folded([0, planned], [0, begun], [0, opened('s1')], [4, paused])
  assert.deepEqual([openAt(waiting, 500), untilDue(waiting, 500 * minute)], [['s1'], undefined])
})

test('what was held opens by hand alone, and after the end nothing does', () => {
  const room = folded([0, planned], [0, begun], [0, opened('s1')], [11, held('s2')])
  assert.deepEqual(openAt(room, 30), ['s1'])
  assert.deepEqual(openAt(afterAct(room, acts([31, opened('s2')])[0]!), 40), ['s1', 's2', 's3'])
  assert.deepEqual(openAt(folded([0, planned], [0, begun], [0, opened('s1')], [3, closed]), 500), ['s1'])
})

test('whoever looks in between changes nothing, and the next moment is told in time', () => {
  const act = fc.constantFrom(begun, paused, resumed, opened('s1'), opened('s3'), held('s1'), held('s2'), planned)
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 15 }), act), { maxLength: 20 }), (given) => {
      let at = 0
      const timed = given.map(([wait, one]): [number, NewRoomAct] => {
        at += wait
        return [at, one]
      })
      const done = acts([0, planned], ...timed)
      const end = (at + 90) * minute
      const plain = done.reduce(afterAct, newRoom)
      const looked = done.reduce((room, one) => afterAct(withDue(withDue(room, one.atMs - 1), one.atMs), one), newRoom)
      assert.deepEqual([...withDue(looked, end).open], [...withDue(plain, end).open])
      const wait = untilDue(plain, end)
      if (wait === undefined || wait === 0) return
      const [before, after] = [withDue(plain, end + wait - 1), withDue(plain, end + wait)]
      assert.equal(before.open.size < after.open.size, true)
    }),
  )
})
