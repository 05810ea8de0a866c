/** What a text is as a number or a truth value, as cel-go reads it. Source: github.com/google/cel-go/common/types/string.go */
import { CelScalar, celFunc, celUint } from '@bufbuild/cel'

const failed = (to: string): Error => new Error(conversionFailed(to))

/** @param to the type: `int` */
export const conversionFailed = (to: string): string => `type conversion error from 'string' to '${to}'`

function whole(text: string, pattern: RegExp, least: bigint, most: bigint, to: string): bigint {
  if (!pattern.test(text)) throw failed(to)
  const value = BigInt(text.replace(/^\+/, ''))
  if (value < least || value > most) throw failed(to)
  return value
}

const FRACTION = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|nan)$/i
const TRUE = ['1', 't', 'T', 'TRUE', 'true', 'True']
const FALSE = ['0', 'f', 'F', 'FALSE', 'false', 'False']

function fraction(text: string): number {
  if (!FRACTION.test(text)) throw failed('double')
  if (/nan$/i.test(text)) return Number.NaN
  if (/inf/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  const value = Number(text)
  if (!Number.isFinite(value)) throw failed('double')
  return value
}

function truth(text: string): boolean {
  if (TRUE.includes(text)) return true
  if (FALSE.includes(text)) return false
  throw failed('bool')
}

const CONVERSIONS = {
  int: (text: string) => whole(text, /^[+-]?\d{1,40}$/, -(2n ** 63n), 2n ** 63n - 1n, 'int'),
  uint: (text: string) => celUint(whole(text, /^\d{1,40}$/, 0n, 2n ** 64n - 1n, 'uint')),
  double: fraction,
  bool: truth,
}

export const textConversions = [
  celFunc('int', [CelScalar.STRING], CelScalar.INT, CONVERSIONS.int),
  celFunc('uint', [CelScalar.STRING], CelScalar.UINT, CONVERSIONS.uint),
  celFunc('double', [CelScalar.STRING], CelScalar.DOUBLE, CONVERSIONS.double),
  celFunc('bool', [CelScalar.STRING], CelScalar.BOOL, CONVERSIONS.bool),
]

/** Why a text cannot be converted by the function of that name; undefined when it can. */
export function conversionFault(name: string, text: string): string | undefined {
  if (!Object.hasOwn(CONVERSIONS, name)) return undefined
  try {
    CONVERSIONS[name as keyof typeof CONVERSIONS](text)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}
