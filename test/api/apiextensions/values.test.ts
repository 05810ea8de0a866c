import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonSchema } from '../../../sim/api/apiextensions/types.ts'
import { fillDefaults } from '../../../sim/api/apiextensions/values.ts'

const schema: JsonSchema = {
  type: 'object',
  properties: {
    kept: { type: 'string', nullable: true },
    gone: { type: 'string' },
    given: { type: 'string', nullable: true, default: 'd' },
    filled: { type: 'string', default: 'd' },
    constructor: { type: 'string', default: 'd' },
  },
}

test('a null takes the default, stays where the schema allows it, and goes elsewhere', () => {
  const value = { kept: null, gone: null, given: null, filled: null }
  fillDefaults(schema, value)
  assert.deepEqual(value, { kept: null, given: 'd', filled: 'd', constructor: 'd' })
})

test('what is there stays, and what is not takes the default, whatever its name', () => {
  const value = { given: 'own' }
  fillDefaults(schema, value)
  assert.deepEqual(value, { given: 'own', filled: 'd', constructor: 'd' })
})
