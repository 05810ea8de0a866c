/** Runs a parsed script in virtual time: lists, pipelines, compound commands, functions, redirections. */
import {
  type Assignment,
  type Case,
  type Command,
  type CommandNode,
  type CompoundList,
  type For,
  type Function as FunctionNode,
  type If,
  type ParsedScript,
  type ParseError,
  type Pipeline,
  parse,
  type Redirection,
  type Statement,
  type TestExpression,
  type While,
} from 'unbash'
import { FileError } from '../files.ts'
import { createPipe, createTextInput } from '../pipe.ts'
import type { OutputStream, Process, Program, Signal, StartFailure, Wait } from '../process.ts'
import { waitFor } from '../process.ts'
import { type Builtin, builtins, specialBuiltins } from './builtins.ts'
import { createExpander, type Expander } from './expand.ts'
import { matchPattern } from './pattern.ts'
import {
  type Descriptor,
  FunctionReturn,
  LoopJump,
  nextIndex,
  ShellError,
  ShellExit,
  ShellInterrupted,
  ShellState,
} from './state.ts'
import { evaluateBinary, evaluateUnary, TestError } from './test-command.ts'

type Run = Generator<Wait, number, unknown>

/** Characters that a command substitution may give. */
const maxSubstitution = 4 * 1024 * 1024

export class Evaluator {
  readonly state: ShellState
  readonly expander: Expander

  constructor(state: ShellState) {
    this.state = state
    this.expander = createExpander(state, (part) => this.substitute(part.script as ParsedScript | undefined, part.text))
  }

  /**
   * Parses and runs a text. Commands before a syntax error run first, as a shell that reads line by line does.
   * @param isLast nothing comes after: its last command may take the shell's place
   */
  *runText(text: string, isLast = false): Run {
    const script = parse(text)
    const problem = script.errors?.[0]
    const lineStart = problem ? text.lastIndexOf('\n', Math.max(0, problem.pos - 1)) + 1 : Number.POSITIVE_INFINITY
    const statements = problem
      ? script.commands.filter(({ pos, end }) => end > pos && end <= lineStart)
      : script.commands
    const status = yield* this.runStatements(statements, isLast && !problem)
    if (problem) throw new ShellError(describeSyntaxError(problem, text), 2)
    return status
  }

  *runStatements(statements: readonly Statement[], isLast = false): Run {
    const { state } = this
    let status = statements.length ? state.status : 0
    for (const [index, statement] of statements.entries()) {
      status = yield* this.runStatement(statement, isLast && index === statements.length - 1)
      state.status = status
      if (state.hasPendingTrap) yield* this.runTraps()
    }
    return status
  }

  *runTraps(): Generator<Wait, void, unknown> {
    yield* this.state.runPendingTraps((command) => this.runText(command))
  }

  /** Runs the EXIT trap, once. */
  *runExitTrap(status: number): Run {
    const command = this.state.traps.get('EXIT')
    if (!command) return status
    this.state.traps.delete('EXIT')
    this.state.status = status
    try {
      yield* this.runText(command)
    } catch (error) {
      if (error instanceof ShellExit) return error.status
      throw error
    }
    return status
  }

  private *runStatement(statement: Statement, isLast: boolean): Run {
    const { state } = this
    if (state.options.noexec) return 0
    if (statement.background) {
      const { pid } = this.fork(statement.command, { stdin: createTextInput('') })
      state.lastBackgroundPid = pid
      state.jobs.push({ pid })
      yield* state.charge()
      return 0
    }
    return yield* this.runNode(statement.command, isLast)
  }

  /** Runs any node. A failure ends the shell under `set -e` unless it is a condition's. */
  *runNode(node: Statement['command'], isLast = false): Run {
    const { state } = this
    switch (node.type) {
      case 'AndOr': {
        let status = 0
        for (const [index, command] of node.commands.entries()) {
          const operator = node.operators[index - 1]
          if (operator === '&&' && status !== 0) continue
          if (operator === '||' && status === 0) continue
          const isFinal = index === node.commands.length - 1
          if (!isFinal) state.conditions++
          try {
            status = yield* this.runNode(command, isLast && isFinal)
          } finally {
            if (!isFinal) state.conditions--
          }
          state.status = status
          if (state.hasPendingTrap) yield* this.runTraps()
        }
        return status
      }
      case 'Pipeline':
        return yield* this.runPipeline(node, isLast)
      default:
        return yield* this.runCommand(node, isLast)
    }
  }

  private *runPipeline(node: Pipeline, isLast: boolean): Run {
    const { state } = this
    const isNegated = node.prefixes.filter((prefix) => prefix.type === 'Negation').length % 2 === 1
    const isTimed = node.prefixes.some((prefix) => prefix.type === 'Time')
    const startMs = state.process.nowEpochMs()
    if (isNegated) state.conditions++
    let status: number
    try {
      status =
        node.commands.length === 1
          ? yield* this.runCommand(node.commands[0], isLast && !isNegated && !isTimed)
          : yield* this.runPiped(node)
    } finally {
      if (isNegated) state.conditions--
    }
    if (isTimed) state.err(`real\t${minutes(state.process.nowEpochMs() - startMs)}\nuser\t0m 0.00s\nsys\t0m 0.00s\n`)
    if (isNegated) return status === 0 ? 1 : 0
    return this.checkExit(status)
  }

  private *runPiped(node: Pipeline): Run {
    const { state } = this
    const pids: number[] = []
    let input = state.input()
    for (const [index, command] of node.commands.entries()) {
      const isFinal = index === node.commands.length - 1
      const pipe = isFinal ? undefined : createPipe()
      const stderr = pipe && node.operators[index] === '|&' ? pipe.output : state.output(2)
      const { pid } = this.fork(command, { stdin: input, stdout: pipe ? pipe.output : state.output(1), stderr })
      pids.push(pid)
      if (pipe) input = pipe.input
    }
    let last = 0
    let failed = 0
    for (const pid of pids) {
      const ended = yield* waitFor(state.process.waitChild(pid))
      last = ended?.exitCode ?? 0
      if (last !== 0) failed = last
    }
    yield* this.reapJobs()
    return state.options.pipefail ? failed : last
  }

  /** Starts a node as a child shell. */
  private fork(
    node: Statement['command'] | CompoundList,
    streams: { stdin?: Process['stdin']; stdout?: OutputStream; stderr?: OutputStream },
  ): { pid: number } {
    const { state } = this
    const run: Program = (child) => {
      const sub = new Evaluator(new ShellState(child, state.name, [...state.positional], state))
      for (const [name, command] of state.traps)
        if (command === '' && name !== 'EXIT') child.onSignal(`SIG${name}` as Signal, 'ignore')
      return sub.runAsProcess(() =>
        node.type === 'CompoundList' ? sub.runStatements(node.commands, true) : sub.runNode(node, true),
      )
    }
    return state.process.fork(run, {
      stdin: streams.stdin ?? state.input(),
      stdout: streams.stdout ?? state.output(1),
      stderr: streams.stderr ?? state.output(2),
      env: state.process.env,
      cwd: state.process.cwd,
    })
  }

  /** Runs until a shell process's end: exit, errors that end it, and the EXIT trap. */
  *runAsProcess(body: () => Run): Run {
    const { state } = this
    let status: number
    try {
      status = yield* body()
    } catch (error) {
      if (error instanceof ShellExit) status = error.status
      else if (error instanceof FunctionReturn) status = error.status
      else if (error instanceof LoopJump) status = 0
      else if (error instanceof ShellError) {
        state.complain(error.message)
        status = error.status
      } else throw error
    }
    try {
      if (state.hasPendingTrap) yield* this.runTraps()
    } catch (error) {
      if (error instanceof ShellExit) status = error.status
      else if (!(error instanceof ShellInterrupted)) throw error
    }
    return yield* this.runExitTrap(status)
  }

  private *runCommand(node: CommandNode, isLast: boolean): Run {
    const { state } = this
    switch (node.type) {
      case 'Command':
        return this.checkExit(yield* this.runSimple(node, isLast))
      case 'Redirected': {
        const undo = yield* this.redirect(node.redirects)
        if (typeof undo === 'number') return this.checkExit(undo)
        try {
          return yield* this.runCommand(node.command, false)
        } finally {
          undo()
        }
      }
      case 'Subshell': {
        const { pid } = this.fork(node.body, {})
        return this.checkExit(yield* this.waitForeground(pid))
      }
      case 'BraceGroup':
        return yield* this.runStatements(node.body.commands, isLast)
      case 'If':
        return yield* this.runIf(node, isLast)
      case 'While':
        return yield* this.runWhile(node)
      case 'For':
        return yield* this.runFor(node)
      case 'Case':
        return yield* this.runCase(node, isLast)
      case 'Function':
        yield* state.charge()
        state.functions.set(node.name.value, node)
        return 0
      case 'TestCommand':
        yield* state.charge()
        return this.checkExit(yield* this.runTest(node.expression))
      case 'ArithmeticCommand': {
        const value = yield* this.expander.text(wordOfArithmetic(node.body))
        return this.checkExit(value === '0' ? 1 : 0)
      }
      default:
        throw new ShellError(
          `syntax error: unexpected "${node.type === 'Select' ? 'select' : node.type === 'Coproc' ? 'coproc' : '(('}"`,
        )
    }
  }

  private *runIf(node: If, isLast: boolean): Run {
    if ((yield* this.condition(node.clause)) === 0) return yield* this.runStatements(node.then.commands, isLast)
    for (const branch of node.elif)
      if ((yield* this.condition(branch.clause)) === 0) return yield* this.runStatements(branch.then.commands, isLast)
    return node.else ? yield* this.runStatements(node.else.commands, isLast) : 0
  }

  private *condition(list: CompoundList): Run {
    this.state.conditions++
    try {
      return yield* this.runStatements(list.commands)
    } finally {
      this.state.conditions--
    }
  }

  private *runWhile(node: While): Run {
    const { state } = this
    let status = 0
    state.loops++
    try {
      for (;;) {
        yield* state.charge()
        try {
          const isTrue = (yield* this.condition(node.clause)) === 0
          if (isTrue !== (node.kind === 'while')) return status
          status = yield* this.runStatements(node.body.commands)
        } catch (jump) {
          if (!(jump instanceof LoopJump)) throw jump
          if (--jump.levels > 0 && state.loops > 1) throw jump
          status = 0
          if (jump.kind === 'break') return 0
        }
        if (state.hasPendingTrap) yield* this.runTraps()
      }
    } finally {
      state.loops--
    }
  }

  private *runFor(node: For): Run {
    const { state } = this
    const values = node.wordlist ? yield* this.expander.fields(node.wordlist) : [...state.positional]
    let status = 0
    state.loops++
    try {
      for (const value of values) {
        yield* state.charge()
        state.set(node.name.value, value)
        try {
          status = yield* this.runStatements(node.body.commands)
        } catch (jump) {
          if (!(jump instanceof LoopJump)) throw jump
          if (--jump.levels > 0 && state.loops > 1) throw jump
          status = 0
          if (jump.kind === 'break') return 0
        }
      }
      return status
    } finally {
      state.loops--
    }
  }

  private *runCase(node: Case, isLast: boolean): Run {
    yield* this.state.charge()
    const value = yield* this.expander.text(node.word)
    let isFalling = false
    let status = 0
    for (const item of node.items) {
      let isMatch = isFalling
      for (const pattern of item.pattern) {
        if (isMatch) break
        isMatch = matchPattern(yield* this.expander.pattern(pattern), value)
      }
      if (!isMatch) continue
      status = yield* this.runStatements(item.body.commands, isLast && item.terminator !== ';&')
      if (item.terminator !== ';&') return item.body.commands.length ? status : 0
      isFalling = true
    }
    return status
  }

  private *runTest(expression: TestExpression): Run {
    const { state } = this
    const evaluate = function* (this: Evaluator, node: TestExpression): Generator<Wait, boolean, unknown> {
      switch (node.type) {
        case 'TestNot': {
          const value = yield* evaluate.call(this, node.operand)
          return node.negations.length % 2 === 1 ? !value : value
        }
        case 'TestGroup':
          return yield* evaluate.call(this, node.expression)
        case 'TestLogical': {
          for (const operand of node.operands) {
            const value = yield* evaluate.call(this, operand)
            if (value === (node.operator === '||')) return value
          }
          return node.operator === '&&'
        }
        case 'TestUnary':
          return evaluateUnary(node.operator, yield* this.expander.text(node.operand), state.process)
        case 'TestBinary': {
          const left = yield* this.expander.text(node.left)
          if (/^(?:==?|!=)$/.test(node.operator)) {
            const isMatch = matchPattern(yield* this.expander.pattern(node.right), left)
            return isMatch === (node.operator !== '!=')
          }
          return evaluateBinary(node.operator, left, yield* this.expander.text(node.right), state.process)
        }
      }
    }
    try {
      return (yield* evaluate.call(this, expression)) ? 0 : 1
    } catch (error) {
      if (!(error instanceof TestError)) throw error
      state.complain(error.message)
      return 2
    }
  }

  private *runSimple(node: Command, isLast: boolean): Run {
    const { state } = this
    yield* state.charge()
    const words = [...(node.name ? [node.name] : []), ...node.args]
    const statusBefore = state.status
    const assignments = node.prefix.filter((part): part is Assignment => part.type === 'Assignment')
    const argv = yield* this.commandWords(words)
    const redirects = node.redirects

    if (argv.length === 0) {
      // Without a command, the status is that of the last substitution in it.
      state.status = 0
      for (const assignment of assignments) yield* this.assign(assignment)
      const undo = yield* this.redirect(redirects)
      if (typeof undo === 'number') return undo
      undo()
      return state.status
    }
    state.status = statusBefore
    const name = argv[0]
    const body = state.functions.get(name)
    const builtin: Builtin | undefined = body && !specialBuiltins.has(name) ? undefined : builtins[name]
    const isExternal = !body && !builtin
    const isExec = name === 'exec' && builtin !== undefined

    const undo = yield* this.redirect(redirects)
    if (typeof undo === 'number') {
      if (builtin && specialBuiltins.has(name) && !state.isInteractive) throw new ShellExit(undo)
      return undo
    }
    let keepRedirects = false
    try {
      if (isExternal) {
        const env = state.environment()
        for (const assignment of assignments) env[assignment.name] = yield* this.assignedValue(assignment)
        this.trace(argv, assignments, env)
        return yield* this.runExternal(argv, env, isLast)
      }
      const restore = yield* this.assignTemporarily(assignments, builtin !== undefined && specialBuiltins.has(name))
      this.trace(argv, [], {})
      try {
        if (builtin) {
          keepRedirects = isExec && argv.length === 1
          return yield* builtin(argv, this)
        }
        return yield* this.callFunction(body!, argv)
      } catch (error) {
        if (!(error instanceof FileError)) throw error
        state.complain(`write error: ${error.message}`)
        return 1
      } finally {
        restore()
      }
    } finally {
      if (!keepRedirects) undo()
    }
  }

  /** Words of a command; `export x=$y` keeps its assignments whole. */
  private *commandWords(
    words: readonly (Command['args'][number] | NonNullable<Command['name']>)[],
  ): Generator<Wait, string[], unknown> {
    const argv: string[] = []
    for (const word of words) {
      if (word.type === 'Assignment') {
        if (word.value.type === 'ArrayValue') throw new ShellError('syntax error: unexpected "("')
        argv.push(`${word.name}${word.append ? '+' : ''}=${yield* this.expander.text(word.value)}`)
      } else for (const field of yield* this.expander.fields([word])) argv.push(field)
    }
    return argv
  }

  private trace(argv: readonly string[], assignments: readonly Assignment[], env: Record<string, string>): void {
    const { state } = this
    if (!state.options.xtrace) return
    const words = [...assignments.map(({ name }) => `${name}=${env[name]}`), ...argv]
    state.err(`${state.get('PS4') ?? '+ '}${words.map(quoteForTrace).join(' ')}\n`)
  }

  private *assignedValue(assignment: Assignment): Generator<Wait, string, unknown> {
    if (assignment.value.type === 'ArrayValue' || assignment.index) throw new ShellError('syntax error: unexpected "("')
    const value = yield* this.expander.text(assignment.value)
    return assignment.append ? (this.state.get(assignment.name) ?? '') + value : value
  }

  /** Of bash: `a=(x y)`, `a+=(z)`, `a[1]=x`. */
  private *assignElements({ name, value, index, append }: Assignment): Generator<Wait, void, unknown> {
    const { state } = this
    const before = state.elements(name)
    if (value.type !== 'ArrayValue') {
      const at = yield* this.expander.index(index!, nextIndex(before))
      if (at < 0) throw new ShellError(`${name}[${index!.text}]: bad array subscript`, 1)
      const text = yield* this.expander.text(value)
      return state.setElements(name, [...before, [at, append ? (before.get(at) ?? '') + text : text]])
    }
    const fields = yield* this.expander.fields(value.elements)
    const from = append ? nextIndex(before) : 0
    state.setElements(name, [...(append ? before : []), ...fields.map((text, at) => [from + at, text] as const)])
  }

  private *assign(assignment: Assignment): Generator<Wait, void, unknown> {
    if (this.state.hasArrays && (assignment.value.type === 'ArrayValue' || assignment.index))
      return yield* this.assignElements(assignment)
    const value = yield* this.assignedValue(assignment)
    if (this.state.options.xtrace)
      this.state.err(`${this.state.get('PS4') ?? '+ '}${assignment.name}=${quoteForTrace(value)}\n`)
    this.state.set(assignment.name, value)
  }

  private *assignTemporarily(
    assignments: readonly Assignment[],
    isPermanent: boolean,
  ): Generator<Wait, () => void, unknown> {
    const { state } = this
    const before = new Map(assignments.map(({ name }) => [name, state.variables.get(name)]))
    const copies = new Map([...before].map(([name, variable]) => [name, variable && { ...variable }]))
    for (const assignment of assignments) yield* this.assign(assignment)
    if (isPermanent || assignments.length === 0) return () => {}
    for (const { name } of assignments) state.variables.get(name)!.isExported = true
    return () => {
      for (const [name, variable] of copies) {
        if (variable) state.variables.set(name, variable)
        else state.variables.delete(name)
      }
    }
  }

  *callFunction(node: FunctionNode, argv: readonly string[]): Run {
    const { state } = this
    const positional = state.positional
    const loops = state.loops
    state.enter()
    state.functionDepth++
    state.positional = argv.slice(1)
    state.loops = 0
    state.locals.push(new Map())
    try {
      return node.body.type === 'CompoundList'
        ? yield* this.runStatements(node.body.commands)
        : yield* this.runCommand(node.body, false)
    } catch (error) {
      if (error instanceof FunctionReturn) return error.status
      throw error
    } finally {
      for (const [name, variable] of state.locals.pop()!) {
        if (variable) state.variables.set(name, variable)
        else state.variables.delete(name)
      }
      state.loops = loops
      state.positional = positional
      state.functionDepth--
      state.leave()
    }
  }

  /** Runs a program and waits for it; the last command of a shell without traps takes the shell's place. */
  *runExternal(argv: readonly string[], env: Record<string, string>, isLast: boolean): Run {
    const { state } = this
    const options = {
      argv,
      env,
      cwd: state.process.cwd,
      stdin: state.input(),
      stdout: state.output(1),
      stderr: state.output(2),
    }
    if (isLast && state.traps.size === 0 && !state.isInteractive) {
      const wait = state.process.exec(options)
      if (!('error' in wait)) yield* waitFor(wait)
      else return this.complainLookup(argv[0], wait.error)
    }
    const started = state.process.spawn(options)
    if ('error' in started) return this.complainLookup(argv[0], started.error)
    return yield* this.waitForeground(started.pid)
  }

  complainLookup(name: string, error: StartFailure['error']): number {
    const { isBash } = this.state
    const missing = !isBash ? 'not found' : name.includes('/') ? 'No such file or directory' : 'command not found'
    const why = { 'not-found': missing, 'not-executable': 'Permission denied', 'too-long': 'Argument list too long' }
    this.state.complain(`${name}: ${why[error]}`)
    return error === 'not-found' ? 127 : 126
  }

  *waitForeground(pid: number): Run {
    const ended = yield* waitFor(this.state.process.waitChild(pid))
    yield* this.reapJobs()
    const status = ended?.exitCode ?? 0
    const signal = ended?.signal
    if (signal && signal !== 'SIGINT' && signal !== 'SIGPIPE') this.state.err(`${deathNotices[signal] ?? ''}`)
    return status
  }

  /** Notes background children that have ended, without waiting. */
  *reapJobs(): Generator<Wait, void, unknown> {
    const { state } = this
    for (const job of state.jobs) {
      if (job.status !== undefined) continue
      let ended: { exitCode: number } | undefined | 'running' = 'running'
      const cancel = state.process.waitChild(job.pid).start((value) => {
        ended = value
      })
      cancel()
      const outcome = ended as { exitCode: number } | undefined | 'running'
      if (outcome !== 'running') job.status = outcome?.exitCode ?? 127
    }
    // Statuses that nobody asks for are not kept for ever.
    if (state.jobs.length > 256)
      state.jobs = state.jobs.filter((job, index) => job.status === undefined || index > state.jobs.length - 64)
  }

  private *substitute(script: ParsedScript | undefined, text: string): Generator<Wait, string, unknown> {
    const { state } = this
    if (script?.errors?.length) throw new ShellError(describeSyntaxError(script.errors[0], text))
    if (!script || script.commands.length === 0) {
      state.status = 0
      return ''
    }
    state.enter()
    const pipe = createPipe()
    const body: CompoundList = { type: 'CompoundList', pos: 0, end: 0, commands: script.commands }
    const { pid } = this.fork(body, { stdout: pipe.output })
    const output = yield* waitFor(pipe.input.readAll())
    const ended = yield* waitFor(state.process.waitChild(pid))
    yield* this.reapJobs()
    state.leave()
    if (output.length > maxSubstitution) throw new ShellError('out of memory')
    state.status = ended?.exitCode ?? 0
    return output.replaceAll('\0', '')
  }

  /** Opens redirections; gives what undoes them, or the status of a failure already told. */
  *redirect(redirects: readonly Redirection[]): Generator<Wait, (() => void) | number, unknown> {
    const { state } = this
    if (redirects.length === 0) return () => {}
    const before = new Map<number, Descriptor | undefined>()
    const undo = (): void => {
      for (const [fd, descriptor] of before) {
        if (descriptor) state.fds.set(fd, descriptor)
        else state.fds.delete(fd)
      }
    }
    const put = (fd: number, descriptor: Descriptor | undefined): void => {
      if (!before.has(fd)) before.set(fd, state.fds.get(fd))
      if (descriptor) state.fds.set(fd, descriptor)
      else state.fds.delete(fd)
    }
    for (const redirect of redirects) {
      const fd = redirect.descriptor?.type === 'FileDescriptor' ? redirect.descriptor.value : undefined
      if (redirect.type === 'HereDoc') {
        put(fd ?? 0, { input: createTextInput(yield* this.expander.hereDoc(redirect)) })
        continue
      }
      const target = redirect.target ? yield* this.expander.text(redirect.target) : ''
      if (redirect.type === 'HereString') {
        put(fd ?? 0, { input: createTextInput(`${target}\n`) })
        continue
      }
      const problem = this.open(redirect.operator, fd, target, put)
      if (problem) {
        undo()
        state.complain(problem)
        return 1
      }
    }
    return undo
  }

  private open(
    operator: string,
    fd: number | undefined,
    target: string,
    put: (fd: number, descriptor: Descriptor | undefined) => void,
  ): string | undefined {
    const { state } = this
    const { files } = state.process
    const path = state.path(target)
    switch (operator) {
      case '<':
      case '<>':
        try {
          if (operator === '<>' && !files.exists(path)) files.write(path, '')
          if (/^\/dev\/(?:stdin|fd\/0)$|^\/proc\/self\/fd\/0$/.test(path)) put(fd ?? 0, { input: state.input() })
          else put(fd ?? 0, { input: createTextInput(files.read(path)) })
          return undefined
        } catch (error) {
          if (!(error instanceof FileError)) throw error
          if (this.state.isBash) return `${target}: ${error.message}`
          return `can't open ${target}: ${error.code === 'ENOENT' ? 'no such file' : error.message}`
        }
      case '<&':
      case '>&': {
        if (target === '-') {
          put(fd ?? (operator === '<&' ? 0 : 1), undefined)
          return undefined
        }
        if (/^\d+$/.test(target)) {
          const source = state.fds.get(Number(target))
          if (!source) return `dup2(${target},${fd ?? (operator === '<&' ? 0 : 1)}): Bad file descriptor`
          put(fd ?? (operator === '<&' ? 0 : 1), source)
          return undefined
        }
        if (operator === '<&' || (fd !== undefined && fd !== 1)) return 'syntax error: bad fd number'
        return this.openOutput(path, target, false, [1, 2], put)
      }
      case '&>':
      case '&>>':
        return this.openOutput(path, target, operator === '&>>', [1, 2], put)
      case '>':
        if (state.options.noclobber && files.exists(path) && files.stat(path).type === 'file')
          return `can't create ${target}: File exists`
        return this.openOutput(path, target, false, [fd ?? 1], put)
      default:
        return this.openOutput(path, target, operator === '>>', [fd ?? 1], put)
    }
  }

  private openOutput(
    path: string,
    target: string,
    isAppend: boolean,
    fds: readonly number[],
    put: (fd: number, descriptor: Descriptor) => void,
  ): string | undefined {
    const { files } = this.state.process
    try {
      // /dev/stdout and /dev/stderr are this shell's own descriptors, which a redirection may have changed.
      const own = /^\/(?:dev\/(?:std(out|err)|fd\/(\d))|proc\/self\/fd\/(\d))$/.exec(path)
      if (own) {
        const source = own[1] ? (own[1] === 'out' ? 1 : 2) : Number(own[2] ?? own[3])
        for (const fd of fds) put(fd, { output: this.state.output(source) })
        return undefined
      }
      const mode = 0o666 & ~Number.parseInt(this.state.get('_UMASK') ?? '022', 8)
      files.write(path, '', { append: isAppend, mode })
      const output: OutputStream = {
        isTerminal: false,
        write: (text) => files.write(path, text, { append: true, mode }),
      }
      for (const fd of fds) put(fd, { output })
      return undefined
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      if (this.state.isBash) return `${target}: ${error.message}`
      return `can't create ${target}: ${error.code === 'ENOENT' ? 'nonexistent directory' : error.message}`
    }
  }

  private checkExit(status: number): number {
    const { state } = this
    if (status !== 0 && state.options.errexit && state.conditions === 0) throw new ShellExit(status)
    return status
  }
}

const deathNotices: Partial<Record<Signal, string>> = {
  SIGKILL: 'Killed\n',
  SIGTERM: 'Terminated\n',
  SIGHUP: 'Hangup\n',
  SIGQUIT: 'Quit\n',
  SIGUSR1: 'User defined signal 1\n',
  SIGUSR2: 'User defined signal 2\n',
  SIGALRM: 'Alarm clock\n',
}

const minutes = (ms: number): string => {
  const hundredths = Math.round(ms / 10)
  return `${Math.floor(hundredths / 6000)}m ${((hundredths % 6000) / 100).toFixed(2)}s`
}

function quoteForTrace(word: string): string {
  return word === '' || /[^\w@%+=:,./-]/.test(word) ? `'${word.replaceAll("'", "'\\''")}'` : word
}

function wordOfArithmetic(body: string) {
  const statement = parse(`: $((${body}))`).commands[0]
  if (statement?.command.type !== 'Command' || statement.command.args[0]?.type !== 'Word')
    throw new ShellError('arithmetic syntax error')
  return statement.command.args[0]
}

/** What busybox's shell says where the parser's own words differ. */
function describeSyntaxError(error: ParseError, text: string): string {
  const { message } = error
  if (/unterminated .*(?:quote|quoted)/.test(message)) return 'syntax error: unterminated quoted string'
  const closer = /expected '(\w+|[)}])' to close/.exec(message)
  if (closer && error.pos >= text.trimEnd().length - 1)
    return `syntax error: unexpected end of file (expecting "${closer[1]}")`
  const unexpected = /unexpected (?:token )?'([^']*)'/.exec(message)
  if (unexpected) return `syntax error: unexpected "${unexpected[1]}"`
  const at = text.slice(error.pos).match(/^\s*(;;|&&|\|\||[;&|()]|\S+)/)
  return at ? `syntax error: unexpected "${at[1]}"` : 'syntax error: unexpected end of file'
}
