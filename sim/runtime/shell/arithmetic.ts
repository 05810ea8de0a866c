/** Arithmetic of `$(( ))`: 64-bit integers, C's operators, variables by name. */

/** The expression can't be evaluated; the message is the shell's. */
export class ArithmeticError extends Error {
  override readonly name = 'ArithmeticError'
}

export interface ArithmeticScope {
  get(name: string): string | undefined
  set(name: string, value: string): void
}

const syntaxError = (): ArithmeticError => new ArithmeticError('arithmetic syntax error')
const tokenPattern =
  /\s*(?:(0[xX][0-9a-fA-F]+|\d+#\w+|\d+)|([A-Za-z_]\w*)|(<<=|>>=|\*\*|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[-+*/%<>=!~&|^?:(),]))/y

const binaryLevels: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '>', '<=', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
]
const assignments = new Set(['=', '+=', '-=', '*=', '/=', '%=', '<<=', '>>=', '&=', '^=', '|='])

interface Token {
  kind: 'number' | 'name' | 'operator'
  text: string
}

/** Value of an expression, with parameters already expanded. Throws ArithmeticError. */
export function evaluateArithmetic(text: string, scope: ArithmeticScope, depth = 0): bigint {
  if (depth > 32) throw new ArithmeticError('expression recursion loop detected')
  const tokens = tokenize(text)
  if (tokens.length === 0) return 0n
  if (tokens.length > 2000) throw syntaxError()
  let at = 0
  /** Above zero in the branch that is not taken: nothing is assigned, and nothing divides. */
  let skipping = 0
  const peek = (): string | undefined => (tokens[at]?.kind === 'operator' ? tokens[at].text : undefined)
  const take = (operator: string): boolean => {
    if (peek() !== operator) return false
    at++
    return true
  }
  const readVariable = (name: string): bigint => {
    const value = scope.get(name)
    if (value === undefined || value.trim() === '') return 0n
    return /^\s*[-+]?\d+\s*$/.test(value) && !/^\s*[-+]?0\d/.test(value)
      ? BigInt.asIntN(64, BigInt(value.trim().replace(/^\+/, '')))
      : evaluateArithmetic(value, scope, depth + 1)
  }
  const assign = (name: string, value: bigint): bigint => {
    const wrapped = BigInt.asIntN(64, value)
    if (!skipping) scope.set(name, String(wrapped))
    return wrapped
  }
  const comma = (): bigint => {
    let value = assignment()
    while (take(',')) value = assignment()
    return value
  }
  const assignment = (): bigint => {
    const name = tokens[at]
    const operator = tokens[at + 1]
    if (name?.kind === 'name' && operator?.kind === 'operator' && assignments.has(operator.text)) {
      at += 2
      const right = assignment()
      return assign(
        name.text,
        operator.text === '=' ? right : binary(operator.text.slice(0, -1), readVariable(name.text), right),
      )
    }
    return ternary()
  }
  const ternary = (): bigint => {
    const condition = level(0)
    if (!take('?')) return condition
    if (condition === 0n) skipping++
    const yes = assignment()
    if (condition === 0n) skipping--
    if (!take(':')) throw syntaxError()
    if (condition !== 0n) skipping++
    const no = assignment()
    if (condition !== 0n) skipping--
    return condition !== 0n ? yes : no
  }
  const level = (n: number): bigint => {
    if (n === binaryLevels.length) return power()
    let left = level(n + 1)
    for (let operator = peek(); operator && binaryLevels[n].includes(operator); operator = peek()) {
      at++
      const isDecided = (operator === '&&' && left === 0n) || (operator === '||' && left !== 0n)
      if (isDecided) skipping++
      const right = level(n + 1)
      if (isDecided) skipping--
      left = binary(operator, left, right)
    }
    return left
  }
  const power = (): bigint => {
    const base = unary()
    if (!take('**')) return base
    const exponent = power()
    if (exponent < 0n) throw new ArithmeticError('exponent less than 0')
    return BigInt.asIntN(64, base ** (exponent > 64n ? 64n : exponent))
  }
  const binary = (operator: string, a: bigint, b: bigint): bigint => {
    if ((operator === '/' || operator === '%') && b === 0n) {
      if (skipping) return 0n
      throw new ArithmeticError('divide by zero')
    }
    return BigInt.asIntN(64, compute(operator, a, b))
  }
  const unary = (): bigint => {
    if (take('!')) return unary() === 0n ? 1n : 0n
    if (take('~')) return ~unary()
    if (take('-')) return BigInt.asIntN(64, -unary())
    if (take('+')) return unary()
    for (const [operator, step] of [
      ['++', 1n],
      ['--', -1n],
    ] as const) {
      if (!take(operator)) continue
      const name = tokens[at++]
      if (name?.kind !== 'name') throw syntaxError()
      return assign(name.text, readVariable(name.text) + step)
    }
    return primary()
  }
  const primary = (): bigint => {
    if (take('(')) {
      const value = comma()
      if (!take(')')) throw syntaxError()
      return value
    }
    const token = tokens[at++]
    if (token?.kind === 'number') return parseNumber(token.text)
    if (token?.kind !== 'name') throw syntaxError()
    const value = readVariable(token.text)
    if (take('++')) assign(token.text, value + 1n)
    else if (take('--')) assign(token.text, value - 1n)
    return value
  }
  const value = comma()
  if (at < tokens.length) throw syntaxError()
  return value
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  const trimmed = text.trimEnd()
  tokenPattern.lastIndex = 0
  while (tokenPattern.lastIndex < trimmed.length) {
    const match = tokenPattern.exec(trimmed)
    if (!match) throw syntaxError()
    const [, number, name, operator] = match
    if (number !== undefined) tokens.push({ kind: 'number', text: number })
    else if (name !== undefined) tokens.push({ kind: 'name', text: name })
    else tokens.push({ kind: 'operator', text: operator })
  }
  return tokens
}

function parseNumber(text: string): bigint {
  const based = /^(\d+)#(\w+)$/.exec(text)
  if (based) {
    const value = Number.parseInt(based[2], Number(based[1]))
    if (Number.isNaN(value)) throw syntaxError()
    return BigInt(value)
  }
  if (/^0\d/.test(text)) {
    if (!/^[0-7]+$/.test(text)) throw syntaxError()
    return BigInt.asIntN(64, BigInt(`0o${text.slice(1)}`))
  }
  return BigInt.asIntN(64, BigInt(text))
}

function compute(operator: string, a: bigint, b: bigint): bigint {
  const truth = (value: boolean): bigint => (value ? 1n : 0n)
  switch (operator) {
    case '||':
      return truth(a !== 0n || b !== 0n)
    case '&&':
      return truth(a !== 0n && b !== 0n)
    case '|':
      return a | b
    case '^':
      return a ^ b
    case '&':
      return a & b
    case '==':
      return truth(a === b)
    case '!=':
      return truth(a !== b)
    case '<':
      return truth(a < b)
    case '>':
      return truth(a > b)
    case '<=':
      return truth(a <= b)
    case '>=':
      return truth(a >= b)
    case '<<':
      return a << (b & 63n)
    case '>>':
      return a >> (b & 63n)
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return a / b
    default:
      return a % b
  }
}
