/** apt-mark: which packages stay as they are. Source: apt-mark(8); cmdline/apt-mark.cc */
import { FileError } from '../../runtime/files.ts'
import type { NodeProgram } from '../machine.ts'
import { findInstalled, installedPackages, isKnown, mark } from '../packages/database.ts'

export const aptMark: NodeProgram = {
  path: '/usr/bin/apt-mark',
  make: () =>
    function* ({ argv, files, stdout, stderr }) {
      yield* []
      const [verb = '', ...names] = argv.slice(1).filter((word) => !word.startsWith('-'))
      const say = (text: string): void => stdout.write(`${text}\n`)
      const fail = (why: string): number => {
        stderr.write(`E: ${why}\n`)
        return 100
      }
      if (verb === '') {
        say('apt 3.0.3 (amd64)\nUsage: apt-mark [options] {auto|manual} pkg1 [pkg2 ...]')
        return 0
      }
      if (verb === 'showhold') {
        for (const { name, isHeld } of installedPackages(files)) if (isHeld) say(name)
        return 0
      }
      if (verb === 'showmanual') {
        for (const { name } of installedPackages(files)) say(name)
        return 0
      }
      if (verb !== 'hold' && verb !== 'unhold') return fail(`Invalid operation ${verb}`)
      const unknown = names.filter((name) => !isKnown(files, name))
      for (const name of unknown) stderr.write(`E: Unable to locate package ${name}\n`)
      if (names.length === 0 || unknown.length > 0) return fail('No packages found')
      for (const name of names) {
        const found = findInstalled(files, name)
        const isHeld = verb === 'hold'
        if (!found || found.isHeld === isHeld) {
          say(`${name} was already ${isHeld ? 'set' : 'not'} on hold.`)
          continue
        }
        try {
          mark(files, { ...found, isHeld })
        } catch (error) {
          if (!(error instanceof FileError)) throw error
          return fail(error.message)
        }
        say(isHeld ? `${name} set on hold.` : `Canceled hold on ${name}.`)
      }
      return 0
    },
}
