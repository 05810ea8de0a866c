/** Types of CEL: how they are written, and which may stand for which. Sources: github.com/google/cel-go/common/types/types.go, checker/{types,format}.go */

export type CelKind =
  | 'bool'
  | 'bytes'
  | 'double'
  | 'int'
  | 'string'
  | 'uint'
  | 'duration'
  | 'timestamp'
  | 'null'
  | 'dyn'
  | 'error'
  | 'list'
  | 'map'
  | 'type'
  /** Of a library or of the optional values: known by its name. */
  | 'opaque'
  /** With fields of its own. */
  | 'object'
  /** Stands for any type, the same one in the whole of a signature. */
  | 'param'

export interface CelType {
  readonly kind: CelKind
  readonly name: string
  /** Of the items of a list, the keys and values of a map, what an optional value holds. */
  readonly of: readonly CelType[]
  /** Of an object; without them any field may be selected. */
  readonly fields?: ReadonlyMap<string, CelType>
}

const simple = (kind: CelKind, name: string = kind): CelType => ({ kind, name, of: [] })

export const DYN = simple('dyn')
export const ERROR = simple('error', '!error!')
export const BOOL = simple('bool')
export const INT = simple('int')
export const STRING = simple('string')

export const SIMPLE: Readonly<Record<string, CelType>> = {
  bool: BOOL,
  int: INT,
  string: STRING,
  dyn: DYN,
  bytes: simple('bytes'),
  double: simple('double'),
  uint: simple('uint'),
  null: simple('null', 'null_type'),
  duration: simple('duration', 'google.protobuf.Duration'),
  timestamp: simple('timestamp', 'google.protobuf.Timestamp'),
}

export const listType = (item: CelType): CelType => ({ kind: 'list', name: 'list', of: [item] })
export const mapType = (key: CelType, value: CelType): CelType => ({ kind: 'map', name: 'map', of: [key, value] })
export const optionalType = (held: CelType): CelType => ({ kind: 'opaque', name: 'optional_type', of: [held] })
export const typeType = (of: readonly CelType[]): CelType => ({ kind: 'type', name: 'type', of })
export const objectType = (name: string, fields?: Readonly<Record<string, CelType>>): CelType => ({
  kind: 'object',
  name,
  of: [],
  ...(fields ? { fields: new Map(Object.entries(fields)) } : {}),
})
export const paramType = (name: string): CelType => ({ kind: 'param', name, of: [] })

export const isDynOrError = ({ kind }: CelType): boolean => kind === 'dyn' || kind === 'error'
const isOptional = ({ kind, name }: CelType): boolean => kind === 'opaque' && name === 'optional_type'
/** What an optional value holds; undefined for any other type. */
export const heldBy = (type: CelType): CelType | undefined => (isOptional(type) ? type.of[0] : undefined)

/** As messages of the checker name it: `list(int)`, `timestamp`. */
export function formatted({ kind, name, of }: CelType): string {
  if (kind === 'duration' || kind === 'timestamp' || kind === 'null') return kind
  return of.length === 0 ? name : `${name}(${of.map(formatted).join(', ')})`
}

/** As a type names itself: `google.protobuf.Timestamp`. */
export const typeName = ({ name, of }: CelType): string =>
  of.length === 0 ? name : `${name}(${of.map(typeName).join(', ')})`

export const isSame = (a: CelType, b: CelType): boolean =>
  a === b ||
  (a.kind === b.kind &&
    a.name === b.name &&
    a.of.length === b.of.length &&
    a.of.every((one, n) => isSame(one, b.of[n])))

/** What parameters of types stand for. Asking whether a type may stand for another can bind more of them. */
export class Bindings {
  private bound: ReadonlyMap<string, CelType> = new Map()

  /** Whether each of the first may be given where the one of the second is asked for; what that binds is kept if so. */
  allAssignable(given: readonly CelType[], asked: readonly CelType[]): boolean {
    const before = this.bound
    this.bound = new Map(before)
    const isSo = this.eachAssignable(given, asked)
    if (!isSo) this.bound = before
    return isSo
  }

  isAssignable(given: CelType, asked: CelType): boolean {
    return this.allAssignable([given], [asked])
  }

  /** The type with what its parameters stand for. @param leftAsDyn parameters that stand for nothing yet may be anything */
  substituted(type: CelType, leftAsDyn = false): CelType {
    const found = type.kind === 'param' ? this.bound.get(type.name) : undefined
    if (found) return this.substituted(found, leftAsDyn)
    if (type.kind === 'param') return leftAsDyn ? DYN : type
    return type.of.length === 0 ? type : { ...type, of: type.of.map((one) => this.substituted(one, leftAsDyn)) }
  }

  private bind(param: CelType, type: CelType): void {
    this.bound = new Map(this.bound).set(param.name, type)
  }

  private eachAssignable(given: readonly CelType[], asked: readonly CelType[]): boolean {
    return given.length === asked.length && given.every((one, n) => this.assignable(one, asked[n]))
  }

  private assignable(a: CelType, b: CelType): boolean {
    if (b.kind === 'param') {
      const { isValid, isBound } = this.mayStandFor(a, b)
      if (isValid) return true
      if (isBound) return false
    }
    if (a.kind === 'param') return this.mayStandFor(b, a).isValid
    if (isDynOrError(a) || isDynOrError(b)) return true
    if (a.kind === 'null' || b.kind === 'null') return isNullable(a.kind === 'null' ? b : a)
    if (a.kind !== b.kind) return false
    if (a.kind === 'type') return true
    if (a.kind === 'opaque' || a.kind === 'list' || a.kind === 'map')
      return a.name === b.name && this.eachAssignable(a.of, b.of)
    return isSame(a, b)
  }

  private mayStandFor(type: CelType, param: CelType): { isValid: boolean; isBound: boolean } {
    if (isSame(type, param)) return { isValid: true, isBound: true }
    const found = this.bound.get(param.name)
    if (found) {
      if (isSame(type, found)) return { isValid: true, isBound: true }
      if (!this.assignable(type, found)) return { isValid: false, isBound: true }
      const general = moreGeneral(type, found)
      if (!this.occursIn(param, general)) this.bind(param, general)
      return { isValid: true, isBound: true }
    }
    if (this.occursIn(param, type)) return { isValid: false, isBound: false }
    this.bind(param, type)
    return { isValid: true, isBound: false }
  }

  private occursIn(param: CelType, type: CelType): boolean {
    if (isSame(param, type)) return true
    if (type.kind === 'param') {
      const found = this.bound.get(type.name)
      return found !== undefined && this.occursIn(param, found)
    }
    return type.of.some((one) => this.occursIn(param, one))
  }
}

const isNullable = ({ kind }: CelType): boolean => ['null', 'opaque', 'object', 'duration', 'timestamp'].includes(kind)

/** Of two types that go together, the one that says less. */
export const moreGeneral = (a: CelType, b: CelType): CelType => (isNoMoreSpecific(a, b) ? a : b)

function isNoMoreSpecific(a: CelType, b: CelType): boolean {
  if (a.kind === 'dyn' || a.kind === 'param') return true
  if (b.kind === 'dyn' || b.kind === 'param' || a.kind !== b.kind) return false
  if (a.kind === 'opaque' && (a.name !== b.name || a.of.length !== b.of.length)) return false
  if (a.kind === 'opaque' || a.kind === 'list' || a.kind === 'map')
    return a.of.every((one, n) => isNoMoreSpecific(one, b.of[n]))
  return a.kind === 'type' || isSame(a, b)
}
