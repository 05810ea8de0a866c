/**
 * What cel-go says of an expression that is none: the errors of its ANTLR lexer and parser, in their words and with their places. Pure. Of the
 * parser only the first, as it tries to go on in its own ways after one. Source: cel-go/parser/gen/CEL.g4, antlr4 DefaultErrorStrategy
 */

/** From where in the text, in UTF-16 units. */
export interface SyntaxProblem {
  offset: number
  message: string
}

type Kind = 'symbol' | 'name' | 'escaped' | 'literal' | 'end'
interface Token {
  kind: Kind
  text: string
  offset: number
}

const OPERANDS =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"

const blank = /(?:\s|\/\/[^\n]*)+/y
const forms: readonly [Kind, RegExp][] = [
  // Before names: `r"…"` is a string.
  [
    'literal',
    /(?:[bB][rR]?|[rR][bB]?)?(?:"""(?:[^\\]|\\.)*?"""|'''(?:[^\\]|\\.)*?'''|"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')/sy,
  ],
  ['literal', /(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?|0x[0-9a-fA-F]+u?|\d+u?)/iy],
  ['name', /[a-zA-Z_]\w*/y],
  ['escaped', /`[\w.\-/ ]+`/y],
  ['symbol', /==|!=|<=|>=|&&|\|\||[<>?:+\-*/%!.,[\]{}()]/y],
]
/** Operators between operands, those that bind least first. */
const levels: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['<', '<=', '>=', '>', '==', '!=', 'in'],
  ['+', '-', '*', '/', '%'],
]
const words: ReadonlySet<string> = new Set(['true', 'false', 'null'])

/** @returns what is wrong, first what is no token; nothing when the grammar has no complaint */
export function syntaxProblems(text: string): SyntaxProblem[] {
  const { tokens, problems } = readTokens(text)
  const problem = new Parser(tokens).problem()
  return [...problems, ...problem]
}

function readTokens(text: string): { tokens: Token[]; problems: SyntaxProblem[] } {
  const tokens: Token[] = []
  const problems: SyntaxProblem[] = []
  const match = (pattern: RegExp, at: number): string | undefined => {
    pattern.lastIndex = at
    return pattern.exec(text)?.[0]
  }
  for (let at = 0; at < text.length; ) {
    const skipped = match(blank, at)
    if (skipped) {
      at += skipped.length
      continue
    }
    let found: Token | undefined
    for (const [kind, pattern] of forms) {
      const word = match(pattern, at)
      if (word !== undefined) {
        found = { kind: kind === 'name' && words.has(word) ? 'literal' : kind, text: word, offset: at }
        break
      }
    }
    if (found) tokens.push(found)
    else problems.push({ offset: at, message: `token recognition error at: '${unreadable(text, at)}'` })
    at += found?.text.length ?? unreadable(text, at).length
  }
  return { tokens: [...tokens, { kind: 'end', text: '<EOF>', offset: text.length }], problems }
}

/** What the lexer had taken when it gave up: a string without an end, half an operator with what came in place of the other half. */
function unreadable(text: string, at: number): string {
  const first = text[at]!
  if (first === '"' || first === "'") return text.slice(at)
  return '=&|'.includes(first) ? text.slice(at, at + 2) : String.fromCodePoint(text.codePointAt(at)!)
}

/** Thrown inside this file only. */
class Unfit extends Error {
  readonly problems: readonly SyntaxProblem[]
  constructor(problems: readonly SyntaxProblem[]) {
    super()
    this.problems = problems
  }
}

class Parser {
  private readonly tokens: readonly Token[]
  private at = 0
  constructor(tokens: readonly Token[]) {
    this.tokens = tokens
  }

  problem(): readonly SyntaxProblem[] {
    try {
      this.expression()
      if (this.now.kind !== 'end') this.expect('<EOF>', '<EOF>')
      return []
    } catch (error) {
      if (error instanceof Unfit) return error.problems
      // Deeper than the stack: others tell of that.
      if (error instanceof RangeError) return []
      throw error
    }
  }

  private get now(): Token {
    return this.tokens[this.at]!
  }

  private is(...texts: string[]): boolean {
    const { kind, text } = this.now
    return (kind === 'symbol' || text === 'in') && texts.includes(text)
  }

  private take(...texts: string[]): boolean {
    const isIt = this.is(...texts)
    if (isIt) this.at++
    return isIt
  }

  private fail(message: string): never {
    throw new Unfit([{ offset: this.now.offset, message }])
  }

  /** As ANTLR's inline recovery: one token too many, one too few, or another one. */
  private expect(text: string, expecting = `'${text}'`): void {
    if (this.take(text)) return
    const { kind, text: found } = this.now
    const after = this.tokens[this.at + 1]
    if (kind !== 'end' && after && after.text === text && after.kind !== 'literal')
      this.fail(`extraneous input '${found}' expecting ${expecting}`)
    if (kind === 'end' && text !== ':') this.fail(`missing ${expecting} at '<EOF>'`)
    this.fail(`mismatched input '${found}' expecting ${expecting}`)
  }

  private expression(): void {
    this.conditional()
    if (!this.take('?')) return
    this.conditional()
    this.expect(':')
    this.expression()
  }

  private conditional(level = 0): void {
    const operators = levels[level]
    if (!operators) this.unary()
    else
      do this.conditional(level + 1)
      while (this.take(...operators))
  }

  private unary(): void {
    const sign = this.is('!', '-') ? this.now.text : undefined
    if (sign) while (this.take(sign));
    if (sign && this.now.kind === 'end') {
      const { offset } = this.now
      const mismatch = { offset, message: `mismatched input '<EOF>' expecting ${OPERANDS}` }
      throw new Unfit(
        sign === '-'
          ? [{ offset, message: "no viable alternative at input '-'" }, mismatch]
          : [{ offset, message: `extraneous input '<EOF>' expecting ${OPERANDS}` }],
      )
    }
    let isName = this.primary()
    for (;;) {
      if (isName && this.take('{')) {
        this.entries()
        isName = false
      } else if (this.take('[')) {
        isName = false
        this.take('?')
        this.expression()
        this.expect(']')
      } else if (this.take('.')) {
        this.take('?')
        const { kind, text } = this.now
        if (kind === 'end') this.fail("no viable alternative at input '.'")
        if ((kind !== 'name' && kind !== 'escaped') || text === 'in')
          this.fail(`no viable alternative at input '.${text}'`)
        this.at++
        isName &&= !this.is('(')
        if (this.take('(')) this.list(')')
      } else return
    }
  }

  /** @returns whether it is a name, which may be the first part of that of a message */
  private primary(): boolean {
    const { kind, text } = this.now
    if (kind === 'literal') {
      this.at++
    } else if (this.take('(')) {
      this.expression()
      this.expect(')')
    } else if (this.take('[')) this.list(']')
    else if (this.take('{')) this.entries()
    else {
      this.take('.')
      if (this.now.kind !== 'name' || this.now.text === 'in')
        this.fail(`mismatched input '${text}' expecting ${OPERANDS}`)
      this.at++
      if (!this.take('(')) return true
      this.list(')')
    }
    return false
  }

  /** Until the bracket that ends it; a list may end with a comma, arguments may not. */
  private list(end: ')' | ']'): void {
    if (this.take(end)) return
    for (;;) {
      if (end === ']') this.take('?')
      this.expression()
      if (!this.take(',')) break
      if (end === ']' && (this.is(']') || this.now.kind === 'end')) break
    }
    this.expect(end)
  }

  private entries(): void {
    while (!this.is('}')) {
      this.take('?')
      this.expression()
      this.expect(':')
      this.expression()
      if (!this.take(',')) break
    }
    this.expect('}')
  }
}
