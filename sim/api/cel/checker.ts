/**
 * The types of an expression's parts, and what does not fit: told when it is written, before anything is evaluated.
 * Source: github.com/google/cel-go/checker/checker.go
 */
import { charge } from '../../engine/work.ts'
import { type Signature, signatures } from './signatures.ts'
import type { Entry, Node } from './tree.ts'
import {
  Bindings,
  BOOL,
  type CelType,
  DYN,
  ERROR,
  formatted,
  heldBy,
  INT,
  isDynOrError,
  isSame,
  listType,
  mapType,
  moreGeneral,
  objectType,
  optionalType,
  paramType,
  SIMPLE,
  STRING,
  typeType,
} from './types.ts'

/** Macros: their first argument names a variable of the second. */
export const MAPPINGS: readonly string[] = ['optMap', 'optFlatMap']

export interface Fault {
  /** What it is about. */
  node: Node
  why: string
}

/** Variables of known types; whatever else may be read can be anything. */
export type CelTypes = Readonly<Record<string, CelType>>

/** Functions within which lists may hold what they want. Source: ext.Strings in cel-go, HomogeneousAggregateLiteralExemptFunctions */
const EXEMPT: readonly string[] = ['format']

/**
 * @param types of its variables; one with a dot in its name is selected of another: `authorizer.requestResource`
 * @returns the type of what the expression gives, and every fault in the order of cel-go's checker
 */
export function checkTypes(root: Node, types: CelTypes): { gives: CelType; faults: Fault[] } {
  const checker = new Checker(types)
  const type = checker.typeOf(root, new Map())
  const { faults } = checker
  return { gives: checker.bindings.substituted(type, true), faults: faults.length > 0 ? faults : checker.mixtures() }
}

/** What stands beside one another in a list or a map, and has to be of one type. */
interface Siblings {
  isList: boolean
  rows: { node: Node; type: CelType }[][]
}

type Scope = ReadonlyMap<string, CelType>

const CONSTANTS: Readonly<Record<string, CelType>> = {
  stringValue: STRING,
  bytesValue: SIMPLE.bytes!,
  boolValue: BOOL,
  int64Value: INT,
  uint64Value: SIMPLE.uint!,
  doubleValue: SIMPLE.double!,
  nullValue: SIMPLE.null!,
}

/** What `type(…)` is compared with. */
const TYPE_NAMES = ['bool', 'bytes', 'double', 'int', 'list', 'map', 'null_type', 'string', 'type', 'uint']

const nodesOf = (value: unknown): Node[] => (value as Node[] | undefined) ?? []

class Checker {
  readonly bindings = new Bindings()
  readonly faults: Fault[] = []
  private readonly types: CelTypes
  private readonly siblings: Siblings[] = []
  private exempt = 0
  private freeCount = 0

  constructor(types: CelTypes) {
    this.types = types
  }

  typeOf(node: Node, scope: Scope): CelType {
    charge(1)
    const { case: kind, value = {} } = node.exprKind
    switch (kind) {
      case 'constExpr':
        return CONSTANTS[(value.constantKind as { case: string }).case] ?? DYN
      case 'identExpr':
        return this.variable(String(value.name), scope)
      case 'selectExpr':
        return this.selection(node, scope)
      case 'callExpr':
        return this.call(node, scope)
      case 'listExpr':
        return this.list(value, scope)
      case 'structExpr':
        return this.struct(value, scope)
      case 'comprehensionExpr':
        return this.comprehension(value, scope)
      default:
        return DYN
    }
  }

  private fail(node: Node, why: string): void {
    this.faults.push({ node, why })
  }

  /** Items of lists and maps that are not of the type of the first. Source: cel.ValidateHomogeneousAggregateLiterals */
  mixtures(): Fault[] {
    const faults: Fault[] = []
    for (const { isList, rows } of this.siblings)
      for (const row of rows) {
        const types = row.map(({ type }) => this.bindings.substituted(type, true))
        for (const [n, { node }] of row.entries()) {
          if (isSame(types[0]!, types[n]!)) continue
          faults.push({ node, why: expected(types[0]!, types[n]!) })
          if (isList) break
        }
      }
    return faults
  }

  private free(): CelType {
    return paramType(`_var${this.freeCount++}`)
  }

  /** Whether there is such a name is asked elsewhere. */
  private variable(name: string, scope: Scope): CelType {
    const found = scope.get(name) ?? (Object.hasOwn(this.types, name) ? this.types[name] : undefined)
    if (found) return found
    return TYPE_NAMES.includes(name) ? typeType([]) : DYN
  }

  // ---------- parts ----------

  private selection(node: Node, scope: Scope): CelType {
    const { operand, field, testOnly } = node.exprKind.value as { operand: Node; field: string; testOnly?: boolean }
    const qualified = qualifiedName(node)
    if (qualified && Object.hasOwn(this.types, qualified) && !scope.has(qualified.split('.')[0]!))
      return this.types[qualified]!
    const found = this.member(node, operand, field, scope, false)
    return testOnly ? BOOL : found
  }

  private member(node: Node, operand: Node, field: string, scope: Scope, isMarked: boolean): CelType {
    const owner = this.bindings.substituted(this.typeOf(operand, scope))
    const held = heldBy(owner)
    const found = this.fieldOf(node, held ?? owner, field)
    return held || isMarked ? optionalType(found) : found
  }

  private fieldOf(node: Node, owner: CelType, field: string): CelType {
    if (owner.kind === 'map') return owner.of[1]!
    if (owner.kind === 'object') {
      if (!owner.fields) return DYN
      const found = owner.fields.get(field)
      if (!found) this.fail(node, `undefined field '${field}'`)
      return found ?? ERROR
    }
    if (owner.kind === 'param') this.bindings.isAssignable(DYN, owner)
    else if (!isDynOrError(owner)) this.fail(node, `type '${formatted(owner)}' does not support field selection`)
    return DYN
  }

  private list(value: Record<string, unknown>, scope: Scope): CelType {
    const optional = (value.optionalIndices as number[] | undefined) ?? []
    const items = nodesOf(value.elements).map((node, n) => ({
      node,
      type: this.held(node, this.typeOf(node, scope), optional.includes(n)),
    }))
    if (this.exempt === 0) this.siblings.push({ isList: true, rows: [items] })
    return listType(this.joined(items))
  }

  private struct(value: Record<string, unknown>, scope: Scope): CelType {
    const keys: { node: Node; type: CelType }[] = []
    const values: { node: Node; type: CelType }[] = []
    for (const { id, keyKind, value: given, optionalEntry } of (value.entries as Entry[] | undefined) ?? []) {
      if (keyKind.case === 'mapKey') {
        const node = keyKind.value as Node
        keys.push({ node, type: this.typeOf(node, scope) })
      }
      const type = this.held(given, this.typeOf(given, scope), optionalEntry)
      values.push({ node: given, type })
      if (value.messageName === 'JSONPatch') this.checkField({ id, exprKind: { case: 'entry' } }, keyKind.value, type)
    }
    // Parts of an object are of any types.
    if (value.messageName) return objectType(String(value.messageName))
    if (this.exempt === 0) this.siblings.push({ isList: false, rows: [keys, values] })
    return mapType(this.joined(keys), this.joined(values))
  }

  /** Of the one message whose fields are known. Source: k8s.io/apiserver/pkg/cel/mutation/jsonpatch.go */
  private checkField(entry: Node, name: unknown, type: CelType): void {
    if (name === 'value') return
    const asked = ['op', 'path', 'from'].includes(String(name)) ? STRING : undefined
    if (asked && this.bindings.isAssignable(asked, type)) return
    const what = `expected type of field '${name}' is '${asked?.name ?? ''}'`
    this.fail(entry, `${what} but provided type is '${formatted(type)}'`)
  }

  /** Of what is put in with a mark, what it holds. */
  private held(node: Node, type: CelType, isMarked: boolean): CelType {
    if (!isMarked) return type
    const held = heldBy(type)
    if (!held && type.kind !== 'dyn') this.mismatch(node, optionalType(type), type)
    return held ?? type
  }

  private mismatch(node: Node, asked: CelType, found: CelType): void {
    this.fail(node, expected(asked, found))
  }

  /** The one type of several values. */
  private joined(items: readonly { type: CelType }[]): CelType {
    let all: CelType | undefined
    for (const { type } of items) {
      if (!all) all = type
      else all = this.bindings.isAssignable(all, type) ? moreGeneral(all, type) : DYN
    }
    return all ?? this.free()
  }

  // ---------- calls ----------

  private call(node: Node, scope: Scope): CelType {
    const value = node.exprKind.value!
    const name = String(value.function)
    const args = nodesOf(value.args)
    const target = value.target as Node | undefined
    if (name === '_?._') return this.member(node, args[0]!, constantText(args[1]), scope, true)
    if (target && args.length === 2 && MAPPINGS.includes(name)) return this.mapping(node, target, args, scope)
    const isExempt = EXEMPT.includes(name)
    if (isExempt) this.exempt++
    const given = args.map((arg) => this.typeOf(arg, scope))
    if (target) given.unshift(this.typeOf(target, scope))
    if (isExempt) this.exempt--
    return this.result(node, name, given, target !== undefined, args)
  }

  /** `a.optMap(x, f(x))`: what the macro stands for. */
  private mapping(node: Node, target: Node, [variable, mapped]: readonly Node[], scope: Scope): CelType {
    const owner = this.typeOf(target, scope)
    this.result(node, 'hasValue', [owner], true)
    const held = this.result(node, 'value', [owner], true)
    const inner = new Map(scope).set(String(variable!.exprKind.value?.name), held)
    const made = this.typeOf(mapped!, inner)
    const isFlat = node.exprKind.value?.function === 'optFlatMap'
    const some = isFlat ? made : this.result(node, 'optional.of', [made], false)
    return this.result(node, '_?_:_', [BOOL, some, this.result(node, 'optional.none', [], false)], false)
  }

  private result(node: Node, name: string, given: CelType[], isMethod: boolean, args: readonly Node[] = []): CelType {
    const all = signatures.get(name)
    // What is not written down here may take and give anything.
    if (!all) return DYN
    if (name === '_&&_' || name === '_||_') return this.both(given, args)
    let result: CelType | undefined
    for (const signature of all) {
      if (signature.isMethod !== isMethod) continue
      const { takes, gives } = this.instance(signature)
      if (!this.bindings.allAssignable(given, takes)) continue
      const found = this.bindings.substituted(gives)
      if (!result) result = found
      else if (result.kind !== 'dyn' && !isSame(found, result)) result = DYN
    }
    if (result) return result
    const types = given.map((type) => formatted(this.bindings.substituted(type, true)))
    const shown = isMethod ? `${types[0]}.(${types.slice(1).join(', ')})` : `(${types.join(', ')})`
    this.fail(node, `found no matching overload for '${name}' applied to '${shown}'`)
    return ERROR
  }

  private both(given: readonly CelType[], args: readonly Node[]): CelType {
    let isBool = true
    for (const [n, type] of given.entries()) {
      if (this.bindings.isAssignable(type, BOOL)) continue
      this.mismatch(args[n]!, BOOL, type)
      isBool = false
    }
    return isBool ? BOOL : ERROR
  }

  /** A signature with parameters of its own. */
  private instance({ takes, gives, params }: Signature): Pick<Signature, 'takes' | 'gives'> {
    if (params.length === 0) return { takes, gives }
    const fresh = new Map(params.map((name) => [name, this.free()]))
    const put = (type: CelType): CelType =>
      type.kind === 'param' ? fresh.get(type.name)! : type.of.length === 0 ? type : { ...type, of: type.of.map(put) }
    return { takes: takes.map(put), gives: put(gives) }
  }

  // ---------- loops ----------

  private comprehension(value: Record<string, unknown>, scope: Scope): CelType {
    const iterRange = value.iterRange as Node
    const range = this.bindings.substituted(this.typeOf(iterRange, scope))
    const accumulated = this.typeOf(value.accuInit as Node, scope)
    const outer = new Map(scope).set(String(value.accuVar), accumulated)
    const [first, second] = this.itemsOf(iterRange, this.bindings.substituted(range), Boolean(value.iterVar2))
    const inner = new Map(outer).set(String(value.iterVar), first)
    if (value.iterVar2) inner.set(String(value.iterVar2), second)
    this.expect(value.loopCondition as Node, BOOL, inner)
    this.expect(value.loopStep as Node, accumulated, inner)
    return this.bindings.substituted(this.typeOf(value.result as Node, outer))
  }

  private itemsOf(node: Node, range: CelType, isOfPairs: boolean): [CelType, CelType] {
    if (range.kind === 'list') return isOfPairs ? [INT, range.of[0]!] : [range.of[0]!, DYN]
    if (range.kind === 'map') return [range.of[0]!, range.of[1]!]
    if (isDynOrError(range) || range.kind === 'param') {
      this.bindings.isAssignable(DYN, range)
      return [DYN, DYN]
    }
    const what = `expression of type '${formatted(range)}' cannot be range of a comprehension`
    this.fail(node, `${what} (must be list, map, or dynamic)`)
    return [ERROR, ERROR]
  }

  private expect(node: Node, type: CelType, scope: Scope): void {
    const found = this.typeOf(node, scope)
    if (!this.bindings.isAssignable(type, found)) this.mismatch(node, type, found)
  }
}

const expected = (asked: CelType, found: CelType): string =>
  `expected type '${formatted(asked)}' but found '${formatted(found)}'`

const constantText = (node: Node | undefined): string =>
  String((node?.exprKind.value?.constantKind as { value: unknown } | undefined)?.value)

/** `a.b.c`, of a path of names. */
function qualifiedName({ exprKind: { case: kind, value = {} } }: Node): string | undefined {
  if (kind === 'identExpr') return String(value.name)
  if (kind !== 'selectExpr' || value.testOnly) return undefined
  const owner = qualifiedName(value.operand as Node)
  return owner === undefined ? undefined : `${owner}.${value.field}`
}
