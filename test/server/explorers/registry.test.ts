import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { explorerIds, explorerType } from '../../../server/explorers/registry.ts'

for (const id of explorerIds) {
  const type = explorerType(id)

  test(`${id} has each of its controls in one group, and a first state that can be run`, () => {
    assert.deepEqual(
      type.groups.flatMap(({ controls }) => controls),
      Object.keys(type.fields),
    )
    const { values, problems, plan } = type.read({})
    assert.deepEqual(problems, {})
    assert.deepEqual(
      values,
      Object.fromEntries(Object.entries(type.fields).map(([name, { initial }]) => [name, initial])),
    )
    assert.ok(plan && plan.scenario.steps.length > 0 && plan.manifest.length > 0)
  })
}

test('the rest of the server knows explorers through the registry alone', () => {
  const knowing = readdirSync('server', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.startsWith('explorers'))
    .filter((path) => explorerIds.some((id) => readFileSync(join('server', path), 'utf8').includes(id)))
  assert.deepEqual(knowing, [])
})
