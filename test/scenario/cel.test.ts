/** Expressions that checks are written in. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileCel } from '../../sim/scenario/cel.ts'

const expressions: { text: string; value?: unknown; error?: RegExp }[] = [
  { text: 'pods.size() + 1', value: 2 },
  { text: "pods.exists(p, p.spec.replicas == 3 && p.metadata.name.startsWith('a'))", value: true },
  { text: 'pods.map(p, p.metadata.name)', value: ['a'] },
  { text: 'pods[0].status.nothing', error: /nothing/ },
  { text: 'unknown.size()', error: /unresolved/ },
]
for (const { text, value, error } of expressions)
  test(`CEL ${text} gives ${error ?? JSON.stringify(value)}`, () => {
    const outcome = compileCel(text).evaluate({
      pods: [{ metadata: { name: 'a' }, spec: { replicas: 3 }, status: {} }],
    })
    if (error) assert.match('error' in outcome ? outcome.error : '', error)
    else assert.deepEqual(outcome, { value })
  })

test('what is no CEL is refused with its text', () => {
  assert.throws(() => compileCel('pods.filter(p,'), /not a CEL expression: pods\.filter\(p,/)
})
