import assert from 'node:assert/strict'
import test from 'node:test'
import { fieldsMatch, parseFieldSelector } from '../../../sim/api/meta/field-selector.ts'

const fields = { 'metadata.name': 'p', 'status.phase': 'Running', 'spec.nodeName': '' }

for (const { text, matches } of [
  { text: 'status.phase=Running', matches: true },
  { text: 'status.phase==Running,metadata.name=p', matches: true },
  { text: 'status.phase!=Running', matches: false },
  { text: 'spec.nodeName=', matches: true },
  { text: '', matches: true },
])
  test(`field selector "${text}" ${matches ? 'matches' : 'does not match'}`, () =>
    assert.equal(fieldsMatch(parseFieldSelector(text), fields), matches))

test('a field that cannot be selected by is named', () =>
  assert.throws(() => fieldsMatch(parseFieldSelector('spec.foo=1'), fields), {
    message: 'field label not supported: spec.foo',
  }))

test('text without an operator is refused', () =>
  assert.throws(() => parseFieldSelector('nonsense'), {
    message: "invalid selector: 'nonsense'; can't understand 'nonsense'",
  }))
