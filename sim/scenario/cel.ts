/** CEL, the expression language of Kubernetes' own validation rules, over the objects of a run. Source: https://cel.dev */
import { type CelInput, celEnv, isCelError, parse, plan } from '@bufbuild/cel'
import { strings } from '@bufbuild/cel/ext'
import { type CelValueJson, toCel, toJson } from '../api/cel/values.ts'
import { charge } from '../engine/work.ts'
import { checkFunctions } from './cel-functions.ts'

/** What an expression gave, or why it could not be evaluated. */
export type CelOutcome = { value: CelValueJson } | { error: string }

/** An expression, ready to be evaluated many times. */
export interface CelExpression {
  readonly text: string
  /** The names of variables that the expression may read. */
  readonly names: ReadonlySet<string>
  evaluate(bindings: Readonly<Record<string, unknown>>): CelOutcome
}

/** Named expressions: each may use those before it. */
export type CelLet = Readonly<Record<string, string>>

/** Of an expression by itself, and of each object that it may look at. */
const stepsOfEvaluation = 200
const stepsOfItem = 20

const env = celEnv({ funcs: [...strings, ...checkFunctions] })

/**
 * @param lets what may be used by name in the expression; worked out before it, once for each evaluation
 * @throws Error with the parser's message and the expression when it is not CEL
 */
export function compileCel(text: string, lets: CelLet = {}): CelExpression {
  const evaluate = planOf(text)
  const own = namesIn(text)
  const used = usedOf(lets, own)
  const names = new Set([...own, ...used.flatMap(([, value]) => [...namesIn(value)])])
  const values = used.map(([name, value]) => ({ name, evaluate: planOf(value) }))
  return {
    text,
    names,
    evaluate(bindings) {
      const inputs: Record<string, CelInput> = {}
      charge(stepsOfEvaluation)
      for (const value of Object.values(bindings)) charge(stepsOfItem * itemsIn(value))
      for (const [name, value] of Object.entries(bindings)) if (names.has(name)) inputs[name] = toCel(value)
      try {
        for (const value of values) {
          const result = value.evaluate(inputs)
          if (isCelError(result)) return { error: `${value.name}: ${result.message}` }
          inputs[value.name] = result as CelInput
        }
        const result = evaluate(inputs)
        if (isCelError(result)) return { error: result.message }
        return { value: toJson(result) }
      } catch (error) {
        return { error: error instanceof Error ? error.message : String(error) }
      }
    },
  }
}

/** Of a list, or of lists by name. */
const itemsIn = (value: unknown): number =>
  Array.isArray(value)
    ? value.length
    : typeof value === 'object' && value !== null
      ? Object.values(value).reduce((sum: number, one) => sum + (Array.isArray(one) ? one.length : 0), 0)
      : 0

function planOf(text: string): (bindings: Record<string, CelInput>) => unknown {
  try {
    return plan(env, parse(text)) as (bindings: Record<string, CelInput>) => unknown
  } catch (error) {
    throw new Error(`not a CEL expression: ${text}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const namesIn = (text: string): Set<string> => new Set(text.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? [])

/** Those that the names need, directly or by one another, in their order. */
function usedOf(lets: CelLet, names: ReadonlySet<string>): [name: string, text: string][] {
  const needed = new Set(names)
  const used: [string, string][] = []
  for (const [name, text] of Object.entries(lets).reverse()) {
    if (!needed.has(name)) continue
    used.unshift([name, text])
    for (const other of namesIn(text)) needed.add(other)
  }
  return used
}
