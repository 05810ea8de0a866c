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

/** A moment (milliseconds since 1970) in the given strftime pattern. */
export function formatDate(epochMs: number, pattern: string): string {
  const at = new Date(epochMs)
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()]
  const [hours, minutes, seconds] = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()]
  const dayOfYear = Math.floor((Date.UTC(year, month, day) - Date.UTC(year, 0, 1)) / 86_400_000) + 1
  const fields: Record<string, string> = {
    Y: String(year),
    C: two(Math.floor(year / 100)),
    y: two(year % 100),
    m: two(month + 1),
    d: two(day),
    e: String(day).padStart(2),
    H: two(hours),
    I: two(hours % 12 || 12),
    M: two(minutes),
    S: two(seconds),
    N: String(Math.floor((epochMs % 1000) * 1e6)).padStart(9, '0'),
    p: hours < 12 ? 'AM' : 'PM',
    a: days[at.getUTCDay()].slice(0, 3),
    A: days[at.getUTCDay()],
    b: months[month].slice(0, 3),
    h: months[month].slice(0, 3),
    B: months[month],
    u: String(at.getUTCDay() || 7),
    w: String(at.getUTCDay()),
    j: String(dayOfYear).padStart(3, '0'),
    s: String(Math.floor(epochMs / 1000)),
    Z: 'UTC',
    z: '+0000',
    n: '\n',
    t: '\t',
    '%': '%',
  }
  fields.F = `${fields.Y}-${fields.m}-${fields.d}`
  fields.T = `${fields.H}:${fields.M}:${fields.S}`
  fields.R = `${fields.H}:${fields.M}`
  fields.D = `${fields.m}/${fields.d}/${fields.y}`
  fields.x = fields.D
  fields.X = fields.T
  fields.c = `${fields.a} ${fields.b} ${fields.e} ${fields.T} ${fields.Y}`
  return pattern.replace(/%([\s\S])/g, (whole, letter: string) => fields[letter] ?? whole)
}
