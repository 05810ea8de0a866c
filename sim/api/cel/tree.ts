/** Trees of expressions, as CEL's parser gives them: their parts, and how one is made of another. */
import { charge } from '../../engine/work.ts'

export interface Node {
  id: bigint
  exprKind: { case?: string; value?: Record<string, unknown> }
}

export const node = (like: Node, kind: string, value: Record<string, unknown>): Node =>
  ({ $typeName: 'cel.expr.Expr', id: like.id, exprKind: { case: kind, value } }) as unknown as Node
export const callOf = (like: Node, name: string, args: Node[], target?: Node): Node =>
  node(like, 'callExpr', { $typeName: 'cel.expr.Expr.Call', function: name, target, args })
export const nameOf = (like: Node, name: string): Node =>
  node(like, 'identExpr', { $typeName: 'cel.expr.Expr.Ident', name })
export const constantOf = (like: Node, kind: string, value: unknown): Node =>
  node(like, 'constExpr', { $typeName: 'cel.expr.Constant', constantKind: { case: kind, value } })
export const listOf = (like: Node, elements: Node[]): Node =>
  node(like, 'listExpr', { $typeName: 'cel.expr.Expr.CreateList', elements, optionalIndices: [] })
/** `value` by a name within `result`: a loop over nothing. */
export const bound = (like: Node, name: string, value: Node, result: Node): Node =>
  node(like, 'comprehensionExpr', {
    $typeName: 'cel.expr.Expr.Comprehension',
    iterVar: '#unused',
    iterVar2: '',
    iterRange: listOf(like, []),
    accuVar: name,
    accuInit: value,
    loopCondition: constantOf(like, 'boolValue', false),
    loopStep: nameOf(like, name),
    result,
  })

export interface Entry {
  id: bigint
  keyKind: { case: string; value: unknown }
  value: Node
  optionalEntry: boolean
}

export const isCallOf = ({ exprKind: { case: kind, value } }: Node, names: readonly string[]): boolean =>
  kind === 'callExpr' && names.includes(String(value?.function))

/** The tree with each part changed, the innermost first. */
export function rebuilt(tree: Node, change: (node: Node) => Node): Node {
  charge(1)
  const inner = (one: unknown): unknown => (one ? rebuilt(one as Node, change) : one)
  const all = (many: unknown): unknown => (many as Node[]).map(inner)
  const { case: kind, value } = tree.exprKind
  const made = (changed: Record<string, unknown>): Node =>
    change({ ...tree, exprKind: { case: kind, value: { ...value, ...changed } } })
  if (!value) return tree
  switch (kind) {
    case 'selectExpr':
      return made({ operand: inner(value.operand) })
    case 'callExpr':
      return made({ target: inner(value.target), args: all(value.args) })
    case 'listExpr':
      return made({ elements: all(value.elements) })
    case 'structExpr':
      return made({
        entries: (value.entries as Entry[]).map((entry) => ({
          ...entry,
          keyKind:
            entry.keyKind.case === 'mapKey' ? { ...entry.keyKind, value: inner(entry.keyKind.value) } : entry.keyKind,
          value: inner(entry.value),
        })),
      })
    case 'comprehensionExpr':
      return made({
        iterRange: inner(value.iterRange),
        accuInit: inner(value.accuInit),
        loopCondition: inner(value.loopCondition),
        loopStep: inner(value.loopStep),
        result: inner(value.result),
      })
    default:
      return change(tree)
  }
}
