/** JSON values as Kubernetes objects are made of: copying and comparing them with as little work as sharing allows. */
import { charge } from '../../engine/work.ts'

/** Of looking at a list or a map, its members aside. */
const stepsOfNode = 2
/** Of copying a member: of a map with hundreds each costs as much. */
const stepsOfMember = 2

/** A deep copy. Values that JSON lacks (undefined members) are left out. */
export function cloneJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  charge(stepsOfNode)
  if (Array.isArray(value)) {
    charge(value.length)
    return value.map(cloneJson) as T
  }
  const copy: Record<string, unknown> = {}
  for (const key in value) {
    charge(stepsOfMember)
    const item = (value as Record<string, unknown>)[key]
    if (item !== undefined) copy[key] = cloneJson(item)
  }
  return copy as T
}

/** Deep equality; shared parts are equal at once, and an undefined member is one that is not there. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  charge(stepsOfNode)
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    for (let i = 0; i < a.length; i++) if (!equalJson(a[i], b[i])) return false
    return true
  }
  if (Array.isArray(b)) return false
  const left = a as Record<string, unknown>
  const right = b as Record<string, unknown>
  let members = 0
  for (const key in left) {
    charge(1)
    if (left[key] === undefined) continue
    members++
    if (right[key] === undefined || !equalJson(left[key], right[key])) return false
  }
  for (const key in right) if (right[key] !== undefined) members--
  return members === 0
}

/** Freezes a value and all it holds; parts that are frozen already are taken as done. */
export function freezeJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const item of Object.values(value)) freezeJson(item)
  return Object.freeze(value)
}

/** An object of this many fields and items is of a common size: what they cost is part of what is charged for a request. */
const commonNodes = 2000

/**
 * Of computing, for what goes through all of an object several times and leaves copies behind: nothing for one of a common size.
 * @param stepsOfNode of each field or item beyond that
 */
export function chargeSize(value: unknown, stepsOfNode: number): JsonSize {
  const size = sizeOf(value)
  if (size.nodes > commonNodes) charge(stepsOfNode * (size.nodes - commonNodes))
  return size
}

export interface JsonSize {
  /** Fields and items. */
  nodes: number
  /** Characters of all that is text. */
  textLength: number
}

export function sizeOf(value: unknown): JsonSize {
  const size = { nodes: 0, textLength: 0 }
  addSize(value, size)
  return size
}

function addSize(value: unknown, size: JsonSize): void {
  size.nodes++
  if (typeof value === 'string') size.textLength += value.length
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) for (const item of value) addSize(item, size)
  else for (const name in value) addSize((value as Record<string, unknown>)[name], size)
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value at a path of member names, or undefined. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  let at = value
  for (const name of path) {
    if (!isRecord(at)) return undefined
    at = at[name]
  }
  return at
}

/** How Go's encoding/json calls the type of a value that does not fit: `array`, `bool`, `number`, `object`, `string`. */
export const jsonTypeName = (value: unknown): string =>
  Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
