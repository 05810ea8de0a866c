/** RFC 3339 as Go's time.Parse reads it, and how it words what is none. Source: https://pkg.go.dev/time#Parse */

import { utf8Bytes } from './base64.ts'

export const RFC3339 = '2006-01-02T15:04:05Z07:00'
/** That of a MicroTime. Source: k8s.io/apimachinery/pkg/apis/meta/v1/micro_time.go */
export const RFC3339_MICRO = '2006-01-02T15:04:05.000000Z07:00'

/** The parts of the layout, each with what it takes. */
const parts: readonly (readonly [text: string, taken: RegExp])[] = [
  ['2006', /^\d{4}/],
  ['-', /^-/],
  ['01', /^\d\d/],
  ['-', /^-/],
  ['02', /^\d\d/],
  ['T', /^T/],
  ['15', /^\d\d/],
  [':', /^:/],
  ['04', /^\d\d/],
  [':', /^:/],
  ['05', /^\d\d(?:[.,]\d+)?/],
  ['Z07:00', /^(?:Z|[-+]\d\d:\d\d)/],
]

/** Why the text is no moment; undefined when it is one. */
export function rfc3339Problem(text: string, layout = RFC3339): string | undefined {
  const quoted = quote(text)
  let rest = text
  const numbers: Record<string, number> = {}
  for (const [part, taken] of parts) {
    const found = taken.exec(rest)?.[0]
    if (found === undefined) return `parsing time ${quoted} as "${layout}": cannot parse ${quote(rest)} as "${part}"`
    numbers[part] = Number.parseInt(found, 10)
    rest = rest.slice(found.length)
    const [least, most] = ranges[part] ?? [0, Number.NaN]
    if (numbers[part] < least || numbers[part] > most) return `parsing time ${quoted}: ${units[part]} out of range`
  }
  if (rest !== '') return `parsing time ${quoted}: extra text: ${quote(rest)}`
  const days = new Date(Date.UTC(numbers['2006'], numbers['01'], 0)).getUTCDate()
  return numbers['02'] < 1 || numbers['02'] > days ? `parsing time ${quoted}: day out of range` : undefined
}

/** Days depend on the month. */
const ranges: Readonly<Record<string, readonly [number, number]>> = {
  '01': [1, 12],
  15: [0, 23],
  '04': [0, 59],
  '05': [0, 59],
}
const units: Readonly<Record<string, string>> = { '01': 'month', 15: 'hour', '04': 'minute', '05': 'second' }

/** As package time quotes: what is no visible ASCII is told by its bytes. */
const quote = (text: string): string =>
  `"${[...text]
    .map((character) =>
      character === '"' || character === '\\'
        ? `\\${character}`
        : character >= ' ' && character < '\x7f'
          ? character
          : utf8Bytes(character)
              .map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`)
              .join(''),
    )
    .join('')}"`
