/** ps: the processes of the node, those of its containers among them. Source: ps(1) of procps */

import type { Process } from '../../runtime/process.ts'
import type { ProcessRow } from '../../runtime/process-files.ts'
import type { NodeMachine, NodeProgram } from '../machine.ts'

const minute = (epochMs: number): string => new Date(epochMs).toISOString().slice(11, 16)

export const userOf = (process: Process, uid: number): string =>
  process.files
    .read('/etc/passwd')
    .split('\n')
    .map((line) => line.split(':'))
    .find((fields) => fields[2] === String(uid))?.[0] ?? String(uid)

const commandOf = ({ argv, state }: ProcessRow): string =>
  state === 'Z' ? `[${argv[0].split('/').at(-1)}] <defunct>` : argv.join(' ')

export const ps: NodeProgram = {
  path: '/usr/bin/ps',
  make: (machine) =>
    function* (process) {
      yield* []
      const words = process.argv.slice(1)
      const letters = words.join('').replaceAll('-', '')
      const all = machine.kubelet.runtime.processes.pids.processes()
      const isFull = /^-?[^-]*f/.test(words[0] ?? '') && words[0]?.startsWith('-')
      if (letters.includes('u') && letters.includes('a')) printUser(process, machine, all)
      else if (isFull && /[eA]/.test(letters)) printFull(process, machine, all)
      else if (/[eA]/.test(letters) || letters.includes('ax')) printShort(process, all)
      else
        printShort(
          process,
          all.filter(({ group }) => group === ownGroup(process, all)),
        )
      return 0
    },
}

const ownGroup = (process: Process, all: readonly ProcessRow[]): number | undefined =>
  all.find(({ pid }) => pid === process.pid)?.group

function printUser(process: Process, { engine }: NodeMachine, all: readonly ProcessRow[]): void {
  process.stdout.write('USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n')
  for (const row of all)
    process.stdout.write(
      `${userOf(process, row.uid).padEnd(8)} ${String(row.pid).padStart(7)}  0.0  0.0      0     0 ?        ${row.state.padEnd(4)} ${minute(engine.startEpochMs + row.startedMs)}   0:00 ${commandOf(row)}\n`,
    )
}

function printFull(process: Process, { engine }: NodeMachine, all: readonly ProcessRow[]): void {
  process.stdout.write('UID          PID    PPID  C STIME TTY          TIME CMD\n')
  for (const row of all)
    process.stdout.write(
      `${userOf(process, row.uid).padEnd(8)} ${String(row.pid).padStart(7)} ${String(row.ppid).padStart(7)}  0 ${minute(engine.startEpochMs + row.startedMs)} ?        00:00:00 ${commandOf(row)}\n`,
    )
}

function printShort(process: Process, all: readonly ProcessRow[]): void {
  process.stdout.write('    PID TTY          TIME CMD\n')
  for (const row of all)
    process.stdout.write(`${String(row.pid).padStart(7)} ?        00:00:00 ${row.argv[0].split('/').at(-1)}\n`)
}
