// Patterns with `*`, as apt, dpkg and kubectl set read them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { starMatcher } from '../../sim/text/star-pattern.ts'

test('a pattern stands for what it says, in one go', () => {
  for (const [pattern, text, is] of [
    ['1.36.2-*', '1.36.2-1.1', true],
    ['1.36.*', '1.36.2-1.1', true],
    ['*', '', true],
    ['kube*', 'kubelet', true],
    ['*let', 'kubelet', true],
    ['k*b*t', 'kubelet', true],
    ['kubelet', 'kubelet', true],
    ['kubelet', 'kubelets', false],
    ['ab*ba', 'aba', false],
    ['a*b*c', 'acb', false],
    ['1.36.2', '1x36x2', false],
    [`${'*a'.repeat(500)}*b`, 'a'.repeat(20_000), false],
  ] as const)
    assert.equal(starMatcher(pattern)(text), is, `${pattern.slice(0, 20)} ${text.slice(0, 20)}`)
})
