/** The built-in kubectl: one line in, output and an exit code out; what it waits for takes virtual time. */

import { givenKeys, printIndentedJson } from '../api/meta/go-json.ts'
import { type Command, globalFlags, Invocation } from './command.ts'
import type { KubectlContext, Run } from './context.ts'
import { exitCodeOf, isReportable, KubectlError, printError, refusalsIn, usageError } from './errors.ts'
import { parseFlags } from './flags.ts'
import { printCommandHelp, printHelp } from './help.ts'
import { commands } from './registry.ts'
import { suggestCommands } from './suggestions.ts'
import { splitWords } from './words.ts'

/**
 * Runs one kubectl line. Yields what it waits for and returns its exit code; stop it (ctrl-C) with the generator's `return`.
 * @param line as typed, or already split into words; `kubectl` in front may be left out
 */
export function* runKubectl(line: string | readonly string[], context: KubectlContext): Run {
  try {
    const words = typeof line === 'string' ? splitWords(line) : line
    return yield* dispatch(words[0] === 'kubectl' ? words.slice(1) : words, context)
  } catch (error) {
    if (!isReportable(error)) throw error
    context.stderr(printError(error, context.serverHost))
    return exitCodeOf(error)
  }
}

function* dispatch(words: readonly string[], context: KubectlContext): Run {
  const { globals, rest } = takeLeadingFlags(words)
  // What stands in front of a command is read by kubectl itself.
  const isHelp = globals.length === 0 || rest.length > 0
  if (!isHelp || /^-\w/.test(globals[0] ?? '')) parseFlags(globals, globalFlags, 'kubectl')
  if (rest.length === 0 || rest[0] === 'help' || rest[0] === '--help' || rest[0] === '-h') {
    return showHelp(rest.slice(1), context)
  }
  const command = findCommand(commands, rest[0])
  if (!command) throw unknownCommand(rest[0])
  return yield* runCommand(command, `kubectl ${command.name}`, rest.slice(1), globals, words, context)
}

function* runCommand(
  command: Command,
  path: string,
  words: readonly string[],
  globals: readonly string[],
  line: readonly string[],
  context: KubectlContext,
): Run {
  if (command.subcommands) {
    const { globals: more, rest } = takeLeadingFlags(words)
    const subcommand = rest.length > 0 ? findCommand(command.subcommands, rest[0]) : undefined
    if (subcommand) {
      return yield* runCommand(
        subcommand,
        `${path} ${subcommand.name}`,
        rest.slice(1),
        [...globals, ...more],
        line,
        context,
      )
    }
    if (!command.run) {
      if (rest.length > 0 && !rest[0].startsWith('-')) {
        throw new KubectlError(`unknown command "${rest.join(' ')}"\nSee '${path} -h' for help and examples`)
      }
      const help = printCommandHelp(command, path)
      if (command.failsAlone === 'stderr') context.stderr(help)
      else context.stdout(help)
      return command.failsAlone ? 1 : 0
    }
  }
  const run = runOne(command, path, [...globals, ...words], line, context)
  return yield* command.failureCode === undefined ? run : withFailureCode(command.failureCode, run, context)
}

function* withFailureCode(code: number, run: Run, context: KubectlContext): Run {
  try {
    return yield* run
  } catch (error) {
    if (!isReportable(error)) throw error
    context.stderr(printError(error, context.serverHost))
    return code
  }
}

function* runOne(
  command: Command,
  path: string,
  words: readonly string[],
  line: readonly string[],
  context: KubectlContext,
): Run {
  const refusal = command.failureCode === undefined ? undefined : (message: string) => usageError(path, message)
  const parsed = parseFlags(words, [...globalFlags, ...(command.flags ?? [])], path, refusal)
  if (parsed.warnings) context.stderr(parsed.warnings)
  if (parsed.flags.bool('help') || !command.run) {
    context.stdout(printCommandHelp(command, path))
    return 0
  }
  const missing = (command.flags ?? []).filter(({ name, isRequired }) => isRequired && !parsed.flags.has(name))
  if (missing.length > 0) {
    const names = missing.map(({ name }) => JSON.stringify(name)).sort()
    throw new KubectlError(`required flag(s) ${names.join(', ')} not set`)
  }
  const invocation = new Invocation(context, command, path, parsed, line)
  const exitCode = yield* runTold(command, invocation)
  const warningCount = invocation.warnings.size
  if (warningCount > 0 && parsed.flags.bool('warnings-as-errors')) {
    throw new KubectlError(`${warningCount} warning${warningCount === 1 ? '' : 's'} received`)
  }
  return exitCode
}

/** Runs the command; -v tells the answers that it is given up for. Source: StandardErrorMessage in k8s.io/kubectl/pkg/cmd/util */
function* runTold(command: Command, invocation: Invocation): Run {
  try {
    const result = command.run!(invocation)
    return typeof result === 'number' ? result : yield* result
  } catch (error) {
    // What the server warned of comes before what it refused.
    invocation.showWarnings()
    if (invocation.verbosity >= 4)
      for (const status of refusalsIn(error)) {
        const { kind, apiVersion, ...untyped } = status.toStatus()
        const isTyped = command.isTyped || status.details?.causes?.[0]?.reason === 'UnexpectedServerResponse'
        const told = isTyped ? untyped : { kind, apiVersion, ...untyped }
        const text = printIndentedJson(told, givenKeys, '', '  ')
        invocation.log('I', 'helpers.go:246', `server response object: %s[${text}]`)
      }
    throw error
  }
}

function showHelp(words: readonly string[], context: KubectlContext): number {
  let available = commands
  let command: Command | undefined
  let path = 'kubectl'
  for (const word of words.filter((word) => !word.startsWith('-'))) {
    command = findCommand(available, word)
    if (!command) throw unknownCommand(word)
    path += ` ${command.name}`
    available = command.subcommands ?? []
  }
  context.stdout(command ? printCommandHelp(command, path) : printHelp(commands))
  return 0
}

const findCommand = (available: readonly Command[], name: string): Command | undefined =>
  available.find((command) => command.name === name || command.aliases?.includes(name))

function unknownCommand(name: string): KubectlError {
  if (name.startsWith('-'))
    return new KubectlError(`unknown flag: ${name.split('=')[0]}\nSee 'kubectl --help' for usage.`)
  const similar = suggestCommands(
    name,
    commands.map((command) => command.name),
  )
  const hint = similar.length > 0 ? `\n\nDid you mean this?\n${similar.map((other) => `\t${other}\n`).join('')}` : ''
  return new KubectlError(`unknown command "${name}" for "kubectl"${hint}`)
}

/** Global flags in front of the command: they belong to it as if they stood behind. */
function takeLeadingFlags(words: readonly string[]): { globals: string[]; rest: string[] } {
  let i = 0
  while (i < words.length && words[i].startsWith('-') && words[i] !== '--') {
    const word = words[i]
    const flag = globalFlags.find(
      ({ name, short }) => word === `--${name}` || (short !== undefined && word === `-${short}`),
    )
    if (flag?.name === 'help') break
    i += flag && flag.type !== 'bool' ? 2 : 1
  }
  return { globals: words.slice(0, i), rest: words.slice(i) }
}
