/** getent: what the system knows of hosts, by /etc/hosts and DNS, and of users and groups. Source: getent(1) of glibc */
import type { Program } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'

/** Exit code of a key that is not found. */
const NOT_FOUND = 2

export const getent: Program = function* (process) {
  const [database = '', ...keys] = process.argv.slice(1).filter((arg) => !arg.startsWith('-'))
  if (database === 'passwd' || database === 'group') {
    const lines = process.files.read(`/etc/${database}`).split('\n').filter(Boolean)
    const found =
      keys.length === 0
        ? lines
        : keys.flatMap((key) => lines.filter((line) => [0, 2].some((at) => line.split(':')[at] === key)))
    process.stdout.write(found.map((line) => `${line}\n`).join(''))
    return found.length < keys.length ? NOT_FOUND : 0
  }
  if (!['hosts', 'ahosts', 'ahostsv4'].includes(database)) {
    process.stderr.write(
      `Unknown database: ${database}\nTry \`getent --help' or \`getent --usage' for more information.\n`,
    )
    return 1
  }
  let exit = 0
  for (const key of keys) {
    const addresses = yield* waitFor<readonly string[]>({
      start: (resume) => process.network.resolve(key, (found) => resume(found)),
    })
    if (addresses.length === 0) exit = NOT_FOUND
    const shown = database === 'hosts' ? addresses.slice(0, 1) : addresses
    for (const [at, address] of shown.entries())
      process.stdout.write(
        database === 'hosts'
          ? `${address.padEnd(15)} ${key}\n`
          : ['STREAM', 'DGRAM', 'RAW']
              .map((kind, n) => `${address.padEnd(15)} ${kind.padEnd(6)} ${at + n === 0 ? key : ''}\n`)
              .join(''),
      )
  }
  return exit
}
