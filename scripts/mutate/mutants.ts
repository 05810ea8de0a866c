/**
 * Mutants of a source file: small changes that a test should notice. All of them are written into one text, where each is switched on by its
 * number, so that a file is compiled once for all its mutants.
 */
import { parseSync } from 'oxc-parser'

export interface Mutant {
  /** From 1. */
  number: number
  line: number
  column: number
  /** `a < b → a <= b` */
  change: string
}

/** A node of the syntax tree, as ESTree has it. */
interface SyntaxNode {
  type: string
  start: number
  end: number
  [field: string]: unknown
}

/** What stands in the place of a node, or nothing for a statement that is left out. */
interface Replacement {
  node: SyntaxNode
  /** Undefined leaves the statement out. */
  text: string | undefined
}

const otherOperators: Readonly<Record<string, readonly string[]>> = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '&&': ['||'],
  '||': ['&&'],
}

/** Calls that have a sibling, or that can be left out. */
const otherMethods: Readonly<Record<string, string>> = {
  some: 'every',
  every: 'some',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
  min: 'max',
  max: 'min',
  ceil: 'floor',
  floor: 'ceil',
  toLowerCase: 'toUpperCase',
}
const leftOutMethods: ReadonlySet<string> = new Set([
  'filter',
  'sort',
  'toSorted',
  'reverse',
  'toReversed',
  'trim',
  'slice',
])

/** Of these nothing runs. */
const isType = ({ type }: SyntaxNode): boolean => type.startsWith('TS') && !expressionWrappers.has(type)
const expressionWrappers: ReadonlySet<string> = new Set([
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
])

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const isNode = (value: unknown): value is SyntaxNode =>
    typeof value === 'object' && value !== null && typeof (value as SyntaxNode).type === 'string'
  return (
    Object.values(node)
      .flatMap((value) => (Array.isArray(value) ? value : [value]))
      .filter(isNode)
      // Of a short name with a default both begin at the same place: the name is a part of what stands behind it.
      .sort((a, b) => a.start - b.start || b.end - a.end)
  )
}

/** Names and paths, which are no expressions. */
function isNoExpression(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  if (!parent) return false
  const { type } = parent
  if (/^(Import|Export)/.test(type) && node.type === 'Literal') return true
  const isKey = 'key' in parent && parent.key === node && parent.computed !== true
  const isMember = type === 'MemberExpression' && parent.property === node && parent.computed !== true
  return isKey || isMember || type === 'TaggedTemplateExpression'
}

function replacementsOf(node: SyntaxNode, text: (node: SyntaxNode) => string): Replacement[] {
  const by = (changed: string): Replacement => ({ node, text: changed })
  const part = (field: string): SyntaxNode => node[field] as SyntaxNode
  switch (node.type) {
    case 'BinaryExpression':
    case 'LogicalExpression': {
      const [left, right] = [text(part('left')), text(part('right'))]
      const operator = String(node.operator)
      // Parts of a text are put together by it.
      if (operator === '+' && /^['"`]|['"`]$/.test(left + right)) return []
      if (operator === '??') return [by(`(${left})`)]
      return (otherOperators[operator] ?? []).map((other) => by(`(${left}) ${other} (${right})`))
    }
    case 'UnaryExpression':
      return node.operator === '!' ? [by(`(${text(part('argument'))})`)] : []
    case 'ConditionalExpression':
      return [by(`(${text(part('consequent'))})`), by(`(${text(part('alternate'))})`)]
    case 'Literal':
      if (typeof node.value === 'number') return [by(node.value === 0 ? '1' : `${Number(node.value) + 1}`)]
      if (typeof node.value === 'boolean') return [by(String(!node.value))]
      if (typeof node.value === 'string') return [by(node.value === '' ? "'mutant'" : "''")]
      return []
    case 'ArrayExpression':
      return (node.elements as unknown[]).length > 0 ? [by('[]')] : []
    case 'CallExpression': {
      const callee = part('callee')
      if (callee.type !== 'MemberExpression' || callee.computed === true) return []
      const object = text(callee.object as SyntaxNode)
      const method = text(callee.property as SyntaxNode)
      const mark = callee.optional === true ? '?.' : '.'
      const given = (node.arguments as SyntaxNode[]).map(text).join(', ')
      const other = otherMethods[method]
      if (other !== undefined) return [by(`${object}${mark}${other}(${given})`)]
      return leftOutMethods.has(method) ? [by(`(${object})`)] : []
    }
    case 'IfStatement':
    case 'WhileStatement': {
      const test = part('test')
      const never: Replacement = { node: test, text: 'false' }
      return node.type === 'IfStatement' ? [{ node: test, text: 'true' }, never] : [never]
    }
    case 'ExpressionStatement':
      return typeof node.directive === 'string' ? [] : [{ node, text: undefined }]
    default:
      return []
  }
}

/** The line with which each mutated file begins. */
const preamble = (file: string): string =>
  `const __mutant = (number) => globalThis.__mutantOn(${JSON.stringify(file)}, number);`

/**
 * @param file names it to `globalThis.__mutantOn`
 * @returns the mutants, and the text in which `__mutantOn(file, number)` tells whether one is on
 * @throws Error when it cannot be parsed
 */
export function mutantsOf(file: string, source: string): { mutants: Mutant[]; text: string } {
  const { program, errors } = parseSync(file, source)
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0]!.message}`)
  const mutants: Mutant[] = []
  const plain = ({ start, end }: SyntaxNode): string => source.slice(start, end)
  const byNode = new Map<SyntaxNode, { number: number; text: string | undefined }[]>()
  const collect = (node: SyntaxNode, parent: SyntaxNode | undefined): void => {
    if (isType(node)) return
    if (!isNoExpression(node, parent))
      for (const { node: at, text } of replacementsOf(node, plain)) {
        const before = source.slice(0, at.start)
        const number = mutants.length + 1
        mutants.push({
          number,
          line: before.split('\n').length,
          column: at.start - before.lastIndexOf('\n'),
          change: `${plain(at)} → ${text ?? 'left out'}`.replace(/\s+/g, ' ').slice(0, 160),
        })
        byNode.set(at, [...(byNode.get(at) ?? []), { number, text }])
      }
    for (const child of childrenOf(node)) collect(child, node)
  }
  collect(program as unknown as SyntaxNode, undefined)

  /** With the mutants in it. */
  const written = (node: SyntaxNode): string => {
    let text = ''
    let at = node.start
    if (!isType(node))
      for (const child of childrenOf(node)) {
        // Shorthand: the same name is key and value.
        if (child.start < at) continue
        text += source.slice(at, child.start) + written(child)
        at = child.end
      }
    text += source.slice(at, node.end)
    for (const { number, text: changed } of byNode.get(node) ?? [])
      text =
        changed === undefined
          ? `{ if (!__mutant(${number})) { ${text} } }`
          : `(__mutant(${number}) ? ${changed} : ${text})`
    return text
  }
  const body = written(program as unknown as SyntaxNode)
  return { mutants, text: mutants.length > 0 ? `${preamble(file)}${source.slice(0, program.start)}${body}` : source }
}
