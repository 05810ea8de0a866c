import assert from 'node:assert/strict'
import { test } from 'node:test'
import { corpus } from '../../../scripts/hostile/corpus.ts'
import { drawInput } from '../../../scripts/hostile/grammar.ts'
import { lengthOf, manyItems, manyNames, raw, repeated, shortJson, written } from '../../../scripts/hostile/input.ts'

const drawn = (seed: string, count: number) => Array.from({ length: count }, (_, n) => drawInput(seed, n + 1))

test('the same seed and number give the same input, another seed another one', () => {
  assert.deepEqual(drawn('a', 300), drawn('a', 300))
  const other = drawn('b', 300)
  const same = drawn('a', 300).filter((input, n) => JSON.stringify(input.steps) === JSON.stringify(other[n]!.steps))
  assert.ok(same.length < 10, `${same.length} of 300 are the same`)
})

test('inputs are data: what is printed of one is all that it takes to send it again', () => {
  for (const input of [...corpus, ...drawn('data', 300)])
    assert.deepEqual(JSON.parse(JSON.stringify(input)), input, input.id)
})

test('the grammar reaches the API, lines, manifests, programs, terminals and pages', () => {
  const inputs = drawn('reach', 2000)
  const kinds = new Set(inputs.flatMap(({ steps }) => steps.map((step) => step.do)))
  assert.deepEqual([...kinds].sort(), ['api', 'form', 'page', 'terminal'])
  const text = JSON.stringify(inputs)
  for (const part of [
    ...[
      'json-patch+json',
      'apply-patch+yaml',
      'kubernetes.protobuf',
      'go-template',
      'custom-columns',
      'jsonpath',
      '--sort-by',
      '/editor/lint',
    ],
    ...[
      '/demos/',
      '/challenges/',
      '/answer',
      '"scenario"',
      'watch=1',
      'ssh node-1',
      '/progress/import',
      'labelSelector',
      'PROPFIND',
      'ssh control-plane',
      'kubeadm',
      'promtool',
      'helm',
    ],
  ])
    assert.ok(text.includes(part), `nothing with ${part} in 2,000 inputs`)
})

test('no input is larger than what can be sent', () => {
  for (const { id, steps } of [...corpus, ...drawn('size', 1000)])
    for (const step of steps) assert.ok(lengthOf(JSON.stringify(step)) < 45_000_000, id)
})

test('each input of the corpus names the defect that it showed, and has a name of its own', () => {
  for (const { id, defect, steps } of corpus) {
    assert.match(defect ?? '', /^D\d+$/, id)
    assert.ok(steps.length > 0, id)
  }
  assert.equal(new Set(corpus.map(({ id }) => id)).size, corpus.length)
  assert.deepEqual(
    ['D1', 'D2', 'D3', 'D4', 'D6', 'D11'].filter((one) => !corpus.some(({ defect }) => defect === one)),
    [],
  )
})

const texts = [
  { short: repeated(3, 'ab'), long: 'ababab' },
  { short: repeated(3, 'a#', ','), long: 'a1,a2,a3' },
  { short: repeated(2, 'a', ', '), long: 'a, a' },
  { short: `x${repeated(2, '[')}y`, long: 'x[[y' },
]
for (const { short, long } of texts)
  test(`${short} is written ${long}`, () => {
    assert.equal(written(short), long)
    assert.ok(Math.abs(lengthOf(short) - long.length) <= 2)
  })

test('JSON that is written short is JSON when it is sent', () => {
  const value = {
    list: manyItems(3, { name: 'p#', port: '#n' }),
    map: manyNames(2, 'k#', 'v'),
    deep: raw(`${repeated(2, '[')}${repeated(2, ']')}`),
  }
  assert.deepEqual(JSON.parse(written(shortJson(value))), {
    list: [1, 2, 3].map((n) => ({ name: `p${n}`, port: n })),
    map: { k1: 'v', k2: 'v' },
    deep: [[]],
  })
})
