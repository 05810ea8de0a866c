import assert from 'node:assert/strict'
import test from 'node:test'
import { parseGoDuration, printGoDuration, printHumanDuration } from '../../../sim/api/meta/duration.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

for (const { ms, text } of [
  { ms: -5 * SECOND, text: '<invalid>' },
  { ms: -SECOND, text: '0s' },
  { ms: 119 * SECOND, text: '119s' },
  { ms: 120 * SECOND, text: '2m' },
  { ms: 5 * MINUTE + 3 * SECOND, text: '5m3s' },
  { ms: 10 * MINUTE + 59 * SECOND, text: '10m' },
  { ms: 179 * MINUTE, text: '179m' },
  { ms: 180 * MINUTE, text: '3h' },
  { ms: 7 * HOUR + 5 * MINUTE, text: '7h5m' },
  { ms: 47 * HOUR, text: '47h' },
  { ms: 48 * HOUR, text: '2d' },
  { ms: 3 * DAY + 4 * HOUR, text: '3d4h' },
  { ms: 8 * DAY + 4 * HOUR, text: '8d' },
  { ms: 3 * 365 * DAY + 35 * DAY, text: '3y35d' },
  { ms: 10 * 365 * DAY, text: '10y' },
])
  test(`an age of ${ms} ms prints as ${text}`, () => assert.equal(printHumanDuration(ms), text))

for (const { text, ms, printed } of [
  { text: '1h30m', ms: 90 * MINUTE, printed: '1h30m0s' },
  { text: '90s', ms: 90 * SECOND, printed: '1m30s' },
  { text: '1.5s', ms: 1500, printed: '1.5s' },
  { text: '250ms', ms: 250, printed: '250ms' },
  { text: '0', ms: 0, printed: '0s' },
  { text: '-2m', ms: -2 * MINUTE, printed: '-2m0s' },
])
  test(`the Go duration ${text} is read, and written ${printed}`, () => {
    assert.equal(parseGoDuration(text), ms)
    assert.equal(printGoDuration(ms), printed)
  })

test('a number without a unit is no Go duration', () => assert.equal(parseGoDuration('10'), undefined))
