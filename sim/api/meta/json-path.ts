/**
 * kubectl's dialect of JSONPath: templates of text and `{…}` with fields, indexes, slices, unions, wildcards, `..`, filters,
 * quoted texts, and `{range}…{end}`. Source: k8s.io/client-go/util/jsonpath, kubernetes.io/docs/reference/kubectl/jsonpath
 */

import { charge, chargeText } from '../../engine/work.ts'
import { isMap, printCompactJson, printJsonString, printNumber, sortedKeys } from './go-json.ts'

type Step =
  | { type: 'field'; name: string }
  | { type: 'slice'; start?: number; end?: number; step?: number; isIndex?: boolean }
  | { type: 'wildcard' }
  | { type: 'recursive' }
  | { type: 'union'; paths: Step[][] }
  | { type: 'filter'; left: Operand; operator?: string; right?: Operand }

type Operand = { path: Step[] } | { value: string | number | boolean }

type Node =
  | { type: 'text'; text: string }
  | { type: 'path'; steps: Step[]; isRelative: boolean }
  | { type: 'range'; steps: Step[]; body: Node[] }

/** A path that cannot be read, or followed. */
export class JsonPathError extends Error {}

export interface JsonPathTemplate {
  readonly source: string
  readonly nodes: readonly Node[]
}

/** @throws JsonPathError `error parsing jsonpath {.a, unclosed action` */
export function parseJsonPath(source: string): JsonPathTemplate {
  const fail: Fail = (why) => {
    throw new JsonPathError(`error parsing jsonpath ${source}, ${why}`)
  }
  return { source, nodes: nest(tokenize(source, fail), fail) }
}

type Fail = (why: string) => never

/**
 * A path as custom-columns and --sort-by accept it: `.metadata.name`, `metadata.name`, `{.metadata.name}`.
 * @throws JsonPathError for what is no path
 */
export function parseRelaxedPath(text: string): JsonPathTemplate {
  const match = /^\{\.?([^{}]+)\}$|^\.?([^{}]+)$/.exec(text)
  if (!match) {
    throw new JsonPathError(
      `unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'`,
    )
  }
  return parseJsonPath(`{.${(match[1] ?? match[2]).replace(/^\$\.?/, '')}}`)
}

/**
 * The template filled in from an object.
 * @throws JsonPathError when an index is out of bounds, or a key is missing and may not be
 */
export function printJsonPath(template: JsonPathTemplate, data: unknown, allowsMissing = true): string {
  try {
    return render(template.nodes, data, data, { allowsMissing })
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error
    throw new JsonPathError(
      `error executing jsonpath ${JSON.stringify(template.source)}: Error executing template: ${error.message}. Printing more information for debugging the template:\n` +
        `\ttemplate was:\n\t\t${template.source}\n\tobject given to jsonpath engine was:\n\t\t${printGoValue(data)}\n\n`,
    )
  }
}

/**
 * Values that the paths of a template lead to.
 * @throws JsonPathError when an index is out of bounds
 */
export function findValues(template: JsonPathTemplate, data: unknown): unknown[] {
  try {
    return valuesAt(template.nodes, data, data)
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error
    throw new JsonPathError(error.message)
  }
}

const valuesAt = (nodes: readonly Node[], data: unknown, root: unknown): unknown[] =>
  nodes.flatMap((node) => {
    if (node.type === 'text') return []
    const values = walk(node.steps, data, root, { allowsMissing: true })
    return node.type === 'range' ? values.flatMap((item) => valuesAt(node.body, item, root)) : values
  })

interface Options {
  allowsMissing: boolean
}

class EvaluationError extends Error {}

// ---------- parsing ----------

type Token = { type: 'text'; text: string } | { type: 'action'; text: string }

/** Texts and the insides of braces. */
function tokenize(source: string, fail: Fail): Token[] {
  const tokens: Token[] = []
  let text = ''
  for (let i = 0; i < source.length; i++) {
    if (source[i] !== '{') {
      text += source[i]
      continue
    }
    if (text) tokens.push({ type: 'text', text })
    text = ''
    const end = closingBrace(source, i + 1, fail)
    tokens.push({ type: 'action', text: source.slice(i + 1, end).trim() })
    i = end
  }
  if (text) tokens.push({ type: 'text', text })
  return tokens
}

function closingBrace(source: string, start: number, fail: Fail): number {
  for (let i = start; i < source.length; i++) {
    if (source[i] === '}') return i
    if (source[i] === '"' || source[i] === "'") {
      const end = closingQuote(source, i)
      if (end < 0) return fail('unterminated quoted string')
      i = end
    } else if (source[i] === '[') {
      const end = closingBracket(source, i)
      if (end < 0) return fail('unterminated array')
      i = end
    }
  }
  return fail('unclosed action')
}

function closingQuote(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === text[start]) return i
  }
  return -1
}

function closingBracket(text: string, start: number): number {
  let depth = 0
  for (let i = start; i < text.length; i++) {
    if (text[i] === '"' || text[i] === "'") {
      i = closingQuote(text, i)
      if (i < 0) return -1
    } else if (text[i] === '[') depth++
    else if (text[i] === ']' && --depth === 0) return i
  }
  return -1
}

/** Ranges with the nodes up to their `{end}`. */
function nest(tokens: readonly Token[], fail: Fail): Node[] {
  const root: Node[] = []
  const stack: Node[][] = [root]
  for (const token of tokens) {
    const current = stack[stack.length - 1]
    if (token.type === 'text') current.push(token)
    else if (token.text === 'end') {
      if (stack.length === 1) fail('not in range, nothing to end')
      stack.pop()
    } else if (/^range(?![A-Za-z0-9_])/.test(token.text)) {
      const { steps } = parsePath(token.text.slice(5).trim(), fail)
      const body: Node[] = []
      current.push({ type: 'range', steps, body })
      stack.push(body)
    } else if (/^["']/.test(token.text)) {
      current.push({ type: 'text', text: unquote(token.text) })
    } else current.push({ type: 'path', ...parsePath(token.text, fail) })
  }
  if (stack.length > 1) fail('unclosed action')
  return root
}

const unquote = (text: string): string =>
  text.slice(1, -1).replace(/\\(n|t|r|\\|"|')/g, (_, char: string) => ({ n: '\n', t: '\t', r: '\r' })[char] ?? char)

function parsePath(text: string, fail: Fail): { steps: Step[]; isRelative: boolean } {
  const steps: Step[] = []
  let i = 0
  const isRelative = text[0] === '@'
  if (text[0] === '$' || text[0] === '@') i = 1
  while (i < text.length) {
    const char = text[i]
    if (char === ' ') i++
    else if (text.startsWith('..', i)) {
      steps.push({ type: 'recursive' })
      i += /[[.]/.test(text[i + 2] ?? '') ? 2 : 1
      if (text[i] === '.' && text[i + 1] === undefined) i++
    } else if (char === '.') {
      i++
      if (text[i] === '*') {
        steps.push({ type: 'wildcard' })
        i++
        continue
      }
      const [name, end] = readName(text, i)
      if (name) steps.push({ type: 'field', name })
      i = end
    } else if (char === '[') {
      const end = closingBracket(text, i)
      if (end < 0) return fail('unterminated array')
      steps.push(parseBracket(text.slice(i + 1, end), fail))
      i = end + 1
    } else if (char === '*') {
      steps.push({ type: 'wildcard' })
      i++
    } else if (steps.length === 0 && /[A-Za-z]/.test(char)) {
      return fail(`unrecognized identifier ${readName(text, i)[0]}`)
    } else if (/[\w"'/-]/.test(char)) {
      const [name, end] = readName(text, i)
      if (end === i) return fail(`unrecognized character in action: U+${codeOf(char)} '${char}'`)
      steps.push({ type: 'field', name })
      i = end
    } else return fail(`unrecognized character in action: U+${codeOf(char)} '${char}'`)
  }
  return { steps, isRelative }
}

const codeOf = (char: string): string => char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')

/** A field name up to a dot, a bracket or a space; a backslash keeps the next character. */
function readName(text: string, start: number): [string, number] {
  let name = ''
  let i = start
  for (; i < text.length && !/[.[\]\s$@]/.test(text[i]); i++) {
    if (text[i] === '\\' && i + 1 < text.length) i++
    name += text[i]
  }
  return [name, i]
}

/** Source: k8s.io/client-go/util/jsonpath/parser.go parseArray: keys stand in single quotes, and commas part whatever they stand in. */
function parseBracket(inner: string, fail: Fail): Step {
  if (inner.startsWith('?')) {
    const match = /^\?\((.*)\)$/s.exec(inner)
    if (!match) return fail('unterminated filter')
    return parseFilter(match[1].trim(), fail)
  }
  const parts = inner.split(',')
  if (parts.length > 1)
    return { type: 'union', paths: parts.map((part) => [parseBracket(part.replace(/^ +| +$/g, ''), fail)]) }
  const key = /^'([^']*)'$/.exec(inner)
  // A quoted key is a path of its own: dots in a key need a backslash here too.
  if (key) return { type: 'union', paths: [parsePath(`.${key[1]}`, fail).steps] }
  const match = /^(-?\d*)(?::(-?\d*))?(?::(-?\d*))?$/.exec(inner === '*' ? ':' : inner)
  if (!match) return fail(`invalid array index ${inner}`)
  const number = (text: string | undefined): number | undefined => {
    if (text === '-') return fail(`array index ${text} is not a number`)
    return text ? Number(text) : undefined
  }
  const [start, end, step] = match.slice(1).map(number)
  return {
    type: 'slice',
    start,
    end: match[2] === undefined ? (start ?? 0) + 1 : end,
    step,
    isIndex: match[2] === undefined,
  }
}

function parseFilter(text: string, fail: Fail): Step {
  const operators = ['==', '!=', '<=', '>=', '<', '>']
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '"' || text[i] === "'") {
      const end = closingQuote(text, i)
      if (end < 0) return fail('unterminated quoted string')
      i = end
      continue
    }
    const operator = operators.find((candidate) => text.startsWith(candidate, i))
    if (operator) {
      const left = parseOperand(text.slice(0, i).trim(), fail)
      return { type: 'filter', left, operator, right: parseOperand(text.slice(i + operator.length).trim(), fail) }
    }
  }
  return { type: 'filter', left: parseOperand(text, fail) }
}

function parseOperand(text: string, fail: Fail): Operand {
  if (/^(['"]).*\1$/s.test(text)) return { value: unquote(text) }
  if (/^[-+]?\d+(\.\d+)?$/.test(text)) return { value: Number(text) }
  if (text === 'true' || text === 'false') return { value: text === 'true' }
  return { path: parsePath(text, fail).steps }
}

// ---------- evaluation ----------

function render(nodes: readonly Node[], data: unknown, root: unknown, options: Options): string {
  let text = ''
  for (const node of nodes) {
    charge(2)
    if (node.type === 'text') text += node.text
    else if (node.type === 'path') {
      text += walk(node.steps, data, root, options).map(printValue).join(' ')
    } else {
      for (const item of walk(node.steps, data, root, options)) text += render(node.body, item, root, options)
    }
  }
  return text
}

function walk(steps: readonly Step[], data: unknown, root: unknown, options: Options): unknown[] {
  let values: unknown[] = [data]
  for (const step of steps) {
    const from = values
    charge(2 + 2 * from.length)
    values =
      step.type === 'union'
        ? step.paths.flatMap((path) => from.flatMap((value) => walk(path, value, root, options)))
        : from.flatMap((value) => take(step, value, root, options))
  }
  return values
}

function take(step: Exclude<Step, { type: 'union' }>, value: unknown, root: unknown, options: Options): unknown[] {
  switch (step.type) {
    case 'field':
      if (isMap(value) && Object.hasOwn(value, step.name) && value[step.name] !== undefined) {
        return value[step.name] === null ? [] : [value[step.name]]
      }
      if (options.allowsMissing) return []
      throw new EvaluationError(`${step.name} is not found`)
    case 'wildcard':
      if (Array.isArray(value)) return value
      return isMap(value) ? sortedKeys(value).map((key) => value[key]) : []
    case 'recursive':
      return descendants(value)
    case 'slice':
      return slice(step, value)
    case 'filter': {
      const items = Array.isArray(value) ? value : isMap(value) ? sortedKeys(value).map((key) => value[key]) : []
      charge(items.length)
      return items.filter((item) => passes(step, item, root))
    }
  }
}

function descendants(value: unknown): unknown[] {
  charge(3)
  const children = Array.isArray(value) ? value : isMap(value) ? sortedKeys(value).map((key) => value[key]) : []
  const below = children.flatMap(descendants)
  charge(below.length)
  return [value, ...below]
}

/** Source: k8s.io/client-go/util/jsonpath/jsonpath.go evalArray. */
function slice(params: Extract<Step, { type: 'slice' }>, value: unknown): unknown[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw new EvaluationError(`${goTypeOf(value)} is not array or slice`)
  const { length } = value
  let { start = 0, end = length } = params
  if (start < 0) start += length
  if (end < 0 || (end === 0 && params.isIndex)) end += length
  // Whoever asks for no elements gets none, wherever that is.
  if (start === end) return []
  const outOfBounds = (index: number): never => {
    throw new EvaluationError(`array index out of bounds: index ${index}, length ${length}`)
  }
  if (start >= length || start < 0) outOfBounds(start)
  if (end > length || end < 0) outOfBounds(end - 1)
  if (start > end) throw new EvaluationError(`starting index ${start} is greater than ending index ${end}`)
  const { step = 1 } = params
  if (step <= 0) throw new EvaluationError('step must be > 0')
  return value.slice(start, end).filter((_, i) => i % step === 0)
}

/** As Go names the type of a value that was read from JSON. */
function goTypeOf(value: unknown): string {
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'bool'
  return typeof value === 'number' ? (Number.isInteger(value) ? 'int64' : 'float64') : 'map[string]interface {}'
}

function passes(filter: Extract<Step, { type: 'filter' }>, item: unknown, root: unknown): boolean {
  const valuesOf = (operand: Operand): unknown[] =>
    'value' in operand ? [operand.value] : walk(operand.path, item, root, { allowsMissing: true })
  const left = valuesOf(filter.left)
  if (!filter.operator || !filter.right) return left.length > 0
  const right = valuesOf(filter.right)
  if (left.length === 0 || right.length === 0) return false
  return compare(left[0], right[0], filter.operator)
}

function compare(left: unknown, right: unknown, operator: string): boolean {
  // Numbers in quotes are compared as the other side is typed, as a person means it.
  const [a, b] = typeof left === typeof right ? [left, right] : [String(left), String(right)]
  switch (operator) {
    case '==':
      return a === b
    case '!=':
      return a !== b
    case '<':
      return (a as string) < (b as string)
    case '<=':
      return (a as string) <= (b as string)
    case '>':
      return (a as string) > (b as string)
    default:
      return (a as string) >= (b as string)
  }
}

function printValue(value: unknown): string {
  charge(1)
  if (typeof value === 'string') return value
  if (typeof value === 'number') return printNumber(value)
  if (typeof value === 'boolean') return String(value)
  if (value === null || value === undefined) return '<nil>'
  const text = printCompactJson(value)
  chargeText(4 * text.length)
  return text
}

/** A value as Go's %#v shows decoded JSON. */
function printGoValue(value: unknown): string {
  if (Array.isArray(value)) return `[]interface {}{${value.map(printGoValue).join(', ')}}`
  if (isMap(value)) {
    return `map[string]interface {}{${sortedKeys(value)
      .map((key) => `${printJsonString(key)}:${printGoValue(value[key])}`)
      .join(', ')}}`
  }
  if (typeof value === 'string') return JSON.stringify(value)
  return value === null || value === undefined ? 'interface {}(nil)' : String(value)
}
