/**
 * `-o go-template`: Go's text/template over an object as JSON has it, with kubectl's own functions `exists` and `base64decode`.
 * Source: text/template, k8s.io/cli-runtime/pkg/printers/template.go
 * Simplified: no `define`, `template` and `block`, no methods, and a failure does not say its column.
 */
import { decodeBase64Lossy } from '../../api/meta/base64.ts'
import { isMap, printNumber, sortedKeys } from '../../api/meta/go-json.ts'
import { charge, chargeText } from '../../engine/work.ts'
import { KubectlError } from '../errors.ts'

/** @throws KubectlError `error parsing template …`, `error executing template …` */
export function printGoTemplate(template: string, value: unknown): string {
  const nodes = parseTemplate(template)
  const state: State = { variables: [{ name: '$', value }], output: '' }
  try {
    runAll(nodes, value, state)
    return state.output
  } catch (error) {
    if (!(error instanceof ExecutionError)) throw error
    throw new KubectlError(`error executing template ${JSON.stringify(template)}: template: output: ${error.message}`)
  }
}

class ExecutionError extends Error {}

/** Ends a turn of a range, or all of it. */
class LoopSignal extends Error {
  readonly isBreak: boolean
  constructor(isBreak: boolean) {
    super('outside of a range')
    this.isBreak = isBreak
  }
}

// ---------- what a template is made of ----------

type Node =
  | { type: 'text'; text: string }
  | { type: 'action'; pipe: Pipe }
  | { type: 'if' | 'with' | 'range'; pipe: Pipe; body: Node[]; otherwise: Node[] }
  | { type: 'loop'; isBreak: boolean }

/** Commands, each given the value of the one before; with what it is put into. */
interface Pipe {
  variables: readonly string[]
  isDeclared: boolean
  commands: readonly Operand[][]
}

type Operand =
  | { type: 'value'; value: unknown }
  | { type: 'path'; from: 'dot' | string | Pipe; fields: readonly string[] }
  | { type: 'function'; name: string }

type Token = { type: 'space' | 'string' | 'number' | 'field' | 'variable' | 'word' | 'mark'; text: string }

function parseTemplate(source: string): Node[] {
  const fail = (why: string): never => {
    throw new KubectlError(`error parsing template ${source}, template: output:1: ${why}`)
  }
  const root: Node[] = []
  const stack: { nodes: Node[]; block?: Extract<Node, { type: 'if' | 'with' | 'range' }>; isChained?: boolean }[] = [
    { nodes: root },
  ]
  const open = (keyword: string, words: readonly Token[], isChained = false): void => {
    const block = {
      type: keyword as 'if' | 'with' | 'range',
      pipe: parsePipe(words, fail, keyword),
      body: [] as Node[],
      otherwise: [] as Node[],
    }
    stack[stack.length - 1].nodes.push(block)
    stack.push({ nodes: block.body, block, isChained })
  }
  for (const piece of pieces(source, fail)) {
    const top = stack[stack.length - 1]
    if (typeof piece === 'string') {
      if (piece) top.nodes.push({ type: 'text', text: piece })
      continue
    }
    const tokens = trimmed(tokenize(piece.action, fail))
    const [first, ...rest] = tokens
    if (!first) fail('missing value for command')
    else if (first.text === 'end' && first.type === 'word') {
      if (!top.block) fail('unexpected {{end}}')
      while (stack[stack.length - 1].isChained) stack.pop()
      stack.pop()
    } else if (first.text === 'else' && first.type === 'word') {
      if (!top.block) return fail('unexpected {{else}}')
      stack[stack.length - 1] = { ...top, nodes: top.block.otherwise }
      const [chained, ...condition] = trimmed(rest)
      if (chained) open(chained.text, condition, true)
    } else if (first.type === 'word' && ['if', 'with', 'range'].includes(first.text)) open(first.text, rest)
    else if (first.type === 'word' && (first.text === 'break' || first.text === 'continue')) {
      if (!stack.some(({ block }) => block?.type === 'range')) fail(`{{${first.text}}} outside {{range}}`)
      top.nodes.push({ type: 'loop', isBreak: first.text === 'break' })
    } else top.nodes.push({ type: 'action', pipe: parsePipe(tokens, fail) })
  }
  if (stack.length > 1) fail('unexpected EOF')
  return root
}

type Fail = (why: string) => never

const trimmed = (tokens: readonly Token[]): Token[] => {
  const first = tokens.findIndex(({ type }) => type !== 'space')
  return first < 0 ? [] : tokens.slice(first, tokens.findLastIndex(({ type }) => type !== 'space') + 1)
}

/** Texts, and what stands in braces; `{{- ` and ` -}}` take the white space beside them away. */
function pieces(source: string, fail: Fail): (string | { action: string })[] {
  const found: (string | { action: string })[] = []
  let at = 0
  let trimsNext = false
  for (;;) {
    const start = source.indexOf('{{', at)
    let text = source.slice(at, start < 0 ? undefined : start)
    if (trimsNext) text = text.trimStart()
    if (start < 0) return [...found, text]
    const trimsBefore = /^\{\{-\s/.test(source.slice(start, start + 4))
    found.push(trimsBefore ? text.trimEnd() : text)
    const inner = start + (trimsBefore ? 3 : 2)
    const end = closingBraces(source, inner)
    if (end < 0) return fail('unclosed action')
    const raw = source.slice(inner, end)
    trimsNext = /\s-$/.test(raw)
    const action = trimsNext ? raw.slice(0, -1) : raw
    if (!/^\s*\/\*[\s\S]*\*\/\s*$/.test(action)) found.push({ action })
    at = end + 2
  }
}

function closingBraces(source: string, from: number): number {
  for (let i = from; i < source.length; i++) {
    const char = source[i]
    if (source.startsWith('}}', i)) return i
    if (char === '`') i = source.indexOf('`', i + 1)
    else if (char === '"' || char === "'") {
      for (i++; i < source.length && source[i] !== char; i++) if (source[i] === '\\') i++
    }
    if (i < 0) return -1
  }
  return -1
}

const TOKEN =
  /(\s+)|("(?:[^"\\]|\\.)*"|`[^`]*`|'(?:[^'\\]|\\.)')|([-+]?(?:0[xX][\da-fA-F]+|\d[\d_]*(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+))|((?:\.[\p{L}_][\p{L}\p{N}_]*)+|\.)|(\$[\p{L}\p{N}_]*)|([\p{L}_][\p{L}\p{N}_]*)|(:=|[|(),=])/uy

function tokenize(action: string, fail: Fail): Token[] {
  const types = ['space', 'string', 'number', 'field', 'variable', 'word', 'mark'] as const
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < action.length) {
    const at = TOKEN.lastIndex
    const match = TOKEN.exec(action)
    if (!match) return fail(`unexpected ${JSON.stringify(action[at])} in command`)
    tokens.push({ type: types[match.slice(1).findIndex((group) => group !== undefined)], text: match[0] })
  }
  return tokens
}

/** What is read of an action, from left to right: each token is looked at once, however deep the parentheses are. */
interface Reading {
  tokens: readonly Token[]
  at: number
  fail: Fail
}

const isMark = (token: Token | undefined, text: string): boolean => token?.type === 'mark' && token.text === text

function skipSpace(reading: Reading): void {
  while (reading.tokens[reading.at]?.type === 'space') reading.at++
}

function parsePipe(tokens: readonly Token[], fail: Fail, context = 'command'): Pipe {
  return readPipe({ tokens, at: 0, fail }, context)
}

/** `$x := a b | c`, `$i, $x := .items`, as far as its right parenthesis when it is in some. */
function readPipe(reading: Reading, context: string): Pipe {
  const { tokens, fail } = reading
  const isNested = context === parenthesized
  const { names, isDeclared } = readDeclaration(reading)
  const commands: Operand[][] = []
  for (;;) {
    skipSpace(reading)
    const token = tokens[reading.at]
    const isEnd = !token || isMark(token, ')')
    if (isEnd && !token === isNested) return fail(isNested ? 'unclosed left paren' : 'unexpected right paren')
    if (isEnd) {
      if (commands.length === 0) return fail(`missing value for ${context}`)
      const stage = commands.findIndex(([first], n) => n > 0 && !isExecutable(first))
      if (stage > 0) return fail(`non executable command in pipeline stage ${stage + 1}`)
      return { variables: names, isDeclared, commands }
    }
    if (isMark(token, '|')) return fail(`unexpected "|" in ${context}`)
    commands.push(readOperands(reading))
    // Nothing need stand behind the last one.
    if (isMark(tokens[reading.at], '|')) reading.at++
  }
}

/** What can be given the value of the command before it. */
const isExecutable = (operand: Operand): boolean =>
  operand.type === 'function' || (operand.type === 'path' && (operand.from !== 'dot' || operand.fields.length > 0))

const parenthesized = 'parenthesized pipeline'

/** Reads nothing unless variables stand at the beginning with `:=` or `=` behind them. */
function readDeclaration(reading: Reading): { names: string[]; isDeclared: boolean } {
  const { tokens, at } = reading
  const names: string[] = []
  for (;;) {
    skipSpace(reading)
    const token = tokens[reading.at]
    if (token?.type !== 'variable') break
    names.push(token.text)
    reading.at++
    skipSpace(reading)
    const mark = tokens[reading.at]
    reading.at++
    if (isMark(mark, ',')) continue
    if (isMark(mark, ':=') || isMark(mark, '=')) return { names, isDeclared: mark!.text === ':=' }
    break
  }
  reading.at = at
  return { names: [], isDeclared: false }
}

const FUNCTIONS = new Set(
  'and or not len index slice eq ne lt le gt ge print printf println html js urlquery call exists base64decode'.split(
    ' ',
  ),
)

/** A command, as far as what ends it: `|`, `)` or nothing more. */
function readOperands(reading: Reading): Operand[] {
  const { tokens, fail } = reading
  const operands: Operand[] = []
  const follows = (): string[] => (tokens[reading.at]?.type === 'field' ? fieldsOf(tokens[reading.at++]!.text) : [])
  for (;;) {
    charge(1)
    skipSpace(reading)
    const token = tokens[reading.at]
    if (!token || isMark(token, '|') || isMark(token, ')')) {
      if (operands.length === 0) return fail('missing value for command')
      return operands
    }
    reading.at++
    const { type, text } = token
    if (type === 'string') operands.push({ type: 'value', value: unquote(text) })
    else if (type === 'number') operands.push({ type: 'value', value: Number(text.replaceAll('_', '')) })
    else if (type === 'field') operands.push({ type: 'path', from: 'dot', fields: fieldsOf(text) })
    else if (type === 'variable') operands.push({ type: 'path', from: text, fields: follows() })
    else if (type === 'word' && (text === 'true' || text === 'false'))
      operands.push({ type: 'value', value: text === 'true' })
    else if (type === 'word' && text === 'nil') operands.push({ type: 'value', value: null })
    else if (type === 'word') {
      if (!FUNCTIONS.has(text)) return fail(`function ${JSON.stringify(text)} not defined`)
      operands.push({ type: 'function', name: text })
    } else if (text === '(') {
      const inner = readPipe(reading, parenthesized)
      reading.at++
      operands.push({ type: 'path', from: inner, fields: follows() })
    } else return fail(`unexpected ${JSON.stringify(text)} in operand`)
  }
}

const fieldsOf = (text: string): string[] => text.split('.').filter(Boolean)

function unquote(text: string): string | number {
  if (text[0] === '`') return text.slice(1, -1)
  const inner = text.slice(1, -1).replace(/\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|[0-7]{3}|.)/g, (_, code: string) => {
    if (/^[xu]./.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16))
    if (/^[0-7]{3}$/.test(code)) return String.fromCharCode(Number.parseInt(code, 8))
    return { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' }[code] ?? code
  })
  return text[0] === "'" ? (inner.codePointAt(0) ?? 0) : inner
}

// ---------- filling it in ----------

interface State {
  variables: { name: string; value: unknown }[]
  output: string
}

/** Runs nodes; what they declare is gone afterwards. */
function runAll(nodes: readonly Node[], dot: unknown, state: State): void {
  const held = state.variables.length
  for (const node of nodes) run(node, dot, state)
  state.variables.length = held
}

function run(node: Node, dot: unknown, state: State): void {
  charge(3)
  if (node.type === 'text') state.output += node.text
  else if (node.type === 'loop') throw new LoopSignal(node.isBreak)
  else if (node.type === 'action') {
    const value = evaluatePipe(node.pipe, dot, state)
    if (node.pipe.variables.length === 0) {
      const text = printValue(value)
      chargeText(text.length)
      state.output += text
    }
  } else if (node.type === 'range') range(node, dot, state)
  else {
    const held = state.variables.length
    const value = evaluatePipe(node.pipe, dot, state)
    if (isTrue(value)) runAll(node.body, node.type === 'with' ? value : dot, state)
    else runAll(node.otherwise, dot, state)
    state.variables.length = held
  }
}

function range(node: Extract<Node, { type: 'if' | 'with' | 'range' }>, dot: unknown, state: State): void {
  const held = state.variables.length
  const value = evaluatePipe({ ...node.pipe, variables: [] }, dot, state)
  const entries = entriesOf(value)
  const names = node.pipe.variables
  for (const [key, item] of entries) {
    charge(3)
    if (names.length === 1) assign(state, node.pipe, names[0], item)
    else if (names.length === 2) {
      assign(state, node.pipe, names[0], key)
      assign(state, node.pipe, names[1], item)
    }
    try {
      runAll(node.body, item, state)
    } catch (signal) {
      if (!(signal instanceof LoopSignal)) throw signal
      if (signal.isBreak) break
    } finally {
      state.variables.length = held
    }
  }
  if (entries.length === 0) runAll(node.otherwise, dot, state)
}

function entriesOf(value: unknown): [unknown, unknown][] {
  if (Array.isArray(value)) return value.map((item, at): [unknown, unknown] => [at, item])
  if (isMap(value)) return sortedKeys(value).map((key): [unknown, unknown] => [key, value[key]])
  if (value === undefined || value === null) return []
  throw new ExecutionError(`range can't iterate over ${printValue(value)}`)
}

function assign(state: State, { isDeclared }: Pipe, name: string, value: unknown): void {
  const known = isDeclared ? undefined : state.variables.findLast((variable) => variable.name === name)
  if (known) known.value = value
  else state.variables.push({ name, value })
}

function evaluatePipe(pipe: Pipe, dot: unknown, state: State): unknown {
  let value: unknown
  for (const [at, command] of pipe.commands.entries())
    value = evaluateCommand(command, dot, state, at === 0 ? [] : [value])
  for (const name of pipe.variables) assign(state, pipe, name, value)
  return value
}

function evaluateCommand([first, ...rest]: readonly Operand[], dot: unknown, state: State, piped: unknown[]): unknown {
  if (first.type !== 'function') {
    if (rest.length + piped.length > 0) throw new ExecutionError("can't give argument to non-function")
    return evaluateOperand(first, dot, state)
  }
  const given = [
    ...rest.map((operand) => () => evaluateOperand(operand, dot, state)),
    ...piped.map((value) => () => value),
  ]
  // These two stop at the first that decides.
  if (first.name === 'and' || first.name === 'or') {
    let value: unknown
    for (const read of given) {
      value = read()
      if (isTrue(value) === (first.name === 'or')) break
    }
    return value
  }
  return callFunction(
    first.name,
    given.map((read) => read()),
  )
}

function evaluateOperand(operand: Operand, dot: unknown, state: State): unknown {
  if (operand.type === 'value') return operand.value
  if (operand.type === 'function') return callFunction(operand.name, [])
  const { from } = operand
  let value = from === 'dot' ? dot : typeof from === 'string' ? variable(from, state) : evaluatePipe(from, dot, state)
  for (const field of operand.fields) {
    if (value === null) throw new ExecutionError(`nil pointer evaluating interface {}.${field}`)
    if (value === undefined) return undefined
    if (!isMap(value)) throw new ExecutionError(`can't evaluate field ${field} in type interface {}`)
    value = ownValue(value, field)
  }
  return value
}

function variable(name: string, { variables }: State): unknown {
  const found = variables.findLast((candidate) => candidate.name === name)
  if (!found) throw new ExecutionError(`undefined variable ${JSON.stringify(name)}`)
  return found.value
}

function isTrue(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : isMap(value) ? Object.keys(value).length > 0 : Boolean(value)
}

function callFunction(name: string, args: readonly unknown[]): unknown {
  const fail = (why: string): never => {
    throw new ExecutionError(`error calling ${name}: ${why}`)
  }
  const [first, ...rest] = args
  charge(5)
  switch (name) {
    case 'not':
      return !isTrue(first)
    case 'len':
      if (typeof first === 'string') return new TextEncoder().encode(first).length
      if (Array.isArray(first)) return first.length
      return isMap(first) ? Object.keys(first).length : fail('len of nil pointer')
    case 'index':
      return rest.reduce((value, key) => indexed(value, key, fail), first)
    case 'slice':
      return sliced(first, rest as number[])
    case 'eq':
      return rest.some((other) => compare(first, other, fail) === 0)
    case 'ne':
      return compare(first, rest[0], fail) !== 0
    case 'lt':
      return compare(first, rest[0], fail) < 0
    case 'le':
      return compare(first, rest[0], fail) <= 0
    case 'gt':
      return compare(first, rest[0], fail) > 0
    case 'ge':
      return compare(first, rest[0], fail) >= 0
    case 'print':
      return copied(
        args.map((arg, at) => (at > 0 && !isText(arg) && !isText(args[at - 1]) ? ' ' : '') + printValue(arg)).join(''),
      )
    case 'println':
      return copied(`${args.map(printValue).join(' ')}\n`)
    case 'printf':
      return copied(formatted(String(first), rest))
    case 'html':
      return args
        .map(printValue)
        .join('')
        .replace(/[&<>'"]/g, (char) => `&${{ '&': 'amp', '<': 'lt', '>': 'gt', "'": '#39', '"': '#34' }[char]};`)
    case 'urlquery':
      return encodeURIComponent(args.map(printValue).join('')).replaceAll('%20', '+')
    case 'exists': {
      let value: unknown = first
      for (const key of rest) {
        if (!isMap(value) || !Object.hasOwn(value, String(key))) return false
        value = value[String(key)]
      }
      return true
    }
    case 'base64decode':
      return decodeBase64Lossy(String(first))
    default:
      return fail('not available here')
  }
}

/** A text that was put together: JavaScript joins them in no time, and reads them only later. */
const copied = (text: string): string => {
  if (text.length > longestValue) throw new ExecutionError(`a value of ${text.length} characters is too long`)
  chargeText(text.length)
  return text
}

/** Characters of one value. */
const longestValue = 4 * 1024 * 1024

/** What every JavaScript object has by itself is no key of a map. */
const ownValue = (map: Record<string, unknown>, key: string): unknown =>
  Object.hasOwn(map, key) ? map[key] : undefined

const isText = (value: unknown): boolean => typeof value === 'string'

function indexed(value: unknown, key: unknown, fail: Fail): unknown {
  if (Array.isArray(value)) {
    if (typeof key !== 'number') return fail(`cannot index slice/array with type ${typeof key}`)
    if (key < 0 || key >= value.length) return fail(`index out of range: ${key}`)
    return value[key]
  }
  if (isMap(value)) return ownValue(value, String(key))
  return fail('index of untyped nil')
}

const sliced = (value: unknown, [from = 0, to]: readonly number[]): unknown =>
  typeof value === 'string' || Array.isArray(value) ? value.slice(from, to) : value

/** Below, at or above zero. */
function compare(left: unknown, right: unknown, fail: Fail): number {
  if (left === undefined || left === null || right === undefined || right === null) return left === right ? 0 : 1
  if (typeof left !== typeof right) return fail('incompatible types for comparison')
  return left === right ? 0 : (left as string) < (right as string) ? -1 : 1
}

/** The verbs of Go's fmt that make sense here, with flags, width and precision. */
function formatted(format: string, args: readonly unknown[]): string {
  let next = 0
  const overlong = OVERLONG.exec(format)
  const text = format
    .slice(0, overlong?.index)
    .replace(/%([-+# 0]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g, (_, flags: string, width = '0', precision, verb: string) => {
      if (verb === '%') return '%'
      if (next >= args.length) return `%!${verb}(MISSING)`
      const size = Number(width)
      const shown = formatOne(verb, args[next++], precision)
      chargeText(shown.length + size)
      if (flags.includes('-')) return shown.padEnd(size)
      return shown.padStart(size, flags.includes('0') && /^[dfe]$/.test(verb) ? '0' : ' ')
    })
  const extra = args.slice(next).map((arg) => `${goType(arg)}=${printValue(arg)}`)
  const whole = overlong ? `${text}%!(NOVERB)` : text
  return extra.length > 0 ? `${whole}%!(EXTRA ${extra.join(', ')})` : whole
}

/** A width or precision above a million: what follows is not read. Source: parsenum and tooLarge of Go's fmt */
const OVERLONG =
  /%[-+# 0]*(?:0*(?:[1-9]\d{7,}|[2-9]\d{6}|1(?!000000(?!\d))\d{6})|\d*\.0*(?:[1-9]\d{7,}|[2-9]\d{6}|1(?!000000(?!\d))\d{6}))/

function formatOne(verb: string, value: unknown, precision: string | undefined): string {
  const wrong = (): string => `%!${verb}(${goType(value)}=${printValue(value)})`
  switch (verb) {
    case 's':
      return typeof value === 'number' || typeof value === 'boolean'
        ? wrong()
        : printValue(value).slice(0, precision === undefined ? undefined : Number(precision))
    case 'q':
      return typeof value === 'string' ? JSON.stringify(value) : wrong()
    case 'd':
      return Number.isInteger(value) ? String(value) : wrong()
    case 'f':
      return typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(Number(precision ?? 6)) : wrong()
    case 't':
      return typeof value === 'boolean' ? String(value) : wrong()
    case 'x':
      return typeof value === 'number' ? value.toString(16) : wrong()
    case 'T':
      return goType(value)
    default:
      return printValue(value)
  }
}

const goType = (value: unknown): string => {
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  if (typeof value === 'boolean') return 'bool'
  if (Array.isArray(value)) return '[]interface {}'
  return isMap(value) ? 'map[string]interface {}' : typeof value === 'string' ? 'string' : '<nil>'
}

/** As Go's %v shows it; what is not there as templates do. */
function printValue(value: unknown): string {
  charge(2)
  if (value === undefined || value === null) return '<no value>'
  if (typeof value === 'number') return printNumber(value)
  if (Array.isArray(value)) return `[${value.map(printInner).join(' ')}]`
  if (isMap(value))
    return `map[${sortedKeys(value)
      .map((key) => `${key}:${printInner(value[key])}`)
      .join(' ')}]`
  return String(value)
}

const printInner = (value: unknown): string => (value === null || value === undefined ? '<nil>' : printValue(value))
