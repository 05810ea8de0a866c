/** stress: takes as much memory and CPU as it is told to, for lessons on limits. */
import type { Image, Program } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import { linuxFiles } from './base-files.ts'
import { linuxPrograms } from './programs/busybox.ts'
import { stamp } from './programs/daemon.ts'
import { parseDuration, parseOptions, parseSize, UsageError } from './programs/support.ts'

const stressProgram: Program = function* (process) {
  const say = (text: string): void => process.stdout.write(`stress: info: [${process.pid}] ${text}\n`)
  try {
    const options = parseOptions(process.argv.slice(1), 'c:m:t:v', {
      cpu: 'c:',
      vm: 'm:',
      'vm-bytes': 'bytes:',
      'vm-hang': 'hang:',
      'vm-keep': 'keep',
      timeout: 't:',
      verbose: 'v',
      io: 'i:',
    })
    const cpus = Number(options.value('c') ?? 0)
    const workers = Number(options.value('m') ?? 0)
    const bytes = parseSize(options.value('bytes') ?? '256M') ?? 0
    say(`dispatching hogs: ${cpus} cpu, ${options.value('i') ?? 0} io, ${workers} vm, 0 hdd`)
    process.useCpu(1000 * (cpus + (options.has('hang') ? 0 : workers)))
    // Memory is touched page by page: a second for each gigabyte, in ten steps.
    for (let step = 1; step <= 10 && workers > 0; step++) {
      yield* waitFor(process.sleep(Math.max(1, bytes / 1e7)))
      process.useMemory((workers * bytes * step) / 10)
    }
    const seconds = /^(\d+)/.exec(options.value('t') ?? '')
    if (seconds) yield* waitFor(process.sleep(Number(seconds[1]) * 1000))
    else yield* waitFor(process.forever())
    say(`successful run completed in ${seconds?.[1] ?? 0}s`)
    return 0
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`stress: FAIL: [${process.pid}] ${error.message}\n`)
    return 1
  }
}

export const stress: Image = {
  repositories: ['polinux/stress', 'polinux/stress-ng', 'progrium/stress', 'containerstack/cpustress'],
  tags: ['latest', '1.0.4'],
  sizeBytes: 4_000_000,
  base: 'alpine:3.22',
  cmd: ['stress'],
  files: linuxFiles,
  programs: { ...linuxPrograms, '/usr/bin/stress': stressProgram },
}

/** The program of the Kubernetes documentation's pages on limits: `-cpus 2 -mem-total 150Mi -mem-alloc-size 10Mi -mem-alloc-sleep 1s`. */
const vishProgram: Program = function* (process) {
  const value = (name: string, otherwise: string): string => {
    for (const [index, arg] of process.argv.entries()) {
      if (arg === `-${name}` || arg === `--${name}`) return process.argv[index + 1] ?? otherwise
      const given = /^--?([\w-]+)=(.*)$/.exec(arg)
      if (given?.[1] === name) return given[2]
    }
    return otherwise
  }
  const say = (line: number, text: string): void =>
    process.stderr.write(
      `I${stamp(process, '%m%d %H:%M:%S.%L000')} ${String(process.pid).padStart(7)} main.go:${line}] ${text}\n`,
    )
  const [total, chunk, pause] = [
    value('mem-total', '0'),
    value('mem-alloc-size', '4Ki'),
    value('mem-alloc-sleep', '1ms'),
  ]
  const bytes = bytesOf(total)
  const step = bytesOf(chunk)
  const pauseMs = pause.endsWith('ms') ? Number(pause.slice(0, -2)) : (parseDuration(pause) ?? 1)
  const cpus = Number(value('cpus', '0'))
  if (bytes === undefined || !step || Number.isNaN(cpus) || Number.isNaN(pauseMs)) {
    process.stderr.write('invalid value for a flag: quantities must be like 150Mi, durations like 1s\n')
    return 2
  }
  say(26, `Allocating "${total}" memory, in "${chunk}" chunks, with a ${pause} sleep between allocations`)
  for (let n = 0; n < cpus; n++) say(39, 'Spawning a thread to consume CPU')
  process.useCpu(cpus * 1000)
  // In at most a hundred steps, at the pace of the many small ones.
  const steps = Math.min(100, Math.ceil(bytes / step))
  for (let n = 1; n <= steps; n++) {
    yield* waitFor(process.sleep(((bytes / step) * pauseMs) / steps))
    process.useMemory((bytes * n) / steps)
  }
  say(29, `Allocated "${total}" memory`)
  yield* waitFor(process.forever())
  return 0
}

const bytesOf = (text: string): number | undefined => {
  const match = /^(\d+(?:\.\d+)?)(Ki|Mi|Gi|Ti|k|M|G|)$/.exec(text)
  if (!match) return undefined
  const unit = { Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3, Ti: 1024 ** 4, k: 1e3, M: 1e6, G: 1e9, '': 1 }[match[2]] ?? 1
  return Number(match[1]) * unit
}

export const vishStress: Image = {
  repositories: ['vish/stress'],
  tags: ['latest'],
  sizeBytes: 1_500_000,
  entrypoint: ['/stress'],
  cmd: ['-logtostderr'],
  programs: { '/stress': vishProgram },
}
