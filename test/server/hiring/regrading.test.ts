/** Stored work graded again: nothing is written before it is approved, nothing twice, and nothing that was not in the table. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { enterRegrade, regrade } from '../../../server/hiring/regrading.ts'
import type { KnownAct } from '../../../server/journal/acts/registry.ts'
import { createJournals } from '../../../server/journal/journals.ts'
import { LabRefusal } from '../../../server/labs/types.ts'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { gradingOf } from '../../../server/storage/evidence.ts'
import { createMemoryStore } from '../../../server/storage/memory.ts'
import type { Participant, Sitting } from '../../../server/storage/types.ts'
import type { LoggedCommand } from '../../../sim/index.ts'
import { projectCatalog } from '../../support/content.ts'
import { aGrade, createFakeLabs } from '../fake-labs.ts'
import { anAttempt } from '../storage/contract.ts'

const exercise: Sitting = {
  ...{ id: 'exercise', kind: 'hiring', title: 'On call', createdAtMs: 1, ownerLearnerId: 'boss' },
  ...{ items: ['challenge:crash-loop'], contentVersions: {}, retainUntilMs: null },
  clock: { opensAtMs: null, closesAtMs: null, durationMs: null },
  rules: { wrongPicksCancel: false, showSolutions: 'never', maxAttempts: null, hints: false, hiddenSeeds: 1 },
}
const aSeat = (id: string): Participant => ({
  ...{ id, sittingId: 'exercise', learnerId: `learner-${id}`, nickname: '', joinedAtMs: 1, startedAtMs: 1 },
  ...{ finishedAtMs: 9, seed: 's', timeMultiplier: 1, consent: null },
})
const challenge = (await projectCatalog()).challenges.get('crash-loop')!
const log: LoggedCommand[] = [{ atMs: 0, command: { op: 'kubectl', line: 'kubectl get pods' } }]

const graded = (attempt: string, score: number, atMs: number, commands = log): KnownAct => {
  const result = aGrade({ score, passed: score === 100, contentHash: 'old' })
  const { atMs: _, ...grading } = gradingOf(
    anAttempt('p', attempt, { log: commands }),
    { seed: 's', contentHash: 'old', log: commands, hintsOpened: [] },
    result,
    atMs,
  )
  return { act: 'graded', id: `${attempt}-${atMs}`, atMs, item: 'challenge:crash-loop', data: { attempt, ...grading } }
}
const opened = (attempt: string): KnownAct => ({
  ...{
    act: 'opened',
    id: `open-${attempt}`,
    atMs: 1,
    item: 'challenge:crash-loop',
    contentHash: 'old',
    engineVersion: '1',
  },
  data: { attempt, seed: 's', drafts: {}, earlierDrafts: [], hintsOpened: [] },
})

const ran = (attempt: string, id: string, logged: LoggedCommand): KnownAct => ({
  ...{ act: 'ran', id: `ran-${id}`, atMs: 2, item: 'challenge:crash-loop', virtualMs: 0 },
  data: { attempt, logged },
})

/** Three candidates: 40, 100 and 100 points by the old check. */
async function start() {
  const storage = createStorage(createMemoryStore())
  const journals = createJournals({ storage, now: () => 50 })
  const labs = createFakeLabs()
  await storage.sittings.save(exercise)
  for (const [n, score] of [40, 100, 100].entries()) {
    const id = `s${n}`
    await storage.participants.save(aSeat(id))
    await journals.add({ sittingId: 'exercise', participantId: id }, [
      ...[opened(`a${n}`), ran(`a${n}`, id, log[0]!), graded(`a${n}`, 10, 5), graded(`a${n}`, score, 6)],
    ])
  }
  await storage.participants.save(aSeat('idle'))
  const deps = { storage, journals, labs, secret: 'secret', now: () => 60 }
  const pointsOf = async (seat: string) =>
    (await journals.work({ sittingId: 'exercise', participantId: seat })).attempts.flatMap(({ gradings }) =>
      gradings.map(({ result }) => result.score),
    )
  return {
    ...deps,
    pointsOf,
    /** What the next gradings come to: the one check that there is earns so much. */
    earns: (points: number) => {
      const [check] = aGrade().tests
      labs.next.grade = aGrade({
        ...{ contentHash: challenge.hash, score: points, passed: points === 100 },
        tests: [{ ...check!, points, maxPoints: 100, status: points === 100 ? 'pass' : 'fail' }],
      })
    },
  }
}

test('the last grading of each is compared, on the hidden variants too, and nothing is written', async () => {
  const deps = await start()
  deps.earns(70)
  const { moves } = await regrade(deps, exercise, challenge)
  assert.deepEqual(
    moves.map(({ seat, goes, before, after }) => [seat, goes, before.score, after?.score]),
    [
      ['s0', 'up', 40, 70],
      ['s1', 'down', 100, 70],
      ['s2', 'down', 100, 70],
    ],
  )
  // Three seats, each on the variant that was worked on and a hidden one.
  assert.equal(deps.labs.calls.filter(({ method }) => method === 'grade').length, 6)
  assert.deepEqual(await deps.pointsOf('s0'), [10, 40])
  assert.equal(await deps.storage.contentVersions.find(challenge.hash), undefined)
})

test('who is raised is entered once, however often; who falls keeps theirs until there is a reason', async () => {
  const deps = await start()
  deps.earns(70)
  const table = await regrade(deps, exercise, challenge)
  assert.equal(await enterRegrade(deps, exercise, table, ''), 1)
  assert.equal(await enterRegrade(deps, exercise, table, ''), 0)
  assert.deepEqual(await deps.pointsOf('s0'), [10, 40, 70])
  assert.deepEqual(await deps.pointsOf('s1'), [10, 100])
  assert.equal(await enterRegrade(deps, exercise, table, 'The check was too easy.'), 2)
  assert.deepEqual(await deps.pointsOf('s1'), [10, 100, 70])
  const kept = (await deps.journals.work({ sittingId: 'exercise', participantId: 's0' })).attempts[0]!.gradings.at(-1)!
  assert.deepEqual([kept.proof!.contentHash, kept.commands], [challenge.hash, 1])
  assert.equal((await deps.storage.contentVersions.find(challenge.hash))!.item, 'challenge:crash-loop')
})

test('work that was graded anew, or erased, since the table was made is left alone', async () => {
  const deps = await start()
  deps.earns(100)
  const table = await regrade(deps, exercise, challenge)
  assert.deepEqual(
    table.moves.map(({ goes }) => goes),
    ['up', 'nowhere', 'nowhere'],
  )
  const more: LoggedCommand = { atMs: 5, command: { op: 'kubectl', line: 'kubectl delete pod x' } }
  await deps.journals.add({ sittingId: 'exercise', participantId: 's0' }, [
    ran('a0', 'more', more),
    graded('a0', 20, 8, [...log, more]),
  ])
  assert.equal(await enterRegrade(deps, exercise, table, ''), 0)
  await deps.journals.remove({ sittingId: 'exercise', participantId: 's0' })
  assert.equal(await enterRegrade(deps, exercise, table, ''), 0)
  assert.deepEqual(await deps.pointsOf('s0'), [])
})

test('what cannot be graded stays, and a server that is too busy is asked again later', async () => {
  const deps = await start()
  deps.labs.next.refusal = new LabRefusal(422, 'It takes too much.')
  const { moves } = await regrade(deps, exercise, challenge)
  assert.deepEqual([...new Set(moves.map(({ goes }) => goes))].includes('not computed'), true)
  const busy = { ...deps, labs: { grade: async () => Promise.reject(new LabRefusal(503, 'Busy.')) } }
  await assert.rejects(regrade(busy, exercise, challenge), /Busy/)
})
