/**
 * Optional values of CEL: `a.?b`, `a[?0]`, `[?v]`, `{?k: v}`, and the functions beside them. The library that reads expressions has no such
 * syntax: the marks are blanked before it reads, and put back into the tree that it gives.
 * Sources: github.com/google/cel-go/cel/library.go (optional types), common/types/optional.go, interpreter/attributes.go
 */
import { type CelMap, CelScalar, type CelValue, celFunc, celMethod, isCelList, isCelMap } from '@bufbuild/cel'
import { charge, chargeText } from '../../engine/work.ts'
import { MAPPINGS } from './checker.ts'
import { anyList, anyMap, noSuchOverload } from './library/values.ts'
import { bound, callOf, constantOf, type Entry, isCallOf, listOf, type Node, nameOf, node, rebuilt } from './tree.ts'

/** Where marks stand: by the place of the sign before each, that of the mark itself. */
export type Marks = Map<number, number>

/** What stands between an expression's parts and is no part of them: texts, raw or not, and comments. */
const QUOTED = /r?(?:"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|\/\/[^\n]*/giy

/** The text with a blank for each mark, so that all else stays where it is. */
export function blankMarks(text: string): { text: string; marks: Marks } {
  const marks: Marks = new Map()
  if (!text.includes('?')) return { text, marks }
  chargeText(4 * text.length)
  let blanked = ''
  let before = -1
  for (let at = 0; at < text.length; ) {
    QUOTED.lastIndex = at
    const quoted = QUOTED.exec(text)?.[0]
    if (quoted) {
      blanked += quoted
      at += quoted.length
      if (!quoted.startsWith('//')) before = at - 1
      continue
    }
    const sign = text[at]!
    const isMark = sign === '?' && before >= 0 && '.[{,'.includes(text[before]!)
    if (isMark) marks.set(before, at)
    blanked += isMark ? ' ' : sign
    if (isMark) before = -1
    else if (!/\s/.test(sign)) before = at
    at++
  }
  return { text: blanked, marks }
}

/** The place of what stands first in it. */
function beginningOf(tree: Node, at: (id: bigint) => number): number {
  const { case: kind, value = {} } = tree.exprKind
  const first =
    kind === 'selectExpr'
      ? value.operand
      : kind === 'callExpr'
        ? (value.target ?? (value.args as Node[])[0])
        : kind === 'comprehensionExpr'
          ? value.iterRange
          : undefined
  return Math.min(at(tree.id), first ? beginningOf(first as Node, at) : at(tree.id))
}

/** The first of ascending numbers that is so large. */
function firstFrom(numbers: readonly number[], least: number): number {
  let [low, high] = [0, numbers.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (numbers[middle]! < least) low = middle + 1
    else high = middle
  }
  return low
}

const OPTIONAL_FUNCTIONS = ['of', 'none', 'ofNonZeroValue', 'unwrap']

/**
 * The tree as cel-go reads it, where `_?._` and `_[?_]` are calls; but `optMap` and `optFlatMap` stand for themselves.
 * @param marks what `blankMarks` found; those that are put back are taken out
 * @param at where a node stands in the text
 * @param fail is told where what cannot be stands
 */
export function putMarks(
  tree: Node,
  marks: Marks,
  at: (id: bigint) => number,
  fail: (offset: number, why: string) => void,
): Node {
  const places = [...marks.keys()]
  const taken = (place: number): boolean => marks.delete(place)
  /** Takes the first mark that is left from one place on, if it stands before the other. */
  const takenWithin = (from: number, to: number): boolean => {
    let n = firstFrom(places, from)
    while (n < places.length && places[n]! < to && !marks.has(places[n]!)) n++
    return n < places.length && places[n]! < to && taken(places[n]!)
  }
  const changed = rebuilt(tree, (one) => {
    const { case: kind, value = {} } = one.exprKind
    if (kind === 'selectExpr' && !value.testOnly && taken(at(one.id)))
      return callOf(one, '_?._', [value.operand as Node, constantOf(one, 'stringValue', value.field)])
    if (kind === 'listExpr') {
      const elements = value.elements as Node[]
      let from = at(one.id)
      const optionalIndices = elements.flatMap((element, n) => {
        const to = beginningOf(element, at)
        const isOptional = takenWithin(from, to)
        from = to
        return isOptional ? [n] : []
      })
      return node(one, kind, { ...value, optionalIndices })
    }
    if (kind === 'structExpr')
      return node(one, kind, {
        ...value,
        // The place of an entry is right after the sign before it.
        entries: (value.entries as Entry[]).map((entry) => ({ ...entry, optionalEntry: taken(at(entry.id) - 1) })),
      })
    if (kind !== 'callExpr') return one
    const name = String(value.function)
    const target = value.target as Node | undefined
    const args = value.args as Node[]
    if (name === '_[_]' && taken(at(one.id))) return callOf(one, '_[?_]', args)
    if (target && args.length === 2 && MAPPINGS.includes(name) && args[0]!.exprKind.case !== 'identExpr')
      fail(at(args[0]!.id), `${name}() variable name must be a simple identifier`)
    return one
  })
  const [left] = marks
  if (left) fail(left[1], hasTest(tree) ? 'invalid argument to has() macro' : "Syntax error: extraneous input '?'")
  return changed
}

/** Whether something asks `has(…)`. */
function hasTest(tree: Node): boolean {
  let found = false
  rebuilt(tree, (one) => {
    if (one.exprKind.value?.testOnly) found = true
    return one
  })
  return found
}

/** Calls whose result is optional. */
const GIVES_OPTIONAL = [
  '_?._',
  '_[?_]',
  'optional.of',
  'optional.none',
  'optional.ofNonZeroValue',
  'or',
  'first',
  'last',
]

/** By which name the left side of `or`, `optMap` and the like stands while the right side is worked out. */
const LEFT = '@left'

/**
 * What the library can evaluate, of a tree of `putMarks`: after the first optional part all others are optional, and the right side of `or`
 * and `orValue` is looked at only when it is needed.
 * @param variables whose values are optional
 */
export function lowered(tree: Node, variables: ReadonlySet<string>): Node {
  const optional = new WeakSet<Node>()
  const known = (one: Node): Node => {
    optional.add(one)
    return one
  }
  const isOptional = (one: Node): boolean =>
    optional.has(one) || (one.exprKind.case === 'identExpr' && variables.has(String(one.exprKind.value?.name)))
  return rebuilt(tree, (one) => {
    const { case: kind, value = {} } = one.exprKind
    if (kind === 'selectExpr' && isOptional(value.operand as Node)) {
      const selected = callOf(one, '@optSelect', [
        value.operand as Node,
        constantOf(one, 'stringValue', String(value.field)),
      ])
      return value.testOnly ? callOf(one, 'hasValue', [], selected) : known(selected)
    }
    if (kind === 'listExpr' && (value.optionalIndices as number[]).length > 0) {
      const indices = (value.optionalIndices as number[]).map((n) => constantOf(one, 'int64Value', BigInt(n)))
      return callOf(one, '@optList', [node(one, kind, { ...value, optionalIndices: [] }), listOf(one, indices)])
    }
    if (kind === 'structExpr') {
      const entries = value.entries as Entry[]
      const keys = entries
        .filter(({ optionalEntry }) => optionalEntry)
        .map(({ keyKind }) =>
          keyKind.case === 'mapKey' ? (keyKind.value as Node) : constantOf(one, 'stringValue', String(keyKind.value)),
        )
      if (keys.length === 0) return one
      return callOf(one, '@optMap', [one, listOf(one, keys)])
    }
    if (kind !== 'callExpr') return one
    const args = value.args as Node[]
    const target = value.target as Node | undefined
    if (isCallOf(one, ['_?._'])) return known(callOf(one, '@optSelect', args))
    if (isCallOf(one, ['_[?_]']) || (isCallOf(one, ['_[_]']) && isOptional(args[0]!)))
      return known(callOf(one, '@optIndex', args))
    const left = nameOf(one, LEFT)
    if (target && args.length === 2 && isCallOf(one, MAPPINGS)) {
      const mapped = bound(one, String(args[0]!.exprKind.value?.name), callOf(one, 'value', [], left), args[1]!)
      const choice = callOf(one, '_?_:_', [
        callOf(one, 'hasValue', [], left),
        isCallOf(one, ['optMap']) ? callOf(one, 'optional.of', [mapped]) : mapped,
        callOf(one, 'optional.none', []),
      ])
      return known(bound(one, LEFT, target, choice))
    }
    if (target && args.length === 1 && isCallOf(one, ['or', 'orValue'])) {
      const isOr = isCallOf(one, ['or'])
      const choice = callOf(one, '_?_:_', [
        callOf(one, 'hasValue', [], left),
        isOr ? left : callOf(one, 'value', [], left),
        args[0]!,
      ])
      const result = bound(one, LEFT, target, choice)
      return isOr ? known(result) : result
    }
    if (isCallOf(one, ['_?_:_']) && isOptional(args[1]!)) return known(one)
    return isCallOf(one, GIVES_OPTIONAL) ? known(one) : one
  })
}

/** An optional has no type of its own here: it is a map with its value under this key, which no object of the API has, or without it. */
const VALUE = '@value'
const NONE = '@none'

const made = (key: string, value: unknown): CelValue => new Map([[key, value]]) as unknown as CelValue
const none = (): CelValue => made(NONE, true)

/** An optional value, as a variable or a function gives it. @param value undefined for none */
export const optionalOf = (value: unknown): CelValue => (value === undefined ? none() : made(VALUE, value))

const isOptionalValue = (value: unknown): value is CelMap =>
  isCelMap(value) && value.size === 1 && (value.has(VALUE) || value.has(NONE))

/** What an optional holds; undefined for none. @throws Error for a value that is none */
function held(value: unknown): unknown {
  if (!isOptionalValue(value)) throw noSuchOverload()
  return value.has(VALUE) ? value.get(VALUE) : undefined
}

/** A member of a map or of a list; undefined where there is none, or nothing that has members. */
function found(owner: unknown, key: unknown): unknown {
  if (isCelMap(owner)) return owner.has(key as never) ? owner.get(key as never) : undefined
  if (!isCelList(owner)) return undefined
  if (typeof key !== 'bigint') throw noSuchOverload()
  return key >= 0n && key < BigInt(owner.size) ? owner.get(Number(key)) : undefined
}

/** `a.?b`, `a[?b]`: of an optional the part of what it holds. */
function partOf(owner: unknown, key: unknown): CelValue {
  const inside = isOptionalValue(owner) ? held(owner) : owner
  return optionalOf(inside === undefined ? undefined : found(inside, key))
}

const isZero = (value: unknown): boolean =>
  value === null ||
  value === 0n ||
  value === 0 ||
  value === '' ||
  value === false ||
  ((isCelList(value) || isCelMap(value)) && value.size === 0)

function present(items: Iterable<unknown>): unknown[] {
  const values = [...items]
  charge(values.length)
  return values.map(held).filter((value) => value !== undefined)
}

export const optionalFunctions = [
  celFunc('@optSelect', [CelScalar.DYN, CelScalar.STRING], CelScalar.DYN, partOf),
  celFunc('@optIndex', [CelScalar.DYN, CelScalar.DYN], CelScalar.DYN, partOf),
  celFunc('@optList', [anyList, anyList], CelScalar.DYN, (items, indices) => {
    const optional = new Set([...indices].map(Number))
    charge(items.size)
    return [...items].flatMap((item, n) => (optional.has(n) ? present([item]) : [item])) as unknown as CelValue
  }),
  celFunc('@optMap', [anyMap, anyList], CelScalar.DYN, (map, keys) => {
    const all = new Map<unknown, unknown>(map.entries())
    charge(all.size)
    for (const key of keys) {
      const value = held(map.get(key as never))
      if (value === undefined) all.delete(key)
      else all.set(key, value)
    }
    return all as unknown as CelValue
  }),
  celFunc('optional.of', [CelScalar.DYN], CelScalar.DYN, (value) => optionalOf(value)),
  celFunc('optional.none', [], CelScalar.DYN, none),
  celFunc('optional.ofNonZeroValue', [CelScalar.DYN], CelScalar.DYN, (value) =>
    optionalOf(isZero(value) ? undefined : value),
  ),
  celFunc('optional.unwrap', [anyList], CelScalar.DYN, (items) => present(items) as unknown as CelValue),
  celMethod('unwrapOpt', anyList, [], CelScalar.DYN, function () {
    return present(this) as unknown as CelValue
  }),
  celMethod('hasValue', CelScalar.DYN, [], CelScalar.BOOL, function () {
    return held(this) !== undefined
  }),
  celMethod('value', CelScalar.DYN, [], CelScalar.DYN, function () {
    const value = held(this)
    if (value === undefined) throw new Error('optional.none() dereference')
    return value as CelValue
  }),
  celMethod('first', anyList, [], CelScalar.DYN, function () {
    return optionalOf(this.get(0))
  }),
  celMethod('last', anyList, [], CelScalar.DYN, function () {
    return optionalOf(this.size === 0 ? undefined : this.get(this.size - 1))
  }),
]

export const optionalFunctionNames: readonly string[] = [
  ...['hasValue', 'value', 'or', 'orValue', 'unwrapOpt', 'first', 'last'],
  ...OPTIONAL_FUNCTIONS.map((name) => `optional.${name}`),
]
