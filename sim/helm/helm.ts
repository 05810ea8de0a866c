/** The built-in helm: one line in, output and an exit code out; what it waits for takes virtual time. */
import { WorkExceeded } from '../engine/work.ts'
import type { Run } from '../kubectl/context.ts'
import { isReportable, printError } from '../kubectl/errors.ts'
import { parseFlags } from '../kubectl/flags.ts'
import { splitWords } from '../kubectl/words.ts'
import type { HelmCall, HelmCommand, HelmContext } from './context.ts'
import { HelmError } from './errors.ts'
import { helmGlobalFlags } from './flags.ts'
import { printCommandHelp, printHelp } from './help.ts'
import { helmCommands } from './registry.ts'
import { Cluster } from './release/cluster.ts'

/**
 * Runs one line. Yields what it waits for and returns its exit code.
 * @param line as typed; `helm` in front may be left out
 */
export function* runHelm(line: string, context: HelmContext): Run {
  try {
    const words = splitWords(line)
    return yield* dispatch(words[0] === 'helm' ? words.slice(1) : words, context)
  } catch (error) {
    if (error instanceof WorkExceeded) throw error
    if (error instanceof HelmError) context.stderr(`Error: ${error.message}\n`)
    else if (isReportable(error))
      context.stderr(
        `Error: ${printError(error)
          .replace(/^error: /, '')
          .trimEnd()}\n`,
      )
    else throw error
    return 1
  }
}

function* dispatch(words: readonly string[], context: HelmContext): Run {
  let available = helmCommands
  let command: HelmCommand | undefined
  let path = 'helm'
  const rest: string[] = []
  const isHelp = words[0] === 'help'
  for (let at = isHelp ? 1 : 0; at < words.length; at++) {
    const word = words[at]!
    if (word === '--') {
      rest.push(...words.slice(at))
      break
    }
    const isFree = !command || (command.subcommands !== undefined && rest.every((one) => one.startsWith('-')))
    const next = word.startsWith('-') || !isFree ? undefined : find(available, word)
    if (next) {
      command = next
      path += ` ${next.name}`
      available = next.subcommands ?? []
    } else {
      if (!command && !word.startsWith('-')) throw unknown(word, path)
      rest.push(word)
      // What a global flag is given is no command.
      const flag = !command && helmGlobalFlags.find(({ name, short }) => word === `--${name}` || word === `-${short}`)
      if (flag && flag.type !== 'bool' && at + 1 < words.length) rest.push(words[++at]!)
    }
  }
  if (!command) {
    parseFlags(rest, helmGlobalFlags, path, (message) => new HelmError(message) as never)
    context.stdout(printHelp(helmCommands))
    return 0
  }
  if (isHelp || !command.run) {
    const [wrong] = rest.filter((word) => !word.startsWith('-'))
    if (wrong !== undefined && !isHelp) throw unknown(wrong, path)
    context.stdout(printCommandHelp(command, path))
    return 0
  }
  const refuse = (message: string) => new HelmError(message) as never
  const { flags, args, afterDash = [] } = parseFlags(rest, [...helmGlobalFlags, ...(command.flags ?? [])], path, refuse)
  if (flags.bool('help')) {
    context.stdout(printCommandHelp(command, path))
    return 0
  }
  const call = new Call(context, path, [...args, ...afterDash], flags)
  checkArguments(command, call)
  const result = command.run(call)
  return typeof result === 'number' ? result : yield* result
}

class Call implements HelmCall {
  readonly context: HelmContext
  readonly path: string
  readonly args: readonly string[]
  readonly flags: HelmCall['flags']
  #cluster: Cluster | undefined

  constructor(context: HelmContext, path: string, args: readonly string[], flags: HelmCall['flags']) {
    this.context = context
    this.path = path
    this.args = args
    this.flags = flags
  }

  get cluster(): Cluster {
    this.#cluster ??= new Cluster(this.context, {
      namespace: this.flags.string('namespace') || (this.context.environment.HELM_NAMESPACE ?? ''),
      kubeContext: this.flags.string('kube-context'),
      kubeconfig: this.flags.string('kubeconfig'),
      user: this.flags.string('kube-as-user'),
      groups: this.flags.list('kube-as-group'),
    })
    return this.#cluster
  }

  get namespace(): string {
    return this.cluster.namespace
  }

  get isDebug(): boolean {
    return this.flags.bool('debug')
  }

  out(text: string): void {
    this.context.stdout(text)
  }

  /** Headed by the time, as Go's log does. */
  warn(text: string): void {
    const at = new Date(this.context.nowEpochMs()).toISOString()
    this.context.stderr(`${at.slice(0, 10).replaceAll('-', '/')} ${at.slice(11, 19)} ${text}\n`)
  }
}

const find = (available: readonly HelmCommand[], word: string): HelmCommand | undefined =>
  available.find(({ name, aliases }) => name === word || aliases?.includes(word))

const unknown = (word: string, path: string): HelmError =>
  new HelmError(`unknown command ${JSON.stringify(word)} for ${JSON.stringify(path)}\nRun '${path} --help' for usage.`)

function checkArguments({ args, usage }: HelmCommand, { args: given, path }: Call): void {
  if (!args) return
  const usageLine = `\n\nUsage:  helm ${usage} [flags]`
  const counted = (count: number): string => `${count} argument${count === 1 ? '' : 's'}`
  const fail = (why: string): never => {
    throw new HelmError(`${JSON.stringify(path)} ${why}${usageLine}`)
  }
  if (args === 'none') {
    if (given.length > 0) fail('accepts no arguments')
  } else if ('exactly' in args) {
    if (given.length !== args.exactly) fail(`requires ${counted(args.exactly)}`)
  } else if ('atLeast' in args) {
    if (given.length < args.atLeast) fail(`requires at least ${counted(args.atLeast)}`)
  } else if (given.length > args.atMost) fail(`accepts at most ${counted(args.atMost)}`)
}
