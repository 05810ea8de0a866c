import assert from 'node:assert/strict'
import { test } from 'node:test'
import { marksOver, sliderOf } from '../../../server/pages/time-bar.ts'

test('marks stand at their share of the time there is, and nowhere while there is none', () => {
  const done = [
    { atMs: 0, words: { typed: 'a' } },
    { atMs: 2500, words: { typed: 'b' } },
    { atMs: 10_000, words: { typed: 'c' } },
  ]
  assert.deepEqual(
    marksOver(10_000, done).map(({ x, label }) => `${label} ${x}`),
    ['a 0', 'b 250', 'c 1000'],
  )
  assert.deepEqual(marksOver(0, done), [])
})

test('a slider ends at the whole step beyond its end, and says where it stands to the tenth', () => {
  const asked = { action: '/here', kept: [], target: undefined, isPushed: false }
  const slider = sliderOf(61_234.5, 90_999, false, [], asked)
  assert.deepEqual(
    { max: slider.max, step: slider.step, value: slider.value, clock: slider.clock, endClock: slider.endClock },
    { max: 91_000, step: 500, value: 61_234, clock: '1:01.2', endClock: '1:31.0' },
  )
})
