/** What an outage of the server takes from a candidate is given back, and nothing else. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createExercises } from '../../../server/hiring/exercises.ts'
import { invite } from '../../../server/hiring/invitations.ts'
import { creditOutage } from '../../../server/hiring/outages.ts'
import { createJournals } from '../../../server/journal/journals.ts'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { createMemoryStore } from '../../../server/storage/memory.ts'

const minuteMs = 60_000

test('who was at work has the minutes back, once; who was on a break, done or not begun has none', async () => {
  let nowMs = 0
  const now = () => nowMs
  const storage = createStorage(createMemoryStore())
  const exercises = createExercises({ storage, now })
  const journals = createJournals({ storage, now, courseOfExercise: exercises.course })
  const deps = { storage, exercises, journals, now }
  const exercise = await exercises.create('j1', 'ann', {
    ...{ title: 'First round', minutes: 60 },
    plan: { sections: [], aiPolicy: 'none', passBar: null, rubric: [], showsChecks: false },
  })
  await exercises.act(exercise.id, 'ann', () => [{ act: 'opened', data: {} }])
  const terms = { opensAtMs: null, untilMs: 9e9, multiplier: 1, language: 'en' as const }
  const does = async (name: string, ...acts: ('started' | 'on-break' | 'handed-in')[]) => {
    const { seat } = (await invite(deps, exercise, 'ann', { name, mail: '' }, terms))!
    const id = { sittingId: exercise.id, participantId: seat.id }
    for (const act of acts) await journals.write(id, () => [{ act, data: {} }])
    return async () =>
      ((await journals.work(id)).candidacy?.credits ?? []).map(({ ms, why }) => `${ms / minuteMs} ${why}`)
  }
  const works = await does('A', 'started')
  const rests = await does('B', 'started', 'on-break')
  const done = await does('C', 'started', 'handed-in')
  const waits = await does('D')
  nowMs = 50 * minuteMs
  const late = await does('E', 'started')
  await storage.heartbeats.beat(nowMs)
  nowMs += 5000
  assert.equal(await creditOutage(deps), 0, 'a beat that came late')
  nowMs = 54 * minuteMs
  assert.equal(await creditOutage(deps), 2)
  assert.deepEqual(
    [await works(), await late(), await rests(), await done(), await waits()],
    [['4 outage'], ['4 outage'], [], [], []],
  )
  await storage.heartbeats.beat(nowMs)
  assert.equal(await creditOutage(deps), 0)
  // A's time, 64 minutes, ends while the server is away for an hour: what was left of it is there again.
  nowMs = 60 * minuteMs
  await storage.heartbeats.beat(nowMs)
  nowMs = 120 * minuteMs
  assert.equal(await creditOutage(deps), 2)
  assert.deepEqual((await works()).at(-1), '4 outage')
  assert.deepEqual((await late()).at(-1), '54 outage')
  await exercises.act(exercise.id, 'ann', () => [{ act: 'paused', data: {} }])
  nowMs += 60 * minuteMs
  assert.equal(await creditOutage(deps), 0, 'the clocks stood')
})
