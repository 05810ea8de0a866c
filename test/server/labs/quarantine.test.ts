import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Quarantine } from '../../../server/labs/quarantine.ts'
import { LabRefusal } from '../../../server/labs/types.ts'

const minuteMs = 60_000

function at() {
  let nowMs = 0
  return {
    quarantine: new Quarantine(() => nowMs),
    pass: (ms: number) => {
      nowMs += ms
    },
  }
}

test('a lost thread puts its owner apart for ten minutes, and nobody else', () => {
  const { quarantine, pass } = at()
  quarantine.note('a')
  assert.equal(quarantine.holds('a'), true)
  assert.equal(quarantine.holds('b'), false)
  pass(9 * minuteMs)
  assert.equal(quarantine.holds('a'), true)
  pass(2 * minuteMs)
  assert.equal(quarantine.holds('a'), false)
})

test('who goes on has to pause, longer each time, and is told for how long', () => {
  const { quarantine, pass } = at()
  const waitOf = (): number => {
    try {
      quarantine.check('a')
      return 0
    } catch (error) {
      assert.ok(error instanceof LabRefusal)
      assert.equal(error.status, 429)
      return Number(error.values.seconds)
    }
  }
  const waits = [1, 2, 3, 4, 5].map(() => {
    quarantine.note('a')
    return waitOf()
  })
  assert.deepEqual(waits, [0, 0, 10, 20, 40])
  pass(39_000)
  assert.equal(waitOf(), 1)
  pass(1000)
  assert.equal(waitOf(), 0)
})
