import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { exams } from '../../../server/catalog/exams.ts'
import { apportion, draw, drawWithin } from '../../../server/exams/draw.ts'
import type { Group } from '../../../server/exams/pools.ts'

const cka = (available: number) =>
  Object.entries(exams.cka.domains).map(([id, { weight }]) => ({ id, weight, available }))

const apportioned: [number, number, number[]][] = [
  [40, 100, [10, 6, 8, 4, 12]],
  [20, 100, [5, 3, 4, 2, 6]],
  [15, 100, [4, 2, 3, 2, 4]],
  [1, 100, [0, 0, 0, 0, 1]],
  [40, 8, [8, 8, 8, 8, 8]],
  [100, 3, [3, 3, 3, 3, 3]],
  [0, 5, [0, 0, 0, 0, 0]],
]
for (const [count, available, shares] of apportioned)
  test(`of ${count} questions, with ${available} in each domain, the CKA's domains get ${shares}`, () =>
    assert.deepEqual([...apportion(count, cka(available)).values()], shares))

test('what a domain is short of is divided among the others by weight', () => {
  const groups = cka(100).map((group) => (group.id === 'troubleshooting' ? { ...group, available: 5 } : group))
  assert.deepEqual([...apportion(40, groups).values()], [13, 7, 10, 5, 5])
})

const someGroups = fc
  .uniqueArray(
    fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      weight: fc.integer({ min: 1, max: 40 }),
      size: fc.nat(30),
    }),
    { minLength: 1, selector: ({ id }) => id },
  )
  .map((groups): Group[] =>
    groups.map(({ id, weight, size }) => ({
      id,
      weight,
      ids: Array.from({ length: size }, (_, n) => `${id}/${n}`),
    })),
  )

const check = (property: fc.IProperty<[Group[], number, string]>) => fc.assert(property, { seed: 1, numRuns: 300 })
const all = (groups: Group[]) => groups.reduce((sum, { ids }) => sum + ids.length, 0)

test('as many are drawn as are asked for, or all there are, each from its group and none twice', () =>
  check(
    fc.property(someGroups, fc.nat(60), fc.string(), (groups, count, seed) => {
      const drawn = draw(groups, count, seed)
      assert.equal(drawn.length, Math.min(count, all(groups)))
      assert.equal(new Set(drawn.map(({ id }) => id)).size, drawn.length)
      for (const { id, group } of drawn) assert.ok(groups.find((one) => one.id === group)!.ids.includes(id))
    }),
  ))

test('a group is less than one question away from its weight, unless some group is short of questions', () =>
  check(
    fc.property(someGroups, fc.nat(60), fc.string(), (groups, count, seed) => {
      const weights = groups.reduce((sum, { weight }) => sum + weight, 0)
      const quotaOf = ({ weight }: Group) => (count * weight) / weights
      const drawn = draw(groups, count, seed)
      const shareOf = ({ id }: Group) => drawn.filter(({ group }) => group === id).length
      const isShort = groups.some((group) => group.ids.length < Math.ceil(quotaOf(group)))
      for (const group of groups) {
        if (!isShort) assert.ok(Math.abs(shareOf(group) - quotaOf(group)) < 1, `${group.id}: ${shareOf(group)}`)
        // Whoever is short gives all; whoever is not gets at least what is due.
        else assert.ok(shareOf(group) >= Math.min(group.ids.length, Math.floor(quotaOf(group) + 1e-9)))
      }
    }),
  ))

test('the same seed draws the same, in whatever order the questions come', () =>
  check(
    fc.property(someGroups, fc.nat(60), fc.string(), (groups, count, seed) => {
      const turned = groups.map((group) => ({ ...group, ids: [...group.ids].reverse() }))
      assert.deepEqual(draw(turned, count, seed), draw(groups, count, seed))
    }),
  ))

test('other seeds draw other questions, in time all of them', () => {
  const groups = cka(30).map(({ id, weight }) => ({
    id,
    weight,
    ids: Array.from({ length: 30 }, (_, n) => `${id}/${n}`),
  }))
  const draws = Array.from({ length: 200 }, (_, n) => draw(groups, 15, `seed-${n}`).map(({ id }) => id))
  assert.equal(new Set(draws.map((ids) => ids.join())).size, draws.length)
  assert.equal(new Set(draws.flat()).size, 150)
})

/** From 1 to 40, of the letters of the id. */
const minutesOf = (id: string) => ([...id].reduce((sum, letter) => sum + letter.charCodeAt(0) * 7, 0) % 40) + 1
const total = (drawn: readonly { id: string }[]) => drawn.reduce((sum, { id }) => sum + minutesOf(id), 0)

test('within a time as many are drawn of each group, and where shorter ones are left it is kept', () =>
  check(
    fc.property(someGroups, fc.nat(30), fc.string(), (groups, count, seed) => {
      const most = 6 * count
      const [free, within] = [draw(groups, count, seed), drawWithin(groups, count, seed, { minutesOf, most })]
      assert.deepEqual(
        within.map(({ group }) => group),
        free.map(({ group }) => group),
      )
      assert.equal(new Set(within.map(({ id }) => id)).size, within.length)
      for (const { id, group } of within) assert.ok(groups.find((one) => one.id === group)!.ids.includes(id))
      if (total(free) <= most) assert.deepEqual(within, free)
      else assert.ok(total(within) <= total(free))
      if (total(within) <= most) return
      const isDrawn = new Set(within.map(({ id }) => id))
      for (const { id, group } of within) {
        const spare = groups.find((one) => one.id === group)!.ids.filter((one) => !isDrawn.has(one))
        assert.ok(spare.every((one) => minutesOf(one) >= minutesOf(id)))
      }
    }),
  ))
