/** journalctl: what the services of the node wrote. Source: journalctl(1), output mode `short` */

import { type JournalEntry, klogLine } from '../../kubelet/journal.ts'
import { waitFor } from '../../runtime/process.ts'
import { perlMatcher } from '../../text/perl-regex.ts'
import { RegexError } from '../../text/regex.ts'
import type { NodeMachine, NodeProgram } from '../machine.ts'

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

export const journalctl: NodeProgram = {
  path: '/usr/bin/journalctl',
  make: (machine) =>
    function* (process) {
      const options = readOptions(process.argv.slice(1))
      if ('error' in options) {
        process.stderr.write(`${options.error}\n`)
        return 1
      }
      const { journal } = machine.kubelet.runtime
      const sinceMs = options.since === undefined ? undefined : momentOf(options.since, machine)
      const untilMs = options.until === undefined ? undefined : momentOf(options.until, machine)
      if (sinceMs === null || untilMs === null) {
        process.stderr.write(`Failed to parse timestamp: ${sinceMs === null ? options.since : options.until}\n`)
        return 1
      }
      const isWanted = (entry: JournalEntry): boolean =>
        (options.units.length === 0 || options.units.some((unit) => belongsTo(entry, unit))) &&
        (sinceMs === undefined || entry.atMs >= sinceMs) &&
        (untilMs === undefined || entry.atMs <= untilMs) &&
        (options.pattern === undefined || options.pattern(textOf(entry, machine)))
      let entries = journal.read().filter(isWanted)
      const lines = options.lines ?? (options.follows || options.toEnd ? 10 : undefined)
      if (lines !== undefined && lines >= 0) entries = lines === 0 ? [] : entries.slice(-lines)
      if (options.isReversed) entries = [...entries].reverse()
      if (entries.length === 0 && !options.follows) process.stdout.write('-- No entries --\n')
      for (const entry of entries) process.stdout.write(printEntry(entry, machine, options.output))
      if (!options.follows) return 0
      yield* waitFor<void>({
        start: () =>
          journal.follow((entry) => {
            if (isWanted(entry)) process.stdout.write(printEntry(entry, machine, options.output))
          }),
      })
      return 0
    },
}

interface Options {
  units: string[]
  lines: number | undefined
  follows: boolean
  toEnd: boolean
  isReversed: boolean
  since: string | undefined
  until: string | undefined
  output: string
  pattern: ((text: string) => boolean) | undefined
}

function readOptions(words: readonly string[]): Options | { error: string } {
  const options: Options = {
    units: [],
    lines: undefined,
    follows: false,
    toEnd: false,
    isReversed: false,
    since: undefined,
    until: undefined,
    output: 'short',
    pattern: undefined,
  }
  const rest = [...words]
  let pattern: string | undefined
  /** Letters that stand together, the last with its value: `-fu kubelet`, `-n20`. */
  const take = (letter: string, value: () => string): boolean => {
    if (letter === 'u') options.units.push(value().replace(/\.service$/, ''))
    else if (letter === 'n') {
      const count = value()
      options.lines = count === 'all' ? -1 : Number(count)
    } else if (letter === 'S') options.since = value()
    else if (letter === 'U') options.until = value()
    else if (letter === 'o') options.output = value()
    else if (letter === 'g') pattern = value()
    else if (letter === 'f') options.follows = true
    else if (letter === 'e') options.toEnd = true
    else if (letter === 'r') options.isReversed = true
    else return ['x', 'b', 'a', 'l', 'q', 'k'].includes(letter)
    return true
  }
  const long: Readonly<Record<string, string>> = {
    unit: 'u',
    lines: 'n',
    since: 'S',
    until: 'U',
    output: 'o',
    grep: 'g',
    follow: 'f',
    'pager-end': 'e',
    reverse: 'r',
    catalog: 'x',
    boot: 'b',
    all: 'a',
    full: 'l',
    quiet: 'q',
    'no-pager': 'l',
    'no-hostname': 'l',
  }
  while (rest.length > 0) {
    const word = rest.shift()!
    if (word.startsWith('--')) {
      const [name, given] = word.slice(2).split(/=(.*)/s)
      if (!Object.hasOwn(long, name)) return { error: `journalctl: unrecognized option '${word}'` }
      take(long[name], () => given ?? rest.shift() ?? '')
      continue
    }
    if (!/^-./.test(word)) return { error: `Failed to add match '${word}': Invalid argument` }
    for (let at = 1; at < word.length; at++) {
      let isTaken = false
      const known = take(word[at], () => {
        isTaken = true
        return word.slice(at + 1) || rest.shift() || ''
      })
      if (!known) return { error: `journalctl: invalid option -- '${word[at]}'` }
      if (isTaken) break
    }
  }
  if (options.lines !== undefined && Number.isNaN(options.lines)) return { error: 'Failed to parse lines' }
  if (pattern === undefined) return options
  try {
    // Only a pattern with capitals asks for them.
    return {
      ...options,
      pattern: perlMatcher(pattern, { ignoresCase: pattern === pattern.toLowerCase(), looksAround: true }),
    }
  } catch (error) {
    if (!(error instanceof RegexError)) throw error
    return { error: `Bad pattern "${pattern}": ${patternFault(error.message)}` }
  }
}

/** What is wrong with a pattern, in the words of PCRE2. */
const patternFault = (message: string): string =>
  message.startsWith('Unmatched (')
    ? 'missing closing parenthesis'
    : message.startsWith('Unmatched )')
      ? 'unmatched closing parenthesis'
      : message.startsWith('Unmatched [')
        ? 'missing terminating ] for character class'
        : 'quantifier does not follow a repeatable item'

const belongsTo = ({ unit, message }: JournalEntry, wanted: string): boolean =>
  unit === wanted || (unit === 'systemd' && message.includes(`${wanted}.service`))

/** `2026-01-01 00:05:00`, `00:05`, `5 min ago`, `-1h`, `today`: null for what is none of them. Source: systemd.time(7) */
function momentOf(text: string, { engine }: NodeMachine): number | null {
  const nowEpochMs = engine.epochMs
  const day = new Date(nowEpochMs).toISOString().slice(0, 10)
  const inMs = (epochMs: number): number | null => (Number.isNaN(epochMs) ? null : epochMs - engine.startEpochMs)
  if (text === 'now') return engine.nowMs
  if (text === 'today') return inMs(Date.parse(`${day}T00:00:00Z`))
  if (text === 'yesterday') return inMs(Date.parse(`${day}T00:00:00Z`) - 86_400_000)
  const [, minus, amount, unit, isAgo] =
    /^(-?)(\d+)\s*(s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)(\s+ago)?$/.exec(text) ?? []
  if (amount && (minus || isAgo)) {
    const factor = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit[0] as 's']
    return engine.nowMs - Number(amount) * factor
  }
  if (/^\d\d:\d\d(:\d\d)?$/.test(text)) return inMs(Date.parse(`${day}T${text.length === 5 ? `${text}:00` : text}Z`))
  const [, date, time] = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?))?(?: UTC|Z)?$/.exec(text) ?? []
  if (!date) return null
  const clock = time ?? '00:00:00'
  return inMs(Date.parse(`${date}T${clock.length === 5 ? `${clock}:00` : clock}Z`))
}

function textOf(entry: JournalEntry, machine: NodeMachine): string {
  const { startEpochMs } = machine.engine
  if (entry.unit === 'kubelet') return klogLine(entry, startEpochMs)
  if (entry.unit === 'systemd') return entry.message
  // As logrus writes it.
  const time = new Date(startEpochMs + entry.atMs).toISOString().replace('Z', '000000Z')
  const { error } = entry.values
  const level = error === undefined ? 'info' : 'error'
  return `time="${time}" level=${level} msg=${JSON.stringify(entry.message)}${error === undefined ? '' : ` error=${JSON.stringify(error)}`}`
}

/** A line of the journal as journalctl prints it. */
export function printEntry(entry: JournalEntry, machine: NodeMachine, output = 'short'): string {
  const text = textOf(entry, machine)
  if (output === 'cat') return `${text}\n`
  const at = new Date(machine.engine.startEpochMs + entry.atMs)
  const stamp = `${months[at.getUTCMonth()]} ${String(at.getUTCDate()).padStart(2, '0')} ${at.toISOString().slice(11, 19)}`
  const head = `${stamp} ${machine.shape.name} ${entry.unit}[${entry.pid}]: `
  // Lines after the first stand below it.
  return `${head}${text.split('\n').join(`\n${' '.repeat(head.length)}`)}\n`
}
