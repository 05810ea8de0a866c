/** All programs of busybox at their paths, and the program `busybox` that runs any of them. */
import type { Program } from '../../runtime/process.ts'
import { sh } from '../../runtime/shell/sh.ts'
import { awkProgram } from './awk.ts'
import { basicPrograms } from './basic.ts'
import { bytePrograms } from './bytes.ts'
import { checksumPrograms } from './checksums.ts'
import { comparePrograms } from './compare.ts'
import { expr } from './expr.ts'
import { filePrograms } from './files.ts'
import { mountPrograms } from './mounts.ts'
import { networkPrograms } from './network.ts'
import { processPrograms } from './processes.ts'
import { reachPrograms } from './reach.ts'
import { sedProgram } from './sed.ts'
import { tarProgram } from './tar.ts'
import { terminalPrograms } from './terminal.ts'
import { textPrograms } from './text.ts'

const applets: Readonly<Record<string, Program>> = {
  sh,
  ash: sh,
  ...basicPrograms,
  ...filePrograms,
  ...textPrograms,
  awk: awkProgram,
  sed: sedProgram,
  ...processPrograms,
  ...networkPrograms,
  ...reachPrograms,
  ...mountPrograms,
  ...terminalPrograms,
  ...bytePrograms,
  ...checksumPrograms,
  ...comparePrograms,
  expr,
  tar: tarProgram,
}

const busybox: Program = function* (process) {
  const name = process.argv[1]
  if (name === undefined || name === '--help' || name === '--list') {
    if (name !== '--list')
      process.stdout.write(
        'BusyBox v1.36.1 multi-call binary.\nBusyBox is copyrighted by many authors between 1998-2015.\n\nCurrently defined functions:\n',
      )
    process.stdout.write(`${Object.keys(applets).sort().join('\n')}\n`)
    return 0
  }
  if (!Object.hasOwn(applets, name)) {
    process.stderr.write(`${name}: applet not found\n`)
    return 127
  }
  ;(process as { argv: readonly string[] }).argv = process.argv.slice(1)
  return yield* applets[name](process)
}

/** Programs by path, as the busybox image has them in /bin. */
export const busyboxPrograms: Readonly<Record<string, Program>> = Object.fromEntries([
  ...Object.entries(applets).map(([name, program]) => [`/bin/${name}`, program] as const),
  ['/bin/busybox', busybox],
])

/** The same programs, with /usr/bin/env and others where distributions have them. */
export const linuxPrograms: Readonly<Record<string, Program>> = {
  ...busyboxPrograms,
  ...Object.fromEntries(
    ['env', 'id', 'printf', 'test', '[']
      .filter((name) => applets[name])
      .map((name) => [`/usr/bin/${name}`, applets[name]]),
  ),
}
