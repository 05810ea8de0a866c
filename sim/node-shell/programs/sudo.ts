/** sudo and su: whoever has a shell of a node is root there already. Simplified: nobody else has a password or a shell. Sources: sudo(8), su(1) */
import type { Run } from '../../images/programs/support.ts'
import type { Process } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import type { NodeProgram } from '../machine.ts'

/** Those that a word follows. */
const withValue = new Set([
  '-u',
  '--user',
  '-g',
  '--group',
  '-h',
  '--host',
  '-p',
  '--prompt',
  '-C',
  '-D',
  '--chdir',
  '-T',
])
const shell = '/bin/bash'

export const sudo: NodeProgram = {
  path: '/usr/bin/sudo',
  make: () =>
    function* (process) {
      const words = process.argv.slice(1)
      const env = { ...process.env, SUDO_USER: 'root', SUDO_UID: '0', SUDO_GID: '0' }
      let opensShell = false
      while (words.length > 0) {
        const [word = ''] = words
        const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(word) ?? []
        if (name !== undefined) Object.assign(env, { [name]: value })
        else if (word === '--') {
          words.shift()
          break
        } else if (!word.startsWith('-')) break
        else if (word === '-l' || word === '--list') {
          process.stdout.write(
            `User root may run the following commands on ${process.hostname}:\n    (ALL : ALL) ALL\n`,
          )
          return 0
        } else if (/^-[vkK]$/.test(word)) return 0
        else {
          const [user] = ['-u', '--user'].includes(word)
            ? [words[1] ?? '']
            : (/^--user=(.*)$/.exec(word)?.slice(1) ?? [])
          if (user !== undefined && user !== 'root' && user !== '#0') return unknownUser(process, 'sudo', user)
          if (/^-[A-Za-z]*[is][A-Za-z]*$/.test(word) || word === '--login' || word === '--shell') opensShell = true
          if (withValue.has(word)) words.shift()
        }
        words.shift()
      }
      if (words.length > 0) return yield* run(process, 'sudo', opensShell ? [shell, '-c', words.join(' ')] : words, env)
      if (opensShell) return yield* run(process, 'sudo', [shell], env)
      process.stderr.write('usage: sudo [-ABbEHkNnPS] [-u user] [VAR=value] [-i | -s] [command [arg ...]]\n')
      return 1
    },
}

export const su: NodeProgram = {
  path: '/usr/bin/su',
  make: () =>
    function* (process) {
      const words = process.argv.slice(1).filter((word) => !['-', '-l', '--login', '-m', '-p'].includes(word))
      const at = words.findIndex((word) => word === '-c' || word === '--command')
      const [, command] = at < 0 ? [] : words.splice(at, 2)
      const [user = 'root'] = words
      if (user !== 'root') return unknownUser(process, 'su', user)
      return yield* run(process, 'su', command === undefined ? [shell] : [shell, '-c', command], process.env)
    },
}

function unknownUser(process: Process, program: string, user: string): number {
  const isThere =
    process.files.exists('/etc/passwd') &&
    process.files
      .read('/etc/passwd')
      .split('\n')
      .some((line) => line.startsWith(`${user}:`))
  if (isThere) process.stderr.write('podium: the shells of a node are root’s: nobody else has one\n')
  else
    process.stderr.write(
      program === 'su'
        ? `su: user ${user} does not exist or the user entry does not contain all the required fields\n`
        : `sudo: unknown user ${user}\nsudo: error initializing audit plugin sudoers_audit\n`,
    )
  return 1
}

function* run(process: Process, program: string, argv: readonly string[], env: Readonly<Record<string, string>>): Run {
  const wait = process.exec({ argv, env })
  if (!('error' in wait)) return yield* waitFor(wait)
  process.stderr.write(
    wait.error === 'not-found'
      ? `${program}: ${argv[0]}: command not found\n`
      : `${program}: unable to execute ${argv[0]}: Permission denied\n`,
  )
  return 1
}
