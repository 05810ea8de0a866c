/** Cron schedules: what they mean, and how they are refused. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSchedule } from '../../../sim/api/batch/cron-job/schedule.ts'

const from = Date.UTC(2026, 10, 20, 8, 7, 21)
const next = (text: string, timeZone?: string, count = 1): string[] => {
  const schedule = parseSchedule(text, timeZone)
  const times: string[] = []
  for (
    let at: number | undefined = schedule.next(from);
    at !== undefined && times.length < count;
    at = schedule.next(at)
  )
    times.push(new Date(at).toISOString().slice(0, 16))
  return times
}

const cases: { text: string; timeZone?: string; want: string[] }[] = [
  { text: '* * * * *', want: ['2026-11-20T08:08', '2026-11-20T08:09'] },
  { text: '*/20 * * * *', want: ['2026-11-20T08:20', '2026-11-20T08:40'] },
  { text: '5/20 * * * *', want: ['2026-11-20T08:25', '2026-11-20T08:45'] },
  { text: '0 9-10 * * mon-fri', want: ['2026-11-20T09:00', '2026-11-20T10:00', '2026-11-23T09:00'] },
  { text: '0 0 1 jan,JUL *', want: ['2027-01-01T00:00', '2027-07-01T00:00'] },
  // Days of the month and of the week: either will do, unless one of them is a star.
  { text: '0 0 13 * 5', want: ['2026-11-27T00:00', '2026-12-04T00:00', '2026-12-11T00:00', '2026-12-13T00:00'] },
  { text: '0 0 ? * 0', want: ['2026-11-22T00:00', '2026-11-29T00:00'] },
  { text: '@hourly', want: ['2026-11-20T09:00', '2026-11-20T10:00'] },
  { text: '@weekly', want: ['2026-11-22T00:00'] },
  { text: '@every 1h30m', want: ['2026-11-20T09:37', '2026-11-20T11:07'] },
  { text: '30 1 * * *', timeZone: 'Europe/Berlin', want: ['2026-11-21T00:30'] },
  { text: '0 12 1 7 *', timeZone: 'Europe/Berlin', want: ['2027-07-01T10:00'] },
  { text: '0 0 30 2 *', want: [] },
]
for (const { text, timeZone, want } of cases) {
  test(`"${text}"${timeZone ? ` in ${timeZone}` : ''} is due at ${want[0] ?? 'no time'}`, () => {
    assert.deepEqual(next(text, timeZone, want.length), want)
  })
}

const refusals: [text: string, message: string][] = [
  ['', 'empty spec string'],
  ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
  ['60 * * * *', 'end of range (60) above maximum (59): 60'],
  ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
  ['* * * * 7', 'end of range (7) above maximum (6): 7'],
  ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
  ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
  ['*/2/3 * * * *', 'too many slashes: */2/3'],
  ['*/0 * * * *', 'step of range should be a positive number: */0'],
  ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
  ['@often', 'unrecognized descriptor: @often'],
]
for (const [text, message] of refusals) {
  test(`"${text}" is refused: ${message}`, () => {
    assert.throws(() => parseSchedule(text), { message })
  })
}
