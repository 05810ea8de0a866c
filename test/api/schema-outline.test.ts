import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kinds } from '../../sim/api/registry.ts'
import { outlineOf } from '../../sim/api/schema/outline.ts'

test('each kind has an outline in which every reference leads somewhere', () => {
  for (const { apiVersion, kind } of kinds) {
    const outline = outlineOf(apiVersion, kind)
    assert.ok(outline, `${apiVersion} ${kind}`)
    const text = JSON.stringify(outline.definitions)
    for (const [, name] of text.matchAll(/"\$ref":"([^"]+)"/g))
      assert.ok(outline.definitions[name!], `${kind}: ${name}`)
    assert.equal(outline.definitions[outline.root]!.properties?.status, undefined)
  }
})

test('there is no outline of what is no kind', () => {
  assert.equal(outlineOf('v1', 'Pot'), undefined)
  assert.equal(outlineOf('apps/v1', 'Pod'), undefined)
})
