/** Runs parsed templates over values. Source: text/template/exec.go */
import { charge, chargeText } from '../engine/work.ts'
import { builtins } from './builtins.ts'
import { CallError, type GoFunction } from './functions.ts'
import { type CommandNode, type Operand, type Pipe, placeText, printNode, type Statement, type Tree } from './parse.ts'
import {
  GoStruct,
  isBytes,
  isGoMap,
  isNil,
  isTrue,
  keysOf,
  longestValue,
  ownValue,
  printed,
  printValue,
  typeName,
} from './values.ts'

/** A template that could not be run: `template: PLACE: executing "NAME" at <NODE>: why`. */
export class TemplateExecError extends Error {
  override readonly name = 'TemplateExecError'
}

export interface TemplateSet {
  trees: Map<string, Tree>
  functions: ReadonlyMap<string, GoFunction>
  /** A key that a map lacks gives an error; without it, nothing. */
  isStrict: boolean
  /** What such a key gives instead of nothing. */
  missing?: unknown
}

/** How deep templates may call each other. */
const mostDepth = 1000

/** @throws TemplateExecError */
export function executeTemplate(set: TemplateSet, name: string, data: unknown, depth = 0): string {
  const tree = set.trees.get(name)
  if (!tree) throw new CallError(`template: no template ${JSON.stringify(name)} associated with template "gotpl"`)
  const state = new Execution(set, tree, name, depth)
  return state.run(data)
}

class LoopEnd {
  readonly isBreak: boolean
  constructor(isBreak: boolean) {
    this.isBreak = isBreak
  }
}

type Node = Operand | CommandNode
const nothing = Symbol('no value')
type Final = unknown | typeof nothing

class Execution {
  readonly #set: TemplateSet
  readonly #tree: Tree
  readonly #name: string
  readonly #depth: number
  readonly #variables: { name: string; value: unknown }[] = []
  #node: Node | undefined
  #at = 0
  readonly #output: string[] = []
  #length = 0

  constructor(set: TemplateSet, tree: Tree, name: string, depth: number) {
    this.#set = set
    this.#tree = tree
    this.#name = name
    this.#depth = depth
  }

  run(data: unknown): string {
    if (this.#depth > mostDepth) throw new CallError(`exceeded maximum template depth (${mostDepth})`)
    this.#variables.push({ name: '$', value: data })
    try {
      this.#walkAll(this.#tree.body, data)
    } catch (signal) {
      if (!(signal instanceof LoopEnd)) throw signal
    }
    return this.#output.join('')
  }

  #fail(why: string): never {
    const place = placeText({ tree: this.#tree, at: this.#at })
    const at = this.#node ? ` at <${printNode(this.#node)}>` : ''
    throw new TemplateExecError(`template: ${place}: executing ${JSON.stringify(this.#name)}${at}: ${why}`)
  }

  #look(node: Node): void {
    this.#node = node
    this.#at = node.at
  }

  #write(text: string): void {
    chargeText(text.length)
    this.#length += text.length
    if (this.#length > longestValue) this.#fail(`the output is longer than ${longestValue} characters`)
    this.#output.push(text)
  }

  #walkAll(nodes: readonly Statement[], dot: unknown): void {
    for (const node of nodes) this.#walk(node, dot)
  }

  #walk(node: Statement, dot: unknown): void {
    charge(5)
    switch (node.type) {
      case 'text':
        this.#write(node.text)
        return
      case 'action': {
        const value = this.#pipe(node.pipe, dot)
        if (node.pipe.variables.length === 0) this.#write(this.#shown(value, node.pipe))
        return
      }
      case 'break':
      case 'continue':
        throw new LoopEnd(node.type === 'break')
      case 'template':
        this.#template(node, dot)
        return
      case 'range':
        this.#range(node, dot)
        return
      default: {
        const held = this.#variables.length
        const value = this.#pipe(node.pipe, dot)
        if (isTrue(value)) this.#walkAll(node.body, node.type === 'with' ? value : dot)
        else this.#walkAll(node.otherwise, dot)
        this.#variables.length = held
      }
    }
  }

  #shown(value: unknown, pipe: Pipe): string {
    if (typeof value === 'function') {
      this.#look(pipe)
      return this.#fail(`can't print ${printNode(pipe)} of type func()`)
    }
    return typeof value === 'string' ? value : isBytes(value) ? printed(value) : printValue(value)
  }

  #template(node: Extract<Statement, { type: 'template' }>, dot: unknown): void {
    this.#at = node.at
    this.#node = undefined
    const tree = this.#set.trees.get(node.name)
    if (!tree) this.#failAtTemplate(node, `template ${JSON.stringify(node.name)} not defined`)
    if (this.#depth >= mostDepth) this.#failAtTemplate(node, `exceeded maximum template depth (${mostDepth})`)
    charge(20)
    const data = node.pipe ? this.#pipe(node.pipe, dot) : null
    const inner = new Execution(this.#set, tree!, node.name, this.#depth + 1)
    this.#write(inner.run(data))
  }

  #failAtTemplate({ name, pipe, at }: Extract<Statement, { type: 'template' }>, why: string): never {
    const place = placeText({ tree: this.#tree, at })
    const shown = `{{template ${JSON.stringify(name)}${pipe ? ` ${printNode(pipe)}` : ''}}}`
    throw new TemplateExecError(`template: ${place}: executing ${JSON.stringify(this.#name)} at <${shown}>: ${why}`)
  }

  #range(node: Extract<Statement, { type: 'if' | 'with' | 'range' }>, dot: unknown): void {
    const held = this.#variables.length
    const value = this.#pipe({ ...node.pipe, variables: [] }, dot)
    const names = node.pipe.variables
    let isEmpty = true
    for (const [key, item] of this.#entries(value, node.pipe)) {
      isEmpty = false
      charge(5)
      if (names.length === 1) this.#set_(node.pipe, names[0]!, typeof value === 'bigint' ? key : item)
      else if (names.length === 2) {
        this.#set_(node.pipe, names[0]!, key)
        this.#set_(node.pipe, names[1]!, item)
      }
      try {
        this.#walkAll(node.body, item)
      } catch (signal) {
        if (!(signal instanceof LoopEnd)) throw signal
        if (signal.isBreak) break
      } finally {
        this.#variables.length = held
      }
    }
    if (isEmpty) this.#walkAll(node.otherwise, dot)
    this.#variables.length = held
  }

  *#entries(value: unknown, pipe: Pipe): Generator<[unknown, unknown]> {
    if (isNil(value)) return
    if (Array.isArray(value) || isBytes(value)) {
      for (const [at, item] of value.entries())
        yield [BigInt(at), typeof item === 'number' && isBytes(value) ? BigInt(item) : item]
      return
    }
    if (typeof value === 'bigint') {
      for (let n = 0n; n < value; n++) yield [n, n]
      return
    }
    const map = isGoMap(value) ? value : value instanceof GoStruct ? value.entries : undefined
    if (!map) {
      this.#look(pipe)
      this.#fail(`range can't iterate over ${printed(value)}`)
    }
    for (const key of keysOf(map!)) yield [key, map![key]]
  }

  #set_(pipe: Pipe, name: string, value: unknown): void {
    const known = pipe.isAssigned ? this.#variables.findLast((variable) => variable.name === name) : undefined
    if (known) known.value = value
    else this.#variables.push({ name, value })
  }

  #variable(name: string): unknown {
    const found = this.#variables.findLast((variable) => variable.name === name)
    return found ? found.value : this.#fail(`undefined variable: ${name}`)
  }

  #pipe(pipe: Pipe, dot: unknown): unknown {
    this.#look(pipe)
    let value: Final = nothing
    for (const command of pipe.commands) value = this.#command(command, dot, value)
    for (const name of pipe.variables) this.#set_(pipe, name, value)
    return value === nothing ? null : value
  }

  #command(command: CommandNode, dot: unknown, final: Final): unknown {
    charge(5)
    const [first, ...rest] = command.args
    switch (first!.type) {
      case 'function':
        return this.#call(first, command, rest, dot, final)
      case 'field':
        this.#look(first)
        return this.#fields(dot, first.fields, first, rest, dot, final)
      case 'variable':
        this.#look(first)
        if (first.fields.length > 0)
          return this.#fields(this.#variable(first.name), first.fields, first, rest, dot, final)
        this.#refuseArguments(first, rest, final)
        return this.#variable(first.name)
      case 'chain': {
        this.#look(first)
        if (first.from.type === 'nil') return this.#fail(`indirection through explicit nil in ${printNode(first)}`)
        const from = this.#operand(first.from, dot)
        return this.#fields(from, first.fields, first, rest, dot, final)
      }
      case 'pipe':
        this.#refuseArguments(first, rest, final)
        return this.#pipe(first, dot)
      default:
        this.#look(first!)
        this.#refuseArguments(first!, rest, final)
        if (first!.type === 'nil') return this.#fail('nil is not a command')
        return first!.type === 'dot' ? dot : (first as { value: unknown }).value
    }
  }

  #refuseArguments(first: Operand, rest: readonly Operand[], final: Final): void {
    if (rest.length > 0 || final !== nothing) this.#fail(`can't give argument to non-function ${printNode(first)}`)
  }

  #operand(operand: Operand, dot: unknown): unknown {
    switch (operand.type) {
      case 'literal':
        return operand.value
      case 'nil':
        return null
      case 'dot':
        return dot
      case 'pipe':
        return this.#pipe(operand, dot)
      default:
        return this.#command({ type: 'command', at: operand.at, args: [operand] }, dot, nothing)
    }
  }

  #fields(
    receiver: unknown,
    fields: readonly string[],
    node: Operand,
    rest: readonly Operand[],
    dot: unknown,
    final: Final,
  ): unknown {
    let value = receiver
    for (const [at, field] of fields.entries()) {
      const isLast = at === fields.length - 1
      value = this.#field(value, field, node, isLast ? rest : [], dot, isLast ? final : nothing)
    }
    return value
  }

  #field(
    receiver: unknown,
    field: string,
    node: Operand,
    rest: readonly Operand[],
    dot: unknown,
    final: Final,
  ): unknown {
    this.#look(node)
    charge(2)
    if (isNil(receiver)) return this.#fail(`nil pointer evaluating interface {}.${field}`)
    const hasArguments = rest.length > 0 || final !== nothing
    if (receiver instanceof GoStruct) {
      if (Object.hasOwn(receiver.methods, field)) {
        const method = receiver.methods[field]!
        const params = method.params === '' ? [] : method.params.split(' ')
        return this.#invoke(field, { params, run: method.run }, node, rest, dot, final)
      }
      if (Object.hasOwn(receiver.fields, field)) {
        if (hasArguments) return this.#fail(`${field} has arguments but cannot be invoked as function`)
        return receiver.fields[field]
      }
      if (receiver.entries) return ownValue(receiver.entries, field)
      return this.#fail(`can't evaluate field ${field} in type ${receiver.type}`)
    }
    if (isGoMap(receiver)) {
      if (hasArguments) return this.#fail(`${field} is not a method but has arguments`)
      if (!Object.hasOwn(receiver, field)) {
        if (this.#set.isStrict) return this.#fail(`map has no entry for key ${JSON.stringify(field)}`)
        return this.#set.missing ?? null
      }
      return receiver[field]
    }
    return this.#fail(`can't evaluate field ${field} in type interface {}`)
  }

  #call(
    node: Extract<Operand, { type: 'function' }>,
    command: CommandNode,
    rest: readonly Operand[],
    dot: unknown,
    final: Final,
  ): unknown {
    this.#look(node)
    const { name } = node
    if (name === 'and' || name === 'or') return this.#shortCircuit(name, command, rest, dot, final)
    const known = this.#set.functions.get(name) ?? builtins.get(name)
    if (!known) return this.#fail(`${JSON.stringify(name)} is not a defined function`)
    return this.#invoke(name, known, command, rest, dot, final)
  }

  /** These two stop at the first that decides. */
  #shortCircuit(
    name: 'and' | 'or',
    command: CommandNode,
    rest: readonly Operand[],
    dot: unknown,
    final: Final,
  ): unknown {
    if (rest.length === 0 && final === nothing) {
      this.#look(command)
      return this.#fail(`wrong number of args for ${name}: want at least 1 got 0`)
    }
    let value: unknown = null
    for (const operand of rest) {
      value = this.#operand(operand, dot)
      if (isTrue(value) === (name === 'or')) return value
    }
    return final === nothing ? value : final
  }

  #invoke(
    name: string,
    { params, run }: GoFunction,
    node: Node,
    rest: readonly Operand[],
    dot: unknown,
    final: Final,
  ): unknown {
    const count = rest.length + (final === nothing ? 0 : 1)
    const isVariadic = params.at(-1)?.endsWith('...') ?? false
    const fixed = isVariadic ? params.length - 1 : params.length
    this.#look(node)
    if (isVariadic ? count < fixed : count !== fixed)
      return this.#fail(`wrong number of args for ${name}: want ${isVariadic ? 'at least ' : ''}${fixed} got ${count}`)
    const typeAt = (at: number): string => (at < fixed ? params[at]! : params.at(-1)!.slice(0, -3))
    const args = rest.map((operand, at) => this.#argument(operand, typeAt(at), dot))
    if (final !== nothing) {
      this.#look(node)
      args.push(this.#checked(final, typeAt(count - 1)))
    }
    this.#look(node)
    chargeArguments(args)
    try {
      return run(...(args as never[]))
    } catch (error) {
      if (!(error instanceof CallError) && !(error instanceof TemplateExecError)) throw error
      this.#look(node)
      return this.#fail(`error calling ${name}: ${error.message}`)
    }
  }

  #argument(operand: Operand, type: string, dot: unknown): unknown {
    this.#look(operand)
    if (operand.type === 'nil') {
      if (['string', 'int', 'float', 'bool'].includes(type)) return this.#fail(`cannot assign nil to ${goTypes[type]}`)
      return null
    }
    if (operand.type === 'literal') {
      const { kind, value } = operand
      const isFine =
        type === 'any' ||
        (type === 'string' && kind === 'string') ||
        (type === 'bool' && kind === 'bool') ||
        (type === 'int' && typeof value === 'bigint') ||
        (type === 'float' && kind === 'number')
      if (isFine) return type === 'float' ? Number(value) : value
      const expected = { string: 'string', int: 'integer', bool: 'bool', float: 'float' }[type]
      if (expected) return this.#fail(`expected ${expected}; found ${printNode(operand)}`)
      return this.#fail(`can't handle ${printNode(operand)} for arg of type ${goTypes[type]}`)
    }
    const value = this.#operand(operand, dot)
    this.#look(operand)
    return this.#checked(value, type)
  }

  #checked(value: unknown, type: string): unknown {
    if (type === 'any') return value ?? null
    if (isNil(value)) {
      if (type === 'map' || type === 'list') return null
      return this.#fail(`invalid value; expected ${goTypes[type]}`)
    }
    if (isOfType(value, type)) return value
    return this.#fail(`wrong type for value; expected ${goTypes[type]}; got ${typeName(value)}`)
  }
}

/** Whatever a function does with its arguments, it looks at all of them: half a step for a character, two for an item. */
function chargeArguments(args: readonly unknown[]): void {
  let steps = 10
  for (const arg of args)
    if (typeof arg === 'string') steps += arg.length / 2
    else if (Array.isArray(arg) || isBytes(arg)) steps += arg.length * 2
  charge(steps)
}

const goTypes: Readonly<Record<string, string>> = {
  string: 'string',
  int: 'int',
  float: 'float64',
  bool: 'bool',
  map: 'map[string]interface {}',
  list: '[]interface {}',
  any: 'interface {}',
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string'
    case 'int':
      return typeof value === 'bigint'
    case 'float':
      return typeof value === 'number'
    case 'bool':
      return typeof value === 'boolean'
    case 'map':
      return isGoMap(value)
    default:
      return Array.isArray(value)
  }
}
