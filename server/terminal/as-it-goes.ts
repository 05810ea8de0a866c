/**
 * A line of the shell, rewritten so that what it prints comes as it is produced. just-bash gives what a line printed when all of it has
 * ended; here each command of a list, a loop or a condition is led to the screen by itself, and the first command of a pipeline feeds
 * the others line by line. What is put into another command, a file or a function's result stays as it was.
 */

import { type CommandNode, type PipelineNode, parse, type StatementNode, serialize, type WordNode } from 'just-bash'
import { editorNames } from './editing.ts'

/** Where a shell has files that are no files; shells that share their files have each their own. */
export const deviceFolder = (shell: number): string => `/dev/podium/${shell}`
/** Files that are the screen to whoever writes into them. */
export const screenFiles = (devices: string) => ({ stdout: `${devices}/stdout`, stderr: `${devices}/stderr` }) as const
/** Files that give the lines which come meanwhile, one to each who opens them. */
const lineFile = ({ devices, count }: Files): string => `${devices}/lines/${count}`
/** Stands before a command whose output goes nowhere but to the screen. */
export const showsCommand = 'podium-shows'
/** Stands before a command that feeds others; its first word is what follows in the pipeline, as JSON. */
export const feedsCommand = 'podium-feeds'

/** What a pipeline does with the lines of its first command. */
export interface Feed {
  /** Commands that tell of the lines that they have had so far. */
  filters: string[]
  /** A loop that reads line after line, from that file. */
  loop?: { script: string; file: string }
}

/** Commands that write to the screen as they go. */
const streaming: ReadonlySet<string> = new Set([
  ...['kubectl', 'k', 'helm', 'curl', 'dig', 'nslookup', 'ssh'],
  ...['watch', 'sleep', 'sudo'],
  ...editorNames,
])
/** Those of them that print line after line. */
const sources: ReadonlySet<string> = new Set(['kubectl', 'k', 'curl', 'dig', 'nslookup', 'ssh', 'sudo'])
/** They change how the shell itself goes on. */
const ownOfShell: ReadonlySet<string> = new Set(['break', 'continue', 'return', 'exit', 'exec'])

type SimpleCommand = Extract<CommandNode, { type: 'SimpleCommand' }>
type Redirections = SimpleCommand['redirections']

/** @returns the line as it is when it cannot be rewritten */
export function asItGoes(line: string, devices = deviceFolder(1)): string {
  // Here-documents stand below their line: what is put around that would part them.
  if (line.includes('<<')) return line
  try {
    const script = parse(line)
    const files: Files = { devices, count: 0 }
    return serialize({ ...script, statements: script.statements.map((statement) => shownStatement(statement, files)) })
  } catch {
    return line
  }
}

/** Functions that the line defines. */
export function functionsIn(line: string): { name: string; definition: string }[] {
  if (!line.includes('{') && !line.includes('(')) return []
  try {
    return parse(line)
      .statements.flatMap(({ pipelines }) => pipelines.flatMap(({ commands }) => commands))
      .flatMap((command) =>
        command.type === 'FunctionDef' ? [{ name: command.name, definition: serialize(scriptOf(command)) }] : [],
      )
  } catch {
    return []
  }
}

interface Files {
  readonly devices: string
  count: number
}

function shownStatement(statement: StatementNode, files: Files): StatementNode {
  if (statement.background || statement.deferredError) return statement
  return { ...statement, pipelines: statement.pipelines.map((pipeline) => shownPipeline(pipeline, files)) }
}

function shownPipeline(pipeline: PipelineNode, files: Files): PipelineNode {
  const [first, ...rest] = pipeline.commands
  if (!first || pipeline.timed) return first ? wrapped(pipeline, files) : pipeline
  if (rest.length === 0) {
    const shown = shownCommand(first, files)
    return shown ? { ...pipeline, commands: [shown] } : wrapped(pipeline, files)
  }
  const feed = first.type === 'SimpleCommand' && !pipeline.pipeStderr?.some(Boolean) ? feedOf(rest, files) : undefined
  if (
    !feed ||
    first.type !== 'SimpleCommand' ||
    !sources.has(nameOf(first) ?? '') ||
    writesElsewhere(first.redirections)
  )
    return wrapped(pipeline, files)
  const { pipeStderr: _, ...alone } = pipeline
  return { ...alone, commands: [behind(feedsCommand, first, [quotedWord(JSON.stringify(feed))])] }
}

/** @returns undefined for one that has to be led to the screen as a whole */
function shownCommand(command: CommandNode, files: Files): CommandNode | undefined {
  const all = (statements: StatementNode[]): StatementNode[] =>
    statements.map((statement) => shownStatement(statement, files))
  if (command.type === 'SimpleCommand') {
    const name = nameOf(command)
    if (!command.name || (name !== undefined && ownOfShell.has(name))) return command
    if (name === undefined || !streaming.has(name) || writesElsewhere(command.redirections)) return undefined
    return behind(showsCommand, command)
  }
  if (command.type === 'FunctionDef' || command.type === 'ArithmeticCommand' || command.type === 'ConditionalCommand')
    return command
  if (writesElsewhere(command.redirections)) return undefined
  switch (command.type) {
    case 'If':
      return {
        ...command,
        clauses: command.clauses.map(({ condition, body }) => ({ condition: all(condition), body: all(body) })),
        elseBody: command.elseBody && all(command.elseBody),
      }
    case 'While':
    case 'Until':
      return { ...command, condition: all(command.condition), body: all(command.body) }
    case 'Case':
      return { ...command, items: command.items.map((item) => ({ ...item, body: all(item.body) })) }
    default:
      return { ...command, body: all(command.body) }
  }
}

/** The commands behind the first, if each of them can go on with the lines that there are. */
function feedOf(commands: readonly CommandNode[], files: Files): Feed | undefined {
  const last = commands.at(-1)
  const loop = last?.type === 'While' ? loopOf(last, files) : undefined
  const filters = loop ? commands.slice(0, -1) : commands
  if (!filters.every(isLineFilter)) return undefined
  return { filters: filters.map((command) => serialize(scriptOf(command))), ...(loop ? { loop } : {}) }
}

/** `while read`, whose lines come from a file that waits for each. */
function loopOf(loop: Extract<CommandNode, { type: 'While' }>, files: Files): Feed['loop'] {
  const [condition, ...others] = loop.condition
  const [pipeline, ...more] = condition?.pipelines ?? []
  const [read] = pipeline?.commands ?? []
  if (!condition || !pipeline || others.length > 0 || more.length > 0 || pipeline.commands.length > 1) return undefined
  if (read?.type !== 'SimpleCommand' || nameOf(read) !== 'read' || read.redirections.length > 0) return undefined
  const shown = shownCommand(loop, files)
  if (shown?.type !== 'While') return undefined
  files.count++
  const file = lineFile(files)
  const reading: SimpleCommand = {
    ...read,
    redirections: [{ type: 'Redirection', fd: null, operator: '<', target: word(file) }],
  }
  const conditioned = { ...condition, pipelines: [{ ...pipeline, commands: [reading] }] }
  return { script: serialize(scriptOf({ ...shown, condition: [conditioned] })), file }
}

/** Arguments with which a filter says nothing before its input ends, or reads another one. */
const waitsForEnd: Record<string, RegExp> = {
  grep: /^(-\w*[cLlr]\w*|--count|--files-\S*)$/,
  sed: /^-\w*i|(^|[;{},\s\d])\$\s*[!a-zA-Z{=]/,
  awk: /\bEND\b/,
  head: /^-n?\s*-|^--(lines|bytes)=-/,
  uniq: /^-\w*[cduD]|^--(count|repeated|unique)/,
  jq: /^(-\w*[sn]\w*|--slurp|--null-input)$/,
  tee: /^(-\w*a\w*|--append)$/,
  tail: /^(?!-n$|\+\d|-n\+\d)/,
  cut: /^$/,
  tr: /^$/,
  cat: /^[^-]/,
  nl: /^[^-]/,
  rev: /^[^-]/,
}
const sameAs: Record<string, string> = { egrep: 'grep', fgrep: 'grep', rg: 'grep', gawk: 'awk' }

/** Whether what it makes of the first lines stays so, whatever comes after. */
function isLineFilter(command: CommandNode): boolean {
  if (command.type !== 'SimpleCommand' || command.redirections.length > 0) return false
  const name = nameOf(command) ?? ''
  const pattern = waitsForEnd[sameAs[name] ?? name]
  if (!pattern || (name === 'tail' && !/\+\d/.test(serialize(scriptOf(command))))) return false
  return command.args.every((arg) => !pattern.test(textOf(arg)))
}

/** Its output goes to the screen when it has ended. */
function wrapped(pipeline: PipelineNode, { devices }: Files): PipelineNode {
  const { stdout, stderr } = screenFiles(devices)
  const redirections: Redirections = [
    { type: 'Redirection', fd: null, operator: '>>', target: word(stdout) },
    { type: 'Redirection', fd: 2, operator: '>>', target: word(stderr) },
  ]
  const inner = statementOf({ ...pipeline, negated: false })
  return {
    type: 'Pipeline',
    negated: pipeline.negated,
    commands: [{ type: 'Group', body: [inner], redirections }],
  }
}

const writesElsewhere = (redirections: Redirections): boolean =>
  redirections.some(({ operator }) => operator !== '<' && operator !== '<<<')

const behind = (name: string, command: SimpleCommand, words: WordNode[] = []): SimpleCommand => ({
  ...command,
  name: word(name),
  args: [...words, ...(command.name ? [command.name] : []), ...command.args],
})

const quotedWord = (json: string): WordNode => ({
  type: 'Word',
  parts: [{ type: 'SingleQuoted', value: json.replaceAll("'", '\\u0027') }],
})

const word = (text: string): WordNode => ({ type: 'Word', parts: [{ type: 'Literal', value: text }] })

const statementOf = (pipeline: PipelineNode): StatementNode => ({
  type: 'Statement',
  pipelines: [pipeline],
  operators: [],
  background: false,
})

const scriptOf = (command: CommandNode): Parameters<typeof serialize>[0] => ({
  type: 'Script',
  statements: [statementOf({ type: 'Pipeline', commands: [command], negated: false })],
})

const nameOf = ({ name }: SimpleCommand): string | undefined => {
  const [part, ...others] = name?.parts ?? []
  return part?.type === 'Literal' && others.length === 0 ? part.value : undefined
}

/** A word without its quotes; what is put into it only when the line runs is left out. */
const textOf = ({ parts }: { parts: WordNode['parts'] }): string =>
  parts
    .map((part) =>
      part.type === 'DoubleQuoted' ? textOf(part) : 'value' in part && typeof part.value === 'string' ? part.value : '',
    )
    .join('')
