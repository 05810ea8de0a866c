/** sysctl: settings of the kernel, by the files that show them. Source: procps-ng/busybox sysctl.c */
import { sysctlFile } from '../../api/core/pod/sysctls.ts'
import { FileError } from '../../runtime/files.ts'
import type { Program } from '../../runtime/process.ts'
import { atOnce, complain } from './support.ts'

export const sysctl: Program = function* (process) {
  yield* atOnce
  const flags = process.argv
    .slice(1)
    .filter((arg) => /^-[a-z]+$/.test(arg))
    .join('')
  const names = process.argv.slice(1).filter((arg) => !arg.startsWith('-'))
  let status = 0
  for (const given of names) {
    const [name = '', value] = given.split(/=(.*)/s)
    try {
      if (value === undefined) {
        const text = process.files.read(sysctlFile(name)).trimEnd()
        process.stdout.write(flags.includes('n') ? `${text}\n` : `${name.replaceAll('/', '.')} = ${text}\n`)
        continue
      }
      process.files.stat(sysctlFile(name))
      // Simplified: /proc/sys is read-only for whoever is not privileged, and for them as well.
      complain(process, `error setting key '${name.replaceAll('/', '.')}': Read-only file system`)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      complain(process, `error: '${sysctlFile(name)}' is an unknown key`)
    }
    status = 1
  }
  return status
}
