import assert from 'node:assert/strict'
import { test } from 'node:test'
import { budgeted, workSpent } from '../../sim/engine/work.ts'
import { parseManifest, yamlLimits } from '../../sim/kubectl/yaml.ts'

/** Measured with kubectl create --dry-run=client -o json. */
const scalars: [string, unknown][] = [
  ['y', true],
  ['Y', true],
  ['yes', true],
  ['on', true],
  ['True', true],
  ['n', false],
  ['No', false],
  ['OFF', false],
  ['0777', 511],
  ['0o777', 511],
  ['.', '.'],
  ['+.', '+.'],
  ['1.', 1],
  ['.5', 0.5],
  ['08', 8],
  ['190:20:30', '190:20:30'],
  ['1e3', 1000],
  ['1_000', 1000],
  ['0b11', 3],
  ['0x1F', 31],
  ['2024-01-01', '2024-01-01'],
  ['~', null],
  ['null', null],
  ['1.20', 1.2],
  ['.5', 0.5],
  ['+5', 5],
]
const firstValue = (text: string): unknown => parseManifest(text, 'STDIN')[0]?.value

for (const [text, want] of scalars) {
  test(`${text} is read as ${JSON.stringify(want)}`, () => assert.deepEqual(firstValue(`a: ${text}`), { a: want }))
}

test('keys are text, whatever they look like', () => {
  assert.deepEqual(firstValue('on: 1\n1: 2\n'), { true: 1, 1: 2 })
})

test('<< merges, and of equal keys the last wins', () => {
  assert.deepEqual(firstValue('b: &x {q: 1}\nc:\n  <<: *x\n  r: 2\na: 1\na: 2\n'), {
    b: { q: 1 },
    c: { q: 1, r: 2 },
    a: 2,
  })
})

test('a key that names the prototype is only a key', () => {
  const value = firstValue('__proto__: {polluted: true}') as object
  assert.equal((value as { polluted?: boolean }).polluted, undefined)
  assert.ok(Object.hasOwn(value, '__proto__'))
})

test('empty documents are left out and the others keep their place', () => {
  const documents = parseManifest('---\n# nothing\n---\na: 1\n---\nb: 2\n---\n', 'STDIN')
  assert.deepEqual(documents, [
    { value: { a: 1 }, index: 2, line: 4 },
    { value: { b: 2 }, index: 3, line: 6 },
  ])
})

test('JSON is read as well', () => {
  assert.deepEqual(firstValue('{"kind":"Pod","n":1e3}'), { kind: 'Pod', n: 1000 })
})

const broken = [
  { name: 'a tab', text: 'a:\n\tb: 1', want: 'yaml: line 2: found character that cannot start any token' },
  { name: 'two colons', text: 'a: b: c', want: 'yaml: line 1: mapping values are not allowed in this context' },
]
for (const { name, text, want } of broken) {
  test(`${name} is refused with its line`, () => {
    assert.throws(() => parseManifest(text, 'STDIN'), {
      message: `error parsing STDIN: error converting YAML to JSON: ${want}`,
    })
  })
}

const bomb = [
  'a: &a [x,x,x,x,x,x,x,x,x,x]',
  ...'bcdefg'.split('').map((key, at) => {
    const before = 'abcdef'[at]
    return `${key}: &${key} [${Array(10).fill(`*${before}`).join(',')}]`
  }),
].join('\n')

const hostile = [
  { name: 'an alias bomb', text: bomb, want: /document 1 \(line 1\): document contains excessive aliasing/ },
  { name: '3,000 levels of brackets', text: '['.repeat(3000), want: /line 1: exceeded max depth/ },
  {
    name: '1,000 levels of indentation',
    text: Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
    want: /exceeded max depth|more than the limit/,
  },
  { name: '3,000 levels of dashes', text: `${'- '.repeat(3000)}x`, want: /exceeded max depth/ },
  { name: 'a huge text', text: 'a'.repeat(yamlLimits.characters + 1), want: /more than the limit/ },
  { name: 'too many documents', text: '---\na: 1\n'.repeat(yamlLimits.documents + 1), want: /more than \d+ documents/ },
]
for (const { name, text, want } of hostile) {
  test(`${name} is refused`, () => assert.throws(() => parseManifest(text, 'STDIN'), want))
}

test('a text that is read again says the same, whatever its first reader changed, and costs the same', () => {
  const text = 'read: {again: [1]}\n'
  const readings = [1, 2].map(() => {
    const before = workSpent()
    const [document] = parseManifest(text, 'STDIN')
    const cost = workSpent() - before
    const said = JSON.stringify(document)
    const value = document!.value as { read: { again: number[] } }
    value.read.again.push(2)
    return { said, cost }
  })
  assert.deepEqual(readings[1], readings[0])
  assert.ok(readings[0]!.cost > 0)
})

test('a text that is refused again is refused by the name of where it comes from now', () => {
  const reason = /^error parsing (.*): error converting YAML to JSON: yaml: line 2: /
  for (const source of ['a.yaml', 'b.yaml']) {
    assert.throws(
      () => parseManifest('a: 1\n\tb: 2\n', source),
      (error: Error) => reason.exec(error.message)?.[1] === source,
    )
  }
})

test('what aliases stand for is charged, so that a budget ends it', () => {
  const keys = Array.from({ length: 1000 }, (_, index) => `  k${index}: v\n`).join('')
  const costOf = (times: number): number => {
    const before = workSpent()
    parseManifest(`a: &a\n${keys}b:\n${'  - *a\n'.repeat(times)}`, 'STDIN')
    return workSpent() - before
  }
  const nodesMore = 80 * 1000
  assert.ok(costOf(90) - costOf(10) > 10 * nodesMore, 'a node costs more than ten steps')
  const ended = budgeted<number | string>(
    100_000,
    () => costOf(90),
    () => 'over the budget',
  )
  assert.equal(ended, 'over the budget')
})
