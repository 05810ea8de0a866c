/** The words behind `kubeadm`, and what goes wrong with them. Sources: cmd/kubeadm/app/util/errors HandleError, github.com/spf13/cobra */

import type { Run } from '../../../images/programs/support.ts'
import type { Process } from '../../../runtime/process.ts'
import { type FlagNames, pflagStyle, readFlags } from '../../../text/go-flags.ts'
import type { NodeMachine } from '../../machine.ts'

/** kubeadm ends with these words. */
export class KubeadmError extends Error {
  override readonly name = 'KubeadmError'
}

export interface Invocation {
  readonly process: Process
  readonly machine: NodeMachine
  /** `kubeadm certs renew` */
  readonly path: string
  readonly flags: ReadonlyMap<string, string>
  readonly args: readonly string[]
}

/** A command, or a family of them. */
export interface KubeadmCommand {
  readonly name: string
  readonly aliases?: readonly string[]
  readonly short: string
  readonly flags?: FlagNames
  /** Arguments are refused unless told. */
  readonly takesArguments?: boolean
  readonly commands?: readonly KubeadmCommand[]
  run?(invocation: Invocation): void
  /** In its place, of one that waits: its exit code in the end. */
  waits?(invocation: Invocation): Run
}

const everywhere: FlagNames = { bool: ['help'], int: ['v'], text: ['rootfs', 'vmodule'] }
const shorthands: Readonly<Record<string, string>> = {
  '-c': '--context-lines',
  '-f': '--force',
  '-o': '--output',
  '-y': '--yes',
}

/** Finds the command that the words name and runs it. @returns its exit code @throws KubeadmError */
export function* runCommand(
  process: Process,
  machine: NodeMachine,
  root: KubeadmCommand,
  words: readonly string[],
): Run {
  let command = root
  let path = root.name
  let rest = words.map((word) => (Object.hasOwn(shorthands, word) ? shorthands[word]! : word))
  for (;;) {
    const at = rest.findIndex((word) => !word.startsWith('-'))
    const next =
      at < 0 ? undefined : command.commands?.find((one) => one.name === rest[at] || one.aliases?.includes(rest[at]!))
    if (!next) break
    command = next
    path += ` ${next.name}`
    rest = rest.toSpliced(at, 1)
  }
  const read = readFlags(rest, merged(everywhere, command.flags ?? {}), pflagStyle)
  if ('error' in read) throw new KubeadmError(read.error)
  const { flags, positional } = read
  if (flags.get('help') === 'true') {
    process.stdout.write(helpOf(command, path))
    return 0
  }
  if (positional.length > 0 && !command.takesArguments)
    throw new KubeadmError(`unknown command ${JSON.stringify(positional[0])} for ${JSON.stringify(path)}`)
  const invocation = { process, machine, path, flags, args: positional }
  if (command.waits) return yield* command.waits(invocation)
  if (!command.run) {
    process.stdout.write(helpOf(command, path))
    if (command === root) return 0
    throw new KubeadmError('\nerror: subcommand is required')
  }
  command.run(invocation)
  return 0
}

const merged = (a: FlagNames, b: FlagNames): FlagNames =>
  Object.fromEntries(
    [...new Set([...Object.keys(a), ...Object.keys(b)])].map((type) => [
      type,
      [...(a[type as keyof FlagNames] ?? []), ...(b[type as keyof FlagNames] ?? [])],
    ]),
  )

/** Simplified: without the long descriptions and the words for each flag. */
function helpOf({ short, commands = [], flags = {} }: KubeadmCommand, path: string): string {
  const widest = Math.max(0, ...commands.map(({ name }) => name.length))
  const names = Object.values(flags).flat()
  return [
    `${short}\n`,
    `Usage:\n  ${path} ${commands.length > 0 ? '[command]' : '[flags]'}\n`,
    ...(commands.length > 0
      ? [
          `Available Commands:\n${commands.map(({ name, short: text }) => `  ${name.padEnd(widest)} ${text}`).join('\n')}\n`,
        ]
      : []),
    ...(names.length > 0 ? [`Flags:\n${names.map((name) => `      --${name}`).join('\n')}\n`] : []),
  ].join('\n')
}
