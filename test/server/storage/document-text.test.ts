/** What is written of a document's change gives the changed document again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { applySplices, printDocument, spliceBetween } from '../../../server/storage/document-text.ts'

test('splices turn the text of any document into that of any other', () => {
  const anyDocument = fc.oneof(
    fc.jsonValue(),
    fc.record({ a: fc.string(), b: fc.jsonValue(), c: fc.string({ unit: 'binary' }) }),
  )
  fc.assert(
    fc.property(anyDocument, anyDocument, (before, after) => {
      const [old, next] = [printDocument(before), printDocument(after)]
      assert.equal(next.text, JSON.stringify(after))
      const splices = JSON.parse(JSON.stringify(spliceBetween(old, next)))
      assert.equal(applySplices(old.text, splices), next.text)
      assert.equal(applySplices(old.text, spliceBetween({ text: old.text }, next)), next.text)
    }),
    { numRuns: 500 },
  )
})

test('what changes in two members of a large document costs as much as the change', () => {
  const before = {
    at: 1000,
    log: Array.from({ length: 500 }, (_, n) => `command ${n}`),
    drafts: { file: 'x'.repeat(9000) },
  }
  const after = { ...before, at: 1001, drafts: { file: `${'x'.repeat(9000)}y` } }
  const splices = spliceBetween(printDocument(before), printDocument(after))
  assert.ok(JSON.stringify(splices).length < 50, JSON.stringify(splices))
})

test('a member that is nothing in JSON is left out, and a document that is nothing is refused', () => {
  assert.equal(printDocument({ a: undefined, b: 1 }).text, '{"b":1}')
  assert.throws(() => printDocument(undefined), /undefined cannot be stored/)
})

test('a splice beyond the text is refused', () => {
  assert.throws(() => applySplices('abc', [[2, 5, '']]), /there is no character 7/)
})
