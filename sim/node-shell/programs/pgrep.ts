/**
 * pgrep, pkill and killall of a node. Simplified: a script that is run by its own name goes by its interpreter's, and of what they choose processes by there is what needs no terminal, no namespaces and no file.
 * Sources: pgrep(1) of procps, killall(1) of psmisc
 */
import { commandOf, othersOf, type Sent, send, sentOf } from '../../images/programs/process-names.ts'
import { complain, nameOf, type Options, parseOptions, UsageError } from '../../images/programs/support.ts'
import { signalNumber } from '../../runtime/kernel.ts'
import type { Process, Program } from '../../runtime/process.ts'
import { compileRegex, RegexError } from '../../text/regex.ts'
import type { NodeProgram } from '../machine.ts'

/** Of a process's name, as the kernel keeps it. */
const commLength = 15

type Row = ReturnType<typeof othersOf>[number]

const shared = 'cfg:G:inoP:r:s:u:U:xvAh'
const sharedNames = {
  count: 'c',
  full: 'f',
  pgroup: 'g:',
  group: 'G:',
  'ignore-case': 'i',
  newest: 'n',
  oldest: 'o',
  parent: 'P:',
  runstates: 'r:',
  session: 's:',
  euid: 'u:',
  uid: 'U:',
  exact: 'x',
  inverse: 'v',
  'ignore-ancestors': 'A',
  help: 'h',
}
/** By these processes are chosen; a pattern is one more. */
const criteria = ['g', 'G', 'P', 'r', 's', 'u', 'U']

function fail(process: Process, message: string): number {
  complain(process, message)
  process.stderr.write(`Try \`${nameOf(process)} --help' for more information.\n`)
  return 2
}

/** Reads flags; wrong ones, and the ask for help, are answered with a line of how it is called. */
function optionsOf(
  process: Process,
  words: readonly string[],
  spec: string,
  names: Readonly<Record<string, string>>,
): Options | number {
  const usage = `\nUsage:\n ${nameOf(process)} [options] <pattern>\n`
  try {
    const options = parseOptions(words, spec, names)
    if (!options.has('h')) return options
    process.stdout.write(usage)
    return 0
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    complain(process, `${error.message}\n${usage}`)
    return 2
  }
}

/** A user's or a group's number, by its name or number. */
function idIn(process: Process, file: string, word: string): number {
  if (/^\d+$/.test(word)) return Number(word)
  const line = process.files
    .read(file)
    .split('\n')
    .find((one) => one.split(':')[0] === word)
  return line === undefined ? Number.NaN : Number(line.split(':')[2])
}

/** Those that are meant, or the exit code of an error that has been said. */
function chosen(process: Process, options: Options): readonly Row[] | number {
  const [pattern, ...more] = options.rest
  if (more.length > 0) return fail(process, 'only one pattern can be provided')
  if (pattern === undefined && !criteria.some((one) => options.has(one)))
    return fail(process, 'no matching criteria specified')
  if (pattern !== undefined && pattern.length > commLength && /^[\w-]+$/.test(pattern) && !options.has('f')) {
    complain(process, 'pattern that searches for process name longer than 15 characters will result in zero matches')
    process.stderr.write(`Try \`${nameOf(process)} -f' option to match against the complete command line.\n`)
    return 1
  }
  let matches: (row: Row) => boolean = () => true
  if (pattern !== undefined)
    try {
      const regex = compileRegex(pattern, {
        isExtended: true,
        ignoresCase: options.has('i'),
        ...(options.has('x') && { scope: 'line' as const }),
      })
      matches = (row) => regex.again().test(options.has('f') ? row.argv.join(' ') : commandOf(row).slice(0, commLength))
    } catch (error) {
      if (!(error instanceof RegexError)) throw error
      complain(process, `regex error: ${error.message}`)
      return 2
    }
  const all = process.processes()
  const own = all.find(({ pid }) => pid === process.pid)
  const listed = (flag: string): readonly string[] | undefined =>
    options.has(flag) ? options.values(flag).flatMap((value) => value.split(',')) : undefined
  const has = (words: readonly string[] | undefined, value: number, zero?: number): boolean =>
    words === undefined || words.some((word) => (word === '0' && zero !== undefined ? zero : Number(word)) === value)
  const ids = (flag: string, file: string): readonly string[] | undefined =>
    listed(flag)?.map((word) => String(idIn(process, file, word)))
  const states = listed('r')
  const isMeant = (row: Row): boolean =>
    matches(row) &&
    has(listed('P'), row.ppid) &&
    has(listed('g'), row.group, own?.group) &&
    has(listed('s'), row.group, own?.group) &&
    has(ids('u', '/etc/passwd'), row.uid) &&
    has(ids('U', '/etc/passwd'), row.uid) &&
    has(ids('G', '/etc/group'), row.uid) &&
    (states === undefined || states.includes(row.state[0]))
  const ancestors = new Set<number>()
  if (options.has('A'))
    for (let at = own; at; at = all.find(({ pid }) => pid === at!.ppid && pid !== at!.pid)) ancestors.add(at.pid)
  const found = othersOf(process).filter((row) => isMeant(row) !== options.has('v') && !ancestors.has(row.pid))
  if (options.has('n')) return found.slice(-1)
  return options.has('o') ? found.slice(0, 1) : found
}

export const pgrep: NodeProgram = {
  path: '/usr/bin/pgrep',
  make: () =>
    function* (process) {
      yield* []
      const options = optionsOf(process, process.argv.slice(1), `${shared}d:law`, {
        ...sharedNames,
        delimiter: 'd:',
        'list-name': 'l',
        'list-full': 'a',
        lightweight: 'w',
      })
      if (typeof options === 'number') return options
      const rows = chosen(process, options)
      if (typeof rows === 'number') return rows
      const tell = (row: Row): string =>
        options.has('a')
          ? `${row.pid} ${row.argv.join(' ')}`
          : options.has('l')
            ? `${row.pid} ${commandOf(row).slice(0, commLength)}`
            : String(row.pid)
      if (options.has('c')) process.stdout.write(`${rows.length}\n`)
      else if (rows.length > 0) process.stdout.write(`${rows.map(tell).join(options.value('d') ?? '\n')}\n`)
      return rows.length > 0 ? 0 : 1
    },
}

/** Takes the first word that is a signal, `-9` or `-TERM`, out of the words. */
function takeSignal(words: string[]): Sent | undefined {
  const at = words.findIndex((word) => /^-\w/.test(word) && sentOf(word.slice(1)) !== undefined)
  return at < 0 ? undefined : sentOf(words.splice(at, 1)[0].slice(1))
}

export const pkill: NodeProgram = {
  path: '/usr/bin/pkill',
  make: () =>
    function* (process) {
      yield* []
      const words = process.argv.slice(1)
      const given = takeSignal(words)
      const options = optionsOf(process, words, `${shared}eq:`, {
        ...sharedNames,
        signal: 'signal:',
        echo: 'e',
        queue: 'q:',
      })
      if (typeof options === 'number') return options
      const named = options.value('signal')
      const sent = given ?? (named === undefined ? 'SIGTERM' : sentOf(named))
      if (sent === undefined) return fail(process, `unknown signal '${named}'`)
      const rows = chosen(process, options)
      if (typeof rows === 'number') return rows
      let count = 0
      for (const row of rows) {
        if (!send(process, row.pid, sent)) {
          complain(process, `killing pid ${row.pid} failed: Operation not permitted`)
          continue
        }
        count++
        if (options.has('e')) process.stdout.write(`${commandOf(row).slice(0, commLength)} killed (pid ${row.pid})\n`)
      }
      if (options.has('c')) process.stdout.write(`${count}\n`)
      return count > 0 ? 0 : 1
    },
}

/** All words but those of the signal are names, and none of them says two times that nobody has it. */
const killByName: Program = function* (process) {
  yield* []
  const words = process.argv.slice(1)
  const given = takeSignal(words)
  const usage = 'Usage: killall [OPTION]... [--] NAME...\n'
  let options: Options
  try {
    options = parseOptions(words, 'eIgiqrs:u:vw', {
      exact: 'e',
      'ignore-case': 'I',
      'process-group': 'g',
      interactive: 'i',
      quiet: 'q',
      regexp: 'r',
      signal: 's:',
      user: 'u:',
      verbose: 'v',
      wait: 'w',
    })
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(usage)
    return 1
  }
  const named = options.value('s')
  const sent = given ?? (named === undefined ? 'SIGTERM' : sentOf(named))
  if (sent === undefined) {
    process.stderr.write(`${named}: unknown signal; killall -l lists signals.\n`)
    return 1
  }
  if (options.rest.length === 0) {
    process.stderr.write(usage)
    return 1
  }
  const user = options.value('u')
  const uid = user === undefined ? undefined : idIn(process, '/etc/passwd', user)
  let status = 0
  for (const name of options.rest) {
    const ignoresCase = options.has('I')
    const regex = options.has('r') ? compileRegex(name, { isExtended: true, ignoresCase }) : undefined
    const isNamed = (own: string): boolean =>
      regex ? regex.again().test(own) : ignoresCase ? own.toLowerCase() === name.toLowerCase() : own === name
    const rows = othersOf(process).filter((row) => isNamed(commandOf(row)) && (uid === undefined || row.uid === uid))
    if (rows.length === 0 && !options.has('q')) process.stderr.write(`${name}: no process found\n`)
    if (rows.length === 0) status = 1
    for (const row of rows) {
      if (!send(process, row.pid, sent)) {
        status = 1
        process.stderr.write(`${commandOf(row)}(${row.pid}): Operation not permitted\n`)
      } else if (options.has('v'))
        process.stderr.write(
          `Killed ${commandOf(row)}(${row.pid}) with signal ${sent === 0 ? 0 : signalNumber(sent)}\n`,
        )
    }
  }
  return status
}

export const killall: NodeProgram = { path: '/usr/bin/killall', make: () => killByName }
