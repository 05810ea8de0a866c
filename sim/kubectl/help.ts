/** The texts of `kubectl help` and `kubectl VERB --help`, from what each command declares. */
import type { Command } from './command.ts'
import type { Flag } from './flags.ts'

const globalHint = 'Use "kubectl options" for a list of global command-line options (applies to all commands).\n'

export function printHelp(commands: readonly Command[]): string {
  return (
    'kubectl controls the Kubernetes cluster manager.\n\nAvailable Commands:\n' +
    listCommands(commands) +
    '\nUsage:\n  kubectl [flags] [options]\n\nUse "kubectl <command> --help" for more information about a given command.\n' +
    globalHint
  )
}

export function printCommandHelp(command: Command, path: string): string {
  const parts = [`${command.long ?? command.short}\n`]
  if (command.subcommands) parts.push(`Available Commands:\n${listCommands(command.subcommands)}`)
  if (command.flags?.length) {
    parts.push(`Options:\n${printFlags(command.flags)}`)
  }
  parts.push(`Usage:\n  ${path} ${command.usage}\n`)
  const hint = `Use "${path} <command> --help" for more information about a given command.\n`
  parts.push(command.subcommands ? hint + globalHint : globalHint)
  return parts.join('\n')
}

/** Flags in the order of their names, a blank line between. */
export const printFlags = (flags: readonly Flag[]): string =>
  flags
    .filter(({ deprecated }) => !deprecated)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(printFlag)
    .join('\n')

function listCommands(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length))
  return commands
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, short }) => `  ${name.padEnd(width)}   ${short}\n`)
    .join('')
}

function printFlag({ name, short, type, default: value, help }: Flag): string {
  const shown =
    type === 'bool' || type === 'int'
      ? String(value ?? (type === 'bool' ? false : 0))
      : type === 'patterns'
        ? ''
        : type === 'list' || type === 'array'
          ? '[]'
          : type === 'duration'
            ? `${Number(value ?? 0) / 1000}s`
            : `'${value ?? ''}'`
  return `    ${short ? `-${short}, ` : ''}--${name}=${shown}:\n\t${help}\n`
}
