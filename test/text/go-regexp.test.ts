import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileGoRegexp } from '../../sim/text/go-regexp.ts'

for (const [pattern, why] of [
  ['^(?:()$', 'missing closing ): `^(?:()$`'],
  ['^(?:))$', 'unexpected ): `^(?:))$`'],
  ['^(?:[a)$', 'missing closing ]: `[a)$`'],
  ['*', 'missing argument to repetition operator: `*`'],
  ['a**', 'invalid nested repetition operator: `**`'],
  ['a{2}{3}', 'invalid nested repetition operator: `{2}{3}`'],
  ['^a{1,2000}$', 'invalid repeat count: `{1,2000}`'],
] as const)
  test(`${pattern} is refused as Go refuses it`, () => {
    const refuse = (given: string): never => {
      throw new Error(given)
    }
    assert.throws(() => compileGoRegexp(pattern, refuse), { message: `error parsing regexp: ${why}` })
  })

for (const [pattern, text] of [
  ['^(?i)a[a-z_]*$', 'ABC'],
  ['x(?i:y)z', 'xYz'],
  ['[(?i)]+', '(i'],
  ['\\(?', '('],
  ['a+?b{1,3}', 'aabb'],
  ['\\101[[:^digit:]]', 'Ax'],
] as const)
  test(`${pattern} matches ${text}`, () => {
    assert.equal(compileGoRegexp(pattern, assert.fail)(text), true)
  })
