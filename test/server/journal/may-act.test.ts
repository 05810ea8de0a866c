/** What may be done, and when. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { NewAct } from '../../../server/journal/act.ts'
import type { KnownAct } from '../../../server/journal/acts/registry.ts'
import { ActRefused, createJournals } from '../../../server/journal/journals.ts'
import { mayAct, practiceStanding, type Standing } from '../../../server/journal/may-act.ts'
import { practiceSeat } from '../../../server/seat.ts'
import { newSeat, onSeat, type SeatLife } from '../../../server/seats/life.ts'
import type { SittingState } from '../../../server/sittings/life.ts'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { createMemoryStore } from '../../../server/storage/memory.ts'
import { aMock } from '../storage/contract.ts'

const read: NewAct<KnownAct> = { act: 'read', item: 'lesson:pod/probes', data: {} }
const hinted: NewAct<KnownAct> = { act: 'hinted', item: 'challenge:x', data: { attempt: 'a', hints: ['h'] } }
const said: NewAct<KnownAct> = { act: 'mock-said', data: { mock: 'm1', place: 0, given: ['a'] } }
const graded = { act: 'graded', item: 'challenge:x', data: {} } as unknown as NewAct<KnownAct>

const started = onSeat(
  newSeat({ baseMs: 1000, multiplier: 1, creditsMs: 0 }, 'joined'),
  { event: 'start' },
  0,
) as SeatLife
const standing = (state: SittingState, seat = started, hints = true): Standing => ({
  sitting: { state, opensAtMs: null, closesAtMs: null, closingAtMs: null },
  seat,
  rules: { hints },
})

test('work is taken in an open sitting, from who has started, in their time', () => {
  assert.equal(mayAct(standing('open'), [], read, 999), undefined)
  assert.equal(mayAct(standing('open'), [], read, 1000), 'over')
  assert.equal(mayAct(standing('open', newSeat(null, 'consented')), [], read, 5), 'over')
  for (const state of ['draft', 'scheduled', 'paused', 'closing', 'closed', 'archived', 'erased'] as const)
    assert.equal(mayAct(standing(state), [], read, 5), 'not-open', state)
  assert.equal(mayAct(practiceStanding, [], read, 1e15), undefined)
})

test('a grade of what was handed in comes after the end as well, until nothing is kept', () => {
  for (const state of ['open', 'paused', 'closing', 'closed'] as const)
    assert.equal(mayAct(standing(state), [], graded, 5000), undefined)
  assert.equal(mayAct(standing('erased'), [], graded, 5000), 'not-open')
})

test('hints are given where the rules give them', () => {
  assert.equal(mayAct(standing('open'), [], hinted, 5), undefined)
  assert.equal(mayAct(standing('open', started, false), [], hinted, 5), 'no-hints')
  assert.equal(mayAct(standing('open', started, false), [], read, 5), undefined)
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
