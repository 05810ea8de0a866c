/** What an expression selects of values whose type is known: a field that is not there is told before anything is evaluated. */

export interface Node {
  id: bigint
  exprKind: { case?: string; value?: Record<string, unknown> }
}

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
      const owner = inner(value.operand)
      const found = owner && member(owner, String(value.field))
      if (typeof found === 'string') fail(node.id, found)
      return typeof found === 'object' && !value.testOnly ? found : undefined
    }
    case 'callExpr': {
      const target = inner(value.target)
      const given = nodes(value.args).map((arg) => inner(arg))
      if (value.function !== '_[_]') return undefined
      const [owner = target] = given
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
      const bound = { ...types, [String(value.iterVar)]: range?.items, [String(value.accuVar)]: undefined }
      if (value.iterVar2) bound[String(value.iterVar2)] = undefined
      inner(value.accuInit)
      for (const part of [value.loopCondition, value.loopStep, value.result]) inner(part, bound)
      return undefined
    }
    default:
      return undefined
  }
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
