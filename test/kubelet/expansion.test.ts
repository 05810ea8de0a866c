import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expandVariables } from '../../sim/kubelet/expansion.ts'

const env: Record<string, string> = { A: 'a', B: 'b', EMPTY: '' }
const cases: [text: string, expanded: string][] = [
  ['$(A)', 'a'],
  ['x$(A)y$(B)z', 'xaybz'],
  ['$(EMPTY)', ''],
  ['$(UNKNOWN)', '$(UNKNOWN)'],
  ['$$(A)', '$(A)'],
  ['$$$(A)', '$a'],
  ['$$$$(A)', '$$(A)'],
  ['$(A', '$(A'],
  ['$A', '$A'],
  ['$', '$'],
  ['a$', 'a$'],
  ['$$', '$'],
  ['plain', 'plain'],
]
for (const [text, expanded] of cases)
  test(`'${text}' becomes '${expanded}'`, () =>
    assert.equal(
      expandVariables(text, (name) => env[name]),
      expanded,
    ))
