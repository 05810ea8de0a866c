/** mount and umount: what is mounted, file systems in memory and binds for who may make them. */
import { FileError } from '../../runtime/files.ts'
import type { Process, Program } from '../../runtime/process.ts'
import { atOnce, complain, type Options, pathOf, type Run, withOptions } from './support.ts'

function* mountOne(process: Process, options: Options): Run {
  yield* atOnce
  if (options.rest.length === 0) {
    for (const line of process.files.read('/proc/mounts').split('\n').filter(Boolean)) {
      const [device, path, type, how] = line.split(' ')
      process.stdout.write(`${device} on ${path} type ${type} (${how})\n`)
    }
    return 0
  }
  const [device, path = ''] = options.rest
  const isBind = options.has('B') || /\br?bind\b/.test(options.value('o') ?? '')
  const fail = (why: string): number => {
    complain(process, `mounting ${device} on ${path} failed: ${why}`)
    return 255
  }
  if (!isBind && options.value('t') !== 'tmpfs') return fail('No such device')
  try {
    process.files.attach(pathOf(process, path), isBind ? pathOf(process, device) : undefined)
    return 0
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    if (error.code !== 'EPERM') return fail(error.message)
    complain(process, 'permission denied (are you root?)')
    return 1
  }
}

const umount: Program = function* (process) {
  yield* atOnce
  let status = 0
  for (const path of process.argv.slice(1).filter((word) => !word.startsWith('-'))) {
    try {
      process.files.detach(pathOf(process, path))
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      complain(process, `can't unmount ${path}: ${error.message}`)
      status = 1
    }
  }
  return status
}

export const mountPrograms: Readonly<Record<string, Program>> = {
  mount: withOptions('t:o:rwB', mountOne, { longNames: { bind: 'B', rbind: 'B' } }),
  umount,
}
