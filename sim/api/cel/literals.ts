/** Texts in an expression that no function will take: told when it is written. Sources: github.com/google/cel-go/cel/validator.go, interpreter/planner.go */
import { compileGoRegexp } from '../../text/go-regexp.ts'
import { parseGoDuration } from '../meta/duration.ts'
import { rfc3339Problem } from '../meta/go-time.ts'
import type { Fault } from './checker.ts'
import { conversionFault } from './conversions.ts'
import { type Node, rebuilt } from './tree.ts'

const PATTERNED: readonly string[] = ['find', 'findAll']

class Illegal extends Error {}

function regexFault(pattern: string): string | undefined {
  try {
    compileGoRegexp(pattern, (why) => {
      throw new Illegal(why)
    })
    return undefined
  } catch (error) {
    if (error instanceof Illegal) return error.message
    throw error
  }
}

function textOf(node: Node | undefined): string | undefined {
  const constant = node?.exprKind.value?.constantKind as { case: string; value: unknown } | undefined
  return constant?.case === 'stringValue' ? String(constant.value) : undefined
}

/** Each call with a text as its last argument that matters. */
function eachText(tree: Node, tell: (name: string, text: string, argument: Node) => void): void {
  rebuilt(tree, (one) => {
    const { case: kind, value = {} } = one.exprKind
    if (kind !== 'callExpr') return one
    const args = value.args as Node[]
    const name = String(value.function)
    const argument = name === 'matches' && !value.target ? args[1] : args[0]
    const text = textOf(argument)
    if (text !== undefined) tell(name, text, argument!)
    return one
  })
}

/** Durations, times and patterns that are none. */
export function literalFaults(tree: Node): Fault[] {
  const faults: Fault[] = []
  eachText(tree, (name, text, node) => {
    const isWrong =
      name === 'duration'
        ? parseGoDuration(text) === undefined
        : name === 'timestamp'
          ? rfc3339Problem(text) !== undefined
          : name === 'matches' && regexFault(text) !== undefined
    if (isWrong) faults.push({ node, why: `invalid ${name} argument` })
  })
  return faults
}

/** Why no program can be made of an expression whose types fit: parts of it are worked out at once, and one of them fails. */
export function instantiationFault(tree: Node): string | undefined {
  let first: string | undefined
  eachText(tree, (name, text) => {
    first ??= conversionFault(name, text) ?? (PATTERNED.includes(name) ? regexFault(text) : undefined)
  })
  return first
}
