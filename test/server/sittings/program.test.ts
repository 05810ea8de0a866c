import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isOfProgram, markOf, openedBy, ownMark } from '../../../server/sittings/program.ts'
import { engineVersion, graderVersion } from '../../../sim/index.ts'

test('a sitting is opened by the simulator and the grader of now, once', () => {
  const opened = openedBy({ id: 'a' } as { id: string; engine?: string; grader?: string })
  assert.deepEqual(opened, { id: 'a', engine: engineVersion, grader: graderVersion })
  assert.equal(markOf(opened), ownMark)
  const former = { engine: '0.1.0', grader: '3' }
  assert.equal(openedBy(former), former)
  const withoutGrader = { engine: '0.1.0' }
  assert.equal(openedBy(withoutGrader), withoutGrader)
})

test('another grader is another program, and a sitting that names none takes any of its simulator', () => {
  const sitting = { engine: '1.2', grader: '4' }
  assert.equal(isOfProgram(sitting, '1.2/4'), true)
  for (const mark of ['1.2/5', '1.3/4', '1.2', '']) assert.equal(isOfProgram(sitting, mark), false, mark)
  for (const mark of ['1.2/5', '1.2/4', '1.2']) assert.equal(isOfProgram({ engine: '1.2' }, mark), true, mark)
  assert.equal(isOfProgram({ engine: '1.2' }, '1.20/4'), false)
  assert.equal(isOfProgram({}, '1.2/4'), true)
})
