import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareKeys, printYaml } from '../../../sim/kubectl/printers/yaml.ts'
import { parseManifest } from '../../../sim/kubectl/yaml.ts'

const scalars: [unknown, string][] = [
  ['1', '"1"'],
  ['true', '"true"'],
  ['on', '"on"'],
  ['y', '"y"'],
  ['null', '"null"'],
  ['~', '"~"'],
  ['', '""'],
  ['0x1F', '"0x1F"'],
  ['1e3', '"1e3"'],
  ['1:30', '"1:30"'],
  ['2026-11-20T08:20:12Z', '"2026-11-20T08:20:12Z"'],
  ['2024-01-01', '"2024-01-01"'],
  ['10.0.0.1', '10.0.0.1'],
  ['1.2.3', '1.2.3'],
  ['500m', '500m'],
  ['nginx:1.25', 'nginx:1.25'],
  ['a: b', "'a: b'"],
  ['k:', "'k:'"],
  ['*x', "'*x'"],
  ['- x', "'- x'"],
  ['-x', '-x'],
  ['a #b', "'a #b'"],
  [' a', "' a'"],
  ["it's", "it's"],
  ['{a}', "'{a}'"],
  ['%a', "'%a'"],
  ['tab\there', '"tab\\there"'],
  ['a\nb', '|-\n  a\n  b'],
  ['a\nb\n', '|\n  a\n  b'],
  ['a\n\n', '|+\n  a\n'],
  ['x \ny', '"x \\ny"'],
  [' a\nb', '|2-\n   a\n  b'],
  [1.5, '1.5'],
  [100000, '100000'],
  [true, 'true'],
  [null, 'null'],
  [[], '[]'],
  [{}, '{}'],
]
for (const [value, want] of scalars) {
  test(`${JSON.stringify(value)} is printed as ${JSON.stringify(want)}`, () => {
    assert.equal(printYaml({ a: value }), `a: ${want}\n`)
  })
  test(`${JSON.stringify(value)} reads back as itself`, () => {
    assert.deepEqual(parseManifest(printYaml({ a: value }), 'x')[0].value, { a: value })
  })
}

test('lists stand at the indentation of their key', () => {
  const value = {
    spec: { containers: [{ name: 'a', command: ['sh', '-c'], env: [] }, { name: 'b' }], grid: [[1, [2]], []] },
  }
  assert.equal(
    printYaml(value),
    'spec:\n  containers:\n  - command:\n    - sh\n    - -c\n    env: []\n    name: a\n  - name: b\n  grid:\n  - - 1\n    - - 2\n  - []\n',
  )
})

test('keys are sorted with numbers by their value and signs before letters', () => {
  assert.deepEqual(['b', 'a10', 'a9', 'f:x', 'f1', '.', 'A', 'a'].sort(compareKeys), [
    '.',
    'A',
    'a',
    'a9',
    'a10',
    'b',
    'f:x',
    'f1',
  ])
})

test('keys are put in quotes like any text', () => {
  assert.equal(printYaml({ n: 1, '1': 2, 'a: b': 3 }), '"1": 2\n\'a: b\': 3\n"n": 1\n')
})

test('fields without a value are left out', () => {
  assert.equal(printYaml({ a: undefined, b: 1 }), 'b: 1\n')
})
