/** Texts as bytes, and programs that show them: od, hexdump, xxd, cmp, strings. */
import { charge } from '../../engine/work.ts'
import type { Program } from '../../runtime/process.ts'
import { encodeBytes } from '../../runtime/text-bytes.ts'
import { linesOf, parseSize, readInputs, withOptions } from './support.ts'

/** A text's bytes, charged with what is done to each. */
export function bytesOf(text: string): number[] {
  charge(text.length >> 1)
  return [...encodeBytes(text)]
}

const hex = (value: number, width: number): string => value.toString(16).padStart(width, '0')
const shown = (byte: number): string => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')

/** Rows of 16 bytes, at most as many as a terminal can bear. */
function* rows(bytes: readonly number[]): Generator<{ at: number; row: readonly number[] }> {
  for (let at = 0; at < Math.min(bytes.length, 1_000_000); at += 16) yield { at, row: bytes.slice(at, at + 16) }
}

const od: Program = withOptions('cxbdoA:t:N:j:v', function* (process, options) {
  const format =
    options.value('t') ??
    (options.has('c') ? 'c' : options.has('x') ? 'x2' : options.has('b') ? 'o1' : options.has('d') ? 'u2' : 'o2')
  const address = options.value('A') ?? 'o'
  const { text, failed } = yield* readInputs(process, options.rest)
  const bytes = bytesOf(text).slice(0, options.has('N') ? (parseSize(options.value('N')!) ?? 0) : undefined)
  const label = (at: number): string =>
    address === 'n'
      ? ''
      : address === 'x'
        ? hex(at, 6)
        : address === 'd'
          ? String(at).padStart(7, '0')
          : at.toString(8).padStart(7, '0')
  const named: Record<number, string> = {
    0: '\\0',
    7: '\\a',
    8: '\\b',
    9: '\\t',
    10: '\\n',
    11: '\\v',
    12: '\\f',
    13: '\\r',
  }
  const size = Number(/\d/.exec(format)?.[0] ?? 1)
  const base = { x: 16, o: 8, u: 10, d: 10 }[format[0]] ?? 8
  const width = { 16: 2 * size, 8: size === 1 ? 3 : 6, 10: size === 1 ? 3 : 5 }[base] ?? 3
  for (const { at, row } of rows(bytes)) {
    let line = label(at)
    if (format[0] === 'c')
      for (const byte of row)
        line += ` ${(named[byte] ?? (byte < 32 || byte > 126 ? byte.toString(8).padStart(3, '0') : String.fromCharCode(byte))).padStart(3)}`
    else
      for (let index = 0; index < row.length; index += size) {
        let value = 0
        for (let n = 0; n < size; n++) value += (row[index + n] ?? 0) * 256 ** n
        line += ` ${value.toString(base).padStart(width, base === 10 ? ' ' : '0')}`
      }
    process.stdout.write(`${line}\n`)
  }
  if (address !== 'n') process.stdout.write(`${label(bytes.length)}\n`)
  return failed ? 1 : 0
})

const hexdump: Program = withOptions('Cvn:s:', function* (process, options) {
  const { text, failed } = yield* readInputs(process, options.rest)
  const bytes = bytesOf(text).slice(0, options.has('n') ? (parseSize(options.value('n')!) ?? 0) : undefined)
  for (const { at, row } of rows(bytes)) {
    if (options.has('C')) {
      const cells = row.map((byte) => hex(byte, 2))
      process.stdout.write(
        `${hex(at, 8)}  ${cells.slice(0, 8).join(' ').padEnd(23)}  ${cells.slice(8).join(' ').padEnd(23)}  |${row.map(shown).join('')}|\n`,
      )
    } else {
      let line = hex(at, 7)
      for (let index = 0; index < row.length; index += 2) line += ` ${hex(row[index] + 256 * (row[index + 1] ?? 0), 4)}`
      process.stdout.write(`${line}\n`)
    }
  }
  if (bytes.length) process.stdout.write(`${hex(bytes.length, options.has('C') ? 8 : 7)}\n`)
  return failed ? 1 : 0
})

const xxd: Program = withOptions('pl:', function* (process, options) {
  const { text, failed } = yield* readInputs(process, options.rest)
  const bytes = bytesOf(text).slice(0, options.has('l') ? (parseSize(options.value('l')!) ?? 0) : undefined)
  for (const { at, row } of rows(bytes)) {
    const cells = row.map((byte) => hex(byte, 2)).join('')
    process.stdout.write(
      options.has('p')
        ? `${cells}\n`
        : `${hex(at, 8)}: ${(cells.match(/.{1,4}/g) ?? []).join(' ').padEnd(39)}  ${row.map(shown).join('')}\n`,
    )
  }
  return failed ? 1 : 0
})

const strings: Program = withOptions('n:a', function* (process, options) {
  const { text, failed } = yield* readInputs(process, options.rest)
  const least = Number(options.value('n') ?? 4)
  for (const line of linesOf(text.replace(/[^ -~\t]+/g, '\n')))
    if (line.length >= least) process.stdout.write(`${line}\n`)
  return failed ? 1 : 0
})

export const bytePrograms: Readonly<Record<string, Program>> = { od, hexdump, hd: hexdump, xxd, strings }
