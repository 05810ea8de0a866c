/**
 * Sprig's functions over dates, by the cluster's clock. Source: https://masterminds.github.io/sprig/date.html
 * Simplified: every time zone is UTC.
 */
import { parseGoDuration, printGoDuration } from '../../api/meta/duration.ts'
import { charge } from '../../engine/work.ts'
import { CallError, goFunction as fn, type GoFunction } from '../../go-template/functions.ts'
import { GoStruct, typeName } from '../../go-template/values.ts'

const months = 'January February March April May June July August September October November December'.split(' ')
const days = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')
const two = (value: number): string => String(value).padStart(2, '0')

/** A time.Time. */
class GoTime extends GoStruct {
  readonly epochMs: number
  constructor(epochMs: number) {
    charge(40)
    const at = new Date(epochMs)
    const number = (read: () => number) => ({ params: '', run: () => BigInt(read()) })
    super(
      'time.Time',
      {},
      {
        Format: { params: 'string', run: (layout: string) => formatTime(layout, epochMs) },
        String: { params: '', run: () => formatTime('2006-01-02 15:04:05.999999999 -0700 MST', epochMs) },
        Unix: number(() => Math.floor(epochMs / 1000)),
        UnixMilli: number(() => epochMs),
        UnixNano: { params: '', run: () => BigInt(Math.round(epochMs)) * 1_000_000n },
        Year: number(() => at.getUTCFullYear()),
        Month: { params: '', run: () => months[at.getUTCMonth()] },
        Day: number(() => at.getUTCDate()),
        Hour: number(() => at.getUTCHours()),
        Minute: number(() => at.getUTCMinutes()),
        Second: number(() => at.getUTCSeconds()),
        Weekday: { params: '', run: () => days[at.getUTCDay()] },
        YearDay: number(() => dayOfYear(at)),
        UTC: { params: '', run: () => new GoTime(epochMs) },
        Local: { params: '', run: () => new GoTime(epochMs) },
      },
    )
    this.epochMs = epochMs
  }
}

const dayOfYear = (at: Date): number =>
  Math.floor(
    (Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()) - Date.UTC(at.getUTCFullYear(), 0, 0)) /
      86_400_000,
  )

const layoutPart =
  /January|Jan|Monday|Mon|MST|2006|15|01|02|03|04|05|06|002|_2|Z07:00|Z0700|-07:00|-0700|-07|PM|pm|[.,]0+|[.,]9+|1|2|3|4|5/g

/** A moment as Go's layouts show it. */
function formatTime(layout: string, epochMs: number): string {
  charge(40)
  const at = new Date(epochMs)
  const hour = at.getUTCHours()
  const show: Readonly<Record<string, () => string>> = {
    January: () => months[at.getUTCMonth()]!,
    Jan: () => months[at.getUTCMonth()]!.slice(0, 3),
    Monday: () => days[at.getUTCDay()]!,
    Mon: () => days[at.getUTCDay()]!.slice(0, 3),
    MST: () => 'UTC',
    2006: () => String(at.getUTCFullYear()),
    '06': () => two(at.getUTCFullYear() % 100),
    '01': () => two(at.getUTCMonth() + 1),
    1: () => String(at.getUTCMonth() + 1),
    '02': () => two(at.getUTCDate()),
    2: () => String(at.getUTCDate()),
    _2: () => String(at.getUTCDate()).padStart(2),
    '002': () => String(dayOfYear(at)).padStart(3, '0'),
    15: () => two(hour),
    '03': () => two(hour % 12 || 12),
    3: () => String(hour % 12 || 12),
    '04': () => two(at.getUTCMinutes()),
    4: () => String(at.getUTCMinutes()),
    '05': () => two(at.getUTCSeconds()),
    5: () => String(at.getUTCSeconds()),
    PM: () => (hour < 12 ? 'AM' : 'PM'),
    pm: () => (hour < 12 ? 'am' : 'pm'),
    'Z07:00': () => 'Z',
    Z0700: () => 'Z',
    '-07:00': () => '+00:00',
    '-0700': () => '+0000',
    '-07': () => '+00',
  }
  const fraction = String(Math.floor(epochMs) % 1000).padStart(3, '0')
  return layout.replace(layoutPart, (part) => {
    const shown = show[part]
    if (shown) return shown()
    const digits = fraction.padEnd(part.length - 1, '0').slice(0, part.length - 1)
    if (part[1] === '0') return part[0] + digits
    const cut = digits.replace(/0+$/, '')
    return cut ? part[0] + cut : ''
  })
}

/** What stands for a part of a layout. */
function takenBy(part: string): RegExp {
  if (/^(January|Jan|Monday|Mon|MST)$/.test(part)) return /^[A-Za-z]+/
  if (part.includes('07')) return /^(Z|[-+]\d\d(:?\d\d)?)/
  if (part === '2006') return /^\d{4}/
  if (part === '002') return /^\d{3}/
  if (/^[.,]/.test(part)) return /^[.,]\d+/
  if (/^pm$/i.test(part)) return /^[AaPp][Mm]/
  return /^ ?\d{1,2}/
}

/** What a text says by a layout; undefined when it does not fit. */
function parseTime(layout: string, text: string): number | undefined {
  const values = new Map<string, string>()
  let rest = text
  let at = 0
  // Each part takes what it can from the left, and gives nothing back.
  for (const found of layout.matchAll(layoutPart)) {
    const literal = layout.slice(at, found.index)
    const [part] = found
    at = found.index + part.length
    const taken = rest.startsWith(literal) && takenBy(part).exec(rest.slice(literal.length, literal.length + 40))?.[0]
    if (!taken) return undefined
    values.set(part, taken.trim())
    rest = rest.slice(literal.length + taken.length)
  }
  if (rest !== layout.slice(at)) return undefined
  const number = (...parts: string[]): number | undefined => {
    const part = parts.find((name) => values.has(name))
    return part === undefined ? undefined : Number(values.get(part))
  }
  const monthName = values.get('January') ?? values.get('Jan')
  const named = months.findIndex((month) => monthName && month.startsWith(monthName))
  const month = monthName ? named + 1 : (number('01', '1') ?? 1)
  let hour = number('15', '03', '3') ?? 0
  const half = values.get('PM') ?? values.get('pm')
  if (half) hour = (hour % 12) + (/p/i.test(half) ? 12 : 0)
  const day = number('02', '2', '_2') ?? 1
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23) return undefined
  const zone = [...values].find(([name]) => name.includes('07'))?.[1]
  const [, sign, zoneHours = '0', zoneMinutes = '0'] = /^([-+])(\d\d):?(\d\d)?$/.exec(zone ?? '') ?? []
  const offsetMs = (sign === '-' ? -1 : 1) * (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60_000
  const year = number('2006') ?? (number('06') ?? 0) + 2000
  return Date.UTC(year, month - 1, day, hour, number('04', '4') ?? 0, number('05', '5') ?? 0) - offsetMs
}

export const dateFunctions = (nowEpochMs: () => number): Readonly<Record<string, GoFunction>> => {
  const momentOf = (value: unknown): number =>
    value instanceof GoTime ? value.epochMs : typeof value === 'bigint' ? Number(value) * 1000 : nowEpochMs()
  const modify = (isStrict: boolean) =>
    fn('string any', (text: string, date: unknown) => {
      const ms = parseGoDuration(text.replace(/^\+/, ''))
      if (ms === undefined && isStrict) throw new CallError(`time: invalid duration ${JSON.stringify(text)}`)
      return new GoTime(momentOf(date) + (ms ?? 0))
    })
  const inZone = fn('string any string', (layout: string, date: unknown) => formatTime(layout, momentOf(date)))
  const day = (date: unknown): string => formatTime('2006-01-02', momentOf(date))
  return {
    now: fn('', () => new GoTime(nowEpochMs())),
    date: fn('string any', (layout: string, date: unknown) => formatTime(layout, momentOf(date))),
    dateInZone: inZone,
    date_in_zone: inZone,
    htmlDate: fn('any', day),
    htmlDateInZone: fn('any string', day),
    dateModify: modify(false),
    date_modify: modify(false),
    mustDateModify: modify(true),
    must_date_modify: modify(true),
    toDate: fn(
      'string string',
      (layout: string, text: string) => new GoTime(parseTime(layout, text) ?? -62_135_596_800_000),
    ),
    mustToDate: fn('string string', (layout: string, text: string) => {
      const at = parseTime(layout, text)
      if (at === undefined)
        throw new CallError(`parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: cannot parse`)
      return new GoTime(at)
    }),
    unixEpoch: fn('any', (date: unknown) => {
      if (!(date instanceof GoTime))
        throw new CallError(`wrong type for value; expected time.Time; got ${typeName(date)}`)
      return String(Math.floor(date.epochMs / 1000))
    }),
    ago: fn('any', (date: unknown) => printGoDuration(Math.round((nowEpochMs() - momentOf(date)) / 1000) * 1000)),
    duration: fn('any', (value: unknown) => {
      const seconds =
        typeof value === 'bigint' ? Number(value) : typeof value === 'string' ? Number.parseInt(value, 10) || 0 : 0
      return printGoDuration(seconds * 1000)
    }),
    durationRound: fn('any', (value: unknown) => {
      const ms =
        value instanceof GoTime
          ? nowEpochMs() - value.epochMs
          : typeof value === 'string'
            ? (parseGoDuration(value) ?? 0)
            : typeof value === 'bigint'
              ? Number(value) / 1e6
              : 0
      return rounded(Math.abs(ms) / 1000)
    }),
  }
}

function rounded(seconds: number): string {
  const units: readonly (readonly [string, number])[] = [
    ['y', 31_536_000],
    ['mo', 2_592_000],
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ]
  for (const [unit, size] of units) if (seconds > size) return `${Math.floor(seconds / size)}${unit}`
  return '0s'
}
