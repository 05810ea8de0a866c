/** What is handed in is graded once, however busy the server is, however often it is started. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadCatalogOrThrow } from '../../../server/catalog/load.ts'
import { createGradings, type Gradings } from '../../../server/grading/gradings.ts'
import { createJournals } from '../../../server/journal/journals.ts'
import { LabOutOfMemory, LabRefusal, LabTimeout } from '../../../server/labs/types.ts'
import { takeSeat } from '../../../server/practice/take-seat.ts'
import { practiceSeat } from '../../../server/seat.ts'
import { ownMark } from '../../../server/sittings/program.ts'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { createMemoryStore } from '../../../server/storage/memory.ts'
import type { GradeResult } from '../../../sim/index.ts'
import { until } from '../../support/until.ts'
import { aGrade } from '../fake-labs.ts'
import { fixtureFolder } from '../support.ts'

const seat = practiceSeat('aaaaaaaaaaaaaaaaaa')
const catalog = await loadCatalogOrThrow(fixtureFolder)
const challenge = catalog.challenges.get('three-pods')!

/** A grader that answers as it is told, and servers that are started on the same storage. */
async function start() {
  const storage = createStorage(createMemoryStore())
  const journals = createJournals({ storage, now: Date.now })
  const asked: string[] = []
  const errors: unknown[] = []
  const grader = { answer: async (): Promise<GradeResult> => aGrade() }
  const open = (together = 2, otherEngines: readonly string[] = []): Gradings =>
    createGradings({
      otherEngines: () => otherEngines,
      ...{ storage, journals, secret: 'a secret', now: Date.now, catalog: () => catalog, together },
      labs: {
        grade: async (_who, { seed }) => {
          asked.push(seed)
          return grader.answer()
        },
      },
      onError: (error) => errors.push(error),
    })
  const begin = async (id: string) => {
    const { attempts } = await journals.write(seat, () => [
      {
        ...{ act: 'opened', item: 'challenge:three-pods', contentHash: challenge.hash, engineVersion: '1' },
        data: { attempt: id, seed: `seed-${id}`, drafts: {}, earlierDrafts: [], hintsOpened: [] },
      },
    ])
    return attempts.find((attempt) => attempt.id === id)!
  }
  const gradingsOf = async (id: string) => (await journals.work(seat)).attempts.find((one) => one.id === id)!.gradings
  return { storage, journals, asked, errors, grader, open, begin, gradingsOf }
}

test('what is graded soon is there at once', async () => {
  const { open, begin, gradingsOf, storage } = await start()
  const gradings = open()
  const attempt = await begin('a1')
  assert.equal(await gradings.standing(seat, attempt), undefined)
  assert.deepEqual(await gradings.handIn(seat, challenge, attempt, 5000), { is: 'graded', number: 1 })
  assert.equal((await gradingsOf('a1')).length, 1)
  assert.deepEqual(await storage.gradingsOwed.list(), [])
  await gradings.close()
})

test('a busy server, a clock that ran out and a mistake are tried again until there is a grade', async () => {
  for (const error of [
    new LabRefusal(503, 'Busy.'),
    new LabRefusal(429, 'Pause.'),
    new LabTimeout(422, 'Slow.'),
    new LabOutOfMemory(422, 'Large.'),
    new Error('broken'),
  ]) {
    const { open, begin, grader, gradingsOf, asked, errors } = await start()
    const gradings = open()
    const failures = error instanceof LabOutOfMemory ? 1 : 2
    let left = failures
    grader.answer = async () => {
      if (left-- > 0) throw error
      return aGrade()
    }
    const attempt = await begin('a1')
    const standing = await gradings.handIn(seat, challenge, attempt, 5000)
    assert.equal(standing.is, 'waiting')
    await until(async () => (await gradings.standing(seat, attempt))?.is === 'graded', 'graded')
    assert.deepEqual([(await gradingsOf('a1')).length, asked.length], [1, failures + 1])
    assert.equal(errors.length, error instanceof LabRefusal ? 0 : 2)
    await gradings.close()
  }
})

test('what needs too much memory twice is refused in words', async () => {
  const { open, begin, grader } = await start()
  const gradings = open()
  grader.answer = async () => {
    throw new LabOutOfMemory(422, 'Large.')
  }
  const attempt = await begin('a1')
  await gradings.handIn(seat, challenge, attempt, 5000)
  await until(async () => (await gradings.standing(seat, attempt))?.is === 'refused', 'refused')
  await gradings.close()
})

test('what takes too much is refused once and for all, in words; handed in again it is tried again', async () => {
  const { open, begin, grader, gradingsOf } = await start()
  const gradings = open()
  grader.answer = async () => {
    throw new LabRefusal(422, 'More than {n} steps.', { n: 9 })
  }
  const attempt = await begin('a1')
  const refused = { is: 'refused', of: 'work', text: 'More than {n} steps.', values: { n: 9 } }
  assert.deepEqual(await gradings.handIn(seat, challenge, attempt, 5000), refused)
  assert.deepEqual(await gradings.standing(seat, attempt), refused)
  grader.answer = async () => aGrade()
  assert.equal((await gradings.handIn(seat, challenge, attempt, 5000)).is, 'graded')
  assert.equal((await gradingsOf('a1')).length, 1)
  await gradings.close()
})

test('a process that ends while it grades leaves the work to the next one, and nothing is graded twice', async () => {
  const { open, begin, grader, gradingsOf, storage } = await start()
  const first = open()
  let release = (): void => undefined
  grader.answer = () =>
    new Promise((done) => {
      release = () => done(aGrade())
    })
  const attempt = await begin('a1')
  assert.deepEqual(await first.handIn(seat, challenge, attempt, 20), { is: 'waiting', tries: 1 })
  // It was killed: its lease is over some time later.
  const [job] = await storage.gradingsOwed.list()
  await storage.gradingsOwed.renew(job!, 1)
  grader.answer = async () => aGrade()
  const second = open()
  await until(async () => (await second.standing(seat, attempt))?.is === 'graded', 'graded by the next')
  // The first one was only slow after all.
  release()
  await first.close()
  await second.close()
  assert.equal((await gradingsOf('a1')).length, 1)
})

test('who has many gradings waiting hands in no more, and nobody else waits for that', async () => {
  const { open, begin, grader, journals } = await start()
  const gradings = open()
  grader.answer = async () => {
    throw new LabRefusal(503, 'Busy.')
  }
  for (let n = 0; n < 5; n++)
    assert.equal((await gradings.handIn(seat, challenge, await begin(`a${n}`), 50)).is, 'waiting')
  const sixth = await gradings.handIn(seat, challenge, await begin('a5'), 50)
  assert.equal(sixth.is, 'refused')
  const other = practiceSeat('bbbbbbbbbbbbbbbbbb')
  const { attempts } = await journals.write(other, () => [
    {
      ...{ act: 'opened', item: 'challenge:three-pods', contentHash: challenge.hash, engineVersion: '1' },
      data: { attempt: 'b1', seed: 's', drafts: {}, earlierDrafts: [], hintsOpened: [] },
    },
  ])
  grader.answer = async () => aGrade()
  assert.equal((await gradings.handIn(other, challenge, attempts[0]!, 5000)).is, 'graded')
  await gradings.close()
})

test('what is owed is graded by a process that takes it, and not by one that has pages alone', async () => {
  const { open, begin, grader, gradingsOf } = await start()
  const web = open(0)
  let isBusy = true
  grader.answer = async () => {
    if (isBusy) throw new LabRefusal(503, 'Busy.')
    return aGrade()
  }
  const attempt = await begin('a1')
  assert.deepEqual(await web.handIn(seat, challenge, attempt, 5000), { is: 'waiting', tries: 1 })
  isBusy = false
  // Longer than its pause, and two looks.
  await new Promise((done) => setTimeout(done, 1800))
  assert.deepEqual(await web.standing(seat, attempt), { is: 'waiting', tries: 1 })
  const worker = open(1)
  for (let tries = 0; tries < 100 && (await gradingsOf('a1')).length === 0; tries++)
    await new Promise((done) => setTimeout(done, 50))
  assert.deepEqual(await web.standing(seat, attempt), { is: 'graded', number: 1 })
  await Promise.all([web.close(), worker.close()])
})

test('of a sitting that was opened by an engine that others have, what is handed in is theirs to grade', async () => {
  const { storage, open, begin, asked } = await start()
  await takeSeat({ storage, now: Date.now }, seat)
  await storage.sittings.update(seat.sittingId, (sitting) => ({ ...sitting, engine: '0.1' }))
  const newer = open(2, ['0.1'])
  const attempt = await begin('a1')
  assert.deepEqual(await newer.handIn(seat, challenge, attempt, 5000), { is: 'waiting', tries: 0 })
  // Longer than between two looks.
  await new Promise((done) => setTimeout(done, 700))
  assert.deepEqual([await newer.standing(seat, attempt), asked], [{ is: 'waiting', tries: 0 }, []])
  const older = open(2, ['0.2'])
  await until(async () => (await older.standing(seat, attempt))?.is === 'graded', 'graded')
  await Promise.all([newer.close(), older.close()])
})

test('one’s own practice is graded by the engine of the server that took it in, while a process has that', async () => {
  const { open, begin, asked } = await start()
  // It takes in, and has no time to grade.
  const present = open(0)
  const other = open(2, [ownMark])
  const attempt = await begin('a1')
  assert.deepEqual(await present.handIn(seat, challenge, attempt, 0), { is: 'waiting', tries: 0 })
  // Longer than between two looks.
  await new Promise((done) => setTimeout(done, 700))
  assert.deepEqual([await present.standing(seat, attempt), asked], [{ is: 'waiting', tries: 0 }, []])
  const alone = open(2)
  await until(async () => (await alone.standing(seat, attempt))?.is === 'graded', 'graded')
  await Promise.all([present.close(), other.close(), alone.close()])
})

test('what is deleted while it waits is not graded', async () => {
  const { open, begin, grader, journals, storage } = await start()
  const gradings = open()
  let isBusy = true
  grader.answer = async () => {
    if (isBusy) throw new LabRefusal(503, 'Busy.')
    return aGrade()
  }
  await gradings.handIn(seat, challenge, await begin('a1'), 1000)
  await journals.remove(seat)
  isBusy = false
  await until(async () => (await storage.gradingsOwed.list()).length === 0, 'nothing owed')
  assert.deepEqual((await journals.work(seat)).attempts, [])
  await gradings.close()
})

test('what waits has its turn, however many are handed in meanwhile and take long', async () => {
  const { open, begin, grader, gradingsOf } = await start()
  const gradings = open()
  grader.answer = async () => {
    throw new LabRefusal(503, 'Busy.')
  }
  assert.equal((await gradings.handIn(seat, challenge, await begin('a0'), 1000)).is, 'waiting')
  const releases: (() => void)[] = []
  grader.answer = () => new Promise((done) => releases.push(() => done(aGrade())))
  for (const id of ['a1', 'a2', 'a3']) await gradings.handIn(seat, challenge, await begin(id), 10)
  await until(() => releases.length === 4, 'the one that waited is being graded')
  for (const release of releases) release()
  await until(async () => (await gradingsOf('a0')).length === 1, 'graded')
  await gradings.close()
})
