/** What an expression selects of values whose type is known: a field that is not there is told before anything is evaluated. */
import type { Node } from './tree.ts'

/** Macros: their first argument names a variable of the second. */
export const MAPPINGS: readonly string[] = ['optMap', 'optFlatMap']

/** As a schema of the API describes it; what says nothing may be anything. */
export interface CelType {
  type?: string
  properties?: Readonly<Record<string, CelType>>
  additionalProperties?: CelType | boolean
  items?: CelType
  'x-kubernetes-preserve-unknown-fields'?: boolean
  'x-kubernetes-embedded-resource'?: boolean
}

type Types = Readonly<Record<string, CelType | undefined>>

/** @param fail is told which node, and why: `undefined field 'foo'` */
export function checkSelections(root: Node, types: Types, fail: (id: bigint, why: string) => void): void {
  if (Object.keys(types).length > 0) typeOf(root, types, fail)
}

const nodes = (value: unknown): Node[] => (value as Node[] | undefined) ?? []

/** The type of a value, where it is known. */
function typeOf(node: Node, types: Types, fail: (id: bigint, why: string) => void): CelType | undefined {
  const { case: kind, value = {} } = node.exprKind
  const inner = (one: unknown, known = types): CelType | undefined =>
    one ? typeOf(one as Node, known, fail) : undefined
  switch (kind) {
    case 'identExpr':
      return types[String(value.name)]
    case 'selectExpr': {
      const found = selected(node, inner(value.operand), String(value.field), fail)
      return value.testOnly ? undefined : found
    }
    case 'callExpr': {
      const target = inner(value.target)
      if (MAPPINGS.includes(String(value.function)) && value.target) {
        const [variable, mapped] = nodes(value.args)
        inner(mapped, { ...types, [String(variable?.exprKind.value?.name)]: target })
        return undefined
      }
      const given = nodes(value.args).map((arg) => inner(arg))
      const [owner = target] = given
      // Of an optional value the type of what it holds.
      if (value.function === '_?._') return selected(node, owner, constantText(nodes(value.args)[1]), fail)
      if (HELD.has(String(value.function))) return owner
      if (value.function !== '_[_]' && value.function !== '_[?_]') return undefined
      return owner?.items ?? (typeof owner?.additionalProperties === 'object' ? owner.additionalProperties : undefined)
    }
    case 'listExpr':
      for (const element of nodes(value.elements)) inner(element)
      return undefined
    case 'structExpr':
      for (const entry of (value.entries as { value: Node }[] | undefined) ?? []) inner(entry.value)
      return undefined
    case 'comprehensionExpr': {
      const range = inner(value.iterRange)
      const values = typeof range?.additionalProperties === 'object' ? range.additionalProperties : range?.items
      const bound = { ...types, [String(value.iterVar)]: range?.items, [String(value.accuVar)]: undefined }
      if (value.iterVar2) Object.assign(bound, { [String(value.iterVar)]: undefined, [String(value.iterVar2)]: values })
      inner(value.accuInit)
      for (const part of [value.loopCondition, value.loopStep, value.result]) inner(part, bound)
      return undefined
    }
    default:
      return undefined
  }
}

/** These give what is in an optional value, or the like. */
const HELD = new Set(['value', 'or', 'orValue', 'optional.of'])

const constantText = (node: Node | undefined): string =>
  String((node?.exprKind.value?.constantKind as { value: unknown } | undefined)?.value)

function selected(
  { id }: Node,
  owner: CelType | undefined,
  field: string,
  fail: (id: bigint, why: string) => void,
): CelType | undefined {
  const found = owner && member(owner, field)
  if (typeof found === 'string') fail(id, found)
  return typeof found === 'object' ? found : undefined
}

/** The type of a member; why there is none; undefined where nobody knows. */
function member(owner: CelType, name: string): CelType | string | undefined {
  const { type, properties, additionalProperties } = owner
  if (type === undefined) return undefined
  if (type !== 'object') return `type '${type === 'array' ? 'list' : celName(type)}' does not support field selection`
  if (properties && Object.hasOwn(properties, name)) return properties[name]
  if (typeof additionalProperties === 'object') return additionalProperties
  if (!properties || owner['x-kubernetes-embedded-resource']) return undefined
  return `undefined field '${name}'`
}

const celName = (type: string): string => ({ integer: 'int', number: 'double', boolean: 'bool' })[type] ?? type
