import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chanceOf } from '../../../server/questions/chance.ts'
import { drawParams, fillAll } from '../../../server/questions/params.ts'
import type { PredictQuestion } from '../../../server/questions/predict.ts'
import { questionType } from '../../../server/questions/registry.ts'

const options = [
  { id: 'a', text: 'A', correct: true, why: 'w' },
  { id: 'b', text: 'B', correct: true, why: 'w' },
  { id: 'c', text: 'C', correct: false, why: 'w' },
  { id: 'd', text: 'D', correct: false, why: 'w' },
]
const variant = { seed: 's', params: {} }

const picks = [
  { given: ['a', 'b'], score: 1, verdict: 'right' },
  { given: ['a'], score: 0.75, verdict: 'partly' },
  { given: ['a', 'c'], score: 0.5, verdict: 'partly' },
  { given: ['a', 'b', 'c', 'd'], score: 0.5, verdict: 'partly' },
  { given: ['c', 'd'], score: 0, verdict: 'wrong' },
]
for (const { given, score, verdict } of picks)
  test(`multiple choice of ${given} earns ${score} by the printed rule`, () => {
    const judged = questionType('multiple').grade({ options }, variant, given)
    assert.deepEqual([judged.score, judged.verdict], [score, verdict])
  })

const items = ['one', 'two', 'three', 'four'].map((id) => ({ id, text: id }))
const codes = () => {
  const view = questionType('order').view({ items }, variant, chanceOf('x'))
  assert.ok(view.control === 'order')
  const codeOf = new Map(view.choices.map(({ id, text }) => [text, id]))
  return items.map(({ id }) => codeOf.get(id)!)
}

test('an order earns the share of its pairs that stand right', () => {
  const [one, two, three, four] = codes() as [string, string, string, string]
  const scoreOf = (given: string[]) => questionType('order').grade({ items }, variant, given).score
  assert.equal(scoreOf([one, two, three, four]), 1)
  assert.equal(scoreOf([two, one, three, four]), 5 / 6)
  assert.equal(scoreOf([four, three, two, one]), 0)
})

test('an order is never shown solved', () => {
  const right = codes().join()
  for (let seed = 0; seed < 100; seed++) {
    const view = questionType('order').view({ items }, variant, chanceOf(String(seed)))
    assert.notEqual(view.control === 'order' && view.choices.map(({ id }) => id).join(), right)
  }
})

const predictions = [
  { ask: { answer: 'number' }, key: '3', given: '3', right: true },
  { ask: { answer: 'number' }, key: '3', given: '3.0', right: true },
  { ask: { answer: 'number', tolerance: 2 }, key: '30', given: '32', right: true },
  { ask: { answer: 'number', tolerance: 2 }, key: '30', given: '33', right: false },
  { ask: { answer: 'text' }, key: 'CrashLoopBackOff', given: ' crashloopbackoff ', right: true },
  { ask: { answer: 'text' }, key: 'Running', given: 'Pending', right: false },
]
for (const { ask, key, given, right } of predictions)
  test(`a prediction of ${given} for ${key}${ask.tolerance ? ` ± ${ask.tolerance}` : ''} is ${right ? 'right' : 'wrong'}`, () => {
    const judged = questionType('predict').grade(
      { params: {}, scenario: {}, ask: { cel: 'x', ...ask } },
      { ...variant, key },
      [given],
    )
    assert.equal(judged.verdict, right ? 'right' : 'wrong')
  })

test('a prediction that follows a known misconception is told which', () => {
  const question = {
    params: {},
    scenario: {},
    ask: { cel: 'x', answer: 'number' },
    distractors: [{ value: '{{n}}', why: 'That would be **all {{n}}**.' }],
  }
  const judged = questionType('predict').grade(question, { seed: 's', params: { n: 5 }, key: '3' }, ['5'])
  assert.equal(judged.feedback[0]!.why, 'That would be <strong>all 5</strong>.')
})

test('parameters stay within their bounds and steps, and adding one does not change the others', () => {
  for (let seed = 0; seed < 200; seed++) {
    const specs = { n: { int: { min: 2, max: 10, step: 4 } }, image: { oneOf: ['a', 'b'] } }
    const params = drawParams(specs, String(seed))
    assert.ok([2, 6, 10].includes(params.n as number))
    assert.deepEqual(drawParams({ extra: { oneOf: [1, 2, 3] }, ...specs }, String(seed)).n, params.n)
  }
})

test('a text that is one parameter becomes the value, a longer one holds it', () => {
  assert.deepEqual(fillAll({ a: '{{n}}', b: ['x{{ n }}'], c: '{{other}}' }, { n: 3 }), {
    a: 3,
    b: ['x3'],
    c: '{{other}}',
  })
})

test('shuffling keeps every element, and each comes first about as often', () => {
  const firsts = new Map<number, number>()
  for (let seed = 0; seed < 400; seed++) {
    const shuffled = chanceOf(`q/${seed}`).shuffle([1, 2, 3, 4])
    assert.deepEqual([...shuffled].sort(), [1, 2, 3, 4])
    firsts.set(shuffled[0]!, (firsts.get(shuffled[0]!) ?? 0) + 1)
  }
  for (const count of firsts.values()) assert.ok(count > 60 && count < 140, `${[...firsts]}`)
})

test('a text that is none of the choices of a prediction is blank', () => {
  const question = { ask: { cel: 'x', answer: 'text', choices: ['Running', 'Failed'] } } as PredictQuestion
  assert.deepEqual(
    [['running'], ['<b>'], ['Failed', 'Failed']].map((given) => questionType('predict').isBlank(question, given)),
    [false, true, true],
  )
})
