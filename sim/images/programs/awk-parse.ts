/** awk's programs as trees. */
import { decodeEscapes } from '../../runtime/shell/format.ts'

export type Expression =
  | { kind: 'number'; value: number }
  | { kind: 'string'; value: string }
  | { kind: 'regex'; source: string }
  | { kind: 'name'; name: string }
  | { kind: 'field'; index: Expression }
  | { kind: 'element'; name: string; subscripts: Expression[] }
  | { kind: 'list'; items: Expression[] }
  | { kind: 'assign'; operator: string; target: Expression; value: Expression }
  | { kind: 'step'; isPrefix: boolean; by: 1 | -1; target: Expression }
  | { kind: 'choice'; test: Expression; then: Expression; otherwise: Expression }
  | { kind: 'binary'; operator: string; left: Expression; right: Expression }
  | { kind: 'unary'; operator: string; operand: Expression }
  | { kind: 'match'; isNegated: boolean; left: Expression; right: Expression }
  | { kind: 'in'; subscripts: Expression[]; name: string }
  | { kind: 'call'; name: string; args: Expression[] }
  | { kind: 'getline'; target?: Expression; file?: Expression }

export type Statement =
  | { kind: 'block'; body: Statement[] }
  | { kind: 'expression'; value: Expression }
  | { kind: 'print'; isFormatted: boolean; args: Expression[]; redirect?: { operator: string; to: Expression } }
  | { kind: 'if'; test: Expression; then: Statement; otherwise?: Statement }
  | { kind: 'loop'; before?: Statement; test?: Expression; after?: Statement; body: Statement; testsLast: boolean }
  | { kind: 'each'; variable: string; array: string; body: Statement }
  | { kind: 'delete'; name: string; subscripts?: Expression[] }
  | { kind: 'break' | 'continue' | 'next' }
  | { kind: 'exit' | 'return'; value?: Expression }

export interface Rule {
  when: 'BEGIN' | 'END' | 'always' | Expression
  until?: Expression
  body?: Statement
}

export interface AwkFunction {
  parameters: string[]
  body: Statement
}

export interface AwkProgram {
  rules: Rule[]
  functions: Map<string, AwkFunction>
}

/** Operands in a row, and how deep anything may nest: what evaluates them nests as deep. */
const mostOperands = 300
const mostDepth = 100

/** The program is none. */
export class AwkError extends Error {
  override readonly name = 'AwkError'
}

interface Token {
  kind: 'number' | 'string' | 'regex' | 'name' | 'call' | 'operator' | 'newline' | 'end'
  text: string
}

const keywords = new Set([
  'BEGIN',
  'END',
  'function',
  'func',
  'if',
  'else',
  'while',
  'for',
  'do',
  'break',
  'continue',
  'next',
  'nextfile',
  'exit',
  'return',
  'delete',
  'in',
  'getline',
  'print',
  'printf',
])
const builtins = new Set([
  'length',
  'substr',
  'index',
  'split',
  'sub',
  'gsub',
  'match',
  'sprintf',
  'sin',
  'cos',
  'atan2',
  'exp',
  'log',
  'sqrt',
  'int',
  'rand',
  'srand',
  'tolower',
  'toupper',
  'system',
  'close',
  'fflush',
  'systime',
  'strftime',
])

function tokenize(source: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  const pattern =
    /[ \t\r]+|\\\n|#[^\n]*|(\n)|(0x[\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|"((?:[^"\\\n]|\\[\s\S])*)"|([A-Za-z_]\w*)(\()?|(\*\*=?|\^=|\+\+|--|\+=|-=|\*=|\/=|%=|==|<=|>=|!=|!~|&&|\|\||>>|[{}()[\];,+\-*/%^!<>|?:~$=])/y
  while (at < source.length) {
    const last = tokens[tokens.length - 1]
    // A slash begins a regular expression where no operand stands before it.
    if (
      source[at] === '/' &&
      !(
        last &&
        (['number', 'string'].includes(last.kind) ||
          (last.kind === 'name' && !keywords.has(last.text)) ||
          [')', ']', '$', '++', '--'].includes(last.text))
      )
    ) {
      let end = at + 1
      for (let isInSet = false; end < source.length && (source[end] !== '/' || isInSet); end++) {
        if (source[end] === '\\') end++
        else if (source[end] === '[') isInSet = true
        else if (source[end] === ']') isInSet = false
        else if (source[end] === '\n') break
      }
      if (source[end] !== '/') throw new AwkError('unterminated regex')
      tokens.push({ kind: 'regex', text: source.slice(at + 1, end).replaceAll('\\/', '/') })
      at = end + 1
      continue
    }
    pattern.lastIndex = at
    const match = pattern.exec(source)
    if (!match) throw new AwkError(source[at] === '"' ? 'unterminated string' : `unexpected character '${source[at]}'`)
    at = pattern.lastIndex
    if (match[1]) tokens.push({ kind: 'newline', text: '\n' })
    else if (match[2] !== undefined) tokens.push({ kind: 'number', text: match[2] })
    else if (match[3] !== undefined)
      tokens.push({ kind: 'string', text: decodeEscapes(match[3].replaceAll('\\"', '"').replaceAll('\\/', '/')).text })
    else if (match[4] !== undefined) {
      // `name(` without a space is a call of a function of the program.
      if (match[5]) at--
      tokens.push({
        kind: match[5] && !keywords.has(match[4]) && !builtins.has(match[4]) ? 'call' : 'name',
        text: match[4],
      })
    } else if (match[6]) tokens.push({ kind: 'operator', text: match[6].replace('**', '^') })
  }
  tokens.push({ kind: 'end', text: '' })
  return tokens
}

/** Parses a program. Throws AwkError. */
export function parseAwk(source: string): AwkProgram {
  const tokens = tokenize(source)
  let at = 0
  let depth = 0
  const peek = (): Token => tokens[at]
  const is = (text: string): boolean =>
    peek().text === text && (peek().kind === 'operator' || (peek().kind === 'name' && keywords.has(text)))
  const take = (text: string): boolean => {
    if (!is(text)) return false
    at++
    return true
  }
  const fail = (): never => {
    const { kind, text } = peek()
    throw new AwkError(
      kind === 'end' ? 'unexpected end of input' : `unexpected token '${text === '\n' ? 'newline' : text}'`,
    )
  }
  const expect = (text: string): void => void (take(text) || fail())
  const skipNewlines = (): void => {
    while (peek().kind === 'newline') at++
  }
  const skipEnds = (): void => {
    while (peek().kind === 'newline' || is(';')) at++
  }
  const deeper = <T>(action: () => T): T => {
    if (++depth > mostDepth) throw new AwkError('program too deep')
    const result = action()
    depth--
    return result
  }
  const readName = (): string => {
    const token = peek()
    if (token.kind !== 'name' || keywords.has(token.text)) fail()
    at++
    return token.text
  }

  interface Mode {
    /** `>` redirects and does not compare: in print. */
    noGreater?: boolean
    noIn?: boolean
  }
  const expression = (mode: Mode = {}): Expression => deeper(() => choice(mode))
  const isTarget = ({ kind }: Expression): boolean => kind === 'name' || kind === 'field' || kind === 'element'

  function choice(mode: Mode): Expression {
    const test = either(mode)
    const operator = peek().text
    if (peek().kind === 'operator' && ['=', '+=', '-=', '*=', '/=', '%=', '^='].includes(operator) && isTarget(test)) {
      at++
      skipNewlines()
      return { kind: 'assign', operator, target: test, value: expression(mode) }
    }
    if (!take('?')) return test
    skipNewlines()
    const then = expression(mode)
    skipNewlines()
    expect(':')
    skipNewlines()
    return { kind: 'choice', test, then, otherwise: expression(mode) }
  }
  function chain(operators: readonly string[], next: (mode: Mode) => Expression, mode: Mode): Expression {
    let left = next(mode)
    for (let length = 0; peek().kind === 'operator' && operators.includes(peek().text); length++) {
      if (length > mostOperands) throw new AwkError('program too deep')
      const operator = tokens[at++].text
      if (operator === '&&' || operator === '||') skipNewlines()
      left = { kind: 'binary', operator, left, right: next(mode) }
    }
    return left
  }
  const either = (mode: Mode): Expression => chain(['||'], both, mode)
  const both = (mode: Mode): Expression => chain(['&&'], membership, mode)
  function membership(mode: Mode): Expression {
    let left = matching(mode)
    for (let length = 0; !mode.noIn && take('in') && length < mostOperands; length++)
      left = { kind: 'in', subscripts: left.kind === 'list' ? left.items : [left], name: readName() }
    return left
  }
  function matching(mode: Mode): Expression {
    let left = comparison(mode)
    for (let length = 0; (is('~') || is('!~')) && length < mostOperands; length++)
      left = { kind: 'match', isNegated: tokens[at++].text === '!~', left, right: comparison(mode) }
    return left
  }
  function comparison(mode: Mode): Expression {
    const left = concatenation(mode)
    if (peek().kind !== 'operator' || !['<', '<=', '==', '!=', '>', '>='].includes(peek().text)) return left
    if (mode.noGreater && is('>')) return left
    const operator = tokens[at++].text
    return { kind: 'binary', operator, left, right: concatenation(mode) }
  }
  function concatenation(mode: Mode): Expression {
    let left = sum(mode)
    for (let length = 0; ; length++) {
      if (length > mostOperands) throw new AwkError('program too deep')
      const { kind, text } = peek()
      const begins =
        kind === 'number' ||
        kind === 'string' ||
        kind === 'call' ||
        (kind === 'name' && !keywords.has(text)) ||
        (kind === 'operator' && ['$', '(', '-', '+', '++', '--'].includes(text))
      if (!begins || (mode.noIn && text === 'in')) return left
      left = { kind: 'binary', operator: ' ', left, right: sum(mode) }
    }
  }
  const sum = (mode: Mode): Expression => chain(['+', '-'], product, mode)
  const product = (mode: Mode): Expression => chain(['*', '/', '%'], prefixed, mode)
  function prefixed(mode: Mode): Expression {
    if (peek().kind === 'operator' && ['!', '-', '+'].includes(peek().text)) {
      const operator = tokens[at++].text
      return { kind: 'unary', operator, operand: deeper(() => prefixed(mode)) }
    }
    return power(mode)
  }
  function power(mode: Mode): Expression {
    const left = postfixed(mode)
    return take('^') ? { kind: 'binary', operator: '^', left, right: deeper(() => prefixed(mode)) } : left
  }
  function postfixed(mode: Mode): Expression {
    if (is('++') || is('--')) {
      const by = tokens[at++].text === '++' ? 1 : -1
      const target = primary(mode)
      if (!isTarget(target)) fail()
      return { kind: 'step', isPrefix: true, by, target }
    }
    const value = primary(mode)
    if (isTarget(value) && (is('++') || is('--')))
      return { kind: 'step', isPrefix: false, by: tokens[at++].text === '++' ? 1 : -1, target: value }
    return value
  }
  function list(close: string): Expression[] {
    const items: Expression[] = []
    skipNewlines()
    while (!is(close)) {
      items.push(expression())
      skipNewlines()
      if (!take(',')) break
      skipNewlines()
    }
    expect(close)
    return items
  }
  function primary(mode: Mode): Expression {
    const token = tokens[at]
    if (token.kind === 'number') {
      at++
      return { kind: 'number', value: Number(token.text) }
    }
    if (token.kind === 'string') {
      at++
      return { kind: 'string', value: token.text }
    }
    if (token.kind === 'regex') {
      at++
      return { kind: 'regex', source: token.text }
    }
    if (take('$'))
      return {
        kind: 'field',
        index: deeper(() =>
          is('-') || is('!') ? prefixed(mode) : is('++') || is('--') ? postfixed(mode) : primary(mode),
        ),
      }
    if (take('(')) {
      const items = deeper(() => list(')'))
      if (items.length === 0) fail()
      return items.length === 1 ? (isTarget(items[0]) ? items[0] : { kind: 'list', items }) : { kind: 'list', items }
    }
    if (token.kind === 'call') {
      at++
      expect('(')
      return { kind: 'call', name: token.text, args: deeper(() => list(')')) }
    }
    if (take('getline')) {
      const found: Expression = { kind: 'getline' }
      if (is('$') || (peek().kind === 'name' && !keywords.has(peek().text))) found.target = primary(mode)
      if (take('<')) found.file = primary(mode)
      return found
    }
    if (token.kind !== 'name' || keywords.has(token.text)) return fail()
    at++
    if (builtins.has(token.text)) {
      const args = take('(') ? deeper(() => list(')')) : []
      return { kind: 'call', name: token.text, args }
    }
    if (take('[')) return { kind: 'element', name: token.text, subscripts: deeper(() => list(']')) }
    return { kind: 'name', name: token.text }
  }

  function block(): Statement {
    expect('{')
    const body: Statement[] = []
    skipEnds()
    while (!is('}')) {
      body.push(statement())
      skipEnds()
    }
    at++
    return { kind: 'block', body }
  }
  function simple(): Statement {
    if (is('print') || is('printf')) {
      const isFormatted = tokens[at++].text === 'printf'
      const args: Expression[] = []
      if (!isEnd() && !is('>') && !is('>>') && !is('|')) {
        do {
          skipNewlines()
          args.push(expression({ noGreater: true }))
        } while (take(','))
      }
      const given = args.length === 1 && args[0].kind === 'list' ? args[0].items : args
      const found: Statement = { kind: 'print', isFormatted, args: given }
      if (is('>') || is('>>') || is('|')) {
        const operator = tokens[at++].text
        found.redirect = { operator, to: concatenation({ noGreater: true }) }
      }
      return found
    }
    if (take('delete')) {
      const name = readName()
      return { kind: 'delete', name, subscripts: take('[') ? list(']') : undefined }
    }
    return { kind: 'expression', value: expression() }
  }
  const isEnd = (): boolean => peek().kind === 'newline' || peek().kind === 'end' || is(';') || is('}')
  function body(): Statement {
    skipNewlines()
    if (take(';')) return { kind: 'block', body: [] }
    return deeper(statement)
  }
  function statement(): Statement {
    if (is('{')) return deeper(block)
    if (take('if')) {
      expect('(')
      const test = expression()
      expect(')')
      const then = body()
      const before = at
      skipEnds()
      if (take('else')) return { kind: 'if', test, then, otherwise: body() }
      at = before
      return { kind: 'if', test, then }
    }
    if (take('while')) {
      expect('(')
      const test = expression()
      expect(')')
      return { kind: 'loop', test, body: body(), testsLast: false }
    }
    if (take('do')) {
      const inner = body()
      skipEnds()
      expect('while')
      expect('(')
      const test = expression()
      expect(')')
      return { kind: 'loop', test, body: inner, testsLast: true }
    }
    if (take('for')) {
      expect('(')
      if (tokens[at].kind === 'name' && tokens[at + 1].text === 'in' && tokens[at + 3]?.text === ')') {
        const variable = readName()
        at++
        const array = readName()
        expect(')')
        return { kind: 'each', variable, array, body: body() }
      }
      const before = is(';') ? undefined : simple()
      expect(';')
      skipNewlines()
      const test = is(';') ? undefined : expression()
      expect(';')
      skipNewlines()
      const after = is(')') ? undefined : simple()
      expect(')')
      return { kind: 'loop', before, test, after, body: body(), testsLast: false }
    }
    let found: Statement
    if (is('break') || is('continue') || is('next')) found = { kind: tokens[at++].text as 'break' }
    else if (is('exit') || is('return')) {
      const kind = tokens[at++].text as 'exit'
      found = { kind, value: isEnd() ? undefined : expression() }
    } else found = simple()
    if (!isEnd()) fail()
    return found
  }

  const program: AwkProgram = { rules: [], functions: new Map() }
  for (;;) {
    skipEnds()
    if (peek().kind === 'end') return program
    if (take('function') || take('func')) {
      const name = tokens[at++].text
      expect('(')
      const parameters: string[] = []
      while (!is(')')) {
        parameters.push(readName())
        if (!take(',')) break
        skipNewlines()
      }
      expect(')')
      skipNewlines()
      program.functions.set(name, { parameters, body: block() })
      continue
    }
    let rule: Rule
    if (take('BEGIN')) rule = { when: 'BEGIN' }
    else if (take('END')) rule = { when: 'END' }
    else if (is('{')) rule = { when: 'always' }
    else {
      rule = { when: expression() }
      if (take(',')) {
        skipNewlines()
        rule.until = expression()
      }
    }
    if (typeof rule.when === 'string') skipNewlines()
    if (is('{')) rule.body = block()
    else if (typeof rule.when === 'string') fail()
    program.rules.push(rule)
  }
}
