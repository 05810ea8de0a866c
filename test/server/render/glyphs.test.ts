import assert from 'node:assert/strict'
import { test } from 'node:test'
import { challengeYaml } from '../../../server/catalog/schemas.ts'
import { questionTypeNames } from '../../../server/questions/registry.ts'
import { glyph, levelGlyph } from '../../../server/render/glyphs.ts'

test('each type of questions and each style of challenges has a glyph of its own', () => {
  const names = [...new Set([...questionTypeNames, ...challengeYaml.shape.style.options])]
  const drawn = names.map(glyph)
  assert.ok(names.length > 12)
  assert.deepEqual(
    names.filter((_, n) => drawn[n] === ''),
    [],
  )
  assert.equal(new Set(drawn).size, names.length)
  assert.equal(glyph('constructor'), '')
})

test('a level fills as many steps of the podium', () => {
  for (const level of [1, 3, 5]) assert.equal(levelGlyph(level).match(/class="is-above"/g)?.length ?? 0, 5 - level)
})
