/** What may be done, and when. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { NewAct } from '../../../server/journal/act.ts'
import type { KnownAct } from '../../../server/journal/acts/registry.ts'
import { ActRefused, createJournals } from '../../../server/journal/journals.ts'
import { mayAct } from '../../../server/journal/may-act.ts'
import { practiceSeat } from '../../../server/seat.ts'
import { newSeat, onSeat, type SeatLife } from '../../../server/seats/life.ts'
import { practiceStanding, rulesOfPractice, type Standing } from '../../../server/seats/standing.ts'
import type { SittingState } from '../../../server/sittings/life.ts'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { createMemoryStore } from '../../../server/storage/memory.ts'
import { aMock } from '../storage/contract.ts'

const read: NewAct<KnownAct> = { act: 'read', item: 'lesson:pod/probes', data: {} }
const hinted: NewAct<KnownAct> = { act: 'hinted', item: 'challenge:x', data: { attempt: 'a', hints: ['h'] } }
const said: NewAct<KnownAct> = { act: 'mock-said', data: { mock: 'm1', place: 0, given: ['a'] } }
const graded = { act: 'graded', item: 'challenge:x', data: {} } as unknown as NewAct<KnownAct>

const nothing = { mocks: [], attempts: [] }

const started = onSeat(
  newSeat({ baseMs: 1000, multiplier: 1, creditsMs: 0 }, 'joined'),
  { event: 'start' },
  0,
) as SeatLife
const standing = (state: SittingState, seat = started, hints = true): Standing => ({
  sitting: { state, opensAtMs: null, closesAtMs: null, closingAtMs: null },
  seat,
  rules: { ...rulesOfPractice, hints },
})

test('work is taken in an open sitting, from who has started, in their time', () => {
  assert.equal(mayAct(standing('open'), nothing, read, 999), undefined)
  assert.equal(mayAct(standing('open'), nothing, read, 1000), 'over')
  assert.equal(mayAct(standing('open', newSeat(null, 'consented')), nothing, read, 5), 'over')
  for (const state of ['draft', 'scheduled', 'paused', 'closing', 'closed', 'archived', 'erased'] as const)
    assert.equal(mayAct(standing(state), nothing, read, 5), 'not-open', state)
  assert.equal(mayAct(practiceStanding, nothing, read, 1e15), undefined)
})

test('a grade of what was handed in comes after the end as well, until nothing is kept', () => {
  for (const state of ['open', 'paused', 'closing', 'closed'] as const)
    assert.equal(mayAct(standing(state), nothing, graded, 5000), undefined)
  assert.equal(mayAct(standing('erased'), nothing, graded, 5000), 'not-open')
})

test('hints are given where the rules give them', () => {
  assert.equal(mayAct(standing('open'), nothing, hinted, 5), undefined)
  assert.equal(mayAct(standing('open', started, false), nothing, hinted, 5), 'no-hints')
  assert.equal(mayAct(standing('open', started, false), nothing, read, 5), undefined)
})

test('as many attempts at a challenge are made as the rules give', () => {
  const opened = { act: 'opened', item: 'challenge:x', data: {} } as unknown as NewAct<KnownAct>
  const once = { ...standing('open'), rules: { ...rulesOfPractice, maxAttempts: 1 } }
  assert.equal(mayAct(once, nothing, opened, 5), undefined)
  assert.equal(mayAct(once, { mocks: [], attempts: [{ id: 'a', challengeId: 'other' }] }, opened, 5), undefined)
  const made = { mocks: [], attempts: [{ id: 'a', challengeId: 'x' }] }
  assert.equal(mayAct(once, made, opened, 5), 'no-attempts')
  assert.equal(mayAct(once, made, read, 5), undefined)
  assert.equal(mayAct(standing('open'), made, opened, 5), undefined)
})

test('a journal takes what the stored sitting takes, from whom it has', async () => {
  let nowMs = 1000
  const storage = createStorage(createMemoryStore())
  const journals = createJournals({ storage, now: () => nowMs })
  const [kim, stranger] = [
    { sittingId: 'w1', participantId: 'kim' },
    { sittingId: 'w1', participantId: 'eve' },
  ]
  await storage.sittings.save({
    ...{ id: 'w1', kind: 'workshop', title: 'Probes', createdAtMs: 0, ownerLearnerId: 'ann' },
    ...{ items: [], contentVersions: {}, retainUntilMs: null },
    clock: { opensAtMs: 2000, closesAtMs: 9000, durationMs: 3000 },
    rules: { ...rulesOfPractice, hints: false },
  })
  const participant = {
    ...{ id: 'kim', sittingId: 'w1', learnerId: 'kim', nickname: 'Kim', joinedAtMs: 0, seed: 's', consent: null },
    ...{ startedAtMs: null as number | null, finishedAtMs: null as number | null, timeMultiplier: 1.5 },
  }
  await storage.participants.save(participant)
  const says = async (seat = kim, act: NewAct<KnownAct> = read): Promise<string> => {
    try {
      await journals.write(seat, () => [act])
      return 'taken'
    } catch (error) {
      return (error as ActRefused).why
    }
  }
  assert.equal(await says(), 'not-open')
  nowMs = 2500
  assert.equal(await says(), 'over', 'not started')
  await storage.participants.save({ ...participant, startedAtMs: 2500 })
  assert.equal(await says(), 'taken')
  assert.equal(await says(kim, hinted), 'no-hints')
  assert.equal(await says(stranger), 'not-open')
  nowMs = 2500 + 4499
  assert.equal(await says(), 'taken', 'three seconds, and half as much again')
  nowMs++
  assert.equal(await says(), 'over')
  await storage.participants.save({ ...participant, startedAtMs: 8000 })
  nowMs = 8500
  assert.equal(await says(), 'taken')
  await storage.participants.save({ ...participant, startedAtMs: 8000, finishedAtMs: 8400 })
  assert.equal(await says(), 'over')
  await storage.participants.save({ ...participant, startedAtMs: 8000 })
  nowMs = 9000
  assert.equal(await says(), 'not-open', 'the sitting has closed')
  await storage.sittings.remove('w1')
  assert.equal(await says(), 'not-open')
})

test('nothing is said to a mock exam that is over, in whatever order things come and however the clock goes', async () => {
  const acts = fc.array(
    fc.record({
      kind: fc.constantFrom('say', 'hand-in', 'look'),
      passedMs: fc.integer({ min: 0, max: 400 }),
      jumpMs: fc.integer({ min: -900, max: 0 }),
    }),
    { maxLength: 25 },
  )
  await fc.assert(
    fc.asyncProperty(acts, async (all) => {
      let nowMs = 10_000
      const journals = createJournals({ storage: createStorage(createMemoryStore()), now: () => nowMs })
      const seat = practiceSeat('ann')
      const { participantId: _, ...mock } = aMock('ann', 'm1', { startedAtMs: nowMs, endsAtMs: nowMs + 1000 })
      await journals.write(seat, () => [{ act: 'mock-began', data: { mock } }])
      let usedMs = 0
      let isOver = false
      let accepted = 0
      for (const { kind, passedMs, jumpMs } of all) {
        nowMs += passedMs
        usedMs += passedMs
        // Each look keeps how far the time has come, as pages do.
        await journals.write(seat, () => [{ act: 'mock-seen', atMs: nowMs, data: { mock: 'm1', usedMs } }])
        isOver ||= usedMs >= 1000
        if (kind === 'hand-in' && !isOver) {
          await journals.write(seat, () => [{ act: 'mock-handed-in', atMs: nowMs, data: { mock: 'm1' } }])
          isOver = true
        } else if (kind === 'say') {
          const isTaken: boolean = await journals
            .write(seat, () => [said])
            .then(
              () => true,
              (error: unknown): boolean => {
                assert.ok(error instanceof ActRefused && error.why === 'exam-over')
                return false
              },
            )
          assert.equal(isTaken, !isOver)
          accepted += Number(isTaken)
        }
        nowMs += jumpMs
        await journals.write(seat, () => [{ act: 'mock-seen', atMs: nowMs, data: { mock: 'm1', usedMs } }])
      }
      assert.equal((await journals.acts(seat)).filter(({ act }) => act === 'mock-said').length, accepted)
    }),
    { numRuns: 60 },
  )
})

test('a task of an exam is worked on until that is over; answers that were saved in time are handed in later', () => {
  const mock = aMock('ann', 'm1', {
    ...{ kind: 'hands-on', mode: 'timed', startedAtMs: 0, endsAtMs: 1000, handedInAtMs: null, items: [] },
    tasks: [{ challengeId: 'x', contentHash: 'h', seed: 's', group: 'g', isFlagged: false, result: null }],
  })
  const done = {
    mocks: [mock],
    attempts: [
      { id: 'a', challengeId: 'x', mock: 'm1' },
      { id: 'b', challengeId: 'x' },
    ],
  }
  const item = 'challenge:x'
  const command = (op: string) => ({ atMs: 0, command: { op } }) as never
  const edited = (attempt: string): NewAct<KnownAct> => ({
    ...{ act: 'edited', item },
    data: { attempt, file: 'f', text: 't', setsAside: false },
  })
  const ran = (op: string): NewAct<KnownAct> => ({ act: 'ran', item, data: { attempt: 'a', logged: command(op) } })
  const opened = (exam: string | undefined): NewAct<KnownAct> => ({
    ...{ act: 'opened', item },
    data: { attempt: 'c', seed: 's', drafts: {}, earlierDrafts: [], hintsOpened: [], ...(exam ? { mock: exam } : {}) },
  })
  const may = (act: NewAct<KnownAct>, nowMs: number, so = done) => mayAct(practiceStanding, so, act, nowMs)
  for (const act of [edited('a'), ran('kubectl'), opened('m1')]) {
    assert.equal(may(act, 999), undefined)
    assert.equal(may(act, 1000), 'exam-over')
  }
  assert.equal(may(ran('answer'), 5000), undefined)
  // Practice has no end, and hints; an exam has none before its end.
  for (const act of [edited('b'), opened(undefined)]) assert.equal(may(act, 5000), undefined)
  const hint = (attempt: string): NewAct<KnownAct> => ({ act: 'hinted', item, data: { attempt, hints: ['h'] } })
  assert.equal(may(hint('a'), 5), 'no-hints')
  assert.equal(may(hint('b'), 5), undefined)
  assert.equal(may(hint('a'), 5, { ...done, mocks: [{ ...mock, mode: 'training', endsAtMs: null }] }), undefined)
  // What is left of one that was removed stays as it was.
  assert.equal(may(edited('a'), 5, { ...done, mocks: [] }), 'exam-over')
})
