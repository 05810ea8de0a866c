/**
 * Cron schedules as Kubernetes reads them: five fields, or @hourly and the like, or @every 90s. What the fields mean is worked
 * out here, as the library of the real controller does; croner finds the next moment.
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax, github.com/robfig/cron
 */
import { Cron } from 'croner'

export interface Schedule {
  /** The first moment after `epochMs`; undefined when there is none (30 February). */
  next(epochMs: number): number | undefined
}

interface Field {
  min: number
  max: number
  names: readonly string[]
}

const NONE: readonly string[] = []
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const FIELDS: readonly Field[] = [
  { min: 0, max: 59, names: NONE },
  { min: 0, max: 23, names: NONE },
  { min: 1, max: 31, names: NONE },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 6, names: DAYS },
]

const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

const EVERY = '@every '
const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/**
 * @param timeZone an IANA name; UTC, the clock of the controller, without one
 * @throws Error worded as the real controller's library words it
 */
export function parseSchedule(text: string, timeZone = 'UTC'): Schedule {
  if (text === '') throw new Error('empty spec string')
  if (text.startsWith(EVERY)) return parseEvery(text)
  const spec = text.startsWith('@') ? DESCRIPTORS[text] : text
  if (spec === undefined) throw new Error(`unrecognized descriptor: ${text}`)
  const parts = spec.split(/\s+/).filter(Boolean)
  if (parts.length !== FIELDS.length)
    throw new Error(`expected exactly ${FIELDS.length} fields, found ${parts.length}: [${parts.join(' ')}]`)
  const pattern = parts.map((part, index) => parseField(part, FIELDS[index])).join(' ')
  // An offset costs less than a zone, whose rules are looked up for each moment.
  const clock = timeZone === 'UTC' ? { utcOffset: 0 } : { timezone: timeZone }
  const cron = new Cron(pattern, { ...clock, paused: true, mode: '5-part' })
  return remembering((epochMs) => cron.nextRun(new Date(epochMs))?.getTime())
}

/** From one moment to the next that is due, the answer is the same. */
function remembering(next: Schedule['next']): Schedule {
  let sinceMs = Number.POSITIVE_INFINITY
  let dueMs: number | undefined
  return {
    next(epochMs) {
      if (epochMs >= sinceMs && (dueMs === undefined || epochMs < dueMs)) return dueMs
      sinceMs = epochMs
      dueMs = next(epochMs)
      return dueMs
    },
  }
}

/** The field's values one by one, or a star: a star of days leaves the choice to the other field of days. */
function parseField(text: string, field: Field): string {
  const values = new Set<number>()
  let isStar = false
  for (const part of text.split(',').filter(Boolean)) {
    const range = parseRange(part, field)
    isStar ||= range.isStar
    for (let value = range.start; value <= range.end; value += range.step) values.add(value)
  }
  return isStar ? '*' : [...values].sort((a, b) => a - b).join(',')
}

function parseRange(text: string, { min, max, names }: Field) {
  const [range, ...steps] = text.split('/')
  const limits = range.split('-')
  const isAny = limits[0] === '*' || limits[0] === '?'
  if (!isAny && limits.length > 2) throw new Error(`too many hyphens: ${text}`)
  const start = isAny ? min : parseIntOrName(limits[0], names)
  let end = isAny ? max : parseIntOrName(limits[1] ?? limits[0], names)
  if (steps.length > 1) throw new Error(`too many slashes: ${text}`)
  const step = steps.length === 0 ? 1 : parseNumber(steps[0])
  // `5/15` means from 5 on.
  if (steps.length === 1 && limits.length === 1) end = max
  if (start < min) throw new Error(`beginning of range (${start}) below minimum (${min}): ${text}`)
  if (end > max) throw new Error(`end of range (${end}) above maximum (${max}): ${text}`)
  if (start > end) throw new Error(`beginning of range (${start}) beyond end of range (${end}): ${text}`)
  if (step === 0) throw new Error(`step of range should be a positive number: ${text}`)
  return { start, end, step, isStar: isAny && step === 1 }
}

function parseIntOrName(text: string, names: readonly string[]): number {
  const at = names.indexOf(text.toLowerCase())
  return at < 0 ? parseNumber(text) : at + (names === MONTHS ? 1 : 0)
}

function parseNumber(text: string): number {
  if (!/^[+-]?\d+$/.test(text))
    throw new Error(`failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
  const number = Number(text)
  if (number < 0) throw new Error(`negative number (${number}) not allowed: ${text}`)
  return number
}

/** A fixed interval, in whole seconds and one at least, from whenever it is asked. */
function parseEvery(text: string): Schedule {
  const duration = text.slice(EVERY.length)
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== duration)
    throw new Error(`failed to parse duration ${text}: time: invalid duration ${JSON.stringify(duration)}`)
  const ms = parts.reduce((sum, [, number, unit]) => sum + Number(number) * UNIT_MS[unit], 0)
  const delayMs = Math.max(1000, Math.floor(ms / 1000) * 1000)
  return { next: (epochMs) => Math.floor(epochMs / 1000) * 1000 + delayMs }
}

/** Whether the clocks of that place are known. */
export function isTimeZone(name: string): boolean {
  // They are files, whose letters count, and offsets are none.
  if (name === name.toLowerCase() || /^[+-]/.test(name)) return false
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions()
    return timeZone === name || timeZone.toLowerCase() !== name.toLowerCase()
  } catch {
    return false
  }
}
