/** stress: takes as much memory and CPU as it is told to, for lessons on limits. */
import type { Image, Program } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import { linuxFiles } from './base-files.ts'
import { linuxPrograms } from './programs/busybox.ts'
import { parseOptions, parseSize, UsageError } from './programs/support.ts'

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
  repositories: ['polinux/stress'],
  tags: ['latest', '1.0.4'],
  sizeBytes: 4_000_000,
  cmd: ['stress'],
  files: linuxFiles,
  programs: { ...linuxPrograms, '/usr/bin/stress': stressProgram },
}
