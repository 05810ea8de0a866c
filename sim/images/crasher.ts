/** A program that fails: after AFTER seconds (2 unless set) with exit code CODE (1 unless set). */
import type { Image, Program } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import { linuxFiles } from './base-files.ts'
import { linuxPrograms } from './programs/busybox.ts'

const crash: Program = function* (process) {
  const after = Number(process.env.AFTER ?? 2)
  const code = Number(process.env.CODE ?? 1)
  process.stdout.write('starting\n')
  yield* waitFor(process.sleep((Number.isNaN(after) ? 2 : after) * 1000))
  if (code === 0) {
    process.stdout.write('done\n')
    return 0
  }
  process.stderr.write(`fatal: ${process.env.MESSAGE ?? 'the configuration is incomplete'}\n`)
  return Number.isNaN(code) ? 1 : code & 255
}

export const crasher: Image = {
  repositories: ['podium/crasher'],
  tags: ['1.0', 'latest'],
  sizeBytes: 4_000_000,
  base: 'busybox:1.36',
  cmd: ['/bin/crasher'],
  files: linuxFiles,
  programs: { ...linuxPrograms, '/bin/crasher': crash },
}
