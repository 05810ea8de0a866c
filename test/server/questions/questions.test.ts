import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chanceOf } from '../../../server/questions/chance.ts'
import { guessOf } from '../../../server/questions/guess.ts'
import { drawParams, fillAll, variantsOf } from '../../../server/questions/params.ts'
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

const strictPicks = [
  { given: ['a', 'b'], score: 1, verdict: 'right' },
  { given: ['a'], score: 0.5, verdict: 'partly' },
  { given: ['a', 'b', 'c'], score: 0.5, verdict: 'partly' },
  { given: ['a', 'c'], score: 0, verdict: 'wrong' },
  { given: ['a', 'b', 'c', 'd'], score: 0, verdict: 'wrong' },
  { given: ['c', 'd'], score: 0, verdict: 'wrong' },
]
for (const { given, score, verdict } of strictPicks)
  test(`where wrong picks cancel right ones, ${given} earns ${score}`, () => {
    const judged = questionType('multiple').grade({ options }, variant, given, { wrongPicksCancel: true })
    assert.deepEqual([judged.score, judged.verdict], [score, verdict])
  })

test('the rule that is printed is the one that counts', () => {
  const ruleOf = (wrongPicksCancel: boolean) =>
    questionType('multiple').view({ options }, variant, chanceOf('x'), { wrongPicksCancel }).rule
  assert.match(ruleOf(true), /cancels a right one/)
  assert.match(ruleOf(false), /counts by itself/)
})

const items = ['one', 'two', 'three', 'four'].map((id) => ({ id, text: id }))
const codes = () => {
  const view = questionType('order').view({ items }, variant, chanceOf('x'))
  assert.ok(view.control === 'order')
  const codeOf = new Map(view.choices.map(({ id, text }) => [text, id]))
  return items.map(({ id }) => codeOf.get(id)!)
}

test('an order earns for each pair that stands right and loses as much for each that does not, down to nothing', () => {
  const [one, two, three, four] = codes() as [string, string, string, string]
  const scoreOf = (given: string[]) => questionType('order').grade({ items }, variant, given).score
  assert.equal(scoreOf([one, two, three, four]), 1)
  assert.equal(scoreOf([two, one, three, four]), 4 / 6)
  assert.equal(scoreOf([two, one, four, three]), 2 / 6)
  assert.equal(scoreOf([two, four, one, three]), 0)
  assert.equal(scoreOf([four, three, two, one]), 0)
})

test('what an order by chance earns is counted as guessed', () => {
  const orders = <T>(all: readonly T[]): T[][] =>
    all.length < 2 ? [[...all]] : all.flatMap((one, n) => orders(all.toSpliced(n, 1)).map((rest) => [one, ...rest]))
  const scores = orders(codes()).map((given) => questionType('order').grade({ items }, variant, given).score)
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length
  assert.ok(Math.abs(guessOf({ type: 'order', data: { items } }) - mean) < 1e-12)
  assert.ok(mean < 0.2)
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

for (const [given, unit, key, told] of [
  ['1 Pod', 'Pods', '1', '1 Pod'],
  ['2 pods', 'Pods', '2', '2 Pods'],
  ['1 running Pods', 'running Pods', '1', '1 running Pod'],
  ['1 address', 'addresses', '1', '1 address'],
  ['1', 'ms', '1', '1 ms'],
  ['1', '个 Pod', '1', '1 个 Pod'],
] as const)
  test(`a prediction of “${given}” is read with its unit, and told as “${told}”`, () => {
    const ask = { cel: 'x', answer: 'number' as const, unit }
    const question = { params: {}, scenario: {}, ask }
    assert.equal(questionType('predict').isBlank(question, [given]), false)
    const judged = questionType('predict').grade(question, { ...variant, key }, [given])
    assert.equal(judged.verdict, 'right')
    assert.equal(judged.answer, told)
    assert.deepEqual(
      judged.feedback.map(({ text }) => text),
      [told],
    )
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

test('choices and answers of a prediction are shown as they are, whatever they look like', () => {
  const question = {
    params: {},
    scenario: {},
    ask: { cel: 'x', answer: 'text', choices: ['{{shown}}', '<none>', '*a*'] },
    distractors: [{ value: '<none>', why: 'It is {{shown}}, in code `{{shown}}`.' }],
  }
  const drawn = { seed: 's', params: { shown: '<pending>' }, key: '<pending>' }
  const view = questionType('predict').view(question, drawn, chanceOf('x'))
  assert.deepEqual(view.control === 'radio' && view.choices, [
    { id: '<pending>', text: '&#60;pending&#62;' },
    { id: '<none>', text: '&#60;none&#62;' },
    { id: '*a*', text: '*a*' },
  ])
  const { feedback } = questionType('predict').grade(question, drawn, ['<none>'])
  assert.equal(
    feedback.find(({ chosen }) => chosen)?.why,
    'It is &#60;pending&#62;, in code <code>&#60;pending&#62;</code>.',
  )
})

const choosing = {
  params: {},
  scenario: {},
  ask: { cel: 'x', answer: 'text', choices: ['Running', 'Failed', '{{phase}}'] },
  distractors: [
    { value: 'Running', why: 'w-running' },
    { value: 'failed', why: 'w-failed' },
    { value: '{{phase}}', why: 'w-{{phase}}' },
  ],
}
const ofChoosing = (given: string) =>
  questionType('predict')
    .grade(choosing, { seed: 's', params: { phase: 'Pending' }, key: 'Running' }, [given])
    .feedback.map(({ id, why, chosen, correct }) => [
      id,
      why,
      ...(chosen ? ['chosen'] : []),
      ...(correct ? ['right'] : []),
    ])
const did = 'This is what the simulated cluster did.'

test('a prediction with choices tells of each of them why, chosen or not', () => {
  assert.deepEqual(ofChoosing('pending'), [
    ['Running', did, 'right'],
    ['Failed', 'w-failed'],
    ['Pending', 'w-Pending', 'chosen'],
  ])
  assert.deepEqual(ofChoosing('Running'), [
    ['Running', did, 'chosen', 'right'],
    ['Failed', 'w-failed'],
    ['Pending', 'w-Pending'],
  ])
})

test('one choice at most may be there for a belief', () => {
  const believing = (...beliefs: string[]) =>
    questionType('predict').check({
      ...choosing,
      distractors: choosing.distractors.map((one, n) => ({ ...one, ...(beliefs[n] ? { belief: beliefs[n] } : {}) })),
    })
  assert.deepEqual(believing('All runs at once.'), believing())
  assert.deepEqual(believing('All runs at once.', 'Nothing ever runs.').at(-1), [
    'distractors',
    'one choice at most may be there for a belief and never be right',
  ])
})

test('what was chosen once and is no choice any more is told as well', () => {
  assert.deepEqual(ofChoosing('Unknown')[0], ['given', '', 'chosen'])
  assert.equal(ofChoosing('Unknown').length, 4)
})

test('the unit of a prediction holds what the variant drew', () => {
  const question = { params: {}, scenario: {}, ask: { cel: 'x', answer: 'number', unit: 'of {{n}} Pods' } }
  const drawn = { seed: 's', params: { n: 5 }, key: '3' }
  const view = questionType('predict').view(question, drawn, chanceOf('x'))
  assert.equal(view.control === 'text' && view.unit, 'of 5 Pods')
  const { feedback, answer } = questionType('predict').grade(question, drawn, ['4'])
  assert.deepEqual([...feedback.map(({ text }) => text), answer], ['4 of 5 Pods', '3 of 5 Pods', '3 of 5 Pods'])
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

const amounts = [
  ['500m', 'quantity', '0.5', true],
  ['500m', 'quantity', '.5', true],
  ['500m', 'quantity', '5e-1', true],
  ['1Gi', 'quantity', '1024Mi', true],
  ['1Gi', 'quantity', '1073741824', true],
  ['1Gi', 'quantity', '1G', false],
  ['1Gi', 'quantity', '1', false],
  ['300', 'duration', '5m', true],
  ['5m', 'duration', '300', true],
  ['90s', 'duration', '1m30s', true],
  ['90s', 'duration', '1m 30s', true],
  ['5m', 'duration', '5', false],
  ['0.1', 'number', '0,1', true],
  ['3', 'number', '3.0', true],
] as const
for (const [answer, kind, given, right] of amounts)
  test(`${given} for the ${kind} ${answer} is ${right ? 'right' : 'wrong'}`, () => {
    const question = { answer, kind, unit: '', tolerance: 0, mistakes: [] }
    assert.ok(!questionType('numeric').isBlank(question, [given]))
    assert.equal(questionType('numeric').grade(question, variant, [given]).score, right ? 1 : 0)
  })

test('what is no amount of its kind is blank', () => {
  const blank = (kind: string, given: string) =>
    questionType('numeric').isBlank({ answer: 1, kind, unit: '', tolerance: 0, mistakes: [] }, [given])
  for (const given of ['', 'x', '1Zi', '1 2', '--1', '1mm']) assert.ok(blank('quantity', given), given)
  for (const given of ['5x', 'm', '5m5']) assert.ok(blank('duration', given), given)
  for (const given of ['5m', '1e3', 'Infinity', 'NaN']) assert.ok(blank('number', given), given)
})

test('content that contradicts itself is told of', () => {
  const base = { answer: 1, kind: 'number', unit: '', tolerance: 1, mistakes: [{ given: [2], why: 'w' }] }
  assert.deepEqual(questionType('numeric').check(base), [['mistakes', '“2” is right as well']])
  assert.deepEqual(questionType('numeric').check({ ...base, answer: 'one', mistakes: [] }), [
    ['answer', '“one” is not a number'],
  ])
  const word = { accept: ['Job'], caseSensitive: false, mistakes: [{ given: ['job'], why: 'w' }] }
  assert.deepEqual(questionType('short').check(word), [['mistakes', '“job” is accepted as well']])
  const code = { code: 'a\nb\n', bug: { lines: [3], why: 'w' }, others: {} }
  assert.deepEqual(questionType('spot').check(code), [['code', 'there is no line 3, the last is 2']])
  const pairs = [1, 2, 3].map((n) => ({ id: `p${n}`, left: `l${n}`, right: `r${n}`, why: 'w' }))
  assert.deepEqual(questionType('match').check({ pairs, extra: ['r1'] }), [['extra', '“r1” belongs to a pair']])
})

test('the choices of a match do not tell by their place or value what belongs together', () => {
  const pairs = ['a', 'b', 'c', 'd'].map((id) => ({ id, left: `left ${id}`, right: `right ${id}`, why: 'w' }))
  const orders = new Set<string>()
  for (let seed = 0; seed < 20; seed++) {
    const view = questionType('match').view({ pairs, extra: [] }, variant, chanceOf(String(seed)))
    assert.ok(view.control === 'match')
    orders.add(view.choices.map(({ text }) => text).join())
    assert.ok(view.choices.every(({ id }) => !pairs.some((pair) => id.includes(pair.id) && id.length === 1)))
  }
  assert.ok(orders.size > 10)
})

test('every variant is known, with how often it is drawn', () => {
  const specs = { a: { oneOf: ['x', 'x', 'y'] }, n: { int: { min: 2, max: 7, step: 3 } } }
  const variants = variantsOf(specs)
  assert.deepEqual(
    variants.map(({ params, draws }) => [params.a, params.n, draws]),
    [
      ['x', 2, 2],
      ['x', 5, 2],
      ['y', 2, 1],
      ['y', 5, 1],
    ],
  )
  const known = new Set(variants.map(({ params }) => JSON.stringify(params)))
  const drawn = new Set(Array.from({ length: 100 }, (_, n) => JSON.stringify(drawParams(specs, `seed-${n}`))))
  assert.deepEqual([...drawn].sort(), [...known].sort())
  assert.deepEqual(variantsOf({}), [{ params: {}, draws: 1 }])
})
