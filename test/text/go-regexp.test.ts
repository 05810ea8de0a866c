import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileGoRegexp } from '../../sim/text/go-regexp.ts'

for (const [pattern, why] of [
  ['^(?:()$', 'missing closing ): `^(?:()$`'],
  ['^(?:))$', 'unexpected ): `^(?:))$`'],
  ['^(?:[a)$', 'missing closing ]: `[a)$`'],
  ['*', 'missing argument to repetition operator: `*`'],
] as const)
  test(`${pattern} is refused as Go refuses it`, () => {
    const refuse = (given: string): never => {
      throw new Error(given)
    }
    assert.throws(() => compileGoRegexp(pattern, refuse), { message: `error parsing regexp: ${why}` })
  })
