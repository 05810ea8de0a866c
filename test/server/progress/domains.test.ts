import assert from 'node:assert/strict'
import { test } from 'node:test'
import { examProgress } from '../../../server/progress/domains.ts'

test('an exam is known by its domains, each by its weight and not by the number of its questions', () => {
  const groups = [
    { id: 'heavy', weight: 30, ids: ['a', 'b'] },
    { id: 'light', weight: 10, ids: ['c', 'd', 'e', 'f'] },
    { id: 'empty', weight: 10, ids: [] },
  ]
  const known = examProgress(groups, new Set(['a', 'c', 'd', 'e', 'f', 'of no exam']))
  assert.deepEqual(
    known.domains.map(({ id, right, questions }) => `${id} ${right}/${questions}`),
    ['heavy 1/2', 'light 4/4', 'empty 0/0'],
  )
  assert.equal(known.share, (15 + 10) / 50)
})
