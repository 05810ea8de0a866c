/** Templates as trees, refused in Go's words. Source: text/template/parse/parse.go */
import { charge } from '../engine/work.ts'
import { goQuote, goUnquote } from '../text/go-quote.ts'
import { lex, printToken, type Token, type TokenType } from './lex.ts'

/** A template that is no template: `template: NAME:LINE: why`. */
export class TemplateParseError extends Error {
  override readonly name = 'TemplateParseError'
}

/** Where something stands, for messages. */
export interface Place {
  tree: Tree
  at: number
}

export type Statement =
  | { type: 'text'; text: string }
  | { type: 'action'; pipe: Pipe }
  | { type: 'if' | 'with' | 'range'; pipe: Pipe; body: Statement[]; otherwise: Statement[] }
  | { type: 'template'; name: string; pipe: Pipe | undefined; at: number }
  | { type: 'break' | 'continue' }

export interface Pipe {
  type: 'pipe'
  at: number
  variables: string[]
  isAssigned: boolean
  commands: CommandNode[]
}

export interface CommandNode {
  type: 'command'
  at: number
  args: Operand[]
}

export type Operand =
  | { type: 'literal'; kind: 'string' | 'number' | 'bool'; value: unknown; text: string; at: number }
  | { type: 'nil'; at: number }
  | { type: 'dot'; at: number }
  | { type: 'field'; fields: string[]; at: number }
  | { type: 'variable'; name: string; fields: string[]; at: number }
  | { type: 'function'; name: string; at: number }
  | { type: 'chain'; from: Operand; fields: string[]; at: number }
  | Pipe

/** A template's text and what it is made of. */
export interface Tree {
  /** Of the template that it was parsed with, which messages name. */
  parsedAs: string
  source: string
  body: Statement[]
}

/**
 * Parses a text with the templates that it defines.
 * @returns by name, the text's own under `name`
 */
export function parseTemplate(name: string, source: string, hasFunction: (name: string) => boolean): Map<string, Tree> {
  return new Parser(name, source, hasFunction).parse()
}

const mostDepth = 200
type End = { type: 'end' } | { type: 'else' }

class Parser {
  readonly #name: string
  readonly #source: string
  readonly #hasFunction: (name: string) => boolean
  readonly #tokens: Token[]
  readonly #trees = new Map<string, Tree>()
  #at = 0
  #vars = ['$']
  #ranges = 0
  #actionLine = 0
  #depth = 0

  constructor(name: string, source: string, hasFunction: (name: string) => boolean) {
    this.#name = name
    this.#source = source
    this.#hasFunction = hasFunction
    this.#tokens = lex(source)
  }

  parse(): Map<string, Tree> {
    const body: Statement[] = []
    while (this.#peek().type !== 'EOF') {
      if (this.#peek().type === '{{') {
        const held = this.#at
        this.#next()
        if (this.#isKeyword(this.#nextNonSpace(), 'define')) {
          this.#definition()
          continue
        }
        this.#at = held
      }
      const node = this.#textOrAction()
      if ('end' in node) this.#fail(`unexpected {{${node.end.type}}}`)
      else body.push(node.statement)
    }
    this.#add(this.#name, body)
    return this.#trees
  }

  #add(name: string, body: Statement[]): void {
    const isEmpty = body.every((node) => node.type === 'text' && node.text.trim() === '')
    const known = this.#trees.get(name)
    if (known && isEmpty) return
    this.#trees.set(name, { parsedAs: this.#name, source: this.#source, body })
  }

  #fail(why: string): never {
    const line = this.#tokens[Math.max(0, Math.min(this.#at, this.#tokens.length) - 1)]!.line
    throw new TemplateParseError(`template: ${this.#name}:${line}: ${why}`)
  }

  #peek(): Token {
    return this.#tokens[Math.min(this.#at, this.#tokens.length - 1)]!
  }

  #next(): Token {
    charge(2)
    const token = this.#peek()
    this.#at++
    return token
  }

  #peekNonSpace(): Token {
    while (this.#peek().type === 'space') this.#at++
    return this.#peek()
  }

  #nextNonSpace(): Token {
    this.#peekNonSpace()
    return this.#next()
  }

  #isKeyword(token: Token, word: string): boolean {
    return token.type === 'keyword' && token.text === word
  }

  #expect(type: TokenType, context: string): Token {
    const token = this.#nextNonSpace()
    if (token.type !== type) this.#unexpected(token, context)
    return token
  }

  #unexpected(token: Token, context: string): never {
    if (token.type !== 'error') this.#fail(`unexpected ${printToken(token)} in ${context}`)
    let extra = ''
    if (this.#actionLine !== 0 && this.#actionLine !== token.line) {
      extra = ` in action started at ${this.#name}:${this.#actionLine}`
      if (token.text.endsWith(' action')) extra = extra.slice(' in action'.length)
    }
    return this.#fail(token.text + extra)
  }

  #definition(): void {
    const context = 'define clause'
    const name = this.#templateName(context)
    this.#expect('}}', context)
    const outer = this.#vars
    this.#vars = ['$']
    const { body, end } = this.#list()
    this.#vars = outer
    if (end.type !== 'end') this.#fail(`unexpected {{else}} in ${context}`)
    this.#add(name, body)
  }

  #templateName(context: string): string {
    const token = this.#nextNonSpace()
    if (token.type !== 'string' && token.type !== 'rawString') return this.#unexpected(token, context)
    return this.#unquoted(token.text)
  }

  #unquoted(literal: string): string {
    return goUnquote(literal) ?? this.#fail('invalid syntax')
  }

  /** Statements as far as an end or an else. */
  #list(): { body: Statement[]; end: End } {
    if (++this.#depth > mostDepth) this.#fail('the template is nested too deep')
    const body: Statement[] = []
    while (this.#peekNonSpace().type !== 'EOF') {
      const node = this.#textOrAction()
      if ('end' in node) {
        this.#depth--
        return { body, end: node.end }
      }
      body.push(node.statement)
    }
    this.#next()
    return this.#fail('unexpected EOF')
  }

  #textOrAction(): { statement: Statement } | { end: End } {
    const token = this.#nextNonSpace()
    if (token.type === 'text') return { statement: { type: 'text', text: token.text } }
    if (token.type !== '{{') return this.#unexpected(token, 'input')
    this.#actionLine = token.line
    const node = this.#action()
    this.#actionLine = 0
    return node
  }

  #action(): { statement: Statement } | { end: End } {
    const token = this.#nextNonSpace()
    if (token.type === 'keyword')
      switch (token.text) {
        case 'end':
          this.#expect('}}', 'end')
          return { end: { type: 'end' } }
        case 'else': {
          const peeked = this.#peekNonSpace()
          if (!this.#isKeyword(peeked, 'if') && !this.#isKeyword(peeked, 'with')) this.#expect('}}', 'else')
          return { end: { type: 'else' } }
        }
        case 'if':
        case 'with':
        case 'range':
          return { statement: this.#control(token.text) }
        case 'template':
          return { statement: this.#template(token) }
        case 'block':
          return { statement: this.#block(token) }
        case 'break':
        case 'continue': {
          const after = this.#nextNonSpace()
          if (after.type !== '}}') this.#unexpected(after, `{{${token.text}}}`)
          if (this.#ranges === 0) this.#fail(`{{${token.text}}} outside {{range}}`)
          return { statement: { type: token.text } }
        }
        default:
      }
    this.#at--
    // What is declared in an action stays until the end of what is around it.
    return { statement: { type: 'action', pipe: this.#pipeline('command', '}}') } }
  }

  #control(type: 'if' | 'with' | 'range'): Statement {
    const held = this.#vars.length
    const pipe = this.#pipeline(type, '}}')
    if (type === 'range') this.#ranges++
    const { body, end } = this.#list()
    if (type === 'range') this.#ranges--
    let otherwise: Statement[] = []
    if (end.type === 'else') {
      const chained = this.#peekNonSpace()
      if ((type === 'if' || type === 'with') && this.#isKeyword(chained, type)) {
        this.#next()
        otherwise = [this.#control(type)]
      } else {
        const list = this.#list()
        if (list.end.type !== 'end') this.#fail('expected end; found {{else}}')
        otherwise = list.body
      }
    }
    this.#vars.length = held
    return { type, pipe, body, otherwise }
  }

  #template(token: Token): Statement {
    const context = 'template clause'
    const name = this.#templateName(context)
    let pipe: Pipe | undefined
    if (this.#nextNonSpace().type !== '}}') {
      this.#at--
      pipe = this.#pipeline(context, '}}')
    }
    return { type: 'template', name, pipe, at: token.at }
  }

  #block(token: Token): Statement {
    const context = 'block clause'
    const name = this.#templateName(context)
    const pipe = this.#pipeline(context, '}}')
    const outer = this.#vars
    this.#vars = ['$']
    const { body, end } = this.#list()
    this.#vars = outer
    if (end.type !== 'end') this.#fail(`unexpected {{else}} in ${context}`)
    this.#add(name, body)
    return { type: 'template', name, pipe, at: token.at }
  }

  #pipeline(context: string, endsWith: '}}' | ')'): Pipe {
    if (++this.#depth > mostDepth) this.#fail('the template is nested too deep')
    const pipe: Pipe = { type: 'pipe', at: this.#peekNonSpace().at, variables: [], isAssigned: false, commands: [] }
    this.#declarations(pipe, context)
    for (;;) {
      const token = this.#nextNonSpace()
      if (token.type === endsWith) {
        if (pipe.commands.length === 0) this.#fail(`missing value for ${context}`)
        for (const [at, { args }] of pipe.commands.entries())
          if (at > 0 && ['literal', 'dot', 'nil'].includes(args[0]!.type))
            this.#fail(`non executable command in pipeline stage ${at + 1}`)
        this.#depth--
        return pipe
      }
      if (!operandTypes.has(token.type)) this.#unexpected(token, context)
      this.#at--
      pipe.commands.push(this.#command())
    }
  }

  /** `$x :=`, `$i, $x =`. */
  #declarations(pipe: Pipe, context: string): void {
    for (;;) {
      const held = this.#at
      const variable = this.#peekNonSpace()
      if (variable.type !== 'variable') return
      this.#next()
      const mark = this.#peekNonSpace()
      if (mark.type === '=' || mark.type === ':=') {
        this.#next()
        pipe.isAssigned = mark.type === '='
        pipe.variables.push(variable.text)
        this.#vars.push(variable.text)
        return
      }
      if (mark.type !== 'char' || mark.text !== ',') {
        this.#at = held
        return
      }
      this.#next()
      pipe.variables.push(variable.text)
      this.#vars.push(variable.text)
      if (context !== 'range' || pipe.variables.length >= 2) this.#fail(`too many declarations in ${context}`)
      if (!['variable', '}}', ')'].includes(this.#peekNonSpace().type))
        this.#fail('range can only initialize variables')
    }
  }

  #command(): CommandNode {
    const command: CommandNode = { type: 'command', at: this.#peekNonSpace().at, args: [] }
    for (;;) {
      this.#peekNonSpace()
      const operand = this.#operand()
      if (operand) command.args.push(operand)
      const token = this.#next()
      if (token.type === 'space') continue
      if (token.type === '}}' || token.type === ')') this.#at--
      else if (token.type !== '|') this.#unexpected(token, 'operand')
      break
    }
    if (command.args.length === 0) this.#fail('empty command')
    return command
  }

  #operand(): Operand | undefined {
    const term = this.#term()
    if (!term || this.#peek().type !== 'field') return term
    const { at } = this.#peek()
    const fields: string[] = []
    while (this.#peek().type === 'field') fields.push(this.#next().text.slice(1))
    if (term.type === 'field') return { ...term, fields: [...term.fields, ...fields], at }
    if (term.type === 'variable') return { ...term, fields, at }
    if (term.type === 'literal' || term.type === 'nil' || term.type === 'dot')
      return this.#fail(`unexpected . after term ${goQuote(printNode(term))}`)
    return { type: 'chain', from: term, fields, at }
  }

  #term(): Operand | undefined {
    const token = this.#nextNonSpace()
    const { type, text, at } = token
    switch (type) {
      case 'identifier':
        if (!this.#hasFunction(text)) this.#fail(`function ${goQuote(text)} not defined`)
        return { type: 'function', name: text, at }
      case 'dot':
        return { type: 'dot', at }
      case 'nil':
        return { type: 'nil', at }
      case 'variable':
        if (!this.#vars.includes(text)) this.#fail(`undefined variable ${goQuote(text)}`)
        return { type: 'variable', name: text, fields: [], at }
      case 'field':
        return { type: 'field', fields: [text.slice(1)], at }
      case 'bool':
        return { type: 'literal', kind: 'bool', value: text === 'true', text, at }
      case 'number':
        return { type: 'literal', kind: 'number', value: this.#number(text), text, at }
      case 'charConstant':
        return { type: 'literal', kind: 'number', value: BigInt(this.#unquoted(text).codePointAt(0) ?? 0), text, at }
      case 'string':
      case 'rawString':
        return { type: 'literal', kind: 'string', value: this.#unquoted(text), text, at }
      case '(':
        return this.#pipeline('parenthesized pipeline', ')')
      default:
        this.#at--
        return undefined
    }
  }

  #number(text: string): unknown {
    const plain = text.replaceAll('_', '')
    const sign = plain.startsWith('-') ? -1n : 1n
    const digits = plain.replace(/^[+-]/, '')
    if (/^0[0-7]+$/.test(digits)) return sign * BigInt(`0o${digits.slice(1)}`)
    if (/^(0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+|\d+)$/.test(digits)) {
      const value = sign * BigInt(digits)
      if (BigInt.asIntN(64, value) !== value) this.#fail(`illegal number syntax: ${goQuote(text)}`)
      return value
    }
    const value = Number(plain)
    return Number.isNaN(value) ? this.#fail(`illegal number syntax: ${goQuote(text)}`) : value
  }
}

const operandTypes: ReadonlySet<TokenType> = new Set<TokenType>([
  ...(['bool', 'charConstant', 'dot', 'field', 'identifier', 'number', 'nil', 'rawString'] as const),
  ...(['string', 'variable', '('] as const),
])

/** As it was written, but for white space: what messages show. */
export function printNode(node: Operand | CommandNode): string {
  const dotted = (fields: readonly string[]): string => fields.map((field) => `.${field}`).join('')
  switch (node.type) {
    case 'literal':
      return node.text
    case 'nil':
      return 'nil'
    case 'dot':
      return '.'
    case 'field':
      return dotted(node.fields)
    case 'variable':
      return node.name + dotted(node.fields)
    case 'function':
      return node.name
    case 'chain':
      return (node.from.type === 'pipe' ? `(${printNode(node.from)})` : printNode(node.from)) + dotted(node.fields)
    case 'command':
      return node.args.map((arg) => (arg.type === 'pipe' ? `(${printNode(arg)})` : printNode(arg))).join(' ')
    default: {
      const declared = node.variables.length > 0 ? `${node.variables.join(', ')} ${node.isAssigned ? '=' : ':='} ` : ''
      return declared + node.commands.map(printNode).join(' | ')
    }
  }
}

/** `chart/templates/x.yaml:3:5` */
export function placeText({ tree: { parsedAs, source }, at }: Place): string {
  const before = source.slice(0, at)
  const lineStart = before.lastIndexOf('\n') + 1
  return `${parsedAs}:${before.split('\n').length}:${at - lineStart}`
}
