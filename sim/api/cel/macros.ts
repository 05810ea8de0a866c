/**
 * What the parser of CEL's library leaves as it is: functions whose names have a namespace, loops of two variables, `sortBy`.
 * Sources: github.com/google/cel-go/ext/{comprehensions,lists}.go, checker/checker.go
 */
import { type CelMap, CelScalar, celFunc, isCelList, isCelMap } from '@bufbuild/cel'
import { charge } from '../../engine/work.ts'
import { anyMap } from './library/values.ts'
import { bound, callOf, constantOf, listOf, type Node, nameOf, node, rebuilt } from './tree.ts'

type Fail = (id: bigint, why: string) => void

const RESULT = '@result'
const INPUT = '@__sortBy_input__'

interface Loop {
  begin: Node
  condition: Node
  step: Node
  result: Node
}

/** How each macro goes over its items. The last of `asked` is what is asked of an item, or made of it; one before that is a filter. */
const LOOPS: Readonly<Record<string, (like: Node, key: Node, asked: readonly Node[]) => Loop>> = {
  all: (like, _, [asked]) => ({
    begin: truth(like, true),
    condition: callOf(like, '@not_strictly_false', [nameOf(like, RESULT)]),
    step: callOf(like, '_&&_', [nameOf(like, RESULT), asked!]),
    result: nameOf(like, RESULT),
  }),
  exists: (like, _, [asked]) => ({
    begin: truth(like, false),
    condition: callOf(like, '@not_strictly_false', [callOf(like, '!_', [nameOf(like, RESULT)])]),
    step: callOf(like, '_||_', [nameOf(like, RESULT), asked!]),
    result: nameOf(like, RESULT),
  }),
  existsOne: exactlyOne,
  exists_one: exactlyOne,
  transformList: (like, _, asked) =>
    gathering(like, listOf(like, []), asked, (made) =>
      callOf(like, '_+_', [nameOf(like, RESULT), listOf(like, [made])]),
    ),
  transformMap: (like, key, asked) =>
    gathering(like, emptyMap(like), asked, (made) => callOf(like, 'cel.@mapInsert', [nameOf(like, RESULT), key, made])),
  transformMapEntry: (like, _, asked) =>
    gathering(like, emptyMap(like), asked, (made) => callOf(like, 'cel.@mapInsert', [nameOf(like, RESULT), made])),
}

const truth = (like: Node, is: boolean): Node => constantOf(like, 'boolValue', is)
const emptyMap = (like: Node): Node =>
  node(like, 'structExpr', { $typeName: 'cel.expr.Expr.CreateStruct', messageName: '', entries: [] })

function exactlyOne(like: Node, _: Node, [asked]: readonly Node[]): Loop {
  const count = (number: bigint): Node => constantOf(like, 'int64Value', number)
  return {
    begin: count(0n),
    condition: truth(like, true),
    step: callOf(like, '_?_:_', [asked!, callOf(like, '_+_', [nameOf(like, RESULT), count(1n)]), nameOf(like, RESULT)]),
    result: callOf(like, '_==_', [nameOf(like, RESULT), count(1n)]),
  }
}

function gathering(like: Node, begin: Node, asked: readonly Node[], stepOf: (made: Node) => Node): Loop {
  const [filter, made] = asked.length === 2 ? [asked[0], asked[1]!] : [undefined, asked[0]!]
  const step = stepOf(made)
  return {
    begin,
    condition: truth(like, true),
    step: filter ? callOf(like, '_?_:_', [filter, step, nameOf(like, RESULT)]) : step,
    result: nameOf(like, RESULT),
  }
}

const loopOver = (like: Node, range: Node, [iterVar, iterVar2]: readonly string[], loop: Loop): Node =>
  node(like, 'comprehensionExpr', {
    $typeName: 'cel.expr.Expr.Comprehension',
    iterVar,
    iterVar2: iterVar2 ?? '',
    iterRange: range,
    accuVar: RESULT,
    accuInit: loop.begin,
    loopCondition: loop.condition,
    loopStep: loop.step,
    result: loop.result,
  })

/**
 * The tree as cel-go reads it.
 * @param names functions with a namespace: `sets.contains`
 * @param fail is told which node cannot be, and why
 */
export function expanded(tree: Node, names: ReadonlySet<string>, fail: Fail): Node {
  const taken = variablesOf(tree)
  return rebuilt(tree, (call) => {
    const { case: kind, value = {} } = call.exprKind
    const target = value.target as Node | undefined
    if (kind !== 'callExpr' || !target) return call
    const name = String(value.function)
    const args = value.args as Node[]
    const { case: targetKind, value: targetValue } = target.exprKind
    if (
      targetKind === 'identExpr' &&
      names.has(`${targetValue?.name}.${name}`) &&
      !taken.has(String(targetValue?.name))
    )
      return callOf(call, `${targetValue?.name}.${name}`, args)
    if (name === 'sortBy' && args.length === 2) return sorting(call, target, args, fail)
    const most = name.startsWith('transform') ? 4 : 3
    if (!Object.hasOwn(LOOPS, name) || args.length <= 2 || args.length > most) {
      return call
    }
    const [first = '', second = ''] = args.slice(0, 2).map((arg) => variableName(arg, fail))
    if (first === second) fail(args[1]!.id, `duplicate variable name: ${first}`)
    const loop = LOOPS[name]!(call, nameOf(call, first), args.slice(2))
    return loopOver(call, target, [first, second], loop)
  })
}

function variableName(arg: Node, fail: Fail): string {
  if (arg.exprKind.case !== 'identExpr') fail(arg.id, 'argument must be a simple name')
  return String(arg.exprKind.value?.name)
}

/** `xs.sortBy(x, key)`: the items in the order of what is made of each. */
function sorting(call: Node, target: Node, [variable, key]: readonly Node[], fail: Fail): Node {
  const keys = loopOver(
    call,
    nameOf(call, INPUT),
    [variableName(variable!, fail)],
    LOOPS.transformList!(call, variable!, [key!]),
  )
  return bound(call, INPUT, target, callOf(call, '@sortByAssociatedKeys', [keys], nameOf(call, INPUT)))
}

/** The names that loops give to items. */
function variablesOf(tree: Node): ReadonlySet<string> {
  const names = new Set<string>()
  rebuilt(tree, (one) => {
    if (one.exprKind.case === 'comprehensionExpr') names.add(String(one.exprKind.value?.iterVar))
    return one
  })
  return names
}

const ENTRY = '@entry'

/** The same with loops of one variable alone, which the library can evaluate. */
export const withoutPairs = (tree: Node): Node =>
  rebuilt(tree, (loop) => {
    const { case: kind, value = {} } = loop.exprKind
    if (kind !== 'comprehensionExpr' || !value.iterVar2) return loop
    const part = (place: bigint): Node =>
      callOf(loop, '_[_]', [nameOf(loop, ENTRY), constantOf(loop, 'int64Value', place)])
    const step = bound(loop, String(value.iterVar2), part(1n), value.loopStep as Node)
    return node(loop, kind, {
      ...value,
      iterVar: ENTRY,
      iterVar2: '',
      iterRange: callOf(loop, '@entries', [value.iterRange as Node]),
      loopStep: bound(loop, String(value.iterVar), part(0n), step),
    })
  })

function inserted(map: CelMap, entries: Iterable<readonly [unknown, unknown]>): never {
  charge(map.size)
  const all = new Map<unknown, unknown>(map.entries())
  for (const [key, value] of entries) {
    if (all.has(key)) throw new Error(`insert failed: key ${String(key)} already exists`)
    all.set(key, value)
  }
  return all as never
}

export const macroFunctions = [
  celFunc('@entries', [CelScalar.DYN], CelScalar.DYN, (range) => {
    if (!isCelList(range) && !isCelMap(range)) throw new Error('no such overload')
    charge(range.size)
    return (isCelList(range) ? [...range].map((item, n) => [BigInt(n), item]) : [...range.entries()]) as never
  }),
  celFunc('cel.@mapInsert', [anyMap, CelScalar.DYN, CelScalar.DYN], anyMap, (map, key, value) =>
    inserted(map, [[key, value]]),
  ),
  celFunc('cel.@mapInsert', [anyMap, anyMap], anyMap, (map, more) => inserted(map, more.entries() as never)),
]
