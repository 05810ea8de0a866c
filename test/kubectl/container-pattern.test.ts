import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodSpec } from '../../sim/api/core/pod-types.ts'
import { changeContainers } from '../../sim/kubectl/commands/set/pod-spec.ts'

const names = ['web', 'web-2', 'db', 'a.b', 'aXb', 'a'.repeat(63)]
const spec = { containers: names.map((name) => ({ name, image: 'old' })) } as PodSpec

const chosen = (pattern: string): string[] =>
  changeContainers(
    spec,
    pattern,
    (container) => ({ ...container, image: 'new' }),
    () => undefined,
  ).containers.flatMap(({ name, image }) => (image === 'new' ? [name] : []))

for (const [pattern, wanted] of [
  ['web', ['web']],
  ['*', names],
  ['**', names],
  ['web*', ['web', 'web-2']],
  ['*b', ['web', 'db', 'a.b', 'aXb']],
  ['w*-*', ['web-2']],
  ['a.b', ['a.b']],
  ['web*b', []],
  ['w*e*b*2', ['web-2']],
  [`${'*a'.repeat(30)}*b`, []],
] as const)
  test(`${pattern} means ${wanted.length} of the containers`, () => {
    assert.deepEqual(chosen(pattern), wanted)
  })
