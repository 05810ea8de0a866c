/** What `echo` and `printf` print: the same for the builtin and the program. */
import { charge, chargeText } from '../../engine/work.ts'
import { joinCharacters, textOfByte } from '../text-bytes.ts'

const escapes: Record<string, string> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
}

/** Output that one command may make by formatting, in characters. */
const maxFormatted = 1_000_000

/** Text of an `echo` command line: `-n`, `-e` and `-E` as busybox reads them. */
export function formatEcho(args: readonly string[]): string {
  let first = 0
  let isInterpreted = false
  let hasNewline = true
  while (first < args.length && /^-[neE]+$/.test(args[first])) {
    for (const option of args[first].slice(1)) {
      if (option === 'n') hasNewline = false
      else isInterpreted = option === 'e'
    }
    first++
  }
  const text = args.slice(first).join(' ')
  if (!isInterpreted) return hasNewline ? `${text}\n` : text
  const { text: decoded, isStopped } = decodeEscapes(text, true)
  return hasNewline && !isStopped ? `${decoded}\n` : decoded
}

/** Decodes backslash escapes; `\c` stops the output. @param isEcho octal needs `\0` first */
export function decodeEscapes(text: string, isEcho = false): { text: string; isStopped: boolean } {
  let result = ''
  chargeText(4 * text.length)
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '\\' || i + 1 >= text.length) {
      result += text[i]
      continue
    }
    const next = text[++i]
    if (next === 'c') return { text: joinCharacters(result), isStopped: true }
    if (escapes[next] !== undefined) {
      result += escapes[next]
      continue
    }
    const octal = (isEcho ? /^0([0-7]{0,3})/ : /^0?([0-7]{1,3})/).exec(text.slice(i, i + 4))
    const hex = /^x([0-9a-fA-F]{1,2})/.exec(text.slice(i, i + 3))
    if (octal) {
      result += textOfByte(Number.parseInt(octal[1] || '0', 8) & 255)
      i += octal[0].length - 1
    } else if (hex) {
      result += textOfByte(Number.parseInt(hex[1], 16))
      i += hex[0].length - 1
    } else result += `\\${next}`
  }
  return { text: joinCharacters(result), isStopped: false }
}

/** Text of a `printf` command line; `errors` are lines for stderr, without the program's name. */
export function formatPrintf(args: readonly string[]): { text: string; errors: string[] } {
  const { text, errors } = formatted(args)
  return { text: joinCharacters(text), errors }
}

function formatted(args: readonly string[]): { text: string; errors: string[] } {
  const errors: string[] = []
  const [format, ...values] = args
  let text = ''
  let at = 0
  do {
    const before = at
    const pieces =
      /\\(?:[0-7]{1,3}|x[0-9a-fA-F]{1,2}|[\s\S])|%(?:%|([-+ 0#]*)(\*|\d+)?(?:\.(\*|\d+))?([a-zA-Z]))|[\s\S]/g
    for (let match = pieces.exec(format); match; match = pieces.exec(format)) {
      const [piece, flags, width, precision, conversion] = match
      charge(1)
      if (piece.startsWith('\\')) {
        const decoded = decodeEscapes(piece)
        text += decoded.text
        if (decoded.isStopped) return { text, errors }
      } else if (piece === '%%') text += '%'
      else if (conversion === undefined) {
        if (piece === '%') {
          errors.push('%: invalid format')
          return { text, errors }
        }
        text += piece
      } else {
        const widthValue = width === '*' ? toNumber(values[at++], errors) : Number(width ?? 0)
        const precisionValue =
          precision === '*' ? toNumber(values[at++], errors) : precision === undefined ? undefined : Number(precision)
        // A negative one is none. Source: printf(3)
        const isGiven = precisionValue !== undefined && precisionValue >= 0
        const most = isGiven ? Math.min(precisionValue, maxFormatted) : undefined
        const converted = convert(conversion, flags ?? '', most, values[at++], errors)
        if (converted === undefined) {
          errors.push(`${piece}: invalid format`)
          return { text, errors }
        }
        const size = Math.min(Math.abs(widthValue), maxFormatted)
        chargeText(size + converted.text.length)
        const isLeft = flags?.includes('-') || widthValue < 0
        const isZero = flags?.includes('0') && !isLeft && /[dixXouf]/.test(conversion)
        if (isZero && converted.text.startsWith('-')) text += `-${converted.text.slice(1).padStart(size - 1, '0')}`
        else text += isLeft ? converted.text.padEnd(size) : converted.text.padStart(size, isZero ? '0' : ' ')
        if (converted.isStopped) return { text, errors }
      }
      if (text.length > maxFormatted) {
        errors.push('write error: No space left on device')
        return { text, errors }
      }
    }
    if (at === before) break
  } while (at < values.length)
  return { text, errors }
}

function convert(
  conversion: string,
  flags: string,
  precision: number | undefined,
  value: string | undefined,
  errors: string[],
): { text: string; isStopped?: boolean } | undefined {
  switch (conversion) {
    case 's':
      return { text: (value ?? '').slice(0, precision ?? undefined) }
    case 'b':
      return decodeEscapes(value ?? '', true)
    case 'c':
      return { text: (value ?? '').slice(0, 1) }
    case 'd':
    case 'i':
    case 'u': {
      const number = toNumber(value, errors)
      const digits = String(Math.abs(number)).padStart(precision ?? 0, '0')
      return { text: `${number < 0 ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''}${digits}` }
    }
    case 'o':
    case 'x':
    case 'X': {
      const digits = toNumber(value, errors)
        .toString(conversion === 'o' ? 8 : 16)
        .padStart(precision ?? 0, '0')
      const prefix = flags.includes('#') ? (conversion === 'o' ? '0' : '0x') : ''
      return { text: conversion === 'X' ? (prefix + digits).toUpperCase() : prefix + digits }
    }
    case 'f':
    case 'F':
    case 'e':
    case 'g': {
      const number = Number(value ?? 0)
      if (Number.isNaN(number)) errors.push(`invalid number '${value}'`)
      const safe = Number.isNaN(number) ? 0 : number
      const places = Math.min(precision ?? 6, 100)
      if (conversion === 'e') return { text: safe.toExponential(places).replace(/e([-+])(\d)$/, 'e$10$2') }
      return { text: conversion === 'g' ? String(Number(safe.toPrecision(Math.max(1, places)))) : safe.toFixed(places) }
    }
    default:
      return undefined
  }
}

function toNumber(value: string | undefined, errors: string[]): number {
  if (value === undefined || value === '') return 0
  if (/^['"]/.test(value)) return value.codePointAt(1) ?? 0
  const text = value.trim()
  const number = /^[-+]?0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text)
  if (Number.isNaN(number) || !/^[-+]?(?:0x[0-9a-f]+|\d+)$/i.test(text)) {
    errors.push(`invalid number '${value}'`)
    return Number.parseInt(text, 10) || 0
  }
  return number
}
