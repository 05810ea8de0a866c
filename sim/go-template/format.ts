/** Go's fmt: quoting, and the verbs of Printf. Source: https://pkg.go.dev/fmt */
import { utf8Bytes } from '../api/meta/base64.ts'
import { charge, chargeText } from '../engine/work.ts'
import { goQuote } from '../text/go-quote.ts'
import { GoStruct, isBytes, isGoMap, isNil, keysOf, printed, printFloat, typeName } from './values.ts'

const mostWidth = 1_000_000

/** fmt.Sprintf */
export function sprintf(format: string, args: readonly unknown[]): string {
  let next = 0
  let text = ''
  let hasIndex = false
  const taken = (): number => {
    const value = args[next++]
    return typeof value === 'bigint' && value <= mostWidth && value >= -mostWidth ? Number(value) : Number.NaN
  }
  const verbPattern = /%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d+)?)?(?:\[(\d+)\])?([\s\S]?)/gu
  let at = 0
  for (const match of format.matchAll(verbPattern)) {
    charge(2)
    text += format.slice(at, match.index)
    at = match.index + match[0].length
    const [whole, flags = '', widthText, precisionText, indexText, verb = ''] = match
    let isLeft = flags.includes('-')
    let width = widthText === '*' ? taken() : Number(widthText ?? 0)
    if (width < 0) {
      isLeft = true
      width = -width
    }
    if (Number.isNaN(width) || width > mostWidth) {
      text += '%!(BADWIDTH)'
      width = 0
    }
    const hasPrecision = /\./.test(whole.slice(0, whole.length - verb.length))
    const precision = !hasPrecision ? undefined : precisionText === '*' ? taken() : Number(precisionText ?? 0)
    if (indexText) {
      next = Number(indexText) - 1
      hasIndex = true
    }
    if (verb === '') text += '%!(NOVERB)'
    else if (verb === '%') text += '%'
    else if (next >= args.length || next < 0) text += indexText ? `%!${verb}(BADINDEX)` : `%!${verb}(MISSING)`
    else {
      const shown = formatOne(verb, args[next++], flags, precision)
      charge(width / 16)
      const isNumber = /[\dinf]$/i.test(shown) && /[bdoxXeEfFgGv]/.test(verb)
      if (isLeft) text += padded(shown, width, false)
      else if (flags.includes('0') && isNumber) {
        const sign = /^[-+]/.exec(shown)?.[0] ?? ''
        text += sign + shown.slice(sign.length).padStart(width - sign.length, '0')
      } else text += padded(shown, width, true)
    }
    chargeText(text.length > 4096 ? 4096 : text.length)
  }
  text += format.slice(at)
  const extra = hasIndex
    ? []
    : args.slice(next).map((arg) => (isNil(arg) ? '<nil>' : `${typeName(arg)}=${printed(arg)}`))
  return extra.length > 0 ? `${text}%!(EXTRA ${extra.join(', ')})` : text
}

function padded(text: string, width: number, isRight: boolean): string {
  const missing = width - [...text].length
  if (missing <= 0) return text
  return isRight ? ' '.repeat(missing) + text : text + ' '.repeat(missing)
}

function formatOne(verb: string, value: unknown, flags: string, precision: number | undefined): string {
  const wrong = (): string => (isNil(value) ? `%!${verb}(<nil>)` : `%!${verb}(${typeName(value)}=${printed(value)})`)
  if (verb === 'T') return typeName(value)
  if (verb === 'v') return flags.includes('#') ? goSyntax(value) : signed(value, printed(value), flags)
  if (isNil(value)) return wrong()
  if (Array.isArray(value)) return `[${value.map((item) => formatOne(verb, item, flags, precision)).join(' ')}]`
  if (isGoMap(value))
    return `map[${keysOf(value)
      .map((key) => `${formatOne(verb, key, flags, precision)}:${formatOne(verb, value[key], flags, precision)}`)
      .join(' ')}]`
  switch (verb) {
    case 't':
      return typeof value === 'boolean' ? String(value) : wrong()
    case 's':
    case 'q':
    case 'x':
    case 'X':
      return typeof value === 'string' || isBytes(value) || (value instanceof GoStruct && value.methods.String)
        ? formatText(
            verb,
            typeof value === 'string' ? value : isBytes(value) ? textOf(value) : printed(value),
            flags,
            precision,
          )
        : verb === 'q' && typeof value === 'bigint'
          ? `'${String.fromCodePoint(Number(value))}'`
          : verb !== 's' && verb !== 'q' && typeof value === 'bigint'
            ? formatInteger(verb, value, flags, precision)
            : wrong()
    case 'c':
      return typeof value === 'bigint' && value >= 0n && value <= 0x10ffffn
        ? String.fromCodePoint(Number(value))
        : wrong()
    case 'U':
      return typeof value === 'bigint' ? `U+${value.toString(16).toUpperCase().padStart(4, '0')}` : wrong()
    case 'd':
    case 'b':
    case 'o':
    case 'O':
      return typeof value === 'bigint' ? formatInteger(verb, value, flags, precision) : wrong()
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
      return typeof value === 'number' ? signed(value, formatFloat(verb, value, precision), flags) : wrong()
    default:
      return wrong()
  }
}

const textOf = (bytes: Uint8Array): string => String.fromCharCode(...bytes.slice(0, 4096))

function formatText(verb: string, text: string, flags: string, precision: number | undefined): string {
  const cut = precision === undefined ? text : [...text].slice(0, precision).join('')
  if (verb === 's') return cut
  if (verb === 'q') return flags.includes('#') && !cut.includes('`') ? `\`${cut}\`` : goQuote(cut)
  const hex = utf8Bytes(cut)
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
  return verb === 'X' ? hex.toUpperCase() : hex
}

function formatInteger(verb: string, value: bigint, flags: string, precision: number | undefined): string {
  const base = { d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 }[verb] ?? 10
  let digits = (value < 0n ? -value : value).toString(base).padStart(Math.min(precision ?? 0, mostWidth), '0')
  if (verb === 'X') digits = digits.toUpperCase()
  const isTold = flags.includes('#') || verb === 'O'
  const prefix = isTold ? ({ b: '0b', o: '0', O: '0o', x: '0x', X: '0X' }[verb] ?? '') : ''
  return (value < 0n ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '') + prefix + digits
}

function formatFloat(verb: string, value: number, precision: number | undefined): string {
  if (!Number.isFinite(value)) return printFloat(value)
  const places = Math.min(precision ?? 6, most)
  if (verb === 'f' || verb === 'F') return fixed(value, places)
  if (verb === 'e' || verb === 'E') {
    const text = exponential(value, places)
    return verb === 'E' ? text.toUpperCase() : text
  }
  const text = precision === undefined ? printFloat(value) : digits(value, Math.max(1, places))
  return verb === 'G' ? text.toUpperCase() : text
}

/** So many digits that count, without zeros at their end: an exponent from as many before the point on, and for less than a ten-thousandth. */
function digits(value: number, places: number): string {
  if (value === 0) return printFloat(value)
  const [mantissa, exponent] = exponential(value, places - 1).split('e') as [string, string]
  if (Number(exponent) >= -4 && Number(exponent) < places)
    return withoutZeros(fixed(value, Math.min(most, places - 1 - Number(exponent))))
  return `${withoutZeros(mantissa)}e${exponent}`
}

const withoutZeros = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)

/** toFixed turns to exponents from 1e21 on. */
const fixed = (value: number, places: number): string =>
  Math.abs(value) < 1e21
    ? toEven(value.toFixed(places), value.toFixed(most))
    : `${BigInt(value)}${places > 0 ? `.${'0'.repeat(places)}` : ''}`

const exponential = (value: number, places: number): string => {
  const [rounded, exponent] = value.toExponential(places).split('e') as [string, string]
  const [exact, exponentOfExact] = value.toExponential(most).split('e') as [string, string]
  const even = toEven(rounded, exact)
  return `${even}e${(even === rounded ? exponent : exponentOfExact).replace(/^([+-])(\d)$/, '$10$2')}`
}

/** Digits after the point that JavaScript writes at most. */
const most = 100

/** What lies right between two numbers goes to the even one; JavaScript takes the larger. @param exact all digits of the number */
function toEven(rounded: string, exact: string): string {
  const places = rounded.includes('.') ? rounded.length - rounded.indexOf('.') - 1 : 0
  const end = exact.indexOf('.') + 1 + places
  if (!/^50*$/.test(exact.slice(end))) return rounded
  const cut = exact.slice(0, places > 0 ? end : end - 1)
  return /[02468]$/.test(cut) ? cut : rounded
}

const signed = (value: unknown, text: string, flags: string): string =>
  flags.includes('+') && (typeof value === 'bigint' || typeof value === 'number') && !/^[-+]/.test(text)
    ? `+${text}`
    : text

/** `%#v` */
function goSyntax(value: unknown): string {
  charge(2)
  if (typeof value === 'string') return goQuote(value)
  if (isNil(value)) return '<nil>'
  if (Array.isArray(value)) return `[]interface {}{${value.map(innerSyntax).join(', ')}}`
  if (isGoMap(value))
    return `map[string]interface {}{${keysOf(value)
      .map((key) => `${goQuote(key)}:${innerSyntax(value[key])}`)
      .join(', ')}}`
  return printed(value)
}

const innerSyntax = (value: unknown): string => (isNil(value) ? 'interface {}(nil)' : goSyntax(value))

/** fmt.Sprint: a space between two that are both no text. */
export const sprint = (args: readonly unknown[]): string =>
  args
    .map((arg, at) => (at > 0 && typeof arg !== 'string' && typeof args[at - 1] !== 'string' ? ' ' : '') + printed(arg))
    .join('')
