/** Exercises of jobs as they are stored, and what becomes of them with their owner. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createExercises, type ExerciseDraft } from '../../../server/hiring/exercises.ts'
import { mayWithJob, moveJobs, newJob, removeJobs } from '../../../server/hiring/jobs.ts'
import { ActRefused, createJournals } from '../../../server/journal/journals.ts'
import type { SeatId } from '../../../server/seat.ts'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { createMemoryStore } from '../../../server/storage/memory.ts'

const draft: ExerciseDraft = {
  title: 'First round',
  minutes: 60,
  plan: {
    sections: [{ id: 'fix', title: 'Fix', items: ['challenge:three-pods', 'question:pod/always'] }],
    ...{ aiPolicy: 'none', passBar: null, rubric: [], showsChecks: false },
  },
}

async function aJob(owner = 'ann') {
  let nowMs = 1000
  const storage = createStorage(createMemoryStore())
  const exercises = createExercises({ storage, now: () => nowMs })
  const journals = createJournals({ storage, now: () => nowMs, courseOfExercise: exercises.course })
  const job = newJob(owner, { title: 'Platform engineer', contact: 'ann@example.org' }, nowMs)
  await storage.hiringJobs.save(job)
  const exercise = await exercises.create(job.id, owner, draft)
  const seat = { sittingId: exercise.id, participantId: 'c1' }
  await storage.participants.save({
    ...{ id: 'c1', sittingId: exercise.id, learnerId: 'kim', nickname: '', joinedAtMs: 0, startedAtMs: null },
    ...{ finishedAtMs: null, seed: 's', timeMultiplier: 2, consent: null },
    candidate: {
      ...{ blindName: 'Candidate 7F', tokenSha256: 'abc', opensAtMs: null, untilMs: 9e9, language: 'en' },
      revokedAtMs: null,
    },
  })
  await storage.candidates.save({ id: 'c1', sittingId: exercise.id, name: 'Kim', mail: '' })
  return { storage, exercises, journals, job, exercise, seat, at: (ms: number) => (nowMs = ms) }
}

test('an exercise has the rules of an exam, is found by its job, and keeps its items beside its sections', async () => {
  const { exercises, exercise, job } = await aJob()
  assert.deepEqual(exercise.items, ['challenge:three-pods', 'question:pod/always'])
  assert.deepEqual(
    [exercise.rules.hints, exercise.rules.showSolutions, exercise.rules.hiddenSeeds, exercise.clock.durationMs],
    [false, 'never', 1, 3_600_000],
  )
  const changed = await exercises.update(exercise.id, (one) => ({
    ...one,
    exercise: { ...one.exercise, sections: [{ id: 'a', title: '', items: ['question:pod/always'] }] },
  }))
  assert.deepEqual(changed?.items, ['question:pod/always'])
  const { plan } = draft
  await exercises.create(job.id, 'ann', { ...draft, plan: { ...plan, rehearsalOf: exercise.id } })
  assert.deepEqual(
    (await exercises.ofJob(job.id)).map(({ id }) => id),
    [exercise.id],
  )
  assert.equal((await exercises.rehearsalsOf(exercise)).length, 1)
  assert.equal((await exercises.all()).length, 2)
})

test('two who open an exercise at once open it once, and another process reads the same', async () => {
  const { exercises, exercise, storage } = await aJob()
  const open = () =>
    exercises.act(exercise.id, 'ann', ({ life }) => (life.state === 'draft' ? [{ act: 'opened', data: {} }] : []))
  await Promise.all([open(), open(), open()])
  assert.deepEqual(
    (await exercises.acts(exercise.id)).map(({ act }) => act),
    ['opened'],
  )
  const elsewhere = createExercises({ storage, now: () => 5 })
  assert.equal((await elsewhere.course(exercise.id)).life.state, 'open')
  await elsewhere.act(exercise.id, 'ann', () => [{ act: 'paused', data: {} }])
  assert.equal((await exercises.course(exercise.id)).life.state, 'paused')
})

test('a journal takes what a candidate may do by the clock, the exercise and the multiplier', async () => {
  const { exercises, exercise, journals, seat, at } = await aJob()
  const says = async (act: 'read' | 'started' | 'handed-in') => {
    try {
      await journals.write(seat, () => [
        act === 'read' ? { act, item: 'lesson:pod/life', data: {} } : { act, data: {} },
      ])
      return 'taken'
    } catch (error) {
      assert.ok(error instanceof ActRefused, String(error))
      return error.why
    }
  }
  assert.equal(await says('started'), 'not-open', 'a draft')
  await exercises.act(exercise.id, 'ann', () => [{ act: 'opened', data: {} }])
  await journals.write(seat, () => [{ act: 'consented', data: { purposes: ['grading'] } }])
  assert.equal(await says('read'), 'over', 'not started')
  assert.equal(await says('started'), 'taken')
  assert.equal(await says('started'), 'over', 'twice')
  assert.equal(await says('read'), 'taken')
  at(1000 + 7_200_000 - 1)
  assert.equal(await says('read'), 'taken', 'twice the hour')
  at(1000 + 7_200_000)
  assert.equal(await says('read'), 'over')
  await journals.write(seat, () => [{ act: 'credited', data: { ms: 60_000, why: 'given' }, by: 'Ann' }])
  assert.equal(await says('read'), 'taken', 'time again')
  assert.equal(await says('handed-in'), 'taken')
  assert.equal(await says('read'), 'over')
  const { candidacy } = await journals.work(seat)
  assert.deepEqual([candidacy?.consent?.purposes, candidacy?.credits.length], [['grading'], 1])
})

test('jobs move to another account and go with their owner, with all that was in them', async () => {
  const { storage, exercises, journals, job, exercise, seat } = await aJob()
  await exercises.act(exercise.id, 'ann', () => [{ act: 'opened', data: {} }])
  await journals.write(seat, () => [{ act: 'consented', data: { purposes: ['grading'] } }])
  await storage.hiringJobs.save({ ...newJob('bob', job, 5), reviewers: [{ learnerId: 'ann', name: 'Ann' }] })
  const [manager, other] = [
    { learnerId: 'ann', roles: ['hiring-manager' as const] },
    { learnerId: 'eve', roles: ['hiring-manager' as const] },
  ]
  assert.deepEqual([mayWithJob(job, manager, 'manage-job'), mayWithJob(job, other, 'manage-job')], [true, false])
  await moveJobs(storage, 'ann', 'cid')
  assert.deepEqual(
    [(await storage.hiringJobs.ofOwner('ann')).length, (await storage.hiringJobs.ofOwner('cid')).length],
    [0, 1],
  )
  assert.equal((await storage.hiringJobs.ofReviewer('cid')).length, 1)
  const copiesGone: SeatId[] = []
  const sandboxes = { removeCopies: async (of: SeatId) => void copiesGone.push(of) }
  await removeJobs({ storage, journals, sandboxes }, 'cid')
  assert.deepEqual(copiesGone, [{ sittingId: seat.sittingId, participantId: seat.participantId }])
  assert.equal(await storage.sittings.find(exercise.id), undefined)
  assert.equal(await storage.candidates.find('c1'), undefined)
  assert.deepEqual(await storage.participants.listOf(exercise.id), [])
  assert.deepEqual(await storage.journals.names(exercise.id), [])
  assert.deepEqual((await storage.hiringJobs.ofOwner('bob'))[0]!.reviewers, [])
})
