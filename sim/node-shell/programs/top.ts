/**
 * top: the processes of the node by what they use. Simplified: what a container uses is told of its first process, the services of
 * the node use nothing, who uses half a core is always found running, and there are no keys but Ctrl-C. Source: top(1) of procps
 */

import { quantityMillis } from '../../api/meta/quantity.ts'
import type { Process } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import type { ProcessRow } from '../../runtime/process-files.ts'
import { memoryOf } from '../host-layer.ts'
import type { NodeMachine, NodeProgram } from '../machine.ts'
import { userOf } from './ps.ts'
import { uptimeLine } from './system.ts'

const usualDelayMs = 3000
/** Of a process's name, as the kernel keeps it. */
const commLength = 15
/** Of a machine whose shape says nothing. */
const usualCpu = '2'
/** What stands above the processes. */
const headLines = 7

interface Use {
  cpuMillis: number
  cpuMs: number
  memoryBytes: number
}

interface Used {
  row: ProcessRow
  use: Use
}

const idle: Use = { cpuMs: 0, cpuMillis: 0, memoryBytes: 0 }

export const top: NodeProgram = {
  path: '/usr/bin/top',
  make: (machine) =>
    function* (process) {
      const words = process.argv.slice(1).join(' ')
      const unknown = /(?:^|\s)-[a-zA-Z]*?([^bnd0-9.\s-])/.exec(words)
      if (unknown) {
        process.stderr.write(`top: unknown option '${unknown[1]}'\nUsage:\n  top -bn[num] -d[secs]\n`)
        return 1
      }
      const isBatch = /(?:^|\s)-\w*b/.test(words)
      const times = /-\w*n\s*(\d+)/.exec(words)
      const delay = /-\w*d\s*([\d.]+)/.exec(words)
      if (!isBatch && !process.stdout.isTerminal) {
        process.stderr.write('TERM environment variable not set.\n')
        return 1
      }
      const delayMs = delay ? Math.max(100, Number(delay[1]) * 1000) : usualDelayMs
      for (let left = times ? Number(times[1]) : Number.POSITIVE_INFINITY; left > 0; left--) {
        const used = usedBy(machine)
        const { totalBytes } = memoryOf(machine)
        const lines = used.map(({ row, use }) => line(process, row, use, totalBytes))
        const rows = [...heading(machine, process, used), ...lines]
        if (isBatch) process.stdout.write(`${rows.join('\n')}\n`)
        else {
          const { rows: height, columns } = process.stdin.size ?? { rows: 24, columns: 80 }
          const shown = rows.slice(0, Math.max(headLines, height - 1)).map((row) => row.slice(0, columns - 1))
          process.stdout.write(`\x1b[H\x1b[2J${shown.join('\n')}\n`)
        }
        if (left > 1) {
          yield* waitFor(process.sleep(delayMs))
          if (isBatch) process.stdout.write('\n')
        }
      }
      return 0
    },
}

const fixed = (value: number, width: number, digits = 1): string => value.toFixed(digits).padStart(width)

const isRunning = (process: Process, { pid }: ProcessRow, cpuMillis: number): boolean =>
  pid === process.pid || cpuMillis >= 500

function heading(machine: NodeMachine, process: Process, used: readonly Used[]): string[] {
  const all = used.map(({ row }) => row)
  const running = used.filter(({ row, use }) => isRunning(process, row, use.cpuMillis)).length
  const zombies = all.filter(({ state }) => state === 'Z').length
  const coreMillis = Math.max(1, quantityMillis(machine.shape.cpu ?? usualCpu))
  const usedMillis = used.reduce((sum, { use }) => sum + use.cpuMillis, 0)
  const busy = Math.min(100, (usedMillis / coreMillis) * 100)
  const { totalBytes, usedBytes, freeBytes } = memoryOf(machine)
  const mebi = (bytes: number): string => fixed(bytes / 1024 ** 2, 8)
  const tasks = (count: number): string => String(count).padStart(3)
  return [
    `top -${uptimeLine(machine, process)}`,
    `Tasks: ${tasks(all.length)} total, ${tasks(running)} running, ${tasks(all.length - running - zombies)} sleeping, ${tasks(0)} stopped, ${tasks(zombies)} zombie`,
    `%Cpu(s):${fixed(busy, 5)} us,  0.0 sy,  0.0 ni,${fixed(100 - busy, 5)} id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st `,
    `MiB Mem : ${mebi(totalBytes)} total, ${mebi(freeBytes)} free, ${mebi(usedBytes)} used, ${mebi(0)} buff/cache     `,
    `MiB Swap: ${mebi(0)} total, ${mebi(0)} free, ${mebi(0)} used. ${mebi(freeBytes)} avail Mem `,
    '',
    '    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND',
  ]
}

/** Who uses most stands first. */
function usedBy({ kubelet }: NodeMachine): Used[] {
  const uses = new Map<number, Use>()
  for (const { handle } of kubelet.runtime.running()) {
    const pid = handle?.nodePid
    if (!handle || pid === undefined) continue
    const { totalMs, millis } = handle.cpuUsage()
    uses.set(pid, { cpuMs: totalMs, cpuMillis: millis, memoryBytes: handle.memoryUsage() })
  }
  return kubelet.runtime.processes.pids
    .processes()
    .map((row) => ({ row, use: uses.get(row.pid) ?? idle }))
    .sort((a, b) => b.use.cpuMillis - a.use.cpuMillis || a.row.pid - b.row.pid)
}

function line(process: Process, row: ProcessRow, { cpuMillis, cpuMs, memoryBytes }: Use, totalBytes: number): string {
  const kibi = String(Math.round(memoryBytes / 1024))
  const state = isRunning(process, row, cpuMillis) ? 'R' : row.state.slice(0, 1)
  const user = userOf(process, row.uid)
  return `${String(row.pid).padStart(7)} ${user.padEnd(8)}  20   0 ${kibi.padStart(7)} ${kibi.padStart(6)} ${'0'.padStart(6)} ${state}${fixed(cpuMillis / 10, 6)}${fixed((memoryBytes / totalBytes) * 100, 6)} ${cpuTime(cpuMs).padStart(9)} ${(row.argv[0] ?? '').split('/').at(-1)?.slice(0, commLength)}`
}

/** `1:02.03`: minutes, seconds and hundredths. */
function cpuTime(ms: number): string {
  const hundredths = Math.floor(ms / 10)
  const seconds = Math.floor(hundredths / 100)
  const two = (number: number): string => String(number).padStart(2, '0')
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)}.${two(hundredths % 100)}`
}
