/** Source: gopkg.in/evanphx/json-patch.v4, which the API server and kubectl use. It is more lenient than RFC 6902. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StatusError } from '../../../sim/api/meta/status-error.ts'
import { applyOperations, JsonPatchError, jsonPatch, TestFailed } from '../../../sim/api/patch/json-patch.ts'
import { budgeted } from '../../../sim/engine/work.ts'

type Operation = { op?: unknown; path?: unknown; from?: unknown; value?: unknown }

const applied: [name: string, document: unknown, operations: Operation[], after: unknown][] = [
  ['add to a map', { a: 1 }, [{ op: 'add', path: '/b', value: 2 }], { a: 1, b: 2 }],
  ['add in place of what is there', { a: 1 }, [{ op: 'add', path: '/a', value: 2 }], { a: 2 }],
  ['add to a list', ['x', 'y'], [{ op: 'add', path: '/1', value: 'n' }], ['x', 'n', 'y']],
  ['add at the end', ['x'], [{ op: 'add', path: '/-', value: 'y' }], ['x', 'y']],
  ['add at the index after the last', ['x'], [{ op: 'add', path: '/1', value: 'y' }], ['x', 'y']],
  ['add counted from the end', ['x', 'y'], [{ op: 'add', path: '/-1', value: 'z' }], ['x', 'y', 'z']],
  ['add of nothing', {}, [{ op: 'add', path: '/a' }], { a: null }],
  ['add without the first slash', {}, [{ op: 'add', path: 'ignored/a', value: 1 }], { a: 1 }],
  ['replace of what is missing', {}, [{ op: 'replace', path: '/a', value: 1 }], { a: 1 }],
  ['replace counted from the end', ['x', 'y'], [{ op: 'replace', path: '/-1', value: 'z' }], ['x', 'z']],
  ['replace of all', { a: 1 }, [{ op: 'replace', path: '', value: { b: 2 } }], { b: 2 }],
  ['remove from a map', { a: 1, b: 2 }, [{ op: 'remove', path: '/a' }], { b: 2 }],
  ['remove counted from the end', ['x', 'y'], [{ op: 'remove', path: '/-2' }], ['y']],
  ['move', { a: { b: 1 } }, [{ op: 'move', from: '/a/b', path: '/c' }], { a: {}, c: 1 }],
  ['copy of what is missing', {}, [{ op: 'copy', from: '/a', path: '/b' }], { b: null }],
  ['escaped names', { 'a/b~': 1 }, [{ op: 'replace', path: '/a~1b~0', value: 2 }], { 'a/b~': 2 }],
  ['a test that holds', { a: { b: [1] } }, [{ op: 'test', path: '/a', value: { b: [1] } }], { a: { b: [1] } }],
  ['a test of what is missing for null', {}, [{ op: 'test', path: '/a', value: null }], {}],
  ['a test of all', { a: 1 }, [{ op: 'test', path: '', value: { a: 1 } }], { a: 1 }],
  [
    'one after the other',
    {},
    [
      { op: 'add', path: '/a', value: {} },
      { op: 'add', path: '/a/b', value: 1 },
    ],
    { a: { b: 1 } },
  ],
]
for (const [name, document, operations, after] of applied)
  test(`${name} is carried out`, () => {
    const before = structuredClone(document)
    assert.deepEqual(applyOperations(document, operations), after)
    assert.deepEqual(document, before)
  })

const refused: [document: unknown, operation: Operation, message: string][] = [
  [{}, { op: 'add', path: '/a/b' }, 'add operation does not apply: doc is missing path: "/a/b": missing value'],
  [{}, { op: 'add' }, 'add operation failed to decode path: missing value'],
  [{}, { op: 'add', path: '', value: {} }, 'add operation does not apply: doc is missing path: "": missing value'],
  [{ a: 1 }, { op: 'add', path: '/a/b' }, 'add operation does not apply: doc is missing path: "/a/b": missing value'],
  [
    {},
    { op: 'remove', path: '/a' },
    "error in remove for path: '/a': Unable to remove nonexistent key: a: missing value",
  ],
  [
    ['x'],
    { op: 'remove', path: '/1' },
    "error in remove for path: '/1': Unable to access invalid index: 1: invalid index referenced",
  ],
  [
    ['x'],
    { op: 'remove', path: '/-2' },
    "error in remove for path: '/-2': Unable to access invalid index: -2: invalid index referenced",
  ],
  [
    ['x'],
    { op: 'add', path: '/2' },
    "error in add for path: '/2': Unable to access invalid index: 2: invalid index referenced",
  ],
  [
    ['x'],
    { op: 'add', path: '/a' },
    `error in add for path: '/a': value was not a proper array index: 'a': strconv.Atoi: parsing "a": invalid syntax`,
  ],
  [
    ['x'],
    { op: 'replace', path: '/1', value: 1 },
    'replace operation does not apply: doc is missing key: /1: missing value',
  ],
  [
    {},
    { op: 'replace', path: '/a/b', value: 1 },
    'replace operation does not apply: doc is missing path: /a/b: missing value',
  ],
  [
    {},
    { op: 'move', from: '/a', path: '/b' },
    "error in move for path: 'a': Unable to remove nonexistent key: a: missing value",
  ],
  [
    {},
    { op: 'move', path: '/b' },
    'move operation failed to decode from: operation, missing from field: missing value',
  ],
  [
    { a: 1 },
    { op: 'copy', from: '/a', path: '/b/c' },
    'copy operation does not apply: doc is missing destination path: /b/c: missing value',
  ],
  [{}, { op: 'constructor', path: '/a' }, 'Unexpected kind: constructor'],
  [{}, { path: '/a' }, 'Unexpected kind: unknown'],
  [
    {},
    { op: 'add', path: '/__proto__/polluted', value: 1 },
    'add operation does not apply: doc is missing path: "/__proto__/polluted": missing value',
  ],
  [
    {},
    { op: 'add', path: '/constructor/prototype/polluted', value: 1 },
    'add operation does not apply: doc is missing path: "/constructor/prototype/polluted": missing value',
  ],
]
for (const [document, operation, message] of refused)
  test(`${JSON.stringify(operation)} of ${JSON.stringify(document)} is refused`, () => {
    assert.throws(
      () => applyOperations(document, [operation]),
      (error) => error instanceof JsonPatchError && error.message === message,
      message,
    )
    assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false)
  })

test('a test of another value is told apart', () => {
  const operation = { op: 'test', path: '/a', value: 2 }
  assert.throws(() => applyOperations({ a: 1 }, [operation]), TestFailed)
  assert.throws(() => applyOperations({ a: 1 }, [operation]), { message: 'testing value /a failed: test failed' })
})

test('what is put into a document is its own: not the patch’s, and not that of another place', () => {
  const value = { list: [1] }
  const operations = [
    { op: 'add', path: '/a', value },
    { op: 'copy', from: '/a', path: '/b' },
    { op: 'add', path: '/b/list/-', value: 2 },
    { op: 'add', path: '/a/more', value: true },
  ]
  assert.deepEqual(applyOperations({}, operations), { a: { list: [1], more: true }, b: { list: [1, 2] } })
  assert.deepEqual(value, { list: [1] })
})

test('copies that double what they copy end at the limit of all copies', () => {
  const operations = Array.from({ length: 40 }, () => ({ op: 'copy', from: '/a', path: '/a/-' }))
  assert.throws(() => applyOperations({ a: ['x'.repeat(100)] }, operations), {
    message: /^Unable to complete the copy, the accumulated size increase of copy is \d+, exceeding the limit 3145728$/,
  })
})

test('a patch that takes too long ends by its budget, not as one that is wrong', () => {
  const operations = Array.from({ length: 5000 }, () => ({ op: 'add', path: '/0', value: 1 }))
  assert.equal(
    budgeted(
      10_000,
      () => jsonPatch([], operations),
      () => 'exceeded',
    ),
    'exceeded',
  )
})

const undecodable: [patch: unknown, message: string][] = [
  [{ a: 1 }, 'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp'],
  ['x', 'error decoding patch: json: cannot unmarshal string into Go value of type []handlers.jsonPatchOp'],
  [['x'], 'error decoding patch: json: cannot unmarshal string into Go value of type handlers.jsonPatchOp'],
  [
    [{ op: 'add', path: 1 }],
    'error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.path of type string',
  ],
]
for (const [patch, message] of undecodable)
  test(`the API server cannot read ${JSON.stringify(patch)}`, () =>
    assert.throws(
      () => jsonPatch({}, patch),
      (error) => error instanceof StatusError && error.code === 400 && error.message === message,
    ))

test('the API server takes null for a patch of no operations', () => {
  assert.deepEqual(jsonPatch({ a: 1 }, null), { a: 1 })
})

test('the API server does not tell which operation was wrong', () => {
  assert.throws(
    () => jsonPatch({}, [{ op: 'remove', path: '/a' }]),
    (error) =>
      error instanceof StatusError && error.code === 422 && /^the server rejected our request/.test(error.message),
  )
  assert.throws(
    () =>
      jsonPatch(
        {},
        Array.from({ length: 10_001 }, () => ({ op: 'test', path: '' })),
      ),
    (error) => error instanceof StatusError && error.code === 413 && /got 10001$/.test(error.message),
  )
})
