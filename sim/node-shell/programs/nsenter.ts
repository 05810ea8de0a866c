/**
 * nsenter: runs a program in the namespaces of a process. Simplified: who enters a container's mounts is in all of its namespaces, as with
 * crictl exec; without them, what it sees differs by network and hostname. Source: nsenter(1) of util-linux
 */
import { firstNamespaces, type Namespaces, type NamespaceType } from '../../runtime/namespaces.ts'
import { type EnteredNamespaces, type Process, waitFor } from '../../runtime/process.ts'
import type { NodeMachine, NodeProgram } from '../machine.ts'
import { findProcess, type HeldProcess } from '../process-holder.ts'

const typeOfLetter: Readonly<Record<string, NamespaceType>> = {
  ...{ m: 'mnt', u: 'uts', i: 'ipc', n: 'net', p: 'pid', C: 'cgroup', U: 'user', T: 'time' },
}
const letterOfName: Readonly<Record<string, string>> = {
  ...{ all: 'a', target: 't', mount: 'm', uts: 'u', ipc: 'i', net: 'n', pid: 'p', cgroup: 'C', user: 'U', time: 'T' },
  ...{ root: 'r', wd: 'w', 'no-fork': 'F', setuid: 'S', setgid: 'G', 'preserve-credentials': 'P' },
}
const withValue = 'tSGW'

interface Asked {
  target?: string
  types: Set<NamespaceType>
  command: readonly string[]
}

/** The problem, as it is printed. */
function read(words: readonly string[]): Asked | string {
  const types = new Set<NamespaceType>()
  let target: string | undefined
  let n = 0
  for (; n < words.length; n++) {
    const word = words[n]!
    if (word === '--') {
      n++
      break
    }
    if (!/^-./.test(word)) break
    const long = /^--([^=]+)(?:=(.*))?$/.exec(word)
    const letters = long ? (letterOfName[long[1]!] ?? '?') : word.slice(1)
    for (let at = 0; at < letters.length; at++) {
      const letter = letters[at]!
      if (withValue.includes(letter)) {
        const value = long ? (long[2] ?? words[++n]) : letters.slice(at + 1) || words[++n]
        if (letter === 't') target = value
        break
      }
      if (letter === 'a') for (const type of Object.values(typeOfLetter)) types.add(type)
      else if (typeOfLetter[letter]) types.add(typeOfLetter[letter]!)
      else if (!'rwFPZ'.includes(letter))
        return long ? `unrecognized option '${word}'` : `invalid option -- '${letter}'`
      if (long?.[2] !== undefined) return `podium enters the namespaces of processes, not those of files: ${word}`
    }
  }
  return { target, types, command: words.slice(n) }
}

export const nsenter: NodeProgram = {
  path: '/usr/bin/nsenter',
  make: (machine) =>
    function* (process) {
      const fail = (why: string): number => {
        process.stderr.write(`nsenter: ${why}\n`)
        return 1
      }
      const asked = read(process.argv.slice(1))
      if (typeof asked === 'string')
        return fail(`${asked}${asked.startsWith('podium') ? '' : "\nTry 'nsenter --help' for more information."}`)
      const { target, types } = asked
      const first = [...types][0]
      if (target === undefined) {
        if (first) return fail(`neither filename nor target pid supplied for ns/${first}`)
      } else if (!/^\d+$/.test(target)) return fail(`failed to parse pid: '${target}'`)
      const command = asked.command.length > 0 ? asked.command : [process.env.SHELL ?? '/bin/sh']
      const found = target === undefined ? undefined : findProcess(machine, Number(target))
      if (target !== undefined && !found && first)
        return fail(`cannot open /proc/${target}/ns/${first}: No such file or directory`)
      if (types.has('mnt') && found?.container) return yield* inside(process, found, command)
      if (types.has('mnt') && found?.sandbox) return fail(`failed to execute ${command[0]}: No such file or directory`)
      const started = process.exec({ argv: command, enter: found && entered(machine, found, types) })
      if (!('error' in started)) yield started
      else
        process.stderr.write(
          `nsenter: failed to execute ${command[0]}: ${started.error === 'not-executable' ? 'Permission denied' : 'No such file or directory'}\n`,
        )
      return 127
    },
}

function entered(
  machine: NodeMachine,
  { row, sandbox }: HeldProcess,
  types: ReadonlySet<NamespaceType>,
): EnteredNamespaces {
  const target: Namespaces = row.place?.namespaces ?? firstNamespaces
  const numbers = Object.fromEntries([...types].map((type) => [type, target[type]]))
  return {
    numbers,
    ...(types.has('net') ? { network: sandbox?.network ?? machine.network } : {}),
    ...(types.has('uts')
      ? { hostname: sandbox && !sandbox.request.hostNetwork ? sandbox.request.hostname : machine.shape.name }
      : {}),
  }
}

function* inside(process: Process, { container }: HeldProcess, argv: readonly string[]) {
  const { handle } = container!
  const outcome = yield* waitFor<number | string>({
    start(resume) {
      const running = handle!.exec({
        argv,
        stdin: process.stdin,
        onOutput: (stream, text) => process[stream].write(text),
        onExit: ({ exitCode }) => resume(exitCode),
      })
      if (!('error' in running)) return running.kill
      resume(running.error)
      return () => undefined
    },
  })
  if (typeof outcome === 'number') return outcome
  process.stderr.write(`nsenter: failed to execute ${argv[0]}: No such file or directory\n`)
  return 127
}
