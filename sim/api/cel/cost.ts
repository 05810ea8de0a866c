/**
 * What an expression may cost at worst, told by the sizes that its schema allows, before anything is evaluated. Costs and sizes stop
 * at the largest number of 64 bits. Sources: github.com/google/cel-go/checker/cost.go, k8s.io/apiserver/pkg/cel/library/cost.go
 */
import { charge } from '../../engine/work.ts'
import { MAPPINGS } from './checker.ts'
import type { Node } from './tree.ts'

/** The type of a value that a schema declares, and how large it may be. */
export interface DeclaredType {
  kind: ValueKind
  /** Of items of a list, and of values of a map. */
  element?: DeclaredType
  /** Of an object. */
  fields?: ReadonlyMap<string, DeclaredType>
  /** Bytes of a text, items of a list, members of a map; 0 for anything else. */
  mostElements: number
  /** Bytes in JSON, at least. */
  leastBytes: number
}

export type ValueKind =
  | 'string'
  | 'bytes'
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'duration'
  | 'timestamp'
  | 'null'
  | 'list'
  | 'map'
  | 'object'
  | 'dyn'
  /** Its `element` is the type of what it may hold. */
  | 'optional'
  /** A value of a library: a quantity, an address. */
  | 'other'

interface Type {
  kind: ValueKind
  element?: Type
  fields?: ReadonlyMap<string, Type>
}

/** From least to most: of a size, or of a cost. */
interface Range {
  min: number
  max: number
}

/** The sizes of the keys and values of a list or map. */
interface Entries {
  isList: boolean
  key: Range
  value: Range
}

/** Where a value stands under its root: not at all, or at a place that the schema does not name. */
type Place = DeclaredType | 'none' | 'unnamed'

interface Estimate {
  cost: Range
  /** undefined where it is not known. */
  type?: Type
  place: Place
  size?: Range
  entries?: Entries
  /** Of an int that is written out. */
  whole?: number
}

export interface ExpressionCost {
  most: number
  /** What kind of value the expression gives, where it is known. */
  gives: ValueKind | undefined
}

const MOST = 2 ** 64
const OF_TEXT = 0.1
const OF_PATTERN = 0.25
const OF_LIST = 10
const OF_MAP = 30
const OF_STRUCT = 40
/** Only two checks of access fit into an expression. */
const OF_ACCESS_CHECK = 350_000
/** Source: cel.MaxNameFormatRegexSize */
const LONGEST_FORMAT = 128

const capped = (value: number): number => Math.min(value, MOST)
const exactly = (value: number): Range => ({ min: value, max: value })
const UNKNOWN: Range = { min: 0, max: MOST }
const plus = (...ranges: Range[]): Range =>
  ranges.reduce((sum, { min, max }) => ({ min: capped(sum.min + min), max: capped(sum.max + max) }), exactly(0))
const times = (a: Range, b: Range): Range => ({ min: capped(a.min * b.min), max: capped(a.max * b.max) })
const scaled = ({ min, max }: Range, factor: number): Range => ({
  min: capped(Math.ceil(min * factor)),
  max: capped(Math.ceil(max * factor)),
})
const union = (a: Range, b: Range): Range => ({ min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) })
const unionOfAll = (ranges: Range[]): Range => (ranges.length === 0 ? exactly(0) : ranges.reduce(union))
const unionOfEntries = (a: Entries | undefined, b: Entries | undefined): Entries | undefined =>
  a && b && { isList: a.isList, key: union(a.key, b.key), value: union(a.value, b.value) }
const sizeOf = ({ size }: Estimate): Range => size ?? UNKNOWN

const SCALARS: ReadonlySet<ValueKind | undefined> = new Set([
  ...(['bool', 'double', 'duration', 'int', 'timestamp', 'uint'] as const),
])
const TEXTS: ReadonlySet<ValueKind | undefined> = new Set(['string', 'bytes'] as const)

const CONSTANTS: Readonly<Record<string, ValueKind>> = {
  stringValue: 'string',
  bytesValue: 'bytes',
  boolValue: 'bool',
  int64Value: 'int',
  uint64Value: 'uint',
  doubleValue: 'double',
  nullValue: 'null',
}

/**
 * @param root the type of `self` and `oldSelf`
 * @param optional those of the two whose value is optional
 */
export function estimateCost(
  tree: unknown,
  root: DeclaredType,
  optional: ReadonlySet<string> = new Set(),
): ExpressionCost {
  const { cost, type } = new Estimator(root, optional).estimate(tree as Node, new Map())
  return { most: cost.max, gives: type?.kind }
}

type Locals = ReadonlyMap<string, Omit<Estimate, 'cost'>>

class Estimator {
  private readonly root: DeclaredType
  private readonly optional: ReadonlySet<string>

  constructor(root: DeclaredType, optional: ReadonlySet<string>) {
    this.root = root
    this.optional = optional
  }

  estimate(node: Node, locals: Locals): Estimate {
    charge(1)
    const { case: kind, value = {} } = node.exprKind
    const inner = (one: unknown): Estimate => this.estimate(one as Node, locals)
    switch (kind) {
      case 'constExpr':
        return constant(value.constantKind as { case: string; value: unknown })
      case 'identExpr':
        return this.identifier(String(value.name), locals)
      case 'selectExpr':
        return this.selection(inner(value.operand), String(value.field), value.testOnly === true)
      case 'callExpr':
        return value.target && MAPPINGS.includes(String(value.function))
          ? this.mapping(value, locals)
          : this.call(value, inner)
      case 'listExpr':
        return listOf((value.elements as Node[]).map(inner))
      case 'structExpr':
        return structOf(value, inner)
      case 'comprehensionExpr':
        return this.comprehension(value, locals)
      default:
        return { cost: exactly(0), place: 'none' }
    }
  }

  private identifier(name: string, locals: Locals): Estimate {
    const local = locals.get(name)
    if (!local) return this.placed(exactly(1), this.root, this.optional.has(name) ? optionalType(this.root) : this.root)
    const placed = this.placed(exactly(1), local.place, local.type)
    return { ...placed, size: placed.size ?? local.size, entries: local.entries }
  }

  private selection(owner: Estimate, field: string, isTest: boolean): Estimate {
    if (isTest) return { cost: owner.cost, type: { kind: 'bool' }, place: 'none', size: exactly(1) }
    const kind = owner.type?.kind
    const cost = kind === 'map' || kind === 'object' ? plus(owner.cost, exactly(1)) : owner.cost
    return this.placed(cost, this.under(owner.place, field), memberType(owner.type, field))
  }

  /** What has no place of its own is taken for a part of the root. */
  private under(place: Place, step: string): Place {
    if (place === 'none') return this.root
    if (place === 'unnamed') return place
    if (step === '@items' || step === '@values') return place.element ?? 'unnamed'
    if (step === '@keys') return place.kind === 'map' ? KEY : 'unnamed'
    return place.fields?.get(step) ?? 'unnamed'
  }

  private placed(cost: Range, place: Place, type: Type | undefined): Estimate {
    if (typeof place === 'object') return { cost, place, type, size: { min: 0, max: place.mostElements } }
    return { cost, place, type, size: SCALARS.has(type?.kind) ? exactly(1) : undefined }
  }

  private call(value: Record<string, unknown>, inner: (one: unknown) => Estimate): Estimate {
    const name = String(value.function)
    const args = (value.args as Node[]).map(inner)
    const target = value.target ? inner(value.target) : undefined
    const given = plus(...args.map(({ cost }) => cost), target?.cost ?? exactly(0))
    const [first, second] = args
    if (name === 'dyn' && first)
      return { ...first, cost: plus(first.cost, exactly(1)), type: { kind: 'dyn' }, place: 'none' }
    if (name === '_[_]' && first && first.type?.kind !== 'optional') {
      const isList = first.type?.kind === 'list'
      const found = this.placed(
        plus(given, exactly(1)),
        first.type?.kind === 'dyn' ? 'unnamed' : this.under(first.place, isList ? '@items' : '@values'),
        first.type?.element,
      )
      return { ...found, size: first.entries?.value ?? found.size }
    }
    if (name === '_?_:_') {
      const [condition, yes, no] = args
      return {
        cost: plus(condition.cost, union(yes.cost, no.cost)),
        type: yes.type?.element || yes.type?.kind !== 'optional' ? (yes.type ?? no.type) : no.type,
        place: 'none',
        size: union(sizeOf(yes), sizeOf(no)),
        entries: unionOfEntries(yes.entries, no.entries),
      }
    }
    if (name === '_&&_' || name === '_||_')
      return {
        cost: { min: first.cost.min, max: plus(first.cost, second.cost).max },
        type: { kind: 'bool' },
        place: 'none',
        size: exactly(1),
      }
    if (name === '_?._') {
      const field = (value.args as Node[])[1].exprKind.value?.constantKind as { value: unknown }
      const held = memberType(heldType(first.type), String(field.value))
      return { cost: plus(given, exactly(1)), type: optionalType(held), place: 'none', size: sizeOfScalar(held) }
    }
    const type = typeGiven(name, target, args)
    const { cost, size } = functionCost(name, target, args)
    const isSum = name === '_+_' && first.type?.kind !== 'int'
    return {
      cost: plus(given, cost),
      type,
      place: 'none',
      size: size ?? sizeOfScalar(heldType(type)),
      entries: isSum ? unionOfEntries(first.entries, second.entries) : undefined,
    }
  }

  /** `a.optMap(x, y)`: cel-go makes `a.hasValue() ? optional.of(y) : optional.none()` of it, where `x` is what a loop over an empty list begins with. */
  private mapping(value: Record<string, unknown>, locals: Locals): Estimate {
    const target = this.estimate(value.target as Node, locals)
    const [variable, mapped] = value.args as Node[]
    const asked = plus(target.cost, exactly(1))
    const start: Estimate = { cost: asked, type: heldType(target.type), place: 'none' }
    const held = { ...start, size: sizeOfScalar(start.type) }
    const inside = new Map(locals).set(String(variable.exprKind.value?.name), held)
    const result = this.estimate(mapped, inside)
    const wraps = value.function === 'optMap'
    const chosen = plus(exactly(OF_LIST), asked, result.cost, exactly(wraps ? 1 : 0))
    return {
      cost: plus(asked, union(chosen, exactly(1))),
      type: wraps ? optionalType(result.type) : result.type,
      place: 'none',
      size: sizeOfScalar(heldType(result.type)),
    }
  }

  private comprehension(value: Record<string, unknown>, locals: Locals): Estimate {
    const range = this.estimate(value.iterRange as Node, locals)
    const start = this.estimate(value.accuInit as Node, locals)
    const isList = range.entries?.isList ?? range.type?.kind === 'list'
    const accumulator = String(value.accuVar)
    const key = {
      place: this.under(range.place, isList ? '@indices' : '@keys'),
      type: isList ? ({ kind: 'int' } as const) : ({ kind: 'string' } as const),
      size: range.entries?.key,
    }
    const item = {
      place: this.under(range.place, isList ? '@items' : '@values'),
      type: range.type?.element,
      size: range.entries?.value,
    }
    const accumulated = new Map(locals).set(accumulator, start)
    const inside = new Map(accumulated)
    if (value.iterVar2) inside.set(String(value.iterVar), key).set(String(value.iterVar2), item)
    else inside.set(String(value.iterVar), isList ? item : key)
    const condition = this.estimate(value.loopCondition as Node, inside)
    const step = this.estimate(value.loopStep as Node, inside)
    const result = this.estimate(value.result as Node, accumulated)
    const rounds = sizeOf(range)
    const gathers = start.type?.kind === 'list' || start.type?.kind === 'map'
    return {
      cost: plus(range.cost, start.cost, result.cost, times(rounds, plus(step.cost, condition.cost))),
      type: gathers && result.type?.kind === start.type?.kind ? step.type : result.type,
      place: 'none',
      size: gathers ? rounds : start.size,
      entries: gathers ? step.entries : undefined,
    }
  }
}

const optionalType = (element: Type | undefined): Type => ({ kind: 'optional', element })
const heldType = (type: Type | undefined): Type | undefined => (type?.kind === 'optional' ? type.element : type)
const sizeOfScalar = (type: Type | undefined): Range | undefined => (SCALARS.has(type?.kind) ? exactly(1) : undefined)

/** Of a map or an object, or of what an optional holds: then it is optional as well. */
function memberType(owner: Type | undefined, field: string): Type | undefined {
  if (owner?.kind === 'optional') return optionalType(memberType(owner.element, field))
  return owner?.kind === 'map' ? owner.element : owner?.fields?.get(field)
}

const KEY: DeclaredType = { kind: 'string', mostElements: 0, leastBytes: 2 }

function constant(held: { case: string; value: unknown }): Estimate {
  const kind = CONSTANTS[held.case]
  const size =
    kind === 'string' ? [...String(held.value)].length : kind === 'bytes' ? (held.value as Uint8Array).length : 1
  const whole = kind === 'int' ? Math.max(0, Number(held.value)) : undefined
  return { cost: exactly(0), type: kind && { kind }, place: 'none', size: exactly(size), whole }
}

function listOf(items: Estimate[]): Estimate {
  return {
    cost: plus(exactly(OF_LIST), ...items.map(({ cost }) => cost)),
    type: { kind: 'list', element: commonType(items) },
    place: 'none',
    size: exactly(items.length),
    entries: { isList: true, key: exactly(1), value: unionOfAll(items.map(sizeOf)) },
  }
}

function commonType(items: readonly Estimate[]): Type | undefined {
  const [first] = items
  return items.every(({ type }) => type?.kind === first?.type?.kind) ? first?.type : { kind: 'dyn' }
}

function structOf(value: Record<string, unknown>, inner: (one: unknown) => Estimate): Estimate {
  const entries = value.entries as { keyKind: { case: string; value: unknown }; value: Node }[]
  const values = entries.map((entry) => inner(entry.value))
  const costs = values.map(({ cost }) => cost)
  if (value.messageName) return { cost: plus(exactly(OF_STRUCT), ...costs), type: { kind: 'object' }, place: 'none' }
  const keys = entries.map(({ keyKind }) => inner(keyKind.value))
  return {
    cost: plus(exactly(OF_MAP), ...costs, ...keys.map(({ cost }) => cost)),
    type: { kind: 'map', element: commonType(values) },
    place: 'none',
    size: exactly(entries.length),
    entries: { isList: false, key: unionOfAll(keys.map(sizeOf)), value: unionOfAll(values.map(sizeOf)) },
  }
}

interface FunctionCost {
  cost: Range
  size?: Range
}

const fixed = (value: number): FunctionCost => ({ cost: exactly(value) })
const once = fixed(1)
const reading = (one: Estimate, reads = 1): FunctionCost => ({ cost: scaled(sizeOf(one), reads * OF_TEXT) })
const copying = (one: Estimate, reads = 1): FunctionCost => ({ ...reading(one, reads), size: sizeOf(one) })

/** Of a pattern over a text: an empty text has to be looked at as well. */
const matching = (text: Estimate, pattern: Estimate): Range =>
  times(scaled(plus(sizeOf(text), exactly(1)), OF_TEXT), scaled(sizeOf(pattern), OF_PATTERN))

const ACCESS_FUNCTIONS = ['serviceAccount', 'path', 'group', 'resource', 'subresource', 'namespace', 'name', 'allowed']
const LIST_FUNCTIONS = ['isSorted', 'sum', 'max', 'min', 'indexOf', 'lastIndexOf']
const COMPARISONS = ['_<_', '_<=_', '_>_', '_>=_']
const SELECTORS = ['fieldSelector', 'labelSelector']

/** What a call costs beside its arguments, and the size of what it gives where that is told. */
function functionCost(name: string, target: Estimate | undefined, args: readonly Estimate[]): FunctionCost {
  const [first, second] = args
  if (name === 'check') return fixed(OF_ACCESS_CHECK)
  if (ACCESS_FUNCTIONS.includes(name)) return once
  if (SELECTORS.includes(name) && first)
    return {
      cost: plus(exactly(OF_LIST), reading(first).cost, scaled(scaled(sizeOf(first), 0.5), OF_LIST + OF_STRUCT)),
    }
  if (LIST_FUNCTIONS.includes(name) && target) return overItems(target)
  if (name.startsWith('sets.'))
    return { cost: plus(exactly(1), scaled(times(sizeOf(first), sizeOf(second)), name === 'sets.equivalent' ? 2 : 1)) }
  const made = madeList(name, target, args)
  if (made) return made
  switch (name) {
    case 'url':
      return copying(first)
    case 'lowerAscii':
    case 'upperAscii':
    case 'substring':
    case 'trim':
      return target ? copying(target) : once
    case 'replace':
      return target && second
        ? { ...reading(target, 2), size: sizeReplaced(sizeOf(target), sizeOf(first), sizeOf(second)) }
        : once
    case 'split':
      return target ? { ...reading(target, 2), size: { min: 0, max: sizeOf(target).max } } : once
    case 'join':
      return target ? joined(target, first) : once
    case 'find':
    case 'findAll':
      return target && first ? { cost: matching(target, first), size: { min: 0, max: sizeOf(target).max } } : once
    case 'matches':
      return target && first ? { cost: matching(target, first) } : once
    case 'contains':
      return target && first ? { cost: times(reading(target).cost, reading(first).cost) } : once
    case 'startsWith':
    case 'endsWith':
    case 'cidr':
    case 'isIP':
    case 'isCIDR':
    case 'ip':
    case 'quantity':
    case 'isQuantity':
    case 'semver':
    case 'isSemver':
      return first ? reading(first) : once
    case 'ip.isCanonical':
      return first ? reading(first, 2) : once
    case 'containsIP':
    case 'containsCIDR':
      return first ? addressCost(name, first) : once
    case 'validate':
      return first ? { cost: scaled(reading(first).cost, LONGEST_FORMAT * OF_PATTERN) } : once
    case 'format':
      return target ? reading(target) : once
    case 'quote':
      return { ...reading(first), size: { min: sizeOf(first).min + 2, max: capped(sizeOf(first).max * 2 + 2) } }
    case 'bytes':
      if (first.type?.kind !== 'string') return once
      return { ...reading(first), size: { min: sizeOf(first).min, max: capped(sizeOf(first).max * 4) } }
    case 'string':
      if (first.type?.kind !== 'bytes') return once
      return { ...reading(first), size: { min: Math.floor(sizeOf(first).min / 4), max: sizeOf(first).max } }
    case '@in':
      return second.type?.kind === 'map' ? once : { cost: scaled(sizeOf(second), 1) }
    case '_==_':
    case '_!=_':
      return first.type?.kind === 'other' ? once : compared(first, second)
    case '_+_':
      return added(first, second)
    default:
      return COMPARISONS.includes(name) ? ordered(first, second) : once
  }
}

/** A list that is made of another. Source: github.com/google/cel-go/ext/lists.go */
function madeList(
  name: string,
  target: Estimate | undefined,
  [first, second]: readonly Estimate[],
): FunctionCost | undefined {
  const listed = (size: Range, factor: number): FunctionCost => ({
    cost: plus(exactly(1 + OF_LIST), scaled(size, factor)),
    size,
  })
  if (name === 'lists.range') return listed(exactly(first?.whole ?? MOST), 1)
  if (!target) return undefined
  const size = sizeOf(target)
  const sorts = (keys: Estimate): FunctionCost =>
    listed(times(sizeOf(keys), sizeOf(keys)), TEXTS.has(keys.type?.element?.kind) ? 2 + OF_TEXT : 2)
  switch (name) {
    case 'slice':
      return listed(exactly(Math.max(0, (second?.whole ?? size.max) - (first?.whole ?? 0))), 1)
    case 'reverse':
      return target.type?.kind === 'list' ? listed(size, 1) : undefined
    case 'flatten':
      return listed(size, first === undefined ? 1 : (first.whole ?? MOST))
    case 'distinct':
      return listed(times(size, size), 2)
    case 'sort':
      return sorts(target)
    case '@sortByAssociatedKeys':
      return first && sorts(first)
    default:
      return undefined
  }
}

/** Each item is looked at, and read where it is a text. */
function overItems(target: Estimate): FunctionCost {
  if (target.type?.kind !== 'list') return reading(target)
  const { element } = target.type
  const item = typeof target.place === 'object' ? target.place.element : undefined
  const size: Range = item ? { min: 0, max: item.mostElements } : UNKNOWN
  const each = TEXTS.has(element?.kind) ? plus(exactly(1), scaled(size, OF_TEXT)) : exactly(1)
  return { cost: times(sizeOf(target), each) }
}

function joined(target: Estimate, separator: Estimate | undefined): FunctionCost {
  const items = sizeOf(target)
  const item = typeof target.place === 'object' ? target.place.element : undefined
  let size = times(items, item ? { min: 0, max: item.mostElements } : UNKNOWN)
  const between: Range = { min: Math.max(items.min - 1, 0), max: Math.max(items.max - 1, 0) }
  if (separator) size = plus(size, times(sizeOf(separator), between))
  return { cost: scaled(size, OF_TEXT), size }
}

/** The least and the most that is left after the smallest, or largest, part was replaced as often as it can stand there. */
function sizeReplaced(text: Range, from: Range, to: Range): Range {
  const most =
    from.min === 0
      ? (text.max + 1) * to.max + text.max
      : to.max <= from.min
        ? text.max
        : Math.ceil(text.max / from.min) * to.max
  const least =
    from.max === 0
      ? (text.min + 1) * to.min + text.min
      : from.max <= to.min
        ? text.min
        : Math.ceil(text.min / from.max) * to.min
  return { min: capped(least), max: capped(most) }
}

/** An address has 4 or 16 bytes, whatever its text. */
function addressCost(name: string, other: Estimate): FunctionCost {
  const size: Range = { min: 4, max: 16 }
  const parsed = other.type?.kind === 'string' ? reading(other).cost : exactly(0)
  const masked = name === 'containsCIDR' ? plus(scaled(size, OF_TEXT), exactly(1)) : exactly(0)
  return { cost: plus(scaled(plus(size, size), OF_TEXT), parsed, masked) }
}

/** No more has to be read than the smaller of the two. */
function compared(a: Estimate, b: Estimate): FunctionCost {
  const max = Math.min(sizeOf(a).max, sizeOf(b).max)
  return { cost: scaled({ min: max > 0 ? 1 : 0, max }, OF_TEXT) }
}

const isOpen = ({ type }: Estimate): boolean => type === undefined || type.kind === 'dyn'

function ordered(a: Estimate, b: Estimate): FunctionCost {
  if (TEXTS.has(a.type?.kind) || TEXTS.has(b.type?.kind)) return compared(a, b)
  return isOpen(a) && isOpen(b) ? { cost: union(exactly(1), compared(a, b).cost) } : once
}

function added(a: Estimate, b: Estimate): FunctionCost {
  const size = plus(sizeOf(a), sizeOf(b))
  const kind = isOpen(a) ? b.type?.kind : a.type?.kind
  if (kind === 'list') return { cost: exactly(1), size }
  const text: FunctionCost = { cost: scaled(size, OF_TEXT), size }
  if (TEXTS.has(kind)) return text
  return isOpen(a) && isOpen(b) ? { cost: union(exactly(1), text.cost), size } : once
}

const GIVEN: Readonly<Record<string, readonly string[]>> = {
  bool: [
    ...[
      '_==_',
      '_!=_',
      '_<_',
      '_<=_',
      '_>_',
      '_>=_',
      '!_',
      '@in',
      '@not_strictly_false',
      'bool',
      'contains',
      'startsWith',
    ],
    ...[
      'endsWith',
      'matches',
      'isSorted',
      'isQuantity',
      'isInteger',
      'isGreaterThan',
      'isLessThan',
      'isURL',
      'isIP',
      'isCIDR',
    ],
    ...['containsIP', 'containsCIDR', 'isSemver', 'allowed', 'errored', 'hasValue', 'ip.isCanonical'],
    ...['isUnspecified', 'isLoopback', 'isLinkLocalMulticast', 'isLinkLocalUnicast', 'isGlobalUnicast'],
    ...['sets.contains', 'sets.equivalent', 'sets.intersects'],
  ],
  int: [
    ...[
      'size',
      'int',
      'indexOf',
      'lastIndexOf',
      'compareTo',
      'sign',
      'asInteger',
      'getFullYear',
      'getMonth',
      'getDate',
    ],
    ...['getDayOfMonth', 'getDayOfWeek', 'getDayOfYear', 'getHours', 'getMinutes', 'getSeconds', 'getMilliseconds'],
    ...['family', 'prefixLength', 'major', 'minor', 'patch'],
  ],
  uint: ['uint'],
  double: ['double', 'asApproximateFloat'],
  string: [
    ...[
      'string',
      'lowerAscii',
      'upperAscii',
      'substring',
      'trim',
      'replace',
      'join',
      'find',
      'charAt',
      'format',
      'quote',
    ],
    ...['getScheme', 'getHost', 'getHostname', 'getPort', 'getEscapedPath', 'strings.quote', 'jsonpatch.escapeKey'],
  ],
  bytes: ['bytes'],
  duration: ['duration'],
  timestamp: ['timestamp'],
  other: ['quantity', 'url', 'ip', 'cidr', 'semver', 'masked', 'add', 'sub'],
}

const KINDS = new Map(Object.entries(GIVEN).flatMap(([kind, names]) => names.map((name) => [name, kind as ValueKind])))

/** They give what they were given, in another order or fewer of it. */
const SAME_LIST = new Set(['slice', 'reverse', 'distinct', 'sort', '@sortByAssociatedKeys'])
const TEXT_LIST: Type = { kind: 'list', element: { kind: 'string' } }

function typeGiven(name: string, target: Estimate | undefined, args: readonly Estimate[]): Type | undefined {
  const kind = KINDS.get(name)
  if (kind) return { kind }
  if (name === 'split' || name === 'findAll') return { kind: 'list', element: { kind: 'string' } }
  if (name === 'min' || name === 'max' || name === 'sum' || name === 'value') return target?.type?.element
  const [first, second] = args
  if (SAME_LIST.has(name)) return target?.type
  if (name === 'lists.range') return { kind: 'list', element: { kind: 'int' } }
  if (name === 'flatten') return { kind: 'list', element: target?.type?.element?.element }
  if (name === 'cel.@mapInsert') return { kind: 'map', element: args[2]?.type ?? second?.type?.element }
  if (name === 'getQuery') return { kind: 'map', element: TEXT_LIST }
  if (name === 'validate') return optionalType(TEXT_LIST)
  if (name.startsWith('format.')) return name === 'format.named' ? optionalType({ kind: 'other' }) : { kind: 'other' }
  if (name === 'orValue') return target?.type?.element ?? first.type
  if (name === 'or') return target?.type?.element ? target.type : first.type
  if (name === 'first' || name === 'last') return optionalType(target?.type?.element)
  if (name === '_[?_]' || (name === '_[_]' && first.type?.kind === 'optional'))
    return optionalType(heldType(first.type)?.element)
  if (name === 'optional.of' || name === 'optional.ofNonZeroValue') return optionalType(first.type)
  if (name === 'optional.none') return optionalType(undefined)
  if (name === 'unwrapOpt') return { kind: 'list', element: heldType(target?.type?.element) }
  if (name === 'optional.unwrap') return { kind: 'list', element: heldType(first.type?.element) }
  if (name === '_+_' && first.type?.kind === 'list')
    return first.type.element ? first.type : (second.type ?? first.type)
  if (/^_[-+*/%]_$/.test(name)) return arithmetic(first.type, second.type)
  return name === '-_' ? first.type : undefined
}

/** Times and spans: their difference is a span, their sum a time. */
function arithmetic(a: Type | undefined, b: Type | undefined): Type | undefined {
  if (a?.kind === 'timestamp' && b?.kind === 'timestamp') return { kind: 'duration' }
  if (b?.kind === 'timestamp') return b
  return a === undefined || a.kind === 'dyn' ? b : a
}
