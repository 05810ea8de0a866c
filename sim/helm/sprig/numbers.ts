/** Sprig's functions over numbers. Source: https://masterminds.github.io/sprig/math.html */
import { charge } from '../../engine/work.ts'
import { CallError, goFunction as fn, type GoFunction } from '../../go-template/functions.ts'
import { isNil, longestList, printed } from '../../go-template/values.ts'

const folded =
  (act: (a: bigint, b: bigint) => bigint) =>
  (first: unknown, ...rest: unknown[]): bigint =>
    rest.reduce<bigint>((sum, value) => wrap(act(sum, toInteger(value))), toInteger(first))
const foldedFloat =
  (act: (a: number, b: number) => number) =>
  (first: unknown, ...rest: unknown[]): number =>
    rest.reduce<number>((sum, value) => decimal(act(sum, toFloat(value))), toFloat(first))

/** An int64, which runs over. */
const wrap = (value: bigint): bigint => BigInt.asIntN(64, value)
/** Sums are of decimal numbers: 0.1 and 0.2 are 0.3. */
const decimal = (value: number): number => Number(value.toPrecision(15))

const max = folded((a, b) => (b > a ? b : a))

export const numberFunctions: Readonly<Record<string, GoFunction>> = {
  atoi: fn('string', (text: string) => (/^[+-]?\d+$/.test(text) ? wrap(BigInt(text.replace(/^\+/, ''))) : 0n)),
  int64: fn('any', (value: unknown) => toInteger(value)),
  int: fn('any', (value: unknown) => toInteger(value)),
  float64: fn('any', (value: unknown) => toFloat(value)),
  toDecimal: fn('any', (value: unknown) =>
    /^[+-]?[0-7]+$/.test(printed(value)) ? BigInt(Number.parseInt(printed(value), 8)) : 0n,
  ),
  add1: fn('any', (value: unknown) => wrap(toInteger(value) + 1n)),
  add: fn('any...', (...values: unknown[]) => folded((a, b) => a + b)(0n, ...values)),
  sub: fn('any any', (a: unknown, b: unknown) => wrap(toInteger(a) - toInteger(b))),
  div: fn('any any', (a: unknown, b: unknown) => divided(toInteger(a), toInteger(b), (x, y) => x / y)),
  mod: fn('any any', (a: unknown, b: unknown) => divided(toInteger(a), toInteger(b), (x, y) => x % y)),
  mul: fn(
    'any any...',
    folded((a, b) => a * b),
  ),
  add1f: fn('any', (value: unknown) => decimal(toFloat(value) + 1)),
  addf: fn('any...', (...values: unknown[]) => foldedFloat((a, b) => a + b)(0, ...values)),
  subf: fn(
    'any any...',
    foldedFloat((a, b) => a - b),
  ),
  divf: fn(
    'any any...',
    foldedFloat((a, b) => {
      if (b === 0) throw new CallError('decimal division by 0')
      return a / b
    }),
  ),
  mulf: fn(
    'any any...',
    foldedFloat((a, b) => a * b),
  ),
  max: fn('any any...', max),
  biggest: fn('any any...', max),
  min: fn(
    'any any...',
    folded((a, b) => (b < a ? b : a)),
  ),
  maxf: fn('any any...', (...values: unknown[]) => Math.max(...values.map(toFloat))),
  minf: fn('any any...', (...values: unknown[]) => Math.min(...values.map(toFloat))),
  ceil: fn('any', (value: unknown) => Math.ceil(toFloat(value))),
  floor: fn('any', (value: unknown) => Math.floor(toFloat(value))),
  round: fn('any int float...', (value: unknown, places: bigint, roundOn = 0.5) => {
    const power = 10 ** Number(places)
    const digit = toFloat(value) * power
    const rest = digit - Math.trunc(digit)
    return (rest >= roundOn ? Math.ceil(digit) : Math.floor(digit)) / power
  }),
  until: fn('int', (count: bigint) => steps(0n, count, count < 0n ? -1n : 1n)),
  untilStep: fn('int int int', steps),
  seq: fn('int...', (...given: bigint[]) => {
    if (given.length === 0 || given.length > 3) return ''
    const [start, end] = given.length === 1 ? [1n, given[0]!] : [given[0]!, given.at(-1)!]
    const direction = end < start ? -1n : 1n
    const step = given.length === 3 ? given[1]! : direction
    if (given.length === 3 && end < start && step > 0n) return ''
    return steps(start, end + direction, step).join(' ')
  }),
}

/** @throws CallError for more items than one list may have */
function steps(start: bigint, stop: bigint, step: bigint): bigint[] {
  const items: bigint[] = []
  if (step === 0n || (stop < start ? step > 0n : step < 0n)) return items
  for (let at = start; step > 0n ? at < stop : at > stop; at += step) {
    charge(1)
    if (items.length >= longestList) throw new CallError(`a list of more than ${longestList} items is too long`)
    items.push(at)
  }
  return items
}

function divided(a: bigint, b: bigint, act: (a: bigint, b: bigint) => bigint): bigint {
  if (b === 0n) throw new CallError('runtime error: integer divide by zero')
  return act(a, b)
}

/** What is no number is 0. Source: github.com/spf13/cast */
function toInteger(value: unknown): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value === 'number') return Number.isFinite(value) ? wrap(BigInt(Math.trunc(value))) : 0n
  if (typeof value !== 'string') return 0n
  const text = value.trim() === value ? value.replace(/^([+-]?)0+(?=\d)/, '$1').replace(/\.0+$/, '') : ''
  if (/^[+-]?\d{1,30}$/.test(text)) return wrap(BigInt(text.replace(/^\+/, '')))
  return /^0x[\da-f]+$/i.test(text) ? wrap(BigInt(text)) : 0n
}

function toFloat(value: unknown): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value)
  if (isNil(value) || typeof value !== 'string' || value.trim() === '') return 0
  const number = Number(value)
  return Number.isNaN(number) ? 0 : number
}
