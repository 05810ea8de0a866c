/** Programs on processes and the machine: ps, kill, nproc, free, uptime, and what can't be had here. */

import type { Process, Program } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { accountName } from './basic.ts'
import { processNamePrograms, type Sent, send, sentOf } from './process-names.ts'
import { atOnce, complain, withOptions } from './support.ts'
import { sysctl } from './sysctl.ts'

const commandOf = (argv: readonly string[]): string => argv[0].slice(argv[0].lastIndexOf('/') + 1)

type Row = ReturnType<Process['processes']>[number]

interface Column {
  readonly width: number
  readonly title: string
  /** Undefined where podium does not know. */
  text?(row: Row, process: Process): string
}

/** Also of a line. */
const WIDEST = 2048

/** How long a process has been there: ps itself has begun just now. */
const secondsOf = ({ startedMs }: Row, process: Process): number =>
  ((process.processes().find(({ pid }) => pid === process.pid)?.startedMs ?? startedMs) - startedMs) / 1000

/** ` 1:05`, ` 2h30`, ` 3d04` */
function elapsed(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  const part = (whole: number, unit: string, rest: number): string =>
    `${String(whole).padStart(2)}${unit}${String(rest).padStart(2, '0')}`
  if (minutes < 60) return part(minutes, ':', Math.floor(seconds) % 60)
  const hours = Math.floor(minutes / 60)
  return hours < 24 ? part(hours, 'h', minutes % 60) : part(Math.floor(hours / 24), 'd', hours % 24)
}

const userNameOf = (row: Row, process: Process): string =>
  accountName(process, '/etc/passwd', row.uid) ?? String(row.uid)
const numberColumn = (title: string, read: (row: Row) => number): Column => ({
  width: 5,
  title,
  text: (row) => String(read(row)).padStart(5),
})

/** In the order in which they are told to who asks for another one. */
const columns: Readonly<Record<string, Column>> = {
  user: { width: 8, title: 'USER', text: userNameOf },
  group: { width: 8, title: 'GROUP' },
  comm: { width: 16, title: 'COMMAND', text: ({ argv }) => commandOf(argv).slice(0, 15) },
  args: {
    width: WIDEST,
    title: 'COMMAND',
    text: ({ state, argv }) => (state === 'Z' ? `[${commandOf(argv)}]` : argv.join(' ')),
  },
  pid: numberColumn('PID', ({ pid }) => pid),
  ppid: numberColumn('PPID', ({ ppid }) => ppid),
  pgid: numberColumn('PGID', ({ group }) => group),
  etime: { width: 7, title: 'ELAPSED', text: (row, process) => elapsed(secondsOf(row, process)) },
  nice: numberColumn('NI', () => 0),
  rgroup: { width: 6, title: 'RGROUP' },
  ruser: { width: 8, title: 'RUSER', text: userNameOf },
  // Simplified: nobody counts it.
  time: { width: 5, title: 'TIME', text: () => ' 0:00' },
  tty: { width: 6, title: 'TT' },
  vsz: { width: 4, title: 'VSZ' },
  // Simplified: a process's session is its group.
  sid: numberColumn('SID', ({ group }) => group),
  stat: { width: 4, title: 'STAT', text: ({ state }) => state.padEnd(4) },
  rss: { width: 4, title: 'RSS' },
}

/** Source: busybox procps/ps.c */
const ps = withOptions('o:ZaAdeflT', function* (process, options) {
  yield* atOnce
  const shown: Column[] = []
  for (const list of options.has('o') ? options.values('o') : ['pid,user,time,args'])
    for (let rest = list; rest !== ''; ) {
      const [, name = '', title] = /^([^,=]*)(?:=([\s\S]*))?/.exec(rest)!
      // A title of one's own goes on to the end.
      rest = title === undefined ? rest.slice(name.length + 1) : ''
      const column = Object.hasOwn(columns, name) ? columns[name]! : undefined
      if (!column?.text) {
        const supported = Object.keys(columns).filter((one) => !column || columns[one]!.text)
        const why = column ? 'podium does not simulate -o argument' : 'bad -o argument'
        complain(process, `${why} '${name}', supported arguments: ${supported.join(',')}`)
        return 1
      }
      shown.push(title === undefined ? column : { ...column, title, width: Math.max(column.width, title.length) })
    }
  const print = (texts: readonly string[]): void => {
    const cells = texts.map((text, n) => (n === texts.length - 1 ? text : text.padEnd(shown[n]!.width)))
    process.stdout.write(`${cells.join(' ').slice(0, WIDEST)}\n`)
  }
  if (shown.some(({ title }) => title !== '')) print(shown.map(({ title }) => title))
  for (const row of process.processes())
    print(shown.map(({ width, text }, n) => text!(row, process).slice(0, n === shown.length - 1 ? undefined : width)))
  return 0
})

/** Reads `-9`, `-TERM` or `-s TERM` off the front; gives the signal, or what is wrong. */
function takeSignal(args: string[]): Sent | { bad: string } {
  const match = /^-(s|[A-Za-z0-9]+)$/.exec(args[0] ?? '')
  if (!match) return 'SIGTERM'
  args.shift()
  const name = match[1] === 's' ? (args.shift() ?? '') : match[1]
  return sentOf(name) ?? { bad: name }
}

const kill: Program = function* (process) {
  const args = process.argv.slice(1)
  const signal = takeSignal(args)
  if (typeof signal === 'object') {
    complain(process, `bad signal name '${signal.bad}'`)
    return 1
  }
  if (args.length === 0) {
    complain(process, 'you need to specify whom to kill')
    return 1
  }
  let status = 0
  for (const arg of args) {
    const exists = process.processes().some((row) => row.pid === Number(arg))
    if (!/^-?\d+$/.test(arg)) complain(process, `invalid number '${arg}'`)
    else if ((exists || signal !== 0) && send(process, Number(arg), signal)) continue
    else {
      complain(process, `can't kill pid ${arg}: ${exists ? 'Operation not permitted' : 'No such process'}`)
    }
    status = 1
  }
  return status
}

const nproc: Program = function* (process) {
  yield* atOnce
  process.stdout.write('2\n')
  return 0
}

const free: Program = function* (process) {
  const unit = process.argv.includes('-m') ? 1024 : process.argv.includes('-g') ? 1024 ** 2 : 1
  const [total, used] = [25_165_824 / unit, 4_194_304 / unit]
  const row = (...numbers: number[]): string => numbers.map((n) => String(Math.round(n)).padStart(12)).join('')
  process.stdout.write(
    `              total        used        free      shared  buff/cache   available\nMem:    ${row(total, used, total - used, 0, 0, total - used)}\nSwap:   ${row(0, 0, 0)}\n`,
  )
  return 0
}

const uptime: Program = function* (process) {
  yield* atOnce
  const seconds = Number(process.files.read('/proc/uptime').split(' ')[0])
  const at = new Date(process.nowEpochMs()).toISOString().slice(11, 19)
  process.stdout.write(` ${at} up ${Math.floor(seconds / 60)} min,  0 users,  load average: 0.10, 0.08, 0.05\n`)
  return 0
}

const nohup: Program = function* (process) {
  process.onSignal('SIGHUP', 'ignore')
  const wait = process.exec({ argv: process.argv.slice(1) })
  if (!('error' in wait)) return yield* waitFor(wait)
  complain(process, `can't execute '${process.argv[1]}': No such file or directory`)
  return 127
}

/** `nice`, `setsid`, `stdbuf`, `ionice`: run the rest. */
const wrapper: Program = function* (process) {
  const args = process.argv.slice(1)
  while (/^-/.test(args[0] ?? '')) args.splice(0, /^-(?:n|c)$/.test(args[0]) ? 2 : 1)
  const wait = process.exec({ argv: args })
  if (!('error' in wait)) return yield* waitFor(wait)
  complain(process, `can't execute '${args[0]}': No such file or directory`)
  return 127
}

export const processPrograms: Readonly<Record<string, Program>> = {
  ps,
  kill,
  ...processNamePrograms,
  nproc,
  free,
  uptime,
  sysctl,
  nohup,
  nice: wrapper,
  setsid: wrapper,
}
