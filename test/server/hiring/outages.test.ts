/** What an outage of the server takes from a candidate is given back, and nothing else. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createExercises } from '../../../server/hiring/exercises.ts'
import { invite } from '../../../server/hiring/invitations.ts'
import { creditOutage } from '../../../server/hiring/outages.ts'
import { createJournals } from '../../../server/journal/journals.ts'
import { createStorage } from '../../../server/storage/aggregates.ts'
import type { DocumentUnreadable } from '../../../server/storage/documents.ts'
import { createLowdbStore } from '../../../server/storage/lowdb.ts'
import { createMemoryStore } from '../../../server/storage/memory.ts'

const minuteMs = 60_000

test('who was at work has the minutes back, once; who was on a break, done or not begun has none', async () => {
  let nowMs = 0
  const now = () => nowMs
  const storage = createStorage(createMemoryStore())
  const exercises = createExercises({ storage, now })
  const journals = createJournals({ storage, now, courseOfExercise: exercises.course })
  const deps = { storage, exercises, journals, now, onError: (error: unknown) => assert.fail(String(error)) }
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

test('a damaged heartbeat, exercise or candidate is told and has no time back, and keeps nobody else from theirs', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'podium-outages-'))
  let nowMs = 0
  const now = () => nowMs
  const open = async () => {
    const store = await createLowdbStore({ folder })
    const storage = createStorage(store)
    const exercises = createExercises({ storage, now })
    const journals = createJournals({ storage, now, courseOfExercise: exercises.course })
    const told: string[] = []
    const onError = (error: unknown) => void told.push(`${(error as DocumentUnreadable).kind}`)
    return { storage, exercises, journals, now, told, onError }
  }
  const terms = { opensAtMs: null, untilMs: 9e9, multiplier: 1, language: 'en' as const }
  const first = await open()
  const anExercise = async (...names: string[]) => {
    const exercise = await first.exercises.create('j1', 'ann', {
      ...{ title: 'First round', minutes: 600 },
      plan: { sections: [], aiPolicy: 'none', passBar: null, rubric: [], showsChecks: false },
    })
    await first.exercises.act(exercise.id, 'ann', () => [{ act: 'opened', data: {} }])
    const seats: string[] = []
    for (const name of names) {
      const { seat } = (await invite(first, exercise, 'ann', { name, mail: '' }, terms))!
      await first.journals.write({ sittingId: exercise.id, participantId: seat.id }, () => [
        { act: 'started', data: {} },
      ])
      seats.push(seat.id)
    }
    return { id: exercise.id, seats }
  }
  const [one, other] = [await anExercise('A', 'B', 'C'), await anExercise('D')]
  await first.storage.heartbeats.beat(nowMs)
  await first.storage.close()
  for (const path of [
    `participants/${one.id}/${one.seats[0]}.json`,
    `journals/${one.id}/${one.seats[1]}/000000000.json`,
    `journals/${other.id}/000000000.json`,
  ])
    await writeFile(join(folder, path), '{')
  nowMs = 4 * minuteMs
  const second = await open()
  assert.equal(await creditOutage(second), 1, 'the one who can be read')
  assert.deepEqual(second.told.sort(), ['journals', 'journals', 'participants'])
  await second.storage.close()
  await writeFile(join(folder, 'heartbeats', 'site.json'), '{')
  nowMs = 8 * minuteMs
  const third = await open()
  assert.equal(await creditOutage(third), 0)
  assert.deepEqual(third.told, ['heartbeats'])
  await third.storage.close()
  await rm(folder, { recursive: true })
})
