import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadCatalogOrThrow } from '../../../server/catalog/load.ts'
import type { Challenge } from '../../../server/catalog/types.ts'
import { mergeDailies } from '../../../server/journal/folds/dailies.ts'
import { actsOfWork, workOfActs } from '../../../server/journal/work.ts'
import {
  dailyMs,
  dayAfter,
  dayOf,
  incidentOf,
  isIncident,
  lineOfSquares,
  standingOf,
  usedOf,
} from '../../../server/practice/daily.ts'
import { solutionsHint } from '../../../server/practice/hints.ts'
import { practiceSeat } from '../../../server/seat.ts'
import { type DailyRun, dayOfDaily, examOfDaily } from '../../../server/storage/daily-schema.ts'
import type { Attempt, Grading } from '../../../server/storage/types.ts'
import { projectCatalog } from '../../support/content.ts'
import { aGrade } from '../fake-labs.ts'
import { fixtureFolder } from '../support.ts'

const day = '2026-03-02'
const fixture = (await loadCatalogOrThrow(fixtureFolder)).challenges.get('three-pods')!

const challenge = (id: string, over: Partial<Challenge['spec']> = {}): Challenge => ({
  ...fixture,
  id,
  spec: { ...fixture.spec, id, ...over },
})
const catalogOf = (...challenges: Challenge[]) => ({ challenges: new Map(challenges.map((one) => [one.id, one])) })
const many = catalogOf(...Array.from({ length: 9 }, (_, n) => challenge(`c-${n}`)))
const daysFrom = (first: string, count: number) => Array.from({ length: count }, (_, n) => dayAfter(first, n))

test('what is short and broken is an incident; what is long, hard, or no trouble is none', () => {
  const fits = (over: Partial<Challenge['spec']>) => isIncident(challenge('c', over))
  assert.ok(fits({ style: 'fix', difficulty: 2, minutes: 15 }))
  assert.ok(fits({ style: 'task', difficulty: 1, minutes: 5, topics: ['troubleshooting'] }))
  assert.ok(!fits({ style: 'task', difficulty: 1, minutes: 5, topics: ['storage'] }))
  assert.ok(!fits({ style: 'fix', difficulty: 3, minutes: 5 }))
  assert.ok(!fits({ style: 'fix', difficulty: 1, minutes: 20 }))
  assert.ok(!fits({ style: 'build', difficulty: 1, minutes: 5 }))
})

test('the content has incidents for twelve days at least', async () => {
  const catalog = await projectCatalog()
  const names = [...catalog.challenges.values()].filter(isIncident).map(({ id }) => id)
  assert.ok(names.length >= 12, names.join(' '))
})

test('a day has one incident, each comes once in a cycle, and none twice in a row', () => {
  const drawn = daysFrom('2026-01-01', 900).map((one) => incidentOf(many, one)!.id)
  assert.deepEqual(
    drawn,
    daysFrom('2026-01-01', 900).map((one) => incidentOf(many, one)!.id),
  )
  for (const [n, id] of drawn.entries()) assert.notEqual(id, drawn[n + 1], `day ${n}`)
  const epochDay = Date.UTC(2026, 0, 1) / 86_400_000
  const from = (9 - (epochDay % 9)) % 9
  for (let n = from; n + 9 <= drawn.length; n += 9) assert.equal(new Set(drawn.slice(n, n + 9)).size, 9)
  assert.ok(new Set(Array.from({ length: 50 }, (_, n) => drawn.slice(from + n * 9, from + n * 9 + 9).join())).size > 40)
})

test('with few or none to choose from a day has what there is', () => {
  assert.equal(incidentOf(catalogOf(), day), undefined)
  assert.equal(incidentOf(catalogOf(challenge('a')), day)!.id, 'a')
  const two = daysFrom(day, 6).map((one) => incidentOf(catalogOf(challenge('a'), challenge('b')), one)!.id)
  for (const [n, id] of two.entries()) assert.notEqual(id, two[n + 1])
})

test('a day is UTC’s, and its name as an exam leads back to it', () => {
  assert.equal(dayOf(Date.UTC(2026, 2, 2, 23, 59, 59, 999)), day)
  assert.equal(dayAfter('2026-02-28'), '2026-03-01')
  assert.equal(dayOfDaily(examOfDaily(day)), day)
  assert.match(examOfDaily(day), /^[a-f0-9]{18}$/)
  for (const other of [undefined, '', '000000000000000001', `${examOfDaily(day)}0`])
    assert.equal(dayOfDaily(other), undefined)
})

const startedAtMs = Date.UTC(2026, 2, 2, 9)
const aDaily = (over: Partial<DailyRun> = {}): DailyRun => ({
  ...{ day, challengeId: 'three-pods', contentHash: 'h', seed: `daily/${day}`, startedAtMs },
  ...{ clock: { seenAtMs: startedAtMs, usedMs: 0 }, handIns: [] },
  ...over,
})
const twoChecks = challenge('three-pods', {
  checks: [
    fixture.spec.checks[0]!,
    { ...fixture.spec.checks[0]!, id: 'second' },
    { ...fixture.spec.checks[0]!, id: 'secret', hidden: true },
    { ...fixture.spec.checks[0]!, id: 'alone', gate: true },
  ],
})
const grading = (sha256: string, right: string[], over: Partial<Grading> = {}): Grading => {
  const [test] = aGrade().tests
  const ids = ['ready', 'second', 'secret']
  return {
    ...{ atMs: 0, commands: 1, hintsOpened: [], proof: { sha256, seed: 's', contentHash: 'h', engineVersion: '1' } },
    result: aGrade({
      passed: right.length === ids.length,
      tests: ids.map((id) => ({ ...test!, id, status: right.includes(id) ? 'pass' : 'fail' })),
    }),
    ...over,
  }
}
const anAttempt = (gradings: Grading[], over: Partial<Attempt> = {}): Attempt => ({
  ...{ id: 'one', participantId: 'p', sittingId: 's', challengeId: 'three-pods', contentHash: 'h', engineVersion: '1' },
  ...{ seed: 's', createdAtMs: 0, updatedAtMs: 0, log: [], clockMs: 0, drafts: {}, earlierDrafts: [], hintsOpened: [] },
  ...{ gradings, state: 'open', mock: examOfDaily(day) },
  ...over,
})
const handIn = (sha256: string, usedMs: number, attempt = 'one') => ({ attempt, sha256, usedMs })
const squaresOf = (daily: DailyRun, attempts: Attempt[]) =>
  lineOfSquares(standingOf(daily, attempts, twoChecks).squares.map(({ square }) => square))

test('a check that was right in five minutes is green, later yellow, and what nobody sees has no square', () => {
  const daily = aDaily({ handIns: [handIn('a', dailyMs), handIn('b', dailyMs + 1)] })
  const all = ['ready', 'second', 'secret']
  assert.equal(squaresOf(daily, [anAttempt([grading('a', ['ready'])])]), '🟩⬜')
  const late = [anAttempt([grading('a', ['ready']), grading('b', all)])]
  assert.equal(squaresOf(daily, late), '🟩🟨')
  assert.equal(standingOf(daily, late, twoChecks).passedMs, dailyMs + 1)
  assert.deepEqual(standingOf(daily, late, twoChecks).last, { attempt: 'one', number: 2 })
  // What was right once stays right.
  assert.equal(squaresOf(daily, [anAttempt([grading('a', ['ready']), grading('b', ['second'])])]), '🟩🟨')
})

test('what was not handed in for the day, not graded here, refused, or done with the solutions shown counts for nothing', () => {
  const all = ['ready', 'second', 'secret']
  const daily = aDaily({ handIns: [handIn('a', 1000), handIn('b', 2000, 'two')] })
  assert.equal(squaresOf(daily, [anAttempt([grading('unknown', all)])]), '⬜⬜')
  const origin = { from: 'elsewhere', atMs: 1 } as const
  assert.equal(squaresOf(daily, [anAttempt([grading('a', all, { origin })])]), '⬜⬜')
  assert.equal(squaresOf(daily, [anAttempt([grading('a', all)], { mock: undefined })]), '⬜⬜')
  assert.equal(squaresOf(daily, [anAttempt([grading('a', all, { result: aGrade({ gradable: false }) })])]), '⬜⬜')
  // A new cluster after the solutions were shown is practice.
  const shown = anAttempt([], { hintsOpened: [solutionsHint] })
  const after = anAttempt([grading('b', all)], { id: 'two' })
  assert.equal(squaresOf(daily, [shown, after]), '⬜⬜')
  assert.ok(standingOf(daily, [shown, after], twoChecks).gaveUp)
  assert.equal(squaresOf(daily, [after]), '🟩🟩')
})

test('a clock that is set back gives no time back', () => {
  const seen = aDaily({ clock: { seenAtMs: startedAtMs + 240_000, usedMs: 240_000 } })
  assert.equal(usedOf(seen, startedAtMs), 240_000)
  assert.equal(usedOf(seen, startedAtMs + 300_000), 300_000)
})

test('of two beginnings of one day the earlier counts, in whichever order they come; of one all that was handed in', () => {
  const early = aDaily({ handIns: [handIn('a', 9000)] })
  const late = aDaily({ startedAtMs: startedAtMs + 1000, handIns: [handIn('z', 10)] })
  assert.deepEqual(mergeDailies(early, late), early)
  assert.deepEqual(mergeDailies(late, early), early)
  const more = aDaily({
    clock: { seenAtMs: startedAtMs + 9000, usedMs: 9000 },
    handIns: [handIn('b', 8000), handIn('a', 9500)],
  })
  const both = mergeDailies(early, more)
  assert.deepEqual(both, mergeDailies(more, early))
  assert.deepEqual(both.handIns, [handIn('b', 8000), handIn('a', 9000)])
  assert.equal(both.clock.usedMs, 9000)
  const work = workOfActs(practiceSeat('ann'), actsOfWork(workOfActs(practiceSeat('ann'), [])))
  assert.equal(work.dailies, undefined)
})
