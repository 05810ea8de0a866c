/** strftime in UTC. */

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const two = (n: number): string => String(n).padStart(2, '0')

type Field = (at: Date) => string

const field: Readonly<Record<string, Field>> = {
  Y: (at) => String(at.getUTCFullYear()),
  C: (at) => two(Math.floor(at.getUTCFullYear() / 100)),
  y: (at) => two(at.getUTCFullYear() % 100),
  m: (at) => two(at.getUTCMonth() + 1),
  d: (at) => two(at.getUTCDate()),
  e: (at) => String(at.getUTCDate()).padStart(2),
  H: (at) => two(at.getUTCHours()),
  I: (at) => two(at.getUTCHours() % 12 || 12),
  M: (at) => two(at.getUTCMinutes()),
  S: (at) => two(at.getUTCSeconds()),
  N: (at) => String(at.getUTCMilliseconds() * 1e6).padStart(9, '0'),
  p: (at) => (at.getUTCHours() < 12 ? 'AM' : 'PM'),
  a: (at) => days[at.getUTCDay()].slice(0, 3),
  A: (at) => days[at.getUTCDay()],
  b: (at) => months[at.getUTCMonth()].slice(0, 3),
  h: (at) => months[at.getUTCMonth()].slice(0, 3),
  B: (at) => months[at.getUTCMonth()],
  u: (at) => String(at.getUTCDay() || 7),
  w: (at) => String(at.getUTCDay()),
  j: (at) => String(Math.floor((at.getTime() - Date.UTC(at.getUTCFullYear(), 0, 1)) / 86_400_000) + 1).padStart(3, '0'),
  s: (at) => String(Math.floor(at.getTime() / 1000)),
  Z: () => 'UTC',
  z: () => '+0000',
  n: () => '\n',
  t: () => '\t',
  '%': () => '%',
}

const shorthand: Readonly<Record<string, string>> = {
  F: '%Y-%m-%d',
  T: '%H:%M:%S',
  X: '%H:%M:%S',
  R: '%H:%M',
  D: '%m/%d/%y',
  x: '%m/%d/%y',
  c: '%a %b %e %H:%M:%S %Y',
}

/** From 1970, both ways: there is no date beyond. Source: https://tc39.es/ecma262/#sec-time-values-and-time-range */
export const farthestMs = 8.64e15

/** A moment (milliseconds since 1970) in the given strftime pattern; what is no field stays as it is. */
export function formatDate(epochMs: number, pattern: string): string {
  const within = Math.min(Math.max(epochMs || 0, -farthestMs), farthestMs)
  return printParts(new Date(within), parsePattern(pattern))
}

/** A pattern as texts and fields, with shorthands written out. */
function parsePattern(pattern: string): readonly (string | Field)[] {
  return pattern.split(/(%[\s\S])/).flatMap((part) => {
    if (part.length !== 2 || part[0] !== '%') return [part]
    const code = part[1]
    return Object.hasOwn(shorthand, code) ? parsePattern(shorthand[code]) : [field[code] ?? part]
  })
}

function printParts(at: Date, parts: readonly (string | Field)[]): string {
  let text = ''
  for (const part of parts) text += typeof part === 'string' ? part : part(at)
  return text
}

/** The same pattern again and again, for servers that stamp each answer: the last second's text is kept. */
export function dateFormatter(pattern: string): (epochMs: number) => string {
  const parts = parsePattern(pattern)
  let last = Number.NaN
  let text = ''
  return (epochMs) => {
    const second = Math.floor(epochMs / 1000)
    if (second !== last) {
      last = second
      text = printParts(new Date(second * 1000), parts)
    }
    return text
  }
}
