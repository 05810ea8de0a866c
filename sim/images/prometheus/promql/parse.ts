/**
 * Reads PromQL. Source: https://prometheus.io/docs/prometheus/latest/querying/basics/ and operators/; its errors are worded as Prometheus words
 * them. Simplified: no native histograms, no `smoothed` and `anchored`, no arithmetic in durations.
 */
import { charge } from '../../../engine/work.ts'
import { parsePrometheusDuration } from './duration.ts'
import { functions } from './functions.ts'
import {
  type BinaryOperator,
  type Expression,
  type Matcher,
  type Matching,
  PromqlError,
  type Selector,
  type Shift,
  type ValueType,
} from './types.ts'
import { wholeMatcher } from './whole-match.ts'

interface Token {
  readonly kind: 'word' | 'number' | 'duration' | 'string' | 'sign' | 'end'
  readonly text: string
  readonly at: number
}

const aggregations = new Set(
  'sum min max avg group stddev stdvar count count_values bottomk topk quantile limitk limit_ratio'.split(' '),
)
/** Those that take a parameter before what they aggregate. */
const parametrised = new Set('count_values bottomk topk quantile limitk limit_ratio'.split(' '))

const precedences: Readonly<Record<BinaryOperator, number>> = {
  ...{ or: 1, and: 2, unless: 2 },
  ...{ '==': 3, '!=': 3, '<=': 3, '<': 3, '>=': 3, '>': 3 },
  ...{ '+': 4, '-': 4, '*': 5, '/': 5, '%': 5, atan2: 5, '^': 6 },
}
const isOperator = (text: string): text is BinaryOperator => Object.hasOwn(precedences, text)
export const isComparison = (op: BinaryOperator): boolean => precedences[op] === 3
export const isSetOperator = (op: BinaryOperator): boolean => precedences[op] <= 2

/** How deep an expression may be nested. */
const MOST_DEPTH = 100

/** @throws PromqlError `1:5: parse error: …` */
export function parsePromql(text: string): Expression {
  charge(text.length)
  const parser = new Parser(text)
  const expression = parser.expression(0)
  parser.end()
  typeOf(expression, (of, problem) => parser.refuse(of, problem))
  return expression
}

/** Told of the expression that does not fit. */
type Refuse = (of: Expression, problem: string) => never

/** Of what an expression comes to. @param refuse told where a part of it has a type that does not fit; it throws */
export function typeOf(expression: Expression, refuse: Refuse = refused): ValueType {
  const expect = (of: Expression, types: readonly ValueType[], problem: string): ValueType => {
    const type = typeOf(of, refuse)
    return types.includes(type) ? type : refuse(of, `${problem}, got ${type}`)
  }
  switch (expression.is) {
    case 'number':
      return 'scalar'
    case 'string':
      return 'string'
    case 'selector':
      return 'instant vector'
    case 'matrix':
      return 'range vector'
    case 'subquery':
      expect(expression.of, ['instant vector', 'scalar'], 'subquery is only allowed on instant vector')
      return 'range vector'
    case 'negation':
      return expect(
        expression.of,
        ['instant vector', 'scalar'],
        'unary expression only allowed on expressions of type scalar or instant vector',
      )
    case 'aggregation': {
      const wanted = expression.op === 'count_values' ? 'string' : 'scalar'
      if (expression.parameter)
        expect(expression.parameter, [wanted], `expected type ${wanted} in aggregation parameter`)
      expect(expression.of, ['instant vector'], 'expected type instant vector in aggregation expression')
      return 'instant vector'
    }
    case 'call': {
      const known = functions[expression.name]
      for (const [n, argument] of expression.args.entries()) {
        const wanted = known.args[Math.min(n, known.args.length - 1)]
        expect(argument, [wanted], `expected type ${wanted} in call to function "${expression.name}"`)
      }
      return known.returns
    }
    case 'binary':
      return typeOfBinary(expression, refuse)
  }
}

function typeOfBinary(expression: Extract<Expression, { is: 'binary' }>, refuse: Refuse): ValueType {
  const { op, left, right, isBool, matching } = expression
  const [one, other] = [typeOf(left, refuse), typeOf(right, refuse)]
  const fail = (problem: string): never => refuse(expression, problem)
  const isFit = (type: ValueType): boolean => type === 'scalar' || type === 'instant vector'
  if (!isFit(one) || !isFit(other)) fail('binary expression must contain only scalar and instant vector types')
  const isVectors = one === 'instant vector' && other === 'instant vector'
  if (isSetOperator(op) && !isVectors) fail(`set operator "${op}" not allowed in binary scalar expression`)
  if (isComparison(op) && one === 'scalar' && other === 'scalar' && !isBool)
    fail('comparisons between scalars must use BOOL modifier')
  if (isBool && !isComparison(op)) fail('bool modifier can only be used on comparison operators')
  if (matching && !isVectors) fail('vector matching only allowed between instant vectors')
  if (matching?.group && isSetOperator(op)) fail(`no grouping allowed for "${op}" operation`)
  return one === 'scalar' && other === 'scalar' ? 'scalar' : 'instant vector'
}

const refused: Refuse = (_, problem) => {
  throw new PromqlError(`parse error: ${problem}`)
}

class Parser {
  private readonly text: string
  private readonly tokens: readonly Token[]
  private readonly places = new Map<Expression, number>()
  private next = 0
  private depth = 0

  constructor(text: string) {
    this.text = text
    this.tokens = tokensOf(text, (at, problem) => this.fail(at, problem))
  }

  /** Of operators that bind at least so tightly. */
  expression(least: number): Expression {
    const { at } = this.peek()
    if (++this.depth > MOST_DEPTH) this.fail(at, 'the expression is nested too deeply')
    let left = this.placed(this.unary(), at)
    for (;;) {
      const { text, kind } = this.peek()
      const op = kind === 'word' ? text.toLowerCase() : text
      if ((kind !== 'sign' && kind !== 'word') || !isOperator(op) || precedences[op] < least) break
      this.next++
      const { isBool, matching } = this.modifiers()
      // Powers are read from the right.
      const right = this.expression(op === '^' ? precedences[op] : precedences[op] + 1)
      left = this.placed({ is: 'binary', op, left, right, isBool, matching }, at)
    }
    this.depth--
    return left
  }

  private placed(expression: Expression, at: number): Expression {
    if (!this.places.has(expression)) this.places.set(expression, at)
    return expression
  }

  /** Tells where an expression is that does not fit. */
  refuse(of: Expression, problem: string): never {
    return this.fail(this.places.get(of) ?? 0, problem)
  }

  end(): void {
    const { kind, at } = this.peek()
    if (kind !== 'end') this.unexpected(at)
  }

  private unary(): Expression {
    const { text, kind } = this.peek()
    if (kind === 'sign' && (text === '-' || text === '+')) {
      this.next++
      // A power binds more tightly than the sign before it.
      const of = this.expression(precedences['^'])
      if (text === '+') return of
      return of.is === 'number' ? { is: 'number', value: -of.value } : { is: 'negation', of }
    }
    return this.shifted(this.primary())
  }

  private primary(): Expression {
    const token = this.take()
    if (token.kind === 'number') return { is: 'number', value: numberOf(token.text) }
    if (token.kind === 'duration') return { is: 'number', value: this.duration(token) / 1000 }
    if (token.kind === 'string') return { is: 'string', value: token.text }
    if (token.text === '(' && token.kind === 'sign') {
      const inner = this.expression(0)
      this.must(')')
      return inner
    }
    if (token.text === '{' && token.kind === 'sign') return this.selector(undefined, token)
    if (token.kind !== 'word') return this.unexpected(token.at)
    const word = token.text.toLowerCase()
    if (aggregations.has(word) && this.opensAggregation()) return this.aggregation(word, token.at)
    if (this.peek().text === '(' && this.peek().kind === 'sign') return this.call(token)
    if (word === 'inf' || word === 'nan') return { is: 'number', value: numberOf(word) }
    if (isOperator(word)) return this.unexpected(token.at)
    return this.selector(token.text, token)
  }

  private opensAggregation(): boolean {
    const { text } = this.peek()
    return text === '(' || /^(by|without)$/i.test(text)
  }

  private aggregation(op: string, at: number): Expression {
    let grouping = this.grouping()
    this.must('(')
    const args = this.list()
    grouping ??= this.grouping()
    const wanted = parametrised.has(op) ? 2 : 1
    if (args.length !== wanted)
      this.fail(
        at,
        `wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${args.length}`,
      )
    const [first, second] = args
    return { is: 'aggregation', op, of: second ?? first, parameter: second ? first : undefined, grouping }
  }

  private grouping(): Extract<Expression, { is: 'aggregation' }>['grouping'] {
    const { text, kind } = this.peek()
    const by = text.toLowerCase()
    if (kind !== 'word' || (by !== 'by' && by !== 'without')) return undefined
    this.next++
    return { by, labels: this.labels() }
  }

  private labels(): string[] {
    this.must('(')
    const labels: string[] = []
    while (this.peek().text !== ')') {
      const { kind, text, at } = this.take()
      if (kind !== 'word' && kind !== 'string') this.unexpected(at, 'grouping opts, expected label')
      labels.push(text)
      if (this.peek().text !== ',') break
      this.next++
    }
    this.must(')')
    return labels
  }

  /** What stands between parentheses, the first of which is read already. */
  private list(): Expression[] {
    const args: Expression[] = []
    while (this.peek().text !== ')' || this.peek().kind !== 'sign') {
      args.push(this.expression(0))
      if (this.peek().text !== ',') break
      this.next++
    }
    this.must(')')
    return args
  }

  private call({ text: name, at }: Token): Expression {
    const known = Object.hasOwn(functions, name) ? functions[name] : undefined
    if (!known) this.fail(at, `unknown function with name "${name}"`)
    this.must('(')
    const args = this.list()
    const { args: wanted, optional = 0, isVariadic } = known!
    const least = wanted.length - optional
    if (args.length < least)
      this.fail(
        at,
        `expected ${optional > 0 || isVariadic ? 'at least ' : ''}${least} argument(s) in call to "${name}", got ${args.length}`,
      )
    if (args.length > wanted.length && !isVariadic)
      this.fail(
        at,
        `expected ${optional > 0 ? 'at most ' : ''}${wanted.length} argument(s) in call to "${name}", got ${args.length}`,
      )
    return { is: 'call', name, args }
  }

  private selector(name: string | undefined, { at }: Token): Selector {
    const matchers: Matcher[] = name === undefined ? [] : [{ label: '__name__', op: '=', value: name }]
    if (name === undefined || (this.peek().text === '{' && this.peek().kind === 'sign')) {
      if (name !== undefined) this.next++
      matchers.push(...this.matchers(name))
    }
    const isSelective = matchers.some((matcher) => !isMatchedBy(matcher)(''))
    if (!isSelective) this.fail(at, 'vector selector must contain at least one non-empty matcher')
    return { is: 'selector', matchers, offsetMs: 0 }
  }

  private matchers(name: string | undefined): Matcher[] {
    const found: Matcher[] = []
    while (this.peek().text !== '}' || this.peek().kind !== 'sign') {
      const label = this.take()
      if (label.kind !== 'word' && label.kind !== 'string')
        this.unexpected(label.at, 'label matching, expected identifier or "}"')
      const { text: op, at, kind } = this.peek()
      // A name in quotes: {"http.requests"}
      if (label.kind === 'string' && (op === ',' || op === '}')) {
        if (name !== undefined) this.fail(label.at, `metric name must not be set twice: "${name}" or "${label.text}"`)
        found.push({ label: '__name__', op: '=', value: label.text })
      } else {
        if (kind !== 'sign' || !isMatch(op))
          return this.unexpected(at, 'label matching, expected label matching operator')
        this.next++
        const value = this.take()
        if (value.kind !== 'string') this.unexpected(value.at, 'label matching, expected string')
        if (op === '=~' || op === '!~') this.checkPattern(value)
        if (label.text === '__name__' && name !== undefined)
          this.fail(label.at, `metric name must not be set twice: "${name}" or "${value.text}"`)
        found.push({ label: label.text, op, value: value.text })
      }
      if (this.peek().text !== ',') break
      this.next++
    }
    this.must('}', 'label matching, expected "," or "}"')
    return found
  }

  /** With a range, an offset and `@`, as far as they follow. */
  private shifted(expression: Expression): Expression {
    let found = expression
    for (;;) {
      const { text, kind, at } = this.peek()
      if (kind === 'sign' && text === '[') found = this.range(found, at)
      else if (kind === 'word' && text.toLowerCase() === 'offset') {
        this.next++
        const sign = this.peek().text === '-' ? -1 : 1
        if (sign < 0) this.next++
        const token = this.take()
        if (token.kind !== 'duration' && token.kind !== 'number')
          this.unexpected(token.at, 'offset, expected number, duration')
        found = this.shift(found, at, 'offset', { offsetMs: sign * this.duration(token) })
      } else if (kind === 'sign' && text === '@') {
        this.next++
        const token = this.take()
        if (token.kind === 'word' && (token.text === 'start' || token.text === 'end')) {
          this.must('(')
          this.must(')')
          found = this.shift(found, at, '@', { at: token.text })
        } else {
          const sign = token.text === '-' ? -1 : 1
          const number = token.text === '-' ? this.take() : token
          if (number.kind !== 'number') this.unexpected(number.at, '@, expected timestamp')
          found = this.shift(found, at, '@', { at: sign * numberOf(number.text) * 1000 })
        }
      } else return found
    }
  }

  private range(of: Expression, at: number): Expression {
    this.next++
    const range = this.take()
    if (range.kind !== 'duration' && range.kind !== 'number')
      this.unexpected(range.at, 'subquery or range selector, expected number, duration')
    const rangeMs = this.duration(range)
    if (rangeMs <= 0) this.fail(range.at, 'duration must be greater than 0')
    if (this.peek().text !== ':') {
      this.must(']')
      if (of.is !== 'selector') this.fail(at, 'ranges only allowed for vector selectors')
      const { offsetMs, at: moment } = of as Selector
      if (offsetMs !== 0) this.fail(at, 'no offset modifiers allowed before range')
      if (moment !== undefined) this.fail(at, 'no @ modifiers allowed before range')
      return { is: 'matrix', of: of as Selector, rangeMs }
    }
    this.next++
    const step = this.peek().text === ']' ? undefined : this.duration(this.take())
    this.must(']')
    return { is: 'subquery', of, rangeMs, stepMs: step, offsetMs: 0 }
  }

  private shift(of: Expression, at: number, word: string, shift: Partial<Shift>): Expression {
    if (of.is === 'matrix') return { ...of, of: { ...of.of, ...shift } }
    if (of.is === 'selector' || of.is === 'subquery') return { ...of, ...shift }
    return this.fail(
      at,
      `${word} modifier must be preceded by an instant vector selector or range vector selector or a subquery`,
    )
  }

  private modifiers(): { isBool: boolean; matching: Matching | undefined } {
    let isBool = false
    if (this.isWord('bool')) {
      this.next++
      isBool = true
    }
    const by = this.isWord('on') ? 'on' : this.isWord('ignoring') ? 'ignoring' : undefined
    if (!by) return { isBool, matching: undefined }
    this.next++
    const labels = this.labels()
    const side = this.isWord('group_left') ? 'left' : this.isWord('group_right') ? 'right' : undefined
    if (!side) return { isBool, matching: { by, labels } }
    this.next++
    const include = this.peek().text === '(' ? this.labels() : []
    return { isBool, matching: { by, labels, group: { side, include } } }
  }

  private checkPattern({ text, at }: Token): void {
    try {
      wholeMatcher(text)
    } catch (error) {
      if (!(error instanceof PromqlError)) throw error
      this.fail(at, error.message)
    }
  }

  private isWord(word: string): boolean {
    const { kind, text } = this.peek()
    return kind === 'word' && text.toLowerCase() === word
  }

  private duration(token: Token): number {
    if (token.kind === 'number') return numberOf(token.text) * 1000
    const ms = token.kind === 'duration' ? parsePrometheusDuration(token.text) : undefined
    return ms ?? this.unexpected(token.at)
  }

  private peek(): Token {
    return this.tokens[this.next]
  }

  private take(): Token {
    const token = this.tokens[this.next]
    if (token.kind === 'end') this.unexpected(token.at)
    this.next++
    return token
  }

  private must(text: string, where?: string): void {
    const token = this.peek()
    if (token.kind !== 'sign' || token.text !== text)
      this.unexpected(token.at, where ?? `expression, expected "${text}"`)
    this.next++
  }

  private unexpected(at: number, where?: string): never {
    const token = this.tokens.find((one) => one.at === at)!
    const what =
      token.kind === 'end'
        ? 'end of input'
        : token.kind === 'word'
          ? `identifier "${token.text}"`
          : token.kind === 'sign'
            ? `"${token.text}"`
            : `${token.kind} "${token.text}"`
    return this.fail(at, `unexpected ${what}${where === undefined ? '' : ` in ${where}`}`)
  }

  private fail(at: number, problem: string): never {
    const before = this.text.slice(0, at).split('\n')
    throw new PromqlError(`${before.length}:${before.at(-1)!.length + 1}: parse error: ${problem}`)
  }
}

/** What was compiled, once for each matcher. */
const tests = new WeakMap<Matcher, (text: string) => boolean>()

/** Whether a label's value is one that is asked for. */
export function isMatchedBy(matcher: Matcher): (text: string) => boolean {
  const known = tests.get(matcher)
  if (known) return known
  const { op, value } = matcher
  const match = op === '=~' || op === '!~' ? wholeMatcher(value) : undefined
  const test = (text: string): boolean =>
    match ? (match(text) !== undefined) === (op === '=~') : (text === value) === (op === '=')
  tests.set(matcher, test)
  return test
}

const isMatch = (text: string): text is Matcher['op'] => ['=', '!=', '=~', '!~'].includes(text)

function numberOf(text: string): number {
  if (/^inf$/i.test(text)) return Number.POSITIVE_INFINITY
  if (/^nan$/i.test(text)) return Number.NaN
  return Number(text)
}

const token =
  /(?<space>\s+|#[^\n]*)|(?<duration>(?:\d+(?:ms|[smhdwy]))+(?![\w.]))|(?<number>0[xX][\da-fA-F]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?!\w))|(?<word>[a-zA-Z_:][\w:]*)|(?<string>"[^"\\\n]*(?:\\.[^"\\\n]*)*"|'[^'\\\n]*(?:\\.[^'\\\n]*)*'|`[^`]*`)|(?<sign>=~|!~|==|!=|<=|>=|[-+*/%^(){}[\],=<>@:])/y

function tokensOf(text: string, refuse: (at: number, problem: string) => never): Token[] {
  const found: Token[] = []
  let inBrackets = false
  token.lastIndex = 0
  while (token.lastIndex < text.length) {
    const at = token.lastIndex
    const groups = token.exec(text)?.groups
    if (!groups)
      return refuse(
        at,
        /["'`]/.test(text[at]) ? 'unterminated quoted string' : `unexpected character: ${JSON.stringify(text[at])}`,
      )
    const [kind, word] = Object.entries(groups).find(([, value]) => value !== undefined) as [
      Token['kind'] | 'space',
      string,
    ]
    if (kind === 'space') continue
    // `[1h:5m]` is two durations, though a name may begin with a colon.
    if (kind === 'word' && inBrackets && word.startsWith(':')) {
      token.lastIndex = at + 1
      found.push({ kind: 'sign', text: ':', at })
      continue
    }
    if (word === '[' || word === ']') inBrackets = word === '['
    found.push({ kind, text: kind === 'string' ? unquote(word) : word, at })
  }
  return [...found, { kind: 'end', text: '', at: text.length }]
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' }

function unquote(text: string): string {
  const inner = text.slice(1, -1)
  if (text.startsWith('`')) return inner
  return inner.replace(/\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|(.))/gs, (_, x, u, char) =>
    char === undefined ? String.fromCodePoint(Number.parseInt(x ?? u, 16)) : (escapes[char] ?? char),
  )
}
