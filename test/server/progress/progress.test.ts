import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AnswerFact, calibration, firstTries } from '../../../server/progress/progress.ts'

const fact = (over: Partial<AnswerFact>): AnswerFact => ({
  questionId: 'q',
  variant: 's',
  score: 1,
  verdict: 'right',
  confidence: null,
  topics: ['probes'],
  atMs: 0,
  ...over,
})

test('only the first try of a variant counts', () => {
  const answers = [fact({ score: 0 }), fact({ score: 1 }), fact({ variant: 't', score: 1 })]
  assert.deepEqual(
    firstTries(answers).map(({ score }) => score),
    [0, 1],
  )
})

test('calibration sets what was said against what was right, and leaves out what was never said', () => {
  const answers = [
    fact({ variant: '1', confidence: 'sure' }),
    fact({ variant: '2', confidence: 'sure', verdict: 'wrong', score: 0 }),
    fact({ variant: '3', confidence: 'guess', verdict: 'partly', score: 0.5 }),
    fact({ variant: '4' }),
  ]
  assert.deepEqual(calibration(answers), [
    { confidence: 'sure', answers: 2, right: 0.5 },
    { confidence: 'guess', answers: 1, right: 0 },
  ])
})
