/**
 * Expressions of admission policies, which learners write: compiled with the variables that they may read, and evaluated within the work budget.
 * Source: k8s.io/apiserver/pkg/admission/plugin/cel
 */
import {
  type CelFunc,
  type CelInput,
  CelScalar,
  celEnv,
  celFunc,
  celMethod,
  isCelError,
  isCelList,
  isCelMap,
  parse,
  plan,
} from '@bufbuild/cel'
import { strings } from '@bufbuild/cel/ext'
import { charge, chargeText } from '../../engine/work.ts'
import { type CelTypes, checkTypes, type Fault } from './checker.ts'
import { conversionFailed, textConversions } from './conversions.ts'
import { fieldNamed } from './field-names.ts'
import { kubernetesFunctionNames, kubernetesFunctions } from './library/functions.ts'
import { instantiationFault, literalFaults } from './literals.ts'
import { expanded, macroFunctions, withoutPairs } from './macros.ts'
import { blankMarks, lowered, optionalFunctionNames, optionalFunctions, putMarks } from './optionals.ts'
import { syntaxProblems } from './syntax-errors.ts'
import { callOf, constantOf, type Node } from './tree.ts'
import { type CelType, isSame, typeName } from './types.ts'

export interface PolicyExpression {
  readonly text: string
  /** The variables that it reads: `object`, `self`. */
  readonly names: ReadonlySet<string>
  /** Which members of `variables` it reads. */
  readonly variables: ReadonlySet<string>
  /** As it was parsed. */
  readonly tree: Node
  /** What it gives. */
  readonly type: CelType
  /** @throws Error with the reason in words, such as `no such key: replicas` */
  evaluate(bindings: Readonly<Record<string, CelInput>>): unknown
}

/** An expression that is none, in the words of the API server: `compilation failed: ERROR: <input>:1:1: …`. */
export class CompileError extends Error {}

/** One of which no program can be made: `program instantiation failed: …`. */
export class InstantiationError extends Error {}

/** Code points. Source: the parser's limits in cel-go */
const longestExpression = 100_000
/** Calls in calls: what looks at an expression goes as deep as it does. */
const deepestExpression = 500
/** Characters of a text that an expression may make, and items of a list. */
const largestValue = 200_000
const stepsOfCall = 20
const noNames: ReadonlySet<string> = new Set()

/** What is made is measured: neither time nor memory may grow without being charged. */
const measured = withCall(
  celFunc('@measured', [CelScalar.DYN], CelScalar.DYN, (value) => value),
  (_id, _target, [value]) => {
    ending(() => {
      charge(stepsOfCall)
      if (sizeOf(value) > largestValue) throw new CostExceeded()
    })
    return value
  },
)

/** What ended the evaluation under way: the library makes an error of it like any other, which `||` may pass over. */
let ended: { error: unknown } | undefined

function ending(act: () => void): void {
  try {
    act()
  } catch (error) {
    ended = { error }
    throw error
  }
}

class CostExceeded extends Error {
  constructor() {
    super('operation cancelled: actual cost limit exceeded')
  }
}

/** The function with another way to call it, outside the library's own guard. */
function withCall(func: CelFunc, call: CelFunc['call']): CelFunc {
  return Object.create(func, { call: { value: call } }) as CelFunc
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string') {
    chargeText(value.length)
    return value.length
  }
  if (isCelList(value) || isCelMap(value)) return value.size
  return 0
}

/** These can make much of little at once, so they are measured before. */
const multiplying = new Set(['replace', 'join', 'split'])

function bounded(func: CelFunc): CelFunc {
  if (!multiplying.has(func.name)) return func
  return withCall(func, (id, target, args) => {
    const sizes = [target, ...args].map((arg) => 1 + totalOf(arg))
    ending(() => {
      if (sizes.reduce((product, size) => product * size, 1) > 10 * largestValue) throw new CostExceeded()
    })
    return func.call(id, target, args)
  })
}

const totalOf = (value: unknown): number =>
  isCelList(value) ? [...value].reduce<number>((sum, item) => sum + 1 + sizeOf(item), 0) : sizeOf(value)

/** The library's `replace` takes a time that grows with the square of the text, and its `format` knows no ints. */
const ownStrings = [
  ...strings.filter(({ name }) => name !== 'replace' && name !== 'format'),
  celMethod('replace', CelScalar.STRING, [CelScalar.STRING, CelScalar.STRING], CelScalar.STRING, replaced),
  celMethod(
    'replace',
    CelScalar.STRING,
    [CelScalar.STRING, CelScalar.STRING, CelScalar.INT],
    CelScalar.STRING,
    replaced,
  ),
]

/** @param most of the first that are replaced; all of them below 0 */
function replaced(this: string, from: string, to: string, most = -1n): string {
  const parts = this.split(from)
  const count = most < 0n ? parts.length - 1 : Math.min(Number(most), parts.length - 1)
  return [parts.slice(0, count + 1).join(to), ...parts.slice(count + 1)].join(from)
}

/** Source: RFC 6901 */
const escapeKey = celFunc('jsonpatch.escapeKey', [CelScalar.STRING], CelScalar.STRING, (key) =>
  key.replaceAll('~', '~0').replaceAll('/', '~1'),
)

const env = celEnv({
  funcs: [
    ...ownStrings.map(bounded),
    ...kubernetesFunctions,
    ...textConversions,
    ...optionalFunctions,
    ...macroFunctions,
    measured,
    escapeKey,
  ],
})

const functionNames: ReadonlySet<string> = new Set([
  ...[
    'size',
    'contains',
    'startsWith',
    'endsWith',
    'matches',
    'int',
    'uint',
    'double',
    'string',
    'bytes',
    'bool',
    'type',
    'dyn',
  ],
  ...['timestamp', 'duration', 'getFullYear', 'getMonth', 'getDate', 'getDayOfMonth', 'getDayOfWeek', 'getDayOfYear'],
  ...['getHours', 'getMinutes', 'getSeconds', 'getMilliseconds'],
  ...ownStrings.map(({ name }) => name),
  ...kubernetesFunctionNames,
  ...optionalFunctionNames,
])

/** Those with a namespace: `sets.contains`. */
const qualifiedNames: ReadonlySet<string> = new Set(
  [...functionNames, escapeKey.name].filter((name) => name.includes('.')),
)

const withoutPatches: ReadonlySet<string> = new Set([...qualifiedNames].filter((name) => name !== escapeKey.name))

/** What `type(…)` is compared with. */
const typeNames: ReadonlySet<string> = new Set([
  ...['bool', 'bytes', 'double', 'int', 'list', 'map', 'null_type', 'string', 'type', 'uint'],
])

export interface CompileOptions {
  /** Of variables whose type is known. */
  types?: CelTypes
  /** It has to give one of them; anything without. */
  gives?: readonly CelType[]
  /** Variables whose values are optional: `oldSelf` of a rule with `optionalOldSelf`. */
  optional?: ReadonlySet<string>
  /** It may make parts of an object and of a patch. */
  makesPatches?: boolean
}

/**
 * @param known the variables that it may read, such as `object` and `params`
 * @throws CompileError
 */
export function compilePolicyExpression(
  text: string,
  known: ReadonlySet<string>,
  { types = {}, gives, optional = noNames, makesPatches = false }: CompileOptions = {},
): PolicyExpression {
  const fail = (offset: number, why: string): never => {
    throw new CompileError(`compilation failed: ${located(text, offset, why)}`)
  }
  chargeText(text.length)
  if (text.length > longestExpression) fail(0, 'Syntax error: expression code point size exceeds limit')
  const { text: blanked, marks } = blankMarks(text)
  let parsed: ReturnType<typeof parse>
  try {
    // The library knows a comment by the end of its line.
    parsed = parse(blanked.includes('//') ? `${blanked}\n` : blanked)
  } catch (error) {
    const problems = syntaxProblems(text)
    if (problems.length > 0) {
      const told = problems.map(({ offset, message }) => located(text, offset, `Syntax error: ${message}`))
      throw new CompileError(`compilation failed: ${told.join('\n')}`)
    }
    const { location, rawMessage } = error as { location?: { start: { offset: number } }; rawMessage?: string }
    return fail(location?.start.offset ?? 0, `Syntax error: ${rawMessage ?? 'expression recursion limit exceeded'}`)
  }
  if (isDeeperThan(deepestExpression, parsed.expr)) fail(0, 'Syntax error: expression recursion limit exceeded')
  if (text.includes('__')) unescapeFields(parsed.expr as unknown as Node)
  const positions = parsed.sourceInfo?.positions as Record<string, number> | undefined
  const names = new Set<string>()
  const variables = new Set<string>()
  const at = (id: bigint): number => positions?.[String(id)] ?? 0
  const read = parsed.expr as unknown as Node
  const qualified = makesPatches ? qualifiedNames : withoutPatches
  const tree = expanded(putMarks(read, marks, at, fail), qualified, (id, why) => fail(at(id), why))
  const faults: Fault[] = []
  const undeclared = (one: Node, name: string): void => {
    faults.push({ node: one, why: `undeclared reference to '${name}' (in container '')` })
  }
  const root = walk(withoutPairs(lowered(tree, optional)), noNames, {
    struct(name, one) {
      const isKnown = makesPatches && (name === 'JSONPatch' || name === 'Object' || name.startsWith('Object.'))
      if (!isKnown) undeclared(one, name)
    },
    identifier(name, one) {
      names.add(name)
      if (!known.has(name) && !typeNames.has(name)) undeclared(one, name)
    },
    call(name, one) {
      if (!/^\w+$/.test(name) || functionNames.has(name) || name === 'in') return
      if (!/^_|_$/.test(name)) undeclared(one, name)
    },
    variable: (name) => variables.add(name),
  })
  const readable = Object.entries(types).filter(([name]) => known.has(name.replace(/\..*/, '')))
  const checked = checkTypes(tree, Object.fromEntries(readable))
  failAll(text, [...faults, ...checked.faults], at)
  failAll(text, literalFaults(tree), at)
  if (gives && !gives.some((type) => isSame(type, checked.gives)))
    throw new CompileError(notGiven(gives, checked.gives))
  const unmade = instantiationFault(tree)
  if (unmade) throw new InstantiationError(`program instantiation failed: ${unmade}`)
  let evaluate: (bindings: Record<string, CelInput>) => unknown
  try {
    evaluate = plan(env, { ...parsed, expr: root } as never) as typeof evaluate
  } catch (error) {
    return fail(0, (error as Error).message)
  }
  return {
    text,
    names,
    variables,
    tree,
    type: checked.gives,
    evaluate(bindings) {
      ended = undefined
      let result: unknown
      try {
        result = evaluate(bindings as Record<string, CelInput>)
      } catch (error) {
        ended ??= { error }
      }
      if (ended) throw (ended as { error: unknown }).error
      if (isCelError(result)) throw new Error(inGoWords(result.message))
      return result
    },
  }
}

/** Goes level by level, as deep as the limit and no deeper. */
function isDeeperThan(limit: number, root: unknown): boolean {
  let level = [root]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true
    level = level.flatMap(partsOf)
  }
  return false
}

/** The expressions right below one. */
function partsOf(node: unknown): unknown[] {
  const found: unknown[] = []
  const look = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(look)
    else if (typeof value === 'object' && value !== null) {
      if ('exprKind' in value) found.push(value)
      else Object.values(value).forEach(look)
    }
  }
  look((node as Node | undefined)?.exprKind.value)
  return found
}

/** Puts the names of fields in the place of what stands for them. */
function unescapeFields(node: Node): void {
  const { case: kind, value } = node.exprKind
  if (kind === 'selectExpr' && value) value.field = fieldNamed(String(value.field))
  for (const part of partsOf(node)) unescapeFields(part as Node)
}

/** As cel-go shows where an error is. */
function located(text: string, offset: number, why: string): string {
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  const column = offset - (before.lastIndexOf('\n') + 1)
  const shown = text.split('\n')[line - 1] ?? ''
  return `ERROR: <input>:${line}:${column + 1}: ${why}\n | ${shown}\n | ${'.'.repeat(column)}^`
}

/** What the library says, and cel-go in its place. */
const GO_WORDS: readonly [RegExp, string][] = [
  [/^field not found: (.*)$/s, 'no such key: $1'],
  [/^found no matching overload.*$/s, 'no such overload'],
  [/^u?int divide by zero$/, 'division by zero'],
  [/^u?int modulus by zero$/, 'modulus by zero'],
  [/^int overflow during.*$/, 'integer overflow'],
  [/^uint overflow during.*$/, 'unsigned integer overflow'],
  [/^index (-?\d+) out of bounds.*$/, 'index out of bounds: $1'],
  [/^Failed to parse timestamp.*$/s, conversionFailed('google.protobuf.Timestamp')],
  [/^Failed to parse duration.*$/s, conversionFailed('google.protobuf.Duration')],
]

function inGoWords(message: string): string {
  const found = GO_WORDS.find(([pattern]) => pattern.test(message))
  return found ? message.replace(...found) : message
}

interface Visitor {
  /** A message that is made: `Object.spec`. */
  struct(name: string, node: Node): void
  identifier(name: string, node: Node): void
  call(name: string, node: Node): void
  /** A member of `variables` that is read. */
  variable(name: string): void
}

/** The tree with each call, and each step of a loop, measured; what it names is told. */
function walk(node: Node, bound: ReadonlySet<string>, visitor: Visitor): Node {
  const { case: kind, value } = node.exprKind
  if (!value) return node
  const inner = (one: unknown, names = bound): unknown => (one ? walk(one as Node, names, visitor) : one)
  const made = (changed: Record<string, unknown>): Node => ({
    ...node,
    exprKind: { case: kind, value: { ...value, ...changed } },
  })
  switch (kind) {
    case 'identExpr':
      if (!bound.has(String(value.name))) visitor.identifier(String(value.name), node)
      return node
    case 'selectExpr': {
      const operand = value.operand as Node
      const isVariable = operand.exprKind.case === 'identExpr' && operand.exprKind.value?.name === 'variables'
      if (isVariable && !bound.has('variables')) visitor.variable(String(value.field))
      return made({ operand: inner(operand) })
    }
    case 'callExpr':
      visitor.call(String(value.function), node)
      return wrapped(made({ target: inner(value.target), args: (value.args as Node[]).map((arg) => inner(arg)) }))
    case 'listExpr':
      return made({ elements: (value.elements as Node[]).map((item) => inner(item)) })
    case 'structExpr':
      if (value.messageName) visitor.struct(String(value.messageName), node)
      return made({
        // A part of an object is a map of its fields: what it is a part of is told by where it stands.
        messageName: '',
        entries: (value.entries as { keyKind: { case: string; value: unknown }; value: Node }[]).map((entry) => ({
          ...entry,
          keyKind:
            entry.keyKind.case === 'mapKey'
              ? { ...entry.keyKind, value: inner(entry.keyKind.value) }
              : { case: 'mapKey', value: constantOf(node, 'stringValue', String(entry.keyKind.value)) },
          value: inner(entry.value),
        })),
      })
    case 'comprehensionExpr': {
      const names = new Set([...bound, value.iterVar, value.iterVar2, value.accuVar].map(String))
      return made({
        iterRange: inner(value.iterRange),
        accuInit: inner(value.accuInit),
        loopCondition: inner(value.loopCondition, names),
        loopStep: wrapped(inner(value.loopStep, names) as Node),
        result: inner(value.result, names),
      })
    }
    default:
      return node
  }
}

/** What is said of a type that was not asked for. Source: k8s.io/apiserver/pkg/admission/plugin/cel/compile.go */
const notGiven = (asked: readonly CelType[], given: CelType): string =>
  asked.length === 1
    ? `must evaluate to ${typeName(asked[0]!)} but got ${typeName(given)}`
    : `must evaluate to one of [${asked.map(typeName).join(' ')}] but got ${typeName(given)}`

const mostFaults = 100

/** All faults in the order of the text, each told once. @throws CompileError when there is one. Source: Errors.ToDisplayString in cel-go */
function failAll(text: string, faults: readonly Fault[], at: (id: bigint) => number): void {
  if (faults.length === 0) return
  const told = faults
    .map(({ node, why }) => ({ offset: placeOf(node, text, at), why }))
    .sort((a, b) => a.offset - b.offset)
  const lines = [...new Set(told.map(({ offset, why }) => located(text, offset, why)))]
  const more = lines.length - mostFaults
  const shown = more > 0 ? [...lines.slice(0, mostFaults), `${more} more errors were truncated`] : lines
  throw new CompileError(`compilation failed: ${shown.join('\n')}`)
}

/** Where cel-go says that a node stands: an operator at its sign, a call at its bracket. */
function placeOf(node: Node, text: string, at: (id: bigint) => number): number {
  const { case: kind, value = {} } = node.exprKind
  const offset = at(node.id)
  const rest = text.slice(offset)
  const [call] = /^\.?\s*[\w.]*\s*\(/.exec(rest) ?? []
  // `has(…)` is a selection that is only tried.
  if (kind === 'comprehensionExpr' || value.testOnly) return offset + (call?.length ?? 1) - 1
  if (kind === 'structExpr' && value.messageName) return offset + Math.max(rest.indexOf('{'), 0)
  if (kind === 'entry') return offset + Math.max(rest.indexOf(':'), 0)
  if (kind !== 'callExpr') return offset
  const name = String(value.function)
  if (name === '_?_:_' && !/^\.\s*\w+\s*\(/.test(rest)) {
    const [, then] = value.args as Node[]
    return Math.max(text.lastIndexOf('?', placeOf(beginning(then!), text, at)), 0)
  }
  if (/^(_[^[?]+_|@in)$/.test(name)) return offset + /^\s*/.exec(rest)![0].length
  return /^[!-]_$|^_\[/.test(name) || !call ? offset : offset + call.length - 1
}

/** What stands first in it. */
function beginning(node: Node): Node {
  const { case: kind, value = {} } = node.exprKind
  const [left] = (value.args as Node[] | undefined) ?? []
  const first =
    kind === 'selectExpr'
      ? value.operand
      : kind === 'comprehensionExpr'
        ? value.iterRange
        : kind === 'callExpr'
          ? (value.target ?? (/^_/.test(String(value.function)) ? left : undefined))
          : undefined
  return first ? beginning(first as Node) : node
}

const wrapped = (node: Node): Node => callOf(node, '@measured', [node])
