/** The wall groups by what was diagnosed, and knows who is stuck, and on what. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Work } from '../../../../server/journal/journals.ts'
import { reasonsOf } from '../../../../server/pages/workshops/reasons.ts'
import { cellOf } from '../../../../server/pages/workshops/seat-status.ts'
import { viewColumn, viewRows } from '../../../../server/pages/workshops/wall-view.ts'
import type { Attempt, Grading, Participant } from '../../../../server/storage/types.ts'
import { newRoom } from '../../../../server/workshops/room.ts'
import { aFailedGrade, aGrade } from '../../fake-labs.ts'

const minuteMs = 60_000
const step = { id: 's', item: 'challenge:c', title: 'C', minutes: 5 }
const room = { ...newRoom, life: { ...newRoom.life, state: 'open' as const }, steps: [step], current: 's' }

const grading = (atMs: number, causes: string[] | 'passed'): Grading => {
  const failed = aFailedGrade()
  const result = causes === 'passed' ? aGrade() : { ...failed, tests: [{ ...failed.tests[0]!, causes }] }
  return { atMs, commands: 0, result, hintsOpened: [], proof: null }
}
/** Somebody who began at 0. */
function seat(nickname: string, ...gradings: Grading[]) {
  const updatedAtMs = gradings.at(-1)?.atMs ?? 0
  const attempt = { challengeId: 'c', createdAtMs: 0, updatedAtMs, gradings } as unknown as Attempt
  const person = { id: nickname, sittingId: 'w', nickname, joinedAtMs: 0 } as Participant
  return { person, cells: [cellOf({ attempts: [attempt] } as unknown as Work, step)] }
}
const needs = (seats: ReturnType<typeof seat>[], nowMs: number) =>
  Object.fromEntries(viewRows(seats, room, nowMs).map(({ nickname, need }) => [nickname, need]))

test('a column’s causes are those that were diagnosed; where there are none, the checks', () => {
  const seats = [
    seat('ann', grading(1, ['image-not-found'])),
    seat('ben', grading(1, ['readiness-fails']), grading(2, ['image-not-found', 'no-ready-endpoint'])),
    seat('cleo', grading(1, [])),
    seat('dan', grading(1, ['image-not-found']), grading(2, 'passed')),
  ]
  assert.deepEqual(viewColumn(seats, 0).causes, [
    { reason: 'image-not-found', title: 'an image cannot be pulled', count: 2 },
    { reason: 'no-ready-endpoint', title: 'a Service has no ready endpoint', count: 1 },
    { reason: 'check:Three Pods are ready', title: 'Three Pods are ready', count: 1 },
  ])
  assert.deepEqual(reasonsOf(grading(1, 'passed')), [])
  assert.deepEqual(reasonsOf(grading(1, ['no-ready-endpoint', 'image-not-found'])), [
    'image-not-found',
    'no-ready-endpoint',
  ])
})

test('stuck is who fails three times by the same cause, with the cause', () => {
  const times = (...causes: string[][]) => causes.map((names, n) => grading(n + 1, names))
  const seats = [
    seat('same', ...times(['a', 'container-crashes'], ['container-crashes'], ['b', 'container-crashes'])),
    seat('other', ...times(['container-crashes'], ['unschedulable'], ['container-crashes'])),
    seat('twice', ...times(['container-crashes'], ['container-crashes'])),
    seat('moved on', ...times(['b'], ['b'], ['b'], ['c'])),
  ]
  assert.deepEqual(needs(seats, 2 * minuteMs), {
    same: 'stuck, three times for the same reason: a container crashes',
    other: '',
    twice: '',
    'moved on': '',
  })
})

test('stuck is who takes twice as long as those who are done, once there are three of them', () => {
  const done = [1, 2, 3].map((n) => seat(`done ${n}`, grading(4 * minuteMs, 'passed')))
  const slow = seat('slow', grading(2 * minuteMs, ['unschedulable']))
  const idle = seat('silent')
  const told = needs([...done, slow, idle], 8 * minuteMs)
  assert.equal(told.slow, 'stuck for 8 min, others took 4: a Pod fits on no node')
  assert.equal(told.silent, 'stuck for 8 min, others took 4')
  assert.equal(told['done 1'], '')
  assert.equal(needs([...done, slow], 4 * minuteMs).slow, '')
  assert.doesNotMatch(needs([...done.slice(1), slow], 8 * minuteMs).slow!, /stuck/)
})
