/** free, df, uptime, uname: what the machine has, and how much of it is in use. Sources: free(1), df(1), uptime(1), uname(1) */

import { printColumns } from '../../images/programs/df.ts'
import { kernelVersion } from '../../runtime/kernel-version.ts'
import type { Process } from '../../runtime/process.ts'
import { loadAverage, memoryOf, uptimeSeconds } from '../host-layer.ts'
import type { NodeMachine, NodeProgram } from '../machine.ts'

/** `3.8Gi`, `312Mi`. Source: procps, scale_size */
function binarySize(bytes: number, suffix: string): string {
  const units = ['B', `K${suffix}`, `M${suffix}`, `G${suffix}`, `T${suffix}`]
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  if (unit === 0) return `${value}${units[0]}`
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)}${units[unit]}`
}

export const free: NodeProgram = {
  path: '/usr/bin/free',
  make: (machine) =>
    function* (process) {
      yield* []
      const options = process.argv.slice(1).join('')
      const { totalBytes, usedBytes, freeBytes } = memoryOf(machine)
      const divisor = options.includes('g')
        ? 1024 ** 3
        : options.includes('m')
          ? 1024 ** 2
          : options.includes('b')
            ? 1
            : 1024
      const show = (bytes: number): string =>
        (options.includes('h') ? binarySize(bytes, 'i') : String(Math.floor(bytes / divisor))).padStart(12)
      const row = (name: string, values: readonly number[]): string => `${name.padEnd(8)}${values.map(show).join('')}\n`
      process.stdout.write('               total        used        free      shared  buff/cache   available\n')
      process.stdout.write(row('Mem:', [totalBytes, usedBytes, freeBytes, 0, 0, freeBytes]))
      process.stdout.write(row('Swap:', [0, 0, 0]))
      return 0
    },
}

export const df: NodeProgram = {
  path: '/usr/bin/df',
  make: (machine) =>
    function* (process) {
      yield* []
      const isHuman = process.argv.slice(1).some((word) => /^-\w*h/.test(word))
      const { capacityBytes, usedBytes, availableBytes } = machine.kubelet.runtime.disk
      const show = (bytes: number): string => (isHuman ? binarySize(bytes, '') : String(Math.ceil(bytes / 1024)))
      const percent = `${Math.ceil((usedBytes / Math.max(1, usedBytes + availableBytes)) * 100)}%`
      const rows = [
        ['Filesystem', isHuman ? 'Size' : '1K-blocks', 'Used', isHuman ? 'Avail' : 'Available', 'Use%', 'Mounted on'],
        ['/dev/vda1', show(capacityBytes), show(usedBytes), show(availableBytes), percent, '/'],
      ]
      process.stdout.write(printColumns(rows))
      return 0
    },
}

export const uptime: NodeProgram = {
  path: '/usr/bin/uptime',
  make: (machine) =>
    function* (process) {
      yield* []
      process.stdout.write(`${uptimeLine(machine, process)}\n`)
      return 0
    },
}

/** ` 00:03:12 up 3 min,  1 user,  load average: 0.00, 0.00, 0.00` */
export function uptimeLine(machine: NodeMachine, process: Process): string {
  const seconds = uptimeSeconds(machine)
  const days = Math.floor(seconds / 86_400)
  const hours = Math.floor(seconds / 3600) % 24
  const minutes = Math.floor(seconds / 60) % 60
  const up = `${days > 0 ? `${days} day${days > 1 ? 's' : ''}, ` : ''}${hours > 0 ? `${String(hours).padStart(2)}:${String(minutes).padStart(2, '0')}` : `${minutes} min`}`
  const at = new Date(process.nowEpochMs()).toISOString().slice(11, 19)
  return ` ${at} up ${up},  1 user,  load average: ${loadAverage(machine).replaceAll(' ', ', ')}`
}

export const uname: NodeProgram = {
  path: '/usr/bin/uname',
  make: (machine) =>
    function* (process) {
      yield* []
      const fields: readonly (readonly [string, string])[] = [
        ['s', 'Linux'],
        ['n', machine.shape.name],
        ['r', kernelVersion],
        ['v', '#1 SMP PREEMPT_DYNAMIC'],
        ['m', 'x86_64'],
        ['o', 'GNU/Linux'],
      ]
      const letters = process.argv.slice(1).join('').replaceAll('-', '') || 's'
      const shown = fields.filter(([letter]) => letters.includes('a') || letters.includes(letter))
      process.stdout.write(`${shown.map(([, text]) => text).join(' ')}\n`)
      return 0
    },
}
