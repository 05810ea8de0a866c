/** Programs on processes and the machine: ps, kill, nproc, free, uptime, and what can't be had here. */

import type { Program } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { accountName } from './basic.ts'
import { processNamePrograms, type Sent, send, sentOf } from './process-names.ts'
import { atOnce, complain } from './support.ts'
import { sysctl } from './sysctl.ts'

const commandOf = (argv: readonly string[]): string => argv[0].slice(argv[0].lastIndexOf('/') + 1)

const ps: Program = function* (process) {
  yield* atOnce
  process.stdout.write('PID   USER     TIME  COMMAND\n')
  for (const row of process.processes()) {
    const user = (accountName(process, '/etc/passwd', row.uid) ?? String(row.uid)).padEnd(8).slice(0, 8)
    const command = row.state === 'Z' ? `[${commandOf(row.argv)}]` : row.argv.join(' ')
    process.stdout.write(`${String(row.pid).padStart(5)} ${user}  0:00 ${command}\n`)
  }
  return 0
}

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
