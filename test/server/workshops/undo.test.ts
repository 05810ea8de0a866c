/** Taking back what was done in a room: what undoes it, and what has been overtaken. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { afterAct, newRoom } from '../../../server/workshops/room.ts'
import type { NewRoomAct, RoomAct } from '../../../server/workshops/room-acts.ts'
import { undoing } from '../../../server/workshops/undo.ts'

const steps = ['a', 'b'].map((id) => ({ id, title: id, minutes: 5 }))
const acts = (...given: NewRoomAct[]): RoomAct[] =>
  given.map(({ act, data }, n) => ({ id: String(n), atMs: n * 1000, act, data: { ...data, by: 'ines' } }) as RoomAct)
const fold = (all: readonly RoomAct[]) => all.reduce(afterAct, newRoom)
/** The room after the act of that place was undone. */
const undone = (all: RoomAct[], at: number) => {
  const inverse = undoing(all, String(at))
  return inverse && fold([...all, ...acts(inverse).map((act) => ({ ...act, id: 'undo' }))])
}
const begin: NewRoomAct[] = [
  { act: 'planned', data: { title: 'Pods', steps } },
  { act: 'opened', data: {} },
  { act: 'step-opened', data: { step: 'a' } },
]

test('a step, a notice, a pause, a plan, a hint and a hand are as they were before', () => {
  const hand = { seat: 's1', says: 'Why?' }
  const cases: [NewRoomAct[], (room: ReturnType<typeof fold>) => unknown, unknown][] = [
    [[{ act: 'step-opened', data: { step: 'b' } }], (room) => [...room.open.keys()], ['a']],
    [[{ act: 'step-held', data: { step: 'a' } }], (room) => [...room.open.keys()], ['a']],
    [[{ act: 'announced', data: { text: 'Lunch' } }], (room) => room.banner, ''],
    [[{ act: 'paused', data: {} }], (room) => room.life.state, 'open'],
    [[{ act: 'planned', data: { title: 'Other', steps: steps.slice(0, 1) } }], (room) => room.title, 'Pods'],
    [
      [{ act: 'hint-sent', data: { step: 'a', cause: 'x', text: 'Look at the events', seats: ['s1'] } }],
      (room) => room.hints.size,
      0,
    ],
  ]
  for (const [more, of, before] of cases) {
    const all = acts(...begin, ...more)
    assert.notDeepEqual(of(fold(all)), before)
    assert.deepEqual(of(undone(all, all.length - 1)!), before, more[0]!.act)
  }
  const taken = acts(
    ...begin,
    { act: 'hand-raised', data: hand },
    { act: 'hand-taken', data: { seat: 's1', name: 'I' } },
  )
  assert.equal(undone(taken, 4)!.hands[0]!.taken, undefined)
  const lowered = acts(...begin, { act: 'hand-raised', data: hand }, { act: 'hand-lowered', data: { seat: 's1' } })
  assert.equal(undone(lowered, 4)!.hands[0]!.says, 'Why?')
})

test('there is nothing to go back to before the first plan', () => {
  assert.equal(undoing(acts(begin[0]!), '0'), undefined)
})

test('what something was done to since, or what cannot be taken back, stays', () => {
  const said = acts(...begin, { act: 'announced', data: { text: 'A' } }, { act: 'announced', data: { text: 'B' } })
  assert.equal(undoing(said, '3'), undefined)
  assert.deepEqual(undoing(said, '4'), { act: 'announced', data: { text: 'A' } })
  const paused = acts(...begin, { act: 'paused', data: {} }, { act: 'resumed', data: {} })
  assert.equal(undoing(paused, '3'), undefined)
  assert.deepEqual(undoing(paused, '4'), { act: 'paused', data: {} })
  const over = acts(...begin, { act: 'closed', data: {} })
  assert.equal(undoing(over, '3'), undefined)
  assert.equal(undoing(over, '1'), undefined)
  assert.equal(undoing(over, 'none'), undefined)
  // A step that was added and opened is not taken from under those who are at it.
  const more = [...steps, { id: 'c', title: 'c', minutes: 5 }]
  const added = acts(
    ...begin,
    { act: 'planned', data: { title: 'Pods', steps: more } },
    { act: 'step-opened', data: { step: 'c' } },
  )
  assert.equal(undoing(added, '3'), undefined)
})

test('whatever is done in a room, undoing the last act that can be undone leaves no trace but the record', () => {
  const anAct = fc.constantFrom<NewRoomAct>(
    { act: 'step-opened', data: { step: 'b' } },
    { act: 'step-held', data: { step: 'b' } },
    { act: 'announced', data: { text: 'A' } },
    { act: 'announced', data: { text: '' } },
    { act: 'paused', data: {} },
    { act: 'resumed', data: {} },
  )
  let undos = 0
  fc.assert(
    fc.property(fc.array(anAct, { minLength: 1, maxLength: 12 }), (more) => {
      const all = acts(...begin, ...more)
      const after = undone(all, all.length - 1)
      if (!after) return
      undos++
      const before = fold(all.slice(0, -1))
      assert.deepEqual(
        [[...after.open.keys()].sort(), after.banner, after.life.state],
        [[...before.open.keys()].sort(), before.banner, before.life.state],
      )
    }),
    { seed: 15, numRuns: 400 },
  )
  assert.ok(undos > 100, String(undos))
})
