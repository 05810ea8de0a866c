/**
 * Processes by their names, as busybox has them: pidof, pgrep, pkill and killall. Simplified: a process's session is its group, a script that is run by its own name goes by its interpreter's, and those that
 * have ended and wait for their parents are not found. Source: busybox procps/pgrep.c, procps/kill.c, procps/pidof.c
 */

import { findSignal, signalNames, signalNumber } from '../../runtime/kernel.ts'
import type { Process, Program, Signal } from '../../runtime/process.ts'
import { compileRegex, type Regex, RegexError } from '../../text/regex.ts'
import { atOnce, complain, type Options, type Run, UsageError, withOptions } from './support.ts'

type Row = ReturnType<Process['processes']>[number]

/** What is sent; 0 only asks whether there is somebody who could be sent something. */
export type Sent = Signal | 0

/** The signal of a name or number; undefined when there is none. */
export const sentOf = (text: string): Sent | undefined => (text === '0' ? 0 : findSignal(text))

/** Whether the process could be told. */
export const send = (process: Process, pid: number, sent: Sent): boolean => sent === 0 || process.kill(pid, sent)

/** A process's name, without its folder. */
export const commandOf = ({ argv }: Row): string => argv[0].slice(argv[0].lastIndexOf('/') + 1)

/** Who runs, but for the one that asks. */
export const othersOf = (process: Process): Row[] =>
  process.processes().filter(({ pid, state }) => pid !== process.pid && state !== 'Z')

const named = (process: Process, name: string): Row[] => othersOf(process).filter((row) => commandOf(row) === name)

const printUsage = (process: Process, usage: string): void =>
  void process.stderr.write(`BusyBox v1.36.1 multi-call binary.\n\nUsage: ${usage}\n`)

const pidof = withOptions('so:', function* (process, options) {
  yield* atOnce
  const parent = process.processes().find(({ pid }) => pid === process.pid)?.ppid
  const left = new Set(options.values('o').map((word) => (word === '%PPID' ? parent : Number(word))))
  const pids = options.rest.flatMap((name) => {
    const found = named(process, name)
      .map(({ pid }) => pid)
      .filter((pid) => !left.has(pid))
      .reverse()
    return options.has('s') ? found.slice(0, 1) : found
  })
  if (pids.length) process.stdout.write(`${pids.join(' ')}\n`)
  return pids.length ? 0 : 1
})

const lookFlags = 'vlafxones:P:'

/** A number that stands behind a flag. @throws UsageError for another word */
function numberOf(options: Options, flag: string): number | undefined {
  const value = options.value(flag)
  if (value !== undefined && !/^\d+$/.test(value)) throw new UsageError(`invalid number '${value}'`)
  return value === undefined ? undefined : Number(value)
}

/** Whom the words mean, with the name of each that is printed; undefined when they are wrong, which has been said. */
function lookUp(process: Process, options: Options, usage: string): readonly (readonly [number, string])[] | undefined {
  const [pattern, ...more] = options.rest
  const own = process.processes().find(({ pid }) => pid === process.pid)
  const parent = numberOf(options, 'P')
  const asked = numberOf(options, 's')
  const session = asked === 0 ? own?.group : asked
  if (parent === undefined && session === undefined && (pattern === undefined || more.length > 0)) {
    printUsage(process, usage)
    return undefined
  }
  let regex: Regex | undefined
  try {
    regex = pattern === undefined ? undefined : compileRegex(pattern, { isExtended: true })
  } catch (error) {
    if (!(error instanceof RegexError)) throw error
    complain(process, `bad regex '${pattern}': ${error.message}`)
    return undefined
  }
  // The first word or all of them; where that has no part of it, the name that the kernel knows. With -x the part has to be the whole.
  function matches(row: Row): boolean {
    if (parent !== undefined && row.ppid !== parent) return false
    if (session !== undefined && row.group !== session) return false
    if (!regex) return true
    for (const text of [options.has('f') ? row.argv.join(' ') : row.argv[0], commandOf(row)]) {
      const found = regex.again().exec(text)
      if (found) return !options.has('x') || (found.index === 0 && found.end === text.length)
    }
    return false
  }
  const found = othersOf(process)
    .filter((row) => matches(row) !== options.has('v'))
    .map((row) => [row.pid, options.has('a') && options.has('f') ? row.argv.join(' ') : row.argv[0]] as const)
  if (options.has('n')) return found.slice(-1)
  return options.has('o') ? found.slice(0, 1) : found
}

/** Reads options as the others do; a number that is none is said as they say it. */
const looking = (
  usage: string,
  run: (process: Process, found: readonly (readonly [number, string])[], options: Options) => void,
): ReturnType<typeof withOptions> =>
  withOptions(lookFlags, function* (process, options): Run {
    yield* atOnce
    try {
      const found = lookUp(process, options, usage)
      if (!found) return 1
      run(process, found, options)
      return found.length > 0 ? 0 : 1
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      complain(process, error.message)
      return 1
    }
  })

const pgrep: Program = looking('pgrep [-flanovx] [-s SID|-P PPID|PATTERN]', (process, found, options) => {
  for (const [pid, name] of found)
    process.stdout.write(options.has('l') || options.has('a') ? `${pid} ${name}\n` : `${pid}\n`)
})

/** The signal is the first word, if any; all others are flags and a pattern. */
const pkill: Program = function* (process) {
  const [name, first = '', ...rest] = process.argv
  const sent = first.startsWith('-') ? sentOf(first.slice(1)) : undefined
  if (first === '-l') {
    for (const signal of signalNames)
      process.stdout.write(`${String(signalNumber(signal)).padStart(2)}) ${signal.slice(3)}\n`)
    return 0
  }
  if (sent !== undefined) (process as { argv: readonly string[] }).argv = [name, ...rest]
  const signalled = looking('pkill [-l|-SIGNAL] [-xfvnoe] [-s SID|-P PPID|PATTERN]', (own, found, options) => {
    for (const [pid, called] of found) {
      send(own, pid, sent ?? 'SIGTERM')
      if (options.has('e')) own.stdout.write(`${called} killed (pid ${pid})\n`)
    }
  })
  return yield* signalled(process)
}

/** Each name is a process's whole name. */
const killall: Program = function* (process) {
  yield* atOnce
  const words = process.argv.slice(1)
  const isQuiet = words[0] === '-q'
  if (isQuiet) words.shift()
  let sent: Sent = 'SIGTERM'
  const flag = words[0]
  if (flag?.startsWith('-')) {
    words.shift()
    if (flag !== '--') {
      const text = flag === '-s' && words.length > 0 ? words.shift()! : flag.slice(1)
      const found = sentOf(text)
      if (found === undefined) {
        complain(process, `bad signal name '${text}'`)
        return 1
      }
      sent = found
    }
  }
  if (words.length === 0) {
    if (isQuiet && flag === undefined) printUsage(process, 'killall [-lq] [-SIG] PROCESS_NAME...')
    else complain(process, 'you need to specify whom to kill')
    return 1
  }
  let failed = 0
  for (const name of words) {
    const rows = named(process, name)
    if (rows.length === 0) {
      failed++
      if (!isQuiet) complain(process, `${name}: no process killed`)
    }
    for (const { pid } of rows) {
      if (send(process, pid, sent)) continue
      failed++
      if (!isQuiet) complain(process, `can't kill pid ${pid}: Operation not permitted`)
    }
  }
  return failed
}

export const processNamePrograms: Readonly<Record<string, Program>> = { pidof, pgrep, pkill, killall }
