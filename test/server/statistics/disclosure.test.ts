/** Which groups' counts may be told: none of them leads to a person. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tellableGroups } from '../../../server/statistics/disclosure.ts'

const told = (groups: [string, number, number][], people: number, selected: number): string[] =>
  tellableGroups(
    groups.map(([group, own, ownSelected]) => ({ group, people: own, selected: ownSelected })),
    { people, selected },
  ).map(({ group }) => group)

const cases: { name: string; groups: [string, number, number][]; all: [number, number]; want: string[] }[] = [
  {
    name: 'two large groups beside some who did not answer',
    groups: [
      ['a', 50, 30],
      ['b', 40, 15],
    ],
    all: [100, 50],
    want: ['a', 'b'],
  },
  {
    name: 'two large groups of everybody',
    groups: [
      ['a', 50, 30],
      ['b', 40, 15],
    ],
    all: [90, 45],
    want: ['a', 'b'],
  },
  {
    name: 'nothing of one group alone',
    groups: [
      ['a', 50, 30],
      ['b', 29, 15],
    ],
    all: [100, 50],
    want: [],
  },
  {
    name: 'no group below 30',
    groups: [
      ['a', 50, 30],
      ['b', 40, 15],
      ['c', 29, 20],
    ],
    all: [140, 80],
    want: ['a', 'b'],
  },
  {
    name: 'not the smallest large one where one person would be left over',
    groups: [
      ['a', 50, 30],
      ['b', 40, 15],
      ['d', 30, 12],
      ['c', 1, 1],
    ],
    all: [121, 58],
    want: ['a', 'b'],
  },
  {
    name: 'nothing where one person is left over of two groups',
    groups: [
      ['a', 50, 30],
      ['b', 40, 15],
    ],
    all: [91, 46],
    want: [],
  },
  {
    name: 'nothing where all who were selected are in one group',
    groups: [
      ['a', 50, 30],
      ['b', 40, 0],
    ],
    all: [90, 30],
    want: [],
  },
  {
    name: 'a group of which nobody was selected where others may be of it',
    groups: [
      ['a', 50, 30],
      ['b', 40, 0],
    ],
    all: [110, 40],
    want: ['a', 'b'],
  },
  {
    name: 'nothing where all who were not selected are in one group',
    groups: [
      ['a', 50, 50],
      ['b', 40, 36],
    ],
    all: [90, 86],
    want: [],
  },
  {
    name: 'that nobody at all was selected',
    groups: [
      ['a', 50, 0],
      ['b', 40, 0],
    ],
    all: [90, 0],
    want: ['a', 'b'],
  },
  { name: 'nothing without answers', groups: [], all: [90, 45], want: [] },
]
for (const { name, groups, all, want } of cases)
  test(`tellableGroups tells ${name}`, () => assert.deepEqual(told(groups, ...all), want))

test('whatever is told, of each outcome five people are outside of each group, and one alone is never left over', () => {
  let state = 7
  const draw = (most: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state % (most + 1)
  }
  let tellings = 0
  for (let n = 0; n < 3000; n++) {
    const groups = ['a', 'b', 'c', 'd'].map((group) => {
      const people = draw(70)
      return { group, people, selected: draw(people) }
    })
    const silent = draw(8)
    const all = {
      people: groups.reduce((sum, { people }) => sum + people, silent),
      selected: groups.reduce((sum, { selected }) => sum + selected, draw(silent)),
    }
    const shown = tellableGroups(groups, all)
    if (shown.length === 0) continue
    tellings++
    const rest = all.people - shown.reduce((sum, { people }) => sum + people, 0)
    assert.equal(rest === 0 || rest >= 5, true)
    for (const { people, selected } of shown) {
      assert.equal(people >= 30, true)
      assert.equal(all.selected === 0 || all.selected - selected >= 5, true)
      const others = all.people - all.selected
      assert.equal(others === 0 || others - (people - selected) >= 5, true)
    }
  }
  assert.equal(tellings > 500, true)
})
