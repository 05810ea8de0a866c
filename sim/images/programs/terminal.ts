/** Programs that show things on a terminal: top, watch, less, more, and what there is none of here. */
import { FileError } from '../../runtime/files.ts'
import type { Process, Program, Wait } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { accountName } from './basic.ts'
import { formatDate } from './date-format.ts'
import { atOnce, complain, linesOf, nameOf, parseDuration, pathOf, readInputs, withOptions } from './support.ts'

/** `top -b -n 1`; without -b only where there is a screen, which there is none of here. */
const top = withOptions('bn:d:m', function* (process, options) {
  const times = Number(options.value('n') ?? (options.has('b') ? Number.POSITIVE_INFINITY : 1))
  const pauseMs = parseDuration(options.value('d') ?? '5') ?? 5000
  for (let n = 0; n < times; n++) {
    if (n > 0) yield* waitFor(process.sleep(Math.max(100, pauseMs)))
    const rows = process.processes()
    process.stdout.write(
      `Mem: 4194304K used, 20971520K free, 0K shrd, 0K buff, 2097152K cached\nCPU:   2% usr   1% sys   0% nic  97% idle   0% io   0% irq   0% sirq\nLoad average: 0.10 0.08 0.05 1/${rows.length} ${process.pid}\n  PID  PPID USER     STAT   VSZ %VSZ CPU %CPU COMMAND\n`,
    )
    for (const row of rows) {
      const user = (accountName(process, '/etc/passwd', row.uid) ?? String(row.uid)).padEnd(8).slice(0, 8)
      process.stdout.write(
        `${String(row.pid).padStart(5)} ${String(row.ppid).padStart(5)} ${user} ${row.state.padEnd(4)}  4404   0%   0   0% ${row.argv.join(' ')}\n`,
      )
    }
  }
  return 0
})

/** `watch -n 2 COMMAND`: the command again and again, each time under a line that names it. */
const watch = withOptions(
  'n:t',
  function* (process, options) {
    if (options.rest.length === 0) {
      process.stderr.write('BusyBox v1.36.1 multi-call binary.\n\nUsage: watch [-n SEC] [-t] PROG ARGS\n')
      return 1
    }
    const pauseMs = Math.max(100, parseDuration(options.value('n') ?? '2') ?? 2000)
    const command = options.rest.join(' ')
    for (;;) {
      if (!options.has('t'))
        process.stdout.write(
          `Every ${pauseMs / 1000}.0s: ${command}  ${formatDate(process.nowEpochMs(), '%Y-%m-%d %H:%M:%S')}\n\n`,
        )
      const started = process.spawn({ argv: ['/bin/sh', '-c', command] })
      if ('error' in started) return 127
      yield* waitFor(process.waitChild(started.pid))
      yield* waitFor(process.sleep(pauseMs))
    }
  },
  { stopsAtFirst: true },
)

/** less and more: all at once, as they do when they don't write to a terminal. */
const pager: Program = function* (process) {
  const { text, failed } = yield* readInputs(
    process,
    process.argv.slice(1).filter((arg) => !/^[-+]/.test(arg)),
  )
  process.stdout.write(text)
  return failed ? 1 : 0
}

const tty: Program = function* (process) {
  yield* atOnce
  process.stdout.write(process.stdin.isTerminal ? '/dev/pts/0\n' : 'not a tty\n')
  return process.stdin.isTerminal ? 0 : 1
}

const stty: Program = function* (process) {
  yield* atOnce
  if (!process.stdin.isTerminal) {
    complain(process, 'standard input')
    return 1
  }
  if (process.argv[1] === 'size') {
    const { rows, columns } = process.stdin.size ?? { rows: 24, columns: 80 }
    process.stdout.write(`${rows} ${columns}\n`)
  }
  return 0
}

const refused = (message: string): Program =>
  function* (process): Generator<Wait, number, unknown> {
    yield* atOnce
    complain(process, message)
    return 1
  }

/** Programs that edit on the screen, which there is none of here. */
const editor: Program = function* (process: Process) {
  yield* atOnce
  process.stderr.write(
    `${nameOf(process)}: this terminal can't edit in place; write files with echo, cat or sed instead\n`,
  )
  return 1
}

/** Rewrites options in their standard order; long ones by -l. */
const getopt = withOptions(
  'o:l:n:T',
  function* (process, options) {
    const rest = [...options.rest]
    const letters = options.has('o') ? options.value('o')! : (rest.shift() ?? '')
    const long = (options.value('l') ?? '').split(',').filter(Boolean)
    const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`
    const found: string[] = []
    const plain: string[] = []
    let status = 0
    for (let at = 0; at < rest.length; at++) {
      const word = rest[at]
      if (word === '--') {
        plain.push(...rest.slice(at + 1))
        break
      }
      if (word.startsWith('--')) {
        const [name, ...value] = word.slice(2).split('=')
        const known = long.find((each) => each.replace(/:+$/, '') === name)
        if (!known) {
          complain(process, `unrecognized option '--${name}'`)
          status = 1
        } else if (known.endsWith(':'))
          found.push(`--${name} ${quote(value.length ? value.join('=') : (rest[++at] ?? ''))}`)
        else found.push(`--${name}`)
      } else if (/^-./.test(word)) {
        for (let n = 1; n < word.length; n++) {
          const where = letters.indexOf(word[n])
          if (where < 0 || word[n] === ':') {
            complain(process, `invalid option -- '${word[n]}'`)
            status = 1
          } else if (letters[where + 1] === ':') {
            found.push(`-${word[n]} ${quote(word.slice(n + 1) || (rest[++at] ?? ''))}`)
            break
          } else found.push(`-${word[n]}`)
        }
      } else plain.push(word)
    }
    process.stdout.write(` ${[...found, '--', ...plain.map(quote)].join(' ')}\n`)
    return status
  },
  { stopsAtFirst: true, longNames: { options: 'o:', longoptions: 'l:', name: 'n:' } },
)

/** `column -t`: fields in columns. */
const column = withOptions('ts:', function* (process, options) {
  const { text, failed } = yield* readInputs(process, options.rest)
  const rows = linesOf(text).map((line) =>
    options.has('t') ? line.split(options.value('s') ?? /\s+/).filter(Boolean) : [line],
  )
  const widths: number[] = []
  for (const row of rows)
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length)
  for (const row of rows)
    process.stdout.write(
      `${row.map((cell, index) => (index < row.length - 1 ? cell.padEnd(widths[index] + 2) : cell)).join('')}\n`,
    )
  return failed ? 1 : 0
})

/** `chroot /host [COMMAND…]`: for who has the capability SYS_CHROOT, as containers have unless they drop it. */
const chroot: Program = function* (process) {
  const [root, ...command] = process.argv.slice(1)
  if (root === undefined) {
    complain(process, 'missing operand')
    return 1
  }
  const argv = command.length > 0 ? command : ['/bin/sh', '-i']
  try {
    const wait = process.exec({ argv, root: pathOf(process, root), cwd: '/' })
    if (!('error' in wait)) return yield* waitFor(wait)
    complain(
      process,
      `can't execute '${argv[0]}': ${wait.error === 'not-found' ? 'No such file or directory' : 'Permission denied'}`,
    )
    return wait.error === 'not-found' ? 127 : 126
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    complain(process, `can't change root directory to '${root}': ${error.message}`)
    return 1
  }
}

export const terminalPrograms: Readonly<Record<string, Program>> = {
  top,
  watch,
  less: pager,
  more: pager,
  tty,
  stty,
  getopt,
  column,
  vi: editor,
  dmesg: refused('klogctl: Operation not permitted'),
  reboot: refused('Operation not permitted'),
  modprobe: refused("can't change directory to '/lib/modules': No such file or directory"),
  chroot,
  su: refused('must be suid to work properly'),
  crond: refused('podium: this program is not simulated'),
}
