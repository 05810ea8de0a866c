/** awk: patterns and actions over records and fields, with variables, arrays, functions, printf and redirections. */
import { countCodePoints } from '../../engine/code-points.ts'
import { charge, chargeText, stepsPerSecond, workSpent } from '../../engine/work.ts'
import { FileError } from '../../runtime/files.ts'
import { createTextInput } from '../../runtime/pipe.ts'
import type { Process, Program, Wait } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { decodeEscapes } from '../../runtime/shell/format.ts'
import { compileRegex, type Regex, RegexError } from '../../text/regex.ts'
import { printNumber, sprintf } from './awk-format.ts'
import { AwkError, type AwkProgram, type Expression, parseAwk, type Statement } from './awk-parse.ts'
import { formatDate } from './date-format.ts'
import { complain, linesOf, pathOf, type Run, readFile, readInputs, withOptions } from './support.ts'

/** A text that came from outside: a number where it looks like one. */
class Input {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}
type Value = string | number | Input | undefined
type Cells = Map<string, Value>

/** Why the statements of a block end before their time. */
type Leave = 'break' | 'continue' | 'next' | 'exit' | 'return' | undefined

/** Statements run before the program has to wait for its turn again. */
const statementsPerTurn = 10_000
/** Or of computing: far less than ends a program that does not wait. */
const stepsPerTurn = stepsPerSecond / 20
/** Of computing. */
const stepsOfStatement = 10
/** To make a field, an element or a record of a text. */
const stepsOfPart = 8
/** Statements that functions called in one expression may run. */
const mostCalledStatements = 250_000
const mostText = 8_000_000
const mostCells = 500_000
/** Characters that all arrays may hold together. */
const mostHeld = 64_000_000

const looksNumeric = (text: string): boolean => /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*$/.test(text)

interface Records {
  records: readonly string[]
  at: number
}

const take = (input: Records): string | undefined => input.records[input.at++]

class Machine {
  private readonly process: Process
  private readonly program: AwkProgram
  private readonly globals = new Map<string, Value | Cells>()
  private locals: Map<string, Value | Cells> | undefined
  private record = ''
  private fields: Value[] | undefined
  private fieldCount = 0
  private readonly regexes = new Map<string, Regex>()
  private readonly ranges = new Set<number>()
  private readonly opened = new Map<string, string>()
  private readonly inputs = new Map<string, Records>()
  private pending: Records = { records: [], at: 0 }
  private turns = 0
  private turnBegan = workSpent()
  private depth = 0
  private called = 0
  private seed = 1
  private held = 0
  private result: Value
  exitCode = 0

  constructor(process: Process, program: AwkProgram, variables: ReadonlyMap<string, string>) {
    this.process = process
    this.program = program
    for (const [name, value] of Object.entries({
      FS: ' ',
      OFS: ' ',
      ORS: '\n',
      RS: '\n',
      NR: 0,
      FNR: 0,
      SUBSEP: '\x1c',
      RSTART: 0,
      RLENGTH: -1,
      CONVFMT: '%.6g',
      OFMT: '%.6g',
      FILENAME: '',
    }))
      this.globals.set(name, value)
    this.globals.set('ENVIRON', new Map(Object.entries(process.env).map(([name, value]) => [name, new Input(value)])))
    for (const [name, value] of variables) this.globals.set(name, new Input(decodeEscapes(value).text))
  }

  /** Runs all; gives the exit code. Throws AwkError, RegexError and FileError. */
  *run(paths: readonly string[]): Run {
    const rules = this.program.rules
    let leave: Leave
    for (const { when, body } of rules)
      if (when === 'BEGIN' && body && leave !== 'exit') leave = yield* this.execute(body)
    let failed = false
    if (leave !== 'exit' && rules.some(({ when }) => when !== 'BEGIN')) {
      const isAssignment = (path: string): boolean => /^[A-Za-z_]\w*=/.test(path)
      for (const path of paths.every(isAssignment) ? [...paths, '-'] : paths) {
        const assignment = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(path)
        if (assignment) {
          this.globals.set(assignment[1], new Input(decodeEscapes(assignment[2]).text))
          continue
        }
        const read = yield* readInputs(this.process, [path])
        failed = failed || read.failed
        this.globals.set('FILENAME', path === '-' ? '' : path)
        this.globals.set('FNR', 0)
        this.pending = { records: this.split(read.text), at: 0 }
        for (let next = take(this.pending); next !== undefined && leave !== 'exit'; next = take(this.pending)) {
          this.begin(next)
          leave = yield* this.matchRules()
        }
        if (leave === 'exit') break
      }
    }
    let last: Leave
    for (const { when, body } of rules) if (when === 'END' && body && last !== 'exit') last = yield* this.execute(body)
    for (const [command] of this.opened) if (command.startsWith('|')) yield* this.flush(command)
    return this.exitCode || (failed ? 2 : 0)
  }

  private *matchRules(): Generator<Wait, Leave, unknown> {
    for (const [index, { when, until, body }] of this.program.rules.entries()) {
      if (when === 'BEGIN' || when === 'END') continue
      if (when !== 'always') {
        if (until) {
          if (!this.ranges.has(index)) {
            if (!this.isTrue(this.test(when))) continue
            this.ranges.add(index)
          }
          if (this.isTrue(this.test(until))) this.ranges.delete(index)
        } else if (!this.isTrue(this.test(when))) continue
      }
      if (!body) {
        this.process.stdout.write(this.record + this.text(this.get('ORS')))
        yield* this.turn()
        continue
      }
      const leave = yield* this.execute(body)
      if (leave === 'next') return undefined
      if (leave === 'exit') return leave
    }
    return undefined
  }

  /** Splits an input into records. */
  private split(text: string): string[] {
    chargeText(text.length)
    const records = this.recordsOf(text)
    charge(stepsOfPart * records.length)
    return records
  }

  private recordsOf(text: string): string[] {
    const separator = this.text(this.get('RS'))
    if (separator === '\n') return linesOf(text)
    if (separator === '')
      return text
        .replace(/^\n+|\n+$/g, '')
        .split(/\n\n+/)
        .filter(Boolean)
    const body = text.endsWith('\n') ? text.slice(0, -1) : text
    if (separator.length === 1) return body === '' ? [] : body.split(separator)
    return this.splitBy(body, this.regex(separator))
  }

  private begin(record: string): void {
    this.record = record
    this.fields = undefined
    for (const name of ['NR', 'FNR']) this.globals.set(name, this.number(this.get(name)) + 1)
  }

  private *turn(): Generator<Wait, void, unknown> {
    charge(stepsOfStatement)
    const isDue = ++this.turns % statementsPerTurn === 0 || workSpent() - this.turnBegan > stepsPerTurn
    if (isDue && this.depth === 0) {
      yield* waitFor(this.process.cpu(5))
      this.turnBegan = workSpent()
    }
    if (this.depth > 0 && ++this.called > mostCalledStatements) throw new AwkError('function runs too long')
  }

  private *execute(statement: Statement): Generator<Wait, Leave, unknown> {
    yield* this.turn()
    switch (statement.kind) {
      case 'block':
        for (const each of statement.body) {
          const leave = yield* this.execute(each)
          if (leave) return leave
        }
        return undefined
      case 'expression':
        this.evaluate(statement.value)
        return undefined
      case 'print':
        yield* this.print(statement)
        return undefined
      case 'if':
        if (this.isTrue(this.test(statement.test))) return yield* this.execute(statement.then)
        return statement.otherwise ? yield* this.execute(statement.otherwise) : undefined
      case 'loop': {
        if (statement.before) yield* this.execute(statement.before)
        for (let isFirst = true; ; isFirst = false) {
          if (statement.test && !(statement.testsLast && isFirst) && !this.isTrue(this.test(statement.test)))
            return undefined
          const leave = yield* this.execute(statement.body)
          if (leave === 'break') return undefined
          if (leave && leave !== 'continue') return leave
          if (statement.after) yield* this.execute(statement.after)
        }
      }
      case 'each': {
        const cells = this.cells(statement.array)
        charge(cells.size)
        for (const key of [...cells.keys()]) {
          this.set(statement.variable, new Input(key))
          const leave = yield* this.execute(statement.body)
          if (leave === 'break') return undefined
          if (leave && leave !== 'continue') return leave
        }
        return undefined
      }
      case 'delete':
        if (statement.subscripts) this.forget(this.cells(statement.name), this.key(statement.subscripts))
        else this.clear(this.cells(statement.name))
        return undefined
      case 'exit':
        if (statement.value) this.exitCode = this.number(this.evaluate(statement.value)) & 255
        return 'exit'
      case 'return':
        this.result = statement.value ? this.evaluate(statement.value) : undefined
        return 'return'
      default:
        return statement.kind
    }
  }

  private *print({ isFormatted, args, redirect }: Statement & { kind: 'print' }): Generator<Wait, void, unknown> {
    const values = args.map((arg) => this.evaluate(arg))
    let text: string
    if (isFormatted) text = this.format(values)
    else {
      const shown = values.map((value) =>
        typeof value === 'number' ? printNumber(value, this.text(this.get('OFMT'))) : this.text(value),
      )
      text = (args.length ? shown.join(this.text(this.get('OFS'))) : this.record) + this.text(this.get('ORS'))
    }
    if (!redirect) {
      this.process.stdout.write(text)
      return
    }
    const to = this.text(this.evaluate(redirect.to))
    const name = redirect.operator === '|' ? `|${to}` : to
    if (redirect.operator === '|') {
      const piped = (this.opened.get(name) ?? '') + text
      if (piped.length > mostText) throw new AwkError('out of memory')
      this.opened.set(name, piped)
    } else if (to === '/dev/stderr') this.process.stderr.write(text)
    else if (to === '/dev/stdout') this.process.stdout.write(text)
    else {
      const isNew = !this.opened.has(name)
      this.opened.set(name, '')
      this.process.files.write(pathOf(this.process, to), text, { append: !isNew || redirect.operator === '>>' })
    }
  }

  /** Gives a command what was printed to it, and waits for its end. */
  private *flush(name: string): Generator<Wait, void, unknown> {
    const started = this.process.spawn({
      argv: ['/bin/sh', '-c', name.slice(1)],
      stdin: createTextInput(this.opened.get(name) ?? ''),
    })
    if (!('error' in started)) yield* waitFor(this.process.waitChild(started.pid))
  }

  private format([format, ...values]: readonly Value[]): string {
    const text = sprintf(
      this.text(format),
      values.map((value) => ({ text: this.text(value), number: this.number(value) })),
    )
    if (text.length > mostText) throw new AwkError('out of memory')
    return text
  }

  private get(name: string): Value {
    const value = this.locals?.has(name) ? this.locals.get(name) : this.globals.get(name)
    if (value instanceof Map) throw new AwkError(`${name} is an array`)
    if (name === 'NF') {
      this.splitRecord()
      return this.fieldCount
    }
    return value
  }

  private set(name: string, value: Value): void {
    if (name === 'NF') {
      const fields = this.splitRecord()
      const count = Math.max(0, Math.min(100_000, Math.trunc(this.number(value))))
      fields.length = count + 1
      this.fieldCount = count
      this.rebuild()
      return
    }
    if (this.locals?.has(name)) this.locals.set(name, value)
    else this.globals.set(name, value)
  }

  private cells(name: string): Cells {
    const scope = this.locals?.has(name) ? this.locals : this.globals
    const value = scope.get(name)
    if (value instanceof Map) return value
    if (value !== undefined) throw new AwkError(`${name} is not an array`)
    const made: Cells = new Map()
    scope.set(name, made)
    return made
  }

  private put(cells: Cells, key: string, value: Value): void {
    if (cells.has(key)) this.held -= lengthOf(cells.get(key))
    else this.held += key.length
    this.held += lengthOf(value)
    if (cells.size >= mostCells || this.held > mostHeld) throw new AwkError('out of memory')
    cells.set(key, value)
  }

  private forget(cells: Cells, key: string): void {
    if (cells.has(key)) this.held -= key.length + lengthOf(cells.get(key))
    cells.delete(key)
  }

  private clear(cells: Cells): void {
    charge(cells.size)
    for (const [key, value] of cells) this.held -= key.length + lengthOf(value)
    cells.clear()
  }

  private key(subscripts: readonly Expression[]): string {
    return subscripts
      .map((each) => this.text(this.evaluate(each)))
      .join(subscripts.length > 1 ? this.text(this.get('SUBSEP')) : '')
  }

  private splitRecord(): Value[] {
    if (this.fields) return this.fields
    this.fields = [
      undefined,
      ...this.splitText(this.record, this.text(this.globals.get('FS') as Value)).map((text) => new Input(text)),
    ]
    this.fieldCount = this.fields.length - 1
    return this.fields
  }

  private splitText(text: string, separator: string): string[] {
    chargeText(2 * text.length)
    const parts = this.partsOf(text, separator)
    charge(stepsOfPart * parts.length)
    return parts
  }

  private partsOf(text: string, separator: string): string[] {
    if (separator === ' ') return text.trim() === '' ? [] : text.trim().split(/[ \t\n]+/)
    if (text === '') return []
    if (separator === '') return [...text]
    if (separator.length === 1 && separator !== '\\') return text.split(separator)
    return this.splitBy(text, this.regex(separator === '\\|' ? '[|]' : separator))
  }

  private splitBy(text: string, regex: Regex): string[] {
    const parts: string[] = []
    let at = 0
    for (const match of regex.matches(text)) {
      if (match.end === match.index) continue
      parts.push(text.slice(at, match.index))
      at = match.end
    }
    return [...parts, text.slice(at)]
  }

  private rebuild(): void {
    charge(this.fieldCount)
    this.record = this.splitRecord()
      .slice(1)
      .map((value) => this.text(value))
      .join(this.text(this.get('OFS')))
  }

  private regex(source: string): Regex {
    let found = this.regexes.get(source)
    if (!found) {
      if (this.regexes.size >= 200) this.regexes.clear()
      found = compileRegex(source, { isExtended: true })
      this.regexes.set(source, found)
    }
    return found
  }

  private regexOf(expression: Expression): Regex {
    return this.regex(expression.kind === 'regex' ? expression.source : this.text(this.evaluate(expression)))
  }

  /** To be read: who only hands it on uses `textOf`. */
  private text(value: Value): string {
    const text = textOf(value)
    chargeText(text.length)
    return text
  }

  private number(value: Value): number {
    if (typeof value === 'number') return value
    const match = /^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)/.exec(this.text(value))
    return match ? Number(match[1]) : 0
  }

  private isTrue(value: Value): boolean {
    if (typeof value === 'number') return value !== 0
    if (typeof value === 'string') return value !== ''
    chargeText(lengthOf(value))
    return value !== undefined && (looksNumeric(value.text) ? Number(value.text) !== 0 : value.text !== '')
  }

  /** A pattern's value: a regular expression alone is matched with the record. */
  private test(expression: Expression): Value {
    return this.evaluate(expression)
  }

  private compare(operator: string, left: Value, right: Value): boolean {
    chargeText(2 * (lengthOf(left) + lengthOf(right)))
    const isNumeric = (value: Value): boolean =>
      value === undefined || typeof value === 'number' || (value instanceof Input && looksNumeric(value.text))
    const order = (a: number | string, b: number | string): number => (a < b ? -1 : a > b ? 1 : 0)
    const result =
      isNumeric(left) && isNumeric(right)
        ? order(this.number(left), this.number(right))
        : order(this.text(left), this.text(right))
    return (
      {
        '<': result < 0,
        '<=': result <= 0,
        '==': result === 0,
        '!=': result !== 0,
        '>': result > 0,
        '>=': result >= 0,
      }[operator] ?? false
    )
  }

  private arithmetic(operator: string, left: number, right: number): number {
    if (right === 0 && (operator === '/' || operator === '%')) throw new AwkError('division by zero')
    return (
      {
        '+': left + right,
        '-': left - right,
        '*': left * right,
        '/': left / right,
        '%': left % right,
        '^': left ** right,
      }[operator] ?? 0
    )
  }

  private assign(target: Expression, value: Value): Value {
    if (target.kind === 'name') this.set(target.name, value)
    else if (target.kind === 'element') {
      this.put(this.cells(target.name), this.key(target.subscripts), value)
    } else if (target.kind === 'field') {
      const index = Math.trunc(this.number(this.evaluate(target.index)))
      if (index < 0 || index > 100_000) throw new AwkError('access to negative field')
      if (index === 0) {
        this.record = this.text(value)
        this.fields = undefined
      } else {
        const fields = this.splitRecord()
        fields[index] = value
        this.fieldCount = Math.max(this.fieldCount, index)
        charge(this.fieldCount)
        for (let n = 1; n <= this.fieldCount; n++) fields[n] ??= ''
        this.rebuild()
      }
    }
    return value
  }

  private evaluate(expression: Expression): Value {
    charge(1)
    switch (expression.kind) {
      case 'number':
      case 'string':
        return expression.value
      case 'regex':
        return this.regex(expression.source).test(this.record) ? 1 : 0
      case 'name':
        return this.get(expression.name)
      case 'field': {
        const index = Math.trunc(this.number(this.evaluate(expression.index)))
        if (index < 0) throw new AwkError('access to negative field')
        return index === 0 ? new Input(this.record) : this.splitRecord()[index]
      }
      case 'element': {
        const cells = this.cells(expression.name)
        const key = this.key(expression.subscripts)
        if (!cells.has(key)) this.put(cells, key, undefined)
        return cells.get(key)
      }
      case 'list':
        return this.evaluate(expression.items[expression.items.length - 1])
      case 'assign': {
        const value = this.evaluate(expression.value)
        if (expression.operator === '=') return this.assign(expression.target, value)
        return this.assign(
          expression.target,
          this.arithmetic(expression.operator[0], this.number(this.evaluate(expression.target)), this.number(value)),
        )
      }
      case 'step': {
        const before = this.number(this.evaluate(expression.target))
        this.assign(expression.target, before + expression.by)
        return expression.isPrefix ? before + expression.by : before
      }
      case 'choice':
        return this.evaluate(this.isTrue(this.test(expression.test)) ? expression.then : expression.otherwise)
      case 'unary': {
        const value = this.evaluate(expression.operand)
        return expression.operator === '!'
          ? this.isTrue(value)
            ? 0
            : 1
          : expression.operator === '-'
            ? -this.number(value)
            : this.number(value)
      }
      case 'match':
        return this.regexOf(expression.right).test(this.text(this.evaluate(expression.left))) !== expression.isNegated
          ? 1
          : 0
      case 'in':
        return this.cells(expression.name).has(this.key(expression.subscripts)) ? 1 : 0
      case 'call':
        return this.call(expression.name, expression.args)
      case 'getline':
        return this.getline(expression)
      case 'binary': {
        const { operator } = expression
        const left = this.evaluate(expression.left)
        if (operator === '&&') return this.isTrue(left) && this.isTrue(this.evaluate(expression.right)) ? 1 : 0
        if (operator === '||') return this.isTrue(left) || this.isTrue(this.evaluate(expression.right)) ? 1 : 0
        const right = this.evaluate(expression.right)
        if (operator === ' ') {
          // Joined texts are copied when somebody reads them.
          const joined = textOf(left) + textOf(right)
          if (joined.length > mostText) throw new AwkError('out of memory')
          return joined
        }
        if (/[<>=!]/.test(operator)) return this.compare(operator, left, right) ? 1 : 0
        return this.arithmetic(operator, this.number(left), this.number(right))
      }
    }
  }

  private getline({ target, file }: Expression & { kind: 'getline' }): number {
    let lines = this.pending
    if (file) {
      const path = pathOf(this.process, this.text(this.evaluate(file)))
      let known = this.inputs.get(path)
      if (!known) {
        if (!this.process.files.exists(path) || this.process.files.stat(path).type === 'directory') return -1
        known = { records: this.split(this.process.files.read(path)), at: 0 }
        this.inputs.set(path, known)
      }
      lines = known
    }
    const next = take(lines)
    if (next === undefined) return 0
    if (target) this.assign(target, new Input(next))
    else {
      this.record = next
      this.fields = undefined
    }
    if (!file) for (const name of ['NR', 'FNR']) this.globals.set(name, this.number(this.get(name)) + 1)
    return 1
  }

  private call(name: string, args: readonly Expression[]): Value {
    const own = this.program.functions.get(name)
    if (own) return this.callOwn(name, args)
    const text = (index: number): string => this.text(args[index] ? this.evaluate(args[index]) : undefined)
    const number = (index: number): number => this.number(args[index] ? this.evaluate(args[index]) : undefined)
    switch (name) {
      case 'length': {
        const [only] = args
        if (only?.kind === 'name' && (this.locals?.get(only.name) ?? this.globals.get(only.name)) instanceof Map)
          return this.cells(only.name).size
        return countCodePoints(only ? text(0) : this.record)
      }
      case 'substr': {
        const source = text(0)
        const start = Math.round(number(1))
        const end = args[2] ? start + Math.round(number(2)) : Number.POSITIVE_INFINITY
        return source.slice(Math.max(0, start - 1), Math.max(0, end - 1))
      }
      case 'index':
        return text(0).indexOf(text(1)) + 1
      case 'tolower':
        return text(0).toLowerCase()
      case 'toupper':
        return text(0).toUpperCase()
      case 'sprintf':
        return this.format(args.map((arg) => this.evaluate(arg)))
      case 'int':
        return Math.trunc(number(0))
      case 'sin':
        return Math.sin(number(0))
      case 'cos':
        return Math.cos(number(0))
      case 'atan2':
        return Math.atan2(number(0), number(1))
      case 'exp':
        return Math.exp(number(0))
      case 'log':
        return Math.log(number(0))
      case 'sqrt':
        return Math.sqrt(number(0))
      case 'rand':
        return this.process.random()
      case 'srand': {
        const before = this.seed
        this.seed = args[0] ? number(0) : Math.floor(this.process.nowEpochMs() / 1000)
        return before
      }
      case 'systime':
        return Math.floor(this.process.nowEpochMs() / 1000)
      case 'strftime':
        return formatDate(
          args[1] ? number(1) * 1000 : this.process.nowEpochMs(),
          args[0] ? text(0) : '%a %b %e %H:%M:%S %Z %Y',
        )
      case 'match': {
        const found = this.regexOf(args[1]).exec(text(0))
        this.set('RSTART', found ? found.index + 1 : 0)
        this.set('RLENGTH', found ? found.end - found.index : -1)
        return found ? found.index + 1 : 0
      }
      case 'split': {
        const source = text(0)
        if (args[1]?.kind !== 'name') throw new AwkError('split needs an array')
        const separator = args[2]
        const parts = separator
          ? separator.kind === 'regex'
            ? source === ''
              ? []
              : this.splitBy(source, this.regex(separator.source))
            : this.splitText(source, text(2))
          : this.splitText(source, this.text(this.get('FS')))
        charge(stepsOfPart * parts.length)
        const cells = this.cells(args[1].name)
        this.clear(cells)
        for (const [index, part] of parts.entries()) this.put(cells, String(index + 1), new Input(part))
        return parts.length
      }
      case 'sub':
      case 'gsub':
        return this.replace(args, name === 'gsub')
      case 'close':
      case 'fflush': {
        const path = args[0] ? text(0) : ''
        this.inputs.delete(pathOf(this.process, path))
        if (!this.opened.has(`|${path}`)) this.opened.delete(path)
        return 0
      }
      default:
        throw new AwkError(
          name === 'system' ? 'podium: system() is not simulated' : `call to undefined function '${name}'`,
        )
    }
  }

  private replace(args: readonly Expression[], isGlobal: boolean): number {
    const regex = this.regexOf(args[0])
    const replacement = this.text(this.evaluate(args[1]))
    const target = args[2] ?? ({ kind: 'field', index: { kind: 'number', value: 0 } } as const)
    const source = this.text(this.evaluate(target))
    let result = ''
    let at = 0
    let count = 0
    for (const match of regex.matches(source)) {
      count++
      chargeText(replacement.length + match.end - match.index)
      result +=
        source.slice(at, match.index) +
        replacement.replace(/\\\\|\\&|&/g, (mark) => (mark === '&' ? (match.groups[0] ?? '') : mark.slice(1)))
      at = match.end
      if (result.length > mostText) throw new AwkError('out of memory')
      if (!isGlobal) break
    }
    if (count > 0) this.assign(target, result + source.slice(at))
    return count
  }

  private callOwn(name: string, args: readonly Expression[]): Value {
    const { parameters, body } = this.program.functions.get(name)!
    if (this.depth >= 100) throw new AwkError('function calls nest too deep')
    const scope = new Map<string, Value | Cells>()
    const made: { parameter: string; global: string }[] = []
    const given = new Set<Value | Cells>()
    for (const [index, parameter] of parameters.entries()) {
      const arg = args[index]
      const bare =
        arg?.kind === 'name'
          ? this.locals?.has(arg.name)
            ? this.locals.get(arg.name)
            : this.globals.get(arg.name)
          : undefined
      if (bare instanceof Map) {
        scope.set(parameter, bare)
        given.add(bare)
      } else scope.set(parameter, arg ? this.evaluate(arg) : undefined)
      // A name without a value yet may become an array in the function.
      if (arg?.kind === 'name' && bare === undefined) made.push({ parameter, global: arg.name })
    }
    const outer = this.locals
    this.locals = scope
    this.depth++
    this.result = undefined
    const running = this.execute(body)
    while (!running.next().done);
    this.depth--
    this.locals = outer
    if (this.depth === 0) this.called = 0
    for (const { parameter, global } of made) {
      const value = scope.get(parameter)
      if (!(value instanceof Map)) continue
      ;(outer?.has(global) ? outer : this.globals).set(global, value)
      given.add(value)
    }
    // Arrays of its own go with it.
    for (const value of scope.values()) if (value instanceof Map && !given.has(value)) this.clear(value)
    const { result } = this
    this.result = undefined
    return result
  }
}

function textOf(value: Value): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return printNumber(value)
  return value?.text ?? ''
}

const lengthOf = (value: Value): number =>
  typeof value === 'string' ? value.length : value instanceof Input ? value.text.length : 0

export const awkProgram: Program = withOptions(
  'F:v:f:',
  function* (process, options) {
    const rest = [...options.rest]
    const sources = options.values('f').map((path) => readFile(process, path))
    if (sources.includes(undefined)) return 1
    if (sources.length === 0) {
      const source = rest.shift()
      if (source === undefined) {
        process.stderr.write('BusyBox v1.36.1 multi-call binary.\n\nUsage: awk [OPTIONS] [AWK_PROGRAM] [FILE]...\n')
        return 1
      }
      sources.push(source)
    }
    const variables = new Map<string, string>()
    const separator = options.value('F')
    if (separator !== undefined) variables.set('FS', separator === 't' ? '\t' : separator)
    for (const given of options.values('v')) {
      const at = given.indexOf('=')
      if (at > 0) variables.set(given.slice(0, at), given.slice(at + 1))
    }
    try {
      return yield* new Machine(process, parseAwk(sources.join('\n')), variables).run(rest)
    } catch (error) {
      if (!(error instanceof AwkError || error instanceof RegexError || error instanceof FileError)) throw error
      complain(process, `cmd. line:1: ${error.message}`)
      return error instanceof AwkError && /^(?:unexpected|unterminated)/.test(error.message) ? 1 : 2
    }
  },
  { stopsAtFirst: true },
)
