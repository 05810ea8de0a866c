// Which challenges hands-on exams draw their tasks from.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type HandsOnPool, handsOnPools } from '../../../server/catalog/exams.ts'
import { readHandsOn } from '../../../server/catalog/hands-on.ts'
import { loadCatalogOrThrow } from '../../../server/catalog/load.ts'
import type { Problem } from '../../../server/catalog/source.ts'
import { drawWithin } from '../../../server/exams/draw.ts'
import { taskGroups } from '../../../server/exams/pools.ts'
import { lengths } from '../../../server/pages/hands-on/setup.ts'
import { projectCatalog } from '../../support/content.ts'
import { fixtureFolder } from '../support.ts'

const fixture = await loadCatalogOrThrow(fixtureFolder)
const real = await projectCatalog()

function read(text: string) {
  const problems: Problem[] = []
  const handsOn = readHandsOn(new Map([['hands-on.yaml', text]]), fixture, problems)
  return { handsOn, problems: problems.map(({ file, line, message }) => `${file}:${line}: ${message}`) }
}

test('what is wrong with the file is told with its line', () => {
  assert.deepEqual(read('cka:\n  storage: [three-pods]\n'), {
    handsOn: { cka: { storage: ['three-pods'] } },
    problems: [],
  })
  assert.deepEqual(read('cka:\n  storage:\n    - three-pods\n    - nowhere\n').problems, [
    'content/hands-on.yaml:4: cka: there is no challenge "nowhere"',
  ])
  assert.deepEqual(read('cka:\n  storage: [three-pods]\n  troubleshooting: [three-pods]\n').problems, [
    'content/hands-on.yaml:3: cka: "three-pods" is listed twice',
  ])
  for (const text of ['cks: {}', 'cka: { cooking: [three-pods] }', 'cka: { storage: [] }', '- cka'])
    assert.equal(read(text).problems.length, 1, text)
  assert.deepEqual(readHandsOn(new Map(), fixture, []), {})
})

test('each exam has enough tasks of every group for its longest form', () => {
  for (const pool of handsOnPools)
    for (const { count } of Object.values(lengths[pool]))
      for (const { id, weight, ids } of taskGroups(real, pool))
        assert.ok(ids.length >= Math.ceil((count * weight) / 100), `${pool}: ${id} has ${ids.length}`)
})

test('whatever the seed, an exam can be done in its time by whoever needs the minutes that each task says', () => {
  const minutesOf = (id: string) => real.challenges.get(id)!.spec.minutes
  for (const pool of handsOnPools)
    for (const { count, minutes } of Object.values(lengths[pool as HandsOnPool]))
      for (let n = 0; n < 300; n++) {
        const drawn = drawWithin(taskGroups(real, pool), count, `seed-${n}`, { minutesOf, most: minutes })
        const total = drawn.reduce((sum, { id }) => sum + minutesOf(id), 0)
        assert.equal(drawn.length, count)
        assert.ok(total <= minutes, `${pool}, seed-${n}: ${total} of ${minutes} minutes`)
      }
})

test('every exam task of the content is asked by some exam', () => {
  const asked = new Set(handsOnPools.flatMap((pool) => Object.values(real.handsOn[pool] ?? {}).flat()))
  const tasks = [...real.challenges.values()].filter(({ spec }) => spec.style === 'task').map(({ id }) => id)
  assert.deepEqual(
    tasks.filter((id) => !asked.has(id)),
    [],
  )
})
