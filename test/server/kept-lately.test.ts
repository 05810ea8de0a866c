import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KeptLately } from '../../server/kept-lately.ts'

test('the oldest go first, by number and by length; the latest stays however long it is', () => {
  const kept = new KeptLately<unknown>({ values: 3, characters: 1000 })
  for (const name of ['a', 'b', 'c', 'd']) kept.keep(name, name)
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((name) => kept.find(name)),
    [undefined, 'b', 'c', 'd'],
  )
  kept.keep('e', { stdout: 'x'.repeat(900) })
  kept.keep('f', [{ text: 'x'.repeat(200) }])
  assert.deepEqual(
    [kept.find('d'), kept.find('e'), kept.find('f')],
    [undefined, undefined, [{ text: 'x'.repeat(200) }]],
  )
  kept.keep('g', 'x'.repeat(5000))
  assert.deepEqual([kept.find('f'), String(kept.find('g')).length], [undefined, 5000])
  assert.equal(kept.take('g'), 'x'.repeat(5000))
  assert.equal(kept.find('g'), undefined)
})

test('whatever is kept and taken, no more is held than there is room for, besides the latest', () => {
  const acts = fc.array(
    fc.tuple(fc.constantFrom('keep', 'keep', 'take'), fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.nat({ max: 400 })),
  )
  fc.assert(
    fc.property(acts, (all) => {
      const kept = new KeptLately<string>({ values: 3, characters: 500 })
      const names: string[] = []
      for (const [act, name, length] of all) {
        if (act === 'keep') kept.keep(name, 'x'.repeat(length))
        else kept.take(name)
        names.push(name)
        const held = [...new Set(names)].flatMap((one) => kept.find(one) ?? [])
        const characters = held.reduce((sum, text) => sum + text.length, 0)
        assert.ok(held.length <= 3, String(held.length))
        assert.ok(characters <= 500, String(characters))
        assert.equal(kept.find(name)?.length, act === 'keep' ? length : undefined)
      }
    }),
  )
})
