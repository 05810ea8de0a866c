/** Candidates that are erased: nothing of them is left but counts, however it is interrupted, and whatever is restored. */
import assert from 'node:assert/strict'
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createAudit, verifyChain } from '../../../server/hiring/audit.ts'
import { candidatesOf, funnelOf } from '../../../server/hiring/candidates.ts'
import { type ErasureDeps, eraseCandidate, eraseDue, erasedAt, replayErasures } from '../../../server/hiring/erasure.ts'
import { createExercises } from '../../../server/hiring/exercises.ts'
import { newJob } from '../../../server/hiring/jobs.ts'
import { createJournals } from '../../../server/journal/journals.ts'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { createLowdbStore } from '../../../server/storage/lowdb.ts'
import { createMemoryStore } from '../../../server/storage/memory.ts'
import type { Storage } from '../../../server/storage/types.ts'

const day = 24 * 3_600_000

/** Kim has handed in, Lee was invited; over a storage that may be in use already. */
async function setUp(storage: Storage = createStorage(createMemoryStore()), isNew = true) {
  let nowMs = 1000
  const now = () => nowMs
  const exercises = createExercises({ storage, now })
  const journals = createJournals({ storage, now, courseOfExercise: exercises.course })
  const audit = createAudit(storage.auditLog, now)
  const sandboxes = { removeCopies: async () => undefined }
  const deps: ErasureDeps = { storage, exercises, journals, audit, now, secret: 'a secret', sandboxes }
  const at = (ms: number) => {
    nowMs = ms
  }
  if (!isNew) return { storage, deps, at, exercise: (await exercises.all())[0]! }
  const job = { ...newJob('mara', { title: 'Engineer', contact: 'Mara' }, nowMs), retentionDays: 30 }
  await storage.hiringJobs.save(job)
  const exercise = await exercises.create(job.id, 'mara', {
    title: 'First round',
    minutes: 60,
    plan: {
      sections: [{ id: 'fix', title: 'Fix', items: ['challenge:three-pods'] }],
      ...{ aiPolicy: 'none', passBar: null, rubric: [], showsChecks: false },
    },
  })
  await exercises.act(exercise.id, 'mara', () => [{ act: 'opened', data: {} }])
  for (const [id, name] of [
    ['c1', 'Kimberley Quist'],
    ['c2', 'Lee Okonkwo'],
  ] as const) {
    await storage.participants.save({
      ...{ id, sittingId: exercise.id, learnerId: null, nickname: '', joinedAtMs: 0, startedAtMs: null },
      ...{ finishedAtMs: null, seed: `seed-of-${id}`, timeMultiplier: 1, consent: null },
      candidate: {
        ...{ blindName: `Candidate ${id}`, tokenSha256: id, opensAtMs: null, untilMs: 9e12, language: 'en' as const },
        revokedAtMs: null,
      },
    })
    await storage.candidates.save({
      id,
      sittingId: exercise.id,
      name,
      mail: `${name.split(' ')[1]!.toLowerCase()}@example.org`,
    })
  }
  const kim = { sittingId: exercise.id, participantId: 'c1' }
  const noted = { id: 'n1', act: 'noted', atMs: 1, item: 'challenge:three-pods', data: { text: 'call me Kimmie' } }
  await journals.add(kim, [noted as never])
  await storage.scores.append(`${exercise.id}/c1`, 0, [
    {
      act: 'level-noted',
      by: 'rita',
      atMs: 1,
      data: { dimension: 'care', level: 4, says: 'Kimmie is careful', evidence: [] },
    },
  ])
  return { storage, deps, at, exercise }
}

test('who is erased is nowhere, the others stay, and the counts are what they were', async () => {
  const { storage, deps, exercise } = await setUp()
  const counts = async () => {
    const found = await deps.exercises.find(exercise.id)
    const { erased: _, ...funnel } = funnelOf(
      await candidatesOf(deps, found!),
      await deps.exercises.course(exercise.id),
      2000,
    )
    return funnel
  }
  const before = await counts()
  assert.equal(await eraseCandidate(deps, exercise.id, 'c1', 'mara'), true)
  assert.deepEqual(await counts(), before)
  assert.equal(before.invited, 2)
  assert.equal(await storage.participants.find(exercise.id, 'c1'), undefined)
  assert.equal(await storage.candidates.find('c1'), undefined)
  assert.deepEqual(await storage.scores.read(`${exercise.id}/c1`), [])
  assert.equal((await storage.candidates.find('c2'))?.name, 'Lee Okonkwo')
  const entries = await storage.auditLog.read('log')
  assert.deepEqual(
    entries.map(({ entry: { act, who } }) => [act, who]),
    [['candidate-erased', 'mara']],
  )
  assert.equal(verifyChain(entries.map(({ entry }) => entry)).isWhole, true)
  assert.equal(await eraseCandidate(deps, exercise.id, 'c1', 'mara'), false)
  assert.equal(await eraseCandidate(deps, 'no-such', 'c2', 'mara'), false)
})

test('an erasure that is broken off anywhere is gone on with, and counted once', async () => {
  for (const step of ['note', 'count', 'journal', 'scores', 'identity', 'seat', 'audit'] as const) {
    const { deps, exercise } = await setUp()
    const { storage } = deps
    const broken = () => Promise.reject(new Error('the disk is full'))
    const failing: ErasureDeps = {
      ...deps,
      storage: {
        ...storage,
        ...(step === 'note' ? { erasures: { ...storage.erasures, save: broken } } : {}),
        ...(step === 'scores' ? { scores: { ...storage.scores, remove: broken } } : {}),
        ...(step === 'identity' ? { candidates: { ...storage.candidates, remove: broken } } : {}),
        ...(step === 'seat' ? { participants: { ...storage.participants, remove: broken } } : {}),
      },
      journals: step === 'journal' ? { ...deps.journals, remove: broken } : deps.journals,
      exercises: step === 'count' ? { ...deps.exercises, act: broken } : deps.exercises,
      audit: step === 'audit' ? { enter: broken } : deps.audit,
    }
    await assert.rejects(eraseCandidate(failing, exercise.id, 'c1', 'mara'), /disk is full/, step)
    await replayErasures(deps)
    if (step === 'note') await eraseCandidate(deps, exercise.id, 'c1', 'mara')
    assert.equal(await storage.participants.find(exercise.id, 'c1'), undefined, step)
    assert.equal(await storage.candidates.find('c1'), undefined, step)
    assert.equal((await deps.exercises.course(exercise.id)).erased.size, 1, step)
    assert.equal(await replayErasures(deps), 0, step)
  }
})

test('nothing of who is erased is left in the data folder, and a backup that is restored is erased again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'podium-erasure-'))
  const [data, backup] = [join(folder, 'data'), join(folder, 'backup')]
  const open = async () => createStorage(await createLowdbStore({ folder: data }))
  const holds = async (): Promise<string[]> => {
    const found: string[] = []
    for (const name of await readdir(data, { recursive: true }))
      if (/\.(json|log)$/.test(name) && /Kim|quist|seed-of-c1/.test(await readFile(join(data, name), 'utf8')))
        found.push(name)
    return found
  }
  try {
    const first = await open()
    const { exercise } = await setUp(first)
    await first.close()
    await cp(data, backup, { recursive: true })
    assert.notDeepEqual(await holds(), [])

    const second = await open()
    const { deps } = await setUp(second, false)
    assert.equal(await eraseCandidate(deps, exercise.id, 'c1', 'mara'), true)
    await second.close()
    assert.deepEqual(await holds(), [])

    // All but what says who was erased comes from the backup.
    await cp(join(data, 'erasures'), join(folder, 'erasures'), { recursive: true })
    await rm(data, { recursive: true })
    await cp(backup, data, { recursive: true })
    await cp(join(folder, 'erasures'), join(data, 'erasures'), { recursive: true })
    assert.notDeepEqual(await holds(), [])
    const third = await open()
    assert.equal(await replayErasures((await setUp(third, false)).deps), 1)
    assert.equal((await third.candidates.find('c2'))?.name, 'Lee Okonkwo')
    await third.close()
    assert.deepEqual(await holds(), [])
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('an exercise is erased when its job keeps it no longer: so many days after it was closed, and not before', async () => {
  const { deps, at, exercise } = await setUp()
  const told: unknown[] = []
  const due = () => eraseDue(deps, (error) => told.push(error))
  at(900 * day)
  // What goes on is kept.
  assert.equal(await due(), 0)
  await deps.exercises.act(exercise.id, 'mara', () => [{ act: 'closed', data: {} }])
  at(900 * day + 60_000)
  await deps.exercises.act(exercise.id, 'mara', () => [{ act: 'settled', data: {} }])
  at(930 * day - 1)
  assert.equal(await due(), 0)
  at(930 * day)
  assert.equal(await due(), 1)
  assert.deepEqual(await deps.storage.participants.listOf(exercise.id), [])
  const course = await deps.exercises.course(exercise.id)
  assert.deepEqual([course.life.state, course.erased.size, told], ['erased', 2, []])
  assert.equal(await due(), 0)
  assert.equal(erasedAt(900 * day, 30), 930 * day)
})

test('one exercise that cannot be erased keeps no other one', async () => {
  const { deps, at, exercise } = await setUp()
  const { exercises } = deps
  const other = await exercises.create(exercise.exercise.jobId, 'mara', {
    title: 'Second',
    minutes: 5,
    plan: exercise.exercise,
  })
  for (const id of [exercise.id, other.id]) {
    if (id === other.id) await exercises.act(id, 'mara', () => [{ act: 'opened', data: {} }])
    await exercises.act(id, 'mara', () => [{ act: 'closed', data: {} }])
  }
  at(60_000)
  for (const id of [exercise.id, other.id]) await exercises.act(id, 'mara', () => [{ act: 'settled', data: {} }])
  at(40 * day)
  const told: unknown[] = []
  const failing = {
    ...deps,
    journals: { ...deps.journals, remove: () => Promise.reject(new Error('the disk is full')) },
  }
  assert.equal(await eraseDue(failing, (error) => told.push(error)), 1)
  assert.equal(told.length, 1)
  assert.equal((await exercises.course(other.id)).life.state, 'erased')
  assert.notEqual((await exercises.course(exercise.id)).life.state, 'erased')
})
