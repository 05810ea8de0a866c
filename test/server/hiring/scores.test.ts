/** Reviewers' scores: alone until sent, fixed then, corrected with a reason; where they differ, and how far they agree. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createScoreSheets } from '../../../server/hiring/score-sheets.ts'
import {
  afterScoreAct,
  agreementIn,
  correctLevel,
  differencesIn,
  factsOfScores,
  isSent,
  levelOf,
  noScores,
  noteLevel,
  type Scores,
  scoreRefusals,
  sendSheet,
  sheetsFor,
} from '../../../server/hiring/scores.ts'
import { may, type Role } from '../../../server/sittings/roles.ts'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { createMemoryStore } from '../../../server/storage/memory.ts'
import type { NewScoreAct, ScoreAct } from '../../../server/storage/scores.ts'

const rubric = ['diagnosis', 'safety', 'words'].map((id) => ({ id }))
const noted = (dimension: string, level: number | null) => ({ dimension, level, says: '', evidence: [] })

/** Does what is decided, or throws why not. */
function after(scores: Scores, by: string, decided: NewScoreAct | { refused: string }): Scores {
  if ('refused' in decided) throw new Error(decided.refused)
  return afterScoreAct(scores, { ...decided, by, atMs: 1 } as ScoreAct)
}
const levelsOf = (scores: Scores, by: string, levels: number[]): Scores =>
  rubric.reduce((all, { id }, n) => after(all, by, noteLevel(all, rubric, by, noted(id, levels[n]!))), scores)
const sent = (scores: Scores, by: string, levels: number[]): Scores => {
  const all = levelsOf(scores, by, levels)
  return after(all, by, sendSheet(all, rubric, by))
}
const reviewersOf = (sheets: { reviewer: string }[]) => sheets.map(({ reviewer }) => reviewer).sort()

test('a sheet is changed until it is sent, then corrected with a reason', () => {
  let scores = levelsOf(noScores, 'ann', [1, 2, 3])
  scores = after(scores, 'ann', noteLevel(scores, rubric, 'ann', noted('safety', 5)))
  assert.deepEqual(correctLevel(scores, 'ann', { dimension: 'safety', level: 4, reason: 'x' }), {
    refused: scoreRefusals.notSent,
  })
  scores = after(scores, 'ann', sendSheet(scores, rubric, 'ann'))
  assert.deepEqual(noteLevel(scores, rubric, 'ann', noted('safety', 1)), { refused: scoreRefusals.fixed })
  assert.deepEqual(sendSheet(scores, rubric, 'ann'), { refused: scoreRefusals.fixed })
  assert.deepEqual(correctLevel(scores, 'ann', { dimension: 'safety', level: 5, reason: 'x' }), {
    refused: scoreRefusals.same,
  })
  scores = after(
    scores,
    'ann',
    correctLevel(scores, 'ann', { dimension: 'safety', level: 3, reason: 'Saw the replay.' }),
  )
  const mark = scores.get('ann')!.marks.get('safety')!
  assert.deepEqual([mark.level, levelOf(mark), mark.corrections.length], [5, 3, 1])
})

test('a sheet with a level missing, taken away, or of no dimension of the rubric is not sent', () => {
  const partly = after(noScores, 'ann', noteLevel(noScores, rubric, 'ann', noted('safety', 5)))
  assert.deepEqual(sendSheet(partly, rubric, 'ann'), { refused: scoreRefusals.incomplete })
  assert.deepEqual(sendSheet(noScores, rubric, 'ann'), { refused: scoreRefusals.incomplete })
  assert.deepEqual(sendSheet(partly, [], 'ann'), { refused: scoreRefusals.incomplete })
  const whole = levelsOf(noScores, 'ann', [1, 2, 3])
  const without = after(whole, 'ann', noteLevel(whole, rubric, 'ann', noted('words', null)))
  assert.deepEqual(sendSheet(without, rubric, 'ann'), { refused: scoreRefusals.incomplete })
  assert.deepEqual(noteLevel(noScores, rubric, 'ann', noted('looks', 1)), { refused: scoreRefusals.unknown })
})

/** The sheets that a reviewer is shown, or whoever leads the job, by the table of who may. */
const seenBy = (scores: Scores, role: Role, who: string, wanted: readonly string[] = []): string[] =>
  reviewersOf(sheetsFor(scores, who, may(role, 'see-scores', 'open', ['own', ...factsOfScores(scores, who, wanted)])))

test('others’ sheets are hidden until the own one is sent, and to who leads until all are', () => {
  let scores = sent(noScores, 'ann', [1, 2, 3])
  scores = levelsOf(scores, 'bob', [3, 3, 3])
  assert.deepEqual(seenBy(scores, 'reviewer', 'bob'), ['bob'])
  assert.deepEqual(seenBy(scores, 'reviewer', 'ann'), ['ann'], 'what bob has not sent is his')
  assert.deepEqual(seenBy(scores, 'reviewer', 'eve'), [])
  const asked = ['ann', 'bob']
  assert.deepEqual(seenBy(scores, 'hiring-manager', 'max', asked), [])
  scores = after(scores, 'bob', sendSheet(scores, rubric, 'bob'))
  assert.deepEqual(seenBy(scores, 'reviewer', 'bob'), ['ann', 'bob'])
  assert.deepEqual(seenBy(scores, 'hiring-manager', 'max', asked), ['ann', 'bob'])
  assert.deepEqual(seenBy(scores, 'author', 'max', asked), [])
})

test('levels two apart or more are listed, with corrections, in the order of the rubric', () => {
  let scores = sent(sent(noScores, 'ann', [1, 2, 5]), 'bob', [3, 3, 1])
  assert.deepEqual(differencesIn(scores, rubric), [
    {
      dimension: 'diagnosis',
      levels: [
        { reviewer: 'bob', level: 3 },
        { reviewer: 'ann', level: 1 },
      ],
    },
    {
      dimension: 'words',
      levels: [
        { reviewer: 'ann', level: 5 },
        { reviewer: 'bob', level: 1 },
      ],
    },
  ])
  scores = after(scores, 'ann', correctLevel(scores, 'ann', { dimension: 'diagnosis', level: 2, reason: 'x' }))
  assert.deepEqual(
    differencesIn(scores, rubric).map(({ dimension }) => dimension),
    ['words'],
  )
  assert.deepEqual(differencesIn(levelsOf(sent(noScores, 'ann', [1, 1, 1]), 'bob', [5, 5, 5]), rubric), [])
})

test('agreement is told from 20 pairs on, by the levels as they were sent', () => {
  const candidates = Array.from({ length: 7 }, (_, n) =>
    sent(sent(noScores, 'ann', [1 + (n % 5), 2, 3]), 'bob', [1 + (n % 5), 2, 3]),
  )
  assert.deepEqual(agreementIn(candidates.slice(0, 6), rubric), { n: 18, kappa: undefined, isRough: true })
  assert.deepEqual(agreementIn(candidates, rubric), { n: 21, kappa: 1, isRough: true })
  const corrected = candidates.map((scores) =>
    after(scores, 'bob', correctLevel(scores, 'bob', { dimension: 'words', level: 5, reason: 'x' })),
  )
  assert.equal(agreementIn(corrected, rubric).kappa, 1)
  const three = candidates.map((scores) => sent(scores, 'eve', [5, 1, 5]))
  const { n, kappa } = agreementIn(three, rubric)
  assert.deepEqual([n, kappa! < 1], [63, true])
  assert.deepEqual(agreementIn([], rubric), { n: 0, kappa: undefined, isRough: true })
})

const reviewer = fc.constantFrom('ann', 'bob', 'eve')
const dimension = fc.constantFrom('diagnosis', 'safety', 'words', 'looks')
const level = fc.integer({ min: 1, max: 5 })
const attempt = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('note' as const), by: reviewer, dimension, level }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('send' as const), by: reviewer, dimension, level }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('correct' as const), by: reviewer, dimension, level }) },
)

test('whatever reviewers try, what was sent stays as it was, and nobody sees a sheet before they have sent theirs', () => {
  fc.assert(
    fc.property(fc.array(attempt, { maxLength: 60 }), (attempts) => {
      let scores = noScores
      const fixed = new Map<string, string>()
      const sentLevels = (by: string) =>
        JSON.stringify([...scores.get(by)!.marks].map(([id, mark]) => [id, mark.level]))
      for (const { do: what, by, dimension, level } of attempts) {
        const decided =
          what === 'note'
            ? noteLevel(scores, rubric, by, noted(dimension, level))
            : what === 'send'
              ? sendSheet(scores, rubric, by)
              : correctLevel(scores, by, { dimension, level, reason: 'because' })
        if (!('refused' in decided)) scores = after(scores, by, decided)
        // Whoever writes past the decision changes nothing either.
        scores = afterScoreAct(scores, {
          act: 'level-corrected',
          by: 'nobody',
          atMs: 2,
          data: { dimension, level, reason: 'x' },
        })
        if (isSent(scores, by) && !fixed.has(by)) fixed.set(by, sentLevels(by))
        for (const [one, levels] of fixed) assert.equal(sentLevels(one), levels)
        for (const viewer of ['ann', 'bob', 'eve', 'mallory'])
          for (const reviewer of seenBy(scores, 'reviewer', viewer))
            assert.equal(reviewer === viewer || (fixed.has(viewer) && fixed.has(reviewer)), true)
      }
      assert.equal(scores.has('nobody') && isSent(scores, 'nobody'), false)
    }),
    { numRuns: 300 },
  )
})

test('sheets are stored for each seat; of two who press at once nothing is lost, and a sheet is sent once', async () => {
  const storage = createStorage(createMemoryStore())
  const sheets = createScoreSheets(storage.scores, () => 7)
  const seat = { sittingId: 'exercise', participantId: 'seat-1' }
  await Promise.all(
    rubric.flatMap(({ id }) =>
      ['ann', 'bob'].map((by) => sheets.act(seat, by, (scores) => noteLevel(scores, rubric, by, noted(id, 3)))),
    ),
  )
  const both = await Promise.all(
    [1, 2].map(() => sheets.act(seat, 'ann', (scores) => sendSheet(scores, rubric, 'ann'))),
  )
  assert.deepEqual(
    both.filter((one) => 'refused' in one),
    [{ refused: scoreRefusals.fixed }],
  )
  const scores = await sheets.scores(seat)
  assert.deepEqual(
    [...scores.values()].map(({ reviewer, marks, sentAtMs }) => [reviewer, marks.size, sentAtMs]).sort(),
    [
      ['ann', 3, 7],
      ['bob', 3, null],
    ],
  )
  assert.equal((await sheets.scores({ ...seat, participantId: 'seat-2' })).size, 0)
  await sheets.remove(seat)
  assert.equal((await sheets.scores(seat)).size, 0)
})
