/** Sprig's functions over maps, and those that choose among values. Source: https://masterminds.github.io/sprig/dicts.html */
import { charge } from '../../engine/work.ts'
import { CallError, goFunction as fn, type GoFunction } from '../../go-template/functions.ts'
import { type GoMap, isGoMap, isNil, keysOf, newMap, ownValue, typeName } from '../../go-template/values.ts'
import { deepCopy, isEmpty } from './plain.ts'
import { textOf } from './strings.ts'

export const dictFunctions: Readonly<Record<string, GoFunction>> = {
  dict: fn('any...', (...given: unknown[]) => {
    const map = newMap()
    for (let at = 0; at < given.length; at += 2) map[textOf(given[at])] = at + 1 < given.length ? given[at + 1] : ''
    return map
  }),
  get: fn('map string', (map: GoMap | null, key: string) => (map && Object.hasOwn(map, key) ? map[key] : '')),
  set: fn('map string any', (map: GoMap | null, key: string, value: unknown) => {
    if (!map) throw new CallError('assignment to entry in nil map')
    charge(1)
    map[key] = value
    return map
  }),
  unset: fn('map string', (map: GoMap | null, key: string) => {
    if (map) delete map[key]
    return map
  }),
  hasKey: fn('map string', (map: GoMap | null, key: string) => map !== null && Object.hasOwn(map, key)),
  pluck: fn('string map...', (key: string, ...maps: (GoMap | null)[]) =>
    maps.filter((map): map is GoMap => map !== null && Object.hasOwn(map, key)).map((map) => map[key]),
  ),
  keys: fn('map...', (...maps: (GoMap | null)[]) => maps.flatMap((map) => (map ? keysOf(map) : []))),
  values: fn('map', (map: GoMap | null) => (map ? keysOf(map).map((key) => map[key]) : [])),
  pick: fn('map string...', (map: GoMap | null, ...keys: string[]) => chosen(map, (key) => keys.includes(key))),
  omit: fn('map string...', (map: GoMap | null, ...keys: string[]) => chosen(map, (key) => !keys.includes(key))),
  merge: fn('map map...', (map: GoMap | null, ...others: (GoMap | null)[]) => mergedInto(map, others, false)),
  mustMerge: fn('map map...', (map: GoMap | null, ...others: (GoMap | null)[]) => mergedInto(map, others, false)),
  mergeOverwrite: fn('map map...', (map: GoMap | null, ...others: (GoMap | null)[]) => mergedInto(map, others, true)),
  mustMergeOverwrite: fn('map map...', (map: GoMap | null, ...others: (GoMap | null)[]) =>
    mergedInto(map, others, true),
  ),
  dig: fn('any...', (...given: unknown[]) => {
    if (given.length < 3) throw new CallError('dig needs at least three arguments')
    const map = given.at(-1)
    if (!isGoMap(map))
      throw new CallError(`interface conversion: interface {} is ${typeName(map)}, not map[string]interface {}`)
    let value: unknown = map
    for (const key of given.slice(0, -2)) {
      if (!isGoMap(value) || !Object.hasOwn(value, textOf(key))) return given.at(-2)
      value = ownValue(value, textOf(key))
    }
    return value
  }),
  deepCopy: fn('any', (value: unknown) => deepCopy(value)),
  mustDeepCopy: fn('any', (value: unknown) => deepCopy(value)),
  default: fn('any any...', (other: unknown, ...given: unknown[]) => (isEmpty(given[0]) ? other : given[0])),
  empty: fn('any', (value: unknown) => isEmpty(value)),
  coalesce: fn('any...', (...values: unknown[]) => values.find((value) => !isEmpty(value)) ?? null),
  ternary: fn('any any bool', (one: unknown, other: unknown, isFirst: boolean) => (isFirst ? one : other)),
}

function chosen(map: GoMap | null, isWanted: (key: string) => boolean): GoMap {
  const kept = newMap()
  for (const key of map ? keysOf(map) : []) if (isWanted(key)) kept[key] = map![key]
  return kept
}

/** Changes the first, as sprig does. */
function mergedInto(map: GoMap | null, others: readonly (GoMap | null)[], overwrites: boolean): GoMap {
  const into = map ?? newMap()
  for (const other of others) if (other) mergeMap(into, other, overwrites, 0)
  return into
}

function mergeMap(into: GoMap, from: GoMap, overwrites: boolean, depth: number): void {
  if (depth > 200 || into === from) return
  for (const key of keysOf(from)) {
    charge(1)
    const [own, other] = [Object.hasOwn(into, key) ? into[key] : undefined, from[key]]
    if (isGoMap(own) && isGoMap(other)) mergeMap(own, other, overwrites, depth + 1)
    else if (isNil(own) || (overwrites ? !isEmpty(other) : isEmpty(own))) into[key] = deepCopy(other)
  }
}
