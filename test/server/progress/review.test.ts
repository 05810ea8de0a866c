import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Card, createEmptyCard, fsrs, type Grade, generatorParameters, Rating } from 'ts-fsrs'
import { cardAfter, type ReviewAnswer, ratingOf, reviewCards } from '../../../server/progress/review.ts'

const dayMs = 24 * 3_600_000

const anAnswer = (over: Partial<ReviewAnswer> = {}): ReviewAnswer => ({
  questionId: 'pod/one',
  variant: 'a',
  verdict: 'right',
  confidence: null,
  tookMs: null,
  topics: ['probes', 'services'],
  atMs: 0,
  ...over,
})

const ratings: [Partial<ReviewAnswer>, Rating][] = [
  [{ verdict: 'wrong', confidence: 'sure' }, Rating.Again],
  [{ verdict: 'partly' }, Rating.Hard],
  [{ confidence: 'guess' }, Rating.Hard],
  [{}, Rating.Good],
  [{ confidence: 'sure' }, Rating.Good],
  [{ confidence: 'sure', tookMs: 90_000 }, Rating.Good],
  [{ confidence: 'fairly', tookMs: 5000 }, Rating.Good],
  [{ confidence: 'sure', tookMs: 5000 }, Rating.Easy],
]
for (const [over, rating] of ratings)
  test(`${JSON.stringify(over)} rates ${Rating[rating]}`, () => assert.equal(ratingOf(anAnswer(over)), rating))

test('the card is the first topic of the question', () => {
  assert.deepEqual(
    reviewCards([anAnswer()], 0).map(({ topic }) => topic),
    ['probes'],
  )
})

test('what is forgotten comes back sooner than what is known', () => {
  const dueOf = (verdict: 'right' | 'wrong', confidence: 'sure' | null = null) =>
    reviewCards([anAnswer({ verdict, confidence, tookMs: 1000 })], 0)[0]!.dueAtMs
  assert.ok(dueOf('wrong') < dueOf('right'))
  assert.ok(dueOf('right') < dueOf('right', 'sure'))
})

test('each success at its time puts the next one further off', () => {
  const answers: ReviewAnswer[] = []
  const gaps: number[] = []
  let atMs = 0
  for (let n = 0; n < 6; n++) {
    answers.push(anAnswer({ variant: String(n), atMs }))
    const { dueAtMs } = reviewCards(answers, atMs)[0]!
    gaps.push(dueAtMs - atMs)
    atMs = dueAtMs
  }
  assert.deepEqual(
    gaps,
    [...gaps].sort((a, b) => a - b),
  )
  assert.ok(gaps.at(-1)! > 30 * dayMs, String(gaps))
})

test('the same variant again within hours is no review, and days later it is', () => {
  const again = (atMs: number) => reviewCards([anAnswer(), anAnswer({ atMs })], atMs)[0]!.reviews
  assert.equal(again(60_000), 1)
  assert.equal(again(2 * dayMs), 2)
})

test('a wrong answer after right ones is a lapse', () => {
  const days = [0, 1, 4, 12].map((day, n) => anAnswer({ variant: String(n), atMs: day * dayMs }))
  const [card] = reviewCards([...days, anAnswer({ variant: 'x', verdict: 'wrong', atMs: 30 * dayMs })], 30 * dayMs)
  assert.equal(card!.lapses, 1)
  assert.ok(card!.dueAtMs < 31 * dayMs)
})

test('whatever was answered, the cards are the same each time, due after their last answer, the least remembered first', () => {
  const one = fc.record({
    questionId: fc.constantFrom('a', 'b', 'c'),
    variant: fc.constantFrom('1', '2'),
    verdict: fc.constantFrom('right', 'partly', 'wrong'),
    confidence: fc.constantFrom('sure', 'fairly', 'guess', null),
    tookMs: fc.option(fc.nat(100_000), { nil: null }),
    topics: fc.constantFrom(['x'], ['y', 'x'], []),
    atMs: fc.nat(400 * dayMs),
  })
  fc.assert(
    fc.property(fc.array(one, { maxLength: 40 }), (drawn) => {
      const answers = [...drawn].sort((a, b) => a.atMs - b.atMs) as ReviewAnswer[]
      const nowMs = 500 * dayMs
      const cards = reviewCards(answers, nowMs)
      assert.deepEqual(reviewCards(answers, nowMs), cards)
      for (const card of cards) {
        assert.ok(card.dueAtMs > card.lastAtMs)
        assert.ok(card.recall >= 0 && card.recall <= 1)
      }
      const recalls = cards.map(({ recall }) => recall)
      assert.deepEqual(
        recalls,
        [...recalls].sort((a, b) => a - b),
      )
    }),
    { seed: 1, numRuns: 200 },
  )
})

test('a card after many reviews is the one that the library makes of one after the other', () => {
  const scheduler = fsrs(generatorParameters({ enable_fuzz: false }))
  const gap = fc.oneof(fc.integer({ min: 0, max: 3_600_000 }), fc.integer({ min: 0, max: 90 * dayMs }))
  const grade = fc.constantFrom<Grade[]>(Rating.Again, Rating.Hard, Rating.Good, Rating.Easy)
  const reviews = fc.array(fc.tuple(gap, grade), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(reviews, (gaps) => {
      let atMs = Date.UTC(2026, 0, 1)
      const all = gaps.map(([gapMs, grade]) => {
        atMs += gapMs
        return { atMs, grade }
      })
      const want = all.reduce<Card>(
        (card, one) => scheduler.next(card, one.atMs, one.grade).card,
        createEmptyCard(all[0]!.atMs),
      )
      assert.deepEqual(cardAfter(all), want)
    }),
    { numRuns: 500 },
  )
})
