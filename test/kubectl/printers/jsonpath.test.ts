import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findValues, parseJsonPath, parseRelaxedPath, printJsonPath } from '../../../sim/kubectl/printers/jsonpath.ts'

const data = {
  kind: 'List',
  items: [
    {
      kind: 'Node',
      metadata: { name: 'n1', labels: { 'kubernetes.io/os': 'linux' } },
      status: { capacity: { cpu: '4' }, n: 2 },
    },
    { kind: 'Node', metadata: { name: 'n2' }, status: { capacity: { cpu: '8' }, n: 10 } },
    { kind: 'Pod', metadata: { name: 'p' }, status: { ok: true, text: '<&>' } },
  ],
}

/** The first eight are those of the reference documentation, on data of its shape. */
const cases: [string, string][] = [
  ['{.kind}', 'List'],
  ["{['kind']}", 'List'],
  ['{..name}', 'n1 n2 p'],
  ['{.items[*].metadata.name}', 'n1 n2 p'],
  ['{.items[*].status.capacity}', '{"cpu":"4"} {"cpu":"8"}'],
  ['{.items[?(@.metadata.name=="n2")].status.capacity.cpu}', '8'],
  ['{range .items[*]}[{.metadata.name}, {.status.capacity.cpu}] {end}', '[n1, 4] [n2, 8] [p, ] '],
  ['{.items[0].metadata.labels.kubernetes\\.io/os}', 'linux'],
  ['{range .items[*]}{.metadata.name}{"\\t"}{.kind}{"\\n"}{end}', 'n1\tNode\nn2\tNode\np\tPod\n'],
  ["{.items[*]['metadata.name', 'kind']}", 'n1 n2 p Node Node Pod'],
  ["{.items[0].metadata.labels['kubernetes\\.io/os']}", 'linux'],
  ['{.items[0:2].metadata.name}', 'n1 n2'],
  ['{.items[-1].metadata.name}', 'p'],
  ['{.items[-1:].metadata.name}', 'p'],
  ['{.items[0:3:2].metadata.name}', 'n1 p'],
  ['{.items[0,2].metadata.name}', 'n1 p'],
  ['{.items[?(@.status.n>5)].metadata.name}', 'n2'],
  ['{.items[?(@.status.n<=2)].metadata.name}', 'n1'],
  ['{.items[?(@.kind!="Node")].metadata.name}', 'p'],
  ['{.items[?(@.status.ok)].metadata.name}', 'p'],
  ['{.items[?(@.status.ok==true)].metadata.name}', 'p'],
  ['{.items[2].status}', '{"ok":true,"text":"\\u003c\\u0026\\u003e"}'],
  ['{.items[2].status.text}', '<&>'],
  ['{$.kind}', 'List'],
  ['{.items[].metadata.name}', 'n1'],
  ['{.items[-3:-1].metadata.name}', 'n1 n2'],
  ['{.items[1:1].metadata.name}', ''],
  ['{.items[7:7].metadata.name}', ''],
  ['{.items[0, 2].metadata.name}', 'n1 p'],
  ['{.nope.deeper}', ''],
  ['names: {.items[*].metadata.name}!', 'names: n1 n2 p!'],
  ['.kind', '.kind'],
  ['{.items[*].status.*}', '{"cpu":"4"} 2 {"cpu":"8"} 10 true <&>'],
]
for (const [template, want] of cases) {
  test(`jsonpath ${template}`, () => assert.equal(printJsonPath(parseJsonPath(template), data), want))
}

const broken: [string, string][] = [
  ['{.a', 'error parsing jsonpath {.a, unclosed action'],
  ['{.items[}', 'error parsing jsonpath {.items[}, unterminated array'],
  ['{end}', 'error parsing jsonpath {end}, not in range, nothing to end'],
  // Keys stand in single quotes alone, and nothing in brackets is more than a key, an index or a slice.
  ['{.items["kind"]}', 'error parsing jsonpath {.items["kind"]}, invalid array index "kind"'],
  ['{.items[kind]}', 'error parsing jsonpath {.items[kind]}, invalid array index kind'],
  ["{.items[ 'kind' ]}", "error parsing jsonpath {.items[ 'kind' ]}, invalid array index  'kind' "],
  ["{['a,b']}", "error parsing jsonpath {['a,b']}, invalid array index 'a"],
  ['{.items[-]}', 'error parsing jsonpath {.items[-]}, array index - is not a number'],
  ['{kind}', 'error parsing jsonpath {kind}, unrecognized identifier kind'],
]
for (const [template, want] of broken) {
  test(`jsonpath ${template} is refused`, () => assert.throws(() => parseJsonPath(template), { message: want }))
}

test('an index out of bounds is told with the object', () => {
  assert.throws(
    () => printJsonPath(parseJsonPath('{.items[3]}'), { items: [1] }),
    /array index out of bounds: index 3, length 1[\s\S]*map\[string\]interface \{\}\{"items":\[\]interface \{\}\{1\}\}/,
  )
})

for (const [template, why] of [
  ['{.items[-5]}', 'array index out of bounds: index -2, length 3'],
  ['{.items[0:4]}', 'array index out of bounds: index 3, length 3'],
  ['{.items[2:1]}', 'starting index 2 is greater than ending index 1'],
  ['{.items[0:3:0]}', 'step must be > 0'],
  ['{.items[0][0]}', 'map[string]interface {} is not array or slice'],
  ['{.kind[*]}', 'string is not array or slice'],
] as const)
  test(`jsonpath ${template} fails`, () => {
    assert.throws(
      () => printJsonPath(parseJsonPath(template), data),
      (error: Error) => error.message.includes(why),
    )
  })

test('a missing key is an error when it may not be missing', () => {
  assert.throws(() => printJsonPath(parseJsonPath('{.nope}'), data, false), /nope is not found/)
})

for (const path of ['.metadata.name', 'metadata.name', '{.metadata.name}', '{metadata.name}']) {
  test(`${path} is taken for a path where only paths are`, () => {
    assert.deepEqual(findValues(parseRelaxedPath(path), data.items[0]), ['n1'])
  })
}

test('the values of a range are those of its body, for each item', () => {
  assert.deepEqual(findValues(parseJsonPath('{range .items[*]}{.metadata.name}{" "}{.kind}{end}'), data), [
    'n1',
    'Node',
    'n2',
    'Node',
    'p',
    'Pod',
  ])
})

test('an index out of bounds is an error of the line, whoever asks for the values', () => {
  assert.throws(() => findValues(parseRelaxedPath('.items[9].kind'), data), {
    name: 'KubectlError',
    message: 'array index out of bounds: index 9, length 3',
  })
})
