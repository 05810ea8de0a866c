/** What `helm --help` prints, and `--help` behind a command. */
import type { Flag } from '../kubectl/flags.ts'
import type { HelmCommand } from './context.ts'
import { helmGlobalFlags } from './flags.ts'

const listed = (commands: readonly HelmCommand[]): string => {
  const width = Math.max(...commands.map(({ name }) => name.length))
  return commands
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, short }) => `  ${name.padEnd(width)} ${short}\n`)
    .join('')
}

function flagLines(flags: readonly Flag[]): string {
  const types: Readonly<Record<string, string>> = {
    bool: '',
    list: ' strings',
    array: ' stringArray',
    pairs: ' stringToString',
  }
  const heads = flags
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, short, type, help }) => ({
      head: `  ${short ? `-${short}, ` : '    '}--${name}${types[type] ?? ` ${type}`}`,
      help,
    }))
  const width = Math.max(...heads.map(({ head }) => head.length)) + 3
  return heads.map(({ head, help }) => `${head.padEnd(width)}${help}\n`).join('')
}

export const printHelp = (commands: readonly HelmCommand[]): string =>
  `The Kubernetes package manager\n\nUsage:\n  helm [command]\n\nAvailable Commands:\n${listed(commands)}\nFlags:\n${flagLines(helmGlobalFlags)}\nUse "helm [command] --help" for more information about a command.\n`

export function printCommandHelp(
  { short, usage, aliases = [], flags = [], subcommands = [] }: HelmCommand,
  path: string,
): string {
  const aliasLines = aliases.length > 0 ? `\nAliases:\n  ${[path.split(' ').at(-1), ...aliases].join(', ')}\n` : ''
  const inner = subcommands.length > 0 ? `\nAvailable Commands:\n${listed(subcommands)}` : ''
  const own = flags.length > 0 ? `\nFlags:\n${flagLines(flags)}` : ''
  return `${short}\n\nUsage:\n  helm ${usage}${subcommands.length > 0 ? ' [command]' : ' [flags]'}\n${aliasLines}${inner}${own}\nGlobal Flags:\n${flagLines(helmGlobalFlags)}`
}
