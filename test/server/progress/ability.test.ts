import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bestToPractise, expectedScore, type RatedAnswer, topicAbilities } from '../../../server/progress/ability.ts'

let variants = 0
const anAnswer = (over: Partial<RatedAnswer> = {}): RatedAnswer => ({
  questionId: 'q',
  variant: String(++variants),
  score: 1,
  difficulty: 3,
  guess: 0,
  topics: ['probes'],
  ...over,
})

test('half is expected in the middle, more of the easy and the guessed, less of the hard', () => {
  assert.equal(expectedScore(1500, 3), 0.5)
  assert.ok(expectedScore(1500, 1) > 0.8)
  assert.ok(expectedScore(1500, 5) < 0.2)
  assert.equal(expectedScore(1500, 3, 0.25), 0.625)
})

test('a right answer raises the rating by what was not to be expected, a wrong one lowers it', () => {
  const [right] = topicAbilities([anAnswer()])
  assert.deepEqual(right, {
    topic: 'probes',
    answers: 1,
    rating: 1587,
    expected: expectedScore(1587, 3),
    isMeasured: false,
  })
  const [wrong] = topicAbilities([anAnswer({ score: 0 })])
  assert.equal(wrong!.rating, 1413)
  const [hard] = topicAbilities([anAnswer({ difficulty: 5 })])
  const [easy] = topicAbilities([anAnswer({ difficulty: 1 })])
  assert.ok(hard!.rating > right!.rating && easy!.rating < right!.rating && easy!.rating > 1500)
  const [guessed] = topicAbilities([anAnswer({ guess: 0.5 })])
  assert.ok(guessed!.rating < right!.rating)
})

test('only the first answer to a variant counts, and the weakest topic comes first', () => {
  const abilities = topicAbilities([
    anAnswer({ topics: ['services'], variant: 'same', score: 0 }),
    anAnswer({ topics: ['services'], variant: 'same', score: 1 }),
    anAnswer({ topics: ['probes', 'dns'] }),
  ])
  assert.deepEqual(
    abilities.map(({ topic, answers }) => [topic, answers]),
    [
      ['services', 1],
      ['dns', 1],
      ['probes', 1],
    ],
  )
})

test('whoever knows a share of what is asked comes to be rated so', () => {
  // Known questions of each level at the chance that the model gives somebody of 1650.
  const answers = Array.from({ length: 400 }, (_, n) => {
    const difficulty = (n % 5) + 1
    const chance = (n * 0.618_033_988_75) % 1
    return anAnswer({ difficulty, score: chance < expectedScore(1650, difficulty) ? 1 : 0 })
  })
  const [ability] = topicAbilities(answers)
  assert.ok(Math.abs(ability!.rating - 1650) < 90, `${ability!.rating}`)
  assert.ok(ability!.isMeasured)
})

test('a better answer never leads to a lower rating, and ratings stay finite', () => {
  const answer = fc.record({
    score: fc.double({ min: 0, max: 1, noNaN: true }),
    difficulty: fc.integer({ min: 1, max: 5 }),
    guess: fc.double({ min: 0, max: 0.5, noNaN: true }),
  })
  fc.assert(
    fc.property(fc.array(answer, { minLength: 1, maxLength: 30 }), fc.nat(), (given, which) => {
      const answers = given.map((over, n) => anAnswer({ ...over, variant: `v${n}` }))
      const place = which % answers.length
      const better = answers.map((one, n) => (n === place ? { ...one, score: 1 } : one))
      const [before, after] = [topicAbilities(answers)[0]!, topicAbilities(better)[0]!]
      assert.ok(Number.isFinite(before.rating))
      assert.ok(after.rating >= before.rating)
    }),
    { seed: 1, numRuns: 200 },
  )
})

test('the question to practise is one that is mostly answered, not always', () => {
  const questions = [1, 2, 3, 4, 5].map((difficulty) => ({ difficulty, guess: 0 }))
  assert.equal(bestToPractise(1500, questions)?.difficulty, 2)
  assert.equal(bestToPractise(1950, questions)?.difficulty, 5)
  assert.equal(bestToPractise(1100, questions)?.difficulty, 1)
  assert.equal(bestToPractise(1500, []), undefined)
})
