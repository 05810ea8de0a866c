/** Sprig's functions over lists. Source: https://masterminds.github.io/sprig/lists.html */
import { charge } from '../../engine/work.ts'
import { CallError, goFunction as fn, type GoFunction } from '../../go-template/functions.ts'
import { isBytes, isNil, kindName, longestList, typeName } from '../../go-template/values.ts'
import { areDeepEqual, isEmpty } from './plain.ts'

/** A list, or what says which function cannot take it. */
function items(name: string, value: unknown): unknown[] {
  const list = Array.isArray(value) ? value : isBytes(value) ? [...value].map(BigInt) : undefined
  if (!list) throw new CallError(`Cannot ${name} on type ${kindName(value)}`)
  charge(list.length)
  return list as unknown[]
}

function checked<T extends readonly unknown[]>(list: T): T {
  if (list.length > longestList) throw new CallError(`a list of ${list.length} items is too long`)
  charge(list.length)
  return list
}

const both = (name: string, made: GoFunction): Record<string, GoFunction> => ({
  [name]: made,
  [`must${name[0]!.toUpperCase()}${name.slice(1)}`]: made,
})

const append = fn('any any', (value: unknown, item: unknown) => checked([...items('push', value), item]))
const list = fn('any...', (...values: unknown[]) => checked(values))

export const listFunctions: Readonly<Record<string, GoFunction>> = {
  list,
  tuple: list,
  ...both('append', append),
  ...both('push', append),
  ...both(
    'prepend',
    fn('any any', (value: unknown, item: unknown) => checked([item, ...items('prepend', value)])),
  ),
  ...both(
    'first',
    fn('any', (value: unknown) => items('find first', value)[0] ?? null),
  ),
  ...both(
    'last',
    fn('any', (value: unknown) => items('find last', value).at(-1) ?? null),
  ),
  ...both(
    'rest',
    fn('any', (value: unknown) => items('find rest', value).slice(1)),
  ),
  ...both(
    'initial',
    fn('any', (value: unknown) => items('find initial', value).slice(0, -1)),
  ),
  ...both(
    'reverse',
    fn('any', (value: unknown) => [...items('find reverse', value)].reverse()),
  ),
  ...both(
    'uniq',
    fn('any', (value: unknown) => {
      const kept: unknown[] = []
      for (const item of items('find uniq', value))
        if (!kept.some((other) => areDeepEqual(other, item))) kept.push(item)
      return kept
    }),
  ),
  ...both(
    'compact',
    fn('any', (value: unknown) => items('compact', value).filter((item) => !isEmpty(item))),
  ),
  ...both(
    'without',
    fn('any any...', (value: unknown, ...omitted: unknown[]) =>
      items('find without', value).filter((item) => !omitted.some((other) => areDeepEqual(other, item))),
    ),
  ),
  ...both(
    'has',
    fn('any any', (wanted: unknown, value: unknown) => {
      if (isNil(value)) return false
      return items('find has', value).some((item) => areDeepEqual(item, wanted))
    }),
  ),
  ...both(
    'slice',
    fn('any any...', (value: unknown, ...bounds: unknown[]) => {
      const all = items('slice', value)
      const at = (bound: unknown, other: number): number => (typeof bound === 'bigint' ? Number(bound) : other)
      const [from, to] = [at(bounds[0], 0), at(bounds[1], all.length)]
      if (from < 0 || to > all.length || from > to) throw new CallError(`reflect: slice index out of range`)
      return all.slice(from, to)
    }),
  ),
  ...both(
    'chunk',
    fn('int any', (size: bigint, value: unknown) => {
      const all = items('chunk', value)
      const step = Math.max(1, Number(size))
      return Array.from({ length: Math.ceil(all.length / step) }, (_, at) => all.slice(at * step, (at + 1) * step))
    }),
  ),
  concat: fn('any...', (...lists: unknown[]) => checked(lists.flatMap((value) => items('concat', value)))),
  all: fn('any...', (...values: unknown[]) => values.every((value) => !isEmpty(value))),
  any: fn('any...', (...values: unknown[]) => values.some((value) => !isEmpty(value))),
  typeOf: fn('any', (value: unknown) => typeName(value)),
  kindOf: fn('any', (value: unknown) => kindName(value)),
  typeIs: fn('string any', (name: string, value: unknown) => name === typeName(value)),
  typeIsLike: fn('string any', (name: string, value: unknown) => [name, `*${name}`].includes(typeName(value))),
  kindIs: fn('string any', (name: string, value: unknown) => name === kindName(value)),
  deepEqual: fn('any any', areDeepEqual),
}
